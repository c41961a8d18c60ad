/* line.c: see line.h. */
#include "redactfs/line.h"

#include "redactfs/utf8.h"

#include <string.h>

static bool is_plain(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} not_plain[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f},
			 {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}};

	for (size_t i = 0; i < sizeof(not_plain) / sizeof(not_plain[0]); i++) {
		if (c >= not_plain[i].from && c <= not_plain[i].to)
			return false;
	}
	return true;
}

size_t line_char(const char *s, bool *ret_plain)
{
	if (!*s)
		return 0;
	unsigned n = utf8_len(s, strnlen(s, UTF8_MAX));
	*ret_plain = n && is_plain(utf8_char(s, n));
	return n ? n : 1;
}

bool line_is_plain(const char *s)
{
	bool plain;

	for (size_t n; (n = line_char(s, &plain)); s += n) {
		if (!plain)
			return false;
	}
	return true;
}
