/* store-apply.c: a laxer policy, applied to sessions that were there before it. Each keeps its key,
 * number, times and tombstones, and gets another blob (store-anew.c).
 *
 *   pending -> blob written -> row moved to it (commit) -> old blob removed
 *
 * (L3) the commit that shows values has their count in the audit log; each is whole, so that
 * whenever it ends, some sessions are as before and some are as after, and the next run takes the
 * rest (L4) a blob's name is in `loose` before its file is there, as in store-batch.c; so is the
 * old one's until its file is gone */
#include "store-apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOGETHER       64u         /* sessions a commit */
#define TOGETHER_BYTES (64u << 20) /* of new blobs in one */

struct applying {
	struct store *s;
	struct store_choice want;
	struct policy_applied *done;
	int import_fd;                  /* owned: keeps L4 */
	struct blob_id names[TOGETHER]; /* written down, not used */
	size_t n_names;
	struct anew v[TOGETHER];
	size_t n;
	uint64_t bytes; /* of their blobs */
};

/* ino: the session that the first of them is for. */
static int draw_names(struct applying *w, uint64_t ino)
{
	struct catalog_session cs;
	struct store_txn t;
	int r = rng_bytes(w->names, sizeof(w->names));

	if (r == 0)
		r = store_txn_begin(w->s, CATALOG_WRITE, &t, NULL);
	if (r < 0)
		return r;
	/* where its neighbours' blobs are: see store-batch.c */
	if (catalog_session_get(t.c, ino, &cs) == 0) {
		for (size_t i = 0; i < TOGETHER; i++)
			w->names[i].b[0] = cs.blob.b[0];
	}
	for (size_t i = 0; r == 0 && i < TOGETHER; i++)
		r = catalog_loose_add(t.c, &w->names[i], LOOSE_IMPORT);
	if (r == 0)
		r = store_txn_commit(&t);
	else
		store_txn_abort(&t);
	if (r == 0)
		w->n_names = TOGETHER;
	return r;
}

static int put_one(struct applying *w, struct chunk_scratch *cs, uint64_t ino)
{
	CLEANUP(buf_done) struct buf blob = {0};
	struct anew *x = &w->v[w->n];
	int r = store_room_to_add(w->s, NULL);

	if (r == 0 && !w->n_names)
		r = draw_names(w, ino);
	if (r < 0)
		return r;
	*x = (struct anew){.blob = w->names[w->n_names - 1]};
	r = anew_make(w->s, cs, ino, &w->want, x, &blob);
	if (r == 0) {
		const struct iovec io = {.iov_base = blob.p, .iov_len = blob.len};

		w->n_names--;
		w->n++;
		w->bytes += blob.len;
		return w->s->blobs->ops->put(w->s->blobs, &x->blob, &io, 1);
	}
	anew_done(x);
	if (r == -ENOENT)
		return 0; /* erased meanwhile */
	if (session_own_fault(r)) {
		w->done->failed++;
		return 0;
	}
	return r;
}

/* 1: moved; 0: it is another session by now, and x->blob nobody's. `behind`: as in store-render.c.
 */
static int move_one(struct store_txn *t, struct aead *a, struct anew *x, size_t behind)
{
	CLEANUP(buf_done) struct buf sealed = {0};
	struct session_facts *of = &x->of;
	struct catalog_session now;
	int r = catalog_session_get(t->c, of->row.ino, &now);

	if (r < 0 || now.erasing || now.row_len != of->row.row_len ||
	    memcmp(now.row, of->row.row, now.row_len) != 0)
		return r == -ENOENT ? 0 : r;
	now.blob = x->blob;
	if (x->moves)
		of->m.row.ctime_ns = t->now_ns - (int64_t)behind;
	r = session_meta_seal(a, of->key, &of->m, &now);
	if (r == 0)
		r = session_plan_seal(a, of->key, now.ino, &x->blob, &x->plan, &sealed);
	if (r == 0)
		r = catalog_session_move(t->c, now.ino, &x->blob, now.row, now.row_len, sealed.p,
					 sealed.len);
	if (r == 0)
		r = catalog_loose_remove(t->c, &x->blob);
	if (r == 0)
		r = catalog_loose_add(t->c, &of->row.blob, LOOSE_ERASED); /* keeps L4 */
	if (r == 0)
		r = store_txn_change(t, CHANGE_RENDERED, now.ino, of->day.id, of->site.id);
	if (r == 0 && x->moves)
		r = catalog_day_touch(t->c, of->day.id, t->now_ns);
	if (r == 0 && x->moves)
		r = catalog_site_touch(t->c, of->site.id, t->now_ns);
	return r < 0 ? r : 1;
}

static int move_all(struct applying *w, struct store_txn *t, struct aead *a, bool *moved)
{
	struct policy_applied sum = {0};
	char detail[LIMIT_SITE_BYTES + 160];
	uint64_t seq;
	int r = store_policy_seq(w->s, t->c, w->want.site, &seq);

	if (r == 0 && seq != w->want.seq)
		r = -ESTALE;
	for (size_t i = 0; r == 0 && i < w->n; i++) {
		r = move_one(t, a, &w->v[i], w->n - 1 - i);
		moved[i] = r == 1;
		if (r == 1) {
			sum.sessions++;
			sum.values += w->v[i].values;
			r = 0;
		}
	}
	(void)snprintf(detail, sizeof(detail),
		       "{\"site\":\"%s\",\"policy\":%llu,\"sessions\":%llu,\"values\":%llu}",
		       w->want.site, (unsigned long long)seq, (unsigned long long)sum.sessions,
		       (unsigned long long)sum.values);
	if (r == 0 && sum.sessions) /* keeps L3 */
		r = store_txn_audit(t, "policy-apply", w->s->op.email, detail);
	if (r == 0)
		r = store_txn_commit(t);
	else
		store_txn_abort(t);
	if (r == 0) {
		w->done->sessions += sum.sessions;
		w->done->values += sum.values;
	}
	return r;
}

/* Files first, then their names, as ever. */
static int remove_blobs(struct applying *w, const struct blob_id *v, size_t n)
{
	struct blobstore *bs = w->s->blobs;
	struct store_txn t;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = bs->ops->remove(bs, &v[i]);
	if (r == 0)
		r = bs->ops->sync(bs);
	if (r == 0)
		r = store_txn_begin(w->s, CATALOG_WRITE_RELAXED, &t, NULL);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = catalog_loose_remove(t.c, &v[i]);
	if (r == 0)
		return store_txn_commit(&t);
	store_txn_abort(&t);
	return r;
}

static int commit(struct applying *w)
{
	struct blob_id over[TOGETHER]; /* nobody's any more: the old ones, or the new ones */
	bool moved[TOGETHER] = {false};
	struct scratch_item *scratch;
	struct store_txn t;
	int r = w->n ? w->s->blobs->ops->sync(w->s->blobs) : 0;

	if (r < 0 || !w->n)
		return r;
	r = store_scratch_get(w->s, &scratch);
	if (r < 0)
		return r;
	store_step("apply: blobs written");
	r = store_txn_begin(w->s, CATALOG_WRITE, &t, NULL);
	if (r == 0)
		r = move_all(w, &t, scratch->cs->aead, moved);
	store_scratch_put(w->s, scratch);
	store_step("apply: moved");
	for (size_t i = 0; i < w->n; i++) {
		bool old = r == 0 && moved[i];

		over[i] = old ? w->v[i].of.row.blob : w->v[i].blob;
		if (old)
			chunk_cache_forget(w->s->chunks, w->v[i].of.row.ino);
		anew_done(&w->v[i]);
	}
	size_t n = w->n;
	w->n = 0;
	w->bytes = 0;
	int k = remove_blobs(w, over, n); /* or else the next open does */
	return r < 0 ? r : k;
}

static void applying_done(struct applying *w)
{
	for (size_t i = 0; i < w->n; i++)
		anew_done(&w->v[i]);
	if (w->n_names)
		(void)remove_blobs(w, w->names, w->n_names); /* or else the next open does */
	if (w->import_fd >= 0)
		(void)close(w->import_fd); /* a lock */
	store_choice_done(&w->want);
}

static int apply(struct applying *w, const struct store_inos *l, store_progress_fn progress,
		 void *ctx)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		struct scratch_item *scratch;

		r = store_scratch_get(w->s, &scratch);
		if (r < 0)
			break;
		r = put_one(w, scratch->cs, l->v[i]);
		store_scratch_put(w->s, scratch);
		if (r == 0 && (w->n == TOGETHER || w->bytes >= TOGETHER_BYTES))
			r = commit(w);
		if (progress)
			progress(ctx, i + 1, l->n);
	}
	return r < 0 ? r : commit(w);
}

int store_policy_apply(struct store *s, const char *site, store_progress_fn progress, void *ctx,
		       struct policy_applied *ret, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP(store_inos_done) struct store_inos l = {0};

	*ret = (struct policy_applied){0};
	if (!(s->op.roles & ROLE_OFFICER) || !s->login.reveal_sk)
		return err_set(e, -EACCES, "only an officer may apply a policy that shows more");
	if (!s->engine)
		return err_set(e, -EOPNOTSUPP, "no engine to look the sessions through");
	struct applying *w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->s = s;
	w->done = ret;
	w->import_fd = store_import_lock(s->lock);
	int r = w->import_fd < 0 ? w->import_fd : catalog_get(s->cat, &c);
	if (r == 0)
		r = store_choice_new(s, c, site, &w->want);
	if (r == 0)
		r = store_choice_pending(s, c, &w->want, &l);
	c = catalog_put(c);
	if (r == 0)
		r = apply(w, &l, progress, ctx);
	applying_done(w);
	free(w);
	if (r == -ESTALE)
		return err_set(e, r, "the policy was changed meanwhile");
	if (r < 0)
		(void)err_set_errno(e, r, "cannot apply the policy");
	return store_room_refuse(s, r, e);
}
