/* store-priv.h: what the files of an open store share. Locks and their order: docs/LOCKING.md. */
#ifndef STORE_PRIV_H
#define STORE_PRIV_H

#include "chunk-cache.h"
#include "chunk-file.h"
#include "lock.h"
#include "operator-record.h"
#include "presence.h"
#include "secrets.h"
#include "session-meta.h"
#include "store-rows.h"

#include "redactfs/catalog.h"
#include "redactfs/keytree.h"
#include "redactfs/rootholder.h"
#include "redactfs/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define ROOT_NAME    "root"
#define CATALOG_NAME "catalog.db"
#define BLOBS_NAME   "blobs"

/* Whoever opens the sessions of a date one after the other (store-ahead.c). */
struct walk {
	uint64_t day_id, last; /* row of the session opened last */
	unsigned run;          /* of them so far */
	uint64_t fetched;      /* up to this row */
	uint64_t more_at;      /* the row at which the next ones are fetched */
};

struct store {
	char *path;                 /* owned; absolute; immutable like all down to keys */
	int dirfd;                  /* owned */
	bool opened;                /* all of it */
	struct store_lock *lock;    /* owned */
	struct catalog *cat;        /* owned */
	struct blobstore *blobs;    /* owned */
	struct rootholder *root;    /* owned */
	int root_ref;               /* owned; that file in the folder; [W] once all is open */
	struct chunk_cache *chunks; /* owned */
	struct presence *presence;  /* owned; of a mount */
	struct store_rows *rows;    /* owned */
	uint8_t store_id[16];
	struct store_assurance assurance;
	struct catalog_operator op;
	struct operator_keys login;
	const char *without_root;          /* borrowed; given up; NULL: none */
	const struct store_engine *engine; /* borrowed; NULL: none */
	pthread_mutex_t walk_mtx;
	struct walk walk;    /* [walk_mtx] */
	struct secret *keys; /* owned: a struct store_keys */

	pthread_mutex_t root_mtx;              /* [T] */
	uint8_t slots[ROOT_SLOTS][SLOT_BYTES]; /* as they were when last looked at [T] */
	struct store_seal seal;                /* of the current epoch [T] */

	pthread_mutex_t keys_mtx; /* [K] */
	struct keytree *tree;     /* owned; what reads go by [K] */
	uint64_t epoch;           /* of tree [K] */

	/* [W]: by whoever holds the writer lock */
	struct signer *slot_signer, *audit_signer; /* owned; NULL before the first commit */
	struct keytree *wtree;      /* owned; what commits go by, so that they block no read */
	struct catalog_conn *wconn; /* where wtree's nodes come from and go to */
	uint64_t wepoch;            /* the epoch that a commit in progress writes */
	bool shred_due;             /* the slot that isn't current may still hold an old root */
	bool settle_due;            /* rows that the newest commit superseded are still there */
	bool late;                  /* at open: a crash kept something off the record */
	struct erase_item *done;    /* owned; erased, but their rows are still there */
	size_t n_done, done_cap;
	atomic_bool untidy; /* settle_due, or some are done; may be read without [W] */

	pthread_mutex_t readers_mtx; /* [R] */
	struct reader *readers;      /* open ones [R] */

	pthread_mutex_t notice_mtx; /* [N]: one thread looks at what changed, others wait for it */
	_Atomic uint64_t noticed;   /* the change counter that all readers were checked at */

	pthread_mutex_t scratch_mtx;  /* [S] */
	struct scratch_item *scratch; /* idle ones [S] */
	uint64_t scratch_gen;         /* revocations so far [S] */
};

static inline const struct store_keys *store_keys(const struct store *s)
{
	return (const struct store_keys *)(const void *)s->keys->b;
}

int64_t store_now_ns(void);

/* Where a test may stop the process; see tests/unit/test-erase.c. Not defined in the program. */
void store_test_step(const char *step) __attribute__((weak));
static inline void store_step(const char *step)
{
	if (store_test_step)
		store_test_step(step);
}

/* ---- store-init.c: with scrypt parameters of the caller's choice, for tests. */
int store_init_with(const char *path, const char *email, const struct secret *passphrase,
		    const struct scrypt_params *sp, struct errinfo *e);

/* ---- store-keys.c */
/* The newest root slot that verifies, with what follows from it. -EAGAIN: none at this moment (a
 * commit is between two writes), which can't be under the writer lock. */
int store_root_refresh(struct store *s, struct errinfo *e);        /* takes [W] if it must */
int store_root_refresh_locked(struct store *s, struct errinfo *e); /* under [W] */
/* At open, under [W]: the same from nothing, falling back to the older slot where the newer one
 * leads nowhere. */
int store_root_login(struct store *s, struct errinfo *e);
/* -ENOKEY: erased, or never committed. Over commits of other processes. */
int store_key_get(struct store *s, uint64_t kid, uint8_t key[KEY_BYTES]);
/* Under [W]: makes wtree stand where tree stands. */
int store_wtree_follow(struct store *s);

/* ---- store-commit.c: every change of the catalog goes through one of these. */
struct store_txn {
	struct store *s;
	struct catalog_conn *c; /* borrowed, with a write transaction */
	uint64_t seq;           /* newest change number */
	int64_t now_ns;
	bool audited; /* has an entry of the audit log, or one that a crash kept off the record:
		       * its commit replaces the root */
	bool settles; /* takes away what the commit before superseded */
	size_t takes_done; /* so many of those that are done, the last ones: takes their rows away
			    */
	/* Of a commit of keys, when its rows are durable and its root isn't yet; or NULL. */
	void (*durable)(struct store_txn *t, void *ctx);
	void *ctx;
};
/* Takes the writer lock and the newest root, begins. On success end with one of the next three. */
int store_txn_begin(struct store *s, enum catalog_mode mode, struct store_txn *ret,
		    struct errinfo *e);
int store_txn_commit(struct store_txn *t);
/* Commits, with these changes of data keys under a new root. In whatever way it fails, either all
 * of it happened or nothing will ever be seen of it. */
int store_txn_commit_keys(struct store_txn *t, struct keytree_change *changes, size_t n,
			  uint64_t *ret_epoch, struct errinfo *e);
void store_txn_abort(struct store_txn *t); /* also after a commit */
int store_txn_change(struct store_txn *t, enum change_kind kind, uint64_t ino, uint64_t day_id,
		     uint64_t site_id);
/* Adds an entry to the audit log. It becomes part of a new epoch, so that its hash is in that
 * epoch's secrets: store_txn_commit then replaces the root as store_txn_commit_keys does. */
int store_txn_audit(struct store_txn *t, const char *kind, const char *email, const char *detail);
/* Tells this process and others that something has changed. Only of what is durable. */
void store_txn_announce(struct store_txn *t);
/* Writes into the operator's record that `epoch` was seen; in a write transaction. */
int store_epoch_seen(struct store *s, struct catalog_conn *c, uint64_t epoch);
/* After an I/O error at the last moment: overwrites the slot that isn't current. Under [W]. */
int store_shred_due(struct store *s, struct errinfo *e);

/* ---- store-room.c: what a full disk means.
 *	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
 *	do
 *		r = what_may_fail(s, e);
 *	while (room_more(&rm, r, e)); */
/* How much of the reserve: half of what is no part of erasing, or a batch, stays for what must
 * follow. */
enum room_use { ROOM_ALL, ROOM_HALF };
struct room {
	struct store *s;
	enum room_use use;
	bool tried;
	int lock; /* owned: nobody makes anew what we took */
};
#define ROOM(s_, use_) ((struct room){.s = (s_), .use = (use_), .lock = -1})
/* SQLite doesn't say why it couldn't make a file: -ENOSPC instead of -EIO, where there is no inode.
 */
int room_files(const struct store *s, int r);
/* true: there was no room for it, now there is some more, and *e is empty. */
bool room_more(struct room *rm, int r, struct errinfo *e);
void room_done(struct room *rm);
/* When there may be room again. */
void store_reserve_make(struct store *s);
/* Before something is added. -ENOSPC, -EDQUOT: as long as the reserve isn't whole. Not under [W].
 */
int store_room_to_add(struct store *s, struct errinfo *e);
/* Says of r, where it is for want of room, how much there is. Returns r. */
int store_room_refuse(struct store *s, int r, struct errinfo *e);

/* ---- store-root.c */
void store_root_look(struct rootholder *h, int dirfd, struct store_assurance *ret);
/* Notes which file in the store's folder is the root, or says where it lies. */
int store_root_note(struct store *s);
/* Under [W], before anything is written: is it that one still? -EIO: no; a root was given up since,
 * and would be written to again. */
int store_root_same(struct store *s, struct errinfo *e);
/* Under [W], after store_root_login: makes all copies of the current slot the same. */
int store_root_even(struct store *s);

/* ---- store-operators.c: with a cost of scrypt of the caller's choice, for tests */
int store_operator_add_with(struct store *s, const char *email, uint32_t roles,
			    const struct secret *passphrase, const struct scrypt_params *sp,
			    struct errinfo *e);
int store_operator_passwd_with(struct store *s, const struct secret *passphrase,
			       const struct scrypt_params *sp, struct errinfo *e);

/* ---- store-hold.c */
/* Is the session on hold, or restricted? 1, 0; asked under [W] before an intent. */
int store_hold_get(struct catalog_conn *c, const struct catalog_session *cs);
/* The enum session_state that its rows in `hold` ask for. */
int store_hold_state(struct catalog_conn *c, uint64_t ino);

/* ---- store-erase.c */
/* What the audit log takes: one line of text, at most LIMIT_REASON_BYTES. -E2BIG, -EINVAL. */
int store_reason_check(const char *reason, struct errinfo *e);

/* ---- store-audit.c */
/* In a write transaction, under [W]: what commits beyond the root's epoch left in the log.
 * *ret_late: there is something that the next commit with a root puts on record, as it is. */
int store_audit_unwind(struct store *s, struct catalog_conn *c, bool *ret_late);
/* Makes that commit. */
int store_audit_late(struct store *s);
/* Begins a read transaction that sees at least the epoch it returns, all of it. */
int store_snapshot(struct store *s, struct catalog_conn *c, uint64_t *ret_epoch,
		   struct store_seal *ret_seal, struct errinfo *e);

/* ---- store-proof.c: what is known of erasures when the sessions are gone */
/* With each tombstone, in the intent's transaction: adds it to the sum over all of them. */
struct tombstone_sum {
	uint8_t v[HASH_BYTES];
};
int tombstone_sum_add(const struct store_keys *k, const uint8_t h[HASH_BYTES],
		      struct tombstone_sum *sum);
/* Writes the audit entries of the erasure of `items`, whose keys go in this very transaction: one
 * for each run of the same operator and reason; *ret_seq is the last one's number. */
int store_proof_add(struct store_txn *t, const struct erase_item *items, size_t n,
		    uint64_t *ret_seq);
bool store_proof_has_list(const struct audit_entry *a); /* tells of sessions in `erased` */
/* Is what `erased` says of an entry (0: of all) what was signed? *ret_bad: the entry where it
 * isn't. */
int store_proof_lists(struct catalog_conn *c, uint64_t seq, uint64_t *ret_entries,
		      uint64_t *ret_bad);
/* Are all tombstones there? 1: that can't be told while erasures are pending. */
int store_proof_tombstones(struct store *s, struct catalog_conn *c);

/* ---- store-scratch.c: ciphers and buffers, handed from call to call. */
struct scratch_item {
	struct chunk_scratch *cs; /* owned */
	uint64_t gen;
	struct scratch_item *next;
};
int store_scratch_get(struct store *s, struct scratch_item **ret);
void store_scratch_put(struct store *s, struct scratch_item *i);
void store_scratch_forget(struct store *s); /* keys that idle ciphers still hold */
void store_scratch_done(struct store *s);

/* ---- store-policy.c */
/* The number of a site's policy; 0: none. */
int store_policy_seq(struct store *s, struct catalog_conn *c, const char *site, uint64_t *ret);
/* The site's policy of a number; 0: the defaults. -EUCLEAN: there is none. */
int store_policy_at(struct store *s, struct catalog_conn *c, const char *site, uint64_t seq,
		    struct policy *ret);
/* The strictest of the policies `base` to `seq`. */
int store_policy_since(struct store *s, struct catalog_conn *c, const char *site, uint64_t base,
		       uint64_t seq, struct policy *ret);

/* What a reader shows (store-copy.c); all borrowed. */
struct rendering {
	const struct chunk_file *cf; /* with its keys */
	const struct plan *plan;
	const struct secret *values; /* NULL: none */
	struct chunk_cache *chunks;
	uint64_t cache_key;
};
/* [off, off + n) of it, which lies inside. After an error `out` may hold some of it. */
int rendering_copy(const struct rendering *from, struct chunk_scratch *cs, char *out, uint64_t off,
		   uint64_t n);
/* Appends its transcript. */
int rendering_transcript(const struct rendering *from, struct chunk_scratch *cs, struct buf *out);

/* The session is being opened, in a transaction: those that come next may be fetched. */
void store_fetch_ahead(struct store *s, struct catalog_conn *c, uint64_t day_id, uint64_t ino);

/* ---- store-render.c: what a session's rendering is made of, read from one state of the catalog.
 */
struct session_facts {
	struct catalog_session row;
	struct catalog_day day;
	struct catalog_site site;
	struct session_meta m;
	uint8_t key[KEY_BYTES];
	uint64_t seq;        /* of the site's policy */
	struct policy base;  /* owned: the session's own */
	struct policy holds; /* owned: the strictest since */
	struct buf plan;     /* owned: the stored one, sealed */
};
void session_facts_done(struct session_facts *st);
/* In the caller's transaction, or a look at the newest rows. -ENOENT: not there, being erased;
 * -EUCLEAN: also where the site's policies are older than the session's rendering. */
int session_facts_read(struct store *s, struct catalog_conn *c, struct aead *a, uint64_t ino,
		       struct session_facts *ret);
/* The session's text by a plan; `values` where the plan names some. */
int session_text(const struct chunk_file *cf, struct chunk_scratch *cs, const struct plan *p,
		 const struct buf *values, struct buf *out);
static inline uint16_t store_engine_version(const struct store *s)
{
	return s->engine ? s->engine->version : 0;
}
/* Whether row and plan are of policy `seq`, and of an engine as good as ours. */
static inline bool session_is_current(const struct store *s, const struct session_row *row,
				      uint64_t seq)
{
	return row->policy_seq == seq && row->engine >= store_engine_version(s);
}
/* Looks through what a plan leaves, under the policy that holds, and composes what is found. */
int session_look(struct store *s, const struct chunk_file *cf, struct chunk_scratch *cs,
		 const struct plan *under, const struct buf *values, const struct policy *holds,
		 enum disposition at_least, struct plan *ret);
/* Brings rows up to date with their site's policy where they aren't. */
int store_sessions_rerender(struct store *s, const uint64_t *inos, size_t n);
/* Is it about this one session? Then the others go on. */
bool session_own_fault(int r);

/* ---- store-session.c */
/* A session as the catalog has it, opened. `key` may be NULL. -ENOKEY; -EBADMSG, -EUCLEAN: damaged.
 */
int store_session_open(struct store *s, struct aead *a, const struct catalog_session *cs,
		       struct session_meta *ret, uint8_t key[KEY_BYTES]);
int store_session_site(struct catalog_conn *c, uint64_t day_id, struct catalog_day *ret_day,
		       struct catalog_site *ret_site);

/* ---- store-read.c */
/* Looks at what other processes did since, and stops the readers it concerns. Cheap when nothing
 * did. */
int store_notice(struct store *s);

#endif
