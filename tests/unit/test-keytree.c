/* test-keytree.c: reading the key tree: what is refused, what is cached, what another's commit
 * does. What commits write is test-keytree-commit.c's. */
#include "redactfs/limits.h"

#include "../../src/crypto/crypto-priv.h"
#include "../../src/crypto/keytree-priv.h"
#include "keytree-mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t store_id[16] = "a store's number";

static struct keytree *tree_open(struct mem_store *m, const struct secret *root, uint64_t epoch,
				 uint32_t height, size_t cache_nodes)
{
	const struct keytree_io io = mem_io(m);
	struct keytree *t = NULL;

	assert_int_equal(keytree_new(store_id, root, epoch, height, cache_nodes, &io, &t), 0);
	return t;
}

/* A second tree that stands where `t` stands, with nothing cached. */
static struct keytree *tree_again(struct mem_store *m, const struct keytree *t)
{
	return tree_open(m, keytree_root_key(t), keytree_epoch(t), keytree_height(t), 8);
}

static struct keytree *tree_empty(struct mem_store *m)
{
	CLEANUP_PTR(secret_free) struct secret *root = secret_new(KEY_BYTES);

	assert_int_equal(rng_bytes(root->b, KEY_BYTES), 0);
	return tree_open(m, root, 1, 0, 64);
}

/* The key of a kid in these tests. */
static void key_of(uint64_t kid, uint8_t out[KEY_BYTES])
{
	assert_int_equal(sha256_once(&kid, sizeof(kid), out), 0);
}

static int change(struct keytree *t, uint64_t kid, bool erase)
{
	struct keytree_change c = {.kid = kid, .erase = erase};

	if (!erase)
		key_of(kid, c.key);
	int r = keytree_commit(t, &c, 1);
	if (r == 0)
		keytree_settle(t);
	return r;
}

static void assert_opens(struct keytree *t, uint64_t kid)
{
	uint8_t got[KEY_BYTES], want[KEY_BYTES];

	key_of(kid, want);
	assert_int_equal(keytree_get(t, kid, got), 0);
	assert_memory_equal(got, want, KEY_BYTES);
}

static void assert_get(struct keytree *t, uint64_t kid, int want)
{
	uint8_t out[KEY_BYTES];

	assert_int_equal(keytree_get(t, kid, out), want);
}

static void test_empty(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);

	(void)state;
	assert_get(t, 0, -ENOKEY);
	assert_get(t, UINT64_MAX, -ENOKEY);
	assert_int_equal(m.loads, 0);
	assert_int_equal(keytree_rollback(t), -EINVAL);
	assert_null(keytree_free(NULL));
}

static void test_grows_and_finds(void **state)
{
	static const struct {
		uint64_t kid;
		uint32_t height;
	} steps[] = {
		{0, 1},
		{LEAF_KEYS - 1, 1},
		{LEAF_KEYS, 2},
		{(uint64_t)LEAF_KEYS * NODE_CHILDREN - 1, 2},
		{(uint64_t)LEAF_KEYS * NODE_CHILDREN, 3},
		{1ull << 40, 7}, /* 96^5 leaves don't reach that far */
		{5, 7},
		{UINT64_MAX, LIMIT_TREE_HEIGHT},
		{UINT64_MAX - LEAF_KEYS, LIMIT_TREE_HEIGHT},
	};
	const size_t n = sizeof(steps) / sizeof(steps[0]);
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_get(t, steps[i].kid, -ENOKEY);
		assert_int_equal(change(t, steps[i].kid, /* erase= */ false), 0);
		assert_int_equal(keytree_height(t), steps[i].height);
		assert_int_equal(keytree_epoch(t), 2 + i);
		CLEANUP_PTR(keytree_free) struct keytree *again = tree_again(&m, t);
		for (size_t j = 0; j < n; j++) {
			if (j <= i)
				assert_opens(again, steps[j].kid);
			else
				assert_get(again, steps[j].kid, -ENOKEY);
		}
	}
	/* it stays high until it is empty */
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(keytree_height(t), LIMIT_TREE_HEIGHT);
		assert_int_equal(change(t, steps[i].kid, /* erase= */ true), 0);
		assert_get(t, steps[i].kid, -ENOKEY);
	}
	assert_int_equal(keytree_height(t), 0);
}

static void test_cache(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);

	(void)state;
	for (uint64_t kid = 0; kid < 10 * LEAF_KEYS; kid += LEAF_KEYS / 2)
		assert_int_equal(change(t, kid, /* erase= */ false), 0);
	CLEANUP_PTR(keytree_free)
	struct keytree *again =
		tree_open(&m, keytree_root_key(t), keytree_epoch(t), keytree_height(t), 64);
	m.loads = 0;
	for (int round = 0; round < 3; round++) {
		for (uint64_t kid = 0; kid < 10 * LEAF_KEYS; kid += LEAF_KEYS / 2)
			assert_opens(again, kid);
	}
	assert_int_equal(m.loads, 11); /* ten leaves and the top, once */

	/* the smallest caches work, only slower */
	for (size_t nodes = 0; nodes < 6; nodes++) {
		CLEANUP_PTR(keytree_free)
		struct keytree *small = tree_open(&m, keytree_root_key(t), keytree_epoch(t),
						  keytree_height(t), nodes);
		for (uint64_t kid = 0; kid < 10 * LEAF_KEYS; kid += LEAF_KEYS / 2)
			assert_opens(small, kid);
	}
}

/* A fault is seen each time: nothing unverified is kept. */
static void test_flipped_bits(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);

	(void)state;
	assert_int_equal(change(t, 1, /* erase= */ false), 0);
	assert_int_equal(change(t, 500, /* erase= */ false), 0);
	for (uint32_t level = 0; level < 2; level++) {
		struct mem_node *x = NULL;

		for (size_t i = 0; i < m.n; i++) {
			if (m.v[i].level == level && m.v[i].index == 0)
				x = &m.v[i]; /* the newest one */
		}
		assert_non_null(x);
		for (size_t i = 0; i < NODE_BYTES; i++) {
			CLEANUP_PTR(keytree_free) struct keytree *again = tree_again(&m, t);

			x->body[i] ^= (uint8_t)(1u << i % 8);
			assert_get(again, 1, -EBADMSG);
			assert_get(again, 1, -EBADMSG);
			x->body[i] ^= (uint8_t)(1u << i % 8);
			if (i % 512 == 0)
				assert_opens(again, 1);
		}
	}
	CLEANUP_PTR(secret_free)
	struct secret *root = secret_from(keytree_root_key(t)->b, KEY_BYTES);
	root->b[31] ^= 1;
	CLEANUP_PTR(keytree_free)
	struct keytree *other = tree_open(&m, root, keytree_epoch(t), keytree_height(t), 8);
	assert_get(other, 1, -EBADMSG);
}

static void test_missing_and_misplaced(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);
	uint8_t other_leaf[NODE_BYTES], old_leaf[NODE_BYTES], was[NODE_BYTES];

	(void)state;
	assert_int_equal(change(t, 0, /* erase= */ false), 0);
	memcpy(old_leaf, mem_find(&m, 0, 0, 2)->body, NODE_BYTES);
	assert_int_equal(change(t, 1, /* erase= */ false), 0);
	assert_int_equal(change(t, LEAF_KEYS, /* erase= */ false), 0);
	assert_int_equal(keytree_height(t), 2);
	memcpy(other_leaf, mem_find(&m, 0, 1, 4)->body, NODE_BYTES);
	/* the old top became leaf 0 of the new tree, written anew */
	struct mem_node *leaf = mem_find(&m, 0, 0, 4);
	assert_non_null(leaf);
	memcpy(was, leaf->body, NODE_BYTES);

	CLEANUP_PTR(keytree_free) struct keytree *again = tree_again(&m, t);
	memcpy(leaf->body, other_leaf, NODE_BYTES);
	assert_get(again, 0, -EBADMSG);
	memcpy(leaf->body, old_leaf, NODE_BYTES); /* an old version put back */
	assert_get(again, 0, -EBADMSG);
	memcpy(leaf->body, was, NODE_BYTES);
	leaf->removed = true;
	assert_get(again, 0, -EUCLEAN);
	leaf->removed = false;
	m.load_fails = 0;
	assert_get(again, 0, -EIO);
	assert_opens(again, 0);
	assert_get(again, LEAF_KEYS * 2, -ENOKEY);

	const struct keytree_io io = mem_io(&m);
	CLEANUP_PTR(keytree_free) struct keytree *foreign = NULL;
	assert_int_equal(keytree_new((const uint8_t *)"another store's.", keytree_root_key(t),
				     keytree_epoch(t), keytree_height(t), 8, &io, &foreign),
			 0);
	assert_get(foreign, 0, -EBADMSG);
}

/* Sealed with the right key, but with entries that no node has. */
static void test_too_many_entries(void **state)
{
	static const unsigned beyond[2] = {LEAF_KEYS, NODE_CHILDREN};
	uint8_t plain[NODE_PLAIN_BYTES], key[KEY_BYTES] = {3}, body[NODE_BYTES];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;

	(void)state;
	assert_int_equal(aead_new(key, &a), 0);
	for (uint32_t level = 0; level < 2; level++) {
		const struct node_id id = {level, 0, 1};

		for (unsigned bit = beyond[level]; bit < 128; bit++) {
			memset(plain, 0, sizeof(plain));
			plain[bit / 8] = (uint8_t)(1u << bit % 8);
			assert_int_equal(node_seal(a, store_id, &id, key, plain, body), 0);
			assert_int_equal(node_open(a, store_id, &id, key, body, plain), -EBADMSG);
			assert_true(node_is_empty(plain));
		}
	}
}

static void test_bad_roots(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);
	CLEANUP_PTR(secret_free) struct secret *cut = secret_new(KEY_BYTES - 1);
	CLEANUP_PTR(secret_free) struct secret *key = secret_new(KEY_BYTES);
	const struct keytree_io io = mem_io(&m);
	struct keytree *none = NULL;

	(void)state;
	assert_int_equal(keytree_new(store_id, cut, 1, 0, 8, &io, &none), -EINVAL);
	assert_int_equal(keytree_new(store_id, key, 1, LIMIT_TREE_HEIGHT + 1, 8, &io, &none),
			 -EINVAL);
	assert_null(none);
	assert_int_equal(keytree_advance(t, cut, 2, 0), -EINVAL);
	assert_int_equal(keytree_advance(t, key, 2, LIMIT_TREE_HEIGHT + 1), -EINVAL);
	assert_int_equal(keytree_epoch(t), 1);
	/* a top node that isn't there */
	assert_int_equal(keytree_advance(t, key, 2, 1), 0);
	assert_get(t, 0, -EUCLEAN);
}

/* Two processes: one commits, the other goes on with what its root slot says. */
static void test_advance(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *writer = tree_empty(&m);

	(void)state;
	assert_int_equal(change(writer, 1, /* erase= */ false), 0);
	assert_int_equal(change(writer, 200, /* erase= */ false), 0);
	CLEANUP_PTR(keytree_free) struct keytree *reader = tree_again(&m, writer);
	assert_opens(reader, 1);
	assert_opens(reader, 200);
	assert_int_equal(change(writer, 1, /* erase= */ true), 0);
	assert_opens(reader, 1); /* its root is the old one still */
	assert_int_equal(keytree_advance(reader, keytree_root_key(writer), keytree_epoch(writer),
					 keytree_height(writer)),
			 0);
	assert_get(reader, 1, -ENOKEY);
	assert_opens(reader, 200);
	assert_int_equal(keytree_epoch(reader), keytree_epoch(writer));
	/* and can commit itself from there */
	assert_int_equal(change(reader, 7, /* erase= */ false), 0);
	assert_opens(reader, 7);
	assert_opens(reader, 200);
}

struct walked {
	uint64_t kids[16];
	size_t n, stop_at;
};

static int walked_add(void *ctx, uint64_t kid)
{
	struct walked *w = ctx;

	if (w->n == w->stop_at)
		return 42;
	w->kids[w->n++] = kid;
	return 0;
}

static void test_walk(void **state)
{
	static const uint64_t kids[] = {0, 3, 119, 120, 5000, 1ull << 33};
	const size_t n = sizeof(kids) / sizeof(kids[0]);
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_empty(&m);
	struct walked w = {.stop_at = 16};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = walked_add, .ctx = &w}, &e), 0);
	assert_int_equal(w.n, 0);
	for (size_t i = n; i-- > 0;)
		assert_int_equal(change(t, kids[i], /* erase= */ false), 0);
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = walked_add, .ctx = &w}, &e), 0);
	assert_int_equal(w.n, n);
	assert_memory_equal(w.kids, kids, sizeof(kids));
	w = (struct walked){.stop_at = 2};
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = walked_add, .ctx = &w}, &e),
		42);
	assert_int_equal(e.code, 0);

	/* it looks at the disk, not at the cache */
	const uint64_t epoch = keytree_epoch(t);
	struct mem_node *leaf = mem_find(&m, 0, 0, epoch);
	assert_non_null(leaf);
	assert_opens(t, 0);
	leaf->body[100] ^= 1;
	assert_opens(t, 0);
	w = (struct walked){.stop_at = 16};
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = walked_add, .ctx = &w}, &e),
		-EBADMSG);
	char want[100];
	(void)snprintf(want, sizeof(want), "key tree: node 0/0 of epoch %llu does not verify",
		       (unsigned long long)epoch);
	assert_string_equal(e.msg, want);
	leaf->removed = true;
	e = (struct errinfo){0};
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = walked_add, .ctx = &w}, &e),
		-EUCLEAN);
	assert_non_null(strstr(e.msg, "is missing"));
}

/* A tree with nowhere to write to stands where it stood. */
static void test_only_read(void **state)
{
	CLEANUP(mem_done) struct mem_store m = {.load_fails = -1, .save_fails = -1};
	CLEANUP_PTR(secret_free) struct secret *root = secret_new(KEY_BYTES);
	CLEANUP_PTR(keytree_free) struct keytree *t = NULL;
	struct keytree_io io = mem_io(&m);
	struct keytree_change c = {.kid = 5};

	(void)state;
	assert_non_null(root);
	io.save = NULL;
	assert_int_equal(keytree_new((const uint8_t *)"0123456789abcdef", root, 1, 0, 8, &io, &t),
			 0);
	assert_int_equal(keytree_commit(t, &c, 1), -EROFS);
	assert_int_equal(keytree_epoch(t), 1);
	assert_int_equal(keytree_rollback(t), -EINVAL);
}

static int setup(void **state)
{
	(void)state;
	return secmem_init(1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_grows_and_finds),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_missing_and_misplaced),
		cmocka_unit_test(test_too_many_entries),
		cmocka_unit_test(test_bad_roots),
		cmocka_unit_test(test_advance),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_only_read),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
