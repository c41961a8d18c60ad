/* pii-email.c: e-mail addresses, from their @ outwards.
 *
 * Left: the characters that addresses in use have (quoted local parts are not in use), letters of
 * other alphabets included. Right: labels up to a top-level name of letters. What looks like one
 * and isn't: retina images (logo@2x.png), package versions (lodash@4.17.21), at-rules, mentions,
 * git's ssh addresses (git@host:path). */
#include "detect-priv.h"

#include <string.h>

static bool is_local(int c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '~' ||
	       c == '\'' || c == '%' || c == '!' || c == '$' || c == '*' || c == '#';
}

/* %XX of a character that no address holds: what stands before it isn't part of one. */
static bool is_encoded_break(const struct scan *sc, size_t i)
{
	int hi = hex_of(byte_at(sc, i + 1)), lo = hex_of(byte_at(sc, i + 2));

	return sc->s[i] == '%' && hi >= 0 && lo >= 0 && (hi << 4 | lo) < 0x80 &&
	       !is_local(hi << 4 | lo);
}

static size_t local_start(const struct scan *sc, size_t at)
{
	size_t i = at;

	while (i > 0 && at - i < LOOK_LOCAL_BYTES) {
		size_t len = 1;
		int c = sc->s[i - 1];

		if (c >= 0x80 && !cp_is_letter(cp_before(sc->s, i, &len)))
			break;
		if (c < 0x80 && !is_local(c))
			break;
		if (is_encoded_break(sc, i - 1)) {
			i += 2;
			break;
		}
		i -= len;
	}
	/* A local part starts with a letter or a digit: quotes and dots before it are the text's,
	 * and so is the escape of nested JSON (\njane@…). */
	while (i < at && !is_alnum(sc->s[i]) && sc->s[i] < 0x80 && sc->s[i] != '_' &&
	       sc->s[i] != '+')
		i++;
	if (i > 0 && sc->s[i - 1] == '\\') {
		if (sc->s[i] == 'u' && at - i > 5 && hex_of(sc->s[i + 1]) >= 0 &&
		    hex_of(sc->s[i + 2]) >= 0 && hex_of(sc->s[i + 3]) >= 0 &&
		    hex_of(sc->s[i + 4]) >= 0)
			i += 5;
		else if (at - i > 1 && (sc->s[i] == 'n' || sc->s[i] == 't' || sc->s[i] == 'r'))
			i++;
	}
	return i;
}

/* A query's + may be a space: one of them belongs to the address (jane+shop@…), several are words.
 */
static size_t after_spaces(const struct scan *sc, size_t start, size_t at)
{
	size_t last = 0;
	unsigned n = 0;

	for (size_t k = start; k < at; k++) {
		if (sc->s[k] == '+') {
			last = k + 1;
			n++;
		}
	}
	return n > 1 && last < at ? last : start;
}

/* Top-level names that are file extensions and no registry's. */
static bool is_file_ext(const uint8_t *s, size_t n)
{
	static const char exts[][6] = {"png",  "jpg", "jpeg", "gif", "svg",  "webp",  "avif",
				       "bmp",  "ico", "js",   "mjs", "cjs",  "css",   "scss",
				       "json", "htm", "html", "xml", "woff", "woff2", "ttf",
				       "eot",  "otf", "map",  "tsx", "jsx",  "vue",   "php",
				       "pdf",  "txt", "csv",  "tgz", "gz",   "tiff",  "less"};
	for (size_t k = 0; k < sizeof(exts) / sizeof(exts[0]); k++) {
		size_t j = 0;

		while (j < n && exts[k][j] == (char)(s[j] | 0x20))
			j++;
		if (j == n && !exts[k][j])
			return true;
	}
	return false;
}

/* The end of the domain that starts at i, or 0. */
static size_t domain_end(const struct scan *sc, size_t i)
{
	size_t k = i, label = i, tld = 0, end = 0;

	while (k < sc->n && k - i < LOOK_DOMAIN_BYTES) {
		size_t len = 1;
		int c = sc->s[k];
		bool dot = c == '.' && k > label && sc->s[k - 1] != '-';

		if (dot || !(is_alnum(c) || c == '-' ||
			     (c >= 0x80 && cp_is_letter(cp_at(sc->s, sc->n, k, &len))))) {
			if (!dot)
				break;
			label = k + 1;
		}
		k += len;
	}
	/* Back from trailing dots and hyphens to a last label of letters with a dot before it. */
	for (end = k; end > i && (sc->s[end - 1] == '.' || sc->s[end - 1] == '-'); end--)
		;
	for (tld = end; tld > i && sc->s[tld - 1] != '.'; tld--)
		;
	if (tld == i || end - tld < 2)
		return 0;
	if (end - tld > 4 && !memcmp(sc->s + tld, "xn--", 4))
		return end;
	for (k = tld; k < end; k++) {
		if (is_digit(sc->s[k]) || sc->s[k] == '-')
			return 0;
	}
	return is_file_ext(sc->s + tld, end - tld) ? 0 : end;
}

/* The @ (or %40) is at [at, at + at_len). */
void email_at(struct scan *sc, size_t at, size_t at_len)
{
	size_t start, end;

	if (!scan_wants(sc, DETECTOR_EMAIL) || at == 0 || at + at_len >= sc->n)
		return;
	if (!is_alnum(sc->s[at + at_len]) && sc->s[at + at_len] < 0x80)
		return;
	start = local_start(sc, at);
	if (sc->ctx == DETECT_URL)
		start = after_spaces(sc, start, at);
	if (start == at || sc->s[at - 1] == '.')
		return;
	end = domain_end(sc, at + at_len);
	if (!end)
		return;
	if (at - start == 3 && !memcmp(sc->s + start, "git", 3) &&
	    (byte_at(sc, end) == ':' || byte_at(sc, end) == '/') && !is_digit(byte_at(sc, end + 1)))
		return;
	scan_add(sc, start, end, DETECTOR_EMAIL);
}
