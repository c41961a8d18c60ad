/* pii-checksum.c: the check digits of national ids, and the dates inside them. Pure arithmetic over
 * digits 0-9; which form a number needs, and which words beside it, its detector says. */
#include "detect-priv.h"

static unsigned weighted(const uint8_t *d, const uint8_t *w, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += d[i] * w[i];
	return sum;
}

static unsigned mod_of(const uint8_t *d, unsigned n, unsigned m)
{
	unsigned x = 0;

	for (unsigned i = 0; i < n; i++)
		x = (x * 10 + d[i]) % m;
	return x;
}

static bool day_ok(unsigned month, unsigned day)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

/* PESEL: month + 80 for 18xx, + 20 for 20xx; later centuries are no living person's. */
bool check_pesel(const uint8_t d[11])
{
	static const uint8_t w[] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1};
	unsigned month = d[2] * 10u + d[3], day = d[4] * 10u + d[5], century = month / 20;

	if (century == 2 || century == 3 || !day_ok(month % 20, day))
		return false;
	return weighted(d, w, 11) % 10 == 0;
}

bool check_nip(const uint8_t d[10])
{
	static const uint8_t w[] = {6, 5, 7, 2, 3, 4, 5, 6, 7};

	return weighted(d, w, 9) % 11 == d[9] && (d[0] || d[1] || d[2]);
}

bool check_regon(const uint8_t *d, unsigned n)
{
	static const uint8_t w9[] = {8, 9, 2, 3, 4, 5, 6, 7};
	static const uint8_t w14[] = {2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8};

	if (weighted(d, w9, 8) % 11 % 10 != d[8])
		return false;
	return n == 9 || weighted(d, w14, 13) % 11 % 10 == d[13];
}

/* Rodné číslo: month + 50 for women, + 20 or + 70 where a day's numbers ran out (since 2004). Nine
 * digits until 1953 have no check digit. */
bool check_rodne(const uint8_t *d, unsigned n)
{
	unsigned year = d[0] * 10u + d[1], month = d[2] * 10u + d[3], day = d[4] * 10u + d[5];

	if (month > 50)
		month -= 50;
	if (month > 20 && n == 10 && year < 54)
		month -= 20;
	if (!day_ok(month, day))
		return false;
	if (n == 9)
		return year < 54 && (d[6] || d[7] || d[8]);
	/* Until 1985 a remainder of 10 was written 0. */
	return mod_of(d, 10, 11) == 0 || (mod_of(d, 9, 11) == 10 && d[9] == 0);
}

bool check_ico(const uint8_t d[8])
{
	static const uint8_t w[] = {8, 7, 6, 5, 4, 3, 2};

	return (11 - weighted(d, w, 7) % 11) % 10 == d[7];
}

/* NIR with its key: sex, year, month, department (2A and 2B of Corsica given as 20), … */
bool check_nir(const uint8_t d[15], bool corsica_a, bool corsica_b)
{
	unsigned month = d[3] * 10u + d[4];
	uint64_t x = 0;

	if (d[0] == 0 || (d[0] > 4 && d[0] < 7) || d[0] > 8)
		return false;
	/* 20 and 30-42: the month isn't known; 50-99: neither is the civil status */
	if (month == 0 || (month > 12 && month < 20))
		return false;
	for (unsigned i = 0; i < 13; i++)
		x = x * 10 + d[i];
	if (corsica_a)
		x -= 1000000;
	else if (corsica_b)
		x -= 2000000;
	return 97 - x % 97 == d[13] * 10u + d[14];
}

/* ISO 7064 mod 11,10; of the first ten digits one occurs twice or three times, the others once. */
bool check_steuer_id(const uint8_t d[11])
{
	unsigned count[10] = {0}, doubles = 0, triples = 0, p = 10;

	for (unsigned i = 0; i < 10; i++) {
		unsigned sum = (d[i] + p) % 10;

		p = (sum ? sum : 10) * 2 % 11;
	}
	if ((11 - p) % 10 != d[10] || d[0] == 0)
		return false;
	for (unsigned i = 0; i < 10; i++)
		count[d[i]]++;
	for (unsigned i = 0; i < 10; i++) {
		if (count[i] > 3)
			return false;
		doubles += count[i] == 2;
		triples += count[i] == 3;
	}
	return doubles + triples == 1;
}

bool check_bsn(const uint8_t d[9])
{
	static const uint8_t w[] = {9, 8, 7, 6, 5, 4, 3, 2};
	unsigned sum = weighted(d, w, 8);

	return sum > 0 && (sum + 11u * 10 - d[8]) % 11 == 0;
}

bool check_nhs(const uint8_t d[10])
{
	static const uint8_t w[] = {10, 9, 8, 7, 6, 5, 4, 3, 2, 1};

	return weighted(d, w, 10) % 11 == 0 && (d[0] || d[1] || d[2]);
}

bool check_pt_nif(const uint8_t d[9])
{
	static const uint8_t w[] = {9, 8, 7, 6, 5, 4, 3, 2};
	unsigned r = weighted(d, w, 8) % 11;

	return d[0] != 0 && (r < 2 ? 0 : 11 - r) == d[8];
}

bool check_ssn(const uint8_t d[9])
{
	unsigned area = d[0] * 100u + d[1] * 10u + d[2];

	return area != 0 && area != 666 && area < 900 && (d[3] || d[4]) &&
	       (d[5] || d[6] || d[7] || d[8]);
}

char dni_letter(uint32_t number)
{
	return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
}

/* Codice fiscale: six letters, year, month letter, day (+ 40 for women), place; digits may stand as
 * the letters LMNPQRSTUV where two people would have the same code. */
bool check_fiscale(const uint8_t s[16])
{
	static const char odd[] =
		"BAFHJNPRTVBAFHJNPRTVCESULDGIMOQKWZYX"; /* 0-9, A-Z: value - 'A' */
	static const char form[] = "aaaaaa99a99a999a";
	static const char swapped[] = "LMNPQRSTUV";
	unsigned sum = 0;
	int day = 0;

	for (unsigned i = 0; i < 16; i++) {
		int c = s[i] & (is_alpha(s[i]) ? ~0x20 : ~0), digit = -1;

		if (form[i] == '9') {
			for (int k = 0; k < 10; k++) {
				if (c == '0' + k || c == swapped[k])
					digit = k;
			}
			if (digit < 0)
				return false;
			if (i == 9 || i == 10)
				day = day * 10 + digit;
		} else if (!is_alpha(c)) {
			return false;
		}
		if (i == 8 && !(c >= 'A' && c <= 'T' && c != 'F' && c != 'G' && c != 'I' &&
				c != 'J' && c != 'K' && c != 'N' && c != 'O' && c != 'Q'))
			return false;
		if (i < 15) {
			unsigned v = is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'A');

			sum += i & 1 ? v : (unsigned)(odd[is_digit(c) ? v : v + 10] - 'A');
		} else if (sum % 26 != (unsigned)(c - 'A')) {
			return false;
		}
	}
	return (day >= 1 && day <= 31) || (day >= 41 && day <= 71);
}
