/* detect-national-id.c: asks the detectors of national ids, one a country and kind (pii-pesel.c,
 * pii-nip.c, …), about a number.
 *
 * Strong forms count anywhere: those with a date and a check digit (PESEL, rodné číslo with its
 * slash), two check digits (NIR), a check digit and a rule for the others (Steuer-ID), a check
 * letter (DNI, NIE, codice fiscale), and a United States number with its dashes. The rest (NIP,
 * REGON, IČO, BSN, NHS, NIF of Portugal, and the strong ones written otherwise) pass one random
 * number in ten, and count only behind a word that announces them. */
#include "national-id.h"

bool id_free_before(const struct scan *sc, size_t i, bool hinted)
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

bool id_free_after(const struct scan *sc, size_t end)
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

bool id_grouped(const struct num *v, unsigned n, const char *sizes, unsigned kinds)
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

bool id_bare(const struct num *v, unsigned n)
{
	return (v->ngroups > 1 ? v->first[1] : v->n) == n && !v->cut;
}

bool id_other_words(struct scan *sc, size_t i)
{
	const struct hints *h = scan_hints(sc, i);

	return !(h->mask & H_NATIONAL) && (h->mask & (1u << H_ORDER | 1u << H_PHONE));
}

bool id_announced(const struct id_digits *x, enum hint h)
{
	return x->behind && scan_hinted(x->sc, x->i, h, ID_NEAR);
}

/* Ids of nothing but digits, by how many. */
struct id {
	uint8_t by; /* enum detector */
	bool (*is)(const struct id_digits *x);
};
#define IDS(...) ((const struct id[]){__VA_ARGS__, {DETECTOR_NONE, NULL}})
#define SHORTEST 8u
#define LONGEST  14u
static const struct id *const ids[LONGEST + 1] = {
	[8] = IDS({DETECTOR_ICO, ico_is}),
	[9] = IDS({DETECTOR_SSN, ssn_is}, {DETECTOR_BSN, bsn_is}, {DETECTOR_REGON, regon_is},
		  {DETECTOR_NIF_PT, nif_pt_is}, {DETECTOR_RODNE, rodne_is}),
	[10] = IDS({DETECTOR_RODNE, rodne_is}, {DETECTOR_NHS, nhs_is}, {DETECTOR_NIP, nip_is}),
	[11] = IDS({DETECTOR_PESEL, pesel_is}, {DETECTOR_STEUER_ID, steuer_id_is}),
	[14] = IDS({DETECTOR_REGON, regon_is}),
};
#undef IDS

static enum detector which(const struct id_digits *x)
{
	for (const struct id *d = ids[x->n]; d && d->is; d++) {
		if (scan_wants(x->sc, (enum detector)d->by) && d->is(x))
			return (enum detector)d->by;
	}
	return DETECTOR_NONE;
}

static size_t add(struct scan *sc, size_t from, size_t end, enum detector by)
{
	if (end)
		scan_add(sc, from, end, by);
	return end;
}

size_t national_id_at(struct scan *sc, size_t i, const struct num *v)
{
	bool alone = id_free_before(sc, i, false), behind = id_free_before(sc, i, true);
	struct id_digits x = {.sc = sc, .i = i, .v = v, .alone = alone, .behind = behind};
	enum detector by = DETECTOR_NONE;
	size_t end = 0;

	/* 2A and 2B end the digits */
	if ((v->n >= 13 || (v->n == 6 && v->d[5] == 2)) && behind && scan_wants(sc, DETECTOR_NIR))
		end = add(sc, i, nir_end(sc, i), DETECTOR_NIR);
	if (!end && v->n >= SHORTEST && alone && scan_wants(sc, DETECTOR_DNI))
		end = add(sc, i, dni_end(sc, i, v), DETECTOR_DNI);
	if (end || (!alone && !behind))
		return end;
	for (x.n = v->n < LONGEST ? v->n : LONGEST; x.n >= SHORTEST && !end; x.n--) {
		if (!ids[x.n] || !num_ends_group(v, x.n - 1) || !id_free_after(sc, v->end[x.n - 1]))
			continue;
		by = which(&x);
		if (by != DETECTOR_NONE)
			end = add(sc, i, v->end[x.n - 1], by);
	}
	return end;
}

/* A country before a number that its words announce: DIČ CZ…, NIP PL… */
static size_t with_country(struct scan *sc, size_t start, size_t i)
{
	struct num v;
	struct id_digits x = {.sc = sc, .i = start, .v = &v, .behind = true};

	num_collect(sc, i, SEP_SPACE | SEP_DASH, &v);
	for (x.n = SHORTEST; x.n <= 10 && x.n <= v.n; x.n++) {
		enum detector by;

		if (!num_ends_group(&v, x.n - 1) || !id_free_after(sc, v.end[x.n - 1]))
			continue;
		by = which(&x);
		if (by != DETECTOR_NONE)
			return add(sc, start, v.end[x.n - 1], by);
	}
	return 0;
}

size_t national_id_letters_at(struct scan *sc, size_t i, size_t run)
{
	size_t letters = 0, start, end = 0, gap = !is_alpha(sc->s[i - 1]);

	while (letters < 7 && letters + gap < i && is_alpha(sc->s[i - gap - 1 - letters]))
		letters++;
	start = i - gap - letters;
	if (letters == 0 || !id_free_before(sc, start, false))
		return 0;
	if (letters == 1 && byte_before(sc, i) != ' ' && scan_wants(sc, DETECTOR_DNI))
		end = add(sc, start, nie_end(sc, start, i, run), DETECTOR_DNI);
	/* Letters may stand in place of digits, so the first digit may come late, but no code has
	 * all of its seven replaced, and more than six letters before are rare. */
	if (!end && !gap && letters >= 6 && letters <= 7 && scan_wants(sc, DETECTOR_FISCALE))
		end = add(sc, start, fiscale_end(sc, start), DETECTOR_FISCALE);
	if (!end && !gap && letters == 2 && run >= SHORTEST)
		end = with_country(sc, start, i);
	if (!end && letters == 2 && scan_wants(sc, DETECTOR_NINO))
		end = add(sc, start, nino_end(sc, start, i, run), DETECTOR_NINO);
	return end;
}
