/* store-erase.c: the steps of an erasure; their order is erase.h's. store_erase takes the first
 * four with one transaction of the catalog, in which intents and new nodes become durable together;
 * the others take one each, where the intent comes first and the rest when there is time, or after
 * a crash. Step 5 is put off until it is worth a transaction (store_tidy).
 *
 * (E1) an intent, once committed, is never taken back: no reader in any process gives text of its
 *      session again (reader_pread sees the change counter)
 * (E2) the tombstones are of the same commit as the intent: the row they are made from can't be
 *      opened any more after the keys are gone
 * (E3) rows go only when the key tree has no key for them, the old root slot is overwritten and the
 *      audit entry is there: it is of the same commit as the new root
 * (E4) a blob without a row is in `loose` until its file is gone for good */
#include "store-priv.h"

#include "redactfs/line.h"

#include <stdio.h>
#include <stdlib.h>

#define MAY_ERASE (ROLE_ERASER | ROLE_OFFICER)
#define MANY      1000u /* sessions: more rows than a connection's usual cache holds */
#define TIDY_MOST 2048u /* rows that one commit takes away where there is little room */
#define DONE_MANY 64u   /* of which the rows are removed together: they share most of their pages */

/* ---- step 1 */

static int add_tombstones(struct store_txn *t, struct aead *a, const struct catalog_session *cs,
			  const char *site, struct tombstone_sum *sum)
{
	struct session_meta m;
	struct tombstones tombs;
	int r = store_session_open(t->s, a, cs, &m, NULL);

	if (r == -ENOKEY || r == -EBADMSG || r == -EUCLEAN || r == -EPROTONOSUPPORT)
		return 0; /* damaged: it can be erased, but not recognised when it comes back */
	if (r == 0)
		r = tombstones_make(store_keys(t->s), &m.row.id, site, m.text_hash, m.shape,
				    m.row.events, &tombs);
	wipe(&m, sizeof(m));
	for (size_t i = 0; r == 0 && i < tombs.n; i++) {
		/* two recordings may share one: it counts once */
		r = catalog_tombstone_add(t->c, tombs.v[i].h, tombs.v[i].kind, t->now_ns);
		if (r == 1)
			r = tombstone_sum_add(store_keys(t->s), tombs.v[i].h, sum);
	}
	return r;
}

/* Can the key be taken out of the tree? Asked before the intent: one that could never be kept would
 * stand in the way of nothing but itself, but nobody could take it back either. */
static int path_intact(struct store *s, uint64_t kid)
{
	uint8_t key[KEY_BYTES];
	int r = keytree_get(s->wtree, kid, key);

	wipe(key, sizeof(key));
	return r == -ENOKEY ? 0 : r;
}

/* What a batch of intents has in common, looked up and written once for each folder. */
struct intending {
	struct store_txn *t;
	struct aead *a;
	struct catalog_intent in;
	struct tombstone_sum sum;
	struct catalog_day day; /* of the last session; id 0: none */
	struct catalog_site site;
	uint64_t n;
};

static int leave_day(struct intending *w)
{
	int r = 0;

	if (w->day.id) {
		r = catalog_day_touch(w->t->c, w->day.id, w->t->now_ns);
		if (r == 0)
			r = catalog_site_touch(w->t->c, w->site.id, w->t->now_ns);
	}
	w->day.id = 0;
	return r;
}

static int enter_day(struct intending *w, uint64_t day_id)
{
	struct catalog_day day;

	if (w->day.id == day_id)
		return 0;
	int r = leave_day(w);
	if (r == 0)
		r = store_session_site(w->t->c, day_id, &day, &w->site);
	if (r == 0)
		w->day = day;
	return r;
}

/* 1: intended; 0: not there. */
static int intend_one(struct intending *w, struct erase_item *item)
{
	struct store_txn *t = w->t;
	struct catalog_session cs;
	int r = catalog_session_get(t->c, item->ino, &cs);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	item->kid = cs.kid;
	if (cs.erasing)
		return 1; /* somebody's already; finishing it twice does no harm */
	r = store_hold_get(t->c, &cs);
	if (r != 0)
		return r < 0 ? r : -EBUSY;
	r = path_intact(t->s, cs.kid);
	if (r < 0)
		return r;
	w->in.ino = cs.ino;
	w->in.kid = cs.kid;
	r = enter_day(w, cs.day_id);
	if (r == 0)
		r = add_tombstones(t, w->a, &cs, w->site.name, &w->sum); /* keeps E2 */
	if (r == 0)
		r = catalog_intent_add(t->c, &w->in);
	if (r == 0)
		r = store_txn_change(t, CHANGE_ERASED, cs.ino, w->day.id, w->site.id);
	if (r < 0)
		return r;
	w->n++;
	return 1;
}

static int end_intending(struct intending *w)
{
	struct catalog_conn *c = w->t->c;
	uint64_t sessions;
	int r = leave_day(w);

	if (r == 0)
		r = catalog_meta_hash_set(c, META_TOMBSTONES, w->sum.v);
	if (r == 0)
		r = catalog_meta_get(c, META_SESSIONS, &sessions);
	return r < 0 ? r
		     : catalog_meta_set(c, META_SESSIONS, sessions > w->n ? sessions - w->n : 0);
}

static int by_ino(const void *a, const void *b)
{
	const struct erase_item *x = a, *y = b;

	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static int intend_all(struct store_txn *t, struct erase_item *items, size_t n, const char *reason,
		      size_t *ret_n, struct errinfo *e)
{
	struct intending w = {.t = t, .in.at_ns = t->now_ns};
	struct scratch_item *scratch;
	size_t left = 0;
	int r = catalog_meta_hash_get(t->c, META_TOMBSTONES, w.sum.v);

	if (r == 0)
		r = store_scratch_get(t->s, &scratch);
	if (r < 0)
		return r;
	w.a = scratch->cs->aead;
	(void)snprintf(w.in.operator_email, sizeof(w.in.operator_email), "%s", t->s->op.email);
	(void)snprintf(w.in.reason, sizeof(w.in.reason), "%s", reason);
	/* a session named twice is one */
	qsort(items, n, sizeof(*items), by_ino);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct erase_item item = items[i];

		if (left && items[left - 1].ino == item.ino)
			continue;
		r = intend_one(&w, &item);
		if (r == 1)
			items[left++] = item;
	}
	if (r >= 0)
		r = end_intending(&w);
	store_scratch_put(t->s, scratch);
	if (r == -EBUSY)
		return err_set(e, r,
			       "a session is on legal hold or restricted: nothing was erased");
	if (r == -EBADMSG || r == -EUCLEAN)
		return err_set(e, r, "the key tree is damaged there: nothing was erased");
	if (r < 0)
		return r;
	*ret_n = left;
	return 0;
}

int store_reason_check(const char *reason, struct errinfo *e)
{
	if (strlen(reason) > LIMIT_REASON_BYTES)
		return err_set(e, -E2BIG, "reason over LIMIT_REASON_BYTES (%u bytes)",
			       LIMIT_REASON_BYTES);
	return line_is_plain(reason) ? 0
				     : err_set(e, -EINVAL, "a reason is one line of UTF-8 text");
}

/* Begins a transaction with the intents of all of them. */
static int begin_intending(struct store *s, struct erase_item *items, size_t n, const char *reason,
			   struct store_txn *t, size_t *ret_left, struct errinfo *e)
{
	if (!(s->op.roles & MAY_ERASE))
		return err_set(e, -EACCES, "this operator may not erase");
	int r = store_reason_check(reason, e);
	if (r == 0)
		r = store_txn_begin(s, CATALOG_WRITE, t, e);
	if (r < 0)
		return r;
	if (n >= MANY)
		catalog_expect_many(t->c);
	r = intend_all(t, items, n, reason, ret_left, e);
	if (r < 0) {
		store_txn_abort(t);
		return err_set_errno(e, r, "cannot note down what is to be erased");
	}
	return 0;
}

/* Keeps E1. */
static void intended(struct store *s, const struct erase_item *items, size_t n)
{
	store_step("intended");
	for (size_t i = 0; i < n; i++)
		store_session_revoke(s, items[i].ino);
}

static int intend_once(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		       struct errinfo *e)
{
	struct store_txn t;
	size_t left;
	int r = begin_intending(s, items, *n, reason, &t, &left, e);

	if (r == 0)
		r = store_txn_commit(&t);
	if (r < 0)
		return err_set_errno(e, r, "cannot note down what is to be erased");
	intended(s, items, left);
	*n = left;
	return 0;
}

int store_erase_intend(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		       struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, *n > 1 ? ROOM_HALF : ROOM_ALL);
	int r;

	do
		r = intend_once(s, items, n, reason, e);
	while (room_more(&rm, r, e));
	return r;
}

static int pending_after(struct store *s, uint64_t after, struct erase_item *items, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_FREE struct catalog_intent *page = NULL;
	const size_t page_len = 64;
	size_t done = 0;
	int r = catalog_get(s->cat, &c);

	if (r == 0 && !(page = calloc(page_len, sizeof(*page))))
		r = -ENOMEM;
	while (r == 0 && done < n) {
		int k = catalog_intent_list(c, after, page,
					    n - done < page_len ? n - done : page_len);
		if (k <= 0) {
			r = k;
			break;
		}
		for (int i = 0; i < k; i++)
			items[done++] = (struct erase_item){page[i].ino, page[i].kid};
		after = page[k - 1].ino;
	}
	return r < 0 ? r : (int)done;
}

int store_erase_pending(struct store *s, struct erase_item *items, size_t n)
{
	return pending_after(s, 0, items, n);
}

int store_erase_pending_count(struct store *s, uint64_t *ret)
{
	struct erase_item page[64];
	uint8_t key[KEY_BYTES];
	uint64_t n = 0, after = 0;
	int k;

	/* an intent whose key is gone is done but for its rows */
	while ((k = pending_after(s, after, page, 64)) > 0) {
		for (int i = 0; i < k; i++)
			n += store_key_get(s, page[i].kid, key) != -ENOKEY;
		after = page[k - 1].ino;
	}
	wipe(key, sizeof(key));
	if (k == 0)
		*ret = n;
	return k;
}

/* ---- steps 2, 3 and 4 */

/* Those of the items that the tree still has a key for; *ret_stuck counts those that it doesn't say
 * of, because a node on the way to them is damaged. */
static int keys_left(struct store *s, const struct erase_item *items, size_t n,
		     struct keytree_change *changes, struct erase_item *going, size_t *ret_n,
		     size_t *ret_stuck)
{
	uint8_t key[KEY_BYTES];
	size_t left = 0, stuck = 0;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		r = keytree_get(s->wtree, items[i].kid, key);
		if (r == -EBADMSG || r == -EUCLEAN) {
			stuck++;
		} else if (r == 0) {
			going[left] = items[i];
			changes[left++] =
				(struct keytree_change){.kid = items[i].kid, .erase = true};
		} else if (r != -ENOKEY) {
			break;
		}
		r = 0;
	}
	wipe(key, sizeof(key));
	*ret_n = left;
	*ret_stuck = stuck;
	return r;
}

static int some_stuck(size_t n, struct errinfo *e)
{
	return err_set(e, -EBADMSG, "the key tree is damaged: %zu erasures wait", n);
}

static int erase_keys_once(struct store *s, const struct erase_item *items, size_t n,
			   uint64_t *ret_epoch, struct errinfo *e)
{
	CLEANUP_FREE struct keytree_change *changes = calloc(n ? n : 1, sizeof(*changes));
	CLEANUP_FREE struct erase_item *going = calloc(n ? n : 1, sizeof(*going));
	struct store_txn t;
	size_t left, stuck;
	uint64_t epoch, seq;

	if (!changes || !going)
		return -ENOMEM;
	/* the transaction takes the newest root and overwrites what is due first */
	int r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	r = keys_left(s, items, n, changes, going, &left, &stuck);
	epoch = s->epoch;
	if (r == 0 && left)
		r = store_proof_add(&t, going, left, &seq);
	if (r == 0 && left)
		r = store_txn_commit_keys(&t, changes, left, &epoch, e);
	else
		store_txn_abort(&t);
	if (r < 0)
		return err_set_errno(e, r, "cannot erase keys");
	*ret_epoch = epoch;
	return stuck ? some_stuck(stuck, e) : 0;
}

int store_erase_keys(struct store *s, const struct erase_item *items, size_t n, uint64_t *ret_epoch,
		     struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, n > 1 ? ROOM_HALF : ROOM_ALL);
	int r;

	do
		r = erase_keys_once(s, items, n, ret_epoch, e);
	while (room_more(&rm, r, e));
	return r;
}

/* ---- steps 1 to 4 */

struct erasing {
	struct erase_item *items; /* borrowed */
	size_t n;
	bool many;              /* rows to be removed */
	struct erase_done *ret; /* borrowed */
};

static void remember_done(struct store *s, const struct erase_item *items, size_t n)
{
	if (s->done_cap - s->n_done < n) {
		const size_t cap = s->n_done + n + DONE_MANY;
		struct erase_item *p = reallocarray(s->done, cap, sizeof(*p));

		if (!p)
			return; /* their intents stay: the next erase_recover does it */
		s->done = p;
		s->done_cap = cap;
	}
	memcpy(s->done + s->n_done, items, n * sizeof(*items));
	s->n_done += n;
	atomic_store(&s->untidy, true);
}

/* Intents and nodes are durable, the new root isn't. */
static void on_durable(struct store_txn *t, void *ctx)
{
	struct erasing *w = ctx;

	w->ret->intended = true;
	store_txn_announce(t);
	intended(t->s, w->items, w->n);
	w->ret->asked = store_mounts_ask(t->s, &w->ret->change);
	remember_done(t->s, w->items, w->n);
	w->many = t->s->n_done >= DONE_MANY;
}

static int erase_in(struct store_txn *t, struct erasing *w, struct keytree_change *changes,
		    struct erase_item *going, struct errinfo *e)
{
	struct store *s = t->s;
	size_t left, stuck;
	int r = keys_left(s, w->items, w->n, changes, going, &left, &stuck);

	if (r == 0 && left)
		r = store_proof_add(t, going, left, &w->ret->receipt);
	if (r < 0 || !w->n) {
		store_txn_abort(t);
		return r;
	}
	t->durable = on_durable;
	t->ctx = w;
	w->ret->epoch = s->epoch;
	r = store_txn_commit_keys(t, changes, left, &w->ret->epoch, e);
	return r == 0 && stuck ? some_stuck(stuck, e) : r;
}

static int erase_once(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		      struct erase_done *ret, struct errinfo *e)
{
	CLEANUP_FREE struct keytree_change *changes = calloc(*n ? *n : 1, sizeof(*changes));
	CLEANUP_FREE struct erase_item *going = calloc(*n ? *n : 1, sizeof(*going));
	struct erasing w = {.items = items, .ret = ret};
	struct store_txn t;

	if (!changes || !going)
		return -ENOMEM;
	int r = begin_intending(s, items, *n, reason, &t, &w.n, e);
	if (r < 0)
		return r;
	*n = w.n;
	r = erase_in(&t, &w, changes, going, e);
	if (r == 0 && w.many)
		(void)store_tidy(s); /* frees space; who sweeps hears of a failure */
	return r < 0 ? err_set_errno(e, r, "cannot erase") : 0;
}

int store_erase(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		struct erase_done *ret, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, *n > 1 ? ROOM_HALF : ROOM_ALL); /* keeps O3 */
	int r;

	*ret = (struct erase_done){0};
	do
		r = erase_once(s, items, n, reason, ret, e);
	while (room_more(&rm, r, e));
	return r;
}

/* ---- step 5 */

static int remove_one(struct store_txn *t, const struct erase_item *item)
{
	struct catalog_session cs;
	struct catalog_intent in;
	uint8_t key[KEY_BYTES];
	int r = keytree_get(t->s->wtree, item->kid, key);

	wipe(key, sizeof(key));
	if (r == -EBADMSG || r == -EUCLEAN)
		return 0; /* stuck: step 4 has said so */
	if (r != -ENOKEY) /* keeps E3 */
		return r < 0 ? r : -EUCLEAN;
	r = catalog_intent_get(t->c, item->ino, &in);
	if (r < 0)
		return r == -ENOENT ? 0 : r; /* another process has done it */
	r = catalog_session_get(t->c, item->ino, &cs);
	if (r == 0 && cs.kid != item->kid)
		r = -EUCLEAN;
	if (r == 0)
		r = catalog_loose_add(t->c, &cs.blob, LOOSE_ERASED); /* keeps E4 */
	if (r == 0)
		r = catalog_session_remove(t->c, item->ino);
	return r == 0 || r == -ENOENT ? catalog_intent_remove(t->c, item->ino) : r;
}

static int remove_done(struct store_txn *t, size_t most)
{
	struct store *s = t->s;
	const size_t n = s->n_done < most ? s->n_done : most;
	uint8_t key[KEY_BYTES];
	int r = 0;

	if (n >= MANY)
		catalog_expect_many(t->c);
	for (size_t i = s->n_done - n; r == 0 && i < s->n_done; i++) {
		/* a commit that failed after the intent left the key: for erase_recover */
		if (keytree_get(s->wtree, s->done[i].kid, key) == -ENOKEY)
			r = remove_one(t, &s->done[i]);
	}
	wipe(key, sizeof(key));
	t->takes_done = r == 0 ? n : 0;
	return r;
}

/* 1: some are left. */
static int tidy_once(struct store *s, size_t most)
{
	bool all;
	struct store_txn t;

	/* relaxed: after a power loss the intents are there again, and so is this step */
	int r = store_txn_begin(s, CATALOG_WRITE_RELAXED, &t, NULL);
	if (r < 0)
		return r;
	all = s->n_done <= most;
	r = remove_done(&t, most);
	if (r == 0)
		r = store_txn_commit(&t);
	else
		store_txn_abort(&t);
	if (r == 0)
		store_step("rows gone");
	return r < 0 ? r : !all;
}

static int tidy_some(struct store *s, size_t most)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = tidy_once(s, most);
	while (room_more(&rm, r, NULL));
	return r;
}

int store_tidy(struct store *s)
{
	int r = 0;

	if (!atomic_load(&s->untidy))
		return 0;
	/* all at once, or as many as a full disk has room for */
	for (size_t most = SIZE_MAX; most;) {
		r = tidy_some(s, most);
		if (err_is_no_room(r))
			most = most > TIDY_MOST ? TIDY_MOST : most / 2;
		else if (r <= 0)
			break;
	}
	return r;
}

int store_erase_rows(struct store *s, const struct erase_item *items, size_t n, struct errinfo *e)
{
	int r = store_lock_write(s->lock);

	if (r == 0) {
		remember_done(s, items, n);
		store_unlock_write(s->lock);
		r = store_tidy(s);
	}
	return r < 0 ? err_set_errno(e, r, "cannot remove the rows of erased sessions") : 0;
}
