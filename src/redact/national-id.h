/* national-id.h: what the detectors of national ids share (detect-national-id.c asks them). Strong
 * forms count anywhere, the rest only behind a word that announces them. */
#ifndef NATIONAL_ID_H
#define NATIONAL_ID_H

#include "detect-priv.h"

/* Words between the keyword and its number: "NHS number (10 digits, on your card):" */
#define ID_NEAR 6u

/* Digits that may be an id: the first n of v. They start at s[i], or behind letters that do. */
struct id_digits {
	struct scan *sc;
	size_t i;
	const struct num *v;
	unsigned n;
	bool alone;  /* nothing before makes them a piece of something else: strong forms count */
	bool behind; /* nothing but a separator stands before: what words announce counts */
};
bool pesel_is(const struct id_digits *x);
bool nip_is(const struct id_digits *x);
bool regon_is(const struct id_digits *x);
bool rodne_is(const struct id_digits *x);
bool ico_is(const struct id_digits *x);
bool steuer_id_is(const struct id_digits *x);
bool bsn_is(const struct id_digits *x);
bool ssn_is(const struct id_digits *x);
bool nhs_is(const struct id_digits *x);
bool nif_pt_is(const struct id_digits *x);

/* Those with letters inside or behind: where the id that starts at s[i] ends, or 0. */
size_t nir_end(struct scan *sc, size_t i);
size_t dni_end(struct scan *sc, size_t i, const struct num *v);
/* The letter at s[start]; `run` digits from s[i]. */
size_t nie_end(const struct scan *sc, size_t start, size_t i, size_t run);
size_t fiscale_end(const struct scan *sc, size_t start);
size_t nino_end(struct scan *sc, size_t start, size_t i, size_t run);

/* Whether what stands before s[i] lets an id start there; `hinted`: one that its words announce. */
bool id_free_before(const struct scan *sc, size_t i, bool hinted);
bool id_free_after(const struct scan *sc, size_t end);
/* True when the first n digits are grouped in these sizes, with one separator of these kinds
 * between. */
bool id_grouped(const struct num *v, unsigned n, const char *sizes, unsigned kinds);
/* The first n digits are in one piece. */
bool id_bare(const struct num *v, unsigned n);
/* Something else is announced: an order, a phone, a card of another kind. */
bool id_other_words(struct scan *sc, size_t i);
/* A word of h announces them. Checksums first: words cost more to look up. */
bool id_announced(const struct id_digits *x, enum hint h);

#endif
