/* catalog.h: the rows of a store (docs/FORMAT.md "Catalog"). SQLite here; src/store/ is the only
 * folder that calls it, and stmt.c, schema.c and catalog*.c the only files.
 *
 * A catalog hands out connections: one is used by one thread at a time, between catalog_get and
 * catalog_put. Outside of a transaction each call sees the newest committed rows; between
 * catalog_begin and catalog_commit all calls see one state. Writes happen in a transaction only,
 * and under the store's writer lock.
 *
 * Rows are what the disk says: sealed parts are opened, and everything else judged, by the caller.
 * All functions return 0 (find: -ENOENT; list: a count) or -errno: -EUCLEAN: a damaged database or
 * a row of a shape it can't have; -EBUSY; -ENOSPC; -EROFS; -EIO. */
#ifndef REDACTFS_CATALOG_H
#define REDACTFS_CATALOG_H

#include "redactfs/audit.h"
#include "redactfs/blobstore.h"
#include "redactfs/buf.h"
#include "redactfs/keytree.h"
#include "redactfs/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct catalog;
struct catalog_conn;

/* Makes the file and its tables. -EEXIST. */
int catalog_create(const char *path);
/* -ENOENT; -EPROTONOSUPPORT: of another format than STORE_FORMAT; -EUCLEAN: no catalog. The last
 * two are said in `e`. */
int catalog_open(const char *path, struct catalog **ret, struct errinfo *e);
struct catalog *catalog_close(struct catalog *c); /* no connection is out */
DEFINE_CLEANUP_PTR(struct catalog *, catalog_close)

int catalog_get(struct catalog *c, struct catalog_conn **ret);
/* The same for who is going to write: always the same one, as long as one is out at a time. A
 * connection keeps the pages that it has read until another one has written. */
int catalog_get_writer(struct catalog *c, struct catalog_conn **ret);
/* Rolls back what wasn't committed. NULL is fine; returns NULL. */
struct catalog_conn *catalog_put(struct catalog_conn *c);
DEFINE_CLEANUP_PTR(struct catalog_conn *, catalog_put)

enum catalog_mode {
	CATALOG_READ,
	CATALOG_WRITE,         /* durable when catalog_commit returns 0 */
	CATALOG_WRITE_RELAXED, /* atomic, but power loss may undo it: for what a redo brings back */
};
int catalog_begin(struct catalog_conn *c, enum catalog_mode mode);
int catalog_commit(struct catalog_conn *c);
/* A transaction of thousands of rows is coming: more of them are kept in memory. */
void catalog_expect_many(struct catalog_conn *c);
/* Moves what the WAL has into the file, as far as readers and room allow. 1: all of it, so that the
 * WAL is written from its beginning again; 0: not all. */
int catalog_checkpoint(struct catalog *cat);
void catalog_rollback(struct catalog_conn *c); /* also without a transaction */

/* A copy of the whole catalog as one commit left it, into a new file. -EEXIST. Durable. */
int catalog_copy(struct catalog_conn *c, const char *path);
/* SQLite's own check of the file: each() gets a line for each fault. */
int catalog_check(struct catalog_conn *c, int (*each)(void *ctx, const char *what), void *ctx);

/* ---- meta */
#define META_STORE_ID     "store_id"     /* 16 bytes */
#define META_NEXT_LEAF    "next_leaf"    /* numbers, 0 when unset */
#define META_SESSIONS     "sessions"     /* how many there are, intents not counted */
#define META_CHANGE_FLOOR "change_floor" /* changes up to this one were let go */
#define META_ROOT_MTIME   "root_mtime"   /* ns: when the newest site went, or the store was made */
#define META_TOMBSTONES   "tombstones"   /* 32 bytes: the sum over all tombstones, store-proof.c */
int catalog_meta_get(struct catalog_conn *c, const char *key, uint64_t *ret);
int catalog_meta_set(struct catalog_conn *c, const char *key, uint64_t v);
int catalog_store_id_get(struct catalog_conn *c, uint8_t ret[16]);
int catalog_store_id_set(struct catalog_conn *c, const uint8_t id[16]);
/* Zeros where it isn't set. */
int catalog_meta_hash_get(struct catalog_conn *c, const char *key, uint8_t ret[HASH_BYTES]);
int catalog_meta_hash_set(struct catalog_conn *c, const char *key, const uint8_t v[HASH_BYTES]);

/* ---- operators, store secrets, nodes of the key tree */
#define OPERATOR_RECORD_BYTES 288u
#define SECRETS_ROW_BYTES     (256u + TAG_BYTES)
struct catalog_operator {
	uint64_t id;
	uint32_t roles;
	char email[LIMIT_EMAIL_BYTES + 1];
	uint64_t since;
	uint64_t until; /* 0: no end */
	uint8_t record[OPERATOR_RECORD_BYTES];
};
/* Operators of an epoch, by id. */
int catalog_operator_list(struct catalog_conn *c, uint64_t epoch, uint64_t after,
			  struct catalog_operator *rows, size_t n);
int catalog_operator_add(struct catalog_conn *c, const struct catalog_operator *op);
/* It is none any more from this epoch on. */
int catalog_operator_end(struct catalog_conn *c, uint64_t id, uint64_t epoch);
int catalog_operator_update(struct catalog_conn *c, uint64_t id,
			    const uint8_t record[OPERATOR_RECORD_BYTES]);
int catalog_secrets_get(struct catalog_conn *c, uint64_t epoch, uint8_t out[SECRETS_ROW_BYTES]);
int catalog_secrets_put(struct catalog_conn *c, uint64_t epoch,
			const uint8_t in[SECRETS_ROW_BYTES]);
/* Newest epoch that has secrets; 0: none. */
int catalog_secrets_newest(struct catalog_conn *c, uint64_t *ret);
int catalog_node_get(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		     uint8_t out[NODE_BYTES]);
int catalog_node_put(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		     const uint8_t in[NODE_BYTES]);
/* Rows of nodes that no commit has superseded. */
int catalog_node_count(struct catalog_conn *c, uint64_t *ret);
int catalog_stale_add(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		      uint64_t by);
/* Removes what the commits up to `epoch` superseded: nodes, secrets, operators. */
int catalog_settle(struct catalog_conn *c, uint64_t epoch);
/* Removes what commits beyond `epoch` wrote: they never happened. Their entries of the audit log
 * are catalog_audit_cut's. */
int catalog_unwind(struct catalog_conn *c, uint64_t epoch);

/* ---- sites and days */
struct catalog_site {
	uint64_t id;
	char name[LIMIT_SITE_BYTES + 1];
	int64_t mtime_ns;
};
struct catalog_day {
	uint64_t id, site_id;
	char name[11];
	int64_t mtime_ns;
	uint64_t next_kid;
};
int catalog_site_find(struct catalog_conn *c, const char *name, size_t len,
		      struct catalog_site *ret);
int catalog_site_get(struct catalog_conn *c, uint64_t id, struct catalog_site *ret);
int catalog_site_list(struct catalog_conn *c, uint64_t after, struct catalog_site *rows, size_t n);
int catalog_site_add(struct catalog_conn *c, const char *name, int64_t mtime_ns, uint64_t *ret_id);
int catalog_site_touch(struct catalog_conn *c, uint64_t id, int64_t mtime_ns);
int catalog_site_remove(struct catalog_conn *c, uint64_t id); /* -ENOTEMPTY, -ENOENT */
int catalog_day_find(struct catalog_conn *c, uint64_t site_id, const char *name, size_t len,
		     struct catalog_day *ret);
int catalog_day_get(struct catalog_conn *c, uint64_t id, struct catalog_day *ret);
int catalog_day_list(struct catalog_conn *c, uint64_t site_id, uint64_t after,
		     struct catalog_day *rows, size_t n);
int catalog_day_add(struct catalog_conn *c, uint64_t site_id, const char *name, int64_t mtime_ns,
		    uint64_t *ret_id);
int catalog_day_touch(struct catalog_conn *c, uint64_t id, int64_t mtime_ns);
int catalog_day_set_kid(struct catalog_conn *c, uint64_t id, uint64_t next_kid);
/* -ENOTEMPTY: sessions that aren't being erased; -ENOENT. */
int catalog_day_remove(struct catalog_conn *c, uint64_t id);

/* ---- sessions */
#define LOOKUP_BYTES     16u
#define SESSION_ROW_MAX  512u         /* the sealed row: FORMAT.md "Session row" */
#define SESSION_PLAN_MAX (256u << 20) /* the sealed plan: LIMIT_SPANS segments and their frame */
struct catalog_session {
	uint64_t ino, day_id, kid, since;
	uint32_t state;
	bool erasing; /* has an intent */
	bool has_visitor;
	struct blob_id blob;
	uint8_t id_h[LOOKUP_BYTES], name_h[LOOKUP_BYTES], body_h[LOOKUP_BYTES];
	uint8_t visitor_h[LOOKUP_BYTES];
	uint16_t row_len;
	uint8_t row[SESSION_ROW_MAX];
};
enum catalog_by { BY_ID, BY_BODY };
int catalog_session_get(struct catalog_conn *c, uint64_t ino, struct catalog_session *ret);
int catalog_session_find(struct catalog_conn *c, enum catalog_by by, const uint8_t h[LOOKUP_BYTES],
			 struct catalog_session *ret);
/* That of a day with this name_h. */
int catalog_session_named(struct catalog_conn *c, uint64_t day_id, const uint8_t h[LOOKUP_BYTES],
			  struct catalog_session *ret);
/* Those of a day, or of a visitor, that are not being erased; by ino. */
int catalog_session_list(struct catalog_conn *c, uint64_t day_id, uint64_t after,
			 struct catalog_session *rows, size_t n);
int catalog_session_list_visitor(struct catalog_conn *c, const uint8_t h[LOOKUP_BYTES],
				 uint64_t after, struct catalog_session *rows, size_t n);
int catalog_session_id_h(struct catalog_conn *c, uint64_t ino, uint8_t ret[LOOKUP_BYTES]);
/* All of them, those being erased too, by ino. */
int catalog_session_list_all(struct catalog_conn *c, uint64_t after, struct catalog_session *rows,
			     size_t n);
/* Appends the sealed plan. -ENOENT. */
int catalog_session_plan(struct catalog_conn *c, uint64_t ino, struct buf *ret);
/* The number that the next session gets; never one that was used. */
int catalog_session_next(struct catalog_conn *c, uint64_t *ret);
int catalog_session_add(struct catalog_conn *c, const struct catalog_session *s, const void *plan,
			size_t planlen);
int catalog_session_update(struct catalog_conn *c, uint64_t ino, const void *row, size_t rowlen,
			   const void *plan, size_t planlen);
/* The same, with another blob. */
int catalog_session_move(struct catalog_conn *c, uint64_t ino, const struct blob_id *blob,
			 const void *row, size_t rowlen, const void *plan, size_t planlen);
int catalog_session_set_state(struct catalog_conn *c, uint64_t ino, uint32_t state);
int catalog_session_remove(struct catalog_conn *c, uint64_t ino);

/* ---- erasures, loose blobs, tombstones */
struct catalog_intent {
	uint64_t ino, kid;
	int64_t at_ns;
	char operator_email[LIMIT_EMAIL_BYTES + 1];
	char reason[LIMIT_REASON_BYTES + 1];
};
int catalog_intent_add(struct catalog_conn *c, const struct catalog_intent *i);
int catalog_intent_get(struct catalog_conn *c, uint64_t ino, struct catalog_intent *ret);
int catalog_intent_list(struct catalog_conn *c, uint64_t after, struct catalog_intent *rows,
			size_t n);
int catalog_intent_count(struct catalog_conn *c, uint64_t *ret);
int catalog_intent_remove(struct catalog_conn *c, uint64_t ino);
/* Why a session isn't erased: a row for each session and kind (enum hold_kind of store.h). */
struct catalog_hold {
	uint64_t ino;
	uint32_t kind;
	int64_t at_ns;
	char operator_email[LIMIT_EMAIL_BYTES + 1];
	char reason[LIMIT_REASON_BYTES + 1];
};
int catalog_hold_add(struct catalog_conn *c, const struct catalog_hold *h);   /* -EEXIST */
int catalog_hold_remove(struct catalog_conn *c, uint64_t ino, uint32_t kind); /* -ENOENT */
int catalog_hold_has(struct catalog_conn *c, uint64_t ino, uint32_t kind);    /* 1, 0 */
/* Of one kind, by ino. */
int catalog_hold_list(struct catalog_conn *c, uint32_t kind, uint64_t after,
		      struct catalog_hold *rows, size_t n);
/* Without those that are of kind `but` as well; 0: all. */
int catalog_hold_count(struct catalog_conn *c, uint32_t kind, uint32_t but, uint64_t *ret);
enum loose_kind { LOOSE_IMPORT = 0, LOOSE_ERASED = 1 };
int catalog_loose_add(struct catalog_conn *c, const struct blob_id *id, enum loose_kind kind);
int catalog_loose_remove(struct catalog_conn *c, const struct blob_id *id);
/* Any n of them. */
int catalog_loose_list(struct catalog_conn *c, enum loose_kind kind, struct blob_id *rows,
		       size_t n);
int catalog_loose_has(struct catalog_conn *c, const struct blob_id *id); /* 1, 0 */
int catalog_tombstone_add(struct catalog_conn *c, const uint8_t h[HASH_BYTES], uint32_t kind,
			  int64_t at_ns); /* 1; 0: it was there */
int catalog_tombstone_has(struct catalog_conn *c, const uint8_t h[HASH_BYTES]); /* 1, 0 */
/* Calls back for every one; a non-zero return ends the walk and is returned. */
int catalog_tombstone_walk(struct catalog_conn *c,
			   int (*each)(void *ctx, const uint8_t h[HASH_BYTES], uint32_t kind),
			   void *ctx);
/* Which entry of the audit log tells of a session's erasure, by the keyed hash of its id. */
int catalog_erased_add(struct catalog_conn *c, const uint8_t id_h[LOOKUP_BYTES], uint64_t seq);
int catalog_erased_find(struct catalog_conn *c, const uint8_t id_h[LOOKUP_BYTES],
			uint64_t *ret_seq); /* the newest; -ENOENT */
/* Those of one entry, or (seq 0) of all, by entry and hash; ends as catalog_tombstone_walk. */
int catalog_erased_walk(struct catalog_conn *c, uint64_t seq,
			int (*each)(void *ctx, uint64_t seq, const uint8_t id_h[LOOKUP_BYTES]),
			void *ctx);

/* ---- policies, the audit log, changes */
/* The sites that have one; a non-zero return ends the walk and is returned. */
int catalog_policy_walk(struct catalog_conn *c, int (*each)(void *ctx, const char *site),
			void *ctx);
/* The newest of a site; -ENOENT; ret_body NULL: only its number. All of them are kept: recordings
 * made under an old one are shown by what is the stricter of all since. */
int catalog_policy_get(struct catalog_conn *c, const char *site, uint64_t *ret_seq,
		       struct buf *ret_body);
int catalog_policy_at(struct catalog_conn *c, const char *site, uint64_t seq, struct buf *ret_body);
int catalog_policy_set(struct catalog_conn *c, const char *site, uint64_t seq, int64_t at_ns,
		       const void *body, size_t len);
/* When the newest of a site, or the newest entry of the audit log, was made; -ENOENT. */
int catalog_policy_time(struct catalog_conn *c, const char *site, int64_t *ret_ns);
int catalog_audit_time(struct catalog_conn *c, int64_t *ret_ns);
/* The newest entry; -ENOENT for an empty log. */
int catalog_audit_last(struct catalog_conn *c, uint64_t *ret_seq, uint8_t ret_hash[HASH_BYTES]);
int catalog_audit_get(struct catalog_conn *c, uint64_t seq, struct audit_entry *ret);
/* The newest one of a kind, and of an epoch unless that is 0; -ENOENT. */
int catalog_audit_newest(struct catalog_conn *c, const char *kind, uint64_t epoch,
			 struct audit_entry *ret);
int catalog_audit_add(struct catalog_conn *c, const struct audit_entry *a);
/* The newest entry of the commits up to `epoch`; -ENOENT. */
int catalog_audit_end(struct catalog_conn *c, uint64_t epoch, uint64_t *ret_seq);
/* Removes the entries after this one, and what hangs on them. */
int catalog_audit_cut(struct catalog_conn *c, uint64_t seq);
int catalog_audit_list(struct catalog_conn *c, uint64_t after, struct audit_entry *rows, size_t n);
struct catalog_change {
	uint64_t seq, ino, day_id, site_id;
	uint32_t kind;
};
int catalog_change_add(struct catalog_conn *c, const struct catalog_change *ch);
int catalog_change_list(struct catalog_conn *c, uint64_t after, uint64_t upto,
			struct catalog_change *rows, size_t n);
int catalog_change_newest(struct catalog_conn *c, uint64_t *ret); /* 0: none */
/* Lets go of all but the newest ones when there are over twice as many as are kept. */
int catalog_change_trim(struct catalog_conn *c);

#endif
