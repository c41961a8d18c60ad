/* beside-scan.c: pass 2 of what stands beside one another; see beside.h.
 *
 * Text nodes of one parent are read by detectors as the one text that they look like. Through
 * elements (a digit or a word in each) only values that were entered are looked for, and cards: two
 * cells of a table make no telephone number together. But one may say what the next one is. A group
 * is short (BESIDE_PIECES, BESIDE_BYTES), or each of its texts is in no other one of its event, so
 * that all of them are a multiple of the recording. */
#include "beside-priv.h"

#include "place.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>

/* Characters of an entered value that counts through elements: a shorter one is put together by
 * chance. */
#define THROUGH_ELEMENTS 6u
/* Of a text that says what the next one is, and of that one; what only such a text says to be a key
 * or a session's id has some length: "Session" stands over rooms and talks as well. */
#define LABEL_BYTES    48u
#define LABELLED_BYTES 96u
#define LABELLED_TOKEN 12u
/* Digits of a date or a number of those that such a text announces: 3 May 1990. */
#define LABELLED_DIGITS 5u

/* A stretch of the joined text, and the token's bytes that it is made of. */
struct part {
	const struct item *item;
	size_t from, to;
	uint32_t off;  /* in the recording: what map counts from */
	uint32_t *map; /* owned; to - from + 1 entries; NULL: byte by byte */
	bool wrapped;
};

struct joint {
	struct scanner *sc;
	struct buf s, pair; /* owned */
	struct part *v;     /* owned */
	size_t n, cap;
	size_t settled; /* spans that the text is read with */
	bool tokens;    /* some are in it */
	bool last;
};

static void joint_clear(struct joint *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->v[i].map);
	j->n = 0;
	j->s.len = 0;
	j->tokens = false;
}

static void joint_done(struct joint *j)
{
	joint_clear(j);
	free(j->v);
	buf_wipe_done(&j->s);
	buf_wipe_done(&j->pair);
}

/* The first of the settled spans that ends behind `off`. */
static size_t span_from(const struct joint *j, uint32_t off)
{
	const struct span *v = j->sc->en->spans;
	size_t lo = 0, hi = j->settled;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (v[mid].off + v[mid].len <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Appends the text of raw, with the spans [from, to) replaced and escapes undone. */
static int add_decoded(struct joint *j, const struct jtok *raw, size_t from, size_t to,
		       struct part *p)
{
	size_t room = raw->len + (to - from) * 16 + 2;
	uint32_t *map = malloc(room * (sizeof(*map) + 1));
	uint32_t *plain = malloc(room * sizeof(*plain));
	int r = map && plain ? buf_reserve(&j->s, room) : -ENOMEM;

	if (r == 0) {
		struct decoded d = {.map = map, .s = (char *)(map + room)};

		(void)again_render(j->sc->en, raw, from, to, &d);
		size_t n = jtok_unescape(d.s, d.n, j->s.p + j->s.len, plain);
		for (size_t i = 0; i <= n; i++)
			plain[i] = map[plain[i]];
		j->s.len += n;
		p->map = plain;
		plain = NULL;
	}
	free(map);
	free(plain);
	return r;
}

/* Appends a stretch of a token: unescaped, with tokens where spans are settled. */
static int part_add(struct joint *j, const struct item *it, uint32_t off, uint32_t len,
		    bool wrapped)
{
	struct engine *en = j->sc->en;
	const struct jtok *t = &en->toks.v[it->tok];
	const struct jtok raw = {.off = off, .type = JTOK_STRING, .len = len};
	size_t from = span_from(j, off), to = from;

	while (to < j->settled && en->spans[to].off < off + len)
		to++;
	j->tokens |= to > from;
	if (engine_grow((void **)&j->v, &j->cap, j->n, sizeof(*j->v)) < 0)
		return -ENOMEM;
	struct part *p = &j->v[j->n];
	*p = (struct part){.item = it, .from = j->s.len, .off = off, .wrapped = wrapped};
	int r = to > from || (t->flags & JTOK_ESCAPED) ? add_decoded(j, &raw, from, to, p)
						       : buf_add(&j->s, en->text + off, len);
	p->to = j->s.len;
	j->n += r == 0;
	return r;
}

/* What of a long text stands beside others: where its first stretch ends, or its last one starts.
 * Not inside of an escape, a character or a span. */
static uint32_t cut(const struct joint *j, const struct jtok *t, uint32_t at, bool head)
{
	const struct engine *en = j->sc->en;
	const char *s = en->text;
	size_t i;

	for (unsigned k = 0; k < BESIDE_END_BYTES / 2; k++, at++) {
		uint32_t back = at - t->off < 12 ? at - t->off : 12;

		/* an escape is twelve bytes at most */
		if (!memchr(s + at - back, '\\', back) && ((uint8_t)s[at] & 0xc0) != 0x80)
			break;
	}
	i = span_from(j, at);
	if (i < j->settled && en->spans[i].off < at)
		at = head ? en->spans[i].off : en->spans[i].off + en->spans[i].len;
	return at;
}

static int tell(struct joint *j, size_t a, size_t b, enum redact_class cls, unsigned how,
		unsigned flags, uint32_t pattern)
{
	struct engine *en = j->sc->en;
	int r = 0;

	for (size_t i = 0; i < j->n && !r; i++) {
		const struct part *p = &j->v[i];
		size_t from = a > p->from ? a : p->from, to = b < p->to ? b : p->to;
		size_t before = en->nspans;

		if (from >= to)
			continue;
		from -= p->from;
		to -= p->from;
		uint32_t off = p->off + (p->map ? p->map[from] : (uint32_t)from);
		uint32_t end = p->off + (p->map ? p->map[to] : (uint32_t)to);
		if (j->last) {
			const struct jtok *t = &en->toks.v[p->item->tok];

			r = spans_add(en, t->off, t->len, CLASS_BLOCKED, FORM_TOKEN, HOW_DETECTOR,
				      0, 0);
		} else {
			r = spans_add(en, off, end - off, cls, FORM_TOKEN, how, flags, pattern);
		}
		hidden_note(en, p->item->node, before);
	}
	return r;
}

/* Does [a, b) reach over more than one part, and through an element? */
static bool reaches_over(const struct joint *j, size_t a, size_t b, bool *ret_wrapped)
{
	unsigned n = 0;

	*ret_wrapped = false;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].from >= b || j->v[i].to <= a)
			continue;
		n++;
		*ret_wrapped |= j->v[i].wrapped;
	}
	return n > 1;
}

static bool is_wordy(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80);
}

/* Does [a, b) start or end within a word of one of the texts? */
static bool cuts_a_word(const struct joint *j, size_t a, size_t b)
{
	const char *s = j->s.p;
	bool cuts = false;

	for (size_t i = 0; i < j->n; i++) {
		const struct part *p = &j->v[i];

		cuts |= a > p->from && a < p->to && is_wordy(s[a - 1]) && is_wordy(s[a]);
		cuts |= b > p->from && b < p->to && is_wordy(s[b - 1]) && is_wordy(s[b]);
	}
	return cuts;
}

/* What reaches through elements is put together by chance when it is short, or takes a part of
 * somebody else's word: of a value that is being typed every stage is one that was entered, and the
 * button beside it may start as the next one ends. What is never kept goes all the same. */
static bool by_chance(const struct joint *j, const struct taint_hit *h)
{
	return h->len < THROUGH_ELEMENTS || (!class_always_dropped((enum redact_class)h->cls) &&
					     cuts_a_word(j, h->off, h->off + h->len));
}

static int scan_entered(struct joint *j)
{
	const struct taint *t = j->sc->en->taint;
	struct taint_hit h;
	int r = 0;

	for (int digits = 0; digits < 2 && !r; digits++) {
		for (size_t at = 0; !r && (digits ? taint_next_digits(t, j->s.p, j->s.len, &at, &h)
						  : taint_next(t, j->s.p, j->s.len, &at, &h));) {
			bool wrapped;

			if (reaches_over(j, h.off, h.off + h.len, &wrapped) &&
			    (!wrapped || !by_chance(j, &h)))
				r = tell(j, h.off, h.off + h.len, (enum redact_class)h.cls,
					 HOW_TAINT, SPAN_ENTERED, h.pattern);
		}
	}
	return r;
}

/* Parts [i, k) are text nodes of one parent. */
static int scan_text(struct joint *j, size_t i, size_t k)
{
	struct scanner *sc = j->sc;
	size_t from = j->v[i].from;
	int r;

	sc->m.n = 0;
	r = detect_scan(j->s.p + from, j->v[k - 1].to - from, DETECT_TEXT, sc->en->policy->detect,
			NULL, 0, &sc->m);
	for (size_t m = 0; m < sc->m.n && !r; m++) {
		const struct detect_match *d = &sc->m.v[m];

		r = tell(j, from + d->off, from + d->off + d->len, (enum redact_class)d->cls,
			 span_found_by((enum detector)d->by), 0, 0);
	}
	return r;
}

static bool is_number(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_in(const char *s, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += is_number(s[i]);
	return k;
}

/* Could a be what says what b is? By their bytes alone: most cells of a table are refused here. */
static bool may_label(const char *a, size_t na, const char *b, size_t nb)
{
	return na >= 2 && na <= LABEL_BYTES && nb >= 3 && nb <= LABELLED_BYTES && is_wordy(a[0]) &&
	       !is_number(a[0]) && !is_number(a[na - 1]) &&
	       (!memchr(b, ' ', nb) || digits_in(b, nb) > 0);
}

/* Could they be the first digits of a card number that is shown in pieces? */
static bool may_group(const char *text, const struct jtok *a, const struct jtok *b)
{
	return ((a->len == 4 && (b->len == 4 || b->len == 6)) || (a->len == 1 && b->len == 1)) &&
	       is_number(text[a->off]) && is_number(text[b->off]);
}

/* Part i, in an element of its own, says what part i + 1 is: read as "Date of birth: 23.04.1961".
 */
static int scan_labelled(struct joint *j, size_t i)
{
	struct scanner *sc = j->sc;
	const struct part *p = &j->v[i];
	const char *a = j->s.p + p->from, *b = j->s.p + p[1].from;
	size_t na = p->to - p->from, nb = p[1].to - p[1].from;
	int r;

	if ((!p->wrapped && !p[1].wrapped) || !may_label(a, na, b, nb) ||
	    !detect_is_label(a, na, digits_in(b, nb) >= LABELLED_DIGITS))
		return 0;
	while (na > 0 && (a[na - 1] == ' ' || a[na - 1] == ':'))
		na--;
	j->pair.len = 0;
	if ((r = buf_add(&j->pair, a, na)) < 0 || (r = buf_adds(&j->pair, ": ")) < 0 ||
	    (r = buf_add(&j->pair, b, nb)) < 0)
		return r;
	na += 2;
	sc->m.n = 0;
	r = detect_scan(j->pair.p, j->pair.len, DETECT_TEXT, sc->en->policy->detect, NULL, 0,
			&sc->m);
	for (size_t m = 0; m < sc->m.n && !r; m++) {
		const struct detect_match *d = &sc->m.v[m];

		if (d->off < na || (d->by == DETECTOR_TOKEN && d->len < LABELLED_TOKEN))
			continue;
		size_t from = p[1].from + d->off - na;

		r = tell(j, from, from + d->len, (enum redact_class)d->cls,
			 span_found_by((enum detector)d->by), 0, 0);
	}
	return r;
}

/* The digits that are all there is in part i; 0: there is more. */
static size_t lone_digits(const struct joint *j, size_t i, size_t *ret_from)
{
	size_t from = j->v[i].from, to = j->v[i].to;

	while (from < to && j->s.p[from] == ' ')
		from++;
	while (to > from && j->s.p[to - 1] == ' ')
		to--;
	*ret_from = from;
	return to > from && digits_in(j->s.p + from, to - from) == to - from ? to - from : 0;
}

/* A row of things that are counted or listed: numbers of a table make no card together. */
static bool is_cell(const struct joint *j, size_t i)
{
	static const char *const tags[] = {"td", "th", "li", "dd", "dt", "option", "text", "tspan"};
	const struct engine *en = j->sc->en;
	uint32_t node = j->v[i].item->node;

	for (unsigned up = 0; up < 3 && node; up++, node = dom_at(en->dom, node)->parent) {
		uint32_t t = dom_at(en->dom, node)->tag_tok;

		for (size_t k = 0; t && k < sizeof(tags) / sizeof(tags[0]); k++) {
			if (jtok_is(en->text, &en->toks.v[t], tags[k]))
				return true;
		}
	}
	return false;
}

/* Groups of so many digits are what a card has printed on it, and no list of numbers. */
static bool grouped_as_card(const uint8_t *sizes, size_t n)
{
	static const char *const grouped[] = {"\4\4\4\4", "\4\6\5", "\4\6\4"};

	for (size_t g = 0; g < sizeof(grouped) / sizeof(grouped[0]); g++) {
		if (n == strlen(grouped[g]) && !memcmp(sizes, grouped[g], n))
			return true;
	}
	if (n < 15 || n > 16)
		return false;
	for (size_t k = 0; k < n; k++) {
		if (sizes[k] != 1)
			return false;
	}
	return true;
}

/* A card number that is shown in pieces, an element for each: nothing else is beside them that is
 * a number. Sets *ret_end behind the digits' parts. */
static int scan_card(struct joint *j, size_t i, size_t *ret_end)
{
	uint8_t sizes[16];
	size_t k = i, from, n = 0, len;
	bool wrapped = false;
	int r = 0;

	j->pair.len = 0;
	for (; k < j->n && (len = lone_digits(j, k, &from)) > 0 && !r; k++) {
		if (n < sizeof(sizes))
			sizes[n] = len < 9 ? (uint8_t)len : 9;
		n++;
		wrapped |= j->v[k].wrapped;
		if (n > 1 && len > 1)
			r = buf_addc(&j->pair, ' ');
		if (!r)
			r = buf_add(&j->pair, j->s.p + from, len);
	}
	*ret_end = k > i ? k : i + 1;
	if (r || !wrapped || n > sizeof(sizes) || !grouped_as_card(sizes, n) ||
	    detect_card_at(j->pair.p, j->pair.len, 0) != j->pair.len || is_cell(j, i))
		return r;
	return tell(j, j->v[i].from, j->v[k - 1].to, CLASS_CARD, HOW_DETECTOR, 0, 0);
}

static int scan_joint(struct joint *j)
{
	int r = 0;

	for (size_t i = 0; i < j->n && !r && (!j->settled || j->tokens);)
		r = scan_card(j, i, &i);

	for (size_t i = 0; i + 1 < j->n && !r && (!j->settled || j->tokens); i++)
		r = scan_labelled(j, i);

	if (j->n > 1 && !r && (!j->settled || j->tokens))
		r = scan_entered(j);
	for (size_t i = 0, k; i < j->n && !r; i = k) {
		for (k = i + 1; k < j->n && !j->v[i].wrapped && !j->v[k].wrapped; k++)
			;
		if (k - i > 1 && (!j->settled || j->tokens))
			r = scan_text(j, i, k);
	}
	joint_clear(j);
	return r;
}

static int piece_add(struct joint *j, const struct piece *p)
{
	const struct item *it = &j->sc->en->items[p->item];
	const struct jtok *t = &j->sc->en->toks.v[it->tok];

	if (t->len <= 2 * BESIDE_END_BYTES)
		return part_add(j, it, t->off, t->len, p->wrapped);
	uint32_t head = cut(j, t, t->off + BESIDE_END_BYTES, true);
	uint32_t tail = cut(j, t, t->off + t->len - BESIDE_END_BYTES, false);
	int r = part_add(j, it, t->off, head - t->off, p->wrapped);

	if (!r)
		r = scan_joint(j);
	return r ? r : part_add(j, it, tail, t->off + t->len - tail, p->wrapped);
}

static const struct jtok *token_of(const struct joint *j, const struct piece *p)
{
	const struct engine *en = j->sc->en;

	return &en->toks.v[en->items[p->item].tok];
}

static bool has_spans(const struct joint *j, const struct piece *p)
{
	const struct engine *en = j->sc->en;
	const struct jtok *t = token_of(j, p);
	size_t i = span_from(j, t->off);

	return i < j->settled && en->spans[i].off < t->off + t->len;
}

/* Is there anything in the group that could be found? */
static bool worth_a_look(const struct joint *j, const struct piece *p)
{
	if (p[0].item == BESIDE_GROUP_END || p[1].item == BESIDE_GROUP_END)
		return false; /* nothing stands beside it */
	if (j->settled) {     /* then only what tokens went into is read again */
		const struct piece *q = p;

		while (q->item != BESIDE_GROUP_END && !has_spans(j, q))
			q++;
		if (q->item == BESIDE_GROUP_END)
			return false;
	}
	if (!taint_is_empty(j->sc->en->taint))
		return true;
	for (; p[1].item != BESIDE_GROUP_END; p++) {
		const struct jtok *a = token_of(j, p), *b = token_of(j, p + 1);
		const char *text = j->sc->en->text;

		if ((!p[0].wrapped && !p[1].wrapped) || may_group(text, a, b) ||
		    may_label(text + a->off, a->len, text + b->off, b->len))
			return true;
	}
	return false;
}

int beside_scan(struct scanner *sc, size_t settled, bool last)
{
	CLEANUP(joint_done) struct joint j = {.sc = sc, .settled = settled, .last = last};
	const struct beside *b = sc->en->beside;
	int r = 0;

	for (size_t i = 0; i < b->npieces && !r; i++) {
		bool look = worth_a_look(&j, &b->pieces[i]);

		for (; b->pieces[i].item != BESIDE_GROUP_END && !r; i++)
			r = look ? piece_add(&j, &b->pieces[i]) : 0;
		if (!r)
			r = scan_joint(&j);
	}
	return r;
}
