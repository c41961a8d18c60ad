/* store-session.c: opening sessions' rows, and bringing them up to date.
 *
 * A row and its plan are made under one policy and say which. When the site has another one since,
 * the first who asks makes both anew, under the writer lock, and everybody sees the result: size,
 * times and bytes of a session never depend on who looks, or when.
 *
 * (V1) a row is answered with only when its policy is the site's
 * (V2) rendering, mtime and ctime move exactly when the plan does */
#include "store-priv.h"

#include <stdio.h>

int store_session_open(struct store *s, struct aead *a, const struct catalog_session *cs,
		       struct session_meta *ret, uint8_t key[KEY_BYTES])
{
	uint8_t data_key[KEY_BYTES];
	int r = store_key_get(s, cs->kid, data_key);

	if (r == 0)
		r = session_meta_open(a, data_key, cs, ret);
	if (r == 0 && key)
		memcpy(key, data_key, sizeof(data_key));
	wipe(data_key, sizeof(data_key));
	return r;
}

int store_session_site(struct catalog_conn *c, uint64_t day_id, struct catalog_day *ret_day,
		       struct catalog_site *ret_site)
{
	int r = catalog_day_get(c, day_id, ret_day);

	if (r == 0)
		r = catalog_site_get(c, ret_day->site_id, ret_site);
	return r == -ENOENT ? -EUCLEAN : r;
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

static int make_plans(struct store *s, struct catalog_conn *c, struct chunk_scratch *cs,
		      const struct catalog_session *row, const struct session_meta *m,
		      const uint8_t key[KEY_BYTES], const struct policy *p, struct plan *ret_old,
		      struct plan *ret_new)
{
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	CLEANUP(span_table_done) struct span_table spans = {0};
	CLEANUP(buf_done) struct buf sealed = {0};
	int r = catalog_session_plan(c, row->ino, &sealed);

	if (r == 0)
		r = session_plan_open(cs->aead, key, row->ino, &row->blob, &sealed,
				      m->row.base_bytes, ret_old);
	if (r == 0)
		r = chunk_file_open(s->blobs, &row->blob, key, &cf);
	if (r == 0)
		r = chunk_file_spans(cf, cs, &spans);
	if (r == 0 && spans.base_bytes != m->row.base_bytes)
		r = -EUCLEAN;
	return r < 0 ? r : plan_make(&spans, p, false, ret_new);
}

/* `behind`: how many come after it, so that no two have the same ctime (store-batch.c). */
static int rerender_one(struct store_txn *t, struct chunk_scratch *cs, uint64_t ino, size_t behind)
{
	CLEANUP(plan_done) struct plan old = {0}, plan = {0};
	CLEANUP(policy_done) struct policy policy = {0};
	CLEANUP(buf_done) struct buf sealed = {0};
	struct catalog_session row;
	struct catalog_day day;
	struct catalog_site site;
	struct session_meta m;
	uint8_t key[KEY_BYTES];
	uint64_t seq;
	int r = catalog_session_get(t->c, ino, &row);

	if (r < 0 || row.erasing)
		return r == -ENOENT ? 0 : r;
	r = store_session_site(t->c, row.day_id, &day, &site);
	if (r == 0)
		r = store_session_open(t->s, cs->aead, &row, &m, key);
	if (r == 0)
		r = store_policy_load(t->s, t->c, site.name, &policy, &seq);
	if (r == 0 && m.row.policy_seq != seq) {
		r = make_plans(t->s, t->c, cs, &row, &m, key, &policy, &old, &plan);
		if (r == 0 && !same_plan(&old, &plan)) { /* keeps V2 */
			m.row.rendering++;
			m.row.mtime_ns =
				m.row.end_ms * 1000000 + (int64_t)m.row.rendering * 1000000000;
			m.row.ctime_ns = t->now_ns - (int64_t)behind;
			m.row.size = plan.size;
			plan_counts(&plan, m.row.counts);
			r = store_txn_change(t, CHANGE_RENDERED, ino, day.id, site.id);
			if (r == 0)
				r = catalog_day_touch(t->c, day.id, t->now_ns);
			if (r == 0)
				r = catalog_site_touch(t->c, site.id, t->now_ns);
		}
		m.row.policy_seq = seq;
		if (r == 0)
			r = session_meta_seal(cs->aead, key, &m, &row);
		if (r == 0)
			r = session_plan_seal(cs->aead, key, ino, &row.blob, &plan, &sealed);
		if (r == 0)
			r = catalog_session_update(t->c, ino, row.row, row.row_len, sealed.p,
						   sealed.len);
	}
	wipe(key, sizeof(key));
	return r;
}

/* Is it about this one session? Then the others go on. */
static bool its_own_fault(int r)
{
	return r == -EBADMSG || r == -EUCLEAN || r == -ENOKEY || r == -EPROTONOSUPPORT;
}

int store_sessions_rerender(struct store *s, const uint64_t *inos, size_t n)
{
	struct scratch_item *scratch;
	struct store_txn t;
	int r = store_scratch_get(s, &scratch), bad = 0;

	if (r < 0)
		return r;
	/* relaxed: after a power loss the same is made again, under a later ctime */
	r = store_txn_begin(s, CATALOG_WRITE_RELAXED, &t, NULL);
	if (r == 0) {
		for (size_t i = 0; r == 0 && i < n; i++) {
			r = rerender_one(&t, scratch->cs, inos[i], n - 1 - i);
			if (its_own_fault(r)) {
				bad = r;
				r = 0;
			}
		}
		if (r == 0)
			r = store_txn_commit(&t);
		else
			store_txn_abort(&t);
	}
	store_scratch_put(s, scratch);
	return r < 0 ? r : bad;
}
