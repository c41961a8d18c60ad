/* pii-birthdate.c: dates of birth. A date is one only behind a word that says so: pages are full of
 * dates. Numeric (23/04/1961, 23. 4. 1961, 1961-04-23, 23.04.61, 23041961) and with the month's
 * name in ten languages (23 April 1961, April 23rd, 1961, 23 de abril de 1961). */
#include "detect-priv.h"

#include <string.h>

#define NEAR 4u /* words between: "born in Leeds on" */

/* How the names of months start, folded, in en de fr es it nl pt pl cs sk. The word that announces
 * the date does the rest. */
static bool is_month(const char *w, size_t n)
{
	static const char starts[][4] = {
		"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
		"dec", "mai", "mae", "mrz", "maj", "mei", "mag", "okt", "out", "ott", "dez",
		"dic", "fev", "avr", "abr", "jui", "aou", "ago", "ene", "gen", "giu", "lug",
		"set", "sty", "lut", "kwi", "cze", "lip", "sie", "wrz", "paz", "lis", "gru",
		"led", "uno", "bre", "dub", "kve", "cer", "srp", "zar", "rij", "pro",
	};

	for (size_t k = 0; n >= 3 && k < sizeof(starts) / sizeof(starts[0]); k++) {
		if (!memcmp(starts[k], w, 3))
			return true;
	}
	return false;
}

static bool letter_at(const struct scan *sc, size_t i, size_t *ret_len)
{
	*ret_len = 1;
	if (i >= sc->n || sc->s[i] < 0x80)
		return i < sc->n && is_alpha(sc->s[i]);
	return cp_is_letter(cp_at(sc->s, sc->n, i, ret_len));
}

/* The end of the word at i, at most 20 bytes; i when there is none. */
static size_t word_end(const struct scan *sc, size_t i)
{
	size_t k = i, len;

	while (k - i < 20 && letter_at(sc, k, &len))
		k += len;
	return k;
}

static bool month_in(const struct scan *sc, size_t from, size_t to)
{
	char f[24];

	return is_month(f, words_fold(sc->s + from, to - from, f, sizeof(f)));
}

/* Over "of", "de", "del", a comma or a full stop and spaces. */
static size_t skip_joint(const struct scan *sc, size_t i)
{
	size_t k = i, end;

	while (k - i < 3 &&
	       (byte_at(sc, k) == ' ' || byte_at(sc, k) == ',' || byte_at(sc, k) == '.'))
		k++;
	end = word_end(sc, k);
	if ((end - k == 2 && (!memcmp(sc->s + k, "de", 2) || !memcmp(sc->s + k, "of", 2))) ||
	    (end - k == 3 && !memcmp(sc->s + k, "del", 3))) {
		k = end;
		while (byte_at(sc, k) == ' ')
			k++;
	}
	return k;
}

/* The end of a four-digit year at i, or 0. */
static size_t year_end(const struct scan *sc, size_t i)
{
	for (unsigned k = 0; k < 4; k++) {
		if (!is_digit(byte_at(sc, i + k)))
			return 0;
	}
	if (is_digit(byte_at(sc, i + 4)) ||
	    !((sc->s[i] == '1' && (sc->s[i + 1] == '8' || sc->s[i + 1] == '9')) ||
	      (sc->s[i] == '2' && sc->s[i + 1] == '0')))
		return 0;
	return i + 4;
}

/* Over 1st, 23rd, 1er, 1.º: what makes a number a day. */
static size_t skip_ordinal(const struct scan *sc, size_t i)
{
	size_t end = word_end(sc, i), len;

	if (end - i == 2 || (end - i == 1 && sc->s[i] == 'e'))
		return end;
	if (byte_at(sc, i) == '.')
		i++;
	if (i < sc->n) {
		uint32_t cp = cp_at(sc->s, sc->n, i, &len);

		if (cp == 0xba || cp == 0xaa || cp == 0xb0)
			i += len;
	}
	return i;
}

/* 23 April 1961, 23. dubna 1961, 23 de abril de 1961 */
static size_t day_month_year(const struct scan *sc, size_t day_end)
{
	size_t k = skip_joint(sc, skip_ordinal(sc, day_end)), end = word_end(sc, k);

	if (k == day_end || end == k || !month_in(sc, k, end))
		return 0;
	return year_end(sc, skip_joint(sc, end));
}

/* April 23rd, 1961: from the day; *start goes back to the month. */
static size_t month_day_year(const struct scan *sc, size_t day, size_t day_end, size_t *start)
{
	size_t to = day, from, len;

	if (to > 0 && sc->s[to - 1] == ' ')
		to--;
	if (to > 0 && sc->s[to - 1] == '.')
		to--;
	for (from = to; from > 0 && to - from < 20; from -= len) {
		if (!cp_is_letter(cp_before(sc->s, from, &len)))
			break;
	}
	if (to == day || from == to || !month_in(sc, from, to))
		return 0;
	*start = from;
	return year_end(sc, skip_joint(sc, skip_ordinal(sc, day_end)));
}

static bool month_day(unsigned a, unsigned b)
{
	return (a >= 1 && a <= 31 && b >= 1 && b <= 12) || (a >= 1 && a <= 12 && b >= 1 && b <= 31);
}

static size_t numeric(const struct num *v)
{
	unsigned size[4] = {0}, x[3] = {0};
	const uint8_t *d = v->d;

	if (v->ngroups == 1 && v->n == 8) {
		unsigned a = d[0] * 10u + d[1], b = d[2] * 10u + d[3], c = d[4] * 10u + d[5];

		return (month_day(a, b) && (c == 19 || c == 20)) ||
				       ((a == 19 || a == 20) && month_day(c, d[6] * 10u + d[7]))
			       ? v->end[7]
			       : 0;
	}
	if (v->ngroups < 3)
		return 0;
	for (unsigned g = 0; g < 3; g++) {
		unsigned next = g + 1u < v->ngroups ? v->first[g + 1] : v->n;

		size[g] = next - v->first[g];
		if (size[g] > 4)
			return 0;
		for (unsigned k = v->first[g]; k < next; k++)
			x[g] = x[g] * 10 + d[k];
	}
	if ((v->sep[1] | v->sep[2]) & (SEP_OPEN | SEP_CLOSE))
		return 0;
	if (size[0] == 4 && size[1] <= 2 && size[2] <= 2)
		return x[0] >= 1880 && x[0] < 2100 && month_day(x[1], x[2])
			       ? v->end[v->first[2] + size[2] - 1]
			       : 0;
	if (size[0] > 2 || size[1] > 2 || (size[2] != 4 && size[2] != 2) || !month_day(x[0], x[1]))
		return 0;
	if (size[2] == 4 ? x[2] < 1880 || x[2] >= 2100 : v->sep[2] == SEP_SPACE)
		return 0;
	return v->end[v->first[2] + size[2] - 1];
}

size_t birthdate_at(struct scan *sc, size_t i, const struct num *v)
{
	unsigned run = v->ngroups > 1 ? v->first[1] : v->n;
	size_t start = i, end = numeric(v);

	if (!end && run <= 2 && v->d[0] < 4 && (run == 2 || v->d[0] > 0)) {
		end = day_month_year(sc, v->end[run - 1]);
		if (!end)
			end = month_day_year(sc, i, v->end[run - 1], &start);
	}
	if (!end || is_alpha(byte_before(sc, start)) ||
	    (is_alpha(byte_at(sc, end)) && (sc->s[end] | 0x20) != 't') ||
	    !scan_hinted(sc, start, H_BIRTH, NEAR))
		return 0;
	scan_add(sc, start, end, DETECTOR_BIRTHDATE);
	return end;
}
