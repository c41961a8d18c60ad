/* fold.h: comparing text without regard to case and white space. */
#ifndef REDACTFS_FOLD_H
#define REDACTFS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nearly all of it is ASCII, and each character of what was entered comes by here several times:
 * that part is inline. */
uint32_t fold_next_other(const char *s, size_t n, size_t *i);
uint32_t fold_lower(uint32_t c);
uint32_t fold_upper(uint32_t c);
bool fold_is_letter_other(uint32_t c);
/* The character before / at a byte offset, 0 at the ends. */
uint32_t fold_before(const char *s, size_t at);
uint32_t fold_at(const char *s, size_t n, size_t at);

/* The character at s[*i], folded; moves *i behind it. A run of white space (no-break spaces too) is
 * one ' '. Bytes that are no UTF-8 fold to 0xfffd. */
static inline uint32_t fold_next(const char *s, size_t n, size_t *i)
{
	uint8_t c = (uint8_t)s[*i];

	if (c <= ' ' || c >= 0x80)
		return fold_next_other(s, n, i);
	++*i;
	return c >= 'A' && c <= 'Z' ? c + 32u : c;
}

static inline bool fold_is_letter(uint32_t c)
{
	return c < 0x80 ? (c | 32) >= 'a' && (c | 32) <= 'z' : fold_is_letter_other(c);
}

/* Letters and digits of scripts that are written in words; not CJK, where words have no edges. */
static inline bool fold_is_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
	return c < 0x2e80 && fold_is_letter_other(c);
}

#endif
