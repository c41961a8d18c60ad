/* test-keytree-commit.c: random commits against a model, with failures and roll-backs between them,
 * and what somebody finds who has copied every node that was ever on the disk.
 *
 * The forensic part reads nodes by docs/FORMAT.md alone: it knows a root key and all versions of
 * all nodes, and tries every key it has got hold of on every one of them. */
#include "redactfs/keytree.h"

#include "redactfs/le.h"

#include "keytree-mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t store_id[16] = "a store's number";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define MAX_KIDS    4096
#define MAX_CHANGES 48

/* ---- the model: every kid ever used */

struct kid {
	uint64_t kid;
	bool live;
	uint8_t key[KEY_BYTES];
};

struct model {
	struct kid v[MAX_KIDS]; /* in the order of their making */
	size_t n;
};

static struct kid *model_find(struct model *m, uint64_t kid)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].kid == kid)
			return &m->v[i];
	}
	return NULL;
}

static uint64_t rnd_state;

static uint64_t rnd(uint64_t below) /* xorshift64*: the same everywhere for a seed */
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (rnd_state * 0x2545f4914f6cdd1du >> 11) % below;
}

/* Kids lie close together in most stores; some days begin far off. */
static uint64_t kid_draw(void)
{
	switch (rnd(8)) {
	case 0:
		return (uint64_t)LEAF_KEYS * NODE_CHILDREN - 20 + rnd(40);
	case 1:
		return 50000 + rnd(300);
	case 2:
		return rnd(20) ? 3000 + rnd(200) : (uint64_t)1 << (20 + rnd(40));
	default:
		return rnd(4 * LEAF_KEYS);
	}
}

/* A random change list: new kids, and kids of the model, live or erased before. */
static size_t changes_draw(struct model *m, struct keytree_change *v, size_t max)
{
	size_t want = rnd(max + 1), n = 0;
	const bool sweep = rnd(12) == 0; /* erase all there is */

	for (size_t i = 0; sweep && i < m->n && n < max; i++) {
		if (m->v[i].live)
			v[n++] = (struct keytree_change){.kid = m->v[i].kid, .erase = true};
	}
	while (!sweep && n < want) {
		struct keytree_change c = {0};
		bool twice = false;

		if (m->n && rnd(2)) {
			c.kid = m->v[rnd(m->n)].kid;
			c.erase = true;
		} else {
			c.kid = kid_draw();
			c.erase = model_find(m, c.kid) != NULL;
			assert_int_equal(rng_bytes(c.key, sizeof(c.key)), 0);
		}
		for (size_t i = 0; i < n; i++)
			twice |= v[i].kid == c.kid;
		if (!twice)
			v[n++] = c;
		else
			want--;
	}
	return n;
}

static void model_apply(struct model *m, const struct keytree_change *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct kid *k = model_find(m, v[i].kid);

		if (v[i].erase) {
			if (k)
				k->live = false;
			continue;
		}
		assert_null(k);
		assert_true(m->n < MAX_KIDS);
		k = &m->v[m->n++];
		*k = (struct kid){.kid = v[i].kid, .live = true};
		memcpy(k->key, v[i].key, KEY_BYTES);
	}
}

static int count_key(void *ctx, uint64_t kid)
{
	(void)kid;
	++*(size_t *)ctx;
	return 0;
}

static void assert_tree_is(struct keytree *t, const struct model *m)
{
	size_t live = 0, walked = 0;
	struct errinfo e = {0};

	for (size_t i = 0; i < m->n; i++) {
		uint8_t got[KEY_BYTES];
		int r = keytree_get(t, m->v[i].kid, got);

		assert_int_equal(r, m->v[i].live ? 0 : -ENOKEY);
		if (m->v[i].live)
			assert_memory_equal(got, m->v[i].key, KEY_BYTES);
		live += m->v[i].live;
	}
	assert_int_equal(
		keytree_walk(t, &(struct keytree_visit){.leaf_key = count_key, .ctx = &walked}, &e),
		0);
	assert_int_equal(walked, live);
	assert_int_equal(keytree_height(t) == 0, live == 0);
}

/* ---- the forensic reader */

static void derive_for_test(const uint8_t key[KEY_BYTES], const char *label, uint8_t out[KEY_BYTES])
{
	assert_int_equal(hkdf_expand(key, label, strlen(label), out, KEY_BYTES), 0);
}

/* Marks in `found` which kids of the model the root key leads to, and in `opened` through which
 * nodes. A key that the model doesn't know fails the test. */
static void reach(const struct mem_store *m, const uint8_t root_key[KEY_BYTES], struct model *model,
		  bool *found, bool *opened)
{
	const uint8_t nonce[NONCE_BYTES] = {0};
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP_FREE uint8_t(*keys)[KEY_BYTES] = calloc(m->n + 1, KEY_BYTES);
	size_t n_keys = 1;

	assert_non_null(keys);
	derive_for_test(root_key, "redactfs top node", keys[0]);
	assert_int_equal(aead_new(keys[0], &a), 0);
	memset(found, 0, model->n * sizeof(*found));
	memset(opened, 0, m->n * sizeof(*opened));
	for (size_t k = 0; k < n_keys; k++) {
		assert_int_equal(aead_rekey(a, keys[k]), 0);
		for (size_t i = 0; i < m->n; i++) {
			const uint8_t *body = m->v[i].body;
			uint8_t plain[3856];

			if (opened[i] || aead_open(a, nonce, body, 48, body + 48, 3872, plain) < 0)
				continue;
			opened[i] = true;
			const uint64_t index = le64_get(body + 8);
			for (unsigned j = 0; j < 128; j++) {
				if (!(plain[j / 8] >> j % 8 & 1))
					continue;
				if (body[4]) { /* an inner node: a key to try */
					assert_true(n_keys <= m->n);
					memcpy(keys[n_keys++], plain + 16 + 40 * j, KEY_BYTES);
					continue;
				}
				struct kid *kid = model_find(model, index * LEAF_KEYS + j);
				assert_non_null(kid);
				assert_memory_equal(plain + 16 + 32 * j, kid->key, KEY_BYTES);
				found[kid - model->v] = true;
			}
		}
	}
}

/* ---- the property */

struct past { /* a root that was, and what it led to */
	uint8_t root_key[KEY_BYTES];
	bool live[MAX_KIDS];
};

static void past_keep(struct past *p, const struct keytree *t, const struct model *model)
{
	memcpy(p->root_key, keytree_root_key(t)->b, KEY_BYTES);
	for (size_t i = 0; i < model->n; i++)
		p->live[i] = model->v[i].live;
}

static struct keytree *tree_new(struct mem_store *m, size_t cache_nodes)
{
	CLEANUP_PTR(secret_free) struct secret *root = secret_new(KEY_BYTES);
	const struct keytree_io io = mem_io(m);
	struct keytree *t = NULL;

	assert_int_equal(rng_bytes(root->b, KEY_BYTES), 0);
	assert_int_equal(keytree_new(store_id, root, 1, 0, cache_nodes, &io, &t), 0);
	return t;
}

/* A commit that fails at a random call, or, when it needed fewer, is rolled back: either way the
 * tree is what it was. */
static void commit_in_vain(struct keytree *t, struct mem_store *m, const struct model *model,
			   const struct keytree_change *v, size_t n)
{
	static struct keytree_change copy[MAX_CHANGES];
	int *const which[] = {&m->load_fails, &m->save_fails, &m->superseded_fails};
	int *const fails = which[rnd(3)];
	const uint64_t epoch = keytree_epoch(t);
	const uint32_t height = keytree_height(t);
	uint8_t root[KEY_BYTES];

	memcpy(copy, v, n * sizeof(*v));
	memcpy(root, keytree_root_key(t)->b, KEY_BYTES);
	*fails = (int)rnd(6);
	int r = keytree_commit(t, copy, n);
	if (*fails < 0) {
		assert_int_equal(r, -EIO);
		assert_int_equal(keytree_rollback(t), -EINVAL);
	} else {
		assert_int_equal(r, 0);
		assert_memory_not_equal(keytree_root_key(t)->b, root, KEY_BYTES);
		assert_int_equal(keytree_commit(t, copy, n), -EBUSY);
		assert_int_equal(keytree_rollback(t), 0);
	}
	*fails = -1;
	mem_undo(m, epoch);
	assert_int_equal(keytree_epoch(t), epoch);
	assert_int_equal(keytree_height(t), height);
	assert_memory_equal(keytree_root_key(t)->b, root, KEY_BYTES);
	assert_tree_is(t, model);
}

/* No node is left over in a store that removes what was superseded, and none is missing. */
static void assert_nothing_left_over(const struct mem_store *m, const bool *opened)
{
	for (size_t i = 0; i < m->n; i++)
		assert_int_equal(opened[i], !m->v[i].removed);
}

static void run(size_t rounds, size_t cache_nodes)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, cache_nodes);
	CLEANUP_FREE struct model *model = calloc(1, sizeof(*model));
	CLEANUP_FREE struct past *past = calloc(rounds + 1, sizeof(*past));
	static struct keytree_change v[MAX_CHANGES];
	bool found[MAX_KIDS];

	assert_non_null(model);
	assert_non_null(past);
	past_keep(&past[0], t, model);
	for (size_t i = 1; i <= rounds; i++) {
		const size_t n = changes_draw(model, v, 1 + rnd(MAX_CHANGES));

		if (rnd(3) == 0)
			commit_in_vain(t, &m, model, v, n);
		assert_int_equal(keytree_commit(t, v, n), 0);
		assert_int_equal(keytree_epoch(t), i + 1);
		model_apply(model, v, n);
		assert_tree_is(t, model); /* before it is settled, and after */
		keytree_settle(t);
		mem_remove_stale(&m);
		assert_tree_is(t, model);
		past_keep(&past[i], t, model);
	}

	/* Now with everything that ever was on the disk, the nodes of failed commits too: each root
	 * leads to what was live under it, and to nothing else. So the last one leads to no erased
	 * key, and each earlier one does: that is why the old root has to be overwritten. */
	CLEANUP_FREE bool *opened = calloc(m.n + 1, sizeof(*opened));
	assert_non_null(opened);
	for (size_t i = 0; i <= rounds; i++) {
		reach(&m, past[i].root_key, model, found, opened);
		assert_memory_equal(found, past[i].live, model->n);
	}
	assert_nothing_left_over(&m, opened);
}

static void test_random_commits(void **state)
{
	(void)state;
	run(/* rounds= */ 30, /* cache_nodes= */ 256);
	run(10, 3);
	run(10, 0);
}

/* ---- what a commit costs, and what it refuses */

static void put_range(struct keytree *t, uint64_t from, size_t n)
{
	CLEANUP_FREE struct keytree_change *v = calloc(n, sizeof(*v));

	assert_non_null(v);
	for (size_t i = 0; i < n; i++) {
		v[i].kid = from + n - 1 - i; /* in falling order: sorted by the commit */
		memset(v[i].key, (int)(v[i].kid & 0xff), KEY_BYTES);
	}
	assert_int_equal(keytree_commit(t, v, n), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].kid, from + i);
	keytree_settle(t);
}

static void test_batch_costs_touched_nodes(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, 1024);
	CLEANUP_FREE struct keytree_change *v = calloc(200, sizeof(*v));

	(void)state;
	assert_non_null(v);
	put_range(t, 0, 20000); /* 167 leaves below 2 inner nodes below the top */
	assert_int_equal(keytree_height(t), 3);
	assert_int_equal(m.saves, 167 + 2 + 1);
	for (size_t i = 0; i < 200; i++) /* all of leaf 5, most of leaf 6 */
		v[i] = (struct keytree_change){.kid = 5 * LEAF_KEYS + i, .erase = true};
	m.saves = m.loads = 0;
	assert_int_equal(keytree_commit(t, v, 200), 0);
	keytree_settle(t);
	assert_int_equal(m.saves, 1 + 1 + 1); /* leaf 5 is gone: nothing to write */
	assert_int_equal(m.loads, 0);
	v[0] = (struct keytree_change){.kid = 19999, .erase = true};
	v[1] = (struct keytree_change){.kid = 0, .erase = true};
	m.saves = 0;
	assert_int_equal(keytree_commit(t, v, 2), 0);
	keytree_settle(t);
	assert_int_equal(m.saves, 2 + 2 + 1);
	/* an empty list: the top alone, under a new root */
	uint8_t root[KEY_BYTES];
	memcpy(root, keytree_root_key(t)->b, KEY_BYTES);
	m.saves = 0;
	assert_int_equal(keytree_commit(t, NULL, 0), 0);
	keytree_settle(t);
	assert_int_equal(m.saves, 1);
	assert_memory_not_equal(root, keytree_root_key(t)->b, KEY_BYTES);
}

static void test_empty_list_in_an_empty_tree(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, 8);
	struct keytree_change gone = {.kid = 77, .erase = true};

	(void)state;
	assert_int_equal(keytree_commit(t, NULL, 0), 0);
	keytree_settle(t);
	assert_int_equal(keytree_commit(t, &gone, 1), 0);
	assert_int_equal(keytree_epoch(t), 3);
	assert_int_equal(keytree_height(t), 0);
	assert_int_equal(m.saves, 0);
}

static void test_refused(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, 8);
	struct keytree_change twice[] = {{.kid = 9}, {.kid = 4}, {.kid = 9, .erase = true}};
	struct keytree_change again[] = {{.kid = 300, .key = {1}}, {.kid = 3, .key = {9}}};
	uint8_t out[KEY_BYTES];

	(void)state;
	put_range(t, 0, 5);
	assert_int_equal(keytree_commit(t, twice, 3), -EINVAL);
	assert_int_equal(keytree_commit(t, again, 2), -EEXIST);
	assert_int_equal(keytree_epoch(t), 2);
	assert_int_equal(keytree_get(t, 300, out), -ENOKEY);
	assert_int_equal(keytree_get(t, 3, out), 0);
	assert_int_equal(out[0], 3);
	/* erased, it could be used again; that it isn't is the catalog's promise */
	again[0] = (struct keytree_change){.kid = 3, .erase = true};
	assert_int_equal(keytree_commit(t, again, 1), 0);
	assert_int_equal(keytree_get(t, 3, out), -ENOKEY);
}

/* A damaged node ends the commit that would have to rewrite it, and no other. */
static void test_damaged_node(void **state)
{
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, 0);
	struct keytree_change c = {.kid = 0, .erase = true};

	(void)state;
	put_range(t, 0, 2 * LEAF_KEYS);
	struct mem_node *leaf = mem_find(&m, 0, 0, 2);
	assert_non_null(leaf);
	leaf->body[2000] ^= 4;
	assert_int_equal(keytree_commit(t, &c, 1), -EBADMSG);
	leaf->removed = true;
	assert_int_equal(keytree_commit(t, &c, 1), -EUCLEAN);
	c.kid = LEAF_KEYS;
	assert_int_equal(keytree_commit(t, &c, 1), 0);
}

/* ---- the process's own memory */

/* Whether the 32 bytes that are `masked` with 0xa5 stand anywhere in our writable memory. Read
 * through a descriptor into a buffer that is left out. */
static bool in_memory(int mem, const uint8_t masked[KEY_BYTES])
{
	static uint8_t buf[1 << 16];
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	bool found = false;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long long from, to;
		char perm[8];

		if (sscanf(line, "%llx-%llx %7s", &from, &to, perm) != 3 || perm[1] != 'w')
			continue;
		for (unsigned long long at = from; at < to; at += sizeof(buf) - KEY_BYTES) {
			if (at + sizeof(buf) > (uintptr_t)buf && at < (uintptr_t)buf + sizeof(buf))
				continue; /* our own looking glass, near enough */
			const size_t want = to - at < sizeof(buf) ? to - at : sizeof(buf);
			ssize_t got = pread(mem, buf, want, (off_t)at);
			for (ssize_t i = 0; i + (ssize_t)KEY_BYTES <= got; i++) {
				size_t j = 0;
				while (j < KEY_BYTES && buf[i + (ssize_t)j] == (masked[j] ^ 0xa5))
					j++;
				found |= j == KEY_BYTES;
			}
		}
	}
	wipe(buf, sizeof(buf));
	(void)fclose(maps);
	return found;
}

static void mask(const uint8_t *key, uint8_t out[KEY_BYTES])
{
	for (size_t i = 0; i < KEY_BYTES; i++)
		out[i] = key[i] ^ 0xa5;
}

/* Commits one new key, and takes it back: by a save that fails, or by a roll-back. */
static void put_in_vain(struct keytree *t, struct mem_store *m, bool fail,
			uint8_t masked[KEY_BYTES])
{
	struct keytree_change c = {.kid = 700};

	assert_int_equal(rng_bytes(c.key, KEY_BYTES), 0);
	mask(c.key, masked);
	m->save_fails = fail ? 1 : -1; /* the leaf is saved, the top isn't */
	assert_int_equal(keytree_commit(t, &c, 1), fail ? -EIO : 0);
	wipe(&c, sizeof(c));
	if (!fail)
		assert_int_equal(keytree_rollback(t), 0);
	m->save_fails = -1;
	mem_undo(m, keytree_epoch(t));
}

/* After an erasure is settled, neither the erased key nor the old root nor the top's old key is in
 * the process, though all of them were used, cached and rekeyed with. Nor is a key of a commit that
 * came to nothing. */
static void test_erased_keys_leave_memory(void **state)
{
	uint8_t alone[KEY_BYTES], vain[KEY_BYTES];
	CLEANUP_FD int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	uint8_t erased[KEY_BYTES], kept[KEY_BYTES], root[KEY_BYTES], top[KEY_BYTES];
	struct keytree_change v[3] = {{.kid = 1}, {.kid = 2}, {.kid = 500}};
	uint8_t key[KEY_BYTES];

	(void)state;
	if (mem < 0 || SANITIZED)
		skip(); /* no /proc, or terabytes of shadow to look through */
	CLEANUP(mem_done) struct mem_store m = mem_new();
	CLEANUP_PTR(keytree_free) struct keytree *t = tree_new(&m, 64);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(rng_bytes(v[i].key, KEY_BYTES), 0);
	mask(v[0].key, erased);
	mask(v[1].key, kept);
	mask(v[2].key, alone);
	assert_int_equal(keytree_commit(t, v, 3), 0);
	keytree_settle(t);
	wipe(v, sizeof(v));
	mask(keytree_root_key(t)->b, root);
	derive_for_test(keytree_root_key(t)->b, "redactfs top node", key);
	mask(key, top);
	assert_int_equal(keytree_get(t, 1, key), 0);
	wipe(key, sizeof(key));
	assert_true(in_memory(mem, erased)); /* the leaf is in the cache */
	assert_true(in_memory(mem, root));
	assert_true(in_memory(mem, top));

	v[0] = (struct keytree_change){.kid = 1, .erase = true};
	assert_int_equal(keytree_commit(t, v, 1), 0);
	assert_true(in_memory(mem, root)); /* there is a way back until it is settled */
	keytree_settle(t);
	assert_int_equal(keytree_get(t, 1, key), -ENOKEY);
	assert_false(in_memory(mem, erased));
	assert_false(in_memory(mem, root));
	assert_false(in_memory(mem, top));
	assert_true(in_memory(mem, kept));

	/* the last key of a leaf: there is no new version of it */
	assert_int_equal(keytree_get(t, 500, key), 0);
	wipe(key, sizeof(key));
	assert_true(in_memory(mem, alone));
	v[0] = (struct keytree_change){.kid = 500, .erase = true};
	assert_int_equal(keytree_commit(t, v, 1), 0);
	keytree_settle(t);
	assert_false(in_memory(mem, alone));

	put_in_vain(t, &m, /* fail= */ true, vain);
	assert_false(in_memory(mem, vain));
	put_in_vain(t, &m, /* fail= */ false, vain);
	assert_false(in_memory(mem, vain));
	assert_true(in_memory(mem, kept));
	t = keytree_free(t);
	assert_false(in_memory(mem, kept));
}

static int setup(void **state)
{
	const char *seed = getenv("REDACTFS_SEED");

	(void)state;
	if (seed)
		rnd_state = strtoull(seed, NULL, 0);
	else if (rng_bytes(&rnd_state, sizeof(rnd_state)) < 0)
		return -1;
	rnd_state |= 1;
	print_message("REDACTFS_SEED=0x%llx\n", (unsigned long long)rnd_state);
	return secmem_init(1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: later ones leave keys of their own in memory */
		cmocka_unit_test(test_erased_keys_leave_memory),
		cmocka_unit_test(test_random_commits),
		cmocka_unit_test(test_batch_costs_touched_nodes),
		cmocka_unit_test(test_empty_list_in_an_empty_tree),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_damaged_node),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
