/* plan.h: how one session reads under one policy: which stretches of the base give way to what, and
 * how long the result is. Pure.
 *
 * An ordinary plan only ever takes text away; it is made once and kept sealed with the session. A
 * reveal plan puts sealed values back and is made for one reader. */
#ifndef PLAN_H
#define PLAN_H

#include "span-table.h"

/* A stretch of base that gives way to `len` other bytes. */
struct plan_seg {
	uint64_t out_off;  /* where its replacement starts in the rendering */
	uint64_t base_off; /* first byte of base skipped */
	uint64_t val_off;  /* in the sealed values, when from_values */
	uint32_t skip;     /* bytes of base skipped */
	uint32_t len;      /* bytes of the replacement */
	uint8_t cls, form, flags;
	bool from_values;
};
struct plan {
	struct plan_seg *v; /* owned */
	size_t n;
	uint64_t base_bytes;
	uint64_t size; /* of the rendering */
};
void plan_done(struct plan *p);

/* -E2BIG, -ENOMEM. */
int plan_make(const struct span_table *t, const struct policy *policy, bool reveal,
	      struct plan *ret);
/* The plan that replaces in the rendering of `under` those spans (sorted, of its bytes) that the
 * policy treats at least so strictly. -EINVAL: spans out of order or bounds; -ENOMEM. */
int plan_compose(const struct plan *under, const struct span *spans, size_t n,
		 const struct policy *policy, enum disposition at_least, struct plan *ret);
/* Fills out_off of the segments and size from the rest. */
void plan_lay_out(struct plan *p);
/* Spans by class that the plan replaces. */
void plan_counts(const struct plan *p, uint64_t counts[CLASS_COUNT]);

/* The bytes of the format (docs/FORMAT.md "Plan"), before compression; ordinary plans only. */
int plan_encode(const struct plan *p, struct buf *out);
/* -EBADMSG: not a plan over a base of that length. */
int plan_decode(const void *p, size_t len, uint64_t base_bytes, struct plan *ret);

/* Where the base goes on at `off` of the rendering: what is shown before it is made of [0, that) of
 * the base, or of less. */
uint64_t plan_base_at(const struct plan *p, uint64_t off);

/* Where a byte of the base is shown; false: it isn't. */
bool plan_shown_at(const struct plan *p, uint64_t base_off, uint64_t *ret);

/* One stretch of the rendering. */
enum piece_from { PIECE_BASE, PIECE_VALUES, PIECE_TOKEN };
struct plan_piece {
	enum piece_from from;
	uint64_t off;      /* in base or values */
	const char *token; /* static storage, when PIECE_TOKEN */
	uint64_t len;      /* > 0, but for the end: 0 */
};
/* A place in a plan: start with plan_seek, then go on with plan_next, which gives the pieces that
 * make up [off, off + n), in order, none empty; false at its end. */
struct plan_cursor {
	const struct plan *plan;
	size_t seg; /* segments that start at or before off */
	uint64_t off, end;
};
void plan_seek(const struct plan *p, uint64_t off, uint64_t n, struct plan_cursor *ret);
bool plan_next(struct plan_cursor *c, struct plan_piece *ret);

#endif
