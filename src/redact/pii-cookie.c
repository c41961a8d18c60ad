/* pii-cookie.c: Cookie: name=value; name=value. Session ids by their name or by their look;
 * theme=dark stays. */
#include "keyvalue.h"

void cookie_value(struct scan *sc, const struct value *v)
{
	size_t k = v->from;

	while (k < v->to) {
		size_t name = k, eq, end;
		struct value x = {.query = false};
		struct make m;

		while (name < v->to && (sc->s[name] == ' ' || sc->s[name] == ';'))
			name++;
		for (eq = name; eq < v->to && sc->s[eq] != '=' && sc->s[eq] != ';'; eq++)
			;
		for (end = eq; end < v->to && sc->s[end] != ';'; end++)
			;
		x.from = eq + 1;
		x.to = end;
		k = end + 1;
		if (x.from >= x.to || is_token(sc, x.from, x.to))
			continue;
		m = value_make(sc, &x);
		if (token_looks(sc, &x, &m) ||
		    (!value_is_word(sc, &x) && x.to - x.from >= 6 && eq - name <= LOOK_KEY_BYTES &&
		     key_kind_of(sc->s + name, eq - name) == KEY_SECRET))
			scan_add(sc, x.from, x.to, DETECTOR_COOKIE);
	}
	if (scan_wants(sc, DETECTOR_COOKIE) && v->to > sc->resume)
		sc->resume = v->to;
}
