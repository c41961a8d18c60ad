/* test-writers.c: whose removal of a recording would only make room for a write. */
#include "../../src/fs/writers.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODYS (1 << 22) /* pid_max: no process has it, and /proc doesn't know it */

static void *add_this_thread(void *w)
{
	writers_add(w, (pid_t)syscall(SYS_gettid));
	return NULL;
}

static void a_process_is_all_its_threads(void **state)
{
	struct writers *w = writers_new();
	pthread_t t;
	(void)state;

	assert_false(writers_has(w, getpid()));
	assert_int_equal(pthread_create(&t, NULL, add_this_thread, w), 0);
	assert_int_equal(pthread_join(t, NULL), 0);
	assert_true(writers_has(w, getpid()));
	assert_false(writers_has(w, getppid()));
	(void)writers_free(w);
}

static void who_cannot_be_seen_is_nobody(void **state)
{
	struct writers *w = writers_new();
	(void)state;

	writers_add(w, 0);
	assert_false(writers_has(w, 0));
	writers_add(w, NOBODYS); /* it has ended since: the thread stands for itself */
	assert_true(writers_has(w, NOBODYS));
	assert_false(writers_has(w, NOBODYS + 1));
	(void)writers_free(w);
}

static void the_first_makes_room(void **state)
{
	struct writers *w = writers_new();
	(void)state;

	for (pid_t i = 0; i < 1000; i++)
		writers_add(w, NOBODYS + i);
	assert_true(writers_has(w, NOBODYS + 999));
	assert_false(writers_has(w, NOBODYS + 1));
	(void)writers_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_all_its_threads),
		cmocka_unit_test(who_cannot_be_seen_is_nobody),
		cmocka_unit_test(the_first_makes_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
