/* test-pages.c: what the kernel may have of a file. */
#include "../../src/fs/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_keep(void **state)
{
	struct pages *p = pages_new();

	(void)state;
	assert_non_null(p);
	assert_false(pages_keep(p, 65552, 1));
	assert_true(pages_keep(p, 65552, 1));
	assert_false(pages_keep(p, 65552, 2));
	pages_forget_all(p);
	assert_false(pages_keep(p, 65552, 2));
	assert_null(pages_free(p));
}

static void test_touched(void **state)
{
	struct pages *p = pages_new();
	int others = 0;

	(void)state;
	assert_non_null(p);
	assert_false(pages_touched(p, 65552));
	pages_touch(p, 65552);
	assert_true(pages_touched(p, 65552));
	/* for good, whatever changes; and of this one, not of the others */
	pages_forget_all(p);
	assert_true(pages_touched(p, 65552));
	for (uint64_t ino = 1; ino < 1000; ino++)
		others += pages_touched(p, 16 * ino);
	assert_in_range(others, 0, 2);
	assert_null(pages_free(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
