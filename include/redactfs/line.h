/* line.h: text of people's that is kept and printed: addresses, reasons, names of visitors. */
#ifndef REDACTFS_LINE_H
#define REDACTFS_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character at `s`; 0 at the end. *ret_plain: it is valid UTF-8 (else it is one
 * byte), and neither steers a terminal, nor ends a line, nor turns the direction of writing: U+0000
 * to 001F, 007F to 009F, 061C, 200E, 200F, 2028 to 202E, 2066 to 2069, FEFF, FFF9 to FFFB. */
size_t line_char(const char *s, bool *ret_plain);
/* All of it is plain. */
bool line_is_plain(const char *s);

#endif
