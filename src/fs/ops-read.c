/* ops-read.c: opening and reading. Fails closed: whatever isn't certain is an error, and never
 * short or padded data (a backup would take it for the file).
 *
 * (R1) A file that is opened while its session is being erased or restricted doesn't stay readable:
 *      the row is looked for again once the handle stands in the table, where those look for it. */
#include "ctl.h"
#include "handle.h"
#include "kcache.h"
#include "node.h"
#include "pages.h"
#include "rbuf.h"
#include "text.h"
#include "writers.h"

#include <fcntl.h>

/* Errors that are told when a file is open: its session has gone, or was restricted. */
static int open_errno(int r)
{
	return r == -ENOKEY || r == -ENOENT || r == -EACCES ? ESTALE : fs_errno(r);
}

static int open_ctl(struct fs *fs, const struct node *n, const struct file_ops **ret_ops,
		    void **ret_file)
{
	*ret_ops = &text_ops;
	if (n->kind == INO_POLICY)
		return ctl_policy_open(fs, &n->u.site, ret_file);
	if (n->kind == INO_NOTICE)
		return ctl_notice_open(fs, &n->u.site, ctl_notice_lang(n->ino), ret_file);
	if (n->ino == INO_CTL_STATUS)
		return ctl_status_open(fs, ret_file);
	*ret_ops = &ctl_audit_ops;
	return ctl_audit_open(fs, ret_file);
}

static int open_session_file(struct fs *fs, const struct node *n, struct handle **ret)
{
	const struct session_row *row = &n->u.session;
	const struct view *v = view_of_kind(fs, n->kind);
	struct session_row now;
	void *file;

	if (n->ghost || !v)
		return -ENOENT;
	int r = view_allowed(fs, row);
	if (!r)
		r = v->open(fs, row, &file);
	if (r < 0)
		return fs_session_error(fs, row->ino, r);
	pages_touch(fs->pages, n->ino); /* before R1's look: who erases must see it */
	r = handle_open(fs->handles, n->ino, row->ino, row->rendering, v->ops, file, ret);
	if (r < 0)
		return r;
	r = store_session_get(fs->store, row->ino, &now); /* keeps R1 */
	if (!r && (view_allowed(fs, &now) < 0 || now.rendering != row->rendering))
		r = -ESTALE; /* the kernel looks the name up anew and comes back */
	if (r < 0)
		handle_close(fs->handles, *ret);
	return r;
}

void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = req_fs(req);
	const struct file_ops *ops;
	struct handle *h = NULL;
	struct node n;
	void *file;

	atomic_fetch_add_explicit(&fs->count.opens, 1, memory_order_relaxed);
	if ((fi->flags & O_ACCMODE) != O_RDONLY || (fi->flags & O_TRUNC)) {
		if (view_of_kind(fs, ino_kind(ino)))
			writers_add(fs->writers, fuse_req_ctx(req)->pid);
		(void)fuse_reply_err(req, EROFS); /* a reply fails when the mount is gone */
		return;
	}
	int r = node_get(fs, ino, &n);
	if (!r && node_is_dir(&n))
		r = -EISDIR;
	if (!r && (n.kind == INO_FIXED || n.kind == INO_POLICY || n.kind == INO_NOTICE)) {
		r = open_ctl(fs, &n, &ops, &file);
		if (!r)
			r = handle_open(fs->handles, ino, 0, 0, ops, file, &h);
		fi->direct_io = 1; /* their size isn't known before */
	} else if (!r) {
		r = open_session_file(fs, &n, &h);
		fi->direct_io = fs->o->direct_io;
		fi->keep_cache = !r && pages_keep(fs->pages, ino, n.u.session.rendering);
	}
	if (r < 0) {
		(void)fuse_reply_err(req, fs_errno(r));
		return;
	}
	fi->noflush = 1; /* nothing is ever written: saves a request a close */
	fi->fh = (uint64_t)(uintptr_t)h;
	if (fuse_reply_open(req, fi) < 0)
		handle_close(fs->handles, h); /* interrupted: there will be no release */
}

void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct fs *fs = req_fs(req);
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;

	(void)ino;
	struct rbuf *b = rbuf_get(size);
	if (!b) {
		(void)fuse_reply_err(req, ENOMEM);
		return;
	}
	ssize_t r = h->ops->pread(h->file, b->data, size, (uint64_t)off);
	if (r < 0) {
		(void)fs_session_error(fs, h->row, (int)r);
		(void)fuse_reply_err(req, open_errno((int)r));
	} else {
		atomic_fetch_add_explicit(&fs->count.reads, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&fs->count.read_bytes, (uint_fast64_t)r,
					  memory_order_relaxed);
		(void)fuse_reply_buf(req, b->data, (size_t)r);
	}
	rbuf_put(b);
}

void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = req_fs(req);
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;
	/* a private mapping reads through the page cache even so, and leaves it there */
	bool drop = fs->o->direct_io && h->row;

	handle_close(fs->handles, h);
	(void)fuse_reply_err(req, 0);
	if (drop)
		kcache_pages(fs->kcache, ino);
}
