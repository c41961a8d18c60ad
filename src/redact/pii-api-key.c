/* pii-api-key.c: keys of common services, which are known by what they start with. Secrets that
 * only their name tells are pii-token.c's. */
#include "secret.h"

#include <string.h>

/* Key formats as their services publish them: what a key starts with, which characters follow, and
 * how many at least. `anchor` is the index in the prefix of the byte that detect-anchor.c stops
 * at: an array for each. */
struct format {
	const char *prefix;
	uint8_t anchor, set, least;
	bool mixed; /* at least a digit and a capital: words follow this prefix as well */
};
static const struct format underscore[] = {
	{"ghp_", 3, ALNUM, 30, false},       {"gho_", 3, ALNUM, 30, false},
	{"ghu_", 3, ALNUM, 30, false},       {"ghs_", 3, ALNUM, 30, false},
	{"ghr_", 3, ALNUM, 30, false},       {"github_pat_", 6, TOKEN, 22, false},
	{"sk_live_", 2, ALNUM, 10, false},   {"sk_test_", 2, ALNUM, 10, false},
	{"rk_live_", 2, ALNUM, 10, false},   {"rk_test_", 2, ALNUM, 10, false},
	{"whsec_", 5, TOKEN, 20, false},     {"npm_", 3, ALNUM, 36, false},
	{"hf_", 2, ALNUM, 30, false},        {"dop_v1_", 3, HEX, 40, false},
	{"shpat_", 5, HEX, 32, false},       {"shpss_", 5, HEX, 32, false},
	{"shpca_", 5, HEX, 32, false},       {"shppa_", 5, HEX, 32, false},
	{"rubygems_", 8, HEX, 40, false},    {"glsa_", 4, TOKEN, 32, false},
	{"lin_api_", 3, ALNUM, 32, false},   {"figd_", 4, TOKEN, 30, false},
	{"ntn_", 3, ALNUM, 40, false},       {"sbp_", 3, HEX, 40, false},
	{"tfp_", 3, TOKEN, 40, false},       {"dckr_pat_", 4, TOKEN, 24, false},
	{"dckr_oat_", 4, TOKEN, 24, false},  {"doo_v1_", 3, HEX, 40, false},
	{"dor_v1_", 3, HEX, 40, false},      {"lin_oauth_", 3, ALNUM, 32, false},
	{"phx_", 3, ALNUM, 40, false},       {"gsk_", 3, ALNUM, 40, false},
	{"r8_", 2, ALNUM, 36, false},        {"sntrys_", 6, TOKEN, 40, false},
	{"sntryu_", 6, HEX, 40, false},      {"pscale_tkn_", 6, TOKEN, 32, false},
	{"pscale_pw_", 6, TOKEN, 32, false}, {NULL, 0, 0, 0, false},
};
static const struct format dash[] = {
	{"sk-", 2, TOKEN, 20, true},      {"xoxb-", 4, TOKEN, 20, false},
	{"xoxp-", 4, TOKEN, 20, false},   {"xoxa-", 4, TOKEN, 20, false},
	{"xoxr-", 4, TOKEN, 20, false},   {"xoxs-", 4, TOKEN, 20, false},
	{"xoxe-", 4, TOKEN, 20, false},   {"xoxc-", 4, TOKEN, 20, false},
	{"xoxd-", 4, TOKEN, 20, false},   {"xapp-", 4, TOKEN, 20, false},
	{"glpat-", 5, TOKEN, 20, false},  {"gldt-", 4, TOKEN, 20, false},
	{"glrt-", 4, TOKEN, 20, false},   {"glptt-", 5, TOKEN, 30, false},
	{"GOCSPX-", 6, TOKEN, 24, false}, {"pypi-", 4, TOKEN, 50, false},
	{"PMAK-", 4, TOKEN, 40, false},   {"sq0atp-", 6, TOKEN, 22, false},
	{"sq0csp-", 6, TOKEN, 40, false}, {"key-", 3, HEX, 32, false},
	{"NRAK-", 4, UPPER, 27, false},   {"nvapi-", 5, TOKEN, 40, false},
	{"xai-", 3, ALNUM, 40, false},    {"pplx-", 4, ALNUM, 40, false},
	{"tskey-", 5, TOKEN, 20, true},   {"AGE-SECRET-KEY-1", 3, UPPER, 50, false},
	{NULL, 0, 0, 0, false},
};
static const struct format letter[] = {
	{"AKIA", 0, UPPER, 16, false},    {"ASIA", 0, UPPER, 16, false},
	{"ABIA", 0, UPPER, 16, false},    {"ACCA", 0, UPPER, 16, false},
	{"ATATT3x", 0, TOKEN, 60, false}, {"AIza", 0, TOKEN, 35, false},
	{"SG.", 0, DOTTED, 40, false},    {"SK", 0, HEX, 32, false},
	{"EAA", 0, ALNUM, 60, true},      {"ya29.", 2, TOKEN, 20, false},
	{NULL, 0, 0, 0, false},
};

/* In the first 64 characters: a key shows it early, and nothing is looked at more often than that.
 */
static bool is_mixed(const struct scan *sc, size_t from, enum charset set)
{
	bool digit = false, upper = false;

	for (size_t k = from; k < sc->n && k - from < 64 && secret_in_set(sc->s[k], set); k++) {
		digit |= is_digit(sc->s[k]);
		upper |= sc->s[k] >= 'A' && sc->s[k] <= 'Z';
	}
	return digit && upper;
}

void secret_prefix_at(struct scan *sc, size_t i)
{
	int c = sc->s[i];
	const struct format *x = c == '_' ? underscore : c == '-' ? dash : letter;

	/* Eight characters of a key follow every anchor; this refuses most words at once. */
	if (sc->n - i < 9 || !secret_in_set(sc->s[i + 4], DOTTED) ||
	    !secret_in_set(sc->s[i + 8], TOKEN))
		return;
	for (; x->prefix; x++) {
		size_t len, start, end;

		if (x->prefix[x->anchor] != (char)c || i < x->anchor ||
		    (x->anchor && x->prefix[x->anchor - 1] != (char)sc->s[i - 1]))
			continue;
		len = strlen(x->prefix);
		start = i - x->anchor;
		if (sc->n - start < len + x->least || memcmp(sc->s + start, x->prefix, len) != 0 ||
		    !secret_boundary(sc, start))
			continue;
		if (x->mixed && !is_mixed(sc, start + len, x->set))
			continue;
		for (end = start + len; end < sc->n && secret_in_set(sc->s[end], x->set); end++)
			;
		while (end > start && (sc->s[end - 1] == '.' || sc->s[end - 1] == '-'))
			end--;
		/* A fixed alphabet ends where the word ends, or it wasn't a key. */
		if (end - start < len + x->least || is_alnum(byte_at(sc, end)))
			continue;
		scan_claim(sc, start, end, DETECTOR_API_KEY);
		return;
	}
}

/* A bot's token: 1234567890:AA and 33 more characters; the colon is at s[i]. */
void secret_bot_at(struct scan *sc, size_t i)
{
	size_t start = i, end = i + 1;

	while (start > 0 && i - start < 11 && is_digit(sc->s[start - 1]))
		start--;
	while (end < sc->n && end - i < 64 && secret_in_set(sc->s[end], TOKEN))
		end++;
	if (i - start >= 8 && i - start <= 10 && end - i == 36 && !is_alnum(byte_before(sc, start)))
		scan_claim(sc, start, end, DETECTOR_API_KEY);
}
