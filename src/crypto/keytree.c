/* keytree.c: the tree of data keys: its root, reading, walking; see keytree.h. What a commit writes
 * is made in keytree-commit.c.
 *
 * A tree is nothing but a root (key, epoch, height) and the nodes it leads to, so going to another
 * root, forth or back, is an assignment. Two roots are held at most: the one of now, and after a
 * commit the one before, until the caller knows that the new slot is on the disk.
 *
 * (T1) the top node of a root of epoch E was written in epoch E: every commit writes it
 * (T2) nothing of a node is used before it verified under the key that its parent holds
 * (T3) after keytree_settle, no key that the commit erased and none that led to one is left in
 * memory of the tree */
#include "keytree-priv.h"

#include "crypto-priv.h"
#include "redactfs/limits.h"

#include <string.h>

void keytree_root_done(struct keytree_root *r)
{
	r->key = secret_free(r->key);
	r->top_key = secret_free(r->top_key);
}

int keytree_root_init(struct keytree_root *ret, const uint8_t root_key[KEY_BYTES], uint64_t epoch,
		      uint32_t height)
{
	CLEANUP(keytree_root_done) struct keytree_root r = {.epoch = epoch, .height = height};

	r.key = secret_from(root_key, KEY_BYTES);
	r.top_key = secret_new(KEY_BYTES);
	if (!r.key || !r.top_key)
		return -ENOMEM;
	int e = derive(root_key, "redactfs top node", r.top_key->b);
	if (e < 0)
		return e;
	*ret = r;
	r.key = r.top_key = NULL; /* moved out */
	return 0;
}

void keytree_top(const struct keytree_root *r, struct node_link *ret)
{
	ret->there = r->height > 0;
	ret->epoch = r->epoch; /* T1 */
	memcpy(ret->key, r->top_key->b, KEY_BYTES);
}

int keytree_load(struct keytree *t, const struct node_id *id, const uint8_t key[KEY_BYTES],
		 uint8_t plain[NODE_PLAIN_BYTES])
{
	uint8_t raw[NODE_BYTES];
	int r = t->io.load(t->io.ctx, id->level, id->index, id->epoch, raw);
	if (r < 0)
		return r == -ENOENT ? -EUCLEAN : r;
	return node_open(t->aead, t->store_id, id, key, raw, plain); /* keeps T2 */
}

int keytree_new(const uint8_t store_id[16], const struct secret *root_key, uint64_t epoch,
		uint32_t height, size_t cache_nodes, const struct keytree_io *io,
		struct keytree **ret)
{
	static const uint8_t no_key[KEY_BYTES];

	if (root_key->len != KEY_BYTES || height > LIMIT_TREE_HEIGHT)
		return -EINVAL;
	CLEANUP_PTR(keytree_free) struct keytree *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	memcpy(t->store_id, store_id, sizeof(t->store_id));
	t->io = *io;
	t->cache = node_cache_new(cache_nodes);
	if (!t->cache)
		return -ENOMEM;
	int r = aead_new(no_key, &t->aead);
	if (r < 0)
		return r;
	r = keytree_root_init(&t->now, root_key->b, epoch, height);
	if (r < 0)
		return r;
	*ret = TAKE(t);
	return 0;
}

struct keytree *keytree_free(struct keytree *t)
{
	if (!t)
		return NULL;
	keytree_root_done(&t->now);
	keytree_root_done(&t->before);
	t->cache = node_cache_free(t->cache);
	t->aead = aead_free(t->aead);
	free(t);
	return NULL;
}

uint64_t keytree_epoch(const struct keytree *t)
{
	return t->now.epoch;
}

uint32_t keytree_height(const struct keytree *t)
{
	return t->now.height;
}

const struct secret *keytree_root_key(const struct keytree *t)
{
	return t->now.key;
}

/* The context holds the key schedule of the last node it worked on. */
static int aead_forget(struct keytree *t)
{
	static const uint8_t no_key[KEY_BYTES];

	return aead_rekey(t->aead, no_key);
}

int keytree_advance(struct keytree *t, const struct secret *root_key, uint64_t epoch,
		    uint32_t height)
{
	struct keytree_root next;

	if (root_key->len != KEY_BYTES || height > LIMIT_TREE_HEIGHT)
		return -EINVAL;
	int r = keytree_root_init(&next, root_key->b, epoch, height);
	if (r < 0)
		return r;
	keytree_root_done(&t->now);
	t->now = next;
	/* All of the cache goes, rather than what changed: to tell them apart costs reading every
	 * changed inner node, and a leaf is read and opened in a few microseconds when it is next
	 * asked for. What may not happen is that an erased key stays. */
	keytree_settle(t);
	node_cache_drop_all(t->cache);
	return 0;
}

void keytree_settle(struct keytree *t)
{
	keytree_root_done(&t->before);
	(void)aead_forget(t); /* rekeying a context that has worked fails for want of nothing */
}

int keytree_rollback(struct keytree *t)
{
	if (!t->before.key)
		return -EINVAL;
	/* The next commit has the same epoch number again, and other keys. */
	node_cache_drop_epoch(t->cache, t->now.epoch);
	keytree_root_done(&t->now);
	t->now = t->before;
	t->before = (struct keytree_root){0};
	(void)aead_forget(t);
	return 0;
}

/* ---- reading */

/* The node's plaintext, borrowed from the cache until the next call. */
static int node_get(struct keytree *t, const struct node_id *id, const uint8_t key[KEY_BYTES],
		    const uint8_t **ret)
{
	*ret = node_cache_find(t->cache, id);
	if (*ret)
		return 0;
	uint8_t *plain = node_cache_put(t->cache, id);
	if (!plain)
		return -ENOMEM;
	int r = keytree_load(t, id, key, plain);
	if (r < 0) {
		node_cache_drop(t->cache, id->level, id->index);
		return r;
	}
	*ret = plain;
	return 0;
}

int keytree_get(struct keytree *t, uint64_t kid, uint8_t out[KEY_BYTES])
{
	const uint32_t height = t->now.height;
	CLEANUP(node_link_wipe) struct node_link link;
	uint64_t path[LIMIT_TREE_HEIGHT]; /* the node's index at each level */
	const uint8_t *plain;

	if (height == 0)
		return -ENOKEY;
	path[0] = kid / LEAF_KEYS;
	for (uint32_t l = 1; l < height; l++)
		path[l] = path[l - 1] / NODE_CHILDREN;
	if (path[height - 1] != 0)
		return -ENOKEY; /* the tree hasn't grown that far */
	keytree_top(&t->now, &link);
	for (uint32_t l = height - 1; l > 0; l--) {
		const struct node_id id = {l, path[l], link.epoch};
		int r = node_get(t, &id, link.key, &plain);
		if (r < 0)
			return r;
		inner_get(plain, (unsigned)(path[l - 1] % NODE_CHILDREN), &link);
		if (!link.there)
			return -ENOKEY;
	}
	const struct node_id leaf = {0, path[0], link.epoch};
	const unsigned i = (unsigned)(kid % LEAF_KEYS);
	int r = node_get(t, &leaf, link.key, &plain);
	if (r < 0)
		return r;
	if (!node_has(plain, i))
		return -ENOKEY;
	leaf_get(plain, i, out);
	return 0;
}

/* ---- walking: past the cache, because what is on the disk is the question */

struct walk {
	struct keytree *t;
	const struct keytree_visit *v;
	struct errinfo *e;
};

static const char *node_fault(int code)
{
	switch (code) {
	case -EUCLEAN:
		return "is missing";
	case -EBADMSG:
		return "does not verify";
	default:
		return "cannot be read";
	}
}

static int walk_node(struct walk *w, const struct node_id *id, const uint8_t key[KEY_BYTES])
{
	CLEANUP_PTR(secret_free) struct secret *plain = secret_new(NODE_PLAIN_BYTES);
	if (!plain)
		return err_set(w->e, -ENOMEM, "out of memory");
	int r = keytree_load(w->t, id, key, plain->b);
	if (r < 0) {
		struct errinfo what = {0};

		(void)err_set(&what, r, "key tree: node %u/%llu of epoch %llu %s", id->level,
			      (unsigned long long)id->index, (unsigned long long)id->epoch,
			      node_fault(r));
		if ((r == -EBADMSG || r == -EUCLEAN) && w->v->fault)
			return w->v->fault(w->v->ctx, id->level, id->index, r, what.msg);
		return err_set(w->e, r, "%s", what.msg);
	}
	r = w->v->node ? w->v->node(w->v->ctx) : 0;
	if (r != 0)
		return r;
	for (unsigned i = 0; i < (id->level ? NODE_CHILDREN : LEAF_KEYS); i++) {
		CLEANUP(node_link_wipe) struct node_link link;

		if (!node_has(plain->b, i))
			continue;
		if (id->level == 0) {
			r = w->v->leaf_key(w->v->ctx, id->index * LEAF_KEYS + i);
		} else {
			inner_get(plain->b, i, &link);
			const struct node_id child = {id->level - 1, id->index * NODE_CHILDREN + i,
						      link.epoch};
			r = walk_node(w, &child, link.key);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

int keytree_walk(struct keytree *t, const struct keytree_visit *v, struct errinfo *e)
{
	struct walk w = {.t = t, .v = v, .e = e};
	CLEANUP(node_link_wipe) struct node_link top;

	keytree_top(&t->now, &top);
	if (!top.there)
		return 0;
	const struct node_id id = {t->now.height - 1, 0, top.epoch};
	return walk_node(&w, &id, top.key);
}
