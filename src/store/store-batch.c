/* store-batch.c: adding sessions.
 *
 * Blobs go to the blob store at once, keys and rows wait for the commit. So that no crash leaves a
 * blob behind that nobody knows of, its name is in the catalog before the file is: names are drawn
 * and written down in advance, some at a time (`loose`), and struck out in the commit that gives
 * them a row. Who finds such names while no import runs (the import lock says so) removes the
 * files.
 *
 * (A1) every blob has a row, or its name is in `loose`
 * (A2) a batch holds the import lock, shared, from before its first name to after its last
 * (A3) what is tombstoned, and what is there already, is found out twice: at put, to say so, and
 *      in the commit (store-batch-commit.c), where nobody else can commit anything
 * (A4) keys and rows of a batch are of one commit */
#include "store-batch-priv.h"
#include "transcript.h"

#include "redactfs/site.h"

#include <stdio.h>

#define NAMES_FIRST 8u /* an import of one file shall not write down hundreds */
#define DRAWS       8  /* of an id whose folder name is taken */
/* Blobs put without a look at the reserve: eight calls a look, and small sessions are soon done. */
#define UNLOOKED_MAX (LIMIT_RESERVE_PIECE_BYTES / 2)

static void entry_done(struct entry *e)
{
	e->key = secret_free(e->key);
	plan_done(&e->p);
	wipe(e, sizeof(*e));
}

void batch_drop(struct store_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		entry_done(&b->v[i]);
	b->n = 0;
	b->to = sealbox_sender_free(b->to);
}

int store_batch_begin(struct store *s, struct store_batch **ret)
{
	CLEANUP_FREE struct store_batch *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->s = s;
	b->next_names = NAMES_FIRST;
	b->unlooked = UNLOOKED_MAX;
	b->import_fd = store_import_lock(s->lock);
	if (b->import_fd < 0)
		return b->import_fd;
	*ret = TAKE(b);
	return 0;
}

size_t store_batch_pending(const struct store_batch *b)
{
	return b->n;
}

/* ---- names for blobs */

/* for_: the session that the first of them is for. */
static int draw_names(struct store_batch *b, const struct session_new *for_, struct errinfo *e)
{
	struct store_txn t;
	size_t n = b->next_names;
	uint8_t folder = 0;
	int r = rng_bytes(b->names, n * sizeof(*b->names));

	if (r == 0)
		r = lookup_folder(store_keys(b->s), for_->site, for_->date, &folder);
	/* One folder for all of them: it is synced once. The date's, so that who reads sessions of
	 * a date finds them side by side, and its folder read; the few of another date that follow
	 * take what is left. */
	for (size_t i = 0; i < n; i++)
		b->names[i].b[0] = folder;
	if (r == 0)
		r = store_txn_begin(b->s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = catalog_loose_add(t.c, &b->names[i], LOOSE_IMPORT);
	if (r == 0)
		r = store_txn_commit(&t);
	else
		store_txn_abort(&t);
	if (r < 0)
		return err_set_errno(e, r, "cannot note down names of blobs");
	b->n_names = n;
	b->next_names = n * 4 < NAMES_MAX ? n * 4 : NAMES_MAX;
	return 0;
}

/* ---- put */

static int check_new(const struct session_new *n, struct errinfo *e)
{
	int r = site_name_check(n->site, strlen(n->site), e);

	if (r < 0)
		return r;
	if (strlen(n->date) != 10 || strspn(n->date, "0123456789-") != 10 ||
	    strlen(n->name_time) != 6 || strspn(n->name_time, "0123456789") != 6)
		return err_set(e, -EINVAL, "a session's date or time is none");
	if (n->visitor && strlen(n->visitor) > LIMIT_VISITOR_BYTES)
		return err_set(e, -E2BIG, "visitor over LIMIT_VISITOR_BYTES (%u bytes)",
			       LIMIT_VISITOR_BYTES);
	return 0;
}

bool batch_tombstoned(struct catalog_conn *c, const struct tombstones *t, int *ret_err)
{
	for (size_t i = 0; i < t->n; i++) {
		int r = catalog_tombstone_has(c, t->v[i].h);

		if (r != 0) {
			*ret_err = r < 0 ? r : 0;
			return true;
		}
	}
	return false;
}

int batch_already(struct store *s, struct catalog_conn *c, struct aead *a, enum catalog_by by,
		  const uint8_t h[LOOKUP_BYTES], struct session_id *ret)
{
	struct catalog_session cs;
	struct session_meta m;
	int r = catalog_session_find(c, by, h, &cs);

	if (r == -ENOENT || (r == 0 && cs.erasing))
		return 0;
	if (r == 0)
		r = store_session_open(s, a, &cs, &m, NULL);
	if (r == -ENOKEY)
		return 0;
	if (r < 0)
		return r;
	*ret = m.row.id;
	return 1;
}

static const struct entry *pending_by(const struct store_batch *b, const uint8_t *body_h,
				      const uint8_t *id_h)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct entry *v = &b->v[i];

		if ((body_h && !memcmp(v->body_h, body_h, LOOKUP_BYTES)) ||
		    (id_h && !memcmp(v->id_h, id_h, LOOKUP_BYTES)))
			return v;
	}
	return NULL;
}

static void name_of(const struct session_id *id, const char *name_time, char out[20])
{
	char hex[SESSION_ID_HEX + 1];

	session_id_format(id, hex);
	(void)snprintf(out, 20, "%.6s-%s", name_time, hex + SESSION_ID_HEX - 12);
}

/* Is the folder's name free on that day? */
static int name_free(struct store_batch *b, struct catalog_conn *c, const struct session_new *n,
		     const char *name)
{
	struct catalog_site site;
	struct catalog_day day;
	struct catalog_session cs;
	uint8_t h[LOOKUP_BYTES];

	for (size_t i = 0; i < b->n; i++) {
		if (!strcmp(b->v[i].m.row.name, name) && !strcmp(b->v[i].date, n->date) &&
		    !strcmp(b->v[i].site, n->site))
			return 0;
	}
	int r = catalog_site_find(c, n->site, strlen(n->site), &site);
	if (r == 0)
		r = catalog_day_find(c, site.id, n->date, strlen(n->date), &day);
	if (r == 0)
		r = lookup_name(store_keys(b->s), day.id, name, strlen(name), h);
	if (r == 0)
		r = catalog_session_named(c, day.id, h, &cs);
	return r == -ENOENT ? 1 : r;
}

/* Gives the entry its id and name. */
static int choose_id(struct store_batch *b, struct catalog_conn *c, struct aead *a,
		     const struct session_new *n, struct entry *v, struct errinfo *e)
{
	struct session_id other;

	for (int i = 0; i < DRAWS; i++) {
		int r = 0;

		if (n->id)
			v->m.row.id = *n->id;
		else
			r = rng_bytes(v->m.row.id.b, sizeof(v->m.row.id.b));
		if (r == 0)
			r = lookup_id(store_keys(b->s), &v->m.row.id, v->id_h);
		if (r == 0)
			r = batch_already(b->s, c, a, BY_ID, v->id_h, &other);
		if (r == 1 || (r == 0 && pending_by(b, NULL, v->id_h))) {
			if (n->id)
				return err_set(e, -EEXIST,
					       "another recording has this session id already");
			continue;
		}
		name_of(&v->m.row.id, n->name_time, v->m.row.name);
		if (r == 0)
			r = name_free(b, c, n, v->m.row.name);
		if (r < 0)
			return r;
		if (r == 1)
			return 0;
		if (n->id)
			return err_set(e, -EEXIST,
				       "a session of the same second and end of id is there");
	}
	return -EEXIST;
}

static int describe(const struct session_new *n, const struct span_table *t, struct entry *v)
{
	struct session_row *r = &v->m.row;
	int e = plan_make(t, n->policy, false, &v->p);

	if (e < 0)
		return e;
	r->start_ms = n->start_ms;
	r->end_ms = n->end_ms;
	r->events = n->events;
	r->base_bytes = t->base_bytes;
	r->size = v->p.size;
	r->mtime_ns = n->end_ms * 1000000;
	r->policy_seq = n->policy_seq;
	r->policy_base = (uint32_t)n->policy_seq;
	r->engine = r->engine_base = n->engine;
	plan_counts(&v->p, r->counts);
	memcpy(v->m.shape, n->shape, sizeof(v->m.shape));
	(void)snprintf(r->visitor, sizeof(r->visitor), "%s", n->visitor ? n->visitor : "");
	(void)snprintf(v->site, sizeof(v->site), "%s", n->site);
	(void)snprintf(v->date, sizeof(v->date), "%s", n->date);
	return 0;
}

/* How long the transcript is; what it is made of, in the base. */
static int make_transcript(const struct session_new *n, const struct span_table *t, struct entry *v,
			   struct buf *ret_script)
{
	CLEANUP(buf_wipe_done) struct buf shown = {0};
	int r = 0;

	if (!n->script || !n->script->len)
		return 0;
	r = script_to_base(n->script, n->len, n->spans, t, ret_script);
	if (r == 0)
		r = transcript_of_text(ret_script, &v->p, n->text, n->len, n->spans, t, &shown);
	v->m.row.transcript_bytes = (uint32_t)shown.len;
	return r;
}

static int write_blob(struct store_batch *b, const struct session_new *n,
		      const struct span_table *t, struct chunk_scratch *cs, struct entry *v,
		      struct errinfo *e)
{
	CLEANUP(buf_done) struct buf blob = {0}, script = {0};
	int r = b->n_names ? 0 : draw_names(b, n, e);

	if (r == 0)
		r = make_transcript(n, t, v, &script);
	if (r < 0)
		return r;
	v->blob = b->names[--b->n_names];
	v->key = secret_new(KEY_BYTES);
	if (!v->key)
		return -ENOMEM;
	r = rng_bytes(v->key->b, KEY_BYTES);
	if (r == 0 && !b->to)
		r = sealbox_sender_new(store_keys(b->s)->reveal_pk, &b->to);
	if (r == 0)
		r = chunk_file_write(&v->blob, v->key->b, b->to, n->text, n->len, n->spans, t,
				     n->findings, &script, cs, &blob);
	if (r < 0)
		return r;
	const struct iovec io = {.iov_base = blob.p, .iov_len = blob.len};
	b->unlooked += blob.len;
	r = b->s->blobs->ops->put(b->s->blobs, &v->blob, &io, 1);
	return r < 0 ? err_set_errno(e, r, "cannot write a blob") : 0;
}

static int grow(struct store_batch *b)
{
	if (b->n < b->cap)
		return 0;
	size_t cap = b->cap ? 2 * b->cap : 16;
	struct entry *v = calloc(cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (b->n)
		memcpy(v, b->v, b->n * sizeof(*v));
	if (b->v)
		wipe(b->v, b->n * sizeof(*v));
	free(b->v);
	b->v = v;
	b->cap = cap;
	return 0;
}

/* Before anything is made: 0: it is new; 1: *ret and *ret_id say what it is. */
static int known(struct store_batch *b, struct catalog_conn *c, struct aead *a,
		 const struct session_new *n, struct entry *v, enum put_result *ret,
		 struct session_id *ret_id)
{
	struct tombstones t;
	int err = 0;
	int r = tombstones_make(store_keys(b->s), n->id, n->site, v->m.text_hash, n->shape,
				n->events, &t);

	if (r < 0)
		return r;
	if (batch_tombstoned(c, &t, &err)) {
		*ret = PUT_TOMBSTONED;
		*ret_id = n->id ? *n->id : (struct session_id){{0}};
		return err < 0 ? err : 1;
	}
	r = lookup_body(store_keys(b->s), n->site, v->m.text_hash, v->body_h);
	if (r < 0)
		return r;
	const struct entry *twin = pending_by(b, v->body_h, NULL);
	if (twin)
		*ret_id = twin->m.row.id;
	r = twin ? 1 : batch_already(b->s, c, a, BY_BODY, v->body_h, ret_id);
	if (r == 1)
		*ret = PUT_SAME;
	return r;
}

/* All that is asked of the catalog. As known; 0 gives the entry its id. */
static int look_up(struct store_batch *b, struct catalog_conn *c, struct aead *a,
		   const struct session_new *n, struct entry *v, enum put_result *ret,
		   struct session_id *ret_id, struct errinfo *e)
{
	uint64_t seq;
	int r = known(b, c, a, n, v, ret, ret_id);

	if (r == 0)
		r = store_policy_seq(b->s, c, n->site, &seq);
	if (r == 0 && seq != n->policy_seq)
		return err_set(e, -ESTALE, "the site's policy has changed meanwhile");
	return r == 0 ? choose_id(b, c, a, n, v, e) : r;
}

static int put(struct store_batch *b, struct catalog_conn *c, struct chunk_scratch *cs,
	       const struct session_new *n, struct entry *v, enum put_result *ret,
	       struct session_id *ret_id, struct errinfo *e)
{
	CLEANUP(span_table_done) struct span_table t = {0};
	int r = sha256_once(n->text, n->len, v->m.text_hash);

	/* one transaction: each statement by itself would lock and unlock the WAL */
	if (r == 0)
		r = catalog_begin(c, CATALOG_READ);
	if (r == 0)
		r = look_up(b, c, cs->aead, n, v, ret, ret_id, e);
	catalog_rollback(c);
	if (r != 0)
		return r;
	r = span_table_make(n->len, n->spans, n->nspans, n->policy, &t, e);
	if (r == 0)
		r = describe(n, &t, v);
	return r < 0 ? r : write_blob(b, n, &t, cs, v, e);
}

static int look_for_room(struct store_batch *b, struct errinfo *e)
{
	if (b->unlooked < UNLOOKED_MAX)
		return 0;
	int r = store_room_to_add(b->s, e);
	if (r == 0)
		b->unlooked = 0;
	return r;
}

int store_batch_put(struct store_batch *b, const struct session_new *n, enum put_result *ret,
		    struct session_id *ret_id, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct scratch_item *scratch;
	struct entry v = {0};
	int r = check_new(n, e);

	if (r == 0)
		r = grow(b);
	if (r == 0)
		r = store_scratch_get(b->s, &scratch);
	if (r < 0)
		return r;
	r = look_for_room(b, e);
	if (r == 0)
		r = catalog_get(b->s->cat, &c);
	if (r == 0)
		r = put(b, c, scratch->cs, n, &v, ret, ret_id, e);
	store_scratch_put(b->s, scratch);
	if (r == 0) {
		*ret = PUT_STORED;
		*ret_id = v.m.row.id;
		b->v[b->n++] = v;
		wipe(&v, sizeof(v)); /* moved */
		return 0;
	}
	entry_done(&v);
	return r == 1 ? 0
		      : store_room_refuse(b->s, err_set_errno(e, r, "cannot store the session"), e);
}

/* Files first, then their names: what remains of a crash between the two is names without files. */
static int give_back(struct store_batch *b)
{
	struct store_txn t;
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = b->s->blobs->ops->remove(b->s->blobs, &b->v[i].blob);
	if (r == 0)
		r = b->s->blobs->ops->sync(b->s->blobs);
	if (r == 0)
		r = store_txn_begin(b->s, CATALOG_WRITE_RELAXED, &t, NULL);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = catalog_loose_remove(t.c, &b->v[i].blob);
	for (size_t i = 0; r == 0 && i < b->n_names; i++)
		r = catalog_loose_remove(t.c, &b->names[i]);
	if (r == 0)
		return store_txn_commit(&t);
	store_txn_abort(&t);
	return r;
}

struct store_batch *store_batch_abort(struct store_batch *b)
{
	if (b) {
		if (b->n || b->n_names)
			(void)give_back(b); /* or else the next open does */
		batch_drop(b);
		free(b->v);
		(void)close(b->import_fd); /* a lock */
		free(b);
	}
	return NULL;
}
