/* chunk-cache.h: decrypted chunks, shared by all readers of a store, of bounded size. */
#ifndef CHUNK_CACHE_H
#define CHUNK_CACHE_H

#include "redactfs/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct chunk_cache;
/* Memory for `slots` chunks is reserved, and used as it is needed. */
int chunk_cache_new(size_t slots, struct chunk_cache **ret);
struct chunk_cache *chunk_cache_free(struct chunk_cache *c);
DEFINE_CLEANUP_PTR(struct chunk_cache *, chunk_cache_free)

/* A chunk that is held: its bytes stay until chunk_cache_put. */
struct chunk_ref {
	const uint8_t *p;
	size_t len;
	size_t slot; /* the cache's */
};
/* A session may be made anew on another blob: `version` tells the two apart. */
#define CHUNK_CACHE_INO_BITS 44
static inline uint64_t chunk_cache_key(uint64_t ino, uint32_t version)
{
	return ino | (uint64_t)version << CHUNK_CACHE_INO_BITS;
}
/* The chunk of a session (by its key), out of the cache, or made by `load` (which writes at most
 * CHUNK_BYTES to `out`); two threads never load one chunk at a time. `ret` must be put. load's
 * error is returned. When every slot is held it waits. */
int chunk_cache_get(struct chunk_cache *c, uint64_t key, uint32_t idx,
		    int (*load)(void *ctx, uint32_t idx, uint8_t *out, size_t *ret_len), void *ctx,
		    struct chunk_ref *ret);
void chunk_cache_put(struct chunk_cache *c, const struct chunk_ref *ref);
/* Wipes all chunks of a session, of any version: now, or when they are put back. */
void chunk_cache_forget(struct chunk_cache *c, uint64_t ino);
void chunk_cache_forget_all(struct chunk_cache *c);

#endif
