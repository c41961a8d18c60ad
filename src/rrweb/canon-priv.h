/* canon-priv.h: what the files of canon share. */
#ifndef REDACTFS_CANON_PRIV_H
#define REDACTFS_CANON_PRIV_H

#include "redactfs/buf.h"
#include "redactfs/err.h"
#include "redactfs/jtok.h"
#include "redactfs/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CANON_NEST 4u /* sources in one another: piece, packed event, its data, a part of that */

/* What is being read: a piece, or text that was inflated or unescaped out of one. */
struct canon_src {
	const uint8_t *start, *p, *end;
	bool wtf8; /* out of a JSON string: lone surrogates stand in it as three bytes each */
};

/* A member's name in `dst`. */
struct canon_key {
	uint64_t h; /* up to 8 bytes: the name itself */
	uint32_t off, len;
};

/* An open object: which of the keys are its own. */
struct canon_frame {
	size_t first;
	uint32_t members;
};

struct canon_cx {
	struct canon_src src;
	struct buf *dst;        /* what is read is written here: &out or &aside */
	struct buf out;         /* owned: canonical text */
	struct buf aside;       /* owned: wrappers, looked at and forgotten */
	struct jtok_vec toks;   /* owned: the tokens of `out`; [0] is the array around the events */
	struct canon_key *keys; /* owned: of all open objects, innermost last */
	size_t nkeys, keys_cap;

	unsigned nest;    /* how many sources are open, less one */
	const char *part; /* "packed text", …: what the inner source is; NULL at the outermost */
	size_t outer_off; /* where in the piece the innermost source's string stands */
	struct canon_scratch {
		struct buf bytes, text; /* owned */
	} scratch[CANON_NEST];
	uint64_t inflated; /* bytes out of zlib so far */
	void *z;           /* owned: the inflater */

	uint64_t events;
	int64_t start_ms, end_ms;
	struct buf shape; /* owned */
	char id[LIMIT_ID_BYTES + 1];

	const char *piece; /* its name where there are several, else NULL */
	bool in_segment;   /* offsets are of the inflated segment */
	bool several;      /* more than one value at the top: lines mean something */
	bool in_event;
	bool likely; /* the last object that could be an event was one */
	struct errinfo *e;
};

/* ---- canon-json.c: strict JSON in, canonical JSON out; src.p moves behind what was read. */

/* Sets the error, with piece, line and event; `at` lies in src. Returns code. */
int canon_fail(struct canon_cx *c, int code, const uint8_t *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int canon_nomem(struct canon_cx *c);
/* Room for n more bytes in dst, and CANON_PAD that the copier counts on. */
#define CANON_PAD 16u
int canon_grow(struct canon_cx *c, size_t n);
static inline int canon_room(struct canon_cx *c, size_t n)
{
	return c->dst->cap - c->dst->len > n + CANON_PAD ? 0 : canon_grow(c, n);
}
static inline void canon_space(struct canon_src *s)
{
	while (s->p < s->end && *s->p <= ' ' &&
	       (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
		s->p++;
}
/* One value with `depth` containers open around it. */
int canon_value(struct canon_cx *c, unsigned depth);
/* As canon_value, and nothing of it stays in dst; keys aren't compared, since nobody will read
 * them. */
int canon_skip(struct canon_cx *c, unsigned depth);
/* At an opening quote. What was written, quotes not counted, is dst[*ret_off, *ret_off + *ret_len).
 */
int canon_string(struct canon_cx *c, size_t *ret_off, size_t *ret_len);

/* An object, member by member:
 *   canon_object_begin; while ((r = canon_object_next(…)) > 0) { one value }; if (r < 0) …
 * At `{`. next writes the comma, the key and the colon and returns 1 with the key; at the end it
 * writes `}` and returns 0. */
int canon_object_begin(struct canon_cx *c, unsigned depth, struct canon_frame *f);
int canon_object_next(struct canon_cx *c, struct canon_frame *f, struct canon_key *ret);
/* Inline, so that the literal's length is a constant: it is asked some ten times an event. */
static inline bool canon_key_is(const struct canon_key *k, const struct buf *b, const char *name)
{
	size_t n = strlen(name);

	return k->len == n && !memcmp(b->p + k->off, name, n);
}

/* ---- canon-inflate.c */

/* Latin-1 out of the inside of a canonical JSON string: a byte a character. False: others in it. */
bool canon_latin1(const char *s, size_t n, struct buf *ret);
/* zlib or gzip, the whole of p[0..n). -EILSEQ: it isn't, or is cut off, or more follows; -E2BIG:
 * over `max`, or the recording's inflated bytes over LIMIT_RECORDING_BYTES; -ENOMEM. No message. */
int canon_inflate(struct canon_cx *c, const uint8_t *p, size_t n, size_t max, struct buf *ret);
bool canon_is_zlib(const uint8_t *p, size_t n);
void canon_inflate_done(struct canon_cx *c);

/* ---- canon-event.c */

/* At `{`. 1: an event, appended to out, with `window` (inside of a canonical string, NULL none) as
 * its windowId; 0: no event, everything as it was. */
int canon_event(struct canon_cx *c, const struct buf *window);
/* The same for one that is written as it shall be, which most are: 0 for any other. Its bytes are
 * looked through once and copied at once. */
int canon_event_as_is(struct canon_cx *c, const struct buf *window);
/* At an opening quote: a packed event, or an event as a string. Returns 1, or an error. */
int canon_event_string(struct canon_cx *c, const struct buf *window);
/* What the string that starts at src.p holds, by its first characters; without reading further. */
bool canon_event_string_looks(const struct canon_src *s);

#endif
