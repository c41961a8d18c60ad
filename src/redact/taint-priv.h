/* taint-priv.h: what taint.c fills and taint-find.c looks in; see taint.h. */
#ifndef REDACTFS_TAINT_PRIV_H
#define REDACTFS_TAINT_PRIV_H

#include "fold.h"
#include "redactfs/buf.h"
#include "redactfs/class.h"
#include "taint-trie.h"
#include "taint.h"

#include <string.h>

#define TRIE_DEPTH      96u /* characters; what is longer is compared, not walked */
#define DIGITS_MIN      7u
#define DIGITS_MAX      40u
#define CARD_PREFIX_MIN 6u
#define DIGIT_ROOT      1u
#define FOLDED_MAX      3u /* bytes that one byte folds to: one that is no UTF-8 to U+FFFD */

struct pattern {
	uint32_t event;
	uint32_t text, textlen; /* in pool: the folded value; only for those longer than the trie */
	uint8_t cls;
	bool edges;    /* only between word edges */
	bool pages;    /* may turn out to be the page's own word */
	bool ordinary; /* did */
};

struct step {
	uint32_t state, end; /* end: bytes of the folded text up to here */
};

struct exact {
	uint32_t off, len; /* in pool, folded; len 0: free */
	uint8_t cls;
	bool shorty; /* only where whole URL parameters and JSON leaves are asked for */
};

/* What there is to know of a value before a rule can be chosen. */
struct shape {
	size_t chars, digits, letters, words, signs; /* signs: other than punctuation of prose */
	uint32_t last;                               /* character */
	bool cjk;
};

#define TAINT_DATES 16u
struct date {
	uint16_t year;
	uint8_t month, day;
};

struct taint {
	struct date dates[TAINT_DATES];
	size_t ndates;
	struct pattern *patterns; /* [0] unused */
	size_t n, cap;
	/* A state's `accept` is the pattern that ends there, `deep`, at TRIE_DEPTH, the longest
	 * that goes on. In the trie of digits: one that counts anywhere, and one that counts as a
	 * whole run. */
	struct trie trie;
	size_t ndigits;
	uint32_t classes; /* bits of those that patterns have */
	uint64_t seed;
	struct exact *exact;
	size_t nexact, exact_cap;
	struct buf pool;      /* folded texts */
	struct buf tmp, prev; /* folded: the value at hand; the one before, of which `path` is */
	struct buf prev_raw;  /* the one before, as it was typed */
	struct shape prev_shape;
	/* The way of the latest pattern in the trie: mostly the next one only goes on from it. */
	struct step path[TRIE_DEPTH];
	size_t npath;
	uint64_t heads[1024];     /* 65,536 bits */
	uint64_t exact_heads[64]; /* 4,096 bits: the first two characters of what is in `exact` */
	uint64_t digit_heads[64]; /* 4,096 bits over the first six digits */
};

/* Of the first four bytes of a spelling. */
static inline uint32_t head_hash(const char *s)
{
	uint32_t w;

	memcpy(&w, s, 4);
	return ((w | 0x20202020u) * 0x9e3779b1u) >> 16;
}

/* Of the first CARD_PREFIX_MIN digits. */
static inline unsigned digit_head(const char *d)
{
	unsigned v = 0;

	for (size_t i = 0; i < CARD_PREFIX_MIN; i++)
		v = v * 10 + (unsigned)(d[i] - '0');
	return (v * 0x9e3779b1u) >> 20;
}

/* Of a folded value. */
static inline size_t exact_hash(const char *s, size_t n, uint64_t seed)
{
	uint64_t h = n ^ seed, w;

	for (; n >= sizeof(w); s += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, s, n);
	return trie_mix(h ^ w, seed);
}

/* Of the first two characters. */
static inline uint32_t exact_head(uint32_t a, uint32_t b)
{
	return ((a << 11 ^ b) * 0x9e3779b1u) >> 20;
}

/* Where s, folded, is, or the free place where it would be. */
static inline struct exact *exact_slot(const struct taint *t, const char *s, size_t n)
{
	for (size_t i = exact_hash(s, n, t->seed);; i++) {
		struct exact *x = &t->exact[i & (t->exact_cap - 1)];
		if (!x->len || (x->len == n && !memcmp(t->pool.p + x->off, s, n)))
			return x;
	}
}

#endif
