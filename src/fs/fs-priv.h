/* fs-priv.h: what the files of this folder share.
 *
 * Life of a request: libfuse's worker calls an op_…; it finds its node in the store (node.h), calls
 * one function, and replies exactly once. No lock of ours is held across a call into the store, a
 * notification or a reply. Locks, none of which is ever taken inside another: handle table, ghosts,
 * pages, kcache's queue. */
#ifndef REDACTFS_SRC_FS_PRIV_H
#define REDACTFS_SRC_FS_PRIV_H

#define FUSE_USE_VERSION 312

#include "redactfs/fs.h"
#include "redactfs/store.h"

#include <stdatomic.h>

#include <fuse_lowlevel.h>

#define FS_ERASE_REASON "removed from a mount" /* for the audit log */

struct erase_group;
struct eraser;
struct ghosts;
struct handles;
struct kcache;
struct names;
struct pages;
struct turns;
struct watch;
struct writers;

/* For status.json. */
struct counters {
	atomic_uint_fast64_t lookups, opens, reads, read_bytes, lists, erased, damaged;
};

struct fs {
	/* immutable once the session runs */
	const struct fs_opts *o;
	struct store *store;
	struct fuse_session *se;
	struct handles *handles;
	struct ghosts *ghosts;
	struct names *names;
	struct audit_places *audit;
	struct pages *pages;
	struct kcache *kcache;
	struct turns *turns;
	struct watch *watch;
	struct writers *writers;
	struct eraser *eraser;
	struct erase_group *group; /* erasures of erase=sync */
	bool may_erase;            /* the operator's role, and not mounted ro */
	bool sees_hidden;          /* an officer: restricted sessions are listed */
	mode_t file_mode;          /* with S_IFREG */
	mode_t dir_mode;           /* with S_IFDIR */
	int64_t started_s;         /* for status.json */

	/* How long the kernel may believe names and attributes. Long, because kcache tells it of
	 * every change; short on kernels that can't be told to look again at all names (before
	 * FUSE_NOTIFY_INC_EPOCH). */
	_Atomic double timeout_s;

	/* The operator may no longer log in: nothing but the mountpoint itself is shown. */
	atomic_bool shut;

	struct counters count;
};

static inline struct fs *req_fs(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* What a -errno of the store is at the mount (err.h's table), positive for fuse_reply_err. */
int fs_errno(int r);
/* Logs what befell a session, once for each row that is damaged, so that a backup that meets it
 * every night and a `grep -r` that reads it in pieces leave one line. Returns r. */
int fs_session_error(struct fs *fs, uint64_t row, int r);

/* ops-*.c */
void op_init(void *userdata, struct fuse_conn_info *conn);
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_statfs(fuse_req_t req, fuse_ino_t ino);
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
extern const struct fuse_lowlevel_ops fs_ops;

#endif
