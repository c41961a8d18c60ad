/* erase-job.c: carries erasures from the wish to the proof; see erase.h.
 *
 *   asked -> intended -> keys gone -> rows gone
 *
 * Slot, catalog and blobs can't commit together, so this is a job and not a transaction. Where it
 * stands is told by what is on the disk, never by a state of its own: a session with an intent and
 * a key is intended, one with an intent and no key is at "keys gone", one without a row is done. So
 * a job that was cut off is taken up by whoever opens the store next, at the step it had reached,
 * and doing a step again changes nothing.
 *
 * (X1) nothing is touched before the intents of the whole batch are durable, in one commit: after
 *      it no crash and no error takes an erasure back, before it none has begun
 * (X2) rows stay until the keys are gone: they are what says that there is something left to do
 * (X3) success is reported only when the old root slot has been overwritten
 * (X4) one batch, one new root, however many sessions
 * (X5) every live mount has dropped the text, or is reported */
#include "erase-priv.h"

#include <stdlib.h>

#define RECOVER_PAGE 4096u
#define SWEEP_MS     300u

/* Step 1. The mounts begin to drop the text while the keys are being destroyed. */
static int intend(struct store *s, const uint64_t *inos, struct erase_item *items, size_t *n,
		  const char *reason, uint64_t *ret_seq, struct errinfo *e)
{
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < *n; i++)
		items[i].ino = inos[i];
	int r = store_erase_intend(s, items, n, reason, e);
	if (r < 0)
		return r;
	/* a failure here is one of waiting for them, and told there */
	*ret_seq = 0;
	if (*n)
		(void)store_mounts_ask(s, ret_seq);
	return 0;
}

/* Mounts that may still show it; one, when it can't be found out. */
static unsigned unseen(struct store *s, uint64_t seq)
{
	int r = seq ? store_mounts_wait(s, seq) : -EIO;

	return r < 0 ? 1 : (unsigned)r;
}

int erase_run(struct store *s, const uint64_t *inos, size_t n, const char *reason,
	      struct erase_result *ret, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = calloc(n ? n : 1, sizeof(*items));
	struct erase_result res = {0};
	size_t left = n;
	uint64_t seq;

	int r = intend(s, inos, items, &left, reason, &seq, e); /* keeps X1 */
	if (r < 0)
		return r;
	res.gone = n - left;
	if (left)
		r = erase_steps_finish(s, items, left, &res.epoch, e); /* keeps X4 */
	/* also when that failed: nobody reads them any more */
	res.unseen = left ? unseen(s, seq) : 0; /* keeps X5 */
	if (r < 0)
		return r;
	res.erased = left;
	if (left)
		r = store_receipt_newest(s, res.epoch, &res.receipt);
	if (r < 0)
		return err_set_errno(e, r, "erased, but the audit log can't be read");
	*ret = res;
	return 0;
}

int erase_intend(struct store *s, const uint64_t *inos, size_t n, const char *reason,
		 struct erase_result *ret, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = calloc(n ? n : 1, sizeof(*items));
	size_t left = n;
	uint64_t seq;

	int r = intend(s, inos, items, &left, reason, &seq, e);
	if (r < 0)
		return r;
	*ret = (struct erase_result){
		.erased = left,
		.gone = n - left,
		.unseen = left ? unseen(s, seq) : 0,
	};
	return 0;
}

int erase_recover(struct store *s, struct errinfo *e)
{
	CLEANUP_FREE struct erase_item *items = calloc(RECOVER_PAGE, sizeof(*items));
	uint64_t last = 0;

	if (!items)
		return -ENOMEM;
	for (;;) {
		struct errinfo why = {0};
		uint64_t epoch;
		int n = store_erase_pending(s, items, RECOVER_PAGE);

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
		if (r < 0 && r != -EBADMSG)
			return err_set(e, r, "%s", why.msg);
	}
}
