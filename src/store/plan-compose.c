/* plan-compose.c: what was found in a rendering becomes part of the plan that made it.
 *
 * A span of the rendering is a stretch of base and of what the plan put in; it becomes one segment
 * that skips the whole stretch. Replacing the spans in the rendering, or reading the base by the
 * composed plan, gives the same bytes.
 *
 * (O1) a span that begins or ends inside of a replacement takes all of it: never half a token, and
 *      never the other half of a value
 * (O2) a replacement of no bytes at a span's edge stays what it was */
#include "plan.h"

#include <stdlib.h>

/* Where the rendering's byte `off` lies in the base, given that the segments before `i` end at or
 * before it. */
static uint64_t base_of(const struct plan *p, size_t i, uint64_t off)
{
	const struct plan_seg *s = i ? &p->v[i - 1] : NULL;

	return s ? s->base_off + s->skip + (off - (s->out_off + s->len)) : off;
}

struct composing {
	const struct plan *under;
	struct plan *out;
	size_t i;      /* segments of `under` that are dealt with */
	uint64_t done; /* of the rendering */
};

static void keep_until(struct composing *c, uint64_t off)
{
	const struct plan *u = c->under;

	/* O2: what ends at `off` stays */
	while (c->i < u->n && u->v[c->i].out_off + u->v[c->i].len <= off)
		c->out->v[c->out->n++] = u->v[c->i++];
}

static void cover(struct composing *c, const struct span *s)
{
	const struct plan *u = c->under;
	uint64_t from = s->off, to = (uint64_t)s->off + s->len;

	if (from < c->done)
		from = c->done; /* O1: the one before took its beginning */
	if (from >= to)
		return;
	keep_until(c, from);
	uint64_t base = c->i < u->n && u->v[c->i].out_off < from ? u->v[c->i].base_off
								 : base_of(u, c->i, from);
	while (c->i < u->n && u->v[c->i].out_off < to) { /* O1 */
		uint64_t end = u->v[c->i].out_off + u->v[c->i].len;

		if (end > to)
			to = end;
		c->i++;
	}
	size_t n;
	(void)class_token((enum redact_class)s->cls, (enum token_form)s->form, &n);
	c->out->v[c->out->n++] = (struct plan_seg){
		.base_off = base,
		.skip = (uint32_t)(base_of(u, c->i, to) - base),
		.len = (uint32_t)n,
		.cls = s->cls,
		.form = s->form,
		.flags = s->flags,
	};
	c->done = to;
}

int plan_compose(const struct plan *under, const struct span *spans, size_t n,
		 const struct policy *policy, enum disposition at_least, struct plan *ret)
{
	struct plan p = {.base_bytes = under->base_bytes};
	struct composing c = {.under = under, .out = &p};
	uint64_t end = 0;

	p.v = calloc(under->n + n + 1, sizeof(*p.v));
	if (!p.v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct span *s = &spans[i];

		if (s->off < end || !s->len || (uint64_t)s->off + s->len > under->size ||
		    s->cls == CLASS_NONE || s->cls >= CLASS_COUNT || s->form >= FORM_COUNT) {
			plan_done(&p);
			return -EINVAL;
		}
		end = (uint64_t)s->off + s->len;
		if (policy_disposition(policy, (enum redact_class)s->cls, s->flags) >= at_least)
			cover(&c, s);
	}
	while (c.i < under->n)
		p.v[p.n++] = under->v[c.i++];
	plan_lay_out(&p);
	*ret = p;
	return 0;
}
