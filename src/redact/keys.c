/* keys.c: objects whose keys aren't told apart any more.
 *
 * {"jane@a.example":1,"joe@b.example":2} would become {"[email]":1,"[email]":2}, where readers
 * differ on which one counts; canon.h refuses it, and so would every import of a copy. A map that
 * is keyed by such values is emptied. Of an event, which has to stay one, the later members go. */
#include "engine-priv.h"
#include "place.h"
#include "redactfs/limits.h"

#include <stdlib.h>
#include <string.h>

struct range {
	uint32_t off, end;
};

struct keys {
	struct engine *en;
	uint32_t *objects; /* owned: those with a redacted key */
	size_t nobjects, objects_cap;
	struct range *gone; /* owned: what goes */
	size_t ngone, gone_cap;
};

/* A key as an ordinary read shows it at most: with every span replaced. */
struct shown {
	uint32_t tok;
	struct buf text; /* owned */
};

static int show(const struct engine *en, uint32_t tok, struct buf *out)
{
	const struct jtok *t = &en->toks.v[tok];
	uint32_t at = t->off, end = t->off + t->len;
	int r = 0;

	for (size_t i = engine_span_from(en, at); !r && i < en->nspans && en->spans[i].off < end;
	     i++) {
		const struct span *s = &en->spans[i];
		size_t n;
		const char *token = class_token(s->cls, s->form, &n);

		if (s->off > at)
			r = buf_add(out, en->text + at, s->off - at);
		if (!r)
			r = buf_add(out, token, n);
		at = s->off + s->len;
	}
	return r || at >= end ? r : buf_add(out, en->text + at, end - at);
}

static int by_text(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	size_t n = x->text.len < y->text.len ? x->text.len : y->text.len;
	int c = n ? memcmp(x->text.p, y->text.p, n) : 0;

	if (c)
		return c;
	if (x->text.len != y->text.len)
		return x->text.len < y->text.len ? -1 : 1;
	return x->tok < y->tok ? -1 : x->tok > y->tok;
}

static bool same_text(const struct shown *x, const struct shown *y)
{
	return x->text.len == y->text.len &&
	       (!x->text.len || !memcmp(x->text.p, y->text.p, x->text.len));
}

static int goes(struct keys *k, uint32_t off, size_t n)
{
	if (engine_grow((void **)&k->gone, &k->gone_cap, k->ngone, sizeof(*k->gone)) < 0)
		return -ENOMEM;
	k->gone[k->ngone++] = (struct range){off, off + (uint32_t)n};
	return 0;
}

/* A member with the comma before it: it isn't the first of its name. */
static int member_goes(struct keys *k, uint32_t key)
{
	const struct engine *en = k->en;
	const struct jtok *t = &en->toks.v[key + 1];
	uint32_t from = en->toks.v[key].off - 2, off;
	size_t n = jtok_inside(en->text, en->toks.v, key + 1, &off);

	return goes(k, from, off + n + (t->type <= JTOK_STRING) - from);
}

static int object(struct keys *k, uint32_t obj)
{
	const struct engine *en = k->en;
	uint32_t end = jtok_next(en->toks.v, obj), off;
	struct shown *v = NULL;
	size_t n = 0, cap = 0;
	int r = 0;

	for (uint32_t i = obj + 1; i < end && !r; i = jtok_next(en->toks.v, i + 1)) {
		r = engine_grow((void **)&v, &cap, n, sizeof(*v));
		if (r)
			break;
		v[n] = (struct shown){.tok = i};
		r = show(en, i, &v[n++].text);
	}
	if (!r && n)
		qsort(v, n, sizeof(*v), by_text);
	for (size_t i = 1; i < n && !r; i++) {
		if (!same_text(&v[i - 1], &v[i]))
			continue;
		/* an event begins its line */
		if (en->text[en->toks.v[obj].off - 1] == '\n') {
			r = member_goes(k, v[i].tok);
			continue;
		}
		size_t len = jtok_inside(en->text, en->toks.v, obj, &off);
		r = goes(k, off, len);
		break;
	}
	for (size_t i = 0; i < n; i++)
		buf_wipe_done(&v[i].text);
	free(v);
	return r;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

/* The objects that have a key with a span in it, outer ones before those inside them. */
static int find_objects(struct keys *k)
{
	const struct engine *en = k->en;
	uint32_t open[LIMIT_DEPTH], depth = 0;
	size_t n = 0, s = 0; /* s: the first span that ends behind the token */

	for (uint32_t i = 0; i < en->toks.n; i++) {
		const struct jtok *t = &en->toks.v[i];

		while (depth && i >= jtok_next(en->toks.v, open[depth - 1]))
			depth--;
		while (s < en->nspans && en->spans[s].off + en->spans[s].len <= t->off)
			s++;
		if (s == en->nspans)
			break;
		if (t->type <= JTOK_ARRAY) {
			uint32_t next = jtok_next(en->toks.v, i);

			/* most events have no span in them */
			if (next < en->toks.n && en->spans[s].off >= en->toks.v[next].off)
				i = next - 1;
			else
				open[depth++] = i;
			continue;
		}
		if (!(t->flags & JTOK_KEY))
			continue;
		if (en->spans[s].off >= t->off + t->len || en->spans[s].form == FORM_EMPTY)
			continue;
		if (k->nobjects && k->objects[k->nobjects - 1] == open[depth - 1])
			continue;
		if (engine_grow((void **)&k->objects, &k->objects_cap, k->nobjects,
				sizeof(*k->objects)) < 0)
			return -ENOMEM;
		k->objects[k->nobjects++] = open[depth - 1];
	}
	if (k->nobjects)
		qsort(k->objects, k->nobjects, sizeof(*k->objects), by_number);
	for (size_t i = 0; i < k->nobjects; i++)
		if (!n || k->objects[n - 1] != k->objects[i])
			k->objects[n++] = k->objects[i];
	k->nobjects = n;
	return 0;
}

/* Spans inside of what goes give way to one. */
static int take_out(struct keys *k)
{
	struct engine *en = k->en;
	struct span *v = malloc((en->nspans + k->ngone) * sizeof(*v));
	size_t n = 0, i = 0;
	uint32_t reach = 0;

	if (!v)
		return -ENOMEM;
	for (size_t g = 0; g <= k->ngone; g++) {
		const struct range *x = g < k->ngone ? &k->gone[g] : NULL;

		if (x && g && x->off < reach)
			continue; /* in one that goes */
		for (; i < en->nspans && (!x || en->spans[i].off < x->off); i++)
			v[n++] = en->spans[i];
		if (!x)
			break;
		reach = x->end;
		while (i < en->nspans && en->spans[i].off < x->end)
			i++;
		v[n++] = (struct span){x->off,     x->end - x->off, CLASS_BLOCKED,
				       FORM_EMPTY, HOW_DETECTOR,    SPAN_DROP};
	}
	free(en->spans);
	en->spans = v;
	en->spans_cap = en->nspans + k->ngone;
	en->nspans = n;
	return 0;
}

int keys_run(struct engine *en)
{
	struct keys k = {.en = en};
	int r = en->has_keys && en->nspans ? find_objects(&k) : 0;

	for (size_t i = 0; i < k.nobjects && !r; i++)
		r = object(&k, k.objects[i]);
	if (!r && k.ngone) {
		qsort(k.gone, k.ngone, sizeof(*k.gone), by_place);
		r = take_out(&k);
	}
	free(k.objects);
	free(k.gone);
	return r;
}
