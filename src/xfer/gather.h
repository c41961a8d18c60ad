/* gather.h: files into recordings. Most files are one; a session's segments make one together, and
 * so do events.json and session.json of a folder copied off a mount. */
#ifndef REDACTFS_SRC_XFER_GATHER_H
#define REDACTFS_SRC_XFER_GATHER_H

#include "ingest.h"
#include "origin.h"

#include "redactfs/canon.h"

struct recording {
	const char *name; /* for messages; "" standard input */
	const struct canon_piece *pieces;
	size_t n;
	const struct origin *origin; /* NULL: not off a mount */
};

/* Both return 0, or a negative number that ends everything. */
struct gather_ops {
	int (*recording)(void *ctx, const struct recording *r);
	int (*refused)(void *ctx, const char *name, const struct errinfo *why);
	void *ctx;
};

struct gather;
int gather_new(const struct gather_ops *ops, struct gather **ret); /* borrows ops */
struct gather *gather_free(struct gather *g);
DEFINE_CLEANUP_PTR(struct gather *, gather_free)

/* For ingest_ops. Everything has been given once scope 0 has ended. */
bool gather_wants(const char *path);
int gather_file(struct gather *g, const struct ingest_file *f);
int gather_scope_end(struct gather *g, unsigned scope);

#endif
