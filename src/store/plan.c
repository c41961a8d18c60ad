/* plan.c: reading plans; see plan.h. A read is a binary search for its first segment, then a walk.
 *
 * (P1) segments are sorted and disjoint in the base: base_off >= the end of the one before
 * (P2) out_off = base_off - bytes skipped before + bytes put in before; so out_off is sorted too
 * (P3) size = base_bytes - all skips + all replacements
 * (P4) an ordinary plan names no sealed value */
#include "plan.h"

#include "redactfs/le.h"
#include "redactfs/limits.h"

#include <stdlib.h>

#define PLAN_VERSION 1u
#define HEAD_BYTES   16u
#define SEG_BYTES    16u

void plan_done(struct plan *p)
{
	free(p->v);
	*p = (struct plan){0};
}

/* Keeps P2, P3. */
void plan_lay_out(struct plan *p)
{
	uint64_t skipped = 0, put = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct plan_seg *s = &p->v[i];

		s->out_off = s->base_off - skipped + put;
		skipped += s->skip;
		put += s->len;
	}
	p->size = p->base_bytes - skipped + put;
}

static uint32_t token_len(uint8_t cls, uint8_t form)
{
	size_t n;

	(void)class_token((enum redact_class)cls, (enum token_form)form, &n);
	return (uint32_t)n;
}

int plan_make(const struct span_table *t, const struct policy *policy, bool reveal,
	      struct plan *ret)
{
	struct plan p = {.base_bytes = t->base_bytes};
	uint64_t val_off = 0;

	p.v = calloc(t->n ? t->n : 1, sizeof(*p.v));
	if (!p.v)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct stored_span *s = &t->v[i];
		enum disposition now =
			class_always_dropped((enum redact_class)s->cls)
				? DISP_DROP
				: policy_disposition(policy, (enum redact_class)s->cls, s->flags);
		uint64_t at = val_off;

		val_off += s->value_len;
		/* in the base, and to be seen by this reader */
		if (s->disp == DISP_SHOW && (now == DISP_SHOW || (reveal && now == DISP_SEAL)))
			continue;
		struct plan_seg g = {
			.base_off = s->base_off,
			.skip = s->base_len,
			.cls = s->cls,
			.form = s->form,
			.flags = s->flags,
		};
		if (reveal && s->disp == DISP_SEAL && now != DISP_DROP) {
			g.from_values = true;
			g.val_off = at;
			g.len = s->value_len;
		} else {
			g.len = token_len(s->cls, s->form);
		}
		p.v[p.n++] = g;
	}
	plan_lay_out(&p);
	*ret = p;
	return 0;
}

void plan_counts(const struct plan *p, uint64_t counts[CLASS_COUNT])
{
	memset(counts, 0, CLASS_COUNT * sizeof(*counts));
	for (size_t i = 0; i < p->n; i++)
		counts[p->v[i].cls]++;
}

int plan_encode(const struct plan *p, struct buf *out)
{
	int r = buf_reserve(out, HEAD_BYTES + p->n * SEG_BYTES);

	if (r < 0)
		return r;
	uint8_t *d = (uint8_t *)out->p + out->len;
	le32_put(d, PLAN_VERSION);
	le32_put(d + 4, (uint32_t)p->n);
	le64_put(d + 8, p->size);
	d += HEAD_BYTES;
	for (size_t i = 0; i < p->n; i++, d += SEG_BYTES) {
		const struct plan_seg *s = &p->v[i];

		if (s->from_values) /* keeps P4 */
			return -EINVAL;
		le64_put(d, s->base_off);
		le32_put(d + 8, s->skip);
		d[12] = s->cls;
		d[13] = s->form;
		d[14] = s->flags;
		d[15] = 0;
	}
	out->len += HEAD_BYTES + p->n * SEG_BYTES;
	return 0;
}

int plan_decode(const void *bytes, size_t len, uint64_t base_bytes, struct plan *ret)
{
	CLEANUP(plan_done) struct plan p = {.base_bytes = base_bytes};
	const uint8_t *d = bytes;
	uint64_t end = 0;

	if (len < HEAD_BYTES || le32_get(d) != PLAN_VERSION)
		return -EBADMSG;
	p.n = le32_get(d + 4);
	if (p.n > LIMIT_SPANS || len != HEAD_BYTES + p.n * SEG_BYTES)
		return -EBADMSG;
	p.v = calloc(p.n ? p.n : 1, sizeof(*p.v));
	if (!p.v)
		return -ENOMEM;
	uint64_t size = le64_get(d + 8);
	d += HEAD_BYTES;
	for (size_t i = 0; i < p.n; i++, d += SEG_BYTES) {
		struct plan_seg *s = &p.v[i];

		s->base_off = le64_get(d);
		s->skip = le32_get(d + 8);
		s->cls = d[12];
		s->form = d[13];
		s->flags = d[14];
		if (s->base_off < end || s->base_off > base_bytes ||
		    s->skip > base_bytes - s->base_off || s->cls == CLASS_NONE ||
		    s->cls >= CLASS_COUNT || s->form >= FORM_COUNT)
			return -EBADMSG; /* keeps P1 */
		s->len = token_len(s->cls, s->form);
		end = s->base_off + s->skip;
	}
	plan_lay_out(&p);
	if (p.size != size)
		return -EBADMSG;
	*ret = p;
	p.v = NULL;
	return 0;
}

/* The number of segments with out_off <= off. */
static size_t segs_until(const struct plan *p, uint64_t off)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->v[mid].out_off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint64_t plan_base_at(const struct plan *p, uint64_t off)
{
	size_t n = segs_until(p, off);
	const struct plan_seg *s = n ? &p->v[n - 1] : NULL;
	uint64_t base_at = s ? s->base_off + s->skip : 0;
	uint64_t text_at = s ? s->out_off + s->len : 0;

	if (off <= text_at)
		return base_at;
	return off < p->size ? base_at + (off - text_at) : p->base_bytes;
}

bool plan_shown_at(const struct plan *p, uint64_t base_off, uint64_t *ret)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->v[mid].base_off <= base_off)
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct plan_seg *s = lo ? &p->v[lo - 1] : NULL;
	uint64_t base_at = s ? s->base_off + s->skip : 0;

	if (base_off < base_at || base_off >= p->base_bytes)
		return false;
	*ret = (s ? s->out_off + s->len : 0) + (base_off - base_at);
	return true;
}

void plan_seek(const struct plan *p, uint64_t off, uint64_t n, struct plan_cursor *ret)
{
	if (off > p->size)
		off = p->size;
	if (n > p->size - off)
		n = p->size - off;
	*ret = (struct plan_cursor){
		.plan = p, .seg = segs_until(p, off), .off = off, .end = off + n};
}

bool plan_next(struct plan_cursor *c, struct plan_piece *ret)
{
	const struct plan *p = c->plan;

	if (c->off >= c->end)
		return false;
	while (c->seg < p->n && p->v[c->seg].out_off <= c->off)
		c->seg++;
	const struct plan_seg *s = c->seg ? &p->v[c->seg - 1] : NULL;
	uint64_t text_at = s ? s->out_off + s->len : 0; /* where the text after s starts */
	uint64_t stop;

	if (c->off < text_at) {
		uint64_t in = c->off - s->out_off;

		stop = text_at;
		if (s->from_values) {
			*ret = (struct plan_piece){.from = PIECE_VALUES, .off = s->val_off + in};
		} else {
			size_t n;
			const char *tok = class_token((enum redact_class)s->cls,
						      (enum token_form)s->form, &n);

			*ret = (struct plan_piece){.from = PIECE_TOKEN, .token = tok + in};
		}
	} else {
		uint64_t base_at = s ? s->base_off + s->skip : 0;

		stop = c->seg < p->n ? p->v[c->seg].out_off : p->size;
		*ret = (struct plan_piece){.from = PIECE_BASE, .off = base_at + (c->off - text_at)};
	}
	if (stop > c->end)
		stop = c->end;
	ret->len = stop - c->off;
	c->off = stop;
	return true;
}
