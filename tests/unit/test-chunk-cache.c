/* test-chunk-cache.c: loaded once, bounded, wiped when forgotten, also while somebody holds it. */
#include "../../src/store/chunk-cache.h"
#include "../../src/store/chunk-file.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct loader {
	uint64_t ino;
	_Atomic int loads;
	int fail;
	int pause_us;
};

static uint8_t byte_of(uint64_t ino, uint32_t idx)
{
	return (uint8_t)(1 + (ino * 31 + idx) % 250);
}

static int load(void *ctx, uint32_t idx, uint8_t *out, size_t *ret_len)
{
	struct loader *l = ctx;

	atomic_fetch_add(&l->loads, 1);
	if (l->pause_us)
		(void)usleep((unsigned)l->pause_us);
	if (l->fail)
		return -EBADMSG;
	*ret_len = CHUNK_BYTES - idx;
	memset(out, byte_of(l->ino, idx), *ret_len);
	return 0;
}

static void expect_chunk(const struct chunk_ref *ref, uint64_t ino, uint32_t idx)
{
	assert_int_equal(ref->len, CHUNK_BYTES - idx);
	for (size_t i = ref->len; i < CHUNK_BYTES; i++) /* H1 */
		assert_int_equal(ref->p[i], 0);
	for (size_t i = 0; i < ref->len; i += 997)
		assert_int_equal(ref->p[i], byte_of(ino, idx));
}

static void test_hits_and_evictions(void **state)
{
	CLEANUP_PTR(chunk_cache_free) struct chunk_cache *c = NULL;
	struct loader l = {.ino = 5};
	struct chunk_ref ref;

	(void)state;
	assert_int_equal(chunk_cache_new(4, &c), 0);
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 4; i++) {
			assert_int_equal(chunk_cache_get(c, 5, i, load, &l, &ref), 0);
			expect_chunk(&ref, 5, i);
			chunk_cache_put(c, &ref);
		}
	}
	assert_int_equal(l.loads, 4);
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(chunk_cache_get(c, 5, i, load, &l, &ref), 0);
		expect_chunk(&ref, 5, i);
		chunk_cache_put(c, &ref);
	}
	assert_int_equal(l.loads, 100);
	l.fail = 1;
	assert_int_equal(chunk_cache_get(c, 5, 200, load, &l, &ref), -EBADMSG);
	assert_int_equal(chunk_cache_get(c, 5, 200, load, &l, &ref), -EBADMSG);
	assert_int_equal(l.loads, 102);
}

/* H1: nothing of a forgotten session is in the memory of the cache. */
static void test_forgotten(void **state)
{
	CLEANUP_PTR(chunk_cache_free) struct chunk_cache *c = NULL;
	struct loader mine = {.ino = 5}, other = {.ino = 6};
	struct chunk_ref ref[3], held, again;

	(void)state;
	assert_int_equal(chunk_cache_new(8, &c), 0);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(chunk_cache_get(c, 5, i, load, &mine, &ref[i]), 0);
		chunk_cache_put(c, &ref[i]);
	}
	assert_int_equal(chunk_cache_get(c, 6, 0, load, &other, &again), 0);
	chunk_cache_put(c, &again);
	assert_int_equal(chunk_cache_get(c, 5, 1, load, &mine, &held), 0);
	chunk_cache_forget(c, 5);
	assert_int_equal(ref[0].p[0], 0);
	assert_int_equal(ref[2].p[CHUNK_BYTES - 1], 0);
	expect_chunk(&held, 5, 1); /* whoever holds it goes on until it is put */
	assert_int_equal(chunk_cache_get(c, 5, 1, load, &mine, &again), 0);
	assert_int_equal(mine.loads, 4); /* H2 */
	assert_ptr_not_equal(again.p, held.p);
	chunk_cache_put(c, &held);
	assert_int_equal(held.p[0], 0);
	expect_chunk(&again, 5, 1);
	chunk_cache_put(c, &again);
	assert_int_equal(chunk_cache_get(c, 6, 0, load, &other, &again), 0);
	assert_int_equal(other.loads, 1);
	chunk_cache_put(c, &again);
}

struct crowd {
	struct chunk_cache *c;
	struct loader *loaders;
	uint32_t seed;
	_Atomic int *bad;
};

static void *wander(void *arg)
{
	struct crowd *w = arg;

	for (int i = 0; i < 2000; i++) {
		struct chunk_ref ref;

		w->seed = w->seed * 1664525u + 1013904223u;
		uint64_t ino = (w->seed >> 10) % 3;
		uint32_t idx = (w->seed >> 20) % 6;

		if (i % 500 == 499)
			chunk_cache_forget(w->c, ino);
		if (chunk_cache_get(w->c, ino, idx, load, &w->loaders[ino], &ref) < 0) {
			atomic_fetch_add(w->bad, 1);
			continue;
		}
		if (ref.len != CHUNK_BYTES - idx || ref.p[0] != byte_of(ino, idx) ||
		    ref.p[ref.len - 1] != byte_of(ino, idx) || (idx && ref.p[CHUNK_BYTES - 1] != 0))
			atomic_fetch_add(w->bad, 1);
		chunk_cache_put(w->c, &ref);
	}
	return NULL;
}

/* More threads than slots: they wait for each other, and nobody sees another chunk's bytes. */
static void test_a_crowd(void **state)
{
	CLEANUP_PTR(chunk_cache_free) struct chunk_cache *c = NULL;
	struct loader l[3] = {{.ino = 0}, {.ino = 1}, {.ino = 2}};
	struct crowd w[6];
	pthread_t t[6];
	_Atomic int bad = 0;

	(void)state;
	assert_int_equal(chunk_cache_new(3, &c), 0);
	for (uint32_t i = 0; i < 6; i++) {
		w[i] = (struct crowd){.c = c, .loaders = l, .seed = i * 77, .bad = &bad};
		assert_int_equal(pthread_create(&t[i], NULL, wander, &w[i]), 0);
	}
	for (int i = 0; i < 6; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_int_equal(bad, 0);
}

static void *get_one(void *arg)
{
	struct crowd *w = arg;
	struct chunk_ref ref;

	if (chunk_cache_get(w->c, 1, 0, load, &w->loaders[1], &ref) < 0)
		atomic_fetch_add(w->bad, 1);
	else
		chunk_cache_put(w->c, &ref);
	return NULL;
}

static void test_one_load_for_many(void **state)
{
	CLEANUP_PTR(chunk_cache_free) struct chunk_cache *c = NULL;
	struct loader l[2] = {{.ino = 0}, {.ino = 1, .pause_us = 20000}};
	_Atomic int bad = 0;
	struct crowd w;
	pthread_t t[4];

	(void)state;
	assert_int_equal(chunk_cache_new(4, &c), 0);
	w = (struct crowd){.c = c, .loaders = l, .bad = &bad};
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, get_one, &w), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_int_equal(bad, 0);
	assert_int_equal(l[1].loads, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hits_and_evictions),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_a_crowd),
		cmocka_unit_test(test_one_load_for_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
