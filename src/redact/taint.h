/* taint.h: values that a visitor entered, looked for in the rest of the session.
 *
 * The rule for what is looked for (docs/REDACTION.md "Taint"), in characters after folding:
 *   under 4                      only where a whole URL parameter or JSON leaf equals it
 *   4 or 5 digits                the same; of always-dropped classes also a whole text or attribute
 *   one word, letters, up to 11  between word edges, unless the page showed it in an earlier event
 * than the one that entered it: then it is the page's word not yet finished (a later event of the
 * field goes on from it), letters and spaces: the same 12 or more, or 8 or more with a digit or
 * sign   anywhere all else                     between word edges 7 digits or more             also
 * with other separators between the digits */
#ifndef REDACTFS_TAINT_H
#define REDACTFS_TAINT_H

#include "redactfs/class.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct taint;
struct taint *taint_new(void);
struct taint *taint_free(struct taint *t);

struct taint_value {
	enum redact_class cls;
	uint32_t event; /* that entered it */
	bool final;     /* false: a later value of the field goes on from it */
	bool common;    /* pages show such values: counts as a word of letters does */
	bool choice;    /* one of the page's own values: looked for as a whole only */
};
/* 0 or -ENOMEM. The text is copied. */
int taint_add(struct taint *t, const char *s, size_t n, const struct taint_value *v);

/* A date of birth, looked for however it is written; what is no date, and more than a few, is
 * passed over. */
void taint_add_date(struct taint *t, unsigned year, unsigned month, unsigned day);

/* Bits of the classes that anything looked for has. */
uint32_t taint_classes(const struct taint *t);
/* Nothing is looked for inside of texts. */
bool taint_is_empty(const struct taint *t);

struct taint_hit {
	size_t off, len;
	uint32_t pattern; /* number for taint_ordinary, never 0 */
	uint8_t cls;
};
/* The next hit at or after *at, the longest one at the earliest place; false: none. Moves *at. */
bool taint_next(const struct taint *t, const char *s, size_t n, size_t *at, struct taint_hit *ret);
/* The next hit of digits with any separators. `digits` says that the text has a run worth a look.
 */
bool taint_next_digits(const struct taint *t, const char *s, size_t n, size_t *at,
		       struct taint_hit *ret);
/* The next such date. Its hit rests on no pattern. */
bool taint_next_date(const struct taint *t, const char *s, size_t n, size_t *at,
		     struct taint_hit *ret);
/* The class of a value that is equal to the whole of s, or CLASS_NONE. */
enum redact_class taint_exact(const struct taint *t, const char *s, size_t n, bool short_ones);

/* A page-made text of `event` held the pattern: when that was before it was entered and the pattern
 * is of the kind that may be the page's own word, it doesn't count any more. */
void taint_seen_on_page(struct taint *t, uint32_t pattern, uint32_t event);
bool taint_ordinary(const struct taint *t, uint32_t pattern);

#endif
