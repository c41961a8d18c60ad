/* pii-card.c: payment card numbers (ISO/IEC 7812): a known issuer prefix, a length that issuer
 * uses, the Luhn digit, and boundaries that a number has and a hash, a UUID or a fraction hasn't.
 *
 * A card is never shown, so in doubt a number that passes all of these is one; what keeps order
 * numbers and article codes out is the prefix, the grouping and the boundaries. */
#include "detect-priv.h"

#include <string.h>

#define L(n) (1u << (n)) /* a set of lengths */

/* The lengths that cards with this prefix have. Sources: the networks' published IIN ranges. */
static unsigned lengths_of(const uint8_t *d)
{
	unsigned p2 = d[0] * 10u + d[1], p3 = p2 * 10u + d[2], p4 = p3 * 10u + d[3];

	switch (d[0]) {
	case 2:
		if (p4 >= 2221 && p4 <= 2720) /* Mastercard */
			return L(16);
		return p4 >= 2200 && p4 <= 2204 ? L(16) | L(17) | L(18) | L(19) : 0; /* Mir */
	case 3:
		if (p2 == 34 || p2 == 37) /* American Express */
			return L(15);
		if (p2 == 36 || p2 == 38 || p2 == 39) /* Diners Club */
			return L(14) | L(16) | L(19);
		if ((p3 >= 300 && p3 <= 305) || p4 == 3095)
			return L(14) | L(16);
		return p4 >= 3528 && p4 <= 3589 ? L(16) | L(17) | L(18) | L(19) : 0; /* JCB */
	case 4: /* Visa; 13 is long out of use */
		return L(13) | L(16) | L(19);
	case 5:
		if (p2 >= 51 && p2 <= 55) /* Mastercard */
			return L(16);
		if (p4 == 5018 || p4 == 5020 || p4 == 5038 || p4 == 5893) /* Maestro */
			return L(12) | L(13) | L(14) | L(15) | L(16) | L(17) | L(18) | L(19);
		return L(16) | L(19); /* Verve, Elo, Dankort, RuPay: 50, 56-59 */
	case 6:
		if (p4 == 6304 || p4 == 6390 || p4 == 6703 || p4 == 6759 ||
		    (p4 >= 6761 && p4 <= 6763))
			return L(12) | L(13) | L(14) | L(15) | L(16) | L(17) | L(18) | L(19);
		if (p2 == 62) /* UnionPay */
			return L(16) | L(17) | L(18) | L(19);
		return L(16) | L(19); /* Discover, RuPay, Hipercard, InstaPayment */
	default:
		return 0;
	}
}

static bool luhn(const uint8_t *d, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned x = d[n - 1 - i];

		if (i & 1)
			x = x < 5 ? 2 * x : 2 * x - 9;
		sum += x;
	}
	return sum % 10 == 0;
}

/* GS1 check digit: what is printed under a bar code of 12, 13 or 14 digits. */
static bool gtin(const uint8_t *d, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += d[n - 1 - i] * (i & 1 ? 3u : 1u);
	return sum % 10 == 0;
}

/* How the first n digits are grouped: as on cards, or at least as nobody groups other numbers. */
static bool grouping_ok(const struct num *v, unsigned n)
{
	unsigned groups = 0, kinds = 0, least = NUM_DIGITS, most = 0, sizes[NUM_GROUPS];
	bool fours = true, spaced = false;

	while (groups < v->ngroups && v->first[groups] < n) {
		unsigned next = groups + 1 < v->ngroups ? v->first[groups + 1] : v->n;

		sizes[groups] = next - v->first[groups];
		least = sizes[groups] < least ? sizes[groups] : least;
		most = sizes[groups] > most ? sizes[groups] : most;
		if (v->sep[groups])
			kinds |= v->sep[groups];
		spaced |= v->nsep[groups] > 1;
		if (next < n && sizes[groups] != 4)
			fours = false;
		groups++;
	}
	if (groups == 1 || (fours && most == 4) || most == 1)
		return true;
	if (groups == 3 && sizes[0] == 4 && sizes[1] == 6)
		return true; /* American Express 4-6-5, Diners Club 4-6-4 */
	/* Odd groups ("41111111 11111111", a caret in the wrong place) count for the lengths in
	 * common use, with one kind of separator. */
	return (n == 15 || n == 16) && least >= 2 && groups <= 6 && !spaced &&
	       (kinds & (kinds - 1)) == 0;
}

/* 5872 5873 5874 5875: a list that counts. One number four times over is none: 4242 4242 4242 4242.
 */
static bool counts_up(const struct num *v, unsigned n)
{
	int last = 0;

	if (n != 16 || v->ngroups < 4 || v->first[1] != 4 || v->first[2] != 8 || v->first[3] != 12)
		return false;
	for (unsigned g = 0; g < 4; g++) {
		const uint8_t *d = v->d + 4 * g;
		int x = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3];

		if (g > 0 && (x == last || x - last > 63 || last - x > 63))
			return false;
		last = x;
	}
	return true;
}

/* A letter beside the number: part of a hash or an id (hex, or letters and digits mixed), unless it
 * is the end of a word ("VISA4111…") or of an escape in nested JSON (\n4111…). */
static bool word_before(const struct scan *sc, size_t i)
{
	bool word = false;
	size_t k = i;

	while (k > 0 && i - k < 24 && is_alpha(sc->s[k - 1])) {
		word |= hex_of(sc->s[k - 1]) < 0;
		k--;
	}
	if (i - k == 1 && byte_before(sc, k) == '\\')
		return true;
	return word && !is_digit(byte_before(sc, k));
}

static bool word_after(const struct scan *sc, size_t i)
{
	bool word = false;
	size_t k = i;

	while (k < sc->n && k - i < 24 && is_alpha(sc->s[k])) {
		word |= hex_of(sc->s[k]) < 0;
		k++;
	}
	return word && !is_digit(byte_at(sc, k));
}

static bool starts_ok(const struct scan *sc, size_t i, bool grouped_by_dots)
{
	int c = byte_before(sc, i), c2 = i > 1 ? sc->s[i - 2] : 0;

	if (is_alpha(c))
		return word_before(sc, i);
	if (c == '.' && is_digit(c2)) /* a fraction, or deep in a dotted number */
		return false;
	if (c == ',' && c2 == '0' && !is_digit(i > 2 ? sc->s[i - 3] : 0)) /* 0,4532… */
		return false;
	if (c == '_' && is_digit(c2)) /* 9_223_372_036_854_775_807 in a program */
		return false;
	return !(c == '.' && grouped_by_dots);
}

/* 8-4-4-4-12 hex digits, of which the first 16 happen to be decimal. */
static bool is_uuid(const struct scan *sc, size_t i)
{
	static const uint8_t at[] = {8, 13, 18, 23};

	if (i + 36 > sc->n)
		return false;
	for (unsigned k = 0; k < sizeof(at); k++) {
		if (sc->s[i + at[k]] != '-')
			return false;
	}
	for (unsigned k = 24; k < 36; k++) {
		if (hex_of(sc->s[i + k]) < 0)
			return false;
	}
	return true;
}

/* Four hex digits stand alone at s[i]; *ret_letter: letters and digits among them. */
static bool is_group(const struct scan *sc, size_t i, bool *ret_letter)
{
	bool letter = false, digit = false;

	for (unsigned k = 0; k < 4; k++) {
		if (hex_of(byte_at(sc, i + k)) < 0)
			return false;
		letter |= is_alpha(sc->s[i + k]);
		digit |= is_digit(sc->s[i + k]);
	}
	*ret_letter = letter && digit;
	return (letter ? digit : true) && !is_alnum(byte_at(sc, i + 4)) &&
	       !is_alnum(byte_before(sc, i));
}

/* Behind or before the number there is one of a dump's groups that no card has, a few groups away
 * at most. */
static bool in_a_dump(const struct scan *sc, size_t i, size_t end)
{
	bool letter = false;

	for (unsigned k = 0; k < 3 && i > 4 && sc->s[i - 1] == ' ' && is_group(sc, i - 5, &letter);
	     k++, i -= 5) {
		if (letter)
			return true;
	}
	for (unsigned k = 0; k < 3 && byte_at(sc, end) == ' ' && is_group(sc, end + 1, &letter);
	     k++, end += 5) {
		if (letter)
			return true;
	}
	return false;
}

/* A stretch of something longer: groups of a hex dump, or a list of single digits. */
static bool in_a_list(const struct scan *sc, size_t i, const struct num *v, unsigned n)
{
	size_t end = v->end[n - 1];

	if (v->ngroups < 4)
		return false;
	if (v->first[1] == 1 && v->first[2] == 2)
		return n < v->n || (i > 1 && byte_before(sc, i) == ' ' && is_digit(sc->s[i - 2]));
	return v->first[1] == 4 && in_a_dump(sc, i, end);
}

size_t card_end(const struct scan *sc, size_t i, const struct num *v)
{
	unsigned lengths, most = v->n < 19 ? v->n : 19;

	if (v->n < 12 || !(lengths = lengths_of(v->d)))
		return 0;
	for (unsigned g = 1; g < v->ngroups; g++) {
		if (v->sep[g] & ~(SEP_SPACE | SEP_DASH | SEP_DOT)) {
			most = v->first[g] < most ? v->first[g] : most;
			break;
		}
	}
	for (unsigned n = most; n >= 12; n--) {
		size_t end = v->end[n - 1];

		if (!(lengths & L(n)) || !num_ends_group(v, n - 1) || !luhn(v->d, n))
			continue;
		if (!grouping_ok(v, n) || counts_up(v, n) || in_a_list(sc, i, v, n) ||
		    (is_alpha(byte_at(sc, end)) && !word_after(sc, end)))
			continue;
		if (n <= 14 && (v->ngroups == 1 || v->first[1] >= n) && gtin(v->d, n))
			continue;
		if (!starts_ok(sc, i, v->ngroups > 1 && v->sep[1] == SEP_DOT) || is_uuid(sc, i))
			return 0;
		/* +CC…: a phone, which has 15 digits at most (E.164). */
		if (byte_before(sc, i) == '+' && n <= 15)
			return 0;
		return end;
	}
	return 0;
}

/* Over what isn't a digit, at most `most` bytes. */
static size_t skip_to_digit(const struct scan *sc, size_t i, size_t most)
{
	size_t k = i;

	while (k < sc->n && k - i < most && !is_digit(sc->s[k]) && sc->s[k] != '\n')
		k++;
	return k < sc->n && k > i && is_digit(sc->s[k]) ? k : 0;
}

/* "… valid thru 11/29, CVC 910" */
void card_rest(struct scan *sc, size_t end)
{
	size_t i = skip_to_digit(sc, end, 24), k;
	unsigned month, digits = 0;

	if (!i || !is_digit(byte_at(sc, i + 1)) || is_digit(byte_at(sc, i + 2)))
		return;
	month = (sc->s[i] - '0') * 10u + (sc->s[i + 1] - '0');
	for (k = i + 2; byte_at(sc, k) == ' '; k++)
		;
	if (month < 1 || month > 12 ||
	    (byte_at(sc, k) != '/' && byte_at(sc, k) != '-' && byte_at(sc, k) != '.'))
		return;
	for (k++; byte_at(sc, k) == ' '; k++)
		;
	while (digits < 5 && is_digit(byte_at(sc, k + digits)))
		digits++;
	if ((digits != 2 && digits != 4) || is_alpha(byte_at(sc, k + digits)) ||
	    (byte_at(sc, k + digits) == byte_at(sc, k - 1) && byte_at(sc, k - 1) != ' '))
		return; /* 11.05.2026 is a date */
	end = k + digits;
	scan_claim(sc, i, end, DETECTOR_CARD);
	i = skip_to_digit(sc, end, 16);
	if (!i)
		return;
	for (digits = 0; digits < 5 && is_digit(byte_at(sc, i + digits)); digits++)
		;
	if ((digits == 3 || digits == 4) && !is_alnum(byte_before(sc, i)) &&
	    !is_alpha(byte_at(sc, i + digits)))
		scan_claim(sc, i, i + digits, DETECTOR_CVC);
}

size_t detect_card_at(const char *s, size_t n, size_t pos)
{
	struct scan sc = {.s = (const uint8_t *)s, .n = n};
	size_t end;
	struct num v;

	if (pos >= n || !is_digit(sc.s[pos]) || is_digit(byte_before(&sc, pos)))
		return 0;
	num_collect(&sc, pos, NUM_SEPS, &v);
	end = card_end(&sc, pos, &v);
	return end ? end - pos : 0;
}
