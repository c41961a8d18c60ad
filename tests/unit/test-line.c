/* test-line.c: which text is a line that can be printed as it is. */
#include "redactfs/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_plain(void **state)
{
	static const char *const plain[] = {"",
					    "a",
					    "two words",
					    "żółć",
					    "€",
					    "\xf0\x9f\x90\x99",
					    "\xef\xbf\xbd",
					    "\xf4\x8f\xbf\xbf",
					    "~ \xc2\xa0"};

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_true(line_is_plain(plain[i]));
}

static void test_not_plain(void **state)
{
	static const char *const not_plain[] = {"a\nb",
						"\r",
						"\x1b[2J",
						"\x7f",
						"\xc2\x85",
						"\xd8\x9c",
						"\xe2\x80\xa8",
						"\xe2\x80\xae",
						"\xe2\x81\xa6",
						"\xef\xbb\xbf",
						"\xff",
						"a\x80",
						"\xc0\xaf",
						"\xc3",
						"\xe2\x82",
						"\xed\xa0\x80",
						"\xe0\x80\xaf",
						"\xf4\x90\x80\x80",
						"\xf0\x80\x80\x80",
						"\xf8\x88\x80\x80\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(not_plain) / sizeof(not_plain[0]); i++)
		assert_false(line_is_plain(not_plain[i]));
}

/* What isn't valid is gone over byte by byte, and never beyond the end. */
static void test_char(void **state)
{
	bool plain;

	(void)state;
	assert_int_equal(line_char("", &plain), 0);
	assert_int_equal(line_char("\xe2\x82\xac.", &plain), 3);
	assert_true(plain);
	assert_int_equal(line_char("\xe2\x82", &plain), 1);
	assert_false(plain);
	assert_int_equal(line_char("\xc2\x85", &plain), 2);
	assert_false(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_not_plain),
		cmocka_unit_test(test_char),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
