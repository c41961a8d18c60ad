/* ops-unlink.c: removing, which is erasure; and everything that a read-only file system refuses.
 *
 *   unlink(events.json)   live -> erased; the folder becomes a ghost (ghost.h)
 *   unlink(another view)  live: EPERM; of a ghost: gone
 *   rmdir                 live: ENOTEMPTY; of a ghost with no names left, an empty date or site:
 * gone
 *
 * (U1) unlink answers 0 only after the session is erased (erase.h, step 4), and, where a file of it
 * was open, after the kernel has dropped its pages, so that the text is gone for those who have it
 *      open or mapped as well. That much may be waited for here: the notifier needs the pages'
 * locks, which reads hold and which other workers finish; it doesn't need the folder's, which this
 *      unlink holds. What needs that one (names, attributes of the folders above) is for watch.c,
 *      after the reply.
 * (U2) With erase=intent it answers after step 1, when nobody can read the session any more and
 *      nothing undoes that. Removing a date or site, and fsync of any folder, wait for the keys. An
 *      emptied session's folder doesn't: rm -r removes it right after its recording, and the
 *      batch would be one session. */
#include "eraser.h"
#include "ghost.h"
#include "handle.h"
#include "kcache.h"
#include "node.h"
#include "redactfs/erase.h"
#include "redactfs/log.h"
#include "turns.h"
#include "watch.h"
#include "writers.h"

#include <string.h>

static void forget_text(struct fs *fs, uint64_t row)
{
	bool open = handles_any(fs->handles, row);

	store_session_revoke(fs->store, row);
	handles_revoke(fs->handles, row);
	if (watch_drop_text(fs, row))
		kcache_wipe(fs->kcache);
	if (open && !kcache_wait(fs->kcache)) /* U1; the notifier still goes on */
		log_warning("the kernel takes long to drop the pages of an erased session");
}

static int erase(struct fs *fs, const struct session_row *row, pid_t who)
{
	struct erase_result res = {0};
	struct errinfo e = {0};

	if (!fs->may_erase)
		return -EACCES;
	if (row->state == SESSION_RESTRICTED)
		return -EBUSY; /* kept on purpose, as a held one is */
	if (writers_has(fs->writers, who))
		return -EROFS; /* it wants to replace the recording */
	int r = ghosts_add(fs->ghosts, row, fs->o->views & ~(uint32_t)FS_VIEW_EVENTS);
	if (r < 0)
		return r;
	bool sync = fs->o->erase == FS_ERASE_SYNC;
	r = sync ? erase_group_run(fs->group, row->ino, &res, &e)
		 : erase_intend(fs->store, &row->ino, 1, FS_ERASE_REASON, &res, &e);
	if (!r && !res.erased) {
		/* another process was faster; for whoever removes it that is no difference */
		ghosts_drop(fs->ghosts, row->ino);
		r = -ENOENT;
	}
	if (r == -EBUSY || r == -EACCES) {
		ghosts_drop(fs->ghosts, row->ino); /* nothing was done */
		return r;
	}
	/* On other failures it may be past the point of return: it is treated as gone, and the
	 * error says that the erasure isn't complete. */
	forget_text(fs, row->ino);
	if (!r)
		ghosts_sure(fs->ghosts, row->ino);
	if (!sync || (r < 0 && r != -ENOENT))
		eraser_add(fs->eraser); /* takes up what failed, too */
	if (res.unseen)
		log_warning("another mount doesn't answer: the kernel may still have cached text "
			    "of an erased session for it");
	if (r < 0 && r != -ENOENT) {
		ghosts_drop(fs->ghosts, row->ino);
		log_error("erasing session %llu failed: %s", (unsigned long long)row->ino,
			  e.code ? e.msg : strerror(-r));
		return r;
	}
	if (!r && sync)
		eraser_sweep(fs->eraser);
	if (!r)
		atomic_fetch_add_explicit(&fs->count.erased, 1, memory_order_relaxed);
	return r;
}

static int remove_file(struct fs *fs, uint64_t parent, const char *name, pid_t who)
{
	const struct view *v;
	struct node n;

	int r = node_child(fs, parent, name, &n);
	if (r < 0)
		return r;
	v = view_of_kind(fs, n.kind);
	if (!v)
		return node_is_dir(&n) ? -EISDIR : -EPERM; /* a control file */
	if (n.ghost)
		return ghosts_unlink(fs->ghosts, ino_row(n.ino), v->bit);
	return v->kind == INO_EVENTS ? erase(fs, &n.u.session, who) : -EPERM;
}

static int remove_dir(struct fs *fs, uint64_t parent, const char *name)
{
	struct node n;

	int r = node_child(fs, parent, name, &n);
	if (r < 0)
		return r;
	if (n.kind == INO_FIXED)
		return -EPERM;
	if (!node_is_dir(&n))
		return -ENOTDIR;
	if (!fs->may_erase)
		return -EACCES;
	if (n.kind != INO_SESSION) { /* keeps U2 */
		r = eraser_wait(fs->eraser);
		if (r < 0)
			return r;
	}
	switch (n.kind) {
	case INO_DAY:
		r = store_day_remove(fs->store, n.u.day.id);
		if (!r)
			ghosts_drop_day(fs->ghosts, n.u.day.id);
		return r;
	case INO_SITE:
		return store_site_remove(fs->store, n.u.site.id);
	default:
		return n.ghost ? ghosts_rmdir(fs->ghosts, n.u.ghost.row) : -ENOTEMPTY;
	}
}

static void unlink_now(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = req_fs(req);

	int r = remove_file(fs, parent, name, fuse_req_ctx(req)->pid);
	(void)fuse_reply_err(req, fs_errno(r)); /* fails when the mount is gone */
	watch_poke(fs->watch);
}

static void rmdir_now(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = req_fs(req);

	(void)fuse_reply_err(req, fs_errno(remove_dir(fs, parent, name)));
	watch_poke(fs->watch);
}

void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	turns_take(req_fs(req)->turns, req, parent, name, unlink_now);
}

void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	turns_take(req_fs(req)->turns, req, parent, name, rmdir_now);
}

static void wait_now(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino, (void)name;
	(void)fuse_reply_err(req, fs_errno(eraser_wait(req_fs(req)->eraser)));
}

/* The barrier of erase=intent: with erase=sync nothing is due. Nothing else is ever to be synced.
 */
void op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	(void)datasync, (void)fi;
	turns_take(req_fs(req)->turns, req, ino, NULL, wait_now);
}

/* What can be read is durable; what was removed may still be due, as for a folder. */
void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	op_fsyncdir(req, ino, datasync, fi);
}

/* ---- what can't be: contents and names never change */

static void refuse_name(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent, (void)name, (void)mode;
	(void)fuse_reply_err(req, EROFS);
}

static void refuse_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
			 dev_t rdev)
{
	(void)rdev;
	refuse_name(req, parent, name, mode);
}

static void refuse_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
			  struct fuse_file_info *fi)
{
	struct fs *fs = req_fs(req);

	(void)fi;
	if (ino_kind(parent) == INO_SESSION && view_named(fs, name))
		writers_add(fs->writers, fuse_req_ctx(req)->pid);
	refuse_name(req, parent, name, mode);
}

static void refuse_symlink(fuse_req_t req, const char *link, fuse_ino_t parent, const char *name)
{
	(void)link;
	refuse_name(req, parent, name, 0);
}

static void refuse_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t newparent, const char *newname)
{
	(void)ino;
	refuse_name(req, newparent, newname, 0);
}

static void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
			  const char *newname, unsigned flags)
{
	(void)newparent, (void)newname, (void)flags;
	refuse_name(req, parent, name, 0);
}

static void refuse_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
			   struct fuse_file_info *fi)
{
	(void)ino, (void)attr, (void)to_set, (void)fi;
	(void)fuse_reply_err(req, EROFS);
}

static void refuse_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
			    size_t size, int flags)
{
	(void)ino, (void)name, (void)value, (void)size, (void)flags;
	(void)fuse_reply_err(req, EROFS);
}

static void refuse_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	(void)ino, (void)name;
	(void)fuse_reply_err(req, EROFS);
}

/* What isn't here is answered with ENOSYS by libfuse, and the kernel asks no second time: forget
 * (nothing to do), access (the kernel checks the modes), flush, locks and lseek (the kernel's own
 * do), getxattr and listxattr (there are none: saves a request or two a file in `ls -l` and rsync
 * -X). */
const struct fuse_lowlevel_ops fs_ops = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.statfs = op_statfs,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.releasedir = op_releasedir,
	.fsyncdir = op_fsyncdir,
	.open = op_open,
	.read = op_read,
	.release = op_release,
	.fsync = op_fsync,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.mknod = refuse_mknod,
	.mkdir = refuse_name,
	.create = refuse_create,
	.symlink = refuse_symlink,
	.link = refuse_link,
	.rename = refuse_rename,
	.setattr = refuse_setattr,
	.setxattr = refuse_setxattr,
	.removexattr = refuse_removexattr,
};
