/* counters.c: pages that write down how long a password is: "3/20", "17 left", "•••" beside the
 * field.
 *
 * A place on the page (an element with one text) is a counter where the first text that it shows
 * after each key says, at one position, how many characters the field holds, how many are left of
 * some number, or is as many dots: for three lengths at least (what is left: four), and never
 * otherwise. Clocks, prices and attempts don't go along with every key. */
#include "redactfs/class.h"

#include "place.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES   64u /* of a counter's text */
#define NUMBERS      3u
#define LENGTHS      3u
#define LENGTHS_LEFT 4u

struct counter {
	uint64_t lengths; /* 1 << length that it was in step with */
	uint32_t key;     /* the last one that it was judged at */
	uint8_t count;    /* 1 << number that was the length so far */
	uint8_t left;     /* 1 << number that was the rest of `whole` so far */
	bool dots, judged;
	uint16_t whole[NUMBERS];
};

struct reading {
	uint16_t number[NUMBERS];
	uint8_t from[NUMBERS], to[NUMBERS]; /* of the text */
	unsigned n;
	unsigned dots; /* characters of a text that is nothing else */
};

/* What is typed at this moment. */
struct typing {
	uint32_t key; /* counts input events of such fields; 0: none yet */
	unsigned length;
	enum redact_class cls;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned characters(const char *s, size_t n)
{
	unsigned k = 0;

	for (size_t i = 0; i < n; i++)
		k += ((uint8_t)s[i] & 0xc0) != 0x80;
	return k;
}

/* Bytes of a character that stands for a hidden one, 0: it is another one. */
static size_t dot_at(const char *s, size_t n)
{
	static const char *const dots[] = {"*", "\u2022", "\u25cf", "\u00b7", "\u2217", "\u26ab"};

	for (size_t i = 0; i < sizeof(dots) / sizeof(dots[0]); i++) {
		size_t len = strlen(dots[i]);
		if (n >= len && !memcmp(s, dots[i], len))
			return len;
	}
	return 0;
}

static void read_text(const char *s, size_t n, struct reading *ret)
{
	size_t i = 0, len;

	*ret = (struct reading){0};
	while (i < n && (len = dot_at(s + i, n - i))) {
		ret->dots++;
		i += len;
	}
	if (i < n)
		ret->dots = 0;
	for (i = 0; i < n && ret->n < NUMBERS; i++) {
		size_t from = i;
		unsigned x = 0;

		while (i < n && is_digit(s[i]) && i - from < 4)
			x = x * 10 + (unsigned)(s[i++] - '0');
		if (i == from)
			continue;
		ret->number[ret->n] = (uint16_t)x;
		ret->from[ret->n] = (uint8_t)from;
		ret->to[ret->n++] = (uint8_t)i;
	}
}

/* The first text since a key: is the place in step with it? */
static void judge(struct counter *c, const struct reading *r, const struct typing *t)
{
	bool first = !c->lengths && !c->judged;

	if (c->judged && c->key == t->key)
		return;
	for (unsigned k = 0; k < NUMBERS; k++) {
		unsigned x = k < r->n ? r->number[k] : UINT16_MAX;

		if (first && k < r->n && x == t->length)
			c->count |= (uint8_t)(1u << k);
		/* 0 and all of it: the field was emptied, which has no key of its own here */
		else if (x != t->length && x != 0)
			c->count &= (uint8_t) ~(1u << k);
		if (first && k < r->n) {
			c->whole[k] = (uint16_t)(x + t->length);
			c->left |= (uint8_t)(1u << k);
		} else if (x + t->length != c->whole[k] && x != c->whole[k]) {
			c->left &= (uint8_t) ~(1u << k);
		}
	}
	c->dots = (first || c->dots) && r->dots == t->length;
	c->judged = true;
	c->key = t->key;
	c->lengths |= (uint64_t)1 << (t->length < 63 ? t->length : 63);
}

static bool is_counter(const struct counter *c)
{
	int n = __builtin_popcountll(c->lengths);

	return (n >= (int)LENGTHS && (c->count || c->dots)) || (n >= (int)LENGTHS_LEFT && c->left);
}

static int hide(struct engine *en, const struct item *it, size_t from, size_t to,
		const struct typing *t)
{
	const struct jtok *tok = &en->toks.v[it->tok];
	size_t before = en->nspans;

	if (tok->flags & JTOK_ESCAPED) {
		from = 0;
		to = tok->len;
	}
	int r = spans_add(en, tok->off + (uint32_t)from, (uint32_t)(to - from), t->cls, FORM_TOKEN,
			  HOW_TAINT, SPAN_ENTERED, 0);
	hidden_note(en, it->node, before);
	return r;
}

/* What of a counter's text tells the length of this moment. */
static int hide_length(struct engine *en, const struct item *it, const struct counter *c,
		       const struct reading *r, size_t n, const struct typing *t)
{
	if (c->dots && r->dots)
		return hide(en, it, 0, n, t);
	for (unsigned k = 0; k < r->n; k++) {
		if ((c->count >> k & 1) ||
		    ((c->left >> k & 1) && __builtin_popcountll(c->lengths) >= (int)LENGTHS_LEFT))
			return hide(en, it, r->from[k], r->to[k], t);
	}
	return 0;
}

/* An input event of a field that is always dropped. */
static int note_key(struct engine *en, const struct item *it, struct buf *tmp, struct typing *t)
{
	const struct dom_node *d = dom_at(en->dom, it->node);
	const char *s;
	size_t n;

	if (!d->field || !class_always_dropped((enum redact_class)en->fields[d->field].cls))
		return 0;
	int r = engine_plain(en, it->tok, tmp, &s, &n);
	if (r < 0 || place_only_tokens(s, n))
		return r;
	t->key++;
	t->length = characters(s, n);
	t->cls = (enum redact_class)en->fields[d->field].cls;
	return 0;
}

/* Over all items: once to judge, once to hide. */
static int walk(struct engine *en, struct counter *v, const uint32_t *of, bool judging,
		struct buf *tmp)
{
	struct typing t = {0};
	int r = 0;

	for (size_t i = 0; i < en->nitems && !r; i++) {
		const struct item *it = &en->items[i];
		const struct dom_node *d = dom_at(en->dom, it->node);
		struct reading x;
		const char *s;
		size_t n;

		if (it->kind == IT_INPUT)
			r = note_key(en, it, tmp, &t);
		if (it->kind != IT_TEXT || !t.key || !of[d->parent] ||
		    en->toks.v[it->tok].len > TEXT_BYTES)
			continue;
		r = engine_plain(en, it->tok, tmp, &s, &n);
		if (r)
			break;
		read_text(s, n, &x);
		if (judging)
			judge(&v[of[d->parent]], &x, &t);
		else if (is_counter(&v[of[d->parent]]))
			r = hide_length(en, it, &v[of[d->parent]], &x, n, &t);
	}
	return r;
}

/* Numbers the places whose text changes once somebody types into such a field; *ret_n: how many. */
static void find_places(struct engine *en, uint32_t *of, uint32_t *ret_n)
{
	bool typing = false;

	for (size_t i = 0; i < en->nitems; i++) {
		const struct item *it = &en->items[i];
		const struct dom_node *d = dom_at(en->dom, it->node);

		typing |= it->kind == IT_INPUT && d->field &&
			  class_always_dropped((enum redact_class)en->fields[d->field].cls);
		if (typing && it->kind == IT_TEXT && d->parent && !of[d->parent] &&
		    en->toks.v[it->tok].len <= TEXT_BYTES &&
		    !(d->eff & (NF_EDITABLE | NF_TEXTAREA | NF_STYLE | NF_SCRIPT)))
			of[d->parent] = ++*ret_n;
	}
}

static bool any_such_field(const struct engine *en)
{
	for (size_t i = 1; i < en->nfields; i++) {
		if (en->fields[i].typed &&
		    class_always_dropped((enum redact_class)en->fields[i].cls))
			return true;
	}
	return false;
}

int counters_items(struct engine *en)
{
	CLEANUP(buf_wipe_done) struct buf tmp = {0};
	CLEANUP_FREE uint32_t *of = NULL;
	CLEANUP_FREE struct counter *v = NULL;
	uint32_t n = 0;

	if (!any_such_field(en))
		return 0;
	of = calloc(dom_count(en->dom), sizeof(*of));
	if (!of)
		return -ENOMEM;
	find_places(en, of, &n);
	of[0] = 0;
	v = n ? calloc((size_t)n + 1, sizeof(*v)) : NULL;
	if (n && !v)
		return -ENOMEM;
	int r = n ? walk(en, v, of, /* judging= */ true, &tmp) : 0;
	return r || !n ? r : walk(en, v, of, /* judging= */ false, &tmp);
}
