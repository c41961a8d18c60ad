/* pii-url-secret.c: what is secret in a URL: scheme://user:password@host, webhooks, and code=,
 * state= and the like in a query, and what links sent by e-mail have in their path. */
#include "keyvalue.h"

#include <string.h>

#define LOOK_PATH_BYTES  512u /* of a URL */
#define LINK_TOKEN_BYTES 16u  /* what a link sent by e-mail has of a secret, at least */

/* Addresses that whoever knows them can post to. */
static const char *const webhooks[] = {"hooks.slack.com/services/", "discord.com/api/webhooks/"};

struct segment {
	size_t from, to;
};

/* A secret that was drawn, not how-to-reset-your-password-2024 nor main.3f9c2d1e.js: of its words
 * one has letters and digits, or is long and of both cases. */
static bool is_drawn(const struct scan *sc, const struct segment *g)
{
	size_t from = g->from, dot = g->from;
	bool drawn = false;

	for (size_t k = from; k <= g->to; k++) {
		const struct value v = {.from = from, .to = k};

		if (k < g->to && is_alnum(sc->s[k]))
			continue;
		if (k < g->to && sc->s[k] == '.')
			dot = k;
		struct make m = value_make(sc, &v);
		drawn |= k - from >= 8 && m.digit && (m.lower || m.upper);
		drawn |= k - from >= 20 && m.lower && m.inner_upper;
		from = k + 1;
	}
	return drawn && (dot == g->from || g->to - dot > 6);
}

/* reset-password, verify_email, accept-invitation, magic: what stands before such a secret. */
static bool opens_link(const struct scan *sc, const struct segment *g)
{
	static const char *const words[] = {
		"activate", "activation", "confirm",     "invitation",   "invitations", "invite",
		"invites",  "magic",      "magiclink",   "passwordless", "password",    "recover",
		"recovery", "reset",      "unsubscribe", "verification", "verify",
	};
	char f[2 * LOOK_KEY_BYTES];
	size_t n, first = 0, last;

	if (g->to - g->from < 5 || g->to - g->from > LOOK_KEY_BYTES)
		return false;
	n = words_fold(sc->s + g->from, g->to - g->from, f, sizeof(f));
	while (first < n && f[first] != ' ')
		first++;
	for (last = n; last > 0 && f[last - 1] != ' '; last--)
		;
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t len = strlen(words[k]);

		if ((len == first && !memcmp(f, words[k], len)) ||
		    (len == n - last && !memcmp(f + last, words[k], len)))
			return true;
	}
	return false;
}

static bool in_segment(int c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '=' ||
	       c == '%' || c == ':' || c == '@' || c == '+' || c == ',' || c == '!';
}

void url_path_at(struct scan *sc, size_t i)
{
	size_t end = sc->n - i < LOOK_PATH_BYTES ? sc->n : i + LOOK_PATH_BYTES;
	struct segment g = {i, i}, before = g, above = g;

	for (size_t k = i; k <= end; k++) {
		int c = byte_at(sc, k);

		if (in_segment(c))
			continue;
		g.to = k;
		/* /reset/TOKEN, and /reset/USER/TOKEN */
		if (k - g.from >= LINK_TOKEN_BYTES && is_drawn(sc, &g) &&
		    (opens_link(sc, &before) || opens_link(sc, &above)))
			scan_claim(sc, g.from, k, DETECTOR_URL_SECRET);
		if (c == '#' && byte_at(sc, k + 1) == '/') /* a route: /#/reset/TOKEN */
			k++;
		else if (c != '/')
			break;
		above = before;
		before = g;
		g.from = k + 1;
	}
}

void url_at(struct scan *sc, size_t i)
{
	sc->authority = i;
	url_path_at(sc, i);
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
