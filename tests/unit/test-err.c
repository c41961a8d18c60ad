/* test-err.c: the first message stays, additions go where they belong, exit statuses hold. */
#include "redactfs/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_first_message_stays(void **state)
{
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(err_set_at(&e, -EILSEQ, 17, "unexpected '%c'", '}'), -EILSEQ);
	assert_int_equal(err_set(&e, -EIO, "cannot read"), -EIO);
	assert_int_equal(err_set_at(&e, -EIO, 99, "cannot read"), -EIO);
	assert_int_equal(err_set_errno(&e, -EIO, "cannot read"), -EIO);
	assert_int_equal(e.code, -EILSEQ);
	assert_true(e.has_offset);
	assert_int_equal(e.offset, 17);
	assert_string_equal(e.msg, "unexpected '}'");
}

static void test_errno_prefix_and_hint(void **state)
{
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(err_set_errno(&e, -EACCES, "cannot open '%s'", "root"), -EACCES);
	err_prefix(&e, "store '%s'", "x");
	err_hint(&e, "run as its owner");
	err_hint(&e, "too late");
	assert_string_equal(e.msg, "store 'x': cannot open 'root': Permission denied");
	assert_string_equal(e.hint, "run as its owner");
	assert_false(e.has_offset);
}

static void test_nobody_listens(void **state)
{
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_set_at(NULL, -EIO, 1, "x"), -EIO);
	assert_int_equal(err_set_errno(NULL, -EIO, "x"), -EIO);
	err_prefix(NULL, "x");
	err_hint(NULL, "x");
	err_prefix(&e, "nothing to put it before");
	assert_string_equal(e.msg, "");
}

static void test_long_messages_are_cut(void **state)
{
	struct errinfo e = {0};
	char text[400];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(err_set_errno(&e, -EIO, "%s", text), -EIO);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_prefix(&e, "%s", text);
	err_prefix(&e, "short");
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_int_equal(strncmp(e.msg, "short: aaa", 10), 0);
}

static void test_exit_statuses(void **state)
{
	static const struct {
		int code, status;
	} cases[] = {
		{0, 0},
		{-ENOENT, 3},
		{-EACCES, 4},
		{-ENOKEY, 5},
		{-EEXIST, 6},
		{-EBUSY, 7},
		{-EKEYREJECTED, 10},
		{-EBADMSG, 11},
		{-EUCLEAN, 12},
		{-EPROTONOSUPPORT, 13},
		{-EILSEQ, 14},
		{-E2BIG, 15},
		{-EIO, 1},
		{-ENOMEM, 1},
		{-ENODATA, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(err_exit_status(cases[i].code), cases[i].status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_message_stays),
		cmocka_unit_test(test_errno_prefix_and_hint),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_long_messages_are_cut),
		cmocka_unit_test(test_exit_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
