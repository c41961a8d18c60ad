/* erase-job.c: carries erasures from the wish to the proof; see erase.h.
 *
 *   asked -> intended -> keys gone -> rows gone
 *
 * erase_run takes the first two steps with one call and leaves the third to store_tidy;
 * erase_intend takes the first, and erase_recover the others. Slot, catalog and blobs can't commit
 * together, so this is a job and not a transaction. Where it stands is told by what is on the disk,
 * never by a state of its own: a session with an intent and a key is intended, one with an intent
 * and no key is at "keys gone", one without a row is done. So a job that was cut off is taken up by
 * whoever opens the store next, at the step it had reached, and doing a step again changes nothing.
 *
 * (X1) nothing counts before the intents of the whole batch are durable, in one commit: after it no
 *      crash and no error takes an erasure back, before it none has begun
 * (X2) rows stay until the keys are gone: they are what says that there is something left to do
 * (X3) success is reported only when the old root slot has been overwritten
 * (X4) one batch, one new root, however many sessions
 * (X5) every live mount has dropped the text, or is reported */
#include "erase-priv.h"

#include <stdlib.h>

#define RECOVER_PAGE 4096u
#define SWEEP_MS     300u

static struct erase_item *items_of(const uint64_t *inos, size_t n)
{
	struct erase_item *items = calloc(n ? n : 1, sizeof(*items));

	for (size_t i = 0; items && i < n; i++)
		items[i].ino = inos[i];
	return items;
}

int erase_items(struct store *s, struct erase_item *items, size_t n, const char *reason,
		struct erase_result *ret, bool *ret_intended, struct errinfo *e)
{
	struct erase_done done;
	size_t left = n;

	/* keeps X1, X3, X4; the mounts drop the text while the slots are being written */
	int r = store_erase(s, items, &left, reason, &done, e);
	*ret = (struct erase_result){0};
	*ret_intended = done.intended;
	if (done.intended) /* also when it failed: nobody reads them any more */
		ret->unseen = store_mounts_wait(s, done.asked, done.change); /* keeps X5 */
	if (r < 0)
		return r;
	ret->gone = n - left;
	ret->erased = left;
	ret->epoch = left ? done.epoch : 0;
	ret->receipt = done.receipt;
	ret->receipts = done.receipt != 0;
	return 0;
}

static void add_result(struct erase_result *sum, const struct erase_result *res)
{
	sum->erased += res->erased;
	sum->gone += res->gone;
	sum->unseen = res->unseen > sum->unseen ? res->unseen : sum->unseen;
	sum->epoch = res->epoch ? res->epoch : sum->epoch;
	sum->receipt = res->receipt ? res->receipt : sum->receipt;
	sum->receipts += res->receipts;
}

/* Adds to *sum. A batch that the disk has no room for is erased in halves: each needs less, and
 * makes room for the other. */
static int run_some(struct store *s, const uint64_t *inos, size_t n, const char *reason,
		    struct erase_result *sum, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = items_of(inos, n);
	struct erase_result res;
	bool intended;

	if (!items)
		return -ENOMEM;
	int r = erase_items(s, items, n, reason, &res, &intended, e);
	if (r == 0 || !err_is_no_room(r) || intended || n < 2) {
		if (r == 0)
			add_result(sum, &res);
		return r;
	}
	if (e)
		*e = (struct errinfo){0};
	r = run_some(s, inos, n / 2, reason, sum, e);
	if (r < 0)
		return r;
	while (store_sweep(s, SWEEP_MS) > 0)
		; /* makes room; where it can't, the other half says so */
	return run_some(s, inos + n / 2, n - n / 2, reason, sum, e);
}

int erase_run(struct store *s, const uint64_t *inos, size_t n, const char *reason,
	      struct erase_result *ret, struct errinfo *e)
{
	struct erase_result sum = {0};
	int r = run_some(s, inos, n, reason, &sum, e);

	if (r < 0 && sum.erased)
		err_prefix(e, "%llu of %zu sessions are erased, the others aren't",
			   (unsigned long long)sum.erased, n);
	if (r == 0 || sum.erased)
		*ret = sum;
	return r;
}

int erase_intend(struct store *s, const uint64_t *inos, size_t n, const char *reason,
		 struct erase_result *ret, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = items_of(inos, n);
	struct erase_result res = {0};
	size_t left = n;

	if (!items)
		return -ENOMEM;
	int r = store_erase_intend(s, items, &left, reason, e);
	if (r < 0)
		return r;
	res.erased = left;
	res.gone = n - left;
	if (left)
		res.unseen = store_mounts_follow(s);
	*ret = res;
	return 0;
}

int erase_recover(struct store *s, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = calloc(RECOVER_PAGE, sizeof(*items));
	uint64_t last = 0;
	size_t most = RECOVER_PAGE;

	if (!items)
		return -ENOMEM;
	for (;;) {
		struct errinfo why = {0};
		uint64_t epoch;
		int n = store_erase_pending(s, items, most);

		if (n < 0)
			return err_set_errno(e, n, "cannot read pending erasures");
		/* the last round didn't get past its first one: damage, nothing that waiting cures
		 */
		if (n == 0 || items[0].ino == last) {
			/* frees space: no reason to fail, or to keep anybody waiting for long */
			(void)store_sweep(s, SWEEP_MS);
			return n;
		}
		last = items[0].ino;
		int r = erase_steps_finish(s, items, (size_t)n, &epoch, &why);
		if (err_is_no_room(r) && n > 1) { /* as in run_some */
			most = (size_t)n / 2;
			last = 0;
			continue;
		}
		if (r < 0 && r != -EBADMSG)
			return err_set(e, r, "%s", why.msg);
	}
}
