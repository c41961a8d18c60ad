/* pii-url-secret.c: what is secret in a URL: scheme://user:password@host, webhooks, and code=,
 * state= and the like in a query. */
#include "keyvalue.h"

#include <string.h>

/* Addresses that whoever knows them can post to. */
static const char *const webhooks[] = {"hooks.slack.com/services/", "discord.com/api/webhooks/"};

void url_at(struct scan *sc, size_t i)
{
	sc->authority = i;
	for (size_t k = 0; k < sizeof(webhooks) / sizeof(webhooks[0]); k++) {
		size_t len = strlen(webhooks[k]), end = i + len;

		if (sc->n - i < len + 8 || memcmp(sc->s + i, webhooks[k], len) != 0)
			continue;
		while (end < sc->n && (is_alnum(sc->s[end]) || sc->s[end] == '/' ||
				       sc->s[end] == '_' || sc->s[end] == '-'))
			end++;
		if (end > i + len)
			scan_claim(sc, i + len, end, DETECTOR_URL_SECRET);
		return;
	}
}

bool userinfo_at(struct scan *sc, size_t at)
{
	size_t colon = 0, start = sc->authority;

	if (start == 0 || at - start > LOOK_USER_BYTES)
		return false;
	for (size_t k = start; k < at; k++) {
		int c = sc->s[k];

		if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '?' || c == '#' ||
		    c == '/' || c == '\\')
			return false;
		if (c == ':' && !colon)
			colon = k;
	}
	if (!colon || at == colon + 1)
		return false;
	if (!is_token(sc, colon + 1, at))
		scan_add(sc, colon + 1, at, DETECTOR_PASSWORD);
	if (colon > start && !is_token(sc, start, colon))
		scan_add(sc, start, colon, DETECTOR_URL_SECRET);
	return true;
}

/* code=, key=, state= in a query: an OAuth code or a signature, not SUMMER2026, DE or 404. */
static enum detector weak_kind(const struct scan *sc, const struct value *v, const struct make *m)
{
	size_t n = v->to - v->from, tail = v->to;

	if (!v->query || m->space || m->call)
		return DETECTOR_NONE;
	for (size_t k = v->from; k < v->to; k++) {
		if (!is_alnum(sc->s[k]) && !strchr("_-./~=%", sc->s[k]))
			return DETECTOR_NONE;
	}
	if (value_digits(sc, v, 6, 8))
		return DETECTOR_OTP;
	while (tail > v->from && is_digit(sc->s[tail - 1]))
		tail--;
	if (!m->lower && v->to - tail <= 4 && n < 16)
		return DETECTOR_NONE;
	if (m->digit && (m->lower || m->upper) && n >= 10)
		return DETECTOR_URL_SECRET;
	return m->lower && m->upper && m->inner_upper && n >= 20 ? DETECTOR_URL_SECRET
								 : DETECTOR_NONE;
}

void weak_value(struct scan *sc, const struct value *v, const struct make *m)
{
	enum detector d = weak_kind(sc, v, m);

	if (d != DETECTOR_NONE)
		scan_claim(sc, v->from, v->to, d);
}
