/* pii-jwt.c: JSON Web Tokens, and session cookies that are made like them. */
#include "secret.h"

/* A JWT's header is an object, and so is what a signed session cookie starts with: {"name": */
static bool is_object(const uint8_t *s, size_t n)
{
	uint8_t out[24];
	size_t len = secret_base64(s, n, out, sizeof(out)), k = 2;

	while (k < len && (is_alnum(out[k]) || out[k] == '_' || out[k] == '-'))
		k++;
	return len > 4 && out[0] == '{' && out[1] == '"' && k > 2 && k + 1 < len && out[k] == '"' &&
	       out[k + 1] == ':';
}

/* The J of eyJ is at s[i]. Two parts (unsigned, or cut off) count as well as three and five. */
void secret_jwt_at(struct scan *sc, size_t i)
{
	size_t start = i - 2, dot, end;

	if (i < 2 || sc->s[i - 1] != 'y' || sc->s[i - 2] != 'e' || start < sc->no_jwt)
		return;
	if (is_alnum(byte_before(sc, start)) && !secret_boundary(sc, start))
		return;
	if (!is_object(sc->s + start, sc->n - start))
		return;
	for (dot = i; dot < sc->n && secret_in_set(sc->s[dot], TOKEN); dot++)
		;
	if (byte_at(sc, dot) != '.') {
		sc->no_jwt = dot; /* another start before it comes to the same end */
		return;
	}
	for (end = dot; end < sc->n && secret_in_set(sc->s[end], DOTTED); end++)
		;
	while (end > dot && sc->s[end - 1] == '.')
		end--;
	if (end - dot < 8) {
		sc->no_jwt = dot;
		return;
	}
	scan_claim(sc, start, end, DETECTOR_JWT);
}
