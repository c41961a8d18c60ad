/* engine.c: the two passes in order; see redact.h and engine-priv.h. */
#include "redactfs/redact.h"

#include "actions.h"
#include "beside.h"
#include "collect.h"
#include "engine-priv.h"
#include "findings.h"
#include "taint.h"

#include <stdlib.h>

uint32_t engine_token_at(const struct engine *en, uint32_t off)
{
	size_t lo = 0, hi = en->toks.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (en->toks.v[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? (uint32_t)lo - 1 : 0;
}

uint32_t engine_token_after(const struct engine *en, uint32_t from, uint32_t off)
{
	const struct jtok *v = en->toks.v;
	size_t lo = from, hi, step = 1;

	/* mostly it isn't far */
	for (hi = lo + step; hi < en->toks.n && v[hi].off <= off; hi = lo + step) {
		lo = hi;
		step *= 2;
	}
	if (hi > en->toks.n)
		hi = en->toks.n;
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;
		if (v[mid].off <= off)
			lo = mid;
		else
			hi = mid;
	}
	return (uint32_t)lo;
}

size_t engine_span_from(const struct engine *en, uint32_t off)
{
	size_t lo = 0, hi = en->nspans;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (en->spans[mid].off + en->spans[mid].len <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int engine_plain_head(const struct engine *en, uint32_t tok, size_t max, struct buf *tmp,
		      const char **ret, size_t *ret_n)
{
	const struct jtok *t = &en->toks.v[tok];
	size_t n = t->len;

	/* the longest escape is twelve bytes for four; one that is cut off ends as it stands */
	if (n / 12 > max)
		n = max * 12;
	*ret = en->text + t->off;
	*ret_n = n;
	if (!(t->flags & JTOK_ESCAPED))
		return 0;
	tmp->len = 0;
	int r = buf_reserve(tmp, n);
	if (r < 0)
		return r;
	tmp->len = jtok_unescape(en->text + t->off, n, tmp->p, NULL);
	*ret = tmp->p;
	*ret_n = tmp->len;
	return 0;
}

int engine_plain(const struct engine *en, uint32_t tok, struct buf *tmp, const char **ret,
		 size_t *ret_n)
{
	return engine_plain_head(en, tok, SIZE_MAX, tmp, ret, ret_n);
}

void redact_spans_done(struct redact_spans *s)
{
	free(s->v);
	*s = (struct redact_spans){0};
}

static int run(struct engine *en)
{
	int r;

	en->dom = dom_new(NF_INHERITED);
	en->taint = taint_new();
	en->beside = beside_new();
	if (en->script)
		en->actions = actions_new();
	if (!en->dom || !en->taint || !en->beside || (en->script && !en->actions))
		return -ENOMEM;
	r = learn_run(en);
	if (!r)
		r = fields_select(en);
	if (!r)
		r = dom_propagate(en->dom);
	if (!r)
		r = fields_decide(en);
	if (!r)
		r = collect_entered(en);
	return r ? r : place_items(en);
}

static int run_over(struct engine *en, struct redact_spans *ret)
{
	int r = run(en);

	if (!r && en->findings)
		r = findings_make(en, en->findings);
	if (!r && en->script)
		r = actions_tell(en, en->script);
	if (r == -ENOMEM)
		(void)err_set(en->e, r, "out of memory");
	if (!r) {
		ret->v = en->spans;
		ret->n = en->nspans;
		en->spans = NULL;
	}
	(void)dom_free(en->dom);
	(void)taint_free(en->taint);
	(void)beside_free(en->beside);
	(void)actions_free(en->actions);
	free(en->items);
	free(en->fields);
	free(en->patches);
	free(en->windows);
	free(en->events);
	free(en->hints);
	free(en->spans);
	free(en->pattern);
	free(en->hidden);
	return r;
}

int redact_run_tokens(const char *text, size_t len, const struct jtok_vec *toks,
		      const struct policy *p, struct redact_spans *ret, struct errinfo *e)
{
	struct engine en = {.text = text, .len = len, .toks = *toks, .policy = p, .e = e};

	return run_over(&en, ret);
}

int redact_run_report(const char *text, size_t len, const struct jtok_vec *toks,
		      const struct policy *p, struct redact_spans *ret, struct buf *findings,
		      struct buf *script, struct errinfo *e)
{
	struct engine en = {.text = text,
			    .len = len,
			    .toks = *toks,
			    .policy = p,
			    .findings = findings,
			    .script = script,
			    .e = e};

	return run_over(&en, ret);
}

int redact_run_known(const char *text, size_t len, const struct policy *p, const struct span *known,
		     size_t nknown, struct redact_spans *ret, struct buf *script, struct errinfo *e)
{
	CLEANUP(jtok_done) struct jtok_vec toks = {0};
	int r = jtok_parse(text, len, 0, &toks, e);
	struct engine en = {.text = text,
			    .len = len,
			    .toks = toks,
			    .policy = p,
			    .known = known,
			    .nknown = nknown,
			    .script = script,
			    .e = e};

	return r < 0 ? r : run_over(&en, ret);
}

int redact_run(const char *text, size_t len, const struct policy *p, struct redact_spans *ret,
	       struct errinfo *e)
{
	CLEANUP(jtok_done) struct jtok_vec toks = {0};
	int r = jtok_parse(text, len, 0, &toks, e);

	return r < 0 ? r : redact_run_tokens(text, len, &toks, p, ret, e);
}

int redact_render_to(const char *text, size_t len, const struct redact_spans *s,
		     const struct policy *p, int (*put)(void *ctx, const char *p, size_t n),
		     void *ctx)
{
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; i < s->n && !r; i++) {
		const struct span *sp = &s->v[i];

		if (policy_disposition(p, sp->cls, sp->flags) == DISP_SHOW)
			continue;
		size_t n;
		const char *token = class_token(sp->cls, sp->form, &n);
		r = put(ctx, text + at, sp->off - at);
		if (!r)
			r = put(ctx, token, n);
		at = (size_t)sp->off + sp->len;
	}
	return r ? r : put(ctx, text + at, len - at);
}

static int put_buf(void *out, const char *p, size_t n)
{
	return buf_add(out, p, n);
}

int redact_render(const char *text, size_t len, const struct redact_spans *s,
		  const struct policy *p, struct buf *out)
{
	int r = buf_reserve(out, len);

	return r ? r : redact_render_to(text, len, s, p, put_buf, out);
}
