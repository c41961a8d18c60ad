/* keytree.h: the tree of data keys (docs/FORMAT.md "key tree").
 *
 * A node is sealed under a key that only its parent holds; the top node's key comes out of the root
 * key. A commit writes every touched node anew under a fresh key, up to a fresh root key: what an
 * old root key opened, the new one doesn't lead to. Nodes are kept by the caller (`struct
 * keytree_io`).
 *
 * Not thread-safe: one keytree is used by one thread, or under the caller's lock. */
#ifndef REDACTFS_KEYTREE_H
#define REDACTFS_KEYTREE_H

#include "redactfs/crypto.h"

#define NODE_BYTES    3920u /* with its columns in one page of the catalog: one read each */
#define LEAF_KEYS     120u  /* data keys a leaf: kid = leaf * LEAF_KEYS + slot */
#define NODE_CHILDREN 96u   /* children an inner node */

struct keytree_io {
	void *ctx;
	/* Reads the node (level 0 = leaf) written in `epoch`. -ENOENT: there is none. */
	int (*load)(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
		    uint8_t out[NODE_BYTES]);
	/* Adds a node; rows of other epochs stay. A second save of the same triple replaces it.
	 * Nodes of a commit that failed, or was rolled back, are the caller's to remove. NULL: the
	 * tree is only read. */
	int (*save)(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
		    const uint8_t in[NODE_BYTES]);
	/* Called for each node version that a commit superseded, after all saves; the caller
	 * removes it once the new root slot is durable and the old one overwritten. May be NULL. */
	int (*superseded)(void *ctx, uint32_t level, uint64_t index, uint64_t epoch);
};

struct keytree;
/* Opens the tree of (root_key, epoch, height). Height 0 is an empty tree. Copies the root key and
 * `io`, reads nothing yet. Verified nodes are cached in secret memory, at most `cache_nodes` of
 * them (but one at least), some 4 KiB each. -EINVAL: a height over LIMIT_TREE_HEIGHT. */
int keytree_new(const uint8_t store_id[16], const struct secret *root_key, uint64_t epoch,
		uint32_t height, size_t cache_nodes, const struct keytree_io *io,
		struct keytree **ret);
struct keytree *keytree_free(struct keytree *t);
DEFINE_CLEANUP_PTR(struct keytree *, keytree_free)
uint64_t keytree_epoch(const struct keytree *t);
uint32_t keytree_height(const struct keytree *t);
/* The root key as it is now, borrowed until the next commit or free. */
const struct secret *keytree_root_key(const struct keytree *t);

/* Another process committed: go on with its root. Nothing of the old one stays in memory. */
int keytree_advance(struct keytree *t, const struct secret *root_key, uint64_t epoch,
		    uint32_t height);

/* -ENOKEY: no key under this kid; -EBADMSG: a node on the path doesn't verify; -EUCLEAN: a node is
 * missing (or another process has committed and removed what it superseded: look at the root slot
 * first); else what io->load returned. */
int keytree_get(struct keytree *t, uint64_t kid, uint8_t out[KEY_BYTES]);

struct keytree_change {
	uint64_t kid;
	bool erase; /* else: put `key` */
	uint8_t key[KEY_BYTES];
};
/* One commit for all changes: writes the touched nodes anew through io->save with epoch + 1, under
 * fresh keys up to a fresh root key. The tree then stands at the new epoch; until keytree_settle()
 * the old root is kept in memory, and keytree_rollback() goes back to it (the slot could not be
 * written). `changes` may be in any order; it is sorted in place; the caller wipes it. An empty
 * list re-keys the top node alone (an operator was removed). Erasing a kid that isn't there is no
 * error: a batch may be done twice.
 *
 * On any error the tree stands where it stood. -EROFS: there is no io->save; -EBUSY: the commit
 * before is neither settled nor rolled back; -EINVAL: a kid twice in one list; -EEXIST: a key is
 * there already under a new kid; -EBADMSG and -EUCLEAN as in keytree_get; else what the io
 * returned. */
int keytree_commit(struct keytree *t, struct keytree_change *changes, size_t n);
/* The old root is overwritten: forget it too. No erased key is in the tree's memory after that. */
void keytree_settle(struct keytree *t);
/* -EINVAL: there is no commit to go back from. */
int keytree_rollback(struct keytree *t);

/* Walks every node that the root leads to, past the cache (for verify), kids in rising order. Ends
 * when a callback returns something else than 0, which is then returned. */
struct keytree_visit {
	void *ctx;
	int (*leaf_key)(void *ctx, uint64_t kid);
	/* A node that is missing (-EUCLEAN) or doesn't verify (-EBADMSG), with a message; the walk
	 * passes over what lies below it. NULL: it ends there. */
	int (*fault)(void *ctx, uint32_t level, uint64_t idx, int code, const char *what);
	int (*node)(void *ctx); /* each node that was opened; may be NULL */
};
int keytree_walk(struct keytree *t, const struct keytree_visit *v, struct errinfo *e);

#endif
