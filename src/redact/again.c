/* again.c: redacting a redacted recording changes nothing.
 *
 * A token is other text than what it replaced: "jane@example.zorg" before a password is no address,
 * before
 * "[password]" it is one. So each string that tokens went into is rendered and looked at again, and
 * once more while that finds anything; what is still moving then is redacted as a whole. */
#include "beside.h"
#include "scan.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 4

bool again_render(const struct engine *en, const struct jtok *t, size_t from, size_t to,
		  struct decoded *d)
{
	uint32_t at = t->off;
	bool kept = false, replaced = false;

	d->n = 0;
	for (size_t i = from; i <= to; i++) {
		const struct span *s = i < to ? &en->spans[i] : NULL;
		uint32_t stop = s ? s->off : t->off + t->len;

		if (s && policy_disposition(en->policy, s->cls, s->flags) == DISP_SHOW)
			continue;
		kept |= at < stop;
		for (; at < stop; at++) {
			d->map[d->n] = at - t->off;
			d->s[d->n++] = en->text[at];
		}
		if (!s)
			break;
		size_t n;
		const char *token = class_token(s->cls, s->form, &n);
		for (size_t k = 0; k < n; k++) {
			d->map[d->n] = s->off - t->off;
			d->s[d->n++] = token[k];
		}
		at = s->off + s->len;
		replaced = true;
	}
	d->map[d->n] = t->len;
	return kept && replaced;
}

/* Is there anything left of the token beside what the spans [from, to) replace? */
static bool leaves_text(const struct engine *en, const struct jtok *t, size_t from, size_t to)
{
	uint32_t at = t->off;

	for (size_t i = from; i < to; i++) {
		const struct span *s = &en->spans[i];

		if (policy_disposition(en->policy, s->cls, s->flags) == DISP_SHOW)
			continue;
		if (at < s->off)
			return true;
		at = s->off + s->len;
	}
	return at < t->off + t->len;
}

static int look_again(struct scanner *sc, uint32_t tok, const struct item *it, size_t from,
		      size_t to, bool last)
{
	struct engine *en = sc->en;
	const struct jtok *t = &en->toks.v[tok];
	struct layer raw = {.s = en->text + t->off, .n = t->len, .off = t->off};
	size_t room = t->len + (to - from) * 16 + 2;
	size_t before = en->nspans;
	struct decoded d;

	if (!leaves_text(en, t, from, to))
		return 0;
	struct label label = scan_label(en->text, en->toks.v, en->toks.n, tok);
	d.map = malloc(room * (sizeof(*d.map) + 1));
	if (!d.map)
		return -ENOMEM;
	d.s = (char *)(d.map + room);
	int r = 0;
	if (again_render(en, t, from, to, &d)) {
		struct layer now = {.s = d.s, .n = d.n, .map = d.map, .up = &raw};

		sc->item = it;
		sc->flags = 0;
		sc->page = false;
		r = scan_escaped(sc, &now, t->flags & JTOK_ESCAPED,
				 it->kind == IT_CSS ? DETECT_CSS : DETECT_TEXT, label.s, label.n,
				 FORM_TOKEN);
	}
	free(d.map);
	if ((r == -E2BIG && sc->overflow) || (!r && last && en->nspans > before)) {
		en->nspans = before;
		r = spans_add(en, t->off, t->len, CLASS_BLOCKED, FORM_TOKEN, HOW_DETECTOR, 0, 0);
	}
	return r;
}

/* Which item a token with spans in it is: few of all tokens. */
struct touched {
	uint32_t tok, item; /* index plus 1; 0: none */
};

static struct touched *touched_find(struct touched *v, size_t n, uint32_t tok)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (v[mid].tok < tok)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && v[lo].tok == tok ? &v[lo] : NULL;
}

static int touched_make(const struct engine *en, struct touched **ret, size_t *ret_n)
{
	struct touched *v = malloc(en->nspans * sizeof(*v));
	size_t n = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0, tok = 0; i < en->nspans; i++) {
		tok = engine_token_after(en, (uint32_t)tok, en->spans[i].off);
		if (!n || v[n - 1].tok != tok)
			v[n++] = (struct touched){.tok = (uint32_t)tok};
	}
	/* items come in the order of their tokens, but for those of a mutation */
	for (size_t i = 0, k = 0; i < en->nitems; i++) {
		uint32_t tok = en->items[i].tok;
		if (k && v[k - 1].tok >= tok) {
			struct touched *t = touched_find(v, n, tok);
			if (t)
				t->item = (uint32_t)i + 1;
			continue;
		}
		while (k < n && v[k].tok < tok)
			k++;
		if (k < n && v[k].tok == tok)
			v[k].item = (uint32_t)i + 1;
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

static int round_of(struct scanner *sc, struct touched *touched, size_t ntouched, bool last)
{
	struct engine *en = sc->en;
	size_t n = en->nspans; /* what look_again adds comes behind */
	int r = 0;

	for (size_t i = 0, next, at = 0; i < n && !r; i = next) {
		uint32_t tok = engine_token_after(en, (uint32_t)at, en->spans[i].off);
		const struct jtok *t = &en->toks.v[tok];
		bool in = t->type == JTOK_STRING &&
			  en->spans[i].off + en->spans[i].len <= t->off + t->len;

		at = tok;
		next = i + 1;
		while (in && next < n && en->spans[next].off < t->off + t->len)
			next++;
		const struct touched *x = in ? touched_find(touched, ntouched, tok) : NULL;
		if (x && x->item)
			r = look_again(sc, tok, &en->items[x->item - 1], i, next, last);
	}
	return r ? r : beside_scan(sc, n, last);
}

int again_run(struct scanner *sc)
{
	struct engine *en = sc->en;
	struct touched *touched = NULL;
	size_t ntouched = 0;

	if (!en->nspans)
		return 0;
	int r = touched_make(en, &touched, &ntouched);
	for (int round = 0; round < ROUNDS && !r; round++) {
		size_t n = en->nspans;
		struct span *was = malloc(n * sizeof(*was));

		if (!was) {
			r = -ENOMEM;
			break;
		}
		memcpy(was, en->spans, n * sizeof(*was));
		r = round_of(sc, touched, ntouched, round == ROUNDS - 1);
		if (!r)
			r = spans_settle(en);
		bool same = !r && n == en->nspans && !memcmp(was, en->spans, n * sizeof(*was));
		free(was);
		if (same)
			break;
	}
	free(touched);
	return r;
}
