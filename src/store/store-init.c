/* store-init.c: a new store. `root` is written last: a folder without one is no store, so an init
 * that was interrupted leaves nothing that could be taken for one. */
#include "store-priv.h"

#include "reserve.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct making {
	int dirfd; /* owned */
	bool made; /* the folder is ours */
	uint8_t store_id[16];
	struct secret *root_key, *keys, *reveal_sk; /* owned */
	uint8_t slot_pk[32], audit_pk[32];
	struct catalog_operator op;
	struct store_seal seal;
	const char *const *roots; /* borrowed; none: in the folder */
	unsigned n_roots;
	bool roots_made;
	struct store_assurance *assurance; /* borrowed; NULL: nobody asks */
};

static void making_done(struct making *m)
{
	if (m->dirfd >= 0)
		(void)close(m->dirfd); /* a folder */
	(void)secret_free(m->root_key);
	(void)secret_free(m->keys);
	(void)secret_free(m->reveal_sk);
}

/* Takes away what init may have made in the folder. */
static void unmake(const char *path, const struct making *m)
{
	static const char *const files[] = {
		ROOT_NAME,
		CATALOG_NAME,
		CATALOG_NAME "-wal",
		CATALOG_NAME "-shm",
		CATALOG_NAME "-journal",
		"lock",
		"import-lock",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		(void)unlinkat(m->dirfd, files[i], 0); /* most often it isn't there */
	(void)unlinkat(m->dirfd, BLOBS_NAME, AT_REMOVEDIR);
	reserve_remove(m->dirfd);
	for (unsigned i = 0; m->roots_made && i < m->n_roots; i++)
		(void)unlink(m->roots[i]);
	if (m->made)
		(void)rmdir(path);
}

static int make_folder(const char *path, struct making *m, struct errinfo *e)
{
	m->made = mkdir(path, 0700) == 0;
	if (!m->made && errno != EEXIST)
		return err_set_errno(e, -errno, "cannot make '%s'", path);
	m->dirfd = io_open_dir_at(AT_FDCWD, path);
	if (m->dirfd < 0)
		return m->dirfd == -ENOTDIR ? err_set(e, -EEXIST, "'%s' is there already", path)
					    : err_set_errno(e, m->dirfd, "cannot open '%s'", path);
	if (m->made)
		return 0;
	int r = io_dir_empty(m->dirfd);
	if (r < 0)
		return err_set_errno(e, r, "cannot read '%s'", path);
	if (r == 0)
		return err_set(e, -EEXIST, "'%s' is there already and not empty", path);
	return fchmod(m->dirfd, 0700) < 0 ? err_set_errno(e, -errno, "cannot own '%s'", path) : 0;
}

/* All that is random or derived. */
static int make_keys(struct making *m, const char *email, const struct secret *passphrase,
		     const struct scrypt_params *sp)
{
	m->root_key = secret_new(KEY_BYTES);
	m->keys = secret_new(sizeof(struct store_keys));
	m->reveal_sk = secret_new(KEY_BYTES);
	if (!m->root_key || !m->keys || !m->reveal_sk)
		return -ENOMEM;
	struct store_keys *k = (struct store_keys *)(void *)m->keys->b;
	int r = rng_bytes(m->store_id, sizeof(m->store_id));
	if (r == 0)
		r = rng_bytes(m->root_key->b, KEY_BYTES);
	if (r == 0)
		r = rng_bytes(k, sizeof(*k));
	if (r == 0)
		r = x25519_keypair(k->reveal_pk, m->reveal_sk->b);
	if (r == 0)
		r = ed25519_public(k->slot_seed, m->slot_pk);
	if (r == 0)
		r = ed25519_public(k->audit_seed, m->audit_pk);
	if (r < 0)
		return r;
	const struct operator_new op = {
		.email = email,
		.passphrase = passphrase,
		.scrypt = sp,
		.store_id = m->store_id,
		.slot_pk = m->slot_pk,
		.audit_pk = m->audit_pk,
		.reveal_sk = m->reveal_sk->b,
		.epoch = 1,
	};
	m->op.id = 1;
	m->op.roles = ROLE_ADMIN | ROLE_OFFICER;
	m->op.since = 1;
	(void)snprintf(m->op.email, sizeof(m->op.email), "%s", email);
	r = operator_record_make(&op, m->op.record);
	return r < 0 ? r : operators_hash(&m->op, 1, m->seal.operators);
}

static int fill_rows(struct making *m, struct catalog_conn *c)
{
	const struct store_keys *k = (const struct store_keys *)(const void *)m->keys->b;
	struct audit_entry a = {
		.seq = 1, .epoch = 1, .at_ns = store_now_ns(), .kind = "init", .detail = "{}"};
	uint8_t prev[HASH_BYTES] = {0}, row[SECRETS_ROW_BYTES];

	memcpy(prev, m->store_id, sizeof(m->store_id));
	(void)snprintf(a.operator_email, sizeof(a.operator_email), "%s", m->op.email);
	CLEANUP_PTR(signer_free) struct signer *signer = NULL;
	int r = signer_new(k->audit_seed, &signer);
	if (r == 0)
		r = audit_seal(&a, prev, signer);
	memcpy(m->seal.audit_head, a.hash, sizeof(a.hash));
	if (r == 0)
		r = store_secrets_seal(m->store_id, 1, m->root_key, k, &m->seal, row);
	if (r == 0)
		r = catalog_begin(c, CATALOG_WRITE);
	if (r == 0)
		r = catalog_store_id_set(c, m->store_id);
	if (r == 0)
		r = catalog_meta_set(c, META_ROOT_MTIME, (uint64_t)a.at_ns);
	if (r == 0)
		r = catalog_operator_add(c, &m->op);
	if (r == 0)
		r = catalog_secrets_put(c, 1, row);
	if (r == 0)
		r = catalog_audit_add(c, &a);
	return r < 0 ? r : catalog_commit(c);
}

static int make_catalog(struct making *m, const char *path)
{
	CLEANUP(buf_done) struct buf name = {0};
	CLEANUP_PTR(catalog_close) struct catalog *cat = NULL;
	struct catalog_conn *c;
	int r = buf_addf(&name, "%s/%s", path, CATALOG_NAME);

	if (r == 0)
		r = catalog_create(name.p);
	if (r == 0)
		r = catalog_open(name.p, &cat, NULL);
	if (r == 0)
		r = catalog_get(cat, &c);
	if (r < 0)
		return r;
	r = fill_rows(m, c);
	(void)catalog_put(c);
	return r;
}

static int make_root(struct making *m, struct errinfo *e)
{
	const struct store_keys *k = (const struct store_keys *)(const void *)m->keys->b;
	CLEANUP_PTR(rootholder_close) struct rootholder *h = NULL;
	struct slot_info info = {.epoch = 1, .recipients = 1};
	struct slot_recipient rcpt;
	uint8_t slot[SLOT_BYTES];

	memcpy(info.store_id, m->store_id, sizeof(info.store_id));
	memcpy(rcpt.pk, operator_record_pk(m->op.record), sizeof(rcpt.pk));
	CLEANUP_PTR(signer_free) struct signer *signer = NULL;
	int r = signer_new(k->slot_seed, &signer);
	if (r == 0)
		r = keyslot_encode(&info, m->root_key->b, &rcpt, 1, signer, slot);
	if (r == 0 && m->n_roots) {
		r = rootholder_files_create(m->roots, m->n_roots, &h, e);
		m->roots_made = r == 0;
	} else if (r == 0) {
		r = rootholder_file_create(m->dirfd, ROOT_NAME, &h);
	}
	if (r == 0)
		r = rootholder_write(h, 1, slot);
	if (r == 0 && m->assurance)
		store_root_look(h, m->dirfd, m->assurance);
	/* last, and then there is a store */
	if (r == 0 && m->n_roots)
		r = rootholder_refer(m->dirfd, ROOT_NAME, m->roots, m->n_roots);
	return r;
}

static int make_files(struct making *m, const char *path, struct errinfo *e)
{
	int r = store_lock_create(m->dirfd);

	if (r == 0)
		r = blobstore_dir_create(m->dirfd, BLOBS_NAME);
	if (r == 0)
		r = make_catalog(m, path);
	if (r == 0)
		r = reserve_make(m->dirfd, false);
	if (r == 0)
		r = io_sync(m->dirfd);
	if (r == 0)
		r = make_root(m, e);
	if (r == 0)
		r = io_sync(m->dirfd);
	/* the folder's own name; where nobody may open the parent it is as durable as mkdir made it
	 */
	if (r == 0)
		(void)io_sync_dir_at(m->dirfd, "..");
	return r;
}

static int init(const char *path, const char *email, const struct secret *passphrase,
		const struct scrypt_params *sp, const char *const *roots, unsigned n,
		struct store_assurance *ret, struct errinfo *e)
{
	CLEANUP(making_done)
	struct making m = {.dirfd = -1, .roots = roots, .n_roots = n, .assurance = ret};
	int r = operator_email_check(email, e);

	if (r == 0)
		r = passphrase_check(passphrase, email, e);
	if (r < 0)
		return r;
	r = make_keys(&m, email, passphrase, sp);
	if (r < 0)
		return err_set_errno(e, r, "cannot make keys");
	r = make_folder(path, &m, e);
	if (r == 0) {
		r = make_files(&m, path, e);
		if (r < 0) {
			(void)err_set_errno(e, r, "cannot make the store at '%s'", path);
			unmake(path, &m);
		}
	}
	return r;
}

int store_init_with(const char *path, const char *email, const struct secret *passphrase,
		    const struct scrypt_params *sp, struct errinfo *e)
{
	return init(path, email, passphrase, sp, NULL, 0, NULL, e);
}

int store_init(const char *path, const char *email, const struct secret *passphrase,
	       const char *const *roots, unsigned n, struct store_assurance *ret, struct errinfo *e)
{
	return init(path, email, passphrase, &scrypt_default, roots, n, ret, e);
}
