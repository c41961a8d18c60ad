/* collect.c: what visitors entered, gathered for the taint pass.
 *
 * Sources: input events, values that a form came with, text of editable elements and textareas. A
 * field whose value is that of a protected one is protected itself: a "show password" that swaps in
 * a second input, or clones the first. */
#include "collect.h"

#include "boxes.h"
#include "fold.h"
#include "place.h"
#include "redactfs/detect.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Is this item something entered, and of which field (0: of none)? */
static bool is_source(const struct engine *en, const struct item *it, uint32_t *ret_field)
{
	const struct dom_node *d = dom_at(en->dom, it->node);
	const struct jtok *k = &en->toks.v[it->tok - 1];

	*ret_field = d->field;
	switch (it->kind) {
	case IT_INPUT:
		return !d->field || !en->fields[d->field].button;
	case IT_ATTR:
	case IT_NUM:
		if (!d->field || k->len != 5 || strncasecmp(en->text + k->off, "value", 5) != 0)
			return false;
		const struct field *f = &en->fields[d->field];
		return !f->button && !f->radio && (!f->hidden || class_always_dropped(f->cls));
	case IT_TEXT:
		*ret_field = d->parent ? dom_at(en->dom, d->parent)->field : 0;
		return d->eff & (NF_TEXTAREA | NF_EDITABLE);
	default:
		return false;
	}
}

/* The items that may be sources: few of all, and asked for several times. */
struct sources {
	uint32_t *v; /* owned: indexes of items, in order */
	size_t n;
};

static bool may_be_source(const struct engine *en, const struct item *it)
{
	const struct dom_node *d;

	switch (it->kind) {
	case IT_INPUT:
		return true;
	case IT_ATTR:
	case IT_NUM:
		return en->toks.v[it->tok - 1].len == 5 && dom_at(en->dom, it->node)->field;
	case IT_TEXT:
		d = dom_at(en->dom, it->node);
		return d->eff & (NF_TEXTAREA | NF_EDITABLE);
	default:
		return false;
	}
}

static int sources_find(const struct engine *en, struct sources *ret)
{
	size_t n = 0;

	ret->v = malloc((en->nitems + 1) * sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < en->nitems; i++) {
		ret->v[n] = (uint32_t)i;
		n += may_be_source(en, &en->items[i]);
	}
	ret->n = n;
	return 0;
}

static enum redact_class class_of(const struct engine *en, const struct item *it, uint32_t field)
{
	const struct dom_node *d = dom_at(en->dom, it->node);
	enum redact_class cls = field ? (enum redact_class)en->fields[field].cls : CLASS_FORM;

	if (class_always_dropped(cls))
		return cls;
	if ((d->eff & (NF_BLOCK | NF_IGNORE_TREE)) || (d->own & NF_IGNORE))
		return CLASS_BLOCKED;
	if (d->eff & (NF_MASK | NF_MASK_INPUT))
		return CLASS_MASKED;
	return cls;
}

static bool masked_or_token(const char *s, size_t n)
{
	if (!n || s[0] == '[')
		return place_only_tokens(s, n);
	for (size_t i = 1; i < n; i++)
		if (s[i] != s[0])
			return false;
	return n > 1 || s[0] == '*';
}

/* A value goes on from another when it starts with it or is what is left after deleting its end. */
static bool goes_on(const char *from, size_t fromlen, const char *to, size_t tolen)
{
	return tolen > fromlen && !memcmp(from, to, fromlen);
}

/* The class that a value's own looks give to its field: a card number typed where nobody asked for
 * one protects every keystroke of it. */
static enum redact_class looks_like(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (s[i] < '0' || s[i] > '9'))
		i++;
	size_t len = i < n ? detect_card_at(s, n, i) : 0;
	return len && i + len >= n && i <= 1 ? CLASS_CARD : CLASS_NONE;
}

struct known {
	uint64_t hash;
	uint8_t cls;
};

static int by_hash(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (int)x->cls - (int)y->cls;
}

static uint64_t value_hash(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ull ^ n;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 0x100000001b3ull;
	return h;
}

/* Fields that hold the value of a protected field become protected. */
static int spread(struct engine *en, const struct sources *src, struct buf *tmp)
{
	struct known *v = malloc((src->n + 1) * sizeof(*v));
	size_t n = 0;
	int r = v ? 0 : -ENOMEM;

	for (int pass = 0; pass < 2 && !r; pass++) {
		for (size_t k = 0; k < src->n && !r; k++) {
			size_t i = src->v[k], len;
			uint32_t field;
			const char *s;

			if (!is_source(en, &en->items[i], &field) || !field)
				continue;
			struct field *f = &en->fields[field];
			if (pass == 0 ? !class_always_dropped(f->cls) && f->choice
				      : class_always_dropped(f->cls))
				continue;
			r = engine_plain(en, en->items[i].tok, tmp, &s, &len);
			if (r || len < 5 || masked_or_token(s, len))
				continue;
			if (pass == 0) {
				enum redact_class c = f->choice ? CLASS_NONE : looks_like(s, len);
				if (c != CLASS_NONE && c < f->cls) {
					f->cls = (uint8_t)c;
					f->how = HOW_DETECTOR;
				}
				if (class_always_dropped(f->cls))
					v[n++] = (struct known){value_hash(s, len), f->cls};
				continue;
			}
			uint64_t h = value_hash(s, len);
			size_t lo = 0, hi = n;
			while (lo < hi) {
				size_t mid = (lo + hi) / 2;
				if (v[mid].hash < h)
					lo = mid + 1;
				else
					hi = mid;
			}
			if (lo < n && v[lo].hash == h && v[lo].cls < f->cls) {
				f->cls = v[lo].cls;
				f->how = HOW_TAINT;
			}
		}
		if (pass == 0 && n)
			qsort(v, n, sizeof(*v), by_hash);
	}
	free(v);
	return r;
}

#define HINT_BYTES 80u

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool collect_is_hint(const struct engine *en, const char *s, size_t n)
{
	uint64_t h = value_hash(s, n);

	return n <= HINT_BYTES && en->nhints &&
	       bsearch(&h, en->hints, en->nhints, sizeof(h), by_number) != NULL;
}

static bool is_editable_text(const struct engine *en, const struct item *it)
{
	return it->kind == IT_TEXT && (dom_at(en->dom, it->node)->eff & NF_EDITABLE);
}

/* Fills en->hints; `next` is, for each source, the item that follows on the same node, plus 1. */
static int find_hints(struct engine *en, const struct sources *src, const uint32_t *next,
		      struct buf *tmp, struct buf *prev)
{
	uint64_t *typed = NULL;
	size_t ntyped = 0, typed_cap = 0, hints_cap = 0, n, n2, kept = 0;
	const char *s, *s2;
	int r = 0;

	for (size_t k = 0; k < src->n && !r; k++) {
		const struct item *it = &en->items[src->v[k]];

		if (!is_editable_text(en, it))
			continue;
		r = engine_plain(en, it->tok, tmp, &s, &n);
		if (!r && !it->came) {
			r = engine_grow((void **)&typed, &typed_cap, ntyped, sizeof(*typed));
			if (!r)
				typed[ntyped++] = value_hash(s, n);
		} else if (!r && next[k] && n <= HINT_BYTES) {
			r = engine_plain(en, en->items[next[k] - 1].tok, prev, &s2, &n2);
			/* a token may stand in the hint by chance: it was another text */
			if (!r && n &&
			    (place_only_tokens(s2, n2) ||
			     (!memmem(s2, n2, s, n) &&
			      !(n2 && memmem(s, n, s2, n2) && n2 > n / 2)))) {
				r = engine_grow((void **)&en->hints, &hints_cap, en->nhints,
						sizeof(*en->hints));
				if (!r)
					en->hints[en->nhints++] = value_hash(s, n);
			}
		}
	}
	if (!r && en->nhints) {
		if (ntyped)
			qsort(typed, ntyped, sizeof(*typed), by_number);
		for (size_t i = 0; i < en->nhints; i++)
			if (!ntyped ||
			    !bsearch(&en->hints[i], typed, ntyped, sizeof(*typed), by_number))
				en->hints[kept++] = en->hints[i];
		en->nhints = kept;
		qsort(en->hints, kept, sizeof(*en->hints), by_number);
	}
	free(typed);
	return r;
}

/* What a file input says is a made-up path; the name alone is what pages show. */
static int add_value(struct engine *en, const char *s, size_t n, const struct taint_value *v)
{
	static const char fake[] = "C:\\fakepath\\";
	int r = taint_add(en->taint, s, n, v);

	if (!r && n > sizeof(fake) && !memcmp(s, fake, sizeof(fake) - 1))
		r = taint_add(en->taint, s + sizeof(fake) - 1, n - (sizeof(fake) - 1), v);
	return r;
}

int collect_entered(struct engine *en)
{
	CLEANUP(buf_wipe_done) struct buf tmp = {0}, prev = {0};
	/* by field, and by node for text of editable elements: the latest value's item, plus 1 */
	uint32_t *last = calloc(en->nfields + 1, sizeof(*last));
	struct sources src = {0};
	int r = sources_find(en, &src);
	/* by source: the item that goes on from it, plus 1 */
	uint32_t *next = calloc(src.n + 1, sizeof(*next));
	/* by node: its latest source, plus 1 */
	uint32_t *by_node = src.n ? calloc(dom_count(en->dom), sizeof(*by_node)) : NULL;

	if (!last || !next || (src.n && !by_node))
		r = -ENOMEM;
	for (size_t k = 0; k < src.n && !r; k++) {
		size_t i = src.v[k];
		uint32_t field;

		if (!is_source(en, &en->items[i], &field))
			continue;
		uint32_t *before = &by_node[en->items[i].node];
		if (*before)
			next[*before - 1] = (uint32_t)i + 1;
		*before = (uint32_t)k + 1;
		if (field)
			last[field] = (uint32_t)i + 1;
	}
	struct boxes boxes = {0};
	if (!r)
		r = boxes_open(&boxes, en, last, &tmp);
	if (!r)
		r = boxes_decide(&boxes);
	if (!r)
		r = spread(en, &src, &tmp);
	if (!r)
		r = find_hints(en, &src, next, &tmp, &prev);
	for (size_t k = 0; k < src.n && !r; k++) {
		size_t i = src.v[k], n, n2;
		uint32_t field;
		const char *s, *s2;

		if (!is_source(en, &en->items[i], &field))
			continue;
		r = engine_plain(en, en->items[i].tok, &tmp, &s, &n);
		if (r || masked_or_token(s, n))
			continue;
		if (is_editable_text(en, &en->items[i]) && collect_is_hint(en, s, n))
			continue;
		struct taint_value v = {
			.cls = class_of(en, &en->items[i], field),
			.event = en->items[i].event,
			.final = true,
			.choice = field && en->fields[field].choice,
		};
		bool long_ago;
		v.common = v.cls == CLASS_FORM &&
			   boxes_is_date(en, &en->items[i], s, n, &long_ago) && !long_ago;
		if (next[k]) {
			r = engine_plain(en, en->items[next[k] - 1].tok, &prev, &s2, &n2);
			v.final = !r && !goes_on(s, n, s2, n2);
		}
		if (v.choice && n == 2 && !memcmp(s, "on", 2))
			continue; /* what a check box without a value says */
		if (!r)
			r = add_value(en, s, n, &v);
	}
	if (!r)
		r = boxes_joined(&boxes);
	boxes_done(&boxes);
	free(last);
	free(next);
	free(by_node);
	free(src.v);
	return r;
}
