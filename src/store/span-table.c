/* span-table.c: splits a recording into what stays (the base), what is kept apart (the values of
 * `seal`), and what never reaches the disk (`drop`). Pure: no keys, no files.
 *
 * (S1) a span whose disposition isn't `show` has no byte in the base
 * (S2) a dropped span has no byte anywhere
 * (S3) password, card, cvc and otp are dropped whatever the policy says */
#include "span-table.h"

#include "redactfs/le.h"
#include "redactfs/limits.h"

#include <stdlib.h>

#define ENTRY_BYTES 24u
#define HEAD_BYTES  8u

void span_table_done(struct span_table *t)
{
	free(t->v);
	*t = (struct span_table){0};
}

int span_table_make(size_t textlen, const struct span *spans, size_t n, const struct policy *p,
		    struct span_table *ret, struct errinfo *e)
{
	CLEANUP(span_table_done) struct span_table t = {0};
	uint64_t end = 0, cut = 0;

	if (textlen > LIMIT_RECORDING_BYTES)
		return err_set(e, -E2BIG, "recording over LIMIT_RECORDING_BYTES (%u bytes)",
			       LIMIT_RECORDING_BYTES);
	if (n > LIMIT_SPANS)
		return err_set(e, -E2BIG, "over LIMIT_SPANS (%u) spans", LIMIT_SPANS);
	t.v = calloc(n ? n : 1, sizeof(*t.v));
	if (!t.v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct span *s = &spans[i];
		struct stored_span *d = &t.v[i];

		/* only what was taken out before may be empty */
		bool empty = s->form == FORM_EMPTY && (s->flags & SPAN_DROP);

		if (s->off < end || (!s->len && !empty) || (uint64_t)s->off + s->len > textlen ||
		    s->cls == CLASS_NONE || s->cls >= CLASS_COUNT || s->form >= FORM_COUNT)
			return err_set_at(e, -EINVAL, s->off, "span %zu is out of order or bounds",
					  i);
		end = (uint64_t)s->off + s->len;
		enum disposition disp = policy_disposition(p, (enum redact_class)s->cls, s->flags);
		if (class_always_dropped((enum redact_class)s->cls)) /* keeps S3 */
			disp = DISP_DROP;
		*d = (struct stored_span){
			.base_off = s->off - cut,
			.base_len = disp == DISP_SHOW ? s->len : 0,
			.value_len = disp == DISP_SEAL ? s->len : 0,
			.cls = s->cls,
			.form = s->form,
			.how = s->how,
			.flags = s->flags,
			.disp = (uint8_t)disp,
		};
		if (disp != DISP_SHOW)
			cut += s->len;
		t.value_bytes += d->value_len;
	}
	t.n = n;
	t.base_bytes = textlen - cut;
	*ret = t;
	t.v = NULL;
	return 0;
}

int span_table_encode(const struct span_table *t, struct buf *out)
{
	int r = buf_reserve(out, HEAD_BYTES + t->n * ENTRY_BYTES);

	if (r < 0)
		return r;
	uint8_t *p = (uint8_t *)out->p + out->len;
	le32_put(p, (uint32_t)t->n);
	le32_put(p + 4, 0);
	p += HEAD_BYTES;
	for (size_t i = 0; i < t->n; i++, p += ENTRY_BYTES) {
		const struct stored_span *s = &t->v[i];

		le64_put(p, s->base_off);
		le32_put(p + 8, s->base_len);
		le32_put(p + 12, s->value_len);
		p[16] = s->cls;
		p[17] = s->form;
		p[18] = s->how;
		p[19] = s->disp;
		p[20] = s->flags;
		memset(p + 21, 0, 3);
	}
	out->len += HEAD_BYTES + t->n * ENTRY_BYTES;
	return 0;
}

int span_table_decode(const void *bytes, size_t len, uint64_t base_bytes, struct span_table *ret)
{
	CLEANUP(span_table_done) struct span_table t = {.base_bytes = base_bytes};
	const uint8_t *p = bytes;
	uint64_t end = 0;

	if (len < HEAD_BYTES)
		return -EBADMSG;
	size_t n = le32_get(p);
	if (n > LIMIT_SPANS || len != HEAD_BYTES + n * ENTRY_BYTES)
		return -EBADMSG;
	t.v = calloc(n ? n : 1, sizeof(*t.v));
	if (!t.v)
		return -ENOMEM;
	p += HEAD_BYTES;
	for (size_t i = 0; i < n; i++, p += ENTRY_BYTES) {
		struct stored_span *s = &t.v[i];

		*s = (struct stored_span){
			.base_off = le64_get(p),
			.base_len = le32_get(p + 8),
			.value_len = le32_get(p + 12),
			.cls = p[16],
			.form = p[17],
			.how = p[18],
			.disp = p[19],
			.flags = p[20],
		};
		if (s->base_off < end || s->base_off > base_bytes ||
		    s->base_len > base_bytes - s->base_off || s->cls == CLASS_NONE ||
		    s->cls >= CLASS_COUNT || s->form >= FORM_COUNT || s->disp > DISP_DROP ||
		    span_by(s->how) >= DETECTOR_COUNT ||
		    (s->base_len != 0) != (s->disp == DISP_SHOW) ||
		    (s->value_len != 0) != (s->disp == DISP_SEAL))
			return -EBADMSG;
		end = s->base_off + s->base_len;
		t.value_bytes += s->value_len;
	}
	if (t.value_bytes > LIMIT_RECORDING_BYTES)
		return -EBADMSG;
	t.n = n;
	*ret = t;
	t.v = NULL;
	return 0;
}

size_t base_cursor_read(struct base_cursor *c, char *out, size_t n)
{
	size_t done = 0;

	while (done < n && c->pos < c->len) {
		/* shown spans are text like any other */
		while (c->i < c->t->n && c->t->v[c->i].disp == DISP_SHOW)
			c->i++;
		size_t stop = c->i < c->t->n ? c->spans[c->i].off : c->len;
		if (c->pos == stop) { /* keeps S1 */
			c->pos += c->spans[c->i++].len;
			continue;
		}
		size_t k = stop - c->pos < n - done ? stop - c->pos : n - done;
		memcpy(out + done, c->text + c->pos, k);
		done += k;
		c->pos += k;
	}
	return done;
}

int span_values(const char *text, const struct span *spans, const struct span_table *t,
		struct buf *out)
{
	int r = buf_reserve(out, t->value_bytes);

	for (size_t i = 0; r == 0 && i < t->n; i++) {
		if (t->v[i].value_len)
			r = buf_add(out, text + spans[i].off, spans[i].len);
	}
	return r;
}
