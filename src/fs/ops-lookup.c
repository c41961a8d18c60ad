/* ops-lookup.c: names, attributes, statfs, and INIT.
 *
 * Node ids are inode numbers (inode.h), so forget has nothing to do and isn't here. Entries and
 * attributes are believed for very long, since kcache takes back what changes; names that aren't
 * there for a second only, because an import makes them appear. */
#include "node.h"

#include "redactfs/log.h"

#include <sys/statvfs.h>

#define NEGATIVE_S 1.0

void op_init(void *userdata, struct fuse_conn_info *conn)
{
	const unsigned want = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS |
			      FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO |
			      FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_ATOMIC_O_TRUNC |
			      FUSE_CAP_EXPLICIT_INVAL_DATA;
	/* AUTO_INVAL_DATA would win over EXPLICIT_ and drop pages whenever an attribute was asked
	 * for anew; splice only costs, since the bytes are made in memory */
	const unsigned avoid = FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_WRITEBACK_CACHE |
			       FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE;

	(void)userdata;
	conn->want |= want & conn->capable;
	conn->want &= ~avoid;
	conn->max_background = 64; /* the default of 12 holds back parallel read-ahead */
	conn->congestion_threshold = 48;
}

static void count(atomic_uint_fast64_t *c)
{
	atomic_fetch_add_explicit(c, 1, memory_order_relaxed);
}

void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs *fs = req_fs(req);
	struct fuse_entry_param e = {0};
	struct node n;

	count(&fs->count.lookups);
	int r = node_child(fs, parent, name, &n);
	if (r == -ENOENT || r == -ENOKEY) {
		e.entry_timeout = NEGATIVE_S;
		(void)fuse_reply_entry(req,
				       &e); /* ino 0: the kernel remembers that it isn't there */
		return;
	}
	if (!r)
		r = node_stat(fs, &n, &e.attr);
	if (r < 0) {
		(void)fuse_reply_err(req, fs_errno(r)); /* a reply fails when the mount is gone */
		return;
	}
	e.ino = n.ino;
	e.attr_timeout = e.entry_timeout = node_timeout(fs, &n);
	(void)fuse_reply_entry(req, &e); /* as above */
}

/* What was there when the kernel learnt of it. A file is ESTALE, also to who has it open. A folder
 * that somebody is in is asked for before a name in it is removed or looked up, and must answer as
 * a disk's does then: `rm -f` takes ENOENT for "another was faster", and complains of ESTALE. */
static int gone(uint64_t ino)
{
	switch (ino_kind(ino)) {
	case INO_SITE:
	case INO_DAY:
	case INO_SESSION:
		return ENOENT;
	default:
		return ESTALE;
	}
}

void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = req_fs(req);
	struct stat st;
	struct node n;

	(void)fi;
	int r = node_get(fs, ino, &n);
	if (!r)
		r = node_stat(fs, &n, &st);
	if (r < 0)
		(void)fuse_reply_err(req, r == -ENOENT || r == -ENOKEY ? gone(ino) : fs_errno(r));
	else
		(void)fuse_reply_attr(req, &st, node_timeout(fs, &n));
}

void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = req_fs(req);
	struct store_space space;

	(void)ino;
	int r = store_space(fs->store, &space);
	if (r < 0) {
		(void)fuse_reply_err(req, fs_errno(r));
		return;
	}
	/* Of the file system that the store lies on, but for the files in use. What is free of
	 * those is its too: none free would be "100 % of inodes used", which monitors take for a
	 * fault. */
	struct statvfs st = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_blocks = space.blobs.bytes_total / 4096,
		.f_bfree = space.blobs.bytes_free / 4096,
		.f_bavail = space.blobs.bytes_avail / 4096,
		.f_namemax = NAME_MAX,
	};
	if (space.blobs.files) {
		st.f_ffree = space.blobs.files_free;
		st.f_files = st.f_ffree +
			     space.sessions * (1 + (unsigned)__builtin_popcount(fs->o->views));
	}
	(void)fuse_reply_statfs(req, &st);
}
