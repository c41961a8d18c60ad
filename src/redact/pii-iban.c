/* pii-iban.c: IBANs (ISO 13616): country, its length, mod 97; grouped or not, in any case. */
#include "detect-priv.h"

#include <string.h>

/* SWIFT IBAN registry. */
static const struct {
	char cc[3];
	uint8_t len;
} countries[] = {
	{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
	{"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
	{"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
	{"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
	{"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28},
	{"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30},
	{"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
	{"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
	{"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
	{"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33},
	{"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27},
	{"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29},
	{"VA", 22}, {"VG", 24}, {"XK", 20},
};

static unsigned length_of(int a, int b)
{
	a &= ~0x20;
	b &= ~0x20;
	for (size_t k = 0; k < sizeof(countries) / sizeof(countries[0]); k++) {
		if (countries[k].cc[0] == a && countries[k].cc[1] == b)
			return countries[k].len;
	}
	return 0;
}

/* s[i] is the first digit of a run: the check digits, behind the country's two letters. Returns the
 * end, and adds the match, which starts before i. */
size_t iban_at(struct scan *sc, size_t i)
{
	size_t start, k, len;
	unsigned want, got = 0, mod = 0, gaps = 0;
	uint8_t c[34];

	/* "DE 89 …" is written too. */
	start = i > 2 && sc->s[i - 1] == ' ' ? i - 1 : i;
	if (start < 2 || !is_alpha(sc->s[start - 1]) || !is_alpha(sc->s[start - 2]))
		return 0;
	if (!is_digit(byte_at(sc, i + 1)))
		return 0;
	start -= 2;
	if (is_alnum(byte_before(sc, start)) &&
	    !(start > 1 && sc->s[start - 2] == '\\' && is_alpha(sc->s[start - 1])))
		return 0;
	want = length_of(sc->s[start], sc->s[start + 1]);
	if (!want)
		return 0;
	c[got++] = sc->s[start];
	c[got++] = sc->s[start + 1];
	for (k = i; got < want && k < sc->n;) {
		unsigned kind;

		if (is_alnum(sc->s[k])) {
			c[got++] = sc->s[k++];
			gaps = 0;
			continue;
		}
		kind = num_sep_at(sc, k, &len);
		if (len == 0 && sc->s[k] == '+' && sc->ctx == DETECT_URL) {
			kind = SEP_SPACE; /* between letters and digits */
			len = 1;
		}
		if (len == 0 || (kind & ~(SEP_SPACE | SEP_DASH | SEP_DOT)) || (kind && ++gaps > 1))
			return 0;
		k += len;
	}
	if (got < want || is_alnum(byte_at(sc, k)) || !is_digit(c[2]) || !is_digit(c[3]))
		return 0;
	for (unsigned j = 0; j < want; j++) {
		uint8_t x = c[(j + 4) % want];

		if (is_digit(x))
			mod = (mod * 10 + (x - '0')) % 97;
		else
			mod = (mod * 100 + ((x | 0x20u) - 'a' + 10)) % 97;
	}
	if (mod != 1)
		return 0;
	scan_add(sc, start, k, DETECTOR_IBAN);
	return k;
}
