/* fold.c: simple case folding of the scripts that have case, by ranges; see fold.h. Not full
 * Unicode folding: no character changes into two, so that offsets stay easy. */
#include "fold.h"

#include "redactfs/utf8.h"
uint32_t fold_lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde)
		return c == 0xd7 ? c : c + 32;
	if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177) ||
	    (c >= 0x1e00 && c <= 0x1e95) || (c >= 0x1ea0 && c <= 0x1eff))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c & 1 ? c + 1 : c;
	if (c == 0x178)
		return 0xff;
	if (c == 0x386)
		return 0x3ac;
	if (c >= 0x388 && c <= 0x38a)
		return c + 37;
	if (c == 0x38c)
		return 0x3cc;
	if (c == 0x38e || c == 0x38f)
		return c + 63;
	if (c >= 0x391 && c <= 0x3ab && c != 0x3a2)
		return c + 32;
	if (c == 0x3c2) /* final sigma */
		return 0x3c3;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if (c >= 0x460 && c <= 0x481)
		return c | 1;
	if (c >= 0x48a && c <= 0x4bf)
		return c | 1;
	if (c >= 0x4d0 && c <= 0x52f)
		return c | 1;
	if (c >= 0x531 && c <= 0x556)
		return c + 48;
	if (c >= 0x1f08 && c <= 0x1f6f && (c & 8))
		return c - 8; /* Greek with breathings */
	if (c >= 0xff21 && c <= 0xff3a)
		return c + 32;
	return c;
}

uint32_t fold_upper(uint32_t c)
{
	/* The inverse of fold_lower, by asking it: the capital is near. */
	static const int steps[] = {-32, -1, 8, -37, -63, -64, -80, -48};

	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint32_t u = c + (uint32_t)steps[i];
		if (u != c && fold_lower(u) == c)
			return u;
	}
	return c;
}

static uint32_t decode(const char *s, size_t n, size_t *i)
{
	uint32_t c;
	unsigned len = wtf8_next(s + *i, n - *i, &c);

	*i += len ? len : 1;
	return c;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x202f || c == 0x205f || c == 0x3000 || c == 0x2028 || c == 0x2029;
}

uint32_t fold_next_other(const char *s, size_t n, size_t *i)
{
	uint32_t c = decode(s, n, i);

	if (!is_space(c))
		return fold_lower(c);
	while (*i < n) {
		size_t j = *i;
		if (!is_space(decode(s, n, &j)))
			break;
		*i = j;
	}
	return ' ';
}

bool fold_is_letter_other(uint32_t c)
{
	return c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c < 0x2c00) &&
	       !(c >= 0x3000 && c <= 0x303f) && !(c >= 0xfe00 && c <= 0xfe0f) && c < 0x1f000 &&
	       c != 0xfffd;
}

uint32_t fold_before(const char *s, size_t at)
{
	size_t i = at;

	if (!at)
		return 0;
	do
		i--;
	while (i && ((uint8_t)s[i] & 0xc0) == 0x80 && at - i < 4);
	return decode(s, at, &i);
}

uint32_t fold_at(const char *s, size_t n, size_t at)
{
	return at < n ? decode(s, n, &at) : 0;
}
