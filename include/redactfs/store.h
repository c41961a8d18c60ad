/* store.h: an open store: login, listing, reading, and the commits that add or erase sessions.
 *
 * Built from three narrow interfaces (rootholder.h, catalog.h, blobstore.h), so that another back
 * end can take the place of a file, SQLite or a folder. One `struct store` may be used by any
 * number of threads. Several processes may have one store open; whoever changes it holds the
 * store's writer lock for the length of one commit. */
#ifndef REDACTFS_STORE_H
#define REDACTFS_STORE_H

#include "redactfs/audit.h"
#include "redactfs/blobstore.h"
#include "redactfs/buf.h"
#include "redactfs/class.h"
#include "redactfs/crypto.h"
#include "redactfs/err.h"
#include "redactfs/ids.h"
#include "redactfs/limits.h"
#include "redactfs/policy.h"
#include "redactfs/span.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* What docs/FORMAT.md describes, all of it: the tables, and every byte in root, rows and blobs. A
 * store has the number that it was made with, and is opened by a program with the same one only
 * (-EPROTONOSUPPORT). It goes up with any change of what is written, or of what a reader has to
 * know; tests/cli/test_format.py holds it to that. */
#define STORE_FORMAT 2

enum role {
	ROLE_VIEWER = 1u << 0,  /* read */
	ROLE_ERASER = 1u << 1,  /* read, erase */
	ROLE_OFFICER = 1u << 2, /* all that, and reveal */
	ROLE_ADMIN = 1u << 3,   /* policies, operators */
};

/* The engine, which the store doesn't know: looks a text through under a policy. `known` (spans of
 * the text, sorted) counts as found. Sets *ret (to be freed) and *ret_n: the spans, sorted, not
 * overlapping. Appends the script of its transcript (script.h) where `script` isn't NULL. Any
 * thread may call it. */
typedef int (*store_look_fn)(const char *text, size_t len, const struct policy *p,
			     const struct span *known, size_t nknown, struct span **ret,
			     size_t *ret_n, struct buf *script, struct errinfo *e);
struct store_engine {
	/* Over 0, raised whenever it finds more: sessions that an older one looked through can't be
	 * read before this one has. */
	uint16_t version;
	store_look_fn look;
};

struct store_login {
	const char *path;
	const char *email;               /* NULL: the only operator there is, else -EKEYREJECTED */
	const struct secret *passphrase; /* borrowed */
	bool reveal;            /* open the reveal key too: needs ROLE_OFFICER, else -EACCES */
	bool reveal_if_officer; /* the same, where the operator is one */
	/* Borrowed. Without it (NULL) what a policy hides that wasn't looked for at import can't be
	 * read: -EOPNOTSUPP. */
	const struct store_engine *engine;
	uint64_t cache_bytes; /* of decrypted text kept; 0: the default; at least 1 MiB is */
	/* A root that is given up (store_root_remove), so that the store opens without it: -ENOENT,
	 * -EINVAL as of rootholder_open. Borrowed until store_close. */
	const char *without_root;
};

/* Makes `path` (which must not exist or be an empty folder) a store, with one operator (admin and
 * officer). -EEXIST: something is there; -EINVAL: weak passphrase or bad address. Nothing is left
 * behind on failure. With n > 0 the root lies elsewhere: in new files at these absolute paths, on
 * media of their own; more than one: all are kept the same. `ret` (may be NULL): what can be said
 * of them. */
struct store_assurance;
int store_init(const char *path, const char *email, const struct secret *passphrase,
	       const char *const *roots, unsigned n, struct store_assurance *ret,
	       struct errinfo *e);

/* Opens, checks the slots against the catalog, finishes what a crash left half done (erase_recover
 * is the caller's next call, before anything is served). -ENOENT: no store; -EKEYREJECTED: wrong
 * operator or passphrase; -EBADMSG: slot or record forged or damaged; -ESTALE: `root` is older than
 * the operator has seen; -EPROTONOSUPPORT: newer format. */
int store_open(const struct store_login *login, struct store **ret, struct errinfo *e);
struct store *store_close(struct store *s);
DEFINE_CLEANUP_PTR(struct store *, store_close)

uint32_t store_roles(const struct store *s);
const char *store_operator(const struct store *s);
const char *store_path(const struct store *s);
/* Is this the store's folder, or something in it, or would it be, were it made? What others put
 * there the store may take for its own, and remove. False where that can't be found out. */
bool store_contains(const struct store *s, const char *path);
/* ---- operators: who may log in. Each change is a commit of a new root: whoever was removed, and a
 * passphrase that was given up, open nothing from then on, a mount that runs included. */
struct operator_row {
	char email[LIMIT_EMAIL_BYTES + 1];
	uint32_t roles; /* of enum role */
	bool self;      /* the one who is logged in */
};
/* All of them, in the order in which they came; the count, or -errno. */
int store_operator_list(struct store *s, struct operator_row rows[LIMIT_OPERATORS]);
/* Needs ROLE_ADMIN (-EACCES), and for a new officer a login with `reveal`. -EINVAL: no address,
 * weak passphrase, no roles; -EEXIST; -E2BIG: LIMIT_OPERATORS. */
int store_operator_add(struct store *s, const char *email, uint32_t roles,
		       const struct secret *passphrase, struct errinfo *e);
/* Needs ROLE_ADMIN (-EACCES). -ENOENT; -EBUSY: the only admin, or the only officer. *ret_email (may
 * be NULL): the address as the store has it. Capitals don't count in addresses, here and above. */
int store_operator_remove(struct store *s, const char *email, char ret_email[LIMIT_EMAIL_BYTES + 1],
			  struct errinfo *e);
/* Of the operator who is logged in (an officer: with `reveal`, or -EACCES), whose login is over
 * with it. -EINVAL: weak. */
int store_operator_passwd(struct store *s, const struct secret *passphrase, struct errinfo *e);
/* "viewer,eraser": the names of roles. */
#define STORE_ROLES_BYTES 32u
void store_roles_format(uint32_t roles, char out[STORE_ROLES_BYTES]);

/* Of a store that was opened without_root: notes in the audit log that this one is given up, gives
 * the others a new root, overwrites it if it can be reached and isn't another name of one of them,
 * and takes it out of the store's reference. What fails, or is cut off, can be done again. Needs
 * ROLE_OFFICER or ROLE_ADMIN (-EACCES). Other processes that have the store open can't change it
 * any more (-EIO) until they open it anew. */
enum root_removed {
	ROOT_OVERWRITTEN,
	ROOT_OUT_OF_REACH, /* or couldn't be overwritten */
	ROOT_STAYS,        /* another name of one of them */
};
int store_root_remove(struct store *s, const char *reason, enum root_removed *ret,
		      struct errinfo *e);
/* For statfs: what the place of the blobs has, and how many sessions there are. */
struct store_space {
	struct blob_space blobs;
	uint64_t sessions;
};
int store_space(struct store *s, struct store_space *ret);
/* Of the room that is kept for erasing on a full disk (limits.h); less while the disk is full. */
uint64_t store_reserve_bytes(const struct store *s);

/* What can be said of the place where the root lies, from which its old slots have to vanish. */
struct root_copy {
	char path[4096]; /* "": in the store's folder */
	char fs[16];     /* of the file system: "ext4" */
	bool same_disk;  /* as the store's folder, as far as can be seen */
	unsigned warnings;
};
struct store_assurance {
	const char *level; /* "same-disk", "own-medium", "mirrored" */
	unsigned n;
	struct root_copy copies[4];
	char warnings[96]; /* of all copies, as words: "cow loop" */
};
const struct store_assurance *store_assurance(const struct store *s);
/* A copy's warnings as sentences, one after the other; *i starts with 0. NULL: no more. */
const char *store_root_warning(const struct root_copy *c, unsigned *i);
struct store_status {
	uint64_t sessions, held, restricted; /* one can be both; to an operator who isn't an officer
					      * it is restricted only */
	uint64_t pending;                    /* erasures that are intended and not complete */
	uint64_t epoch, entries;             /* entries of the audit log */
};
int store_status_get(struct store *s, struct store_status *ret);

/* ---- what changed: cheap enough to ask many times a second. The number grows with every commit by
 * any process. */
int store_change_seq(struct store *s, uint64_t *ret);
/* Which ones, oldest first, with seq > after: up to n rows; returns the count. Numbers only, so
 * that it says nothing of an erased session. A mount tells the kernel with it what to forget; it
 * costs what changed, not what there is. -ESTALE: `after` is older than what is kept (the last
 * 65,536 rows or more): anything may have changed. */
enum change_kind {
	CHANGE_ADDED = 1,    /* a session is there now */
	CHANGE_RENDERED = 2, /* its size, times or state are others: the row was written anew */
	CHANGE_ERASED = 3,   /* from the intent on */
	CHANGE_POLICY = 4,   /* of the site: any of its sessions may show something else; ino 0 */
	CHANGE_FOLDER = 5,   /* day (day_id) or site (day_id 0) removed; ino 0 */
	CHANGE_HIDDEN = 6,   /* a session was restricted, or is so no more */
};
struct store_change {
	uint64_t seq; /* store_change_seq() is never below the newest one's */
	enum change_kind kind;
	uint64_t ino, day_id, site_id;
};
int store_changes(struct store *s, uint64_t after, struct store_change *rows, size_t n);
/* Takes over the newest root slot when another process committed since. 0, or as store_open. */
int store_refresh(struct store *s, struct errinfo *e);

/* ---- mounts: who shows sessions through a kernel that keeps their pages. An erasure is over when
 * none of them shows what was erased, a restriction when none shows what was restricted, a change
 * of policy when none shows what it hides. */
/* Before anything is served: from now on erasures of other processes wait for store_mount_seen.
 * *ret_seq is the change number to follow the changes from. Until store_close. */
int store_mount_enlist(struct store *s, uint64_t *ret_seq);
/* All changes up to `seq` are dropped, pages in the kernel included. Any thread. */
void store_mount_seen(struct store *s, uint64_t seq);
/* A file, relative to store_path(): it is written to when somebody waits for this mount. Borrowed
 * as long as the store is open; NULL: not enlisted. */
const char *store_mount_asked(const struct store *s);
/* Asks all other mounts to look now; *ret_seq is what store_mounts_wait waits for. Returns how many
 * there are that haven't looked yet. */
int store_mounts_ask(struct store *s, uint64_t *ret_seq);
/* Waits for them, STORE_MOUNTS_WAIT_MS at most; `asked` is what store_mounts_ask returned. Returns
 * how many there still are: daemons that hang. One, when that can't be found out. */
#define STORE_MOUNTS_WAIT_MS 1900u
unsigned store_mounts_wait(struct store *s, int asked, uint64_t seq);
/* Both: until the other mounts show nothing that was changed before the call. */
unsigned store_mounts_follow(struct store *s);

/* ---- the tree. Times are ns since 1970. Ids grow, are never 0 and never used twice. */
struct site_row {
	uint64_t id;
	char name[LIMIT_SITE_BYTES + 1];
	int64_t mtime_ns; /* newest change below it */
};
struct day_row {
	uint64_t id;
	uint64_t site_id;
	char name[11]; /* "2026-11-23" */
	int64_t mtime_ns;
};
enum session_state {
	SESSION_LIVE = 0,
	SESSION_HELD = 1,       /* legal hold: live, not erasable */
	SESSION_RESTRICTED = 2, /* kept, unreadable on ordinary mounts */
	SESSION_ERASING = 3,    /* intent durable; never listed */
	SESSION_DAMAGED = 4, /* its row doesn't verify: listed as "damaged-INO", reads are -EBADMSG,
			      * it can be erased; only ino, day_id, site_id, name are set */
};
struct session_row {
	uint64_t ino; /* the session's number, never reused; inodes are made from it */
	uint64_t day_id;
	uint64_t site_id;
	enum session_state state;
	struct session_id id;
	char name[20]; /* "140322-7f3a9c21d0b4" */
	int64_t start_ms, end_ms;
	uint64_t events;
	uint64_t base_bytes;       /* canonical text with cut spans taken out */
	uint64_t size;             /* of events.json as an ordinary mount renders it */
	uint32_t transcript_bytes; /* of its transcript, likewise */
	int64_t mtime_ns, ctime_ns;
	uint32_t rendering;  /* counts the changes of what events.json shows */
	uint64_t policy_seq; /* of the policy that size and plan were made under */
	uint32_t
		policy_base; /* of the policy that its spans were found and its values kept under */
	uint16_t engine;     /* version of the engine that the plan rests on */
	uint16_t engine_base; /* of that which found its spans */
	int64_t imported_ns;
	uint64_t counts[CLASS_COUNT]; /* spans by class that are replaced on an ordinary read */
	char visitor[129];            /* as given at import; "" unknown */
};

int store_site_find(struct store *s, const char *name, size_t len, struct site_row *ret);
int store_site_get(struct store *s, uint64_t id, struct site_row *ret);
/* Up to n rows with id > after, in order of id. Returns the count. */
int store_site_list(struct store *s, uint64_t after, struct site_row *rows, size_t n);
/* When a site was last taken out of the list of sites, or the store made; 0: before that was kept.
 */
int store_sites_mtime(struct store *s, int64_t *ret_ns);
int store_day_find(struct store *s, uint64_t site_id, const char *name, size_t len,
		   struct day_row *ret);
int store_day_get(struct store *s, uint64_t id, struct day_row *ret);
int store_day_list(struct store *s, uint64_t site_id, uint64_t after, struct day_row *rows,
		   size_t n);
/* A damaged session is found by the name it had as well as by the one that it is listed under. */
int store_session_find(struct store *s, uint64_t day_id, const char *name, size_t len,
		       struct session_row *ret);
int store_session_get(struct store *s, uint64_t ino, struct session_row *ret);
int store_session_by_id(struct store *s, const struct session_id *id, struct session_row *ret);
int store_session_list(struct store *s, uint64_t day_id, uint64_t after, struct session_row *rows,
		       size_t n);
/* Appends what is known of a session as JSON: session.json (docs/SCRIPTING.md). It follows from the
 * row and nothing else. */
int session_json(const struct session_row *row, const char *site, const char *date,
		 struct buf *out);
/* The sessions imported with this visitor, over all sites. */
int store_session_list_visitor(struct store *s, const char *visitor, uint64_t after,
			       struct session_row *rows, size_t n);
/* Remove an emptied folder: -ENOTEMPTY, -ENOENT. */
int store_day_remove(struct store *s, uint64_t id);
int store_site_remove(struct store *s, uint64_t id);

/* ---- policies: the INI text a site has (policy.h parses it). seq grows with each change; 0 and
 * empty text: none set, the defaults hold.
 *
 * A new policy holds as it is for what is imported from then on. For a session that was there
 * before the strictest of all policies holds that were set since it was imported, or last applied
 * to it: what one of them hides stays hidden until an officer applies the newest. */
int store_policy_get(struct store *s, const char *site, struct buf *ret_ini, uint64_t *ret_seq);
/* When it was set; -ENOENT: none was. */
int store_policy_time(struct store *s, const char *site, int64_t *ret_ns);
/* Needs ROLE_ADMIN, and ROLE_OFFICER too where it loosens (-EACCES). -EINVAL: policy_parse refused
 * it; -E2BIG: together with those before it has more selectors than can be looked for. What it
 * hides is hidden from every read that starts after it returned, in every process; for what kernels
 * have cached there is store_mounts_follow. */
int store_policy_set(struct store *s, const char *site, const char *ini, size_t len,
		     struct errinfo *e);
/* The same, if the newest is still number `seq`; else -ESTALE. */
int store_policy_replace(struct store *s, const char *site, uint64_t seq, const char *ini,
			 size_t len, struct errinfo *e);
/* Sessions of the site that keep something hidden, or apart, that the newest policy shows; without
 * restricted ones, which aren't made anew. */
int store_policy_pending(struct store *s, const char *site, uint64_t *ret);
typedef void (*store_progress_fn)(void *ctx, uint64_t done, uint64_t of);
/* Makes the renderings under the newest policy now, which whoever reads first would else wait for.
 * *ret_failed: sessions that can't be looked through; they stay unreadable. */
int store_policy_refresh(struct store *s, const char *site, store_progress_fn progress, void *ctx,
			 uint64_t *ret_failed, struct errinfo *e);
/* Makes the sessions that are pending anew under the newest policy: what it shows comes out of the
 * sealed values, what was dropped doesn't come back. Needs a login with `reveal` (-EACCES). Some
 * sessions a commit, each with its entry in the audit log: whenever it ends, what was done stays,
 * and the next call goes on from there. -ESTALE: the policy has changed meanwhile. */
struct policy_applied {
	uint64_t sessions; /* made anew */
	uint64_t values;   /* sealed values that are shown now */
	uint64_t failed;   /* sessions that can't be read: left as they were */
};
int store_policy_apply(struct store *s, const char *site, store_progress_fn progress, void *ctx,
		       struct policy_applied *ret, struct errinfo *e);

/* ---- reading one session. A reader keeps what it needs of the keys; it stops giving text the
 * moment store_session_revoke() names its session. Any thread may read; several at once may. */
struct reader;
int store_reader_open(struct store *s, uint64_t ino, bool reveal, struct reader **ret,
		      struct errinfo *e);
uint64_t reader_size(const struct reader *r);
const struct session_row *reader_row(const struct reader *r);
/* Bytes [off, off + n) of the rendering: the whole of it, less only at its end; -EBADMSG, -ENOKEY
 * (erased), -EACCES (restricted since), -ESTALE (the site's policy changed since: open anew), -EIO:
 * never short data, never text of a chunk that didn't verify. */
ssize_t reader_pread(struct reader *r, void *buf, size_t n, uint64_t off);
/* Appends the transcript of what it shows; nothing where the session has no script. As
 * reader_pread.
 */
int reader_transcript(struct reader *r, struct buf *ret);
struct reader *reader_close(struct reader *r);
DEFINE_CLEANUP_PTR(struct reader *, reader_close)

/* Appends the findings that were put with the session; nothing where there were none. -ENOENT;
 * -EACCES: restricted; -EBADMSG, -EUCLEAN: damaged. */
int store_session_findings(struct store *s, uint64_t ino, struct buf *ret);

/* ---- adding. */
struct session_new {
	const char *site;            /* a valid DNS name */
	const struct session_id *id; /* NULL: drawn */
	const char *visitor;         /* NULL or "": unknown */
	const char *text;            /* canonical recording, borrowed */
	size_t len;
	const struct span *spans; /* the engine's, sorted */
	size_t nspans;
	const struct buf *findings;  /* kept with it, as they are; NULL or empty: none */
	const struct buf *script;    /* of its transcript (script.h); NULL or empty: it has none */
	const struct policy *policy; /* the one the spans were made under */
	uint64_t policy_seq;
	uint16_t engine; /* version of the one that found them; 0: not known */
	int64_t start_ms, end_ms;
	uint64_t events;
	uint8_t shape[HASH_BYTES];    /* of the events' types, time stamps and sources: canon.h */
	const char *date, *name_time; /* "2026-11-23", "140322" in the site's time zone */
};
enum put_result {
	PUT_STORED = 0,
	PUT_SAME = 1,       /* the same recording is there already */
	PUT_TOMBSTONED = 2, /* it was erased; it doesn't come back */
};
/* A batch of additions: blobs are written at once, keys and rows by store_batch_commit (one re-key
 * for all). Nothing of a batch that isn't committed is ever seen; its blobs are removed by
 * store_batch_abort or the next store_open. */
struct store_batch;
/* -EEXIST of a put: another recording has that id already. -ESTALE: the site's policy changed since
 * policy_seq: run the engine anew. One batch is used by one thread at a time. */
int store_batch_begin(struct store *s, struct store_batch **ret);
int store_batch_put(struct store_batch *b, const struct session_new *n, enum put_result *ret,
		    struct session_id *ret_id, struct errinfo *e);
size_t store_batch_pending(const struct store_batch *b);          /* put since the last commit */
int store_batch_commit(struct store_batch *b, struct errinfo *e); /* the batch can go on */
struct store_batch *store_batch_abort(struct store_batch *b); /* also after a commit, to free it */
DEFINE_CLEANUP_PTR(struct store_batch *, store_batch_abort)

/* ---- erasing: the steps that erase.h puts in order (DESIGN section 6). Each is durable when it
 * returns 0, and may be repeated. */
struct erase_item {
	uint64_t ino;
	uint64_t kid; /* filled by store_erase_intend */
};
/* Steps 1 to 4 at once: in the transaction that has the nodes anew, the intents become durable too.
 * Fails as the single steps do. *ret is valid in any case; once `intended` is set the sessions
 * can't be read, and what is left is erase_recover's to finish. Step 5 is store_tidy's, which is
 * called here when there is enough for it to do. */
struct erase_done {
	bool intended;
	uint64_t epoch;   /* of the root slot that no longer leads to them */
	uint64_t receipt; /* the number of the audit entry; 0: their keys were gone already */
	uint64_t change;  /* the change number of the intents, ... */
	int asked;        /* ... and what store_mounts_ask said of it */
};
int store_erase(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		struct erase_done *ret, struct errinfo *e);
/* Step 1 alone. Drops items that are gone already, and sorts them; *n is what is left. -EBUSY: one
 * is held or restricted (nothing is done); -EACCES: the operator may not erase; -EBADMSG, -EUCLEAN:
 * the key tree is damaged where one of the keys is (nothing is done). From here on no reader in any
 * process gives their text. `reason` is kept with the intent and goes into the audit log with
 * step 5. */
int store_erase_intend(struct store *s, struct erase_item *items, size_t *n, const char *reason,
		       struct errinfo *e);
/* Steps 2, 3 and 4: nodes anew and the audit entry, new slot durable, old slot overwritten.
 * -EBADMSG: not for those whose path in the key tree has been damaged since. */
int store_erase_keys(struct store *s, const struct erase_item *items, size_t n, uint64_t *ret_epoch,
		     struct errinfo *e);
/* Step 5: rows go, tombstones and the audit entry stay. Blobs are left to store_sweep. */
int store_erase_rows(struct store *s, const struct erase_item *items, size_t n, struct errinfo *e);
/* What can wait until there is time, and is made good by the next store_open: rows of sessions that
 * are erased, nodes that a newer root doesn't lead to. Cheap when there is nothing. Any thread. */
int store_tidy(struct store *s);
/* Intents that are not finished, to their rows (after a crash, or erase=intent). Up to n. */
int store_erase_pending(struct store *s, struct erase_item *items, size_t n);
/* How many sessions are intended and still have their keys. */
int store_erase_pending_count(struct store *s, uint64_t *ret);
/* Tidies, and removes files of blobs that erasures left (they are noise, and take up space), for
 * about `limit_ms`. 1: there are more; 0: none; -errno: some couldn't be removed. Any thread, any
 * time; takes no lock for long. */
int store_sweep(struct store *s, unsigned limit_ms);
/* Forget keys and plans of a session in this process; open readers give -ENOKEY from now on. */
void store_session_revoke(struct store *s, uint64_t ino);

/* ---- legal hold and restriction. Neither can be erased (-EBUSY); one session can be both. A held
 * one is read as any other. A restricted one is read with the reveal key only, listed to officers
 * only, and shows as SESSION_RESTRICTED, held or not. */
enum hold_kind { HOLD_LEGAL = 1, HOLD_RESTRICTION = 2 };
struct hold_row {
	uint64_t ino;
	int64_t at_ns;
	char operator_email[LIMIT_EMAIL_BYTES + 1];
	char reason[LIMIT_REASON_BYTES + 1];
};
/* 0; -EACCES: it takes ROLE_OFFICER, for a legal hold ROLE_ADMIN does too. */
int store_hold_may(const struct store *s, enum hold_kind kind, struct errinfo *e);
/* Puts sessions under it, or lets them go, in one commit; those that are so already, or gone, are
 * left out of *ret_changed. -EACCES: store_hold_may. The reason is kept with it and in the audit
 * log: no personal data. Open readers of a restricted session stop, in every process, with their
 * next read; for what kernels have cached of it there is store_mounts_follow. */
int store_hold_set(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n, bool held,
		   const char *reason, size_t *ret_changed, struct errinfo *e);
/* The same of sessions that weren't named one by one but found, restricted ones too. To an operator
 * who isn't an officer they aren't told of: they are changed like the others and not counted, and
 * the log says that they are included, in the same words whether there are any or not, and where
 * nothing changed as well. */
struct hold_counts {
	size_t changed;
	size_t before; /* were so, or are gone */
};
int store_hold_set_found(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n,
			 bool held, const char *reason, struct hold_counts *ret, struct errinfo *e);
/* With ino > after, by ino; up to n; the count. -EACCES: restrictions, and not an officer. */
int store_hold_list(struct store *s, enum hold_kind kind, uint64_t after, struct hold_row *rows,
		    size_t n);

/* ---- the audit log. */
/* Adds an entry of the operator who is logged in, durable when it returns 0. `detail` is made by
 * audit_detail_*: counts and reasons, no names, no values. */
int store_audit(struct store *s, const char *kind, const char *detail);
/* Entries with seq > after, as the catalog has them: whether to believe them is
 * store_audit_verify's to say. Up to n; the count. */
int store_audit_list(struct store *s, uint64_t after, struct audit_entry *rows, size_t n);
/* When the newest was added. */
int store_audit_time(struct store *s, int64_t *ret_ns);
/* The key that the log is signed with, as this operator's record pins it. */
void store_audit_key(const struct store *s, uint8_t ret_pk[32]);
void store_id_get(const struct store *s, uint8_t ret[16]);
/* Checks the whole log: every entry, that none is missing, up to the newest one that the root
 * vouches for; that it knows of every erasure that a receipt could be asked for, and of all
 * tombstones. -EBADMSG with what is wrong; *ret then says how far it was good. */
struct audit_report {
	uint64_t entries;
	uint8_t head[HASH_BYTES]; /* hash of the newest good entry */
	uint64_t bad;             /* the entry that the fault was found at; 0: none */
};
int store_audit_verify(struct store *s, struct audit_report *ret, struct errinfo *e);
/* The certificate of a batch (the number of its audit entry), or (id not NULL) of one session, with
 * its signature. Appends. -ENOENT: no such erasure; -EEXIST: the session is there (a restricted
 * one to officers only); -EBADMSG: the
 * rows that say so aren't the ones that were signed. */
int store_receipt(struct store *s, uint64_t seq, const struct session_id *id, struct buf *ret_text,
		  uint8_t ret_sig[SIGN_BYTES], struct errinfo *e);
/* The newest entry that tells of erasures of that epoch (0: of any); 0: none. */
int store_receipt_newest(struct store *s, uint64_t epoch, uint64_t *ret_seq);

/* ---- checking the whole store: every blob, node and row, and the audit log. Reads only; other
 * processes may go on. What can't be read at all is store_open's to say. */
struct store_fault {
	const char *part;            /* "catalog", "node", "key", "session", "plan", "blob", "hold",
				      * "restriction", "day", "policy", "count", "audit" */
	int code;                    /* -EBADMSG: changed; -EUCLEAN: missing, or parts disagree */
	const char *what;            /* what is wrong */
	const char *lost;            /* what can't be had any more; NULL: nothing */
	const char *path;            /* SITE/DATE/SESSION, or the site; NULL: of none, or of a
				      * restricted session, and not an officer who asks */
	const struct session_id *id; /* NULL: not known */
};
struct verify_ops {
	void *ctx;
	void (*fault)(void *ctx, const struct store_fault *f);
	void (*progress)(void *ctx, uint64_t done, uint64_t total); /* sessions; may be NULL */
};
struct verify_stats {
	uint64_t sessions, nodes, blobs, entries, policies; /* looked at */
	uint64_t faults;
	uint64_t lost; /* sessions */
	bool changed;  /* one of the faults is -EBADMSG */
};
/* 0 when all was looked at, with whatever result. */
int store_verify(struct store *s, const struct verify_ops *ops, struct verify_stats *ret,
		 struct errinfo *e);

/* ---- a copy of the store that is a store, in a folder that is new, empty, or an earlier backup of
 * the same store: then only what changed is copied, what was erased goes, and the root there is
 * overwritten where it lies. Others may go on; commits wait while the catalog is copied. -EEXIST:
 * something else is there. */
struct backup_stats {
	uint64_t blobs, copied, removed, copied_bytes;
	uint64_t epoch;
};
int store_backup(struct store *s, const char *path, struct backup_stats *ret, struct errinfo *e);

#endif
