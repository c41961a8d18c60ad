/* fold.h: comparing text without regard to case and white space. */
#ifndef REDACTFS_FOLD_H
#define REDACTFS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character at s[*i], folded; moves *i behind it. A run of white space (no-break spaces too) is
 * one ' '. Bytes that are no UTF-8 fold to 0xfffd. */
uint32_t fold_next(const char *s, size_t n, size_t *i);
uint32_t fold_lower(uint32_t c);
uint32_t fold_upper(uint32_t c);
/* Letters and digits of scripts that are written in words; not CJK, where words have no edges. */
bool fold_is_word(uint32_t c);
bool fold_is_letter(uint32_t c);
/* The character before / at a byte offset, 0 at the ends. */
uint32_t fold_before(const char *s, size_t at);
uint32_t fold_at(const char *s, size_t n, size_t at);
size_t fold_put(char *out, uint32_t c);

#endif
