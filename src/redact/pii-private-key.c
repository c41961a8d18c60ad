/* pii-private-key.c: private keys in PEM. */
#include "secret.h"

#include <string.h>

static bool starts_at(const struct scan *sc, size_t i, const char *text)
{
	while (*text && byte_at(sc, i) == *text) {
		text++;
		i++;
	}
	return !*text;
}

/* -----BEGIN … PRIVATE KEY----- up to the end of its block, or of the text. */
void secret_pem_at(struct scan *sc, size_t i)
{
	static const char end_mark[] = "-----END ";
	size_t key = i, end = sc->n;
	const uint8_t *p;

	if (!starts_at(sc, i, "-----BEGIN "))
		return;
	while (key < i + 53 && !starts_at(sc, key, "PRIVATE KEY"))
		key++;
	if (key == i + 53)
		return;
	p = memmem(sc->s + key, sc->n - key, end_mark, sizeof(end_mark) - 1);
	if (p) {
		size_t k = (size_t)(p - sc->s) + sizeof(end_mark) - 1;

		while (k < sc->n && (is_alnum(sc->s[k]) || sc->s[k] == ' '))
			k++;
		while (k < sc->n && sc->s[k] == '-')
			k++;
		end = k;
	}
	scan_claim(sc, i, end, DETECTOR_PRIVATE_KEY);
}
