/* detect.c: one pass over a text, a detector at each anchor, and one answer where several claim the
 * same bytes.
 *
 * (D1) matches are sorted, don't overlap, lie inside the text and never split a character
 * (D2) every byte that some detector claimed stays covered: where two overlap, the lower class
 *      takes the common part and the other keeps the rest
 * (D3) the cost is linear in the text: look-behind and look-ahead are bounded by constants, and
 * what lies inside a match of unbounded length isn't looked at again */
#include "detect-priv.h"

#include "redactfs/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void detect_matches_done(struct detect_matches *m)
{
	free(m->v);
	*m = (struct detect_matches){0};
}

static int matches_push(struct detect_matches *m, size_t off, size_t end, enum detector by)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 16;
		struct detect_match *v = realloc(m->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct detect_match){.off = (uint32_t)off,
					     .len = (uint32_t)(end - off),
					     .cls = (uint8_t)detector_class(by),
					     .by = (uint8_t)by};
	return 0;
}

void scan_add(struct scan *sc, size_t off, size_t end, enum detector d)
{
	assert(off < end && end <= sc->n);
	if (!scan_wants(sc, d) || sc->r < 0)
		return;
	sc->r = matches_push(sc->m, off, end, d);
}

void scan_claim(struct scan *sc, size_t off, size_t end, enum detector d)
{
	scan_add(sc, off, end, d);
	if (scan_wants(sc, d) && end > sc->resume)
		sc->resume = end;
}

bool is_token(const struct scan *sc, size_t from, size_t to)
{
	while (from < to && sc->s[from] == '[') {
		const uint8_t *end = memchr(sc->s + from, ']', to - from < 32 ? to - from : 32);

		if (!end || class_parse((const char *)sc->s + from + 1,
					(size_t)(end - sc->s) - from - 1) == CLASS_NONE)
			return false;
		from = (size_t)(end - sc->s) + 1;
		if (from == to)
			return true;
	}
	return false;
}

/* Adds [off, end), joined to the match before it where they touch and are of one class. */
static int emit(struct detect_matches *m, size_t base, size_t off, size_t end, enum detector by)
{
	struct detect_match *last = m->n > base ? &m->v[m->n - 1] : NULL;

	if (last && last->cls == detector_class(by) && last->off + last->len == off) {
		last->len += (uint32_t)(end - off);
		return 0;
	}
	return matches_push(m, off, end, by);
}

/* Keeps D1 and D2. Matches come nearly in order (a match starts a bounded stretch before its
 * anchor), so insertion sort is linear here. Then a sweep that knows for each class how far it
 * reaches; the answer grows behind the matches it is made from, and takes their place. */
static int resolve(struct detect_matches *m, size_t base)
{
	bool overlap = false;
	size_t n = m->n, pos = 0;
	size_t reach[CLASS_COUNT] = {0};
	uint8_t by[CLASS_COUNT] = {0}; /* who reaches so far */

	for (size_t i = base + 1; i < n; i++) {
		struct detect_match x = m->v[i];
		size_t k = i;

		for (; k > base && m->v[k - 1].off > x.off; k--)
			m->v[k] = m->v[k - 1];
		m->v[k] = x;
	}
	for (size_t i = base + 1; i < n && !overlap; i++)
		overlap = m->v[i - 1].off + m->v[i - 1].len > m->v[i].off;
	if (!overlap)
		return 0;
	for (size_t i = base; i <= n; i++) {
		size_t to = i < n ? m->v[i].off : SIZE_MAX;

		while (pos < to) {
			unsigned c = 1;
			size_t end;

			while (c < CLASS_COUNT && reach[c] <= pos)
				c++;
			if (c == CLASS_COUNT) {
				pos = to;
				break;
			}
			end = reach[c] < to ? reach[c] : to;
			if (emit(m, n, pos, end, (enum detector)by[c]) < 0)
				return -ENOMEM;
			pos = end;
		}
		if (i < n) {
			size_t end = to + m->v[i].len;

			if (end > reach[m->v[i].cls]) {
				reach[m->v[i].cls] = end;
				by[m->v[i].cls] = m->v[i].by;
			}
		}
	}
	memmove(m->v + base, m->v + n, (m->n - n) * sizeof(*m->v));
	m->n = base + (m->n - n);
	return 0;
}

/* A number with letters directly before its first digit: most are pieces of ids and hashes, which
 * few looks at fixed places refuse. Returns false when it may still be a number of its own. */
static bool at_glued_number(struct scan *sc, size_t i, size_t run)
{
	int c2 = i > 1 ? sc->s[i - 2] : 0, c3 = i > 2 ? sc->s[i - 3] : 0;
	size_t end = 0;
	struct num v;

	if (run >= 4 && scan_wants(sc, DETECTOR_CARD)) {
		num_collect(sc, i, NUM_SEPS, &v);
		end = card_end(sc, i, &v);
		if (end) {
			scan_claim(sc, i, end, DETECTOR_CARD);
			card_rest(sc, end);
			return true;
		}
	}
	if (sc->ctx == DETECT_CSS)
		return true;
	if (sc->s[i] == '2' && sc->s[i - 1] == 'a')
		secret_prefix_at(sc, i);
	/* One letter, two, or the six of a codice fiscale. */
	if ((sc->enabled & DETECTORS_NATIONAL_ID) &&
	    (!is_alnum(c2) || !is_alnum(c3) || (i >= 6 && (i == 6 || !is_alnum(sc->s[i - 7])))))
		end = national_id_letters_at(sc, i, run);
	if (end > sc->resume)
		sc->resume = end;
	/* An escape of nested JSON (\n020…) is a boundary. */
	return end || c2 != '\\';
}

/* A short number behind a word and a space (behind a quote, in JSON, its key would say so), or
 * before " is your". */
static bool may_be_otp(const struct scan *sc, size_t i, size_t run)
{
	size_t k = i;

	if (run < 2 || run > 8 || sc->ctx == DETECT_CSS || !scan_wants(sc, DETECTOR_OTP))
		return false;
	if (run >= 4 && byte_at(sc, i + run) == ' ' && byte_at(sc, i + run + 1) == 'i')
		return true;
	if (i == 0)
		return sc->label != NULL;
	while (k > 0 && i - k < 3 && (sc->s[k - 1] == ' ' || sc->s[k - 1] == ':'))
		k--;
	return k < i && k > 0 && (is_alpha(sc->s[k - 1]) || sc->s[k - 1] >= 0x80);
}

/* 23 April 1961, 23. dubna 1961, 3rd of … */
static bool may_be_day(const struct scan *sc, size_t i, size_t run)
{
	int next = byte_at(sc, i + run);

	if (run > 2 || sc->ctx == DETECT_CSS || sc->s[i] > (run == 2 ? '3' : '9') ||
	    !scan_wants(sc, DETECTOR_BIRTHDATE))
		return false;
	return next == ' ' || next == '.' || next == 's' || next == 'n' || next == 'r' ||
	       next == 't' || next == 'e' || next == ',' || next >= 0x80;
}

/* The first digit of a run at i. Detectors are asked in the order of their classes, so that the
 * stricter one has a number that two of them would take. */
static void at_number(struct scan *sc, size_t i)
{
	int before = byte_before(sc, i), next;
	size_t end = 0, run = 1;
	bool lone;
	struct num v;

	while (run <= 34 && is_digit(byte_at(sc, i + run)))
		run++;
	if (run > 34) /* no number of any kind */
		return;
	if (is_alpha(before) || before == ' ') {
		if (scan_wants(sc, DETECTOR_IBAN) && (end = iban_at(sc, i))) {
			sc->resume = end;
			return;
		}
	}
	if (is_alpha(before) && at_glued_number(sc, i, run))
		return;
	/* Nothing joins it to another number, and it is too short to be one. */
	next = byte_at(sc, i + run);
	lone = next == 0 || next == ',' || next == '"' || next == '<' || next == ':' ||
	       next == '}' || next == ';' || next == '\n' || is_alpha(next) ||
	       ((next == ' ' || next == '.' || next == '-' || next == '_' || next == '/') &&
		is_alpha(byte_at(sc, i + run + 1)));
	if (lone && run < 7 && !may_be_day(sc, i, run) &&
	    !(run == 6 && (next == 'A' || next == 'B' || next == 'a' || next == 'b')) &&
	    !may_be_otp(sc, i, run))
		return;
	if (run <= 3 && next == '.' && sc->ctx != DETECT_CSS && scan_wants(sc, DETECTOR_IPV4) &&
	    (end = ipv4_at(sc, i))) {
		sc->resume = end;
		return;
	}
	/* In a list of numbers only a card's first group, or an id in one piece, may start. */
	if (i < sc->list && !(run >= 4 && sc->s[i] >= '2' && sc->s[i] <= '6') && run < 8)
		return;
	num_collect(sc, i, NUM_SEPS, &v);
	if (v.cut)
		sc->list = v.end[NUM_DIGITS - 1];
	if (v.n >= 12 && scan_wants(sc, DETECTOR_CARD) && (end = card_end(sc, i, &v))) {
		scan_claim(sc, i, end, DETECTOR_CARD);
		card_rest(sc, end);
		return;
	}
	if (sc->ctx == DETECT_CSS)
		return;
	if (((before == '-' && run == 7) || (before == ' ' && run == 2)) &&
	    (sc->enabled & DETECTORS_NATIONAL_ID))
		end = national_id_letters_at(sc, i, run);
	if (may_be_otp(sc, i, run))
		end = otp_at(sc, i, &v);
	if (!end && (v.n >= 8 || (v.n == 6 && v.d[5] == 2)) &&
	    (sc->enabled & DETECTORS_NATIONAL_ID))
		end = national_id_at(sc, i, &v);
	if (!end && v.n >= 7 && scan_wants(sc, DETECTOR_PHONE))
		end = phone_at(sc, i, &v);
	if (!end && (run <= 4 || run == 8) && scan_wants(sc, DETECTOR_BIRTHDATE))
		end = birthdate_at(sc, i, &v);
	if (end)
		sc->resume = end;
}

static void at_other(struct scan *sc, size_t i)
{
	const uint8_t *s = sc->s;
	size_t end;

	switch (s[i]) {
	case '@':
		if (!userinfo_at(sc, i))
			email_at(sc, i, 1);
		break;
	case '%':
		if (byte_at(sc, i + 1) == '4' && byte_at(sc, i + 2) == '0')
			email_at(sc, i, 3);
		else if (byte_at(sc, i + 1) == '3' && (byte_at(sc, i + 2) | 0x20) == 'd')
			keyvalue_at(sc, i, 3);
		break;
	case ':':
		if (byte_at(sc, i + 1) == '/' && byte_at(sc, i + 2) == '/')
			url_at(sc, i + 3);
		else if (byte_at(sc, i + 1) == 'A' && byte_at(sc, i + 2) == 'A')
			secret_bot_at(sc, i);
		else if (sc->ctx != DETECT_CSS && scan_wants(sc, DETECTOR_IPV6) &&
			 (end = ipv6_at(sc, i)))
			sc->resume = end;
		else
			keyvalue_at(sc, i, 1);
		break;
	case '=':
		keyvalue_at(sc, i, 1);
		break;
	case 'b':
	case 'B':
		if ((byte_at(sc, i + 5) | 0x20) == 'r' || (byte_at(sc, i + 4) | 0x20) == 'c')
			secret_scheme_at(sc, i);
		break;
	case 'J':
		secret_jwt_at(sc, i);
		break;
	case '-':
		if (byte_before(sc, i) != '-' && byte_at(sc, i + 1) == '-')
			secret_pem_at(sc, i);
		else
			secret_prefix_at(sc, i);
		break;
	default:
		secret_prefix_at(sc, i);
		break;
	}
}

static void scan_text(struct scan *sc)
{
	struct anchor_state state = {0};
	uint8_t tail[64];

	for (size_t base = 0; base < sc->n && sc->r == 0; base += 64) {
		const uint8_t *p = sc->s + base;
		size_t n = 64;
		struct anchors a;
		struct bytes b;

		if (sc->n - base < sizeof(tail)) {
			n = sc->n - base;
			memset(tail, 0, sizeof(tail));
			memcpy(tail, p, n);
			p = tail;
		}
		bytes_find(p, n, &b);
		anchors_find(&b, &state, &a);
		sc->block = b.alpha;
		sc->block_at = base;
		for (uint64_t todo = a.number | a.other; todo; todo &= todo - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(todo);

			if (base + bit < sc->resume)
				continue;
			if (a.number >> bit & 1)
				at_number(sc, base + bit);
			else
				at_other(sc, base + bit);
		}
		if (b.alpha)
			sc->letter = base + 64 - (unsigned)__builtin_clzll(b.alpha);
	}
}

bool detect_is_header(const char *s, size_t n)
{
	enum key_kind kind = n <= LOOK_KEY_BYTES ? key_kind_of((const uint8_t *)s, n) : KEY_NONE;

	return kind == KEY_SECRET || kind == KEY_COOKIE;
}

int detect_scan(const char *s, size_t n, enum detect_context ctx, uint64_t enabled,
		const char *label, size_t labellen, struct detect_matches *m)
{
	struct scan sc = {.s = (const uint8_t *)s,
			  .n = n,
			  .ctx = ctx,
			  .enabled = enabled,
			  .label = label,
			  .labellen = labellen,
			  .hints_at = SIZE_MAX,
			  .m = m};
	size_t base = m->n;

	if (n > LIMIT_STRING_BYTES)
		return -E2BIG;
	if (ctx == DETECT_URL && n > 1 && (s[0] == '/' || s[0] == '#'))
		url_path_at(&sc, 0);
	scan_text(&sc);
	keyvalue_label(&sc);
	if (ctx != DETECT_CSS)
		keyvalue_elements(&sc);
	if (sc.r == 0)
		sc.r = resolve(m, base);
	if (sc.r < 0)
		m->n = base;
	return sc.r;
}
