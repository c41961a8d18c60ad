/* keyvalue.h: values that have a name (key=value, "key":"value", X-Key: value), between who reads
 * them (detect-keyvalue.c) and the detectors that judge them. */
#ifndef KEYVALUE_H
#define KEYVALUE_H

#include "detect-priv.h"

struct value {
	size_t from, to;
	bool quoted; /* or the whole of a text with a label */
	bool query;  /* of a URL's query or fragment */
	bool colon;  /* behind a bare colon */
};
/* What a value is made of. */
struct make {
	bool digit, lower, upper, special, space, other;
	bool inner_upper; /* aB: a capital inside of a word */
	bool call;        /* ( ) { } $: code, not a value */
};
struct make value_make(const struct scan *sc, const struct value *v);
/* true, null, none: what a program writes where there is no value. */
bool value_is_word(const struct scan *sc, const struct value *v);
bool value_digits(const struct scan *sc, const struct value *v, size_t least, size_t most);

/* Each adds what it takes the value for. */
void password_value(struct scan *sc, const struct value *v, const struct make *m);
/* Of an attribute `value`: in the tag of a password field. */
void markup_value(struct scan *sc, const struct value *v, const struct make *m);
void pin_value(struct scan *sc, const struct value *v);
void cvc_value(struct scan *sc, const struct value *v);
void otp_value(struct scan *sc, const struct value *v, const struct make *m);
void token_value(struct scan *sc, struct value *v, struct make *m);
void cookie_value(struct scan *sc, const struct value *v);
void weak_value(struct scan *sc, const struct value *v, const struct make *m);
void person_value(struct scan *sc, const struct value *v, const struct make *m);

/* Tokens, keys, session ids: one piece, and no word of a language. */
bool token_looks(const struct scan *sc, const struct value *v, const struct make *m);

#endif
