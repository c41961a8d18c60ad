/* test-rbuf.c: buffers are kept by their threads, and hold nothing after an erasure. */
#include "../../src/fs/rbuf.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void kept_and_grown(void **state)
{
	(void)state;
	struct rbuf *a = rbuf_get(100);
	assert_non_null(a);
	assert_true(a->cap >= 100);
	memset(a->data, 'x', a->cap);
	memset(a->rows, 'x', RBUF_ROWS * sizeof(*a->rows));
	rbuf_put(a);
	assert_ptr_equal(rbuf_get(5000), a);
	rbuf_put(a);
	assert_ptr_equal(rbuf_get(3u << 20), a);
	assert_true(a->cap >= 3u << 20);
	memset(a->data, 'x', a->cap);
	rbuf_put(a);
}

static void idle_ones_are_wiped(void **state)
{
	(void)state;
	struct rbuf *b = rbuf_get(4096);
	memset(b->data, 'x', 4096);
	memset(b->rows, 'x', sizeof(*b->rows));
	rbuf_put(b);
	assert_int_equal(b->data[0], 'x'); /* it stays until somebody asks for it to go */
	rbuf_wipe_all();
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(b->data[i], 0);
	for (size_t i = 0; i < sizeof(*b->rows); i++)
		assert_int_equal(((char *)b->rows)[i], 0);
}

static void busy_ones_when_they_are_put(void **state)
{
	(void)state;
	struct rbuf *b = rbuf_get(4096);
	memset(b->data, 'x', 4096);
	rbuf_wipe_all();
	assert_int_equal(b->data[17], 'x'); /* in use: not under its user's hands */
	rbuf_put(b);
	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(b->data[i], 0);
}

static char no_buffer[] = "no buffer", wiped_in_use[] = "wiped in use";

static void *reader(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20000; i++) {
		struct rbuf *b = rbuf_get(64);

		if (!b)
			return no_buffer;
		memset(b->data, i, 64);
		for (int k = 0; k < 64; k++)
			if (b->data[k] != (char)i)
				return wiped_in_use;
		rbuf_put(b);
	}
	return NULL;
}

static void threads_have_their_own(void **state)
{
	pthread_t t[4];
	(void)state;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, reader, NULL), 0);
	for (int i = 0; i < 200; i++)
		rbuf_wipe_all();
	for (int i = 0; i < 4; i++) {
		void *bad = NULL;

		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
	rbuf_wipe_all(); /* those of ended threads are gone */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_and_grown),
		cmocka_unit_test(idle_ones_are_wiped),
		cmocka_unit_test(busy_ones_when_they_are_put),
		cmocka_unit_test(threads_have_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
