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

static bool says(const struct scan *sc, size_t from, size_t to, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = from; i + n <= to; i++) {
		size_t k = 0;

		while (k < n && (sc->s[i + k] | 0x20) == word[k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

void markup_value(struct scan *sc, const struct value *v, const struct make *m)
{
	size_t tag = v->from, end = v->to;

	while (tag > 0 && v->from - tag < LOOK_TAG_BYTES && sc->s[tag] != '<' && sc->s[tag] != '>')
		tag--;
	if (sc->s[tag] != '<' || !says(sc, tag + 1, tag + 6 < sc->n ? tag + 6 : sc->n, "input"))
		return;
	while (end < sc->n && end - v->to < LOOK_TAG_BYTES && sc->s[end] != '<' &&
	       sc->s[end] != '>')
		end++;
	if (says(sc, tag, v->from, "password") || says(sc, v->to, end, "password"))
		password_value(sc, v, m);
}

void pin_value(struct scan *sc, const struct value *v)
{
	if (value_digits(sc, v, 3, 8))
		scan_claim(sc, v->from, v->to, DETECTOR_PASSWORD);
}
