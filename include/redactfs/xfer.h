/* xfer.h: bytes from outside into the store, and out of it. src/xfer/ is the only folder that calls
 * libarchive. */
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

/* A zip of sessions for the person they are of: each as a mount shows it (a reveal mount, where
 * `reveal`, which takes a login with it), and index.html. */
struct export_opts {
	const uint64_t *inos; /* borrowed */
	size_t n;
	bool reveal;
	void (*progress)(void *ctx, uint64_t done, uint64_t of); /* may be NULL */
	void *ctx;
};
struct export_stats {
	uint64_t sessions, gone; /* gone: erased before they were come to; left out */
	uint64_t bytes;          /* before compression */
};
/* Writes to fd. On failure what was written is of no use: -ESTALE: a session was erased or its
 * policy changed meanwhile; -EACCES: a restricted one, without `reveal`; -EBADMSG: a damaged one.
 */
int export_zip(struct store *s, const struct export_opts *o, int fd, struct export_stats *ret,
	       struct errinfo *e);

/* Reads one input (decompressing gzip, zstd, xz…) as a single stream of bytes, for `redactfs
 * redact`. -E2BIG over LIMIT_INPUT_BYTES. */
int ingest_stream(int fd, struct buf *ret, struct errinfo *e);

#endif
