/* redact.h: the engine. Pure: bytes and a policy in, spans out.
 *
 * The text is canonical (canon.h): valid UTF-8 JSON, one event a line, in an array. It is read in
 * two passes, so that what is learnt late holds for what came early. */
#ifndef REDACTFS_REDACT_H
#define REDACTFS_REDACT_H

#include "redactfs/buf.h"
#include "redactfs/err.h"
#include "redactfs/jtok.h"
#include "redactfs/policy.h"
#include "redactfs/span.h"

/* Raised whenever the engine finds more or other spans than before: stored plans are then made
 * anew. */
#define REDACT_ENGINE_VERSION 1u

struct redact_spans {
	struct span *v; /* owned */
	size_t n;
};
void redact_spans_done(struct redact_spans *s);

/* -EILSEQ: not canonical text (the message has the offset); -E2BIG: a named limit; -ENOMEM. On
 * failure there is no result, and nothing of the text may be shown. */
int redact_run(const char *text, size_t len, const struct policy *p, struct redact_spans *ret,
	       struct errinfo *e);
/* The same for a text that was looked through before, in which some of what told of a value may be
 * tokens now: `known` (sorted, within the text) counts as found again. */
int redact_run_known(const char *text, size_t len, const struct policy *p, const struct span *known,
		     size_t nknown, struct redact_spans *ret, struct errinfo *e);

/* The same for text whose tokens are there already (canon.h); borrows them. */
int redact_run_tokens(const char *text, size_t len, const struct jtok_vec *toks,
		      const struct policy *p, struct redact_spans *ret, struct errinfo *e);

/* The text with every span that the policy doesn't show replaced by its token, piece by piece;
 * `put` returns 0, or what ends it. */
int redact_render_to(const char *text, size_t len, const struct redact_spans *s,
		     const struct policy *p, int (*put)(void *ctx, const char *p, size_t n),
		     void *ctx);
/* The same, behind what `out` holds. */
int redact_render(const char *text, size_t len, const struct redact_spans *s,
		  const struct policy *p, struct buf *out);

#endif
