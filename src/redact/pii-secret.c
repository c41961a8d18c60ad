/* pii-secret.c: secrets that are known by their form: JSON Web Tokens, the key formats of common
 * services, private keys in PEM, and what follows Bearer or Basic. Secrets that only their name
 * tells are pii-keyvalue.c's. */
#include "detect-priv.h"

#include <string.h>

enum charset { ALNUM, TOKEN /* A-Z a-z 0-9 _ - */, DOTTED /* and . */, HEX, UPPER /* A-Z 0-9 */ };

static bool in_set(int c, enum charset set)
{
	switch (set) {
	case ALNUM:
		return is_alnum(c);
	case TOKEN:
		return is_alnum(c) || c == '_' || c == '-';
	case DOTTED:
		return is_alnum(c) || c == '_' || c == '-' || c == '.';
	case HEX:
		return hex_of(c) >= 0;
	default:
		return is_digit(c) || (c >= 'A' && c <= 'Z');
	}
}

/* Key formats as their services publish them: what a key starts with, which characters follow, and
 * how many at least. `anchor` is the index in the prefix of the byte that detect-anchor.c stops
 * at: an array for each. */
struct format {
	const char *prefix;
	uint8_t anchor, set, least;
	bool mixed; /* at least a digit and a capital: words follow this prefix as well */
};
static const struct format underscore[] = {
	{"ghp_", 3, ALNUM, 30, false},     {"gho_", 3, ALNUM, 30, false},
	{"ghu_", 3, ALNUM, 30, false},     {"ghs_", 3, ALNUM, 30, false},
	{"ghr_", 3, ALNUM, 30, false},     {"github_pat_", 6, TOKEN, 22, false},
	{"sk_live_", 2, ALNUM, 10, false}, {"sk_test_", 2, ALNUM, 10, false},
	{"rk_live_", 2, ALNUM, 10, false}, {"rk_test_", 2, ALNUM, 10, false},
	{"whsec_", 5, TOKEN, 20, false},   {"npm_", 3, ALNUM, 36, false},
	{"hf_", 2, ALNUM, 30, false},      {"dop_v1_", 3, HEX, 40, false},
	{"shpat_", 5, HEX, 32, false},     {"shpss_", 5, HEX, 32, false},
	{"shpca_", 5, HEX, 32, false},     {"shppa_", 5, HEX, 32, false},
	{"rubygems_", 8, HEX, 40, false},  {"glsa_", 4, TOKEN, 32, false},
	{"lin_api_", 3, ALNUM, 32, false}, {"figd_", 4, TOKEN, 30, false},
	{"ntn_", 3, ALNUM, 40, false},     {"sbp_", 3, HEX, 40, false},
	{"tfp_", 3, TOKEN, 40, false},     {NULL, 0, 0, 0, false},
};
static const struct format dash[] = {
	{"sk-", 2, TOKEN, 20, true},
	{"xoxb-", 4, TOKEN, 20, false},
	{"xoxp-", 4, TOKEN, 20, false},
	{"xoxa-", 4, TOKEN, 20, false},
	{"xoxr-", 4, TOKEN, 20, false},
	{"xoxs-", 4, TOKEN, 20, false},
	{"xoxe-", 4, TOKEN, 20, false},
	{"xoxc-", 4, TOKEN, 20, false},
	{"xoxd-", 4, TOKEN, 20, false},
	{"xapp-", 4, TOKEN, 20, false},
	{"glpat-", 5, TOKEN, 20, false},
	{"gldt-", 4, TOKEN, 20, false},
	{"glrt-", 4, TOKEN, 20, false},
	{"glptt-", 5, TOKEN, 30, false},
	{"GOCSPX-", 6, TOKEN, 24, false},
	{"pypi-", 4, TOKEN, 50, false},
	{"PMAK-", 4, TOKEN, 40, false},
	{"sq0atp-", 6, TOKEN, 22, false},
	{"sq0csp-", 6, TOKEN, 40, false},
	{"key-", 3, HEX, 32, false},
	{"AGE-SECRET-KEY-1", 3, UPPER, 50, false},
	{NULL, 0, 0, 0, false},
};
static const struct format letter[] = {
	{"AKIA", 0, UPPER, 16, false},  {"ASIA", 0, UPPER, 16, false},
	{"ABIA", 0, UPPER, 16, false},  {"ACCA", 0, UPPER, 16, false},
	{"AIza", 0, TOKEN, 35, false},  {"SG.", 0, DOTTED, 40, false},
	{"SK", 0, HEX, 32, false},      {"EAA", 0, ALNUM, 60, true},
	{"ya29.", 2, TOKEN, 20, false}, {NULL, 0, 0, 0, false},
};

/* In the first 64 characters: a key shows it early, and nothing is looked at more often than that.
 */
static bool is_mixed(const struct scan *sc, size_t from, enum charset set)
{
	bool digit = false, upper = false;

	for (size_t k = from; k < sc->n && k - from < 64 && in_set(sc->s[k], set); k++) {
		digit |= is_digit(sc->s[k]);
		upper |= sc->s[k] >= 'A' && sc->s[k] <= 'Z';
	}
	return digit && upper;
}

/* What may stand before a key: nothing that would make it part of a longer word. */
static bool key_boundary(const struct scan *sc, size_t i)
{
	int c = byte_before(sc, i);

	if (!is_alnum(c) && c != '_')
		return true;
	return i > 1 && sc->s[i - 2] == '\\' && (c == 'n' || c == 't' || c == 'r');
}

void secret_prefix_at(struct scan *sc, size_t i)
{
	int c = sc->s[i];
	const struct format *x = c == '_' ? underscore : c == '-' ? dash : letter;

	/* Eight characters of a key follow every anchor; this refuses most words at once. */
	if (sc->n - i < 9 || !in_set(sc->s[i + 4], DOTTED) || !in_set(sc->s[i + 8], TOKEN))
		return;
	for (; x->prefix; x++) {
		size_t len, start, end;

		if (x->prefix[x->anchor] != (char)c || i < x->anchor ||
		    (x->anchor && x->prefix[x->anchor - 1] != (char)sc->s[i - 1]))
			continue;
		len = strlen(x->prefix);
		start = i - x->anchor;
		if (sc->n - start < len + x->least || memcmp(sc->s + start, x->prefix, len) != 0 ||
		    !key_boundary(sc, start))
			continue;
		if (x->mixed && !is_mixed(sc, start + len, x->set))
			continue;
		for (end = start + len; end < sc->n && in_set(sc->s[end], x->set); end++)
			;
		while (end > start && (sc->s[end - 1] == '.' || sc->s[end - 1] == '-'))
			end--;
		/* A fixed alphabet ends where the word ends, or it wasn't a key. */
		if (end - start < len + x->least || is_alnum(byte_at(sc, end)))
			continue;
		scan_claim(sc, start, end, CLASS_SECRET);
		return;
	}
}

static int b64_of(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

/* Decodes base64 or base64url, until something else or until out is full. Returns the bytes. */
static size_t b64_decode(const uint8_t *s, size_t n, uint8_t *out, size_t cap)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t k = 0;

	for (size_t i = 0; i < n && k < cap; i++) {
		int v = b64_of(s[i]);

		if (v < 0)
			break;
		acc = (acc << 6 | (uint32_t)v) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[k++] = (uint8_t)(acc >> bits);
		}
	}
	return k;
}

/* A JWT's header is an object, and so is what a signed session cookie starts with: {"name": */
static bool is_object(const uint8_t *s, size_t n)
{
	uint8_t out[24];
	size_t len = b64_decode(s, n, out, sizeof(out)), k = 2;

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
	if (is_alnum(byte_before(sc, start)) && !key_boundary(sc, start))
		return;
	if (!is_object(sc->s + start, sc->n - start))
		return;
	for (dot = i; dot < sc->n && in_set(sc->s[dot], TOKEN); dot++)
		;
	if (byte_at(sc, dot) != '.') {
		sc->no_jwt = dot; /* another start before it comes to the same end */
		return;
	}
	for (end = dot; end < sc->n && in_set(sc->s[end], DOTTED); end++)
		;
	while (end > dot && sc->s[end - 1] == '.')
		end--;
	if (end - dot < 8) {
		sc->no_jwt = dot;
		return;
	}
	scan_claim(sc, start, end, CLASS_SECRET);
}

/* A bot's token: 1234567890:AA and 33 more characters; the colon is at s[i]. */
void secret_bot_at(struct scan *sc, size_t i)
{
	size_t start = i, end = i + 1;

	while (start > 0 && i - start < 11 && is_digit(sc->s[start - 1]))
		start--;
	while (end < sc->n && end - i < 64 && in_set(sc->s[end], TOKEN))
		end++;
	if (i - start >= 8 && i - start <= 10 && end - i == 36 && !is_alnum(byte_before(sc, start)))
		scan_claim(sc, start, end, CLASS_SECRET);
}

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
	scan_claim(sc, i, end, CLASS_SECRET);
}

/* user:password, as Basic has it, is printable text with a colon. */
static bool is_basic(const uint8_t *s, size_t n)
{
	uint8_t out[96];
	size_t len = b64_decode(s, n, out, sizeof(out));

	if (len < 3 || !memchr(out, ':', len))
		return false;
	for (size_t k = 0; k < len; k++) {
		if (out[k] < 0x20 || out[k] == 0x7f)
			return false;
	}
	return true;
}

/* Bearer or Basic may start at s[i], in any case. */
void secret_scheme_at(struct scan *sc, size_t i)
{
	static const char *const schemes[] = {"bearer", "basic"};
	unsigned basic = (byte_at(sc, i + 1) | 0x20) == 'a';
	size_t k = i, start, end;
	bool digit = false, lower = false, upper = false, plus = false;

	if (sc->n - i < 12)
		return;
	for (const char *p = schemes[basic]; *p; p++, k++) {
		if ((sc->s[k] | 0x20) != *p)
			return;
	}
	if (is_alnum(byte_before(sc, i)))
		return;
	if (sc->s[k] == '%' && byte_at(sc, k + 1) == '2' && byte_at(sc, k + 2) == '0')
		k += 3;
	else if (sc->s[k] == ' ' || sc->s[k] == '+')
		plus = sc->s[k++] == '+';
	else
		return;
	while (byte_at(sc, k) == ' ')
		k++;
	start = k;
	for (end = k; end < sc->n && (in_set(sc->s[end], DOTTED) || (sc->s[end] == '+' && !plus) ||
				      sc->s[end] == '/' || sc->s[end] == '~' || sc->s[end] == '=');
	     end++) {
		digit |= is_digit(sc->s[end]);
		lower |= sc->s[end] >= 'a';
		upper |= sc->s[end] >= 'A' && sc->s[end] <= 'Z';
	}
	while (end > start && (sc->s[end - 1] == '.' || sc->s[end - 1] == '/'))
		end--;
	if (end - start < 8)
		return;
	/* "bearer token", "basic subscription": words aren't tokens. */
	if (basic ? !is_basic(sc->s + start, end - start)
		  : !digit && !(upper && lower && end - start >= 16))
		return;
	scan_claim(sc, start, end, CLASS_SECRET);
}
