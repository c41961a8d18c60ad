/* keytree-commit.c: what one commit writes: the touched nodes anew, from the leaves up to a new
 * root.
 *
 * One walk down the tree does it for any mix of new and erased keys: at each node the sorted
 * changes are divided among its children, each child is rewritten and says how it is reached now
 * (or that nothing is left of it), and the node is sealed under a key drawn for this one sealing.
 * So a batch costs the nodes it touches, each once, and the old versions lead nowhere from the new
 * root.
 *
 * (M1) until all is saved the tree stands as it was; the cache may have lost nodes, never keeps one
 * of a commit that failed
 * (M2) a node is saved after its children; the caller makes the new root known after all of them
 * (M3) no two nodes are ever sealed under one key: each draws its own, the top's comes out of a
 * root key just drawn */
#include "keytree-priv.h"

#include "crypto-priv.h"
#include "redactfs/limits.h"

#include <string.h>

struct commit {
	struct keytree *t;
	const struct keytree_root *next;
	struct node_id *superseded; /* owned */
	size_t n_superseded, cap_superseded;
};

static void commit_done(struct commit *c)
{
	free(c->superseded);
}

/* ---- sorting: in place, because qsort(3) may copy the keys into memory that nobody wipes */

static void change_swap(struct keytree_change *a, struct keytree_change *b)
{
	struct keytree_change tmp = *a;

	*a = *b;
	*b = tmp;
	wipe(&tmp, sizeof(tmp));
}

static void sift_down(struct keytree_change *v, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && v[child + 1].kid > v[child].kid)
			child++;
		if (v[i].kid >= v[child].kid)
			return;
		change_swap(&v[i], &v[child]);
	}
}

static bool is_sorted(const struct keytree_change *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (v[i - 1].kid > v[i].kid)
			return false;
	}
	return true;
}

/* Heapsort; the usual case, kids as they lie in the catalog, is seen at once. */
static void changes_sort(struct keytree_change *v, size_t n)
{
	if (is_sorted(v, n))
		return;
	for (size_t i = n / 2; i-- > 0;)
		sift_down(v, i, n);
	for (size_t end = n; end-- > 1;) {
		change_swap(&v[0], &v[end]);
		sift_down(v, 0, end);
	}
}

/* ---- rewriting */

static int superseded_add(struct commit *c, const struct node_id *id)
{
	if (c->n_superseded == c->cap_superseded) {
		size_t cap = c->cap_superseded ? 2 * c->cap_superseded : 64;
		struct node_id *p = reallocarray(c->superseded, cap, sizeof(*p));
		if (!p)
			return -ENOMEM;
		c->superseded = p;
		c->cap_superseded = cap;
	}
	c->superseded[c->n_superseded++] = *id;
	return 0;
}

/* The entry that leads to the kid in a node of this level. */
static unsigned slot_in(uint32_t level, uint64_t kid)
{
	uint64_t i = kid / LEAF_KEYS;

	if (level == 0)
		return (unsigned)(kid % LEAF_KEYS);
	for (uint32_t l = 1; l < level; l++)
		i /= NODE_CHILDREN;
	return (unsigned)(i % NODE_CHILDREN);
}

static int leaf_rewrite(uint8_t *plain, const struct keytree_change *ch, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned slot = slot_in(0, ch[i].kid);

		if (ch[i].erase)
			leaf_clear(plain, slot); /* none there: erased already, which is fine */
		else if (node_has(plain, slot))
			return -EEXIST;
		else
			leaf_put(plain, slot, ch[i].key);
	}
	return 0;
}

/* Rewrites the node `level`/`index` and all that the changes touch below it. `old` says how it was
 * reached so far, `key` what to seal it under (NULL: draw one), `ret` how it is reached from now
 * on: not at all when it has no entries left. */
static int node_rewrite(struct commit *c, uint32_t level, uint64_t index,
			const struct node_link *old, const uint8_t *key,
			const struct keytree_change *ch, size_t n, struct node_link *ret);

static int inner_rewrite(struct commit *c, uint32_t level, uint64_t index, uint8_t *plain,
			 const struct keytree_change *ch, size_t n)
{
	const uint32_t old_height = c->t->now.height;
	/* Where the tree grows, the old top hangs on below child 0, changes there or not. */
	bool carry = index == 0 && old_height > 0 && level >= old_height;

	for (size_t i = 0, end; carry || i < n; i = end) {
		const unsigned slot = carry ? 0 : slot_in(level, ch[i].kid);
		CLEANUP(node_link_wipe) struct node_link was, is;

		for (end = i; end < n && slot_in(level, ch[end].kid) == slot; end++)
			;
		if (carry && level == old_height)
			keytree_top(&c->t->now, &was);
		else
			inner_get(plain, slot, &was);
		carry = false;
		int r = node_rewrite(c, level - 1, index * NODE_CHILDREN + slot, &was, NULL, ch + i,
				     end - i, &is);
		if (r < 0)
			return r;
		inner_set(plain, slot, &is);
	}
	return 0;
}

/* The node's plaintext as it is now, out of the cache or from the disk. */
static int node_read(struct keytree *t, const struct node_id *id, const uint8_t key[KEY_BYTES],
		     uint8_t *plain)
{
	const uint8_t *cached = node_cache_find(t->cache, id);

	if (!cached)
		return keytree_load(t, id, key, plain);
	memcpy(plain, cached, NODE_PLAIN_BYTES);
	return 0;
}

static int node_write(struct commit *c, const struct node_id *id, const uint8_t *key,
		      const uint8_t *plain)
{
	struct keytree *t = c->t;
	uint8_t raw[NODE_BYTES];
	int r = node_seal(t->aead, t->store_id, id, key, plain, raw);
	if (r < 0)
		return r;
	r = t->io.save(t->io.ctx, id->level, id->index, id->epoch, raw);
	if (r < 0)
		return r;
	uint8_t *cached = node_cache_put(t->cache, id);
	if (cached) /* without memory for it, it is read again */
		memcpy(cached, plain, NODE_PLAIN_BYTES);
	return 0;
}

static int node_rewrite(struct commit *c, uint32_t level, uint64_t index,
			const struct node_link *old, const uint8_t *key,
			const struct keytree_change *ch, size_t n, struct node_link *ret)
{
	const struct node_id id = {level, index, c->next->epoch};
	CLEANUP_PTR(secret_free) struct secret *plain = secret_new(NODE_PLAIN_BYTES);
	int r;

	if (!plain)
		return -ENOMEM;
	*ret = (struct node_link){0};
	if (old->there) {
		const struct node_id was = {level, index, old->epoch};

		r = node_read(c->t, &was, old->key, plain->b);
		if (r == 0)
			r = superseded_add(c, &was);
		if (r < 0)
			return r;
	}
	r = level ? inner_rewrite(c, level, index, plain->b, ch, n) : leaf_rewrite(plain->b, ch, n);
	if (r < 0)
		return r;
	if (node_is_empty(plain->b)) {
		node_cache_drop(c->t->cache, level, index);
		return 0;
	}
	CLEANUP(node_link_wipe) struct node_link is = {.there = true, .epoch = id.epoch};
	if (key)
		memcpy(is.key, key, KEY_BYTES);
	else
		r = rng_bytes(is.key, KEY_BYTES); /* keeps M3 */
	if (r == 0)
		r = node_write(c, &id, is.key, plain->b);
	if (r < 0)
		return r;
	*ret = is;
	return 0;
}

/* ---- the commit */

/* The height at which every new key has a place. */
static uint32_t height_for(uint32_t height, const struct keytree_change *ch, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		uint32_t h = 1;

		if (ch[i].erase)
			continue;
		for (uint64_t leaf = ch[i].kid / LEAF_KEYS; leaf; leaf /= NODE_CHILDREN)
			h++;
		return h > height ? h : height;
	}
	return height;
}

/* Whether the kid has a place in a tree of this height. */
static bool within(uint32_t height, uint64_t kid)
{
	uint64_t i = kid / LEAF_KEYS;

	for (uint32_t l = 1; l < height; l++)
		i /= NODE_CHILDREN;
	return height > 0 && i == 0;
}

static int commit_write(struct commit *c, const struct keytree_change *ch, size_t n,
			struct keytree_root *next)
{
	struct keytree *t = c->t;
	CLEANUP(node_link_wipe) struct node_link old = {0}, top = {0};
	int r;

	/* sorted: kids that are beyond the tree, and so erased already, are the last ones */
	while (n && !within(next->height, ch[n - 1].kid))
		n--;
	if (next->height > 0) {
		if (next->height == t->now.height)
			keytree_top(&t->now, &old);
		r = node_rewrite(c, next->height - 1, 0, &old, next->top_key->b, ch, n, &top);
		if (r < 0)
			return r;
	}
	if (!top.there)
		next->height = 0;
	for (size_t i = 0; t->io.superseded && i < c->n_superseded; i++) {
		const struct node_id *s = &c->superseded[i];
		r = t->io.superseded(t->io.ctx, s->level, s->index, s->epoch);
		if (r < 0)
			return r;
	}
	return 0;
}

int keytree_commit(struct keytree *t, struct keytree_change *changes, size_t n)
{
	CLEANUP(keytree_root_done) struct keytree_root next = {0};
	CLEANUP(commit_done) struct commit c = {.t = t, .next = &next};
	CLEANUP(key_wipe) uint8_t root_key[KEY_BYTES];
	int r;

	if (!t->io.save)
		return -EROFS;
	if (t->before.key)
		return -EBUSY;
	changes_sort(changes, n);
	for (size_t i = 1; i < n; i++) {
		if (changes[i - 1].kid == changes[i].kid)
			return -EINVAL;
	}
	r = rng_bytes(root_key, sizeof(root_key));
	if (r < 0)
		return r;
	r = keytree_root_init(&next, root_key, t->now.epoch + 1,
			      height_for(t->now.height, changes, n));
	if (r < 0)
		return r;
	r = commit_write(&c, changes, n, &next);
	if (r < 0) {
		node_cache_drop_epoch(t->cache, next.epoch); /* keeps M1 */
		return r;
	}
	t->before = t->now;
	t->now = next;
	next.key = next.top_key = NULL; /* moved out */
	return 0;
}
