/* hex.h: the values of hexadecimal digits. Any thread. */
#ifndef REDACTFS_HEX_H
#define REDACTFS_HEX_H

#include <stdint.h>

/* Of one digit as this program writes it, in lower case; -1 for anything else. */
static inline int hex_lower(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
/* Of one digit in either case; -1 for anything else. */
static inline int hex_digit(int c)
{
	return hex_lower(c >= 'A' && c <= 'F' ? c + 32 : c);
}
/* Of four digits in either case, as JSON's \u has them; -1 when one is none. */
static inline int hex_four(const uint8_t s[4])
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(s[i]);

		if (d < 0)
			return -1;
		v = v << 4 | d;
	}
	return v;
}

#endif
