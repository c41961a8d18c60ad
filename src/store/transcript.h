/* transcript.h: a session's transcript, made of its script (redactfs/script.h) and of what its
 * rendering shows at the places that the script names. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "plan.h"

#include "redactfs/buf.h"

#define SCRIPT_BYTES_MAX (8u << 20) /* unpacked; an engine's ten thousand lines are 2 MiB */

/* Appends the script with its places as offsets of the base instead of the text. Places that lie in
 * what was cut out are left out. -EBADMSG: no script, or a place outside of the text; -E2BIG. */
int script_to_base(const struct buf *script, size_t textlen, const struct span *spans,
		   const struct span_table *t, struct buf *out);

/* Appends the transcript. `copy` puts [off, off + n) of the rendering into out, or returns -errno.
 * -EBADMSG: no script of a base of that length. */
typedef int (*transcript_copy_fn)(void *ctx, char *out, uint64_t off, uint64_t n);
int transcript_render(const struct buf *script, const struct plan *p, transcript_copy_fn copy,
		      void *ctx, struct buf *out);
/* The same out of the text itself, before there is a blob. */
int transcript_of_text(const struct buf *script, const struct plan *p, const char *text,
		       size_t textlen, const struct span *spans, const struct span_table *t,
		       struct buf *out);

#endif
