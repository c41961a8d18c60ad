/* keytree-priv.h: what the files of the key tree share: the tree and its root (keytree.c), one node
 * as bytes (keytree-node.c), the cache of opened nodes (keytree-cache.c). */
#ifndef REDACTFS_KEYTREE_PRIV_H
#define REDACTFS_KEYTREE_PRIV_H

#include "redactfs/keytree.h"

#define NODE_PLAIN_BYTES 3856u

struct node_id {
	uint32_t level; /* 0: leaf */
	uint64_t index;
	uint64_t epoch; /* that wrote this version */
};

/* What a parent knows of a child. */
struct node_link {
	bool there;
	uint64_t epoch;
	uint8_t key[KEY_BYTES];
};

static inline void node_link_wipe(struct node_link *l)
{
	wipe(l->key, sizeof(l->key));
}

/* `a` is rekeyed, and keeps the node's key until the next rekey. */
int node_seal(struct aead *a, const uint8_t store_id[16], const struct node_id *id,
	      const uint8_t key[KEY_BYTES], const uint8_t plain[NODE_PLAIN_BYTES],
	      uint8_t out[NODE_BYTES]);
/* -EBADMSG: it isn't this node, this version, of this store, or any bit of it has changed. `plain`
 * is zeros then. */
int node_open(struct aead *a, const uint8_t store_id[16], const struct node_id *id,
	      const uint8_t key[KEY_BYTES], const uint8_t in[NODE_BYTES],
	      uint8_t plain[NODE_PLAIN_BYTES]);

/* Entries of an opened node. */
bool node_has(const uint8_t *plain, unsigned i);
bool node_is_empty(const uint8_t *plain);
void leaf_get(const uint8_t *plain, unsigned i, uint8_t out[KEY_BYTES]);
void leaf_put(uint8_t *plain, unsigned i, const uint8_t key[KEY_BYTES]);
void leaf_clear(uint8_t *plain, unsigned i);
void inner_get(const uint8_t *plain, unsigned i, struct node_link *ret);
void inner_set(uint8_t *plain, unsigned i, const struct node_link *l); /* clears if !l->there */

/* A bounded cache, one version a node. */
struct node_cache;
struct node_cache *node_cache_new(size_t max_nodes); /* room for one at least */
struct node_cache *node_cache_free(struct node_cache *c);
/* The node's plaintext, or NULL; borrowed until the next put or drop. */
const uint8_t *node_cache_find(struct node_cache *c, const struct node_id *id);
/* Room for the node's plaintext, to be filled (or dropped) at once, in place of any other version
 * of it. NULL: out of memory. */
uint8_t *node_cache_put(struct node_cache *c, const struct node_id *id);
void node_cache_drop(struct node_cache *c, uint32_t level, uint64_t index);
void node_cache_drop_epoch(struct node_cache *c, uint64_t epoch);
void node_cache_drop_all(struct node_cache *c);

struct keytree_root {
	struct secret *key;     /* owned */
	struct secret *top_key; /* owned; the top node's: D(key, "redactfs top node") */
	uint64_t epoch;
	uint32_t height;
};

struct keytree {
	uint8_t store_id[16];
	struct keytree_io io;
	struct aead *aead;        /* owned; no key in it outlives keytree_settle */
	struct node_cache *cache; /* owned */
	struct keytree_root now;
	struct keytree_root before; /* key is NULL unless a commit is to be settled */
};

int keytree_root_init(struct keytree_root *ret, const uint8_t root_key[KEY_BYTES], uint64_t epoch,
		      uint32_t height);
void keytree_root_done(struct keytree_root *r);
/* The top node of a root; there is none in an empty tree. */
void keytree_top(const struct keytree_root *r, struct node_link *ret);
/* Reads and opens a node without the cache. -EUCLEAN: it is missing; -EBADMSG; the io's errors. */
int keytree_load(struct keytree *t, const struct node_id *id, const uint8_t key[KEY_BYTES],
		 uint8_t plain[NODE_PLAIN_BYTES]);

#endif
