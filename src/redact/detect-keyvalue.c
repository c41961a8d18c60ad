/* detect-keyvalue.c: reads values that have a name (password=…, "apiKey":"…", ?code=…, X-Api-Key:
 * …, Cookie: …) and asks the detector that the name concerns.
 *
 * JSON inside of JSON keeps its backslashes here, so a quote is told from the escape of a quote by
 * how many stand before it. */
#include "keyvalue.h"

#include <string.h>

bool value_is_word(const struct scan *sc, const struct value *v)
{
	static const char *const words[] = {
		"true", "false",    "null", "undefined",       "none", "on", "off",   "yes",
		"no",   "required", "nan",  "[object object]", "1",    "0",  "string"};
	size_t n = v->to - v->from;

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t j = 0;

		while (j < n && words[k][j] && (sc->s[v->from + j] | 0x20) == (words[k][j] | 0x20))
			j++;
		if (j == n && !words[k][j])
			return true;
	}
	return false;
}

struct make value_make(const struct scan *sc, const struct value *v)
{
	struct make m = {0};

	for (size_t k = v->from; k < v->to; k++) {
		int c = sc->s[k];

		if (is_digit(c)) {
			m.digit = true;
		} else if (c >= 'a' && c <= 'z') {
			m.lower = true;
		} else if (c >= 'A' && c <= 'Z') {
			m.upper = true;
			m.inner_upper |= k > v->from && sc->s[k - 1] >= 'a' && sc->s[k - 1] <= 'z';
		} else if (c == '!' || c == '@' || c == '#' || c == '$' || c == '%' || c == '^' ||
			   c == '*' || c == '+' || c == '~' || c == '?' || c == '&') {
			m.special = true;
		} else if (c == ' ' || c == '\t' || c == '\n') {
			m.space = true;
		} else if (c == '(' || c == ')' || c == '{' || c == '}' || c == '<' || c == '>' ||
			   c == '[') {
			m.call = true;
		} else {
			m.other = true;
		}
	}
	return m;
}

bool value_digits(const struct scan *sc, const struct value *v, size_t least, size_t most)
{
	size_t n = v->to - v->from;

	for (size_t k = v->from; k < v->to; k++) {
		if (!is_digit(sc->s[k]))
			return false;
	}
	return n >= least && n <= most;
}

static void judge(struct scan *sc, enum key_kind kind, struct value *v)
{
	struct make m;

	if (v->from >= v->to || is_token(sc, v->from, v->to))
		return;
	m = value_make(sc, v);
	switch (kind) {
	case KEY_PASSWORD:
		password_value(sc, v, &m);
		break;
	case KEY_PIN:
		pin_value(sc, v);
		break;
	case KEY_CVC:
		cvc_value(sc, v);
		break;
	case KEY_OTP:
		otp_value(sc, v, &m);
		break;
	case KEY_SECRET:
		token_value(sc, v, &m);
		break;
	case KEY_COOKIE:
		cookie_value(sc, v);
		break;
	case KEY_WEAK:
		weak_value(sc, v, &m);
		break;
	case KEY_MARKUP:
		if (!v->colon)
			markup_value(sc, v, &m);
		break;
	case KEY_PERSON:
		person_value(sc, v, &m);
		break;
	default:
		break;
	}
}

/* The key that ends before `at`, and whether it is a query's. Several words are one key only before
 * a colon. Returns its start; *ret_end is its end, equal when there is none. */
static size_t key_before(const struct scan *sc, size_t at, bool colon, size_t *ret_end, bool *query)
{
	size_t k = at, end;
	bool quoted = false;
	int quote = 0, c;

	*query = false;
	for (unsigned n = 0; n < 2 && byte_before(sc, k) == ' '; n++)
		k--;
	c = byte_before(sc, k);
	if (c == '"' || c == '\'') {
		quoted = true;
		quote = c;
		for (k--; k > 0 && sc->s[k - 1] == '\\' && at - k < 16; k--)
			;
	}
	while (byte_before(sc, k) == ']' || (k > 2 && sc->s[k - 3] == '%' && sc->s[k - 2] == '5' &&
					     (sc->s[k - 1] | 0x20) == 'd'))
		k -= sc->s[k - 1] == ']' ? 1 : 3;
	*ret_end = end = k;
	if (k == 0 || !key_may_end(k > 1 ? sc->s[k - 2] : 0, sc->s[k - 1]))
		return k;
	for (; k > 0 && end - k < LOOK_KEY_BYTES; k--) {
		c = sc->s[k - 1];
		if (is_alnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80)
			continue;
		if (c == ' ' && k < end && (quoted ? quote : colon) &&
		    (is_alnum(byte_before(sc, k - 1)) || byte_before(sc, k - 1) >= 0x80))
			continue;
		break;
	}
	while (k < end && (sc->s[k] & 0xc0) == 0x80)
		k++;
	/* The last byte of %3F and %26 isn't the key's. */
	if (k > 0 && sc->s[k - 1] == '%' && end - k > 2 && hex_of(sc->s[k]) >= 0 &&
	    hex_of(sc->s[k + 1]) >= 0)
		k += 2;
	c = byte_before(sc, k);
	*query = sc->ctx == DETECT_URL || c == '?' || c == '&' || c == '#' ||
		 (k > 2 && sc->s[k - 3] == '%' && sc->s[k - 2] == '3' &&
		  (sc->s[k - 1] | 0x20) == 'f') ||
		 (k > 2 && sc->s[k - 3] == '%' && sc->s[k - 2] == '2' && sc->s[k - 1] == '6');
	return k;
}

/* The quote that closes a string opened by a quote behind b backslashes: of those in front of it,
 * b are its own level's, and the rest are escaped in pairs. */
static size_t closing_quote(const struct scan *sc, size_t from, int quote, size_t b)
{
	size_t run = 0, limit = sc->n - from < LOOK_VALUE_BYTES ? sc->n : from + LOOK_VALUE_BYTES;

	for (size_t k = from; k < limit; k++) {
		int c = sc->s[k];

		if (c == quote && run % (2 * (b + 1)) == b)
			return k - b;
		run = c == '\\' ? run + 1 : 0;
	}
	while (limit < sc->n && limit > from && (sc->s[limit] & 0xc0) == 0x80)
		limit--;
	return limit; /* cut off: what there is of it */
}

static bool ends_bare(const struct scan *sc, size_t k, const struct value *v, enum key_kind kind)
{
	int c = sc->s[k];

	/* token=x=y: no secret of ours but a password holds an = before its end */
	if (c == '=' && kind != KEY_PASSWORD && k > v->from && is_alnum(byte_at(sc, k + 1)))
		return true;
	if (sc->ctx == DETECT_URL && v->query)
		return c == '&' || c == '#';
	if (c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ',' || c == ';' ||
	    c == '&' || c == '|' || c == '\\' || c == '`' || c == ']' || c == '}')
		return true;
	if (c == '#' && v->query)
		return true;
	return c == '%' && byte_at(sc, k + 1) == '2' &&
	       (byte_at(sc, k + 2) == '6' || byte_at(sc, k + 2) == '3');
}

/* Whether what stands at k can be a value at all; cheaper than to read the key, and it refuses most
 * of the colons in prose and JSON: objects, true, null, words in small letters. */
static bool may_be_value(const struct scan *sc, size_t k, bool colon)
{
	int c = byte_at(sc, k);
	size_t i;

	if (c == '"' || c == '\'' || c == '\\')
		return true;
	if (c == 0 || c == '{' || c == '[' || c == '(' || c == '<' || c == ',' || c == ';' ||
	    c == '}')
		return c == '['; /* a token of ours, or a JSON list; judged later */
	if (!colon)
		return true;
	for (i = k; i < sc->n && i - k < 32 && sc->s[i] >= 'a' && sc->s[i] <= 'z'; i++)
		;
	c = byte_at(sc, i);
	return i < sc->n && c != ',' && c != '.' && c != '}' && c != '\n' &&
	       (c != ' ' || i == k || i - k <= 12);
}

/* Content-Disposition: form-data; name="password", an empty line, and the value. */
static void part(struct scan *sc, const struct value *name)
{
	struct value v = {.from = name->to + 1, .quoted = true};

	for (unsigned lines = 0; lines < 2; lines++) {
		v.from += byte_at(sc, v.from) == '\r';
		if (byte_at(sc, v.from++) != '\n')
			return;
	}
	for (v.to = v.from; v.to < sc->n && v.to - v.from < LOOK_VALUE_BYTES; v.to++) {
		if (sc->s[v.to] == '\r' || sc->s[v.to] == '\n')
			break;
	}
	while (v.to < sc->n && v.to > v.from && (sc->s[v.to] & 0xc0) == 0x80)
		v.to--;
	judge(sc, key_kind_of(sc->s + name->from, name->to - name->from), &v);
}

void keyvalue_at(struct scan *sc, size_t i, size_t len)
{
	bool colon = sc->s[i] == ':';
	struct value v = {.colon = colon};
	size_t end, start, k = i + len, b = 0;
	enum key_kind kind;

	/* Pass::run() */
	if (colon && (byte_at(sc, k) == ':' || byte_before(sc, i) == ':'))
		return;
	while (k < sc->n && sc->s[k] == ' ' && k - i < 5)
		k++;
	if (k >= sc->n || !may_be_value(sc, k, colon))
		return;
	start = key_before(sc, i, colon, &end, &v.query);
	if (start == end)
		return;
	/* prompt('Password: '): the quote behind the colon closes the one before the key. */
	if (colon && (byte_before(sc, start) == '"' || byte_before(sc, start) == '\'') &&
	    sc->s[k] == byte_before(sc, start) && byte_at(sc, end) != sc->s[k])
		return;
	kind = key_kind_of(sc->s + start, end - start);
	if (kind == KEY_NONE)
		return;
	if (colon)
		v.query = false;
	while (k + b < sc->n && sc->s[k + b] == '\\' && b < 16)
		b++;
	if ((byte_at(sc, k + b) == '"' || byte_at(sc, k + b) == '\'') && !v.query) {
		v.quoted = true;
		v.from = k + b + 1;
		v.to = closing_quote(sc, v.from, sc->s[k + b], b);
	} else {
		if ((colon && sc->ctx == DETECT_CSS) || (!v.query && sc->s[k] == '['))
			return; /* a token of ours, or a list */
		v.from = k;
		v.to = k;
		while (v.to < sc->n && v.to - v.from < 1024 &&
		       (kind == KEY_COOKIE
				? sc->s[v.to] != '\n' && sc->s[v.to] != '"' && sc->s[v.to] != '\''
				: !ends_bare(sc, v.to, &v, kind)))
			v.to++;
		while (v.to < sc->n && v.to > v.from && (sc->s[v.to] & 0xc0) == 0x80)
			v.to--;
		/* A sentence's own marks. */
		while (!v.query && v.to > v.from &&
		       (sc->s[v.to - 1] == '.' || sc->s[v.to - 1] == ')' || sc->s[v.to - 1] == ':'))
			v.to--;
		/* Authorization: SCHEME value, where the scheme isn't one that we know. */
		if (kind == KEY_SECRET && colon && byte_at(sc, v.to) == ' ' &&
		    v.to - v.from <= 12) {
			struct make m = value_make(sc, &v);

			if (!m.digit && !m.other && !m.special) {
				v.from = ++v.to;
				while (v.to < sc->n && v.to - v.from < 1024 &&
				       !ends_bare(sc, v.to, &v, kind))
					v.to++;
				while (v.to < sc->n && v.to > v.from &&
				       (sc->s[v.to] & 0xc0) == 0x80)
					v.to--;
			}
		}
	}
	if (kind != KEY_PART)
		judge(sc, kind, &v);
	else if (v.quoted && v.to - v.from <= LOOK_KEY_BYTES)
		part(sc, &v);
}

void keyvalue_label(struct scan *sc)
{
	struct value v = {.to = sc->n, .quoted = true, .query = sc->ctx == DETECT_URL};
	enum key_kind kind;

	if (!sc->label || sc->labellen == 0 || sc->labellen > LOOK_KEY_BYTES ||
	    sc->n > LOOK_VALUE_BYTES)
		return;
	kind = key_kind_of((const uint8_t *)sc->label, sc->labellen);
	if (kind == KEY_NONE)
		return;
	while (v.from < v.to && sc->s[v.from] <= ' ')
		v.from++;
	while (v.to > v.from && sc->s[v.to - 1] <= ' ')
		v.to--;
	judge(sc, kind, &v);
}

void keyvalue_elements(struct scan *sc)
{
	const uint8_t *end = sc->s + sc->n, *p = sc->s;

	for (; (p = memchr(p, '<', (size_t)(end - p))); p++) {
		if (end - p < 2)
			break;
		if (p[1] != '/')
			continue;
		size_t close = (size_t)(p - sc->s), name = close + 2, k = name;
		struct value v = {.from = close, .to = close, .colon = true};

		while (k < sc->n && k - name < LOOK_KEY_BYTES &&
		       (is_alnum(sc->s[k]) || sc->s[k] == '_' || sc->s[k] == '-' ||
			sc->s[k] == ':' || sc->s[k] == '.'))
			k++;
		p++;
		if (byte_at(sc, k) != '>' || !key_may_end(sc->s[k - 2], sc->s[k - 1]))
			continue;
		while (v.from > 0 && close - v.from < LOOK_TAG_BYTES && sc->s[v.from - 1] != '>' &&
		       sc->s[v.from - 1] != '<')
			v.from--;
		/* a name as it is written in the tag that opens */
		if (byte_before(sc, v.from) == '>')
			judge(sc, key_kind_of(sc->s + name, k - name), &v);
	}
}
