/* store-batch-commit.c: the sessions of a batch get their numbers, rows and keys, in one commit;
 * see store-batch.c for what holds. */
#include "store-batch-priv.h"

#include <stdio.h>

/* What a commit works with. */
struct adding {
	struct store_txn t;
	struct aead *a; /* borrowed */
	struct catalog_site site;
	struct catalog_day day;
	struct keytree_change *changes; /* owned */
	size_t n;
	uint64_t next_ino, next_leaf;
	size_t behind; /* how many of the batch are still to come */
	bool conflict;
};

static int find_or_add_site(struct adding *w, const char *name)
{
	struct store_txn *t = &w->t;

	if (w->site.id && !strcmp(w->site.name, name))
		return 0;
	w->site.id = w->day.id = 0;
	int r = catalog_site_find(t->c, name, strlen(name), &w->site);
	if (r == -ENOENT) {
		uint64_t id;

		r = catalog_site_add(t->c, name, t->now_ns, &id);
		if (r == 0)
			r = catalog_site_get(t->c, id, &w->site);
	} else if (r == 0) {
		r = catalog_site_touch(t->c, w->site.id, t->now_ns);
	}
	if (r < 0)
		w->site.id = 0;
	return r;
}

static int find_or_add_day(struct adding *w, const char *name)
{
	struct store_txn *t = &w->t;

	if (w->day.id && !strcmp(w->day.name, name))
		return 0;
	w->day.id = 0;
	int r = catalog_day_find(t->c, w->site.id, name, strlen(name), &w->day);
	if (r == -ENOENT) {
		uint64_t id;

		r = catalog_day_add(t->c, w->site.id, name, t->now_ns, &id);
		if (r == 0)
			r = catalog_day_get(t->c, id, &w->day);
	} else if (r == 0) {
		r = catalog_day_touch(t->c, w->day.id, t->now_ns);
	}
	if (r < 0)
		w->day.id = 0;
	return r;
}

/* The next key number of the day: its leaf's next slot, or a new leaf's first. */
static int next_kid(struct adding *w, uint64_t *ret)
{
	uint64_t kid = w->day.next_kid;

	if (!kid)
		kid = w->next_leaf++ * LEAF_KEYS;
	*ret = kid++;
	w->day.next_kid = kid % LEAF_KEYS ? kid : 0;
	return catalog_day_set_kid(w->t.c, w->day.id, w->day.next_kid);
}

/* Keeps A3. 1: goes in; 0: is left out. */
static int still_new(struct adding *w, const struct entry *v)
{
	struct store *s = w->t.s;
	struct tombstones t;
	struct session_id other;
	int err = 0;
	int r = tombstones_make(store_keys(s), &v->m.row.id, v->site, v->m.text_hash, v->m.shape,
				v->m.row.events, &t);

	if (r == 0 && batch_tombstoned(w->t.c, &t, &err))
		return err;
	if (r == 0)
		r = batch_already(s, w->t.c, w->a, BY_BODY, v->body_h, &other);
	if (r != 0)
		return r < 0 ? r : 0;
	r = batch_already(s, w->t.c, w->a, BY_ID, v->id_h, &other);
	if (r == 1)
		w->conflict = true; /* another process was faster with this id */
	return r < 0 ? r : !r;
}

/* Fills name_h. 1: another process was faster with this name. */
static int name_taken(struct adding *w, const struct entry *v, struct catalog_session *cs)
{
	struct catalog_session other;
	int r = lookup_name(store_keys(w->t.s), cs->day_id, v->m.row.name, strlen(v->m.row.name),
			    cs->name_h);

	if (r == 0)
		r = catalog_session_named(w->t.c, cs->day_id, cs->name_h, &other);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		w->conflict = true;
	return r < 0 ? r : 1;
}

static int add_row(struct adding *w, struct entry *v, struct catalog_session *cs)
{
	CLEANUP(buf_done) struct buf plan = {0};
	struct store *s = w->t.s;
	const uint8_t *key = v->key->b;

	memcpy(cs->id_h, v->id_h, LOOKUP_BYTES);
	memcpy(cs->body_h, v->body_h, LOOKUP_BYTES);
	cs->has_visitor = v->m.row.visitor[0] != 0;
	int r = 0;

	if (cs->has_visitor)
		r = lookup_visitor(store_keys(s), v->m.row.visitor, cs->visitor_h);
	v->m.row.imported_ns = w->t.now_ns;
	/* no two alike: borg reads all that have the newest ctime again with each run */
	v->m.row.ctime_ns = w->t.now_ns - (int64_t)w->behind;
	if (r == 0)
		r = session_meta_seal(w->a, key, &v->m, cs);
	if (r == 0)
		r = session_plan_seal(w->a, key, cs->ino, &v->blob, &v->p, &plan);
	return r < 0 ? r : catalog_session_add(w->t.c, cs, plan.p, plan.len);
}

static int add_one(struct adding *w, struct entry *v)
{
	struct store *s = w->t.s;
	struct catalog_session cs = {.state = SESSION_LIVE, .blob = v->blob, .since = s->epoch + 1};
	int r = still_new(w, v);

	if (r <= 0)
		return r; /* its blob's name stays in `loose`: the next sweep takes it */
	r = find_or_add_site(w, v->site);
	if (r == 0)
		r = find_or_add_day(w, v->date);
	cs.day_id = w->day.id;
	if (r == 0)
		r = name_taken(w, v, &cs);
	if (r != 0)
		return r < 0 ? r : 0;
	r = next_kid(w, &cs.kid);
	cs.ino = w->next_ino++;
	if (r == 0)
		r = add_row(w, v, &cs);
	if (r == 0)
		r = catalog_loose_remove(w->t.c, &v->blob); /* keeps A1 */
	if (r == 0)
		r = store_txn_change(&w->t, CHANGE_ADDED, cs.ino, w->day.id, w->site.id);
	if (r < 0)
		return r;
	struct keytree_change *ch = &w->changes[w->n++];
	ch->kid = cs.kid;
	ch->erase = false;
	memcpy(ch->key, v->key->b, KEY_BYTES);
	return 0;
}

static int add_all(struct store_batch *b, struct adding *w)
{
	struct store_txn *t = &w->t;
	uint64_t sessions = 0;
	char detail[64];
	int r = catalog_session_next(t->c, &w->next_ino);

	if (r == 0)
		r = catalog_meta_get(t->c, META_NEXT_LEAF, &w->next_leaf);
	for (size_t i = 0; r == 0 && i < b->n; i++) {
		w->behind = b->n - 1 - i;
		r = add_one(w, &b->v[i]);
	}
	if (r < 0 || !w->n)
		return r;
	r = catalog_meta_set(t->c, META_NEXT_LEAF, w->next_leaf);
	if (r == 0)
		r = catalog_meta_get(t->c, META_SESSIONS, &sessions);
	if (r == 0)
		r = catalog_meta_set(t->c, META_SESSIONS, sessions + w->n);
	(void)snprintf(detail, sizeof(detail), "{\"sessions\":%zu}", w->n);
	return r < 0 ? r : store_txn_audit(t, "import", b->s->op.email, detail);
}

static int commit_with(struct store_batch *b, struct adding *w, struct errinfo *e)
{
	uint64_t epoch;
	int r = store_txn_begin(b->s, CATALOG_WRITE, &w->t, e);

	if (r < 0)
		return r;
	r = add_all(b, w);
	if (r < 0) {
		store_txn_abort(&w->t);
		return err_set_errno(e, r, "cannot add sessions to the catalog");
	}
	if (!w->n) {
		store_txn_abort(&w->t);
		return 0;
	}
	return store_txn_commit_keys(&w->t, w->changes, w->n, &epoch, e); /* keeps A4 */
}

static int commit(struct store_batch *b, struct errinfo *e)
{
	struct adding w = {0};
	struct scratch_item *scratch;

	if (!b->n)
		return 0;
	int r = b->s->blobs->ops->sync(b->s->blobs);
	if (r < 0)
		return err_set_errno(e, r, "cannot sync the blobs");
	r = store_scratch_get(b->s, &scratch);
	if (r < 0)
		return r;
	w.a = scratch->cs->aead;
	w.changes = calloc(b->n, sizeof(*w.changes));
	r = w.changes ? commit_with(b, &w, e) : -ENOMEM;
	if (w.changes)
		wipe(w.changes, b->n * sizeof(*w.changes));
	free(w.changes);
	store_scratch_put(b->s, scratch);
	if (r < 0)
		return r;
	batch_drop(b);
	return w.conflict ? err_set(e, -EEXIST,
				    "another process stored a session of the same id meanwhile")
			  : 0;
}

int store_batch_commit(struct store_batch *b, struct errinfo *e)
{
	return store_room_refuse(b->s, commit(b, e), e);
}
