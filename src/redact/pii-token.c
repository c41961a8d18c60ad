/* pii-token.c: values whose name says that they are secret (token, apiKey, session, Authorization,
 * csrf), where they look like it. */
#include "keyvalue.h"

#include <string.h>

bool token_looks(const struct scan *sc, const struct value *v, const struct make *m)
{
	size_t n = v->to - v->from;

	if (m->space || m->call || sc->s[v->from] == '/' || sc->s[v->from] == '.')
		return false;
	if (n >= 4 && !memcmp(sc->s + v->from, "http", 4))
		return false;
	for (size_t k = v->from; k < v->to; k++) { /* %d: a format, not %2B */
		if (sc->s[k] == '%' &&
		    (hex_of(byte_at(sc, k + 1)) < 0 || hex_of(byte_at(sc, k + 2)) < 0))
			return false;
	}
	if (m->digit && (m->lower || m->upper))
		return n >= 6;
	if (m->digit)
		return n >= 8 && !m->other;
	if (m->lower && m->upper)
		return n >= 16 && m->inner_upper && !memchr(sc->s + v->from, '.', n);
	return n >= 24 && !m->other;
}

/* What follows SCHEME in Authorization: parameters (Digest username="…", response="…"). */
static bool are_parameters(const struct scan *sc, size_t from, size_t to)
{
	size_t k = from;

	while (k < to && (is_alpha(sc->s[k]) || sc->s[k] == '_' || sc->s[k] == '-'))
		k++;
	return k > from && k + 8 < to && sc->s[k] == '=' &&
	       (sc->s[k + 1] == '"' || is_alnum(sc->s[k + 1]));
}

void token_value(struct scan *sc, struct value *v, struct make *m)
{
	size_t k = v->from;

	/* Authorization: SCHEME value */
	while (k < v->to && (is_alnum(sc->s[k]) || sc->s[k] == '-'))
		k++;
	if (m->space && k > v->from && k < v->to && sc->s[k] == ' ' && is_alpha(sc->s[v->from])) {
		v->from = k + 1;
		if (v->quoted && are_parameters(sc, v->from, v->to)) {
			scan_claim(sc, v->from, v->to, DETECTOR_TOKEN);
			return;
		}
		*m = value_make(sc, v);
	}
	if (v->from < v->to && !is_token(sc, v->from, v->to) && token_looks(sc, v, m))
		scan_claim(sc, v->from, v->to, DETECTOR_TOKEN);
}
