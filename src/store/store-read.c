/* store-read.c: readers: one open session's plan, its blob, and the right to go on reading.
 *
 * (D1) a reader is in the store's list before its session's row is read; so an intent that is
 *      committed later finds it there, and one committed earlier is seen in the row
 * (D2) no text leaves a pread that began after the session was revoked, and what a pread began
 *      before is wiped from the caller's buffer if it was revoked meanwhile
 * (D3) what other processes did is looked at before each pread, at the price of reading 8 bytes
 * (D4) a pread allocates nothing and holds no lock while it decrypts */
#include "store-priv.h"

#include <limits.h>
#include <sys/types.h>

struct reader {
	struct store *s; /* borrowed; outlives it */
	uint64_t ino;    /* immutable like all down to values */
	uint64_t policy_seq;
	struct blob_id blob;
	uint8_t nonce[NONCE_BYTES]; /* of its row as it was sealed: another one is another row */
	bool reveal;
	bool whole; /* opened to the end: has a plan and a blob */
	char site[LIMIT_SITE_BYTES + 1];
	struct session_row row;
	struct plan plan;      /* owned */
	struct chunk_file *cf; /* owned; its keys: [M] */
	struct secret *values; /* owned; wiped with the keys [M] */

	pthread_mutex_t mtx; /* [M] */
	int stopped;         /* 0, or the -errno that every pread now gives [M] */
	unsigned active;     /* preads between enter and leave [M] */
	bool forgotten;      /* keys and values are wiped [M] */

	struct reader *next, **prev; /* in the store's list [R] */
};

/* ---- stopping */

/* Under [M]. The keys go as soon as no pread uses them. */
static void forget_if_idle(struct reader *r)
{
	if (!r->stopped || r->active || r->forgotten || !r->whole)
		return;
	chunk_file_forget(r->cf);
	r->values = secret_free(r->values);
	r->forgotten = true;
}

static void stop(struct reader *r, int why)
{
	pthread_mutex_lock(&r->mtx);
	if (!r->stopped || why == -ENOKEY)
		r->stopped = why;
	forget_if_idle(r);
	pthread_mutex_unlock(&r->mtx);
}

static void stop_all(struct store *s, uint64_t ino)
{
	pthread_mutex_lock(&s->readers_mtx);
	for (struct reader *r = s->readers; r; r = r->next) {
		if (r->ino == ino)
			stop(r, -ENOKEY);
	}
	pthread_mutex_unlock(&s->readers_mtx);
}

/* Restricted: who reads with the reveal key goes on. */
static void stop_ordinary(struct store *s, uint64_t ino)
{
	pthread_mutex_lock(&s->readers_mtx);
	for (struct reader *r = s->readers; r; r = r->next) {
		if (r->ino == ino && !r->reveal)
			stop(r, -EACCES);
	}
	pthread_mutex_unlock(&s->readers_mtx);
}

struct subject {
	uint64_t ino, policy_seq;
	struct blob_id blob;
	uint8_t nonce[NONCE_BYTES];
	bool reveal;
	char site[LIMIT_SITE_BYTES + 1];
};

/* Those that were opened under this policy on this blob and row only: one that was opened on the
 * new ones, while the others were being judged, is as it should be. */
static void stop_outdated(struct store *s, const struct subject *j)
{
	pthread_mutex_lock(&s->readers_mtx);
	for (struct reader *r = s->readers; r; r = r->next) {
		if (r->ino == j->ino && r->whole && r->policy_seq == j->policy_seq &&
		    !memcmp(&r->blob, &j->blob, sizeof(j->blob)) &&
		    !memcmp(r->nonce, j->nonce, sizeof(j->nonce)))
			stop(r, -ESTALE);
	}
	pthread_mutex_unlock(&s->readers_mtx);
}

void store_session_revoke(struct store *s, uint64_t ino)
{
	stop_all(s, ino);
	chunk_cache_forget(s->chunks, ino);
	store_rows_forget(s->rows, ino);
	store_scratch_forget(s);
}

/* ---- what others did */

/* -ENOKEY: erased or being erased; -EACCES: restricted; -ESTALE: another policy now, or made anew
 * under it or by a newer engine; 0: as it was. */
static int judge(struct store *s, struct catalog_conn *c, const struct subject *j)
{
	struct catalog_session cs;
	uint64_t seq = 0;
	int r = catalog_session_get(c, j->ino, &cs);

	if (r == -ENOENT || (r == 0 && cs.erasing))
		return -ENOKEY;
	if (r == 0 && cs.state == SESSION_RESTRICTED && !j->reveal)
		return -EACCES;
	if (r == 0 && (memcmp(&cs.blob, &j->blob, sizeof(cs.blob)) != 0 ||
		       memcmp(cs.row, j->nonce, sizeof(j->nonce)) != 0))
		return -ESTALE;
	if (r == 0)
		r = store_policy_seq(s, c, j->site, &seq);
	return r == 0 && seq != j->policy_seq ? -ESTALE : r;
}

static void subject_of(const struct reader *r, struct subject *ret)
{
	ret->ino = r->ino;
	ret->policy_seq = r->policy_seq;
	ret->blob = r->blob;
	memcpy(ret->nonce, r->nonce, sizeof(r->nonce));
	ret->reveal = r->reveal;
	memcpy(ret->site, r->site, sizeof(r->site));
}

/* The open readers, copied, so that the catalog is asked without a lock on their list. */
static int subjects(struct store *s, struct subject **ret, size_t *ret_n)
{
	size_t n = 0, i = 0;
	struct subject *v;

	pthread_mutex_lock(&s->readers_mtx);
	for (struct reader *r = s->readers; r; r = r->next)
		n += r->whole;
	v = calloc(n ? n : 1, sizeof(*v));
	for (struct reader *r = s->readers; v && r; r = r->next) {
		if (!r->whole)
			continue;
		subject_of(r, &v[i++]);
	}
	pthread_mutex_unlock(&s->readers_mtx);
	if (!v)
		return -ENOMEM;
	*ret = v;
	*ret_n = n;
	return 0;
}

static int check_readers(struct store *s)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_FREE struct subject *v = NULL;
	size_t n;
	int r = subjects(s, &v, &n);

	if (r == 0 && n)
		r = catalog_get(s->cat, &c);
	for (size_t i = 0; r == 0 && i < n; i++) {
		int why = judge(s, c, &v[i]);

		if (why == -ENOKEY)
			store_session_revoke(s, v[i].ino);
		else if (why == -ESTALE)
			stop_outdated(s, &v[i]);
		else if (why == -EACCES)
			stop_ordinary(s, v[i].ino);
		else
			r = why;
	}
	return r;
}

/* What this process still holds of sessions that others erased, open or not: cached chunks, keys
 * in idle ciphers. */
static int forget_erased(struct store *s, uint64_t after)
{
	struct store_change page[64];
	int n;

	while ((n = store_changes(s, after, page, 64)) > 0) {
		for (int i = 0; i < n; i++) {
			if (page[i].kind == CHANGE_ERASED)
				store_session_revoke(s, page[i].ino);
		}
		after = page[n - 1].seq;
	}
	if (n == -ESTALE) { /* more has happened than is remembered */
		chunk_cache_forget_all(s->chunks);
		store_scratch_forget(s);
		n = 0;
	}
	return n;
}

int store_notice(struct store *s)
{
	uint64_t seq;
	int r = store_counter_get(s->lock, &seq);

	if (r < 0)
		return r;
	if (seq == atomic_load(&s->noticed))
		return 0;
	pthread_mutex_lock(&s->notice_mtx);
	r = store_counter_get(s->lock, &seq); /* while we waited another thread may have looked */
	if (r == 0 && seq != atomic_load(&s->noticed)) {
		r = store_root_refresh(s, NULL);
		if (r == 0)
			r = check_readers(s);
		if (r == 0)
			r = forget_erased(s, atomic_load(&s->noticed));
		if (r == 0)
			atomic_store(&s->noticed, seq);
	}
	pthread_mutex_unlock(&s->notice_mtx);
	return r;
}

/* ---- opening */

static void enlist(struct store *s, struct reader *r)
{
	pthread_mutex_lock(&s->readers_mtx);
	r->next = s->readers;
	r->prev = &s->readers;
	if (r->next)
		r->next->prev = &r->next;
	s->readers = r;
	pthread_mutex_unlock(&s->readers_mtx);
}

static void delist(struct reader *r)
{
	pthread_mutex_lock(&r->s->readers_mtx);
	if (r->prev) {
		*r->prev = r->next;
		if (r->next)
			r->next->prev = r->prev;
	}
	pthread_mutex_unlock(&r->s->readers_mtx);
}

struct reader *reader_close(struct reader *r)
{
	if (r) {
		delist(r);
		(void)chunk_file_close(r->cf);
		(void)secret_free(r->values);
		plan_done(&r->plan);
		wipe(&r->row, sizeof(r->row));
		pthread_mutex_destroy(&r->mtx);
		free(r);
	}
	return NULL;
}

/* The plan with the sealed values put back, but for what is dropped by a policy since. */
static int reveal_plan(struct reader *r, struct catalog_conn *c, struct chunk_scratch *cs,
		       const struct session_row *row)
{
	CLEANUP(policy_done) struct policy own = {0};
	CLEANUP(policy_done) struct policy holds = {0};
	CLEANUP(plan_done) struct plan known = {0};
	CLEANUP(span_table_done) struct span_table spans = {0};
	CLEANUP(buf_wipe_done) struct buf values = {0};
	int e = store_policy_at(r->s, c, r->site, row->policy_base, &own);

	if (e == 0)
		e = store_policy_since(r->s, c, r->site, row->policy_base, r->policy_seq, &holds);
	if (e == 0)
		e = chunk_file_spans(r->cf, cs, &spans);
	if (e == 0)
		e = chunk_file_values(r->cf, r->s->login.reveal_sk->b, cs, &spans, &values);
	if (e == 0)
		e = plan_make(&spans, &holds, true, &known);
	if (e == 0 &&
	    (policy_loosens(&holds, &own) || row->engine_base < store_engine_version(r->s))) {
		e = session_look(r->s, r->cf, cs, &known, &values, &holds, DISP_DROP, &r->plan);
	} else if (e == 0) {
		r->plan = known;
		known = (struct plan){0}; /* moved */
	}
	if (e == 0 && values.len && !(r->values = secret_from(values.p, values.len)))
		e = -ENOMEM;
	return e;
}

/* Row, plan and policy out of one state of the catalog. -EAGAIN: the row is of another policy or an
 * older engine. */
static int load(struct reader *r, struct catalog_conn *c, struct chunk_scratch *cs)
{
	CLEANUP(buf_done) struct buf sealed = {0};
	struct store *s = r->s;
	struct catalog_session row;
	struct catalog_day day;
	struct catalog_site site;
	struct session_meta m;
	uint8_t key[KEY_BYTES];
	int e = catalog_session_get(c, r->ino, &row);

	if (e == 0 && row.erasing)
		e = -ENOENT;
	if (e == 0 && row.state == SESSION_RESTRICTED && !r->reveal)
		e = -EACCES;
	if (e == 0)
		e = store_session_site(c, row.day_id, &day, &site);
	if (e == 0)
		e = store_session_open(s, cs->aead, &row, &m, key);
	if (e < 0)
		return e == -ENOKEY ? -ENOENT : e;
	store_fetch_ahead(s, c, row.day_id, r->ino);
	memcpy(r->site, site.name, sizeof(r->site));
	r->blob = row.blob;
	memcpy(r->nonce, row.row, sizeof(r->nonce));
	e = store_policy_seq(s, c, site.name, &r->policy_seq);
	if (e == 0 && !session_is_current(s, &m.row, r->policy_seq))
		e = -EAGAIN;
	if (e == 0)
		e = chunk_file_open(s->blobs, &row.blob, key, &r->cf);
	if (e == 0 && chunk_file_base_bytes(r->cf) != m.row.base_bytes)
		e = -EUCLEAN;
	if (e == 0 && r->reveal) {
		e = reveal_plan(r, c, cs, &m.row);
	} else if (e == 0) {
		e = catalog_session_plan(c, r->ino, &sealed);
		if (e == 0)
			e = session_plan_open(cs->aead, key, r->ino, &row.blob, &sealed,
					      m.row.base_bytes, &r->plan);
		if (e == 0 && r->plan.size != m.row.size)
			e = -EUCLEAN;
	}
	wipe(key, sizeof(key));
	if (e < 0)
		return e;
	r->row = m.row;
	r->row.site_id = site.id;
	return 0;
}

static int load_in_txn(struct reader *r)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct scratch_item *scratch;
	int e = store_scratch_get(r->s, &scratch);

	if (e < 0)
		return e;
	e = catalog_get(r->s->cat, &c);
	if (e == 0)
		e = catalog_begin(c, CATALOG_READ);
	if (e == 0)
		e = load(r, c, scratch->cs);
	store_scratch_put(r->s, scratch);
	return e;
}

/* A commit of another process while we were opening: check_readers passed us over. */
static int judge_again(struct reader *r)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct subject j;
	int e = catalog_get(r->s->cat, &c);

	subject_of(r, &j);
	return e < 0 ? e : judge(r->s, c, &j);
}

/* What looks damaged may be half removed: a transaction sees the row as it was, while the erasure
 * goes on to take node and blob away. */
static int damaged_or_gone(struct reader *r, int e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_session now;

	if (catalog_get(r->s->cat, &c) < 0)
		return e;
	int k = catalog_session_get(c, r->ino, &now);
	return k == -ENOENT || (k == 0 && now.erasing) ? -ENOENT : e;
}

static int open_once(struct reader *r)
{
	uint64_t before, after;
	int e = store_counter_get(r->s->lock, &before);

	if (e == 0)
		e = load_in_txn(r);
	if (e == -EUCLEAN || e == -EBADMSG)
		e = damaged_or_gone(r, e);
	if (e < 0)
		return e;
	pthread_mutex_lock(&r->s->readers_mtx);
	r->whole = true; /* from now on check_readers judges it */
	pthread_mutex_unlock(&r->s->readers_mtx);
	e = store_counter_get(r->s->lock, &after);
	if (e == 0 && after != before)
		e = judge_again(r);
	if (e < 0)
		return e;
	pthread_mutex_lock(&r->mtx);
	e = r->stopped;
	forget_if_idle(r);
	pthread_mutex_unlock(&r->mtx);
	return e;
}

static void reset(struct reader *r)
{
	pthread_mutex_lock(&r->s->readers_mtx);
	r->whole = false;
	pthread_mutex_unlock(&r->s->readers_mtx);
	r->cf = chunk_file_close(r->cf);
	r->values = secret_free(r->values);
	plan_done(&r->plan);
	pthread_mutex_lock(&r->mtx);
	if (r->stopped == -ESTALE)
		r->stopped = 0;
	r->forgotten = false;
	pthread_mutex_unlock(&r->mtx);
}

static int open_reader(struct reader *r)
{
	for (int i = 0; i < 4; i++) {
		int e = open_once(r);

		if (e == -ENOKEY)
			return -ENOENT;
		if (e != -EAGAIN && e != -ESTALE)
			return e;
		reset(r);
		e = store_sessions_rerender(r->s, &r->ino, 1);
		if (e < 0)
			return e;
	}
	return -EBUSY; /* a policy that changes faster than we open */
}

int store_reader_open(struct store *s, uint64_t ino, bool reveal, struct reader **ret,
		      struct errinfo *e)
{
	CLEANUP_PTR(reader_close) struct reader *r = NULL;

	if (reveal && !s->login.reveal_sk)
		return err_set(e, -EACCES, "this login can't reveal sealed values");
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->s = s;
	r->ino = ino;
	r->reveal = reveal;
	pthread_mutex_init(&r->mtx, NULL);
	enlist(s, r); /* keeps D1 */
	int err = open_reader(r);
	if (err < 0)
		return err == -ENOENT ? err_set(e, err, "no such session")
				      : err_set_errno(e, err, "cannot open the session");
	*ret = TAKE(r);
	return 0;
}

uint64_t reader_size(const struct reader *r)
{
	return r->plan.size;
}

const struct session_row *reader_row(const struct reader *r)
{
	return &r->row;
}

/* ---- reading */

static int enter(struct reader *r)
{
	pthread_mutex_lock(&r->mtx);
	int e = r->stopped;
	if (!e)
		r->active++;
	pthread_mutex_unlock(&r->mtx);
	return e;
}

static int leave(struct reader *r)
{
	pthread_mutex_lock(&r->mtx);
	r->active--;
	int e = r->stopped;
	bool last = e && !r->active;
	forget_if_idle(r);
	pthread_mutex_unlock(&r->mtx);
	if (last && e == -ENOKEY)
		/* what this read put there after the revocation swept it */
		chunk_cache_forget(r->s->chunks, r->ino);
	return e;
}

/* Between enter and leave: what a revocation wipes stays until then. */
static struct rendering rendering_of(const struct reader *r)
{
	return (struct rendering){
		.cf = r->cf,
		.plan = &r->plan,
		.values = r->values,
		.chunks = r->s->chunks,
		/* a session that was made anew has other chunks than before, and readers of both
		 * may be at work */
		.cache_key = chunk_cache_key(r->ino, r->row.policy_base),
	};
}

ssize_t reader_pread(struct reader *r, void *buf, size_t n, uint64_t off)
{
	struct scratch_item *scratch;
	int e = store_notice(r->s); /* keeps D3 */

	if (e == 0)
		e = enter(r);
	if (e < 0)
		return e;
	const struct rendering from = rendering_of(r);
	if (off >= r->plan.size)
		n = 0;
	else if (n > r->plan.size - off)
		n = (size_t)(r->plan.size - off);
	if (n > SSIZE_MAX)
		n = SSIZE_MAX;
	e = store_scratch_get(r->s, &scratch);
	if (e == 0) {
		e = rendering_copy(&from, scratch->cs, buf, off, n);
		store_scratch_put(r->s, scratch);
	}
	int stopped = leave(r);
	if (stopped < 0)
		e = stopped;
	if (e < 0)
		wipe(buf, n); /* keeps D2 */
	return e < 0 ? e : (ssize_t)n;
}

int reader_transcript(struct reader *r, struct buf *ret)
{
	CLEANUP(buf_wipe_done) struct buf shown = {0};
	struct scratch_item *scratch;
	int e = store_notice(r->s); /* keeps D3 */

	if (e == 0)
		e = enter(r);
	if (e < 0)
		return e;
	const struct rendering from = rendering_of(r);
	e = store_scratch_get(r->s, &scratch);
	if (e == 0) {
		e = rendering_transcript(&from, scratch->cs, &shown);
		store_scratch_put(r->s, scratch);
	}
	if (e == 0 && !r->reveal && shown.len != r->row.transcript_bytes)
		e = -EUCLEAN;
	int stopped = leave(r); /* keeps D2 */
	if (stopped < 0)
		e = stopped;
	return e < 0 ? e : buf_add(ret, shown.p, shown.len);
}
