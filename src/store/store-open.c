/* store-open.c: opening a store, and putting right what a crash left half done.
 *
 * Under the writer lock, so that no commit is under way anywhere:
 *   1. the newest root slot that leads to secrets and a tree is taken
 *   2. the other slot is overwritten, whatever it holds
 *   3. rows of commits that never happened go, and what later commits superseded; what holds of
 *      them is put on record
 *   4. blobs go that an import left
 * Erasures whose intent is durable are completed by the caller's erase_recover, which also removes
 * blobs that erasures left. */
#include "store-priv.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define CACHED_CHUNKS 1024u /* 32 MiB */
#define LEAST_CHUNKS  16u   /* as many readers hold one each without waiting */
#define SWEEP_PAGE    256u

struct store *store_close(struct store *s)
{
	if (s) {
		(void)store_tidy(s); /* or whoever opens it next does it */
		/* readers are closed by now; so nothing below is in use */
		store_scratch_done(s);
		(void)keytree_free(s->tree);
		(void)keytree_free(s->wtree);
		(void)chunk_cache_free(s->chunks);
		(void)presence_close(s->presence);
		(void)store_rows_free(s->rows);
		(void)secret_free(s->keys);
		operator_keys_done(&s->login);
		(void)rootholder_close(s->root);
		(void)blobstore_close(s->blobs);
		(void)catalog_close(s->cat);
		s->cat = NULL;
		if (s->opened) /* the WAL is gone, if nobody else has the store open */
			store_reserve_make(s);
		(void)store_lock_close(s->lock);
		if (s->root_ref >= 0)
			(void)close(s->root_ref); /* a name */
		if (s->dirfd >= 0)
			(void)close(s->dirfd); /* a folder */
		pthread_mutex_destroy(&s->root_mtx);
		pthread_mutex_destroy(&s->keys_mtx);
		pthread_mutex_destroy(&s->readers_mtx);
		pthread_mutex_destroy(&s->notice_mtx);
		pthread_mutex_destroy(&s->scratch_mtx);
		pthread_mutex_destroy(&s->walk_mtx);
		(void)signer_free(s->slot_signer);
		(void)signer_free(s->audit_signer);
		free(s->done);
		free(s->path);
		free(s);
	}
	return NULL;
}

uint32_t store_roles(const struct store *s)
{
	return s->op.roles;
}

const char *store_operator(const struct store *s)
{
	return s->op.email;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

/* By what a folder is, not by its name: the store may be mounted somewhere else as well. */
bool store_contains(const struct store *s, const char *path)
{
	char real[PATH_MAX], folder[PATH_MAX];
	struct stat store, st;

	if (fstat(s->dirfd, &store) < 0)
		return false;
	if (!realpath(path, real)) { /* not there yet: its folder says it */
		if (errno != ENOENT || strlen(path) >= sizeof(folder))
			return false;
		memcpy(folder, path, strlen(path) + 1);
		if (!realpath(dirname(folder), real))
			return false;
	}
	for (char *end;; *end = 0) {
		if (stat(real, &st) == 0 && st.st_dev == store.st_dev && st.st_ino == store.st_ino)
			return true;
		end = strrchr(real, '/');
		if (!end || end == real)
			return false;
	}
}

int store_space(struct store *s, struct store_space *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = s->blobs->ops->space(s->blobs, &ret->blobs);

	if (r == 0)
		r = catalog_get(s->cat, &c);
	return r < 0 ? r : catalog_meta_get(c, META_SESSIONS, &ret->sessions);
}

int store_change_seq(struct store *s, uint64_t *ret)
{
	return store_counter_get(s->lock, ret);
}

int store_changes(struct store *s, uint64_t after, struct store_change *rows, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_change page[64];
	uint64_t upto, floor;
	size_t done = 0;
	int r = store_counter_get(s->lock, &upto);

	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_meta_get(c, META_CHANGE_FLOOR, &floor);
	if (r < 0)
		return r;
	if (after < floor)
		return -ESTALE;
	while (done < n) {
		size_t want = n - done < 64 ? n - done : 64;
		/* those above the counter tell of what isn't durable yet */
		int k = catalog_change_list(c, after, upto, page, want);

		if (k < 0)
			return k;
		for (int i = 0; i < k; i++, done++)
			rows[done] = (struct store_change){
				.seq = page[i].seq,
				.kind = (enum change_kind)page[i].kind,
				.ino = page[i].ino,
				.day_id = page[i].day_id,
				.site_id = page[i].site_id,
			};
		if (k < (int)want)
			break;
		after = page[k - 1].seq;
	}
	return (int)done;
}

/* ---- opening */

static int no_store(struct errinfo *e, int r, const char *path)
{
	if (r == -ENOENT || r == -ENOTDIR) {
		(void)err_set(e, -ENOENT, "no store at '%s'", path);
		err_hint(e, "redactfs init makes one");
		return -ENOENT;
	}
	(void)err_set_errno(e, r, "cannot open the store at '%s'", path);
	if (r == -EROFS)
		err_hint(e, "copy it to a disk that can be written to, and use it there: who opens "
			    "a store is put on record in it");
	return r == -EACCES ? -EPERM : r; /* the system's word: no role of an operator's */
}

static int open_catalog(struct store *s, const char *path, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = room_files(s, catalog_open(path, &s->cat, e));
	while (room_more(&rm, r, e));
	return r;
}

static int open_parts(struct store *s, const char *path, uint64_t cache_bytes, struct errinfo *e)
{
	size_t chunks = cache_bytes ? (size_t)(cache_bytes / CHUNK_BYTES) : CACHED_CHUNKS;
	CLEANUP(buf_done) struct buf catalog = {0};

	s->path = realpath(path, NULL);
	if (!s->path)
		return -errno;
	s->dirfd = io_open_dir_at(AT_FDCWD, s->path);
	/* SQLite would call it an input/output error */
	if (s->dirfd >= 0 && faccessat(s->dirfd, ".", W_OK, AT_EACCESS) < 0 && errno == EROFS)
		return -EROFS;
	int r = s->dirfd < 0 ? s->dirfd : buf_addf(&catalog, "%s/%s", s->path, CATALOG_NAME);
	/* first: it says by which format the rest is to be read */
	if (r == 0)
		r = open_catalog(s, catalog.p, e);
	if (r == 0)
		r = store_root_note(s); /* before: what is given up meanwhile is noticed */
	if (r == 0)
		r = rootholder_open(s->dirfd, ROOT_NAME, s->without_root, &s->root, e);
	if (r == 0)
		r = store_lock_open(s->dirfd, &s->lock);
	if (r == 0)
		r = blobstore_dir_open(s->dirfd, BLOBS_NAME, &s->blobs);
	if (r == 0)
		r = store_rows_new(&s->rows);
	if (r < 0)
		return r;
	chunks = chunks < LEAST_CHUNKS ? LEAST_CHUNKS : chunks;
	r = chunk_cache_new(chunks, &s->chunks);
	return r < 0 ? err_set_errno(e, r, "cannot set up a cache of %zu MiB",
				     (chunks * CHUNK_BYTES) >> 20)
		     : 0;
}

/* The operator's row, by address; or the only one there is. */
static int find_operator(struct store *s, struct catalog_conn *c, const char *email,
			 struct errinfo *e)
{
	CLEANUP_FREE struct catalog_operator *ops = calloc(LIMIT_OPERATORS + 1, sizeof(*ops));
	uint64_t epoch;

	if (!ops)
		return -ENOMEM;
	int n = catalog_secrets_newest(c, &epoch);
	if (n == 0)
		n = catalog_operator_list(c, epoch, 0, ops, LIMIT_OPERATORS + 1);
	if (n < 0)
		return err_set_errno(e, n, "cannot read the operators");
	if (!email && n > 1) {
		(void)err_set(e, -EKEYREJECTED, "the store has %d operators: say which", n);
		err_hint(e, "--as EMAIL, or REDACTFS_OPERATOR");
		return -EKEYREJECTED;
	}
	for (int i = 0; i < n; i++) {
		if (!email || !strcasecmp(email, ops[i].email)) {
			s->op = ops[i];
			return 0;
		}
	}
	return err_set(e, -EKEYREJECTED, "the store has no such operator");
}

static int log_in(struct store *s, const struct store_login *login, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_store_id_get(c, s->store_id);
	if (r == 0)
		r = find_operator(s, c, login->email, e);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the catalog");
	bool reveal = login->reveal || (login->reveal_if_officer && (s->op.roles & ROLE_OFFICER));
	r = operator_record_open(s->op.record, s->op.email, s->store_id, login->passphrase, reveal,
				 &s->login);
	switch (r) {
	case 0:
		break;
	case -EKEYREJECTED:
		return err_set(e, r, "wrong passphrase");
	case -EACCES:
		return err_set(e, r, "only an officer may reveal sealed values");
	case -EBADMSG:
	case -E2BIG: /* scrypt's parameters: a record says what nobody wrote */
		return err_set(e, -EBADMSG, "the operator's record is damaged or forged");
	default:
		return err_set_errno(e, r, "cannot log in");
	}
	if (login->reveal && !(s->op.roles & ROLE_OFFICER))
		return err_set(e, -EACCES, "only an officer may reveal sealed values");
	return 0;
}

/* The operators as the store knows them, ours among them: what the catalog says about roles and
 * public keys is believed only from here on. */
static int check_operators(struct store *s, struct catalog_conn *c, struct errinfo *e)
{
	CLEANUP_FREE struct catalog_operator *ops = calloc(LIMIT_OPERATORS + 1, sizeof(*ops));
	uint8_t h[HASH_BYTES];
	bool ours = false;

	if (!ops)
		return -ENOMEM;
	int n = catalog_operator_list(c, s->epoch, 0, ops, LIMIT_OPERATORS + 1);
	int r = n < 0 ? n : operators_hash(ops, (size_t)n, h);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the operators");
	for (int i = 0; i < n; i++)
		ours |= ops[i].id == s->op.id && ops[i].roles == s->op.roles;
	if (!ours || !equal_ct(h, s->seal.operators, sizeof(h)))
		return err_set(e, -EBADMSG,
			       "the operators in catalog.db aren't those the store knows");
	return 0;
}

/* ---- putting right */

/* Blobs that an import was about to write, or had written, when it ended. */
static int sweep_imports(struct store *s, struct catalog_conn *c)
{
	CLEANUP_FREE struct blob_id *page = calloc(SWEEP_PAGE, sizeof(*page));
	CLEANUP_FD int alone = store_import_lock_alone(s->lock);
	int n;

	if (alone == -EBUSY)
		return 0; /* an import is running; the names may be its own */
	if (alone < 0 || !page)
		return alone < 0 ? alone : -ENOMEM;
	do {
		int r = 0;

		n = catalog_loose_list(c, LOOSE_IMPORT, page, SWEEP_PAGE);
		for (int i = 0; r == 0 && i < n; i++)
			r = s->blobs->ops->remove(s->blobs, &page[i]);
		if (r == 0 && n > 0)
			r = s->blobs->ops->sync(s->blobs);
		for (int i = 0; r == 0 && i < n; i++)
			r = catalog_loose_remove(c, &page[i]);
		if (r < 0)
			return r;
	} while (n == (int)SWEEP_PAGE);
	return n < 0 ? n : 0;
}

static int put_right(struct store *s, struct catalog_conn *c)
{
	uint64_t counter = 0, newest = 0;
	int r = catalog_begin(c, CATALOG_WRITE);

	if (r == 0)
		r = catalog_unwind(c, s->epoch);
	if (r == 0)
		r = store_audit_unwind(s, c, &s->late);
	if (r == 0)
		r = catalog_settle(c, s->epoch);
	if (r == 0)
		r = store_epoch_seen(s, c, s->epoch);
	if (r == 0)
		r = sweep_imports(s, c);
	if (r == 0)
		r = catalog_change_newest(c, &newest);
	if (r == 0)
		r = catalog_commit(c);
	if (r == 0)
		r = store_counter_get(s->lock, &counter);
	/* a sign that a crash kept from being given */
	if (r == 0 && counter < newest)
		r = store_counter_set(s->lock, counter = newest);
	if (r == 0)
		atomic_store(&s->noticed, counter);
	return r;
}

static int take_root_once(struct store *s, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = store_root_login(s, e);

	if (r == 0)
		r = catalog_get_writer(s->cat, &c);
	if (r == 0)
		r = check_operators(s, c, e);
	if (r < 0)
		return r;
	s->shred_due = true;
	r = store_root_even(s); /* first: the other slot may be all that a copy has */
	if (r == 0)
		r = store_shred_due(s, e);
	if (r == 0)
		r = put_right(s, c);
	return r < 0 ? err_set_errno(e, r, "cannot put the store right") : 0;
}

static int take_root(struct store *s, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = take_root_once(s, e);
	while (room_more(&rm, r, e));
	return r;
}

int store_open(const struct store_login *login, struct store **ret, struct errinfo *e)
{
	CLEANUP_PTR(store_close) struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->dirfd = s->root_ref = -1;
	pthread_mutex_init(&s->root_mtx, NULL);
	pthread_mutex_init(&s->keys_mtx, NULL);
	pthread_mutex_init(&s->readers_mtx, NULL);
	pthread_mutex_init(&s->notice_mtx, NULL);
	pthread_mutex_init(&s->scratch_mtx, NULL);
	pthread_mutex_init(&s->walk_mtx, NULL);
	s->engine = login->engine;
	s->without_root = login->without_root;
	int r = open_parts(s, login->path, login->cache_bytes, e);
	if (r < 0)
		return no_store(e, r, login->path);
	store_root_look(s->root, s->dirfd, &s->assurance);
	r = log_in(s, login, e);
	if (r < 0)
		return r;
	r = store_lock_write(s->lock);
	if (r < 0)
		return err_set_errno(e, r, "cannot lock the store");
	r = store_root_same(s, e);
	if (r == 0)
		r = take_root(s, e);
	store_unlock_write(s->lock);
	if (r < 0)
		return r;
	s->opened = true;
	if (s->late)
		(void)store_audit_late(s); /* or whoever changes the store next does it */
	store_reserve_make(s);
	*ret = TAKE(s);
	return 0;
}
