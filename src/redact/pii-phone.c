/* pii-phone.c: telephone numbers.
 *
 * Three ways to be one, from strong to weak: an international number (+CC or 00CC, a country code
 * and as many digits as that country uses); a national form that other numbers don't take (a trunk
 * 0 with the groups of the United Kingdom, Germany, France, …; an area code in parentheses; the
 * dashed 3-3-4 of North America; the 2-3-2-2 of Poland and Spain); and, after a word that says
 * phone, any 7 to 15 digits. Bare runs of digits are never phones without such a word: order
 * numbers, article codes and time stamps look the same. */
#include "detect-priv.h"

#include <string.h>

#define E164_DIGITS 15u

/* Digits with the country code, E.164 numbering plans. Codes that aren't listed: 9 to 15. */
static const struct plan {
	uint16_t code;
	uint8_t least, most;
} plans[] = {
	{1, 11, 11},   {7, 11, 11},   {20, 11, 12},  {27, 11, 11},  {30, 12, 12},  {31, 11, 11},
	{32, 10, 11},  {33, 11, 11},  {34, 11, 11},  {36, 10, 11},  {39, 9, 13},   {40, 11, 11},
	{41, 11, 11},  {43, 9, 15},   {44, 11, 12},  {45, 10, 10},  {46, 9, 12},   {47, 10, 10},
	{48, 11, 11},  {49, 9, 15},   {51, 10, 11},  {52, 12, 13},  {54, 12, 13},  {55, 12, 13},
	{56, 11, 11},  {57, 12, 12},  {58, 12, 12},  {60, 10, 12},  {61, 11, 11},  {62, 10, 14},
	{63, 12, 12},  {64, 10, 12},  {65, 10, 10},  {66, 10, 11},  {81, 11, 12},  {82, 11, 12},
	{84, 11, 12},  {86, 12, 13},  {90, 12, 12},  {91, 12, 12},  {92, 12, 12},  {93, 11, 11},
	{94, 11, 11},  {98, 12, 12},  {351, 12, 12}, {352, 9, 12},  {353, 10, 12}, {354, 10, 10},
	{355, 11, 12}, {356, 11, 11}, {357, 11, 11}, {358, 9, 13},  {359, 11, 12}, {370, 11, 11},
	{371, 11, 11}, {372, 10, 11}, {373, 11, 11}, {374, 11, 11}, {375, 12, 12}, {380, 12, 12},
	{381, 11, 12}, {382, 11, 11}, {385, 11, 12}, {386, 11, 11}, {387, 11, 11}, {389, 11, 11},
	{420, 12, 12}, {421, 12, 12}, {423, 10, 10},
};

/* Country codes of three digits that are assigned, a bit for the last digit (ITU-T E.164, list of
 * 2026). Codes in `plans` are among them. */
static bool is_assigned(const uint8_t *d)
{
	static const struct {
		uint8_t zone;
		uint16_t last;
	} zones[] = {
		{21, 0x14e}, {22, 0x3ff}, {23, 0x3ff}, {24, 0x3ff}, {25, 0x1ff}, {26, 0x3ff},
		{29, 0x383}, {35, 0x3ff}, {37, 0x3ff}, {38, 0x2ef}, {42, 0x00b}, {50, 0x3ff},
		{59, 0x3ff}, {67, 0x3fd}, {68, 0x3ef}, {69, 0x007}, {80, 0x101}, {85, 0x06d},
		{87, 0x101}, {88, 0x14f}, {96, 0x1ff}, {97, 0x2ff}, {99, 0x17c},
	};

	for (size_t k = 0; k < sizeof(zones) / sizeof(zones[0]); k++) {
		if (zones[k].zone == d[0] * 10 + d[1])
			return zones[k].last >> d[2] & 1;
	}
	return false;
}

static const struct plan *plan_of(const uint8_t *d)
{
	unsigned code[3] = {d[0], d[0] * 10u + d[1], d[0] * 100u + d[1] * 10u + d[2]};

	for (unsigned k = 0; k < 3; k++) {
		for (size_t p = 0; p < sizeof(plans) / sizeof(plans[0]); p++) {
			if (plans[p].code == code[k])
				return &plans[p];
		}
	}
	return NULL;
}

static unsigned group_size(const struct num *v, unsigned g)
{
	return (g + 1u < v->ngroups ? v->first[g + 1] : v->n) - v->first[g];
}

/* The most digits, up to `most`, at which a group ends. */
static unsigned longest(const struct num *v, unsigned least, unsigned most)
{
	for (unsigned n = most < v->n ? most : v->n; n >= least && n > 0; n--) {
		if (num_ends_group(v, n - 1))
			return n;
	}
	return 0;
}

/* Digits of an international number, counted from its country code at digit `from`. */
static unsigned international(const struct num *v, unsigned from, bool strict)
{
	const struct plan *p;
	unsigned least = 9, most = E164_DIGITS, national = 0, n;

	if (v->n < from + 7 || v->d[from] == 0)
		return 0;
	p = plan_of(v->d + from);
	if (p) {
		least = p->least;
		most = p->most;
		national = p->code < 10 ? 1 : p->code < 100 ? 2 : 3;
		if (p->code == 1 && (v->d[from + 1] < 2 || v->d[from + 4] < 2))
			return 0; /* area and exchange codes start with 2-9 */
		/* +44 (0)20…: the trunk 0 is written, not dialled; Italy dials it. */
		if (v->d[from + national] == 0 && p->code != 39) {
			if (v->ngroups < 2)
				return 0;
			least++;
			most++;
		}
	} else if (strict || !is_assigned(v->d + from)) {
		return 0;
	}
	n = longest(v, from + least, from + most);
	/* 00 61 00 64 00…: bytes, not a number dialled */
	if (from == 2 && v->ngroups > 4 && group_size(v, 0) == 2) {
		for (unsigned g = 1; g < v->ngroups; g++) {
			if (group_size(v, g) != 2)
				return n;
		}
		return 0;
	}
	return n;
}

/* 05-11-2026, 2026.11.20, 11/05/26…: the first three groups are a date. */
static bool is_date(const struct num *v)
{
	unsigned a, b, c, x, y;

	if (v->ngroups < 3)
		return false;
	a = group_size(v, 0);
	b = group_size(v, 1);
	c = group_size(v, 2);
	if (v->sep[1] == SEP_SPACE && v->sep[2] == SEP_SPACE)
		return false;
	x = a == 1 ? v->d[0] : v->d[a - 2] * 10u + v->d[a - 1];
	y = b == 1 ? v->d[a] : v->d[a] * 10u + v->d[a + 1];
	if (a == 4 && b <= 2 && c <= 2)
		return v->d[0] <= 2 && v->d[0] >= 1 && y >= 1 && y <= 12;
	if (a > 2 || b > 2 || (c != 4 && c != 2))
		return false;
	if (c == 2 && v->ngroups > 3 && v->sep[1] == v->sep[3])
		return false; /* 01.23.45.67.89 */
	return ((x >= 1 && x <= 31 && y >= 1 && y <= 12) ||
		(x >= 1 && x <= 12 && y >= 1 && y <= 31)) &&
	       (c == 2 || v->d[a + b] == 1 || v->d[a + b] == 2);
}

static bool sizes_are(const struct num *v, const char *want)
{
	unsigned g = 0;

	for (; *want; want++, g++) {
		if (g >= v->ngroups || group_size(v, g) != (unsigned)(*want - '0'))
			return false;
	}
	return g == v->ngroups;
}

/* A trunk 0 and an area code, then groups of two digits or more: 020 7946 0686, 0171/2345678,
 * 01 23 45 67 89, 070-174 06 89. */
static bool trunk_form(const struct num *v)
{
	unsigned kinds = 0;

	if (v->d[0] != 0 || v->d[1] == 0 || v->cut)
		return false;
	/* UK mobiles are told by their first digits and their number. */
	if (v->n == 11 && v->d[1] == 7 && v->d[2] != 0 && v->ngroups <= 4)
		return v->ngroups == 1 || group_size(v, 0) >= 4;
	if (v->ngroups < 2 || v->n < 9 || v->n > 12 || is_date(v))
		return false;
	if (group_size(v, 0) < 2 || group_size(v, 0) > 5)
		return false;
	for (unsigned g = 1; g < v->ngroups; g++) {
		if (group_size(v, g) < 2 || (v->nsep[g] > 1 && v->sep[g] == SEP_SPACE))
			return false;
		kinds |= v->sep[g];
	}
	/* All pairs: France, Belgium, and lists of numbers, which count. */
	if (group_size(v, 0) == 2 && group_size(v, 1) == 2)
		return v->n == 10 && v->ngroups == 5 && (kinds & (kinds - 1)) == 0 &&
		       !(v->d[3] == v->d[1] + 1 && v->d[5] == v->d[3] + 1);
	if (sizes_are(v, "54") && kinds == SEP_DASH) /* a ZIP code */
		return false;
	if (kinds & SEP_DOT)
		return v->n >= 10 && kinds == SEP_DOT && !sizes_are(v, "3333");
	return true;
}

/* What no other number looks like. */
static bool national_form(const struct num *v, bool paren)
{
	if (paren) {
		/* (212) 555-0162, (030) 23125-758, (22) 123-45-67 */
		if (v->ngroups < 2 || !(v->sep[1] & SEP_CLOSE) || v->cut)
			return false;
		if (v->d[0] == 0)
			return v->d[1] != 0 && v->n >= 8 && v->n <= 12 && group_size(v, 0) >= 2;
		if (sizes_are(v, "334"))
			return v->d[0] >= 2 && v->d[3] >= 2;
		return sizes_are(v, "2322") || sizes_are(v, "234") || sizes_are(v, "27");
	}
	if (sizes_are(v, "334") && v->sep[1] == v->sep[2] &&
	    (v->sep[1] == SEP_DASH || v->sep[1] == SEP_DOT) && v->nsep[1] == 1 && v->nsep[2] == 1)
		return v->d[0] >= 2 && v->d[3] >= 2;
	if (sizes_are(v, "1334") && v->d[0] == 1 && v->sep[1] != SEP_DOT && v->sep[2] == v->sep[3])
		return v->d[1] >= 2 && v->d[4] >= 2;
	if (sizes_are(v, "2322") && !(v->sep[1] & ~(SEP_SPACE | SEP_DASH)) &&
	    v->sep[2] == v->sep[3] && !(v->sep[2] & ~(SEP_SPACE | SEP_DASH)))
		return v->d[0] >= 1;
	return trunk_form(v);
}

/* Where the number starts on the left of its first digit: a +, an opening parenthesis. */
static size_t start_of(const struct scan *sc, size_t i, bool *plus, bool *paren)
{
	size_t p = i;

	*plus = *paren = false;
	if (byte_before(sc, p) == '(') {
		*paren = true;
		p--;
	}
	if (byte_before(sc, p) == '+') {
		*plus = true;
		p--;
	}
	if (*plus && byte_before(sc, p) == '(') { /* (+44) 20… */
		*paren = true;
		p--;
	}
	return p;
}

/* What may stand before a number that no word announces. */
static bool boundary_before(const struct scan *sc, size_t p, bool plus)
{
	int c = byte_before(sc, p), c2 = p > 1 ? sc->s[p - 2] : 0;

	if (p == 0)
		return true;
	if (is_alpha(c) && c2 == '\\')
		return true;
	if (plus && sc->ctx == DETECT_URL) /* "+" for a space before it, as in q=call+%2B44… */
		return !is_digit(c);
	if (is_alnum(c) || c == '_' || c == '#' || c == '$' || c == '%')
		return false;
	if (c == '-' || c == '/' || c == '.' || c == ',' || c == ':')
		return !is_alnum(c2) || (c == ':' && !is_digit(c2));
	return true;
}

/* 11 05 2026 13 20: the groups before this one belong to it. */
static bool in_a_list(const struct scan *sc, size_t p)
{
	return p > 1 && sc->s[p - 1] == ' ' && is_digit(sc->s[p - 2]);
}

static bool boundary_after(const struct scan *sc, size_t end)
{
	int c = byte_at(sc, end), c2 = byte_at(sc, end + 1);

	if (is_alpha(c) || c == '_' || c == '%')
		return c == '%' && hex_of(c2) >= 0;
	if (c == '-' || c == '/' || c == ':')
		return !is_digit(c2) && !(c == '-' && is_alpha(c2));
	if (c == '.' || c == ',')
		return !is_digit(c2);
	return true;
}

size_t phone_at(struct scan *sc, size_t i, const struct num *num)
{
	bool plus, paren, hinted;
	size_t p = start_of(sc, i, &plus, &paren), end = 0;
	unsigned n = 0;

	if (num->n < 7)
		return 0;
	if (plus && paren && !(num->ngroups > 1 && num->sep[1] & SEP_CLOSE))
		return 0; /* a + before a parenthesis that closes later: arithmetic */
	if (plus && boundary_before(sc, p, /* plus= */ true))
		n = international(num, 0, /* strict= */ false);
	else if (!paren && num->d[0] == 0 && num->d[1] == 0 && group_size(num, 0) >= 2 &&
		 boundary_before(sc, p, false))
		n = international(num, 2, /* strict= */ true);
	if (!n && !plus && !num->cut && !in_a_list(sc, p) && national_form(num, paren) &&
	    boundary_before(sc, p, false) && boundary_after(sc, num->end[num->n - 1]) &&
	    !(scan_hints(sc, p)->mask >> H_ORDER & 1))
		n = num->n;
	if (n) {
		end = num->end[n - 1];
		if (is_alpha(byte_at(sc, end)) && !(n == num->n && boundary_after(sc, end)))
			n = 0;
	}
	if (!n) {
		hinted = (scan_hinted(sc, p, H_PHONE, 4) || scan_hinted(sc, p, H_CALL, 2)) &&
			 !(sc->hints.mask & (H_NATIONAL | 1u << H_BIRTH));
		if (!hinted || byte_before(sc, p) == '#' || is_alpha(byte_before(sc, p)) ||
		    is_date(num))
			return 0;
		n = longest(num, 7, E164_DIGITS + 2u);
		if (!n || is_alpha(byte_at(sc, num->end[n - 1])))
			return 0;
		end = num->end[n - 1];
	}
	/* The parenthesis around the whole number isn't its own. */
	if (paren && !(num->ngroups > 1 && num->sep[1] & SEP_CLOSE)) {
		p = i - plus;
	}
	scan_add(sc, p, end, DETECTOR_PHONE);
	return end;
}
