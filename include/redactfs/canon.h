/* canon.h: from what recorders and exporters emit to the canonical form (docs/FORMAT.md). Pure.
 *
 * Canonical: a JSON array, "[" newline, one event a line with "," between, newline "]" newline; no
 * white space between tokens, minimal escapes, "</" written "<\/", numbers and unknown fields
 * untouched, events in their order. Text that is canonical already comes out the same, byte for
 * byte. */
#ifndef REDACTFS_CANON_H
#define REDACTFS_CANON_H

#include "redactfs/buf.h"
#include "redactfs/err.h"
#include "redactfs/jtok.h"
#include "redactfs/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct canon {
	struct buf text;      /* owned: canonical text */
	struct jtok_vec toks; /* owned: its tokens, as jtok_parse makes them */
	uint64_t events;
	int64_t start_ms, end_ms; /* smallest and largest time stamp, fractions cut off */
	struct buf shape; /* owned: a line "type timestamp source" an event, as written ("-" where
			   * there is no source); the same for a recording and its redacted copy */
	char id[LIMIT_ID_BYTES + 1]; /* the session's id as the wrapper has it; "" unknown */
};
void canon_done(struct canon *c);

/* One recording out of `n` pieces (segments of one session, in order; mostly one). Each piece is
 * decompressed bytes of a JSON document, NDJSON, or Sentry's segment form (header line, then plain
 * or zlib). -EILSEQ: not a recording (what and at which byte of which piece); -E2BIG: a named
 * limit; -ENOMEM. Messages never hold content. On failure *ret is untouched. */
struct canon_piece {
	const char *name; /* for messages when there are several; "" for standard input */
	const char *p;
	size_t n;
};
int canon_recording(const struct canon_piece *pieces, size_t n, struct canon *ret,
		    struct errinfo *e);

/* True when the bytes start with the header line of a Sentry segment; its number in *ret. */
bool canon_is_segment(const char *p, size_t n, uint64_t *ret);

#endif
