/* pii-bearer.c: what follows Bearer or Basic. */
#include "secret.h"

#include <string.h>

/* user:password, as Basic has it, is printable text with a colon. */
static bool is_basic(const uint8_t *s, size_t n)
{
	uint8_t out[96];
	size_t len = secret_base64(s, n, out, sizeof(out));

	if (len < 3 || !memchr(out, ':', len))
		return false;
	for (size_t k = 0; k < len; k++) {
		if (out[k] < 0x20 || out[k] == 0x7f)
			return false;
	}
	return true;
}

/* Bearer or Basic may start at s[i], in any case. */
void secret_scheme_at(struct scan *sc, size_t i)
{
	static const char *const schemes[] = {"bearer", "basic"};
	unsigned basic = (byte_at(sc, i + 1) | 0x20) == 'a';
	size_t k = i, start, end;
	bool digit = false, lower = false, upper = false, plus = false;

	if (sc->n - i < 12)
		return;
	for (const char *p = schemes[basic]; *p; p++, k++) {
		if ((sc->s[k] | 0x20) != *p)
			return;
	}
	if (is_alnum(byte_before(sc, i)))
		return;
	if (sc->s[k] == '%' && byte_at(sc, k + 1) == '2' && byte_at(sc, k + 2) == '0')
		k += 3;
	else if (sc->s[k] == ' ' || sc->s[k] == '+')
		plus = sc->s[k++] == '+';
	else
		return;
	while (byte_at(sc, k) == ' ')
		k++;
	start = k;
	for (end = k;
	     end < sc->n && (secret_in_set(sc->s[end], DOTTED) || (sc->s[end] == '+' && !plus) ||
			     sc->s[end] == '/' || sc->s[end] == '~' || sc->s[end] == '=');
	     end++) {
		digit |= is_digit(sc->s[end]);
		lower |= sc->s[end] >= 'a';
		upper |= sc->s[end] >= 'A' && sc->s[end] <= 'Z';
	}
	while (end > start && (sc->s[end - 1] == '.' || sc->s[end - 1] == '/'))
		end--;
	if (end - start < 8)
		return;
	/* "bearer token", "basic subscription": words aren't tokens. */
	if (basic ? !is_basic(sc->s + start, end - start)
		  : !digit && !(upper && lower && end - start >= 16))
		return;
	scan_claim(sc, start, end, DETECTOR_BEARER);
}
