/* ctl-audit.c: .redactfs/audit.ndjson; see ctl.h.
 *
 * The log only grows, and an entry's line follows from the entry: where a line begins stays true.
 * So the places of every 64th are remembered for as long as it is mounted, 8 bytes each, and a read
 * asks the store for the entries that it touches. */
#include "ctl.h"

#include "redactfs/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64u /* entries */

struct audit_places {
	pthread_mutex_t l;
	uint64_t *at; /* [l] where entry 1 + i * BLOCK begins; blocks that are full, and the next */
	size_t n, cap; /* [l] */
};

struct audit_places *audit_places_new(void)
{
	struct audit_places *a = calloc(1, sizeof(*a));

	if (a)
		(void)pthread_mutex_init(&a->l, NULL); /* can't fail for a default mutex */
	return a;
}

struct audit_places *audit_places_free(struct audit_places *a)
{
	if (a) {
		(void)pthread_mutex_destroy(&a->l);
		free(a->at);
		free(a);
	}
	return NULL;
}

/* The lines of block i; the number of its entries. */
static int render(struct fs *fs, uint64_t i, struct buf *b)
{
	struct audit_entry *rows = calloc(BLOCK, sizeof(*rows));
	int r = 0, n = rows ? store_audit_list(fs->store, i * BLOCK, rows, BLOCK) : -ENOMEM;

	for (int k = 0; r >= 0 && k < n; k++) {
		r = audit_entry_json(&rows[k], b);
		if (r >= 0)
			r = buf_addc(b, '\n');
	}
	free(rows);
	return r < 0 ? r : n;
}

/* The last block known, and where it begins. One is known. */
static size_t last_place(struct audit_places *a, uint64_t *ret_at)
{
	(void)pthread_mutex_lock(&a->l);
	size_t i = a->n - 1;
	*ret_at = a->at[i];
	(void)pthread_mutex_unlock(&a->l);
	return i;
}

/* Block i begins at `at`; it may be known by now. */
static int place_add(struct audit_places *a, size_t i, uint64_t at)
{
	int r = 0;

	(void)pthread_mutex_lock(&a->l);
	if (i >= a->cap) {
		size_t cap = a->cap ? a->cap * 2 : 16;
		uint64_t *v = realloc(a->at, cap * sizeof(*v));

		if (v) {
			a->at = v;
			a->cap = cap;
		} else {
			r = -ENOMEM;
		}
	}
	if (!r && i == a->n)
		a->at[a->n++] = at;
	(void)pthread_mutex_unlock(&a->l);
	return r;
}

/* Where the log ends now. */
int ctl_audit_size(struct fs *fs, uint64_t *ret)
{
	int n = place_add(fs->audit, 0, 0);

	while (n >= 0) {
		struct buf b = {0};
		uint64_t at;
		size_t i = last_place(fs->audit, &at);

		n = render(fs, i, &b);
		*ret = at + b.len;
		buf_done(&b);
		if (n != (int)BLOCK)
			break;
		n = place_add(fs->audit, i + 1, *ret);
	}
	return n < 0 ? n : 0;
}

struct audit_file {
	struct fs *fs;
};

int ctl_audit_open(struct fs *fs, void **ret_file)
{
	struct audit_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->fs = fs;
	*ret_file = f;
	return 0;
}

/* The block that holds byte `off`, and where it begins. */
static size_t block_of(struct audit_places *a, uint64_t off, uint64_t *ret_at)
{
	size_t lo = 0, hi;

	(void)pthread_mutex_lock(&a->l);
	for (hi = a->n; hi - lo > 1;) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->at[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	*ret_at = a->at[lo];
	(void)pthread_mutex_unlock(&a->l);
	return lo;
}

static ssize_t audit_pread(void *file, void *buf, size_t n, uint64_t off)
{
	struct audit_file *f = file;
	uint64_t size;
	size_t done = 0;

	int sized = ctl_audit_size(f->fs, &size); /* it may have grown: for `tail -f` */
	if (sized < 0)
		return sized;
	n = off >= size ? 0 : n < size - off ? n : (size_t)(size - off);
	while (done < n) {
		struct buf b = {0};
		uint64_t at;
		size_t i = block_of(f->fs->audit, off + done, &at), skip, len;
		int r = render(f->fs, i, &b);

		skip = (size_t)(off + done - at);
		len = r >= 0 && b.len > skip ? b.len - skip : 0;
		len = len < n - done ? len : n - done;
		if (len)
			memcpy((char *)buf + done, b.p + skip, len);
		buf_done(&b);
		if (r < 0)
			return r;
		if (!len)
			return -EUCLEAN; /* the log is shorter than it was: audit verify says more
					  */
		done += len;
	}
	return (ssize_t)n;
}

/* No session's file. */
static void audit_revoke(void *file)
{
	(void)file;
}

static void audit_close(void *file)
{
	free(file);
}

const struct file_ops ctl_audit_ops = {
	.pread = audit_pread,
	.revoke = audit_revoke,
	.close = audit_close,
};
