/* store-sweep.c: removes the files of blobs whose sessions are erased.
 *
 * That frees space and is no part of an erasure: without a key a blob is noise. Some file systems
 * take milliseconds to remove a file (they tell the disk to discard its blocks), so it is done
 * after the erasure has returned, without the writer lock, by whoever has time for it. Several may
 * do it at once.
 *
 * (W1) a name leaves `loose` only when its file is gone for good: unlinked, and the folder synced
 */
#include "store-priv.h"

#include <time.h>

#define PAGE    256u
#define LOOK_AT 8u /* removals between two looks at the clock */

static int64_t monotonic_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail for this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int list(struct store *s, struct blob_id *page)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : catalog_loose_list(c, LOOSE_ERASED, page, PAGE);
}

static int forget_names_once(struct store *s, const struct blob_id *page, int n)
{
	struct store_txn t;
	int r = store_txn_begin(s, CATALOG_WRITE_RELAXED, &t, NULL);

	if (r < 0)
		return r;
	for (int i = 0; r == 0 && i < n; i++)
		r = catalog_loose_remove(t.c, &page[i]);
	if (r == 0)
		return store_txn_commit(&t);
	store_txn_abort(&t);
	return r;
}

static int forget_names(struct store *s, const struct blob_id *page, int n)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = forget_names_once(s, page, n);
	while (room_more(&rm, r, NULL));
	return r;
}

static int sweep(struct store *s, unsigned limit_ms)
{
	CLEANUP_FREE struct blob_id *page = calloc(PAGE, sizeof(*page));
	const int64_t end = monotonic_ms() + limit_ms;
	int n, i, r = 0;

	if (!page)
		return -ENOMEM;
	r = store_tidy(s);
	if (r < 0)
		return r;
	do {
		int done = 0, failed = 0;

		n = list(s, page);
		if (n <= 0)
			return n;
		for (i = 0; i < n; i++) {
			if (i && i % LOOK_AT == 0 && monotonic_ms() >= end)
				break;
			r = s->blobs->ops->remove(s->blobs, &page[i]);
			if (r < 0)
				failed = r; /* one that can't be keeps nobody else's */
			else
				page[done++] = page[i];
		}
		r = s->blobs->ops->sync(s->blobs); /* keeps W1 */
		if (r == 0)
			r = forget_names(s, page, done);
		if (r < 0 || failed < 0)
			return r < 0 ? r : failed;
		store_step("blobs gone");
	} while (i == n && monotonic_ms() < end);
	return i < n || n == (int)PAGE;
}

int store_sweep(struct store *s, unsigned limit_ms)
{
	int r = sweep(s, limit_ms);

	store_reserve_make(s);
	return r;
}
