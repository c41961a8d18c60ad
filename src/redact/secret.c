/* secret.c: what the detectors of secrets share; see secret.h. */
#include "secret.h"

bool secret_in_set(int c, enum charset set)
{
	switch (set) {
	case ALNUM:
		return is_alnum(c);
	case TOKEN:
		return is_alnum(c) || c == '_' || c == '-';
	case DOTTED:
		return is_alnum(c) || c == '_' || c == '-' || c == '.';
	case HEX:
		return hex_of(c) >= 0;
	default:
		return is_digit(c) || (c >= 'A' && c <= 'Z');
	}
}

bool secret_boundary(const struct scan *sc, size_t i)
{
	int c = byte_before(sc, i);

	if (!is_alnum(c) && c != '_')
		return true;
	return i > 1 && sc->s[i - 2] == '\\' && (c == 'n' || c == 't' || c == 'r');
}

static int b64_of(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

size_t secret_base64(const uint8_t *s, size_t n, uint8_t *out, size_t cap)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t k = 0;

	for (size_t i = 0; i < n && k < cap; i++) {
		int v = b64_of(s[i]);

		if (v < 0)
			break;
		acc = (acc << 6 | (uint32_t)v) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[k++] = (uint8_t)(acc >> bits);
		}
	}
	return k;
}
