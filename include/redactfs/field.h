/* field.h: what a form field holds, told by its type, its autocomplete tokens and the words around
 * it. Pure tables: en, pl, cs, sk, de, fr, es, it, nl, pt, ja, zh, ko, ru, uk, el and the words of
 * browsers' own heuristics. */
#ifndef REDACTFS_FIELD_H
#define REDACTFS_FIELD_H

#include "redactfs/class.h"

#include <stdbool.h>
#include <stddef.h>

/* type= of an input (any case). CLASS_PASSWORD for password; CLASS_EMAIL, CLASS_PHONE for email and
 * tel; CLASS_FORM for other types that hold what a visitor entered; CLASS_NONE for submit, button,
 * reset, image: their value is page text. Unknown or empty: CLASS_FORM. */
enum redact_class field_by_type(const char *type, size_t len);

/* autocomplete=: WHATWG autofill tokens, split on white space, any case; the most sensitive token
 * counts
 * ("section-a billing cc-number" is a card). Credentials, one-time codes and card tokens give their
 * class (cc-name too: CLASS_CARD), personal ones CLASS_FORM (email and tel their own), else
 * CLASS_NONE. */
enum redact_class field_by_autocomplete(const char *v, size_t len);

enum field_words_in {
	WORDS_IN_NAME,  /* name, id, class, data-*: identifiers, words joined by - _ or camelCase */
	WORDS_IN_LABEL, /* label text, placeholder, aria-label, title: language */
};
/* The class that words say, or CLASS_NONE. Only password, cvc, card (number, expiry, holder), otp,
 * iban, national-id, birthdate, e-mail, phone. Precise rather than greedy: "passenger", "zipcode",
 * "promocode", "shipping", "pinterest", "Company", "card title" say nothing. Text is UTF-8, any
 * case. */
enum redact_class field_by_words(const char *s, size_t len, enum field_words_in where);
/* Words that ask for a code and don't say which: "Code", "Wpisz kod", name=code. With digits in it
 * such a field holds a one-time code; "Promo code" isn't one. */
bool field_asks_code(const char *s, size_t len, enum field_words_in where);

#endif
