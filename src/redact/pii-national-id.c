/* pii-national-id.c: numbers that states give to people.
 *
 * Strong forms count anywhere: those with a date and a check digit (PESEL, rodné číslo with its
 * slash), two check digits (NIR), a check digit and a rule for the others (Steuer-ID), a check
 * letter (DNI, NIE, codice fiscale), and a United States number with its dashes. The rest (NIP,
 * REGON, IČO, BSN, NHS, NIF of Portugal, and the strong ones written otherwise) pass one random
 * number in ten, and count only behind a word that announces them. */
#include "detect-priv.h"

#include <string.h>

#define NEAR                                                                                       \
	6u /* words between the keyword and its number: "NHS number (10 digits, on your card):" */

static bool free_before(const struct scan *sc, size_t i, bool hinted)
{
	int c = byte_before(sc, i), c2 = i > 1 ? sc->s[i - 2] : 0;

	if (is_alpha(c))
		return c2 == '\\';
	if (is_digit(c) || (c == '_' && !hinted) || c == '#')
		return false;
	if (c == '-' || c == '/' || c == '.' || c == ',')
		return hinted ? !is_digit(c2) : !is_alnum(c2);
	return true;
}

static bool free_after(const struct scan *sc, size_t end)
{
	int c = byte_at(sc, end), c2 = byte_at(sc, end + 1);

	if (is_alnum(c) || c == '_')
		return false;
	if (c == '-' || c == '/')
		return !is_alnum(c2);
	if (c == '.' || c == ',' || c == ':')
		return !is_digit(c2);
	return true;
}

/* True when the first n digits are grouped in these sizes, with one separator of these kinds
 * between. */
static bool grouped(const struct num *v, unsigned n, const char *sizes, unsigned kinds)
{
	unsigned at = 0, g = 0;

	for (; *sizes; sizes++, g++) {
		if (g >= v->ngroups || v->first[g] != at)
			return false;
		if (g > 0 && (v->nsep[g] > 1 || (v->sep[g] & ~kinds)))
			return false;
		at += (unsigned)(*sizes - '0');
	}
	return at == n && num_ends_group(v, n - 1);
}

static bool bare(const struct num *v, unsigned n)
{
	return (v->ngroups > 1 ? v->first[1] : v->n) == n && !v->cut;
}

/* Something else is announced: an order, a phone, a card of another kind. */
static bool other_words(struct scan *sc, size_t i)
{
	const struct hints *h = scan_hints(sc, i);

	return !(h->mask & H_NATIONAL) && (h->mask & (1u << H_ORDER | 1u << H_PHONE));
}

/* NIR, whose department may be 2A or 2B: 1 85 05 78 006 084 36, 185052A00608436, and without the
 * key behind its words. */
static size_t nir_end(struct scan *sc, size_t i)
{
	static const unsigned breaks = 1u << 1 | 1u << 3 | 1u << 5 | 1u << 7 | 1u << 10 | 1u << 13;
	uint8_t d[15];
	char corsica = 0;
	unsigned n = 0;
	size_t k = i, end13 = 0;

	while (n < 15) {
		int c = byte_at(sc, k);
		size_t len;
		unsigned kind;

		if (n == 6 && d[5] == 2 && ((c | 0x20) == 'a' || (c | 0x20) == 'b')) {
			corsica = (char)(c | 0x20);
			d[n++] = 0;
			k++;
		} else if (is_digit(c)) {
			d[n++] = (uint8_t)(c - '0');
			k++;
		} else {
			kind = num_sep_at(sc, k, &len);
			if (!(breaks >> n & 1) || !(kind & (SEP_SPACE | SEP_DASH | SEP_DOT)))
				break;
			k += len;
			if (!is_digit(byte_at(sc, k)))
				break;
		}
		if (n == 13)
			end13 = k;
	}
	if (n == 15 && free_after(sc, k) && check_nir(d, corsica == 'a', corsica == 'b'))
		return k;
	if (end13 && free_after(sc, end13) && (d[0] == 1 || d[0] == 2) && d[3] * 10u + d[4] >= 1 &&
	    d[3] * 10u + d[4] <= 12 && scan_hinted(sc, i, H_NIR, NEAR))
		return end13;
	return 0;
}

/* DNI: eight digits and the letter they give. */
static size_t dni_end(struct scan *sc, size_t i, const struct num *v)
{
	size_t end, len;
	uint32_t x = 0;
	bool hinted;
	int c;

	if (v->n < 8 || !num_ends_group(v, 7) ||
	    !(bare(v, 8) || grouped(v, 8, "233", SEP_DOT | SEP_SPACE)))
		return 0;
	end = v->end[7];
	hinted = !is_alpha(byte_at(sc, end)) || (sc->s[end] & 0x20) ||
		 (v->ngroups > 1 && v->sep[1] == SEP_SPACE && v->first[1] < 8);
	if (!is_alpha(byte_at(sc, end))) {
		unsigned kind = num_sep_at(sc, end, &len);

		if (!(kind & (SEP_DASH | SEP_SPACE)) || !is_alpha(byte_at(sc, end + len)))
			return 0;
		end += len;
		hinted = kind == SEP_SPACE || (sc->s[end] & 0x20);
	}
	c = sc->s[end] & ~0x20;
	for (unsigned k = 0; k < 8; k++)
		x = x * 10 + v->d[k];
	if (dni_letter(x) != c || !free_after(sc, end + 1))
		return 0;
	if (hinted ? !scan_hinted(sc, i, H_DNI, NEAR) : other_words(sc, i))
		return 0;
	return end + 1;
}

static bool strong(struct scan *sc, size_t i, const struct num *v, unsigned n)
{
	switch (n) {
	case 9:
		return grouped(v, 9, "324", SEP_DASH) && check_ssn(v->d) && !other_words(sc, i);
	case 10:
		return v->ngroups > 1 && v->first[1] == 6 && (v->sep[1] & SEP_SLASH) &&
		       !(v->sep[1] & ~(SEP_SLASH | SEP_SPACE)) && check_rodne(v->d, 10);
	case 11:
		if (bare(v, 11))
			return (check_pesel(v->d) || check_steuer_id(v->d)) && !other_words(sc, i);
		return grouped(v, 11, "2333", SEP_SPACE) && check_steuer_id(v->d);
	default:
		return false;
	}
}

/* Checksums first: words cost more to look up, and mostly there is nothing to look up for. */
static bool announced(struct scan *sc, size_t i, const struct num *v, unsigned n)
{
	const uint8_t *d = v->d;

	switch (n) {
	case 8:
		return check_ico(d) &&
		       (scan_hinted(sc, i, H_ICO, NEAR) || scan_hinted(sc, i, H_RODNE, NEAR));
	case 9:
		return (check_bsn(d) && scan_hinted(sc, i, H_BSN, NEAR)) ||
		       (check_regon(d, 9) && scan_hinted(sc, i, H_REGON, NEAR)) ||
		       (check_pt_nif(d) &&
			(scan_hinted(sc, i, H_PTNIF, NEAR) || scan_hinted(sc, i, H_DNI, NEAR))) ||
		       (check_rodne(d, 9) && scan_hinted(sc, i, H_RODNE, NEAR)) ||
		       (check_ssn(d) && scan_hinted(sc, i, H_SSN, NEAR));
	case 10:
		return (check_nhs(d) && scan_hinted(sc, i, H_NHS, NEAR)) ||
		       (check_nip(d) && scan_hinted(sc, i, H_NIP, NEAR)) ||
		       (check_rodne(d, 10) && scan_hinted(sc, i, H_RODNE, NEAR));
	case 11:
		return (check_pesel(d) && scan_hinted(sc, i, H_PESEL, NEAR)) ||
		       (check_steuer_id(d) && scan_hinted(sc, i, H_STEUER, NEAR));
	case 14:
		return check_regon(d, 14) && scan_hinted(sc, i, H_REGON, NEAR);
	default:
		return false;
	}
}

size_t national_id_at(struct scan *sc, size_t i, const struct num *v)
{
	size_t end = 0;

	if (v->n >= 13 || (v->n == 6 && v->d[5] == 2)) /* 2A and 2B end the digits */
		end = nir_end(sc, i);
	if (end && !free_before(sc, i, true))
		end = 0;
	if (!end && v->n >= 8 && (end = dni_end(sc, i, v)) && !free_before(sc, i, false))
		end = 0;
	for (unsigned n = v->n < 14 ? v->n : 14; n >= 8 && !end; n--) {
		size_t e = v->end[n - 1];

		if (!num_ends_group(v, n - 1) || !free_after(sc, e))
			continue;
		if ((free_before(sc, i, false) && strong(sc, i, v, n)) ||
		    (free_before(sc, i, true) && announced(sc, i, v, n)))
			end = e;
	}
	if (end)
		scan_add(sc, i, end, CLASS_NATIONAL_ID);
	return end;
}

/* NIE: X, Y or Z (given), seven digits, the letter. */
static size_t nie_end(const struct scan *sc, size_t i, size_t run, int first)
{
	uint32_t x = 0;
	size_t end = i + 7;

	if (run != 7)
		return 0;
	for (unsigned k = 0; k < 7; k++)
		x = x * 10 + (sc->s[i + k] - '0');
	if (byte_at(sc, end) == '-')
		end++;
	if (!is_alpha(byte_at(sc, end)) || ((sc->s[end] ^ first) & 0x20))
		return 0;
	x += (uint32_t)((first | 0x20) - 'x') * 10000000u;
	return dni_letter(x) == (sc->s[end] & ~0x20) && free_after(sc, end + 1) ? end + 1 : 0;
}

/* Ids that have letters (and a dash or a space) before their first digit, which is s[i]; `run`
 * digits stand there. */
size_t national_id_letters_at(struct scan *sc, size_t i, size_t run)
{
	size_t letters = 0, start, end = 0, gap = !is_alpha(sc->s[i - 1]);
	struct num v;
	int c, c1;

	while (letters < 7 && letters + gap < i && is_alpha(sc->s[i - gap - 1 - letters]))
		letters++;
	start = i - gap - letters;
	if (letters == 0 || !free_before(sc, start, false))
		return 0;
	c = sc->s[start] | 0x20;
	if (letters == 1 && c >= 'x' && c <= 'z' && byte_before(sc, i) != ' ')
		end = nie_end(sc, i, run, sc->s[start]);
	/* Codice fiscale: letters may stand in place of digits, so the first digit may come late,
	 * but no code has all of its seven replaced and more than six letters before is rare. */
	if (!gap && letters >= 6 && letters <= 7 && sc->n - start >= 16 &&
	    free_after(sc, start + 16) && check_fiscale(sc->s + start))
		end = start + 16;
	if (!gap && letters == 2 && run >= 8) {
		/* A country before a number that its words announce: DIČ CZ…, NIP PL… */
		num_collect(sc, i, SEP_SPACE | SEP_DASH, &v);
		for (unsigned n = 8; n <= 10 && n <= v.n && !end; n++) {
			if (num_ends_group(&v, n - 1) && free_after(sc, v.end[n - 1]) &&
			    announced(sc, start, &v, n))
				end = v.end[n - 1];
		}
	}
	c1 = byte_at(sc, start + 1) | 0x20;
	if (letters == 2 && !end && byte_before(sc, i) != '-' && (run == 6 || run == 2) &&
	    c != 'd' && c != 'f' && c != 'i' && c != 'u' && c != 'v' && c1 != 'd' && c1 != 'f' &&
	    c1 != 'i' && c1 != 'o' && c1 != 'u' && c1 != 'v') {
		/* United Kingdom: QQ 12 34 56 C */
		num_collect(sc, i, SEP_SPACE, &v);
		if (v.n == 6 && (bare(&v, 6) || grouped(&v, 6, "222", SEP_SPACE))) {
			end = v.end[5];
			if (byte_at(sc, end) == ' ')
				end++;
			c = byte_at(sc, end) | 0x20;
			end = c >= 'a' && c <= 'd' && free_after(sc, end + 1) &&
					      scan_hinted(sc, start, H_NINO, NEAR)
				      ? end + 1
				      : 0;
		}
	}
	if (end)
		scan_add(sc, start, end, CLASS_NATIONAL_ID);
	return end;
}
