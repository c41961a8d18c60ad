/* detect-priv.h: what the detectors share. A detector is asked at an anchor, looks a bounded
 * stretch back and ahead, and adds its matches; it keeps no state of its own. */
#ifndef REDACTFS_DETECT_PRIV_H
#define REDACTFS_DETECT_PRIV_H

#include "redactfs/detect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far a detector looks. Every one of them is a constant, so that a text of n bytes costs O(n)
 * whatever is in it. */
#define LOOK_LOCAL_BYTES  64u  /* an e-mail's local part: RFC 5321 4.5.3.1.1 */
#define LOOK_DOMAIN_BYTES 253u /* its domain: RFC 1035 */

struct scan {
	const uint8_t *s;
	size_t n;
	enum detect_context ctx;
	uint32_t enabled;
	const char *label; /* NULL: none */
	size_t labellen;
	size_t resume; /* anchors before it lie in a match already made */
	struct detect_matches *m;
	int r; /* 0, or -ENOMEM: what was found can't be kept */
};

static inline bool scan_wants(const struct scan *sc, enum redact_class c)
{
	return sc->enabled >> c & 1;
}
/* [off, end) is of class c. */
void scan_add(struct scan *sc, size_t off, size_t end, enum redact_class c);

/* ---- bytes */
static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}
static inline bool is_alpha(int c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
static inline bool is_alnum(int c)
{
	return is_digit(c) || is_alpha(c);
}
static inline int hex_of(int c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
/* The byte at i, or 0 outside of the text. */
static inline int byte_at(const struct scan *sc, size_t i)
{
	return i < sc->n ? sc->s[i] : 0;
}
static inline int byte_before(const struct scan *sc, size_t i)
{
	return i > 0 && i <= sc->n ? sc->s[i - 1] : 0;
}
/* The code point that ends before i (i > 0), and its length in bytes. Broken UTF-8 is U+FFFD of
 * one byte. */
uint32_t cp_before(const uint8_t *s, size_t i, size_t *ret_len);
uint32_t cp_at(const uint8_t *s, size_t n, size_t i, size_t *ret_len);
/* A letter of the alphabets in which addresses are written: Latin, Greek, Cyrillic. */
bool cp_is_letter(uint32_t cp);

/* ---- anchors: where in 64 bytes a detector might have something to say. */
struct anchors {
	uint64_t digit; /* 0-9 */
	uint64_t other; /* one of detect_anchor_bytes */
};
void anchors_find(const uint8_t p[64], struct anchors *ret);
/* The same by a table; for machines without SSE2, and to check the other against. */
void anchors_find_table(const uint8_t p[64], struct anchors *ret);

/* ---- numbers: digits with single separators between them. */
#define NUM_DIGITS 24u /* more than any number that we know has */
#define NUM_GROUPS 24u
enum num_sep {
	SEP_NONE = 0,
	SEP_SPACE = 1u << 0, /* space, no-break, thin and figure spaces; %20, and + in a URL */
	SEP_DASH = 1u << 1,  /* hyphens, dashes, minus; _ */
	SEP_DOT = 1u << 2,   /* full stop, middle dot */
	SEP_SLASH = 1u << 3,
	SEP_OPEN = 1u << 4, /* ( */
	SEP_CLOSE = 1u << 5,
};
struct num {
	uint8_t n;                 /* digits collected */
	uint8_t ngroups;           /* runs of digits */
	uint8_t d[NUM_DIGITS];     /* values 0-9 */
	size_t end[NUM_DIGITS];    /* offset behind digit i */
	uint8_t first[NUM_GROUPS]; /* index of each group's first digit */
	uint8_t sep[NUM_GROUPS];   /* enum num_sep: what stands before each group; [0] is 0 */
	uint8_t nsep[NUM_GROUPS];  /* how many characters that is */
	bool cut;                  /* more digits follow than are kept */
};
/* Collects from the digit at s[i], stopping at NUM_DIGITS or at anything that isn't in `seps`
 * (SEP_* ored), or at more than three separators in a row. */
void num_collect(const struct scan *sc, size_t i, unsigned seps, struct num *ret);
/* The separator at s[i]: its kind and length in bytes; SEP_NONE and 0 when it is none. Characters
 * of no width (U+200B, U+00AD, …) have SEP_NONE and a length. */
unsigned num_sep_at(const struct scan *sc, size_t i, size_t *ret_len);
/* True when digit `last` ends a group. */
bool num_ends_group(const struct num *v, unsigned last);

/* ---- detectors: each asked at its anchor. */
void email_at(struct scan *sc, size_t at, size_t at_len);
/* The end of the card number that starts with the digit at s[i], or 0. */
size_t card_end(const struct scan *sc, size_t i);

#endif
