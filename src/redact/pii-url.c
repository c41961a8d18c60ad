/* pii-url.c: credentials before the host of a URL: scheme://user:password@host. */
#include "detect-priv.h"

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
