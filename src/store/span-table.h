/* span-table.h: what a blob keeps of the engine's spans, and the cut that goes with it. Pure. */
#ifndef SPAN_TABLE_H
#define SPAN_TABLE_H

#include "redactfs/buf.h"
#include "redactfs/err.h"
#include "redactfs/policy.h"
#include "redactfs/span.h"

/* A span as it lies in a blob. Where base_len is 0 the text was cut out; value_len bytes of it are
 * then in the sealed stream (0: dropped). */
struct stored_span {
	uint64_t base_off;
	uint32_t base_len, value_len;
	uint8_t cls, form, how, flags;
	uint8_t disp; /* enum disposition at import */
};
struct span_table {
	struct stored_span *v; /* owned */
	size_t n;
	uint64_t base_bytes, value_bytes;
};
void span_table_done(struct span_table *t);

/* Decides for each of the engine's spans under the policy. -EINVAL: spans that break span.h's
 * contract; -E2BIG: a named limit; -ENOMEM. */
int span_table_make(size_t textlen, const struct span *spans, size_t n, const struct policy *p,
		    struct span_table *ret, struct errinfo *e);

/* The bytes of the format (docs/FORMAT.md "Span table"), before compression. Decoding checks all
 * that later arithmetic relies on: order, bounds, known numbers. -EBADMSG. */
int span_table_encode(const struct span_table *t, struct buf *out);
int span_table_decode(const void *p, size_t len, uint64_t base_bytes, struct span_table *ret);

/* Walks the base: the text without what was cut. */
struct base_cursor {
	const char *text;
	size_t len;
	const struct span *spans;
	const struct span_table *t;
	size_t i;   /* next span */
	size_t pos; /* in text */
};
/* Up to n next bytes of the base; fewer only at its end. */
size_t base_cursor_read(struct base_cursor *c, char *out, size_t n);
/* The sealed values one after the other. */
int span_values(const char *text, const struct span *spans, const struct span_table *t,
		struct buf *out);

#endif
