/* blobstore.h: whatever keeps the blobs: bytes under a drawn name, never changed once put. A folder
 * here (blobstore-dir.c); an object store could take its place.
 *
 * A blob store sees ciphertext only and decides nothing: that a blob is what it should be is known
 * after its tags verified (chunk-file-read.c). All functions may be called from any thread. */
#ifndef REDACTFS_BLOBSTORE_H
#define REDACTFS_BLOBSTORE_H

#include "redactfs/cleanup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>

struct blob_id {
	uint8_t b[16];
};

struct blobstore;
struct blob; /* open for reading; stays readable while open, removed or not */

/* As statvfs(3) has them. `bytes_avail` is what is free to who isn't root. `files` is 0 where they
 * aren't counted. */
struct blob_space {
	uint64_t bytes_total, bytes_free, bytes_avail, files, files_free;
};

struct blobstore_ops {
	/* The whole blob, out of n pieces. -EEXIST: there is one. Durable after the next sync. A
	 * failure leaves nothing, or (crash) part of it: names are known beforehand for that. */
	int (*put)(struct blobstore *bs, const struct blob_id *id, const struct iovec *v, int n);
	/* What was put and removed before is durable when it returns 0. */
	int (*sync)(struct blobstore *bs);
	/* -ENOENT; -EUCLEAN: what is there is no blob; -EIO: it can't be read. */
	int (*open)(struct blobstore *bs, const struct blob_id *id, struct blob **ret);
	/* A blob will be opened soon: its beginning may be fetched meanwhile. Waits for nothing,
	 * and says nothing. */
	void (*fetch)(struct blobstore *bs, const struct blob_id *id);
	/* All n bytes at off, or -ENODATA: the blob ends before. */
	int (*read)(struct blob *b, void *out, size_t n, uint64_t off);
	uint64_t (*size)(const struct blob *b);
	void (*blob_close)(struct blob *b);
	/* 0 also when there is none. */
	int (*remove)(struct blobstore *bs, const struct blob_id *id);
	/* Calls back for every blob; a negative return ends the walk and is returned. */
	int (*list)(struct blobstore *bs, int (*each)(void *ctx, const struct blob_id *id),
		    void *ctx);
	int (*space)(struct blobstore *bs, struct blob_space *ret);
	void (*close)(struct blobstore *bs);
};
/* What an implementation embeds as the first member of its objects. */
struct blobstore {
	const struct blobstore_ops *ops;
};
struct blob {
	const struct blobstore_ops *ops;
};

static inline struct blobstore *blobstore_close(struct blobstore *bs)
{
	if (bs)
		bs->ops->close(bs);
	return NULL;
}
DEFINE_CLEANUP_PTR(struct blobstore *, blobstore_close)
static inline struct blob *blob_close(struct blob *b)
{
	if (b)
		b->ops->blob_close(b);
	return NULL;
}
DEFINE_CLEANUP_PTR(struct blob *, blob_close)

/* Two levels under the folder `name` of dirfd: ab/ and the 32 hex digits of the id. dirfd is only
 * used by the call. create: makes the folder, -EEXIST. open: -ENOENT. */
int blobstore_dir_create(int dirfd, const char *name);
int blobstore_dir_open(int dirfd, const char *name, struct blobstore **ret);

#endif
