/* pii-url.c: what is secret in a URL besides its query: scheme://user:password@host, webhooks. */
#include "detect-priv.h"

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
			scan_claim(sc, i + len, end, CLASS_SECRET);
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
		scan_add(sc, colon + 1, at, CLASS_PASSWORD);
	if (colon > start && !is_token(sc, start, colon))
		scan_add(sc, start, colon, CLASS_SECRET);
	return true;
}
