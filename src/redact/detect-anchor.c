/* detect-anchor.c: finds the bytes at which some detector might have something to say.
 *
 * Most text is none of that, so this is where the time of a scan goes: 64 bytes at a time into two
 * bit masks, by 16-byte compares where the machine has SSE2 (every x86-64) and by a table of 256
 * entries elsewhere. An anchor is cheap to refuse, so the set holds single bytes only: the rarest
 * one of each known key's prefix, rather than the prefixes themselves. */
#include "detect-priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* '@' and '%' (of %40): e-mail, credentials in URLs. */
static const uint8_t other_bytes[] = {'@', '%'};

static uint64_t mask_of(const uint8_t p[64], const uint8_t table[256])
{
	uint64_t m = 0;

	for (unsigned i = 0; i < 64; i++)
		m |= (uint64_t)table[p[i]] << i;
	return m;
}

void anchors_find_table(const uint8_t p[64], struct anchors *ret)
{
	uint8_t table[256] = {0};

	for (unsigned c = '0'; c <= '9'; c++)
		table[c] = 1;
	ret->digit = mask_of(p, table);
	for (unsigned c = '0'; c <= '9'; c++)
		table[c] = 0;
	for (unsigned i = 0; i < sizeof(other_bytes); i++)
		table[other_bytes[i]] = 1;
	ret->other = mask_of(p, table);
}

#ifdef __SSE2__
void anchors_find(const uint8_t p[64], struct anchors *ret)
{
	const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);

	ret->digit = ret->other = 0;
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i d = _mm_sub_epi8(v, zero);
		__m128i o = _mm_setzero_si128();

		d = _mm_cmpeq_epi8(_mm_min_epu8(d, nine), d);
		for (unsigned k = 0; k < sizeof(other_bytes); k++)
			o = _mm_or_si128(o, _mm_cmpeq_epi8(v, _mm_set1_epi8((char)other_bytes[k])));
		ret->digit |= (uint64_t)(unsigned)_mm_movemask_epi8(d) << i;
		ret->other |= (uint64_t)(unsigned)_mm_movemask_epi8(o) << i;
	}
}
#else
void anchors_find(const uint8_t p[64], struct anchors *ret)
{
	anchors_find_table(p, ret);
}
#endif
