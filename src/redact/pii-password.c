/* pii-password.c: values whose name says that they are a password or a PIN. In a query and between
 * quotes the name is enough for a password; behind a bare colon (prose: "your password: must have 8
 * characters") the value has to look like one too. */
#include "keyvalue.h"

#include <string.h>

/* {"password": "Password"} is a label in a table of translations. */
static bool is_label(const struct scan *sc, const struct value *v, const struct make *m)
{
	return !m->digit && v->to - v->from <= LOOK_KEY_BYTES &&
	       key_kind_of(sc->s + v->from, v->to - v->from) == KEY_PASSWORD;
}

static bool looks_password(const struct scan *sc, const struct value *v, const struct make *m)
{
	size_t n = v->to - v->from;

	if (value_is_word(sc, v) || is_label(sc, v, m) || sc->s[v->from] == '=')
		return false;
	if (v->quoted || v->query)
		return true;
	if (m->call || sc->s[v->from] == '/' || sc->s[v->from] == '[' || sc->s[v->from] == '.')
		return false;
	if (v->colon)
		return n >= 4 && ((m->digit && (m->lower || m->upper)) || m->inner_upper ||
				  (m->special && (m->lower || m->upper) &&
				   sc->s[v->to - 1] != '?' && sc->s[v->to - 1] != '!') ||
				  (m->digit && !m->special && !m->other));
	/* password=this.form.pw is a program's line. */
	return m->digit || m->special || !memchr(sc->s + v->from, '.', n);
}

void password_value(struct scan *sc, const struct value *v, const struct make *m)
{
	if (looks_password(sc, v, m))
		scan_claim(sc, v->from, v->to, DETECTOR_PASSWORD);
}

void pin_value(struct scan *sc, const struct value *v)
{
	if (value_digits(sc, v, 3, 8))
		scan_claim(sc, v->from, v->to, DETECTOR_PASSWORD);
}
