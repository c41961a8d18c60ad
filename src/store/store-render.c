/* store-render.c: renderings, and bringing them up to date with the policies of their site.
 *
 * A row and its plan are made under one state of the site's policies, by one version of the engine,
 * and say which. When there is a newer one since, the first who asks makes both anew, and everybody
 * sees the result: size, times and bytes of a session never depend on who looks, or when. What a
 * newer policy hides that nobody looked for at import (a selector, a detector), or an older engine
 * didn't find, is looked for in what the session shows now, tokens in place. All that is done
 * before the writer lock is taken; under it the result is written down if the session is still the
 * one it was made of.
 *
 *   outdated -> (made) -> up to date;  outdated -> (can't be made) -> unreadable, tried again
 *
 * (V1) a row is answered with only when its policy is the site's, and its engine ours or a newer
 * one (V2) rendering, mtime and ctime move exactly when the plan does (V3) while a rendering can't
 * be made the session isn't readable: what it showed before may be what the newer policy hides */
#include "store-priv.h"

#include <stdio.h>
#include <stdlib.h>

void session_facts_done(struct session_facts *st)
{
	wipe(st->key, sizeof(st->key));
	policy_done(&st->base);
	policy_done(&st->holds);
	buf_done(&st->plan);
}

int session_facts_read(struct store *s, struct catalog_conn *c, struct aead *a, uint64_t ino,
		       struct session_facts *ret)
{
	CLEANUP(session_facts_done) struct session_facts st = {0};
	int r = catalog_session_get(c, ino, &st.row);

	if (r == 0 && st.row.erasing)
		r = -ENOENT;
	if (r == 0)
		r = store_session_site(c, st.row.day_id, &st.day, &st.site);
	if (r == 0)
		r = store_session_open(s, a, &st.row, &st.m, st.key);
	if (r == -ENOKEY)
		r = -ENOENT;
	if (r == 0)
		r = store_policy_seq(s, c, st.site.name, &st.seq);
	if (r == 0 && (st.m.row.policy_seq > st.seq || st.m.row.policy_base > st.seq))
		r = -EUCLEAN;
	if (r == 0)
		r = store_policy_at(s, c, st.site.name, st.m.row.policy_base, &st.base);
	if (r == 0)
		r = store_policy_since(s, c, st.site.name, st.m.row.policy_base, st.seq, &st.holds);
	if (r == 0)
		r = catalog_session_plan(c, ino, &st.plan);
	if (r < 0)
		return r;
	*ret = st;
	st = (struct session_facts){0}; /* moved */
	return 0;
}

/* ---- text */

static int read_base(const struct chunk_file *cf, struct chunk_scratch *cs, struct buf *out)
{
	size_t n;
	int r = buf_reserve(out, (size_t)chunk_file_base_bytes(cf) + 1); /* not NULL */

	if (r == 0)
		r = chunk_file_read(cf, chunk_file_key(cf), cs, 0, chunk_file_chunks(cf),
				    (uint8_t *)out->p + out->len, &n);
	if (r == 0)
		out->len += n;
	return r;
}

int session_text(const struct chunk_file *cf, struct chunk_scratch *cs, const struct plan *p,
		 const struct buf *values, struct buf *out)
{
	CLEANUP(buf_wipe_done) struct buf base = {0};
	struct plan_cursor cur;
	struct plan_piece piece;
	int r = read_base(cf, cs, &base);

	if (r == 0)
		r = buf_reserve(out, (size_t)p->size);
	plan_seek(p, 0, p->size, &cur);
	while (r == 0 && plan_next(&cur, &piece)) {
		const struct buf *from = piece.from == PIECE_BASE ? &base : values;

		if (piece.from == PIECE_TOKEN)
			r = buf_add(out, piece.token, (size_t)piece.len);
		else if (from && piece.off <= from->len && piece.len <= from->len - piece.off)
			r = buf_add(out, from->p + piece.off, (size_t)piece.len);
		else
			r = -EUCLEAN;
	}
	return r;
}

int session_look(struct store *s, const struct chunk_file *cf, struct chunk_scratch *cs,
		 const struct plan *under, const struct buf *values, const struct policy *holds,
		 enum disposition at_least, struct plan *ret)
{
	CLEANUP(buf_wipe_done) struct buf text = {0};
	CLEANUP_FREE struct span *spans = NULL;
	size_t n = 0;

	if (!s->engine)
		return -EOPNOTSUPP;
	int r = session_text(cf, cs, under, values, &text);
	if (r == 0)
		r = s->engine->look(text.p, text.len, holds, NULL, 0, &spans, &n, NULL, NULL);
	return r < 0 ? r : plan_compose(under, spans, n, holds, at_least, ret);
}

/* ---- made anew */

static bool same_plan(const struct plan *a, const struct plan *b)
{
	if (a->n != b->n || a->size != b->size)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct plan_seg *x = &a->v[i], *y = &b->v[i];

		if (x->base_off != y->base_off || x->skip != y->skip || x->cls != y->cls ||
		    x->form != y->form)
			return false;
	}
	return true;
}

/* A session as it will be, and what it was made of. */
struct remade {
	struct session_facts of; /* owned; its meta is brought up to date by remake */
	struct plan plan;        /* owned */
	bool due;                /* there is something to write */
	bool moves;              /* its rendering is another one */
};

static void remade_done(struct remade *m)
{
	session_facts_done(&m->of);
	plan_done(&m->plan);
}

static int make_plan_of(struct store *s, const struct chunk_file *cf, struct chunk_scratch *cs,
			const struct session_facts *of, struct plan *ret)
{
	CLEANUP(span_table_done) struct span_table spans = {0};
	CLEANUP(plan_done) struct plan known = {0};
	int r = chunk_file_spans(cf, cs, &spans);

	if (r == 0 && spans.base_bytes != of->m.row.base_bytes)
		r = -EUCLEAN;
	if (r == 0)
		r = plan_make(&spans, &of->holds, false, &known);
	if (r < 0)
		return r;
	if (policy_hides_more(&of->base, &of->holds) ||
	    of->m.row.engine_base < store_engine_version(s))
		return session_look(s, cf, cs, &known, NULL, &of->holds, DISP_SEAL, ret);
	*ret = known;
	known = (struct plan){0}; /* moved */
	return 0;
}

/* The plan that it has, the one that it gets, and how long its transcript will be. */
static int make_plan(struct store *s, struct chunk_scratch *cs, const struct session_facts *of,
		     struct plan *ret_old, struct plan *ret_new, uint32_t *ret_transcript)
{
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	CLEANUP(buf_wipe_done) struct buf shown = {0};
	int r = session_plan_open(cs->aead, of->key, of->row.ino, &of->row.blob, &of->plan,
				  of->m.row.base_bytes, ret_old);

	if (r == 0)
		r = chunk_file_open(s->blobs, &of->row.blob, of->key, &cf);
	if (r == 0)
		r = make_plan_of(s, cf, cs, of, ret_new);
	const struct rendering now = {
		.cf = cf,
		.plan = ret_new,
		.chunks = s->chunks,
		.cache_key = chunk_cache_key(of->row.ino, of->m.row.policy_base),
	};
	if (r == 0)
		r = rendering_transcript(&now, cs, &shown);
	*ret_transcript = (uint32_t)shown.len;
	return r;
}

/* Is the session another one now than it was? Then whatever went wrong went with it. */
static int gone_meanwhile(struct catalog_conn *c, const struct session_facts *of, int r)
{
	struct catalog_session now;
	int k = catalog_session_get(c, of->row.ino, &now);

	if (k == -ENOENT ||
	    (k == 0 && (now.erasing || memcmp(&now.blob, &of->row.blob, sizeof(now.blob)))))
		return 0;
	return r;
}

/* Without the writer lock. */
static int remake(struct store *s, uint64_t ino, struct remade *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP(plan_done) struct plan old = {0};
	struct scratch_item *scratch;
	uint32_t transcript = 0;
	int r = store_scratch_get(s, &scratch);

	if (r < 0)
		return r;
	r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_begin(c, CATALOG_READ);
	if (r == 0) {
		r = session_facts_read(s, c, scratch->cs->aead, ino, &ret->of);
		catalog_rollback(c);
	}
	struct session_row *row = &ret->of.m.row;
	if (r == 0 && !session_is_current(s, row, ret->of.seq)) {
		r = make_plan(s, scratch->cs, &ret->of, &old, &ret->plan, &transcript);
		if (r < 0)
			r = gone_meanwhile(c, &ret->of, r);
		else
			ret->due = true;
	}
	store_scratch_put(s, scratch);
	if (r < 0 || !ret->due)
		return r == -ENOENT ? 0 : r;
	ret->moves = !same_plan(&old, &ret->plan);
	row->policy_seq = ret->of.seq;
	if (row->engine < store_engine_version(s))
		row->engine = store_engine_version(s);
	if (ret->moves) { /* keeps V2 */
		row->rendering++;
		row->mtime_ns = row->end_ms * 1000000 + (int64_t)row->rendering * 1000000000;
		row->size = ret->plan.size;
		row->transcript_bytes = transcript;
		plan_counts(&ret->plan, row->counts);
	}
	return 0;
}

/* In a write transaction: writes it down, unless the session or the policy is another one by now.
 * `behind`: how many come after it, so that no two have the same ctime (store-batch.c). */
static int settle(struct store_txn *t, struct aead *a, struct remade *m, size_t behind)
{
	CLEANUP(buf_done) struct buf sealed = {0};
	struct session_facts *of = &m->of;
	struct catalog_session now;
	uint64_t seq;
	int r = catalog_session_get(t->c, of->row.ino, &now);

	if (r < 0 || now.erasing || now.row_len != of->row.row_len ||
	    memcmp(now.row, of->row.row, now.row_len) != 0)
		return r == -ENOENT ? 0 : r;
	r = store_policy_seq(t->s, t->c, of->site.name, &seq);
	if (r < 0 || seq != of->seq)
		return r;
	if (m->moves) {
		of->m.row.ctime_ns = t->now_ns - (int64_t)behind;
		r = store_txn_change(t, CHANGE_RENDERED, now.ino, of->day.id, of->site.id);
		if (r == 0)
			r = catalog_day_touch(t->c, of->day.id, t->now_ns);
		if (r == 0)
			r = catalog_site_touch(t->c, of->site.id, t->now_ns);
	}
	if (r == 0)
		r = session_meta_seal(a, of->key, &of->m, &now);
	if (r == 0)
		r = session_plan_seal(a, of->key, now.ino, &now.blob, &m->plan, &sealed);
	return r < 0 ? r
		     : catalog_session_update(t->c, now.ino, now.row, now.row_len, sealed.p,
					      sealed.len);
}

static int settle_all_once(struct store *s, struct remade *v, size_t n)
{
	struct scratch_item *scratch;
	struct store_txn t;
	int r = store_scratch_get(s, &scratch);

	if (r < 0)
		return r;
	/* relaxed: after a power loss the same is made again, under a later ctime */
	r = store_txn_begin(s, CATALOG_WRITE_RELAXED, &t, NULL);
	if (r == 0) {
		for (size_t i = 0; r == 0 && i < n; i++)
			r = v[i].due ? settle(&t, scratch->cs->aead, &v[i], n - 1 - i) : 0;
		if (r == 0)
			r = store_txn_commit(&t);
		else
			store_txn_abort(&t);
	}
	store_scratch_put(s, scratch);
	return r;
}

static int settle_all(struct store *s, struct remade *v, size_t n)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = settle_all_once(s, v, n);
	while (room_more(&rm, r, NULL));
	return r;
}

bool session_own_fault(int r)
{
	return r == -EBADMSG || r == -EUCLEAN || r == -ENOKEY || r == -EPROTONOSUPPORT ||
	       /* keeps V3: what can't be looked through */
	       r == -EILSEQ || r == -E2BIG || r == -EINVAL || r == -EOPNOTSUPP;
}

#define TOGETHER 32u /* plans in memory, and rows in one commit */

int store_sessions_rerender(struct store *s, const uint64_t *inos, size_t n)
{
	int bad = 0, r = 0;

	while (r == 0 && n) {
		size_t k = n < TOGETHER ? n : TOGETHER;
		bool due = false;
		struct remade *v = calloc(k, sizeof(*v));

		if (!v)
			return -ENOMEM;
		for (size_t i = 0; r == 0 && i < k; i++) {
			r = remake(s, inos[i], &v[i]);
			due |= v[i].due;
			if (session_own_fault(r)) {
				bad = r;
				r = 0;
			}
		}
		if (r == 0 && due)
			r = settle_all(s, v, k);
		for (size_t i = 0; i < k; i++)
			remade_done(&v[i]);
		free(v);
		inos += k;
		n -= k;
	}
	return r < 0 ? r : bad;
}

int store_session_findings(struct store *s, uint64_t ino, struct buf *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	struct catalog_session row;
	struct session_meta m;
	struct scratch_item *scratch;
	uint8_t key[KEY_BYTES];
	int r = store_scratch_get(s, &scratch);

	if (r < 0)
		return r;
	r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_session_get(c, ino, &row);
	if (r == 0 && row.erasing)
		r = -ENOENT;
	if (r == 0 && row.state == SESSION_RESTRICTED)
		r = -EACCES;
	if (r == 0)
		r = store_session_open(s, scratch->cs->aead, &row, &m, key);
	if (r == 0)
		r = chunk_file_open(s->blobs, &row.blob, key, &cf);
	if (r == 0)
		r = chunk_file_findings(cf, scratch->cs, ret);
	wipe(key, sizeof(key));
	store_scratch_put(s, scratch);
	return r == -ENOKEY ? -ENOENT : r;
}
