/* turns.h: how many workers may be at a removal at once.
 *
 * A removal waits for the store's writer lock, which another process has while it copies the
 * catalog, say, or for as long as it is stopped; a barrier waits for erasures, which wait for it
 * too. Were all workers there, nobody could read. So some of them do all removals, and what comes
 * meanwhile is kept for them, in the order in which it came. Any thread. */
#ifndef REDACTFS_SRC_FS_TURNS_H
#define REDACTFS_SRC_FS_TURNS_H

#include "fs-priv.h"

struct turns;

struct turns *turns_new(unsigned workers);
/* Once no worker runs any more. */
struct turns *turns_free(struct turns *t);
/* `run` replies to `req`: here and now, or later by a worker that is at a removal already; then
 * `name` (may be NULL) is a copy. */
void turns_take(struct turns *t, fuse_req_t req, fuse_ino_t ino, const char *name,
		void (*run)(fuse_req_t req, fuse_ino_t ino, const char *name));

#endif
