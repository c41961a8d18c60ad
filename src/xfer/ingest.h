/* ingest.h: the files that paths name: plain, in folders, in archives, compressed, from a pipe. */
#ifndef REDACTFS_SRC_XFER_INGEST_H
#define REDACTFS_SRC_XFER_INGEST_H

#include "redactfs/buf.h"
#include "redactfs/err.h"
#include "redactfs/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ingest_file {
	const char
		*name; /* for people: "dir/x.json", "backup.tar:shop/x.json"; "" standard input */
	const char *path; /* what folders it lies in: absolute, or as the archive has it; "" none */
	unsigned scope; /* one number an archive, in whose order nothing may be read; 0: files that
			 * come sorted by path */
	struct buf *data; /* borrowed; may be moved out */
};

/* Each returns 0, or a negative number that ends everything and is what ingest_* returns. */
struct ingest_ops {
	/* Is the file of this path looked at at all? Asked before it is read. */
	bool (*wants)(void *ctx, const char *path);
	int (*file)(void *ctx, const struct ingest_file *f);
	/* `name` can't be read; the rest goes on. */
	int (*refused)(void *ctx, const char *name, const struct errinfo *why);
	/* All of an archive has been given. */
	int (*scope_end)(void *ctx, unsigned scope);
	/* n more bytes of what lies on disk were read. */
	void (*read)(void *ctx, uint64_t n);
	void *ctx;
};

/* Files, folders (walked in the order of names, symbolic links not followed), archives, "-". */
int ingest_paths(char *const *paths, size_t n, const struct ingest_ops *ops);
/* Bytes of all of them on disk; 0: unknown. */
uint64_t ingest_total(char *const *paths, size_t n);

/* ---- inside of ingest */
struct ingest {
	const struct ingest_ops *ops;
	struct buf data;  /* owned: the file at hand */
	unsigned scopes;  /* given out so far */
	uint64_t members; /* of the archive at hand, all levels */
	bool count_only;
	uint64_t total;
};
/* Can't be an archive or compressed: the first bytes of a file, up to 512. */
bool ingest_is_plain(const char *p, size_t n);
/* What is in fd, of which `head` was read already. */
int ingest_archive(struct ingest *in, const char *name, const char *path, int fd,
		   const struct buf *head);
/* Tells that `name` is refused, and why. Returns what the callback did. */
int ingest_refuse(struct ingest *in, const char *name, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
