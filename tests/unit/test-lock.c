/* test-lock.c: one writer over threads and processes, imports beside each other, and locks that go
 * with the process that held them. */
#include "store-fixture.h"

#include <pthread.h>
#include <sys/wait.h>

#define ROUNDS 300

static int open_dir(void)
{
	int fd = open(fix_dir, O_DIRECTORY | O_RDONLY);

	assert_true(fd >= 0);
	return fd;
}

/* Counts by read, wait and write: two at a time would lose some. */
static void *count_up(void *arg)
{
	struct store_lock *l = arg;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t v;

		if (store_lock_write(l) < 0 || store_counter_get(l, &v) < 0)
			return arg;
		if (i % 10 == 0)
			(void)usleep(50);
		if (store_counter_set(l, v + 1) < 0)
			return arg;
		store_unlock_write(l);
	}
	return NULL;
}

static void test_one_writer(void **state)
{
	int dirfd = open_dir(), status;
	struct store_lock *l;
	pthread_t t[2];
	uint64_t v;

	(void)state;
	assert_int_equal(store_lock_create(dirfd), 0);
	assert_int_equal(store_lock_create(dirfd), -EEXIST);
	for (int c = 0; c < 2; c++) {
		pid_t pid = fork();
		if (pid == 0) {
			if (store_lock_open(dirfd, &l) < 0)
				_exit(1);
			_exit(count_up(l) != NULL);
		}
	}
	assert_int_equal(store_lock_open(dirfd, &l), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, count_up, l), 0);
	for (int i = 0; i < 2; i++) {
		void *bad;

		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
	for (int c = 0; c < 2; c++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_counter_get(l, &v), 0);
	assert_int_equal(v, 4 * ROUNDS);
	(void)store_lock_close(l);
	(void)close(dirfd);
}

static void test_goes_with_its_process(void **state)
{
	int dirfd = open_dir(), status;
	struct store_lock *l;

	(void)state;
	assert_int_equal(store_lock_create(dirfd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (store_lock_open(dirfd, &l) < 0 || store_lock_write(l) < 0 ||
		    store_import_lock(l) < 0)
			_exit(1);
		_exit(0); /* without giving anything back */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_lock_open(dirfd, &l), 0);
	assert_int_equal(store_lock_write(l), 0);
	store_unlock_write(l);

	int a = store_import_lock(l), b = store_import_lock(l);
	assert_true(a >= 0 && b >= 0);
	assert_int_equal(store_import_lock_alone(l), -EBUSY);
	(void)close(a);
	assert_int_equal(store_import_lock_alone(l), -EBUSY);
	(void)close(b);
	a = store_import_lock_alone(l);
	assert_true(a >= 0);
	(void)close(a);
	(void)store_lock_close(l);
	(void)close(dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_writer, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_goes_with_its_process, fix_make_dir,
						fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
