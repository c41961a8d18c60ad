/* test-inode.c: inode numbers say what they are, and never say it of two things. */
#include "../../src/fs/inode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const enum ino_kind kinds[] = {INO_SITE,         INO_DAY,        INO_SESSION, INO_EVENTS,
				      INO_SESSION_JSON, INO_TRANSCRIPT, INO_REPLAY,  INO_POLICY};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void there_and_back(void **state)
{
	static const uint64_t rows[] = {1, 2, 4095, 4096, 65535, 1u << 20, UINT64_C(1) << 48};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t k = 0; k < KINDS; k++) {
			uint64_t ino = ino_make(kinds[k], rows[i]);

			assert_int_equal(ino_kind(ino), kinds[k]);
			assert_int_equal(ino_row(ino), rows[i]);
			assert_true(ino > 1u << 16);
		}
	}
}

/* Backups remember these numbers: they are as much a format as the store's. */
static void numbers_stay(void **state)
{
	(void)state;
	assert_int_equal(INO_ROOT, 1);
	assert_int_equal(ino_make(INO_SITE, 1), 65553);
	assert_int_equal(ino_make(INO_DAY, 1), 65554);
	assert_int_equal(ino_make(INO_SESSION, 1), 65555);
	assert_int_equal(ino_make(INO_EVENTS, 1), 65556);
	assert_int_equal(ino_make(INO_SESSION_JSON, 1), 65557);
	assert_int_equal(ino_make(INO_TRANSCRIPT, 1), 65558);
	assert_int_equal(ino_make(INO_REPLAY, 1), 65559);
	assert_int_equal(ino_make(INO_EVENTS, 1000), 81540);
}

static void none_twice(void **state)
{
	static uint8_t seen[17000];
	const uint64_t from = ino_make(INO_SITE, 1) - 1;
	(void)state;

	for (uint64_t row = 1; row < 1000; row++) {
		for (size_t k = 0; k < KINDS; k++) {
			uint64_t at = ino_make(kinds[k], row) - from;

			assert_true(at < sizeof(seen));
			assert_int_equal(seen[at]++, 0);
		}
	}
}

/* An NFS handle can hold any number. */
static void strange_numbers(void **state)
{
	static const uint64_t none[] = {0, 7, 100, 65535, 65536, 65537, 65540, 65552, 65562, 65567};
	(void)state;

	for (uint64_t i = INO_ROOT; i <= INO_CTL_NOTICE; i++) {
		assert_int_equal(ino_kind(i), INO_FIXED);
		assert_int_equal(ino_row(i), 0);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(ino_kind(none[i]), INO_NONE);
	(void)ino_row(UINT64_MAX);
	assert_int_equal(ino_kind(UINT64_MAX), INO_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(none_twice),
		cmocka_unit_test(strange_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
