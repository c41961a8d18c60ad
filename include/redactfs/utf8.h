/* utf8.h: characters of UTF-8 text (Unicode 15, table 3-7), and of WTF-8, which may have lone
 * surrogates, of three bytes each: what JavaScript's strings become. Any thread. */
#ifndef REDACTFS_UTF8_H
#define REDACTFS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX   4u      /* bytes of a character */
#define UTF8_WRONG 0xfffdu /* what stands for bytes that are no character */

/* The bytes of the character at s[0..n), n over 0; 0: it isn't UTF-8. */
static inline unsigned utf8_len(const void *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;
	uint8_t c = p[0];

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || n < 2 || (p[1] & 0xc0) != 0x80)
		return 0;
	if (c < 0xe0)
		return 2;
	if (n < 3 || (p[2] & 0xc0) != 0x80)
		return 0;
	if (c < 0xf0)
		return (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ? 0 : 3;
	if (c > 0xf4 || n < 4 || (p[3] & 0xc0) != 0x80)
		return 0;
	return (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f) ? 0 : 4;
}
/* A surrogate of WTF-8 at s[0..n)? */
static inline bool utf8_is_surrogate(const void *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;

	return n >= 3 && p[0] == 0xed && p[1] >= 0xa0 && p[1] <= 0xbf && (p[2] & 0xc0) == 0x80;
}
/* The character of `len` bytes at s, 1 to 4, that utf8_len or utf8_is_surrogate has looked at. */
static inline uint32_t utf8_char(const void *s, unsigned len)
{
	const uint8_t *p = (const uint8_t *)s;

	switch (len) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 31u) << 6 | (p[1] & 63u);
	case 3:
		return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
	default:
		return (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
	}
}
/* The character at s[0..n), n over 0; a surrogate is one. Returns its bytes; 0, and *ret
 * UTF8_WRONG: none is there. */
static inline unsigned wtf8_next(const void *s, size_t n, uint32_t *ret)
{
	unsigned len = utf8_len(s, n);

	if (!len && utf8_is_surrogate(s, n))
		len = 3;
	*ret = len ? utf8_char(s, len) : UTF8_WRONG;
	return len;
}
/* Writes c, at most U+10FFFF and a surrogate as WTF-8 has it; returns its bytes. */
static inline unsigned utf8_put(void *out, uint32_t c)
{
	uint8_t *o = (uint8_t *)out;

	if (c < 0x80) {
		o[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		o[0] = (uint8_t)(0xc0 | c >> 6);
		o[1] = (uint8_t)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		o[0] = (uint8_t)(0xe0 | c >> 12);
		o[1] = (uint8_t)(0x80 | (c >> 6 & 63));
		o[2] = (uint8_t)(0x80 | (c & 63));
		return 3;
	}
	o[0] = (uint8_t)(0xf0 | c >> 18);
	o[1] = (uint8_t)(0x80 | (c >> 12 & 63));
	o[2] = (uint8_t)(0x80 | (c >> 6 & 63));
	o[3] = (uint8_t)(0x80 | (c & 63));
	return 4;
}

#endif
