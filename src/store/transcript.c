/* transcript.c: see transcript.h. What a place shows is asked of the rendering, never of the text:
 * so what a policy hides there, now or later, the transcript hides. */
#include "transcript.h"

#include "redactfs/script.h"

#include <stdlib.h>

/* ---- between text, base and rendering */

/* The last span that starts at or before a byte of the text; n: none. */
static size_t span_before(const struct span *v, size_t n, uint64_t off)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : n;
}

/* Where a byte of the text lies in the base; false: it was cut out. */
static bool text_to_base(const struct span *v, const struct span_table *t, uint64_t off,
			 uint32_t *ret)
{
	size_t i = span_before(v, t->n, off);

	*ret = (uint32_t)off;
	if (i == t->n)
		return true;
	const struct stored_span *s = &t->v[i];
	uint64_t in = off - v[i].off;
	if (in < v[i].len && s->disp != DISP_SHOW)
		return false;
	/* behind it, or in one that is part of the base */
	*ret = (uint32_t)(s->disp == DISP_SHOW ? s->base_off + in : s->base_off + in - v[i].len);
	return true;
}

/* And back: where a byte of the base lies in the text. */
static uint64_t base_to_text(const struct span *v, const struct span_table *t, uint64_t off)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].base_off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return off;
	const struct stored_span *s = &t->v[lo - 1];
	uint64_t behind = s->disp == DISP_SHOW ? 0 : v[lo - 1].len;

	return v[lo - 1].off + behind + (off - s->base_off);
}

int script_to_base(const struct buf *script, size_t textlen, const struct span *spans,
		   const struct span_table *t, struct buf *out)
{
	size_t at = 0;
	struct script_op op;
	int r = 0, k;

	if (script->len > SCRIPT_BYTES_MAX)
		return -E2BIG;
	for (size_t from = 0; !r && (k = script_next(script->p, script->len, &at, &op)) != 0;
	     from = at) {
		uint32_t before, behind;

		if (k < 0)
			return k;
		if (op.kind == SCRIPT_WORDS)
			r = buf_add(out, script->p + from, at - from);
		else if (op.behind >= textlen)
			r = -EBADMSG;
		else if (text_to_base(spans, t, op.before, &before) &&
			 text_to_base(spans, t, op.behind, &behind))
			r = script_place(out, op.kind, (uint8_t)op.n, before, behind);
	}
	return r;
}

/* ---- rendering */

static int show(const struct script_op *op, const struct plan *p, transcript_copy_fn copy,
		void *ctx, struct buf *tmp, struct buf *out)
{
	uint64_t from, to;

	if (!plan_shown_at(p, op->before, &from) || !plan_shown_at(p, op->behind, &to))
		return 0;
	uint64_t all = to - ++from;
	size_t n = script_enough(op);
	if (n > all)
		n = (size_t)all;
	tmp->len = 0;
	int r = buf_reserve(tmp, n + 1); /* never NULL */
	if (!r)
		r = copy(ctx, tmp->p, from, n);
	return r ? r : script_show(op, tmp->p, n, n == all, out);
}

int transcript_render(const struct buf *script, const struct plan *p, transcript_copy_fn copy,
		      void *ctx, struct buf *out)
{
	CLEANUP(buf_wipe_done) struct buf tmp = {0};
	struct script_op op;
	size_t at = 0;
	int r = 0, k;

	while (!r && (k = script_next(script->p, script->len, &at, &op)) != 0) {
		if (k < 0)
			return k;
		if (op.kind == SCRIPT_WORDS)
			r = buf_add(out, op.words, op.n);
		else if (op.behind >= p->base_bytes)
			r = -EBADMSG;
		else
			r = show(&op, p, copy, ctx, &tmp, out);
	}
	return r;
}

struct of_text {
	const struct plan *p;
	const char *text;
	size_t textlen;
	const struct span *spans;
	const struct span_table *t;
};

static int copy_of_text(void *ctx, char *out, uint64_t off, uint64_t n)
{
	const struct of_text *x = ctx;
	struct plan_cursor cur;
	struct plan_piece piece;

	plan_seek(x->p, off, n, &cur);
	while (plan_next(&cur, &piece)) {
		const char *from = piece.token;

		if (piece.from == PIECE_BASE) {
			/* all of it lies together: where the text was cut, the plan has a token */
			uint64_t at = base_to_text(x->spans, x->t, piece.off);

			if (at > x->textlen || piece.len > x->textlen - at)
				return -EUCLEAN;
			from = x->text + at;
		} else if (piece.from != PIECE_TOKEN) {
			return -EUCLEAN;
		}
		memcpy(out, from, (size_t)piece.len);
		out += piece.len;
	}
	return 0;
}

int transcript_of_text(const struct buf *script, const struct plan *p, const char *text,
		       size_t textlen, const struct span *spans, const struct span_table *t,
		       struct buf *out)
{
	struct of_text x = {p, text, textlen, spans, t};

	return transcript_render(script, p, copy_of_text, &x, out);
}
