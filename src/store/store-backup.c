/* store-backup.c: a copy of a store that is kept up to date in place.
 *
 * Blobs never change, so they are copied at any time and once; catalog and root have to be of one
 * epoch, so they are copied under the writer lock. The backup's root is overwritten, not replaced:
 * what its old one led to, in the old catalog and in older copies of it, is as gone there as it is
 * here. That makes an erasure complete in the backup with the next run, and not before
 * (docs/BACKUP.md).
 *
 * (U1) blobs are there before a catalog that names them
 * (U2) the new slot is written beside the old one, then the catalog is exchanged, then the old slot
 * is overwritten: a run that was cut off leaves a backup that opens at one of the two epochs
 * (unless both want the same slot: then at neither, until the next run) */
#include "store-priv.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NEW_NAME "catalog.new"

struct backup {
	struct store *s;
	const char *path;
	int dirfd;               /* owned */
	struct blobstore *to;    /* owned */
	struct rootholder *root; /* owned */
	struct backup_stats *st;
	struct buf room;
	struct blob_id *have; /* owned; sorted: what the store has */
	size_t n_have, cap_have;
};

static void backup_done(struct backup *b)
{
	if (b->dirfd >= 0)
		(void)close(b->dirfd); /* a folder */
	(void)blobstore_close(b->to);
	(void)rootholder_close(b->root);
	buf_done(&b->room);
	free(b->have);
}

/* ---- the folder */

/* Is the store there a copy of ours? */
static int same_store(struct backup *b, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf name = {0};
	CLEANUP_PTR(catalog_close) struct catalog *cat = NULL;
	struct errinfo why = {0};
	struct catalog_conn *c;
	uint8_t id[16];
	int r = buf_addf(&name, "%s/%s", b->path, CATALOG_NAME);

	if (r == 0)
		r = catalog_open(name.p, &cat, &why);
	if (r == 0)
		r = catalog_get(cat, &c);
	if (r == 0) {
		r = catalog_store_id_get(c, id);
		(void)catalog_put(c);
	}
	if (r == 0 && memcmp(id, b->s->store_id, sizeof(id)) != 0)
		r = -EEXIST;
	if (r == -EPROTONOSUPPORT)
		return err_set(e, r, "'%s': %s", b->path, why.msg);
	return r < 0 ? err_set(e, -EEXIST, "'%s' is no backup of this store", b->path) : 0;
}

static int prepare_folder(struct backup *b, struct errinfo *e)
{
	struct stat here, there;

	if (fstat(b->s->dirfd, &here) < 0)
		return err_set_errno(e, -errno, "cannot look at the store");
	if (stat(b->path, &there) == 0 && here.st_dev == there.st_dev &&
	    here.st_ino == there.st_ino)
		return err_set(e, -EEXIST, "'%s' is the store itself", b->path);
	if (store_contains(b->s, b->path))
		return err_set(e, -EINVAL, "'%s' is in the store: choose another place", b->path);
	if (mkdir(b->path, 0700) < 0 && errno != EEXIST)
		return err_set_errno(e, -errno, "cannot make '%s'", b->path);
	b->dirfd = io_open_dir_at(AT_FDCWD, b->path);
	if (b->dirfd < 0)
		return err_set_errno(e, b->dirfd, "cannot open '%s'", b->path);
	int r = io_dir_empty(b->dirfd);
	if (r == 0) {
		r = same_store(b, e);
	} else if (r == 1) {
		r = store_lock_create(b->dirfd);
		if (r == 0)
			r = blobstore_dir_create(b->dirfd, BLOBS_NAME);
		if (r == 0)
			r = rootholder_file_create(b->dirfd, ROOT_NAME, &b->root);
	}
	/* its own slots, never those that a reference would lead to */
	if (r == 0 && !b->root)
		r = rootholder_file_open(b->dirfd, ROOT_NAME, &b->root);
	if (r == 0)
		r = blobstore_dir_open(b->dirfd, BLOBS_NAME, &b->to);
	return r < 0 ? err_set_errno(e, r, "cannot use '%s' for a backup", b->path) : 0;
}

/* ---- blobs */

static int on_blob(void *ctx, const struct blob_id *id)
{
	struct backup *b = ctx;

	if (b->n_have == b->cap_have) {
		size_t cap = b->cap_have ? 2 * b->cap_have : 1024;
		struct blob_id *p = reallocarray(b->have, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		b->have = p;
		b->cap_have = cap;
	}
	b->have[b->n_have++] = *id;
	return 0;
}

/* 1: copied; 0: it is there, or no longer here. */
static int copy_blob(struct backup *b, const struct blob_id *id)
{
	struct blob *from = NULL, *there = NULL;
	int r = b->s->blobs->ops->open(b->s->blobs, id, &from);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	uint64_t size = from->ops->size(from);
	r = b->to->ops->open(b->to, id, &there);
	bool same = r == 0 && there->ops->size(there) == size;
	(void)blob_close(there);
	if (r == 0 && !same) /* of a run that was cut off */
		r = b->to->ops->remove(b->to, id);
	b->room.len = 0;
	if (!same && (r == 0 || r == -ENOENT))
		r = buf_reserve(&b->room, size);
	if (!same && r == 0)
		r = from->ops->read(from, b->room.p, size, 0);
	(void)blob_close(from);
	if (same || r < 0)
		return r;
	const struct iovec v = {b->room.p, size};
	r = b->to->ops->put(b->to, id, &v, 1);
	b->st->copied_bytes += size;
	return r < 0 ? r : 1;
}

static int copy_blobs(struct backup *b)
{
	b->n_have = 0;
	int r = b->s->blobs->ops->list(b->s->blobs, on_blob, b);

	for (size_t i = 0; r >= 0 && i < b->n_have; i++) {
		r = copy_blob(b, &b->have[i]);
		b->st->copied += r == 1;
	}
	b->st->blobs = b->n_have;
	return r < 0 ? r : b->to->ops->sync(b->to);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct blob_id));
}

static int drop_if_gone(void *ctx, const struct blob_id *id)
{
	struct backup *b = ctx;

	if (b->n_have && bsearch(id, b->have, b->n_have, sizeof(*b->have), by_bytes))
		return 0;
	b->st->removed++;
	return b->to->ops->remove(b->to, id);
}

static int drop_blobs(struct backup *b)
{
	if (b->n_have)
		qsort(b->have, b->n_have, sizeof(*b->have), by_bytes);
	int r = b->to->ops->list(b->to, drop_if_gone, b);
	return r < 0 ? r : b->to->ops->sync(b->to);
}

/* ---- catalog and root, of one epoch */

static int exchange_catalog(struct backup *b)
{
	/* a reader's leftovers belong to the old one */
	static const char *const old[] = {CATALOG_NAME "-wal", CATALOG_NAME "-shm"};

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		if (unlinkat(b->dirfd, old[i], 0) < 0 && errno != ENOENT)
			return -errno;
	}
	if (renameat(b->dirfd, NEW_NAME, b->dirfd, CATALOG_NAME) < 0)
		return -errno;
	return io_sync(b->dirfd);
}

/* Under [W]. */
static int copy_keys(struct backup *b, struct catalog_conn *c)
{
	struct store *s = b->s;
	const unsigned slot = (unsigned)(s->epoch & 1);
	CLEANUP(buf_done) struct buf name = {0};
	int r = buf_addf(&name, "%s/%s", b->path, NEW_NAME);

	if (r == 0 && unlinkat(b->dirfd, NEW_NAME, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0)
		r = copy_blobs(b); /* keeps U1: those that came since the first look */
	if (r == 0)
		r = catalog_copy(c, name.p);
	if (r == 0)
		r = rootholder_write(b->root, slot, s->slots[slot]); /* keeps U2 */
	if (r == 0)
		r = exchange_catalog(b);
	if (r == 0)
		r = rootholder_shred(b->root, slot ^ 1);
	b->st->epoch = s->epoch;
	return r;
}

int store_backup(struct store *s, const char *path, struct backup_stats *ret, struct errinfo *e)
{
	CLEANUP(backup_done) struct backup b = {.s = s, .path = path, .dirfd = -1, .st = ret};
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;

	*ret = (struct backup_stats){0};
	int r = prepare_folder(&b, e);
	if (r < 0)
		return r;
	/* a copy of the root is something to know of */
	r = store_audit(s, "backup", "{}");
	if (r == 0)
		r = copy_blobs(&b);
	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r < 0)
		return err_set_errno(e, r, "cannot copy to '%s'", path);
	r = store_lock_write(s->lock);
	if (r < 0)
		return err_set_errno(e, r, "cannot lock the store");
	r = store_root_refresh_locked(s, e);
	if (r == 0)
		r = copy_keys(&b, c);
	store_unlock_write(s->lock);
	if (r == 0)
		r = drop_blobs(&b);
	return r < 0 ? err_set_errno(e, r, "cannot copy to '%s'", path) : 0;
}
