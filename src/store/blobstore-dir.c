/* blobstore-dir.c: blobs as files, ab/ABCD…; see blobstore.h.
 *
 * A file is written under its final name, because nobody looks for it before its row exists, and
 * its name was written down in the catalog before (store-batch.c). Files stay open until they are
 * synced, all together: to start writing each one at once costs the processor more than it saves.
 * The folders come last: 256 of them at most, instead of one sync a blob.
 *
 * (Y1) dir_sync returns 0 only if every put and remove before it is durable: whoever finds nothing
 *      left to sync knows that it was synced, because one failure makes all later syncs fail */
#include "redactfs/blobstore.h"
#include "redactfs/hex.h"
#include "redactfs/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define WRITTEN_MAX  128u /* open files that an import may cost */
#define SYNC_THREADS 15u
#define FETCH_BYTES  (128 << 10) /* the whole of a small session */

struct blobstore_dir {
	struct blobstore bs;
	int fd;                   /* owned: the blobs folder */
	pthread_mutex_t mtx;      /* guards all below but for sync_mtx */
	bool dirty[256];          /* folders changed since the last sync */
	int written[WRITTEN_MAX]; /* owned: files put since */
	size_t n_written;
	int failed;               /* the first error of a sync, for good: keeps Y1 */
	pthread_mutex_t sync_mtx; /* one sync at a time, taken before mtx */
};
struct blob_file {
	struct blob b;
	int fd; /* owned */
	uint64_t size;
};

#define NAME_BYTES   33u
#define CREATE_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)

static struct blobstore_dir *dir_of(struct blobstore *bs)
{
	return (struct blobstore_dir *)(void *)bs;
}

static const char hex[] = "0123456789abcdef";

static void folder_of(unsigned i, char folder[3])
{
	folder[0] = hex[i >> 4 & 15];
	folder[1] = hex[i & 15];
	folder[2] = 0;
}

static void names_of(const struct blob_id *id, char folder[3], char name[NAME_BYTES])
{
	for (size_t i = 0; i < sizeof(id->b); i++) {
		name[2 * i] = hex[id->b[i] >> 4];
		name[2 * i + 1] = hex[id->b[i] & 15];
	}
	name[NAME_BYTES - 1] = 0;
	folder_of(id->b[0], folder);
}

static void mark_dirty(struct blobstore_dir *d, const struct blob_id *id)
{
	pthread_mutex_lock(&d->mtx);
	d->dirty[id->b[0]] = true;
	pthread_mutex_unlock(&d->mtx);
}

static int write_all(int fd, const struct iovec *v, int n)
{
	for (int i = 0; i < n; i++) {
		int r = io_write(fd, v[i].iov_base, v[i].iov_len);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Files that are synced by several threads: each sync is mostly waiting for the disk, and those
 * that wait together are answered together. */
struct syncing {
	int fds[WRITTEN_MAX];
	size_t n;
	atomic_size_t next;
	atomic_int failed;
};

static void *sync_some(void *arg)
{
	struct syncing *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n) {
		int r = io_sync(w->fds[i]);

		if (r < 0)
			atomic_store(&w->failed, r);
		(void)close(w->fds[i]); /* what was written is synced, or has failed for good */
	}
	return NULL;
}

/* Syncs the files put so far. Under sync_mtx. */
static int sync_files(struct blobstore_dir *d)
{
	struct syncing w = {0};
	pthread_t threads[SYNC_THREADS];
	size_t n = 0;

	pthread_mutex_lock(&d->mtx);
	w.n = d->n_written;
	memcpy(w.fds, d->written, w.n * sizeof(*w.fds));
	d->n_written = 0;
	atomic_store(&w.failed, d->failed);
	pthread_mutex_unlock(&d->mtx);
	/* with fewer threads, or none, it takes longer */
	while (n < SYNC_THREADS && n + 1 < w.n &&
	       pthread_create(&threads[n], NULL, sync_some, &w) == 0)
		n++;
	(void)sync_some(&w);
	while (n > 0)
		(void)pthread_join(threads[--n], NULL);
	return atomic_load(&w.failed);
}

static int fail(struct blobstore_dir *d, int r)
{
	if (r < 0) {
		pthread_mutex_lock(&d->mtx);
		d->failed = r;
		pthread_mutex_unlock(&d->mtx);
	}
	return r;
}

/* Leaves a written file to the next sync; takes it over. */
static int leave_to_sync(struct blobstore_dir *d, int fd)
{
	int r = 0;

	pthread_mutex_lock(&d->mtx);
	while (d->n_written == WRITTEN_MAX && r == 0) {
		pthread_mutex_unlock(&d->mtx);
		pthread_mutex_lock(&d->sync_mtx);
		r = fail(d, sync_files(d));
		pthread_mutex_unlock(&d->sync_mtx);
		pthread_mutex_lock(&d->mtx);
	}
	if (r == 0)
		d->written[d->n_written++] = fd;
	pthread_mutex_unlock(&d->mtx);
	if (r < 0)
		(void)close(fd); /* the put has failed */
	return r;
}

static int dir_put(struct blobstore *bs, const struct blob_id *id, const struct iovec *v, int n)
{
	struct blobstore_dir *d = dir_of(bs);
	char path[3 + NAME_BYTES];

	names_of(id, path, path + 3);
	path[2] = '/';
	CLEANUP_FD int fd = io_open_at(d->fd, path, CREATE_FLAGS, 0600);
	if (fd == -ENOENT) { /* the first in its folder */
		path[2] = 0;
		int r = io_mkdir_at(d->fd, path, 0700);
		if (r < 0)
			return r;
		path[2] = '/';
		fd = io_open_at(d->fd, path, CREATE_FLAGS, 0600);
	}
	if (fd < 0)
		return fd;
	mark_dirty(d, id);
	int r = write_all(fd, v, n);
	if (r == 0)
		r = leave_to_sync(d, take_fd(&fd));
	if (r < 0)
		(void)unlinkat(d->fd, path, 0); /* its name is known: the next open tries again */
	return r;
}

static int dir_sync(struct blobstore *bs)
{
	struct blobstore_dir *d = dir_of(bs);

	pthread_mutex_lock(&d->sync_mtx);
	int r = sync_files(d);
	for (unsigned i = 0; r == 0 && i < 256; i++) {
		char folder[3];

		pthread_mutex_lock(&d->mtx);
		bool dirty = d->dirty[i];
		d->dirty[i] = false;
		pthread_mutex_unlock(&d->mtx);
		if (!dirty)
			continue;
		folder_of(i, folder);
		r = io_sync_dir_at(d->fd, folder);
	}
	(void)fail(d, r);
	pthread_mutex_unlock(&d->sync_mtx);
	return r;
}

static int dir_open(struct blobstore *bs, const struct blob_id *id, struct blob **ret);

/* What is no plain file was put there by somebody, and must not hold up a thread as a pipe would.
 * Reading leaves no mark on a blob, where the file is ours to say so: the mark would be a write for
 * each blob that a backup reads, and tell who was looked at. */
static int open_file(struct blobstore *bs, const char *path)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = io_open_at(dir_of(bs)->fd, path, flags | O_NOATIME, 0);

	if (fd == -EPERM)
		fd = io_open_at(dir_of(bs)->fd, path, flags, 0);
	switch (fd) {
	case -ELOOP:
	case -ENXIO:
	case -ENOTDIR:
		return -EUCLEAN;
	case -EACCES: /* these would be told to readers, as of their own file or their own right */
	case -EPERM:
	case -ESTALE:
		return -EIO;
	default:
		return fd;
	}
}

static void dir_fetch(struct blobstore *bs, const struct blob_id *id)
{
	char path[3 + NAME_BYTES];

	names_of(id, path, path + 3);
	path[2] = '/';
	CLEANUP_FD int fd = open_file(bs, path);
	if (fd >= 0)
		(void)posix_fadvise(fd, 0, FETCH_BYTES, POSIX_FADV_WILLNEED); /* a hint */
}

static int blob_file_read(struct blob *b, void *out, size_t n, uint64_t off)
{
	int r = io_pread_exact(((struct blob_file *)(void *)b)->fd, out, n, off);

	return r == -ESTALE ? -EIO : r; /* of a network's disk; here it means erased */
}

static uint64_t blob_file_size(const struct blob *b)
{
	return ((const struct blob_file *)(const void *)b)->size;
}

static void blob_file_close(struct blob *b)
{
	(void)close(((struct blob_file *)(void *)b)->fd); /* read only */
	free(b);
}

static int dir_remove(struct blobstore *bs, const struct blob_id *id)
{
	struct blobstore_dir *d = dir_of(bs);
	char path[3 + NAME_BYTES];

	names_of(id, path, path + 3);
	path[2] = '/';
	if (unlinkat(d->fd, path, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	mark_dirty(d, id);
	return 0;
}

static bool parse_name(const char *s, struct blob_id *ret)
{
	for (size_t i = 0; i < sizeof(ret->b); i++, s += 2) {
		int hi = hex_lower(s[0]), lo = hi < 0 ? -1 : hex_lower(s[1]);

		if (lo < 0)
			return false;
		ret->b[i] = (uint8_t)(hi << 4 | lo);
	}
	return !*s;
}

static int list_folder(int dirfd, int (*each)(void *ctx, const struct blob_id *id), void *ctx)
{
	DIR *dp = fdopendir(dirfd);
	int r = 0;

	if (!dp) {
		r = -errno;
		(void)close(dirfd); /* nothing was written */
		return r;
	}
	while (r == 0) {
		struct blob_id id;

		errno = 0;
		struct dirent *de = readdir(dp);
		if (!de) {
			r = -errno;
			break;
		}
		if (parse_name(de->d_name, &id))
			r = each(ctx, &id);
	}
	(void)closedir(dp); /* read only */
	return r;
}

static int dir_list(struct blobstore *bs, int (*each)(void *ctx, const struct blob_id *id),
		    void *ctx)
{
	for (unsigned i = 0; i < 256; i++) {
		char folder[3];

		folder_of(i, folder);
		int fd = io_open_dir_at(dir_of(bs)->fd, folder);
		if (fd == -ENOENT)
			continue;
		int r = fd < 0 ? fd : list_folder(fd, each, ctx);
		if (r < 0)
			return r;
	}
	return 0;
}

static int dir_space(struct blobstore *bs, struct blob_space *ret)
{
	struct statvfs v;

	if (fstatvfs(dir_of(bs)->fd, &v) < 0)
		return -errno;
	*ret = (struct blob_space){.bytes_total = (uint64_t)v.f_blocks * v.f_frsize,
				   .bytes_free = (uint64_t)v.f_bfree * v.f_frsize,
				   .bytes_avail = (uint64_t)v.f_bavail * v.f_frsize,
				   .files = v.f_files,
				   .files_free = v.f_favail};
	return 0;
}

static void dir_close(struct blobstore *bs)
{
	struct blobstore_dir *d = dir_of(bs);

	for (size_t i = 0; i < d->n_written; i++)
		(void)close(d->written[i]); /* of a batch that was given up */
	(void)close(d->fd);                 /* a folder */
	pthread_mutex_destroy(&d->mtx);
	pthread_mutex_destroy(&d->sync_mtx);
	free(d);
}

static const struct blobstore_ops dir_ops = {
	.put = dir_put,
	.sync = dir_sync,
	.open = dir_open,
	.fetch = dir_fetch,
	.read = blob_file_read,
	.size = blob_file_size,
	.blob_close = blob_file_close,
	.remove = dir_remove,
	.list = dir_list,
	.space = dir_space,
	.close = dir_close,
};

static int dir_open(struct blobstore *bs, const struct blob_id *id, struct blob **ret)
{
	char path[3 + NAME_BYTES];
	struct stat st;

	names_of(id, path, path + 3);
	path[2] = '/';
	CLEANUP_FD int fd = open_file(bs, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EUCLEAN;
	struct blob_file *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->b.ops = &dir_ops;
	f->size = (uint64_t)st.st_size;
	f->fd = take_fd(&fd);
	*ret = &f->b;
	return 0;
}

int blobstore_dir_create(int dirfd, const char *name)
{
	int r = io_mkdir_at(dirfd, name, 0700);

	return r == 1 ? -EEXIST : r;
}

int blobstore_dir_open(int dirfd, const char *name, struct blobstore **ret)
{
	CLEANUP_FD int fd = io_open_dir_at(dirfd, name);
	struct blobstore_dir *d;

	if (fd < 0)
		return fd;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->bs.ops = &dir_ops;
	d->fd = take_fd(&fd);
	pthread_mutex_init(&d->mtx, NULL);
	pthread_mutex_init(&d->sync_mtx, NULL);
	*ret = &d->bs;
	return 0;
}
