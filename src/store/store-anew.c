/* store-anew.c: a session cut anew under its site's newest policy.
 *
 * What was sealed is not in a session's base, so showing it takes another blob: the whole text that
 * is left (values back in place, tokens where something was dropped) is looked through under the
 * newest policy and cut by it.
 *
 * (L1) what was dropped stays a token, and is counted as before
 * (L2) what fields, detectors and taint told of a value counts as found again, though what it was
 *      told by may be a token now; what marks and selectors told, and detectors that are off, is
 *      judged anew */
#include "store-apply.h"
#include "transcript.h"

#include <stdlib.h>

void anew_done(struct anew *x)
{
	session_facts_done(&x->of);
	plan_done(&x->plan);
}

/* The text that is left, and where the old spans lie in it. */
struct whole {
	struct buf text;
	struct span *known; /* L2 */
	size_t nknown;
	struct span *gone; /* L1 */
	size_t ngone;
	struct span *sealed; /* what may come back */
	size_t nsealed;
};

static void whole_done(struct whole *w)
{
	buf_wipe_done(&w->text);
	free(w->known);
	free(w->gone);
	free(w->sealed);
}

/* Is it still what tells of the span, or is it judged anew (L2)? */
static bool still_found(const struct stored_span *s, const struct policy *newest)
{
	enum detector by = span_by(s->how);
	uint64_t all =
		by != DETECTOR_NONE ? DETECTOR_BIT(by) : detectors_of((enum redact_class)s->cls);

	if (span_how(s->how) != HOW_DETECTOR)
		return span_how(s->how) != HOW_MARK;
	return all && (newest->detect & all) == all;
}

static int sort_spans(const struct span_table *t, const struct policy *newest, struct whole *w)
{
	uint64_t cut = 0, put = 0; /* of the base, into the text */

	w->known = calloc(t->n + 1, sizeof(*w->known));
	w->gone = calloc(t->n + 1, sizeof(*w->gone));
	w->sealed = calloc(t->n + 1, sizeof(*w->sealed));
	if (!w->known || !w->gone || !w->sealed)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		const struct stored_span *s = &t->v[i];
		size_t token;
		(void)class_token((enum redact_class)s->cls, (enum token_form)s->form, &token);
		uint64_t len = s->disp == DISP_SHOW   ? s->base_len
			       : s->disp == DISP_SEAL ? s->value_len
						      : token;
		struct span d = {.off = (uint32_t)(s->base_off - cut + put),
				 .len = (uint32_t)len,
				 .cls = s->cls,
				 .form = s->form,
				 .how = s->how,
				 .flags = s->flags};

		cut += s->base_len;
		put += len;
		if (s->disp == DISP_DROP) {
			d.flags |= SPAN_DROP;
			w->gone[w->ngone++] = d;
			continue;
		}
		if (s->disp == DISP_SEAL)
			w->sealed[w->nsealed++] = d;
		if (still_found(s, newest))
			w->known[w->nknown++] = d;
	}
	return 0;
}

static int whole_text(struct store *s, const struct chunk_file *cf, struct chunk_scratch *cs,
		      const struct span_table *t, struct buf *out)
{
	CLEANUP(buf_wipe_done) struct buf values = {0};
	CLEANUP(plan_done) struct plan all = {0};
	struct policy shows = {0}; /* everything: no span is kept back */
	int r = chunk_file_values(cf, s->login.reveal_sk->b, cs, t, &values);

	if (r == 0)
		r = plan_make(t, &shows, /* reveal= */ true, &all);
	if (r == 0 && all.size > LIMIT_RECORDING_BYTES)
		r = -E2BIG;
	return r < 0 ? r : session_text(cf, cs, &all, &values, out);
}

/* Keeps L1: the dropped ones among those that were found now. One inside of a span that hides goes
 * with it; one inside of a span that shows cuts it in two. */
static int join(const struct whole *w, const struct span *found, size_t n, const struct policy *p,
		struct span **ret, size_t *ret_n)
{
	struct span *v = calloc(n + 2 * w->ngone + 1, sizeof(*v));
	size_t g = 0, k = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct span s = found[i];
		bool shows = policy_disposition(p, (enum redact_class)s.cls, s.flags) == DISP_SHOW;

		for (; g < w->ngone && w->gone[g].off + w->gone[g].len <= s.off; g++)
			v[k++] = w->gone[g];
		for (; g < w->ngone && w->gone[g].off < s.off + s.len; g++) {
			const struct span *d = &w->gone[g];
			uint32_t end = d->off + d->len;

			if (!shows)
				continue;
			if (d->off > s.off) {
				v[k] = s;
				v[k++].len = d->off - s.off;
			}
			v[k++] = *d;
			s.len = s.off + s.len > end ? s.off + s.len - end : 0;
			s.off = end;
		}
		if (s.len)
			v[k++] = s;
	}
	while (g < w->ngone)
		v[k++] = w->gone[g++];
	*ret = v;
	*ret_n = k;
	return 0;
}

/* Sealed values of which no byte is hidden any more. */
static uint64_t came_back(const struct whole *w, const struct span *v, size_t n,
			  const struct policy *p)
{
	uint64_t back = 0;
	size_t k = 0;

	for (size_t i = 0; i < w->nsealed; i++) {
		const struct span *s = &w->sealed[i];
		bool hidden = false;

		while (k < n && v[k].off + v[k].len <= s->off)
			k++;
		for (size_t j = k; j < n && v[j].off < s->off + s->len; j++)
			hidden |= policy_disposition(p, (enum redact_class)v[j].cls, v[j].flags) !=
				  DISP_SHOW;
		back += !hidden;
	}
	return back;
}

/* The text as the newest policy shows it. */
static int render(const struct whole *w, const struct span *v, size_t n, const struct policy *p,
		  struct buf *out)
{
	size_t at = 0;
	int r = buf_reserve(out, w->text.len);

	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t len;
		const char *token =
			class_token((enum redact_class)v[i].cls, (enum token_form)v[i].form, &len);

		if (policy_disposition(p, (enum redact_class)v[i].cls, v[i].flags) == DISP_SHOW)
			continue;
		r = buf_add(out, w->text.p + at, v[i].off - at);
		if (r == 0)
			r = buf_add(out, token, len);
		at = (size_t)v[i].off + v[i].len;
	}
	return r < 0 ? r : buf_add(out, w->text.p + at, w->text.len - at);
}

static bool differ(const struct buf *a, const struct buf *b)
{
	return a->len != b->len || (a->len && memcmp(a->p, b->p, a->len) != 0);
}

/* Does it read as before? Over two blobs, so by the text. */
static int compare(struct store *s, const struct chunk_file *was, struct chunk_scratch *cs,
		   const struct buf *now, const struct buf *transcript, struct anew *x)
{
	CLEANUP(plan_done) struct plan plan = {0};
	CLEANUP(buf_wipe_done) struct buf old = {0}, said = {0};
	const struct session_facts *of = &x->of;
	int r = session_plan_open(cs->aead, of->key, of->row.ino, &of->row.blob, &of->plan,
				  chunk_file_base_bytes(was), &plan);

	if (r == 0)
		r = session_text(was, cs, &plan, NULL, &old);
	const struct rendering before = {
		.cf = was,
		.plan = &plan,
		.chunks = s->chunks,
		.cache_key = chunk_cache_key(of->row.ino, of->m.row.policy_base),
	};
	if (r == 0)
		r = rendering_transcript(&before, cs, &said);
	if (r == 0)
		x->moves = differ(&old, now) || differ(&said, transcript);
	return r;
}

static int cut_anew(struct store *s, const struct chunk_file *was, struct chunk_scratch *cs,
		    const struct whole *w, const struct policy *p, struct anew *x, struct buf *out)
{
	CLEANUP_FREE struct span *found = NULL;
	CLEANUP_FREE struct span *v = NULL;
	CLEANUP_PTR(sealbox_sender_free) struct sealbox_sender *to = NULL;
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(buf_wipe_done) struct buf now = {0}, findings = {0}, transcript = {0};
	CLEANUP(buf_done) struct buf found_script = {0}, script = {0};
	size_t nfound = 0, n = 0;
	int r = s->engine->look(w->text.p, w->text.len, p, w->known, w->nknown, &found, &nfound,
				&found_script, NULL);

	if (r == 0)
		r = join(w, found, nfound, p, &v, &n);
	if (r == 0)
		r = span_table_make(w->text.len, v, n, p, &t, NULL);
	if (r == 0)
		r = plan_make(&t, p, false, &x->plan);
	if (r == 0)
		r = render(w, v, n, p, &now);
	if (r == 0 && now.len != x->plan.size)
		r = -EUCLEAN;
	if (r == 0)
		r = script_to_base(&found_script, w->text.len, v, &t, &script);
	if (r == 0)
		r = transcript_of_text(&script, &x->plan, w->text.p, w->text.len, v, &t,
				       &transcript);
	if (r == 0)
		r = compare(s, was, cs, &now, &transcript, x);
	if (r == 0)
		r = chunk_file_findings(was, cs, &findings); /* what import found, it found */
	if (r == 0)
		r = sealbox_sender_new(store_keys(s)->reveal_pk, &to);
	if (r == 0)
		r = chunk_file_write(&x->blob, x->of.key, to, w->text.p, w->text.len, v, &t,
				     &findings, &script, cs, out);
	if (r < 0)
		return r;
	x->values = came_back(w, v, n, p);
	x->of.m.row.base_bytes = t.base_bytes;
	x->of.m.row.transcript_bytes = (uint32_t)transcript.len;
	return 0;
}

static void describe(struct anew *x, uint16_t version)
{
	struct session_row *row = &x->of.m.row;

	row->policy_base = (uint32_t)x->of.seq;
	row->policy_seq = x->of.seq;
	row->engine = row->engine_base = version;
	row->size = x->plan.size;
	plan_counts(&x->plan, row->counts);
	if (x->moves) {
		row->rendering++;
		row->mtime_ns = row->end_ms * 1000000 + (int64_t)row->rendering * 1000000000;
	}
}

/* Without the writer lock. x->blob is the name that it gets. */
int anew_make(struct store *s, struct chunk_scratch *cs, uint64_t ino,
	      const struct store_choice *want, struct anew *x, struct buf *blob)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(whole_done) struct whole w = {0};
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_begin(c, CATALOG_READ);
	if (r == 0)
		r = session_facts_read(s, c, cs->aead, ino, &x->of);
	c = catalog_put(c);
	if (r == 0 && x->of.seq != want->seq)
		return -ESTALE;
	if (r == 0)
		r = chunk_file_open(s->blobs, &x->of.row.blob, x->of.key, &cf);
	if (r == 0)
		r = chunk_file_spans(cf, cs, &t);
	if (r == 0)
		r = sort_spans(&t, &want->newest, &w);
	if (r == 0)
		r = whole_text(s, cf, cs, &t, &w.text);
	if (r == 0)
		r = cut_anew(s, cf, cs, &w, &want->newest, x, blob);
	if (r == 0)
		describe(x, s->engine->version);
	return r;
}
