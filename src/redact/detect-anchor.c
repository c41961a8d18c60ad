/* detect-anchor.c: finds the places at which some detector might have something to say.
 *
 * Most text has none, so this is where the time of a scan goes: 64 bytes at a time into bit masks,
 * by 16-byte compares where the machine has SSE2 (every x86-64) and by a table elsewhere. Then a
 * few shifts refuse what lies inside of a longer word: base64, hashes, class names are full of
 * digits and dashes that no number and no key can start at. */
#include "detect-priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void bytes_find_table(const uint8_t p[64], size_t n, struct bytes *ret)
{
	*ret = (struct bytes){0};
	for (unsigned i = 0; i < n; i++) {
		int c = p[i];
		uint64_t bit = (uint64_t)1 << i;

		if (is_digit(c))
			ret->digit |= bit;
		else if (is_alpha(c))
			ret->alpha |= bit;
		if (c == '\\')
			ret->escape |= bit;
		else if (c == '_' || c == '-')
			ret->join |= bit;
		else if (c == 'A' || c == 'S' || c == 'E' || c == 'J' || c == 'B' || c == 'b')
			ret->capital |= bit;
		else if (c == ':' || c == '=' || c == '@' || c == '%')
			ret->punct |= bit;
	}
}

#ifdef __SSE2__
void bytes_find(const uint8_t p[64], size_t n, struct bytes *ret)
{
	const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
	const __m128i a = _mm_set1_epi8('a'), z = _mm_set1_epi8(25), low = _mm_set1_epi8(0x20);
	struct bytes b = {0}; /* in registers: p may alias *ret */

#pragma GCC unroll 4
	for (unsigned i = 0; i < 64; i += 16) {
		if (i >= n)
			break;

		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i d = _mm_sub_epi8(v, zero);
		__m128i l = _mm_sub_epi8(_mm_or_si128(v, low), a);

#define EQ(c)    _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
#define OR(x, y) _mm_or_si128(x, y)
#define MASK(x)  ((uint64_t)(unsigned)_mm_movemask_epi8(x) << i)
		b.digit |= MASK(_mm_cmpeq_epi8(_mm_min_epu8(d, nine), d));
		b.alpha |= MASK(_mm_cmpeq_epi8(_mm_min_epu8(l, z), l));
		b.escape |= MASK(EQ('\\'));
		b.join |= MASK(OR(EQ('_'), EQ('-')));
		b.capital |= MASK(OR(OR(OR(EQ('A'), EQ('S')), OR(EQ('E'), EQ('J'))),
				     _mm_cmpeq_epi8(l, _mm_set1_epi8(1))));
		b.punct |= MASK(OR(OR(EQ(':'), EQ('=')), OR(EQ('@'), EQ('%'))));
#undef EQ
#undef OR
#undef MASK
	}
	*ret = b;
}
#else
void bytes_find(const uint8_t p[64], size_t n, struct bytes *ret)
{
	bytes_find_table(p, n, ret);
}
#endif

/* Bit i says what byte i - n is. */
static uint64_t back(uint64_t now, uint64_t before, unsigned n)
{
	return now << n | before >> (64 - n);
}

/* Bit i says what byte i + n is; beyond the block: yes. */
static uint64_t ahead(uint64_t now, unsigned n)
{
	return now >> n | ~(~(uint64_t)0 >> n);
}

void anchors_find(const struct bytes *b, struct anchor_state *state, struct anchors *ret)
{
	/* The letter of an escape in nested JSON (\n, \t) belongs to no word. */
	uint64_t word = (b->digit | b->alpha) & ~(back(b->escape, state->escape, 1) & b->alpha);
	uint64_t starts = b->digit & ~back(b->digit, state->digit, 1);
	uint64_t glued = starts & back(word, state->word, 1);
	/* Letters before a number: one, two (IBAN) or six (codice fiscale), or a card's first
	 * group. */
	uint64_t may = ~back(word, state->word, 2) | ~back(word, state->word, 3) |
		       ~back(word, state->word, 7) |
		       (ahead(b->digit, 1) & ahead(b->digit, 2) & ahead(b->digit, 3));
	/* Eight characters of a key behind a prefix's _ or -. */
	uint64_t run = ahead(word | b->join, 1);

	run &= ahead(run, 1);
	run &= ahead(run, 2);
	run &= ahead(run, 4);
	ret->number = starts & (~glued | may);
	/* Where a word starts, or (eyJ) its third letter. */
	ret->other = b->punct | (b->join & run) |
		     (b->capital & (~back(word, state->word, 1) | ~back(word, state->word, 3)));
	state->digit = b->digit;
	state->word = word;
	state->join = b->join;
	state->escape = b->escape;
}
