/* erase.h: erasure, from the wish to the proof (DESIGN section 6, docs/ERASURE.md).
 *
 *   asked -> intended -> keys gone -> rows gone
 *
 * A job, not a transaction: slot, catalog and blobs can't commit together, so each step is durable
 * by itself and may be repeated. */
#ifndef REDACTFS_ERASE_H
#define REDACTFS_ERASE_H

#include "redactfs/store.h"

struct erase_result {
	uint64_t erased;   /* sessions erased by this call */
	uint64_t gone;     /* asked for, but not there any more */
	uint64_t epoch;    /* of the root slot that no longer leads to them; 0: nothing erased */
	uint64_t receipt;  /* the audit entry that tells of it (store_receipt); 0: nothing erased */
	uint64_t receipts; /* how many there are; of several, `receipt` is the last */
	/* Live mounts that didn't say within STORE_MOUNTS_WAIT_MS that they have dropped the text:
	 * daemons that hang. What the kernel has cached of the sessions for them may still be read
	 * there by who has them open. */
	unsigned unseen;
};

/* Erases `n` sessions in one batch. Returns once they can't be read by anybody any more (step 4).
 * Rows are left to store_tidy, which it calls when there are many, and the blobs' files, noise by
 * now, to store_sweep. -EBUSY: one
 * is held, nothing was erased; -EBADMSG: the key tree is damaged where one of the keys is. On any
 * other failure after the intent the sessions stay unreadable and the next erase_recover completes
 * them. A batch that the disk has no room for is erased in several, with a root and an audit entry
 * each; -ENOSPC, -EDQUOT: not even that. *ret is written on failure too where some are erased.
 * `reason` goes into the audit log: no personal data. */
int erase_run(struct store *s, const uint64_t *inos, size_t n, const char *reason,
	      struct erase_result *ret, struct errinfo *e);
/* Erasures of single sessions, asked for by several threads at once: what comes while one commit is
 * under way shares the next. Any thread may call it. */
struct erase_group;
struct erase_group *erase_group_new(struct store *s, const char *reason); /* borrows both */
struct erase_group *erase_group_free(struct erase_group *g); /* nobody is in it any more */
/* As erase_run of this one; the receipt is that of the whole commit. */
int erase_group_run(struct erase_group *g, uint64_t ino, struct erase_result *ret,
		    struct errinfo *e);
/* The first step alone: when it returns 0 the sessions are unreadable everywhere, nothing undoes
 * that, and erase_recover destroys their keys. ret->epoch stays 0. Fails as erase_run does, with
 * nothing done. */
int erase_intend(struct store *s, const uint64_t *inos, size_t n, const char *reason,
		 struct erase_result *ret, struct errinfo *e);
/* Completes what was intended: call after every store_open, before anything is served. 0, or the
 * number of erasures that have to wait because the key tree is damaged where their keys are (their
 * sessions stay unreadable), or -errno. */
int erase_recover(struct store *s, struct errinfo *e);

/* ---- retention: what a site's policy says is kept too long. */
struct retention_site {
	char name[LIMIT_SITE_BYTES + 1];
	uint32_t days;
	char before[11]; /* the first day that is still kept, in the site's time zone */
};
/* The sites that have a limit, as of `now_ms` (since 1970); each() for one after the other, ends at
 * the first non-zero return and returns it. Sessions of days before `before` are due: one of today
 * is kept `days` days after today. -EINVAL: a policy's time zone isn't known to the system any
 * more. */
int retention_due(struct store *s, int64_t now_ms,
		  int (*each)(void *ctx, const struct retention_site *site), void *ctx,
		  struct errinfo *e);

#endif
