/* test-buf.c: the growing buffer, and JSON escapes as the canonical form wants them. */
#include "redactfs/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_grows_and_keeps(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_addf(&b, "%d,", i), 0);
	assert_int_equal(b.len, 3890);
	assert_memory_equal(b.p, "0,1,2,3,", 8);
	assert_int_equal(b.p[b.len], 0);
}

static void test_reserve_overflow_is_enomem(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	assert_int_equal(buf_adds(&b, "x"), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -12);
	assert_string_equal(b.p, "x");
}

static void test_json_escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""},
		{"plain / text", "plain / text"},
		{"a\"b\\c", "a\\\"b\\\\c"},
		{"</script>", "<\\/script>"},
		{"\b\f\n\r\t\x01\x1f", "\\b\\f\\n\\r\\t\\u0001\\u001f"},
		{"ž\xe2\x80\xa8", "ž\xe2\x80\xa8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		assert_int_equal(buf_add_json(&b, cases[i].in, strlen(cases[i].in)), 0);
		assert_string_equal(b.p, cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_keeps),
		cmocka_unit_test(test_reserve_overflow_is_enomem),
		cmocka_unit_test(test_json_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
