/* spans.c: the engine's findings, brought into order.
 *
 * Detectors, taint and fields speak of the same bytes. The stricter disposition keeps its bytes,
 * then the lower class; what is left of the other on either side stays a span of its own, so that
 * nothing that was found by anybody comes out uncovered. */
#include "engine-priv.h"

#include "redactfs/limits.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>

int engine_grow(void **p, size_t *cap, size_t n, size_t size)
{
	if (n < *cap)
		return 0;
	size_t c = *cap + *cap / 2 + 64;
	if (c <= n)
		c = n + 1;
	void *q = reallocarray(*p, c, size);
	if (!q)
		return -ENOMEM;
	*p = q;
	*cap = c;
	return 0;
}

/* "[name]" of a class: text that was redacted before stays as it is. */
static bool is_token(const char *s, size_t n)
{
	return n > 2 && s[0] == '[' && s[n - 1] == ']' && class_parse(s + 1, n - 2) != CLASS_NONE;
}

int spans_add(struct engine *en, uint32_t off, uint32_t len, enum redact_class cls,
	      enum token_form form, unsigned how, unsigned flags, uint32_t pattern)
{
	if (!len || is_token(en->text + off, len))
		return 0;
	if (en->nspans >= LIMIT_SPANS)
		return err_set_at(en->e, -E2BIG, off, "too many sensitive places (limit %u)",
				  LIMIT_SPANS);
	if (engine_grow((void **)&en->spans, &en->spans_cap, en->nspans, sizeof(*en->spans)) < 0 ||
	    engine_grow((void **)&en->pattern, &en->pattern_cap, en->nspans, sizeof(*en->pattern)) <
		    0)
		return -ENOMEM;
	en->pattern[en->nspans] = pattern;
	en->spans[en->nspans++] =
		(struct span){off, len, (uint8_t)cls, (uint8_t)form, (uint8_t)how, (uint8_t)flags};
	return 0;
}

/* Which of two spans keeps the bytes that both cover: the lower rank. */
static int rank(const struct policy *p, const struct span *s)
{
	return (DISP_DROP - (int)policy_disposition(p, s->cls, s->flags)) * CLASS_COUNT + s->cls;
}

static int by_place(const void *a, const void *b, void *policy)
{
	const struct span *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	int rx = rank(policy, x), ry = rank(policy, y);
	if (rx != ry)
		return rx - ry;
	return x->len > y->len ? -1 : x->len < y->len;
}

/* Stable. Items come nearly in order, and so do their spans: each is put where it belongs, and what
 * that doesn't settle in a few steps each is left to a sort of any order. */
static void sort(struct span *v, size_t n, struct policy *p)
{
	size_t moves = 0;

	for (size_t i = 1; i < n; i++) {
		struct span x = v[i];
		size_t k = i;

		for (; k && by_place(&v[k - 1], &x, p) > 0; k--)
			v[k] = v[k - 1];
		v[k] = x;
		moves += i - k;
		if (moves > 4 * n) {
			qsort_r(v, n, sizeof(*v), by_place, p);
			return;
		}
	}
}

static uint32_t end_of(const struct span *s)
{
	return s->off + s->len;
}

/* `out` ends with the span that the next one may overlap; tails cut off spans wait in `rest`, the
 * one that starts first on top. */
struct sweep {
	struct span *out, *rest;
	size_t n, cap, nrest, rest_cap;
	const struct policy *policy;
};

static int put_rest(struct sweep *w, struct span tail)
{
	if (engine_grow((void **)&w->rest, &w->rest_cap, w->nrest, sizeof(*w->rest)) < 0)
		return -ENOMEM;
	size_t k = w->nrest++;
	for (; k && w->rest[k - 1].off < tail.off; k--)
		w->rest[k] = w->rest[k - 1];
	w->rest[k] = tail;
	return 0;
}

static struct span tail_of(const struct span *s, uint32_t from)
{
	struct span tail = *s;

	tail.off = from;
	tail.len = end_of(s) - from;
	return tail;
}

static int sweep_step(struct sweep *w, struct span s)
{
	struct span *last = w->n ? &w->out[w->n - 1] : NULL;
	int r = 0;

	if (last && s.off < end_of(last)) {
		if (rank(w->policy, &s) >= rank(w->policy, last)) {
			/* what lies in the stricter one goes with it, the rest waits */
			last->flags |= s.flags;
			return end_of(&s) > end_of(last) ? put_rest(w, tail_of(&s, end_of(last)))
							 : 0;
		}
		/* the stricter one takes its bytes; last's tail goes on behind it */
		s.flags |= last->flags;
		if (end_of(last) > end_of(&s))
			r = put_rest(w, tail_of(last, end_of(&s)));
		last->len = s.off - last->off;
		if (!last->len)
			w->n--;
	}
	if (!r)
		r = engine_grow((void **)&w->out, &w->cap, w->n, sizeof(*w->out));
	if (!r)
		w->out[w->n++] = s;
	return r;
}

int spans_settle(struct engine *en)
{
	struct policy policy[1] = {*en->policy};
	size_t n = 0;

	for (size_t i = 0; i < en->nspans; i++)
		if (!en->pattern[i] || !taint_ordinary(en->taint, en->pattern[i]))
			en->spans[n++] = en->spans[i];
	free(en->pattern);
	en->pattern = NULL;
	en->pattern_cap = 0;
	sort(en->spans, n, policy);

	int r = 0;
	struct sweep w = {.policy = en->policy};
	for (size_t i = 0; !r && (i < n || w.nrest);) {
		if (w.nrest && (i == n || w.rest[w.nrest - 1].off <= en->spans[i].off))
			r = sweep_step(&w, w.rest[--w.nrest]);
		else
			r = sweep_step(&w, en->spans[i++]);
	}
	free(w.rest);
	if (r < 0) {
		free(w.out);
		return r;
	}
	free(en->spans);
	en->spans = w.out;
	en->nspans = w.n;
	en->spans_cap = w.cap;
	/* what is settled rests on nothing any more */
	en->pattern = calloc(w.cap + 1, sizeof(*en->pattern));
	en->pattern_cap = en->pattern ? w.cap : 0;
	return en->pattern ? 0 : -ENOMEM;
}
