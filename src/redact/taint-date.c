/* taint-date.c: dates of birth that were entered, in the other ways in which pages write dates:
 * 1961-04-23, 23. 4. 1961, 04/23/1961, 19610423, 23 April 1961, April 23rd, 1961, 1961年4月23日.
 * Year, month and day must all be the same; then it needs no word that says what the date is.
 *
 * A text is looked through for the years; what stands around one is read then. */
#include "detect-priv.h"
#include "taint-priv.h"

#define WORD_BYTES 24u

/* The months that a word may name in en de fr es it nl pt pl cs sk, bit 0 for January. */
static unsigned months_of(const char *s, size_t n)
{
	static const struct {
		char start[4];
		uint16_t months;
	} names[] = {
#define M(k) (1u << ((k)-1))
		{"jan", M(1)},        {"ene", M(1)},        {"gen", M(1)},  {"sty", M(1)},
		{"led", M(1)},        {"feb", M(2)},        {"fev", M(2)},  {"lut", M(2)},
		{"uno", M(2)},        {"mar", M(3)},        {"mae", M(3)},  {"mrz", M(3)},
		{"maa", M(3)},        {"bre", M(3)},        {"apr", M(4)},  {"avr", M(4)},
		{"abr", M(4)},        {"kwi", M(4)},        {"dub", M(4)},  {"may", M(5)},
		{"mai", M(5)},        {"maj", M(5)},        {"mei", M(5)},  {"mag", M(5)},
		{"kve", M(5)},        {"jun", M(6)},        {"giu", M(6)},  {"cze", M(6)},
		{"jui", M(6) | M(7)}, {"cer", M(6) | M(7)}, {"jul", M(7)},  {"lug", M(7)},
		{"lip", M(7)},        {"aug", M(8)},        {"aou", M(8)},  {"ago", M(8)},
		{"sie", M(8)},        {"srp", M(8)},        {"sep", M(9)},  {"set", M(9)},
		{"wrz", M(9)},        {"zar", M(9)},        {"oct", M(10)}, {"okt", M(10)},
		{"out", M(10)},       {"ott", M(10)},       {"paz", M(10)}, {"rij", M(10)},
		{"nov", M(11)},       {"lis", M(11)},       {"dec", M(12)}, {"dez", M(12)},
		{"dic", M(12)},       {"gru", M(12)},       {"pro", M(12)},
#undef M
	};
	char f[WORD_BYTES + 4];

	if (n > WORD_BYTES || words_fold((const uint8_t *)s, n, f, sizeof(f)) < 3)
		return 0;
	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (!memcmp(f, names[k].start, 3))
			return names[k].months;
	return 0;
}

void taint_add_date(struct taint *t, unsigned year, unsigned month, unsigned day)
{
	if (year < 1880 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    t->ndates == TAINT_DATES)
		return;
	for (size_t i = 0; i < t->ndates; i++)
		if (t->dates[i].year == year && t->dates[i].month == month &&
		    t->dates[i].day == day)
			return;
	t->dates[t->ndates++] = (struct date){(uint16_t)year, (uint8_t)month, (uint8_t)day};
	t->classes |= 1u << CLASS_BIRTHDATE;
}

/* A number of two digits at most, or a word; `days` and `months` it may be, a bit each. */
struct word {
	size_t from, to;
	uint32_t days, months;
};

static bool is_word_byte(char c)
{
	return (uint8_t)c >= 0x80 || is_alpha((uint8_t)c);
}

/* The word that s[from, to) is. */
static bool read_word(const char *s, size_t from, size_t to, struct word *ret)
{
	unsigned v = 0;

	*ret = (struct word){.from = from, .to = to};
	if (to == from || (is_digit((uint8_t)s[from]) && to - from > 2))
		return false;
	if (!is_digit((uint8_t)s[from])) {
		ret->months = months_of(s + from, to - from);
		return ret->months != 0;
	}
	for (size_t i = from; i < to; i++)
		v = v * 10 + (unsigned)(s[i] - '0');
	ret->days = v >= 1 && v <= 31 ? 1u << v : 0;
	ret->months = v >= 1 && v <= 12 ? 1u << (v - 1) : 0;
	return ret->days != 0;
}

static bool is_filler(const char *s, size_t n)
{
	return (n == 2 && (!memcmp(s, "de", 2) || !memcmp(s, "of", 2) || !memcmp(s, "st", 2) ||
			   !memcmp(s, "nd", 2) || !memcmp(s, "rd", 2) || !memcmp(s, "th", 2) ||
			   !memcmp(s, "er", 2))) ||
	       (n == 3 && !memcmp(s, "del", 3)) || (n == 2 && !memcmp(s, "\xc2\xba", 2));
}

/* Before s[at], over what joins the parts of a date. */
static bool word_before(const char *s, size_t at, struct word *ret)
{
	for (unsigned k = 0; k < 3; k++) {
		size_t to = at, from;

		while (to && at - to < 3 && strchr(" ,.-/", s[to - 1]))
			to--;
		while (to >= 2 && !memcmp(s + to - 2, "\xc2\xa0", 2))
			to -= 2;
		from = to;
		if (to && is_digit((uint8_t)s[to - 1]))
			while (from && to - from < 5 && is_digit((uint8_t)s[from - 1]))
				from--;
		else
			while (from && to - from <= WORD_BYTES && is_word_byte(s[from - 1]) &&
			       (uint8_t)s[from - 1] != 0xa0)
				from--;
		if (!is_filler(s + from, to - from))
			return read_word(s, from, to, ret);
		at = from;
	}
	return false;
}

/* At s[at], over one separator or one of 年 月. */
static bool number_behind(const char *s, size_t n, size_t at, struct word *ret)
{
	size_t to;

	if (n - at > 3 && (!memcmp(s + at, "年", 3) || !memcmp(s + at, "月", 3)))
		at += 3;
	else if (at < n && strchr("-/. ", s[at]))
		at++;
	else
		return false;
	for (to = at; to < n && to - at < 3 && is_digit((uint8_t)s[to]); to++)
		;
	return to > at && read_word(s, at, to, ret);
}

static bool are(const struct word *day, const struct word *month, const struct date *d)
{
	return (day->days >> d->day & 1) && (month->months >> (d->month - 1) & 1);
}

/* The date whose year is s[at, at + 4). */
static bool around_year(const char *s, size_t n, size_t at, const struct date *d,
			struct taint_hit *ret)
{
	struct word a, b;

	if (number_behind(s, n, at + 4, &a) && number_behind(s, n, a.to, &b) &&
	    (are(&b, &a, d) || are(&a, &b, d))) {
		ret->off = at;
		ret->len = b.to - at;
		return true;
	}
	if (word_before(s, at, &b) && word_before(s, b.from, &a) &&
	    (are(&a, &b, d) || are(&b, &a, d))) {
		ret->off = a.from;
		ret->len = at + 4 - a.from;
		return true;
	}
	return false;
}

static unsigned number(const char *s, size_t n)
{
	unsigned v = 0;

	while (n--)
		v = v * 10 + (unsigned)(*s++ - '0');
	return v;
}

/* Eight digits: the year first or last. */
static bool is_compact(const char *s, const struct date *d)
{
	unsigned a = number(s, 2), b = number(s + 2, 2), c = number(s + 4, 2), e = number(s + 6, 2);

	if (number(s, 4) == d->year && c == d->month && e == d->day)
		return true;
	return number(s + 4, 4) == d->year &&
	       ((a == d->day && b == d->month) || (a == d->month && b == d->day));
}

bool taint_next_date(const struct taint *t, const char *s, size_t n, size_t *at,
		     struct taint_hit *ret)
{
	for (size_t i = *at; t->ndates && i + 4 <= n;) {
		size_t end = i;

		while (end < n && is_digit((uint8_t)s[end]))
			end++;
		for (size_t k = 0; (end - i == 4 || end - i == 8) && k < t->ndates; k++) {
			const struct date *d = &t->dates[k];

			*ret = (struct taint_hit){.off = i, .len = 8, .cls = CLASS_BIRTHDATE};
			if (end - i == 8
				    ? is_compact(s + i, d)
				    : number(s + i, 4) == d->year && around_year(s, n, i, d, ret)) {
				*at = ret->off + ret->len > end ? ret->off + ret->len : end;
				return true;
			}
		}
		i = end + (end == i);
	}
	*at = n;
	return false;
}
