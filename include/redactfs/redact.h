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

/* Raised whenever the engine finds more or other spans than before: sessions that an older one
 * looked through aren't shown before this one has (store.h). */
#define REDACT_ENGINE_VERSION 5u

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
 * tokens now: `known` (sorted, within the text) counts as found again. `script`: see
 * redact_run_report. */
int redact_run_known(const char *text, size_t len, const struct policy *p, const struct span *known,
		     size_t nknown, struct redact_spans *ret, struct buf *script,
		     struct errinfo *e);

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

/* ---- the field report: where something sensitive was found that the page didn't mark. */
enum finding_kind {
	FINDING_FIELD = 0, /* entered into it */
	FINDING_TEXT = 1,
	FINDING_ATTRIBUTE = 2,
	FINDING_EVENT = 3, /* outside of the page: addresses, consoles, requests */
};
struct finding {
	uint8_t cls, kind, how; /* of enum redact_class, finding_kind; as a span's */
	uint32_t count;         /* spans */
	int64_t first_ms, last_ms;
	const char *path; /* a CSS path, not terminated; holds nothing that was entered or found */
	const char *page; /* the path of its address, likewise */
	size_t path_len, page_len;
};
/* "field", "text", "attribute", "event". */
const char *redact_finding_kind(unsigned kind);
/* Calls back for each finding of what redact_run_report appended (borrowed for the call); a
 * negative return ends it and is returned. -EBADMSG: not such bytes. */
int redact_findings_each(const void *bytes, size_t len,
			 int (*each)(void *ctx, const struct finding *f), void *ctx);
/* As redact_run_tokens; appends the findings (docs/FORMAT.md "Findings"), nothing where there are
 * none, and the script of the transcript (script.h). Either may be NULL: not asked for. */
int redact_run_report(const char *text, size_t len, const struct jtok_vec *toks,
		      const struct policy *p, struct redact_spans *ret, struct buf *findings,
		      struct buf *script, struct errinfo *e);

#endif
