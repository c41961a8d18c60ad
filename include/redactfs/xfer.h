/* xfer.h: bytes from outside into the store. src/xfer/ is the only folder that calls libarchive. */
#ifndef REDACTFS_XFER_H
#define REDACTFS_XFER_H

#include "redactfs/store.h"

#include <stdbool.h>
#include <stdint.h>

/* What an import says while it goes on and when it ends. */
struct import_stats {
	uint64_t files; /* recordings looked at */
	uint64_t stored, same, tombstoned, refused;
	uint64_t bytes_in;    /* decompressed */
	uint64_t bytes_total; /* of all inputs as they lie on disk; 0 unknown (standard input) */
	uint64_t bytes_read;  /* of them read so far */
};
struct import_opts {
	const char *site;    /* NULL: only trees copied off a mount, which carry their own */
	const char *visitor; /* NULL: unknown */
	const struct session_id *id; /* NULL: from the wrapper, or drawn; else one recording only */
	/* One line for each refused file; never content. */
	void (*refused)(void *ctx, const char *name, const struct errinfo *why);
	void (*stored)(void *ctx, const char *name, enum put_result res,
		       const struct session_id *id);
	void (*progress)(void *ctx, const struct import_stats *now);
	void *ctx;
};
/* Imports paths (files, folders, archives, "-" for standard input). Commits every 256 sessions or
 * 64 MiB, and at the end. Returns 0 also when files were refused (ret->refused says how many);
 * negative when the store itself failed, with what was committed before kept. */
int import_paths(struct store *s, const struct import_opts *o, char *const *paths, size_t n,
		 struct import_stats *ret, struct errinfo *e);

/* Reads one input (decompressing gzip, zstd, xz…) as a single stream of bytes, for `redactfs
 * redact`. -E2BIG over LIMIT_INPUT_BYTES. */
int ingest_stream(int fd, struct buf *ret, struct errinfo *e);

#endif
