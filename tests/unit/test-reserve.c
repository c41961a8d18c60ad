/* test-reserve.c: made, taken piece by piece, made anew; holes, and what somebody is using. */
#include "store-fixture.h"

#include "../../src/store/reserve.h"

#define WHOLE (LIMIT_RESERVE_PIECES * (uint64_t)LIMIT_RESERVE_PIECE_BYTES)

static int open_dir(void)
{
	int fd = open(fix_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	reserve_remove(fd);
	return fd;
}

static void test_taken_and_made_anew(void **state)
{
	int fd = open_dir(), lock = -1;

	(void)state;
	assert_int_equal(reserve_take(fd, 0, &lock), 0); /* an older store has none */
	assert_int_equal(reserve_whole(fd), 0);
	assert_int_equal(reserve_make(fd, true), 0);
	assert_int_equal(reserve_whole(fd), 1);
	assert_int_equal(reserve_bytes(fd), WHOLE);
	for (unsigned i = LIMIT_RESERVE_PIECES; i-- > 2;) {
		assert_int_equal(reserve_take(fd, 2, &lock), 1);
		assert_int_equal(reserve_bytes(fd), i * (uint64_t)LIMIT_RESERVE_PIECE_BYTES);
	}
	assert_int_equal(reserve_take(fd, 2, &lock), 0);
	assert_int_equal(reserve_make(fd, false), -EBUSY); /* what was taken is being used */
	(void)close(lock);
	assert_int_equal(reserve_make(fd, true), 0);
	assert_int_equal(reserve_bytes(fd), WHOLE);
	lock = -1;
	for (unsigned i = 0; i < LIMIT_RESERVE_PIECES; i++)
		assert_int_equal(reserve_take(fd, 0, &lock), 1);
	assert_int_equal(reserve_take(fd, 0, &lock), 0);
	assert_int_equal(reserve_bytes(fd), 0);
	(void)close(lock);
	(void)close(fd);
}

static void test_holes_are_no_room(void **state)
{
	int fd = open_dir();

	(void)state;
	assert_int_equal(reserve_make(fd, true), 0);
	assert_int_equal(unlinkat(fd, "reserve/3", 0), 0);
	int piece = openat(fd, "reserve/3", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(piece >= 0);
	assert_int_equal(ftruncate(piece, LIMIT_RESERVE_PIECE_BYTES), 0);
	(void)close(piece);
	assert_int_equal(reserve_whole(fd), 0);
	assert_int_equal(reserve_bytes(fd), WHOLE - LIMIT_RESERVE_PIECE_BYTES);
	assert_int_equal(reserve_make(fd, true), 0);
	assert_int_equal(reserve_whole(fd), 1);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_taken_and_made_anew, fix_make_dir,
						fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_holes_are_no_room, fix_make_dir,
						fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
