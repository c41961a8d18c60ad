/* test-class.c: names, tokens and numbers of the classes. Numbers are in stores: this table is the
 * promise that they stay. */
#include "redactfs/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	int number;
	const char *name;
} promised[] = {
	{1, "password"}, {2, "card"},       {3, "cvc"},         {4, "otp"},     {5, "blocked"},
	{6, "secret"},   {7, "iban"},       {8, "national-id"}, {9, "email"},   {10, "phone"},
	{11, "ip"},      {12, "birthdate"}, {13, "url"},        {14, "masked"}, {15, "form"},
};

static void test_numbers_and_names(void **state)
{
	(void)state;
	assert_int_equal(CLASS_COUNT, 16);
	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
		const enum redact_class c = (enum redact_class)promised[i].number;

		assert_string_equal(class_name(c), promised[i].name);
		assert_int_equal(class_parse(promised[i].name, strlen(promised[i].name)), c);
		assert_int_equal(class_always_dropped(c), promised[i].number <= 4);
	}
	assert_null(class_name(CLASS_NONE));
	assert_null(class_name(CLASS_COUNT));
	assert_int_equal(class_parse("passwor", 7), CLASS_NONE);
	assert_int_equal(class_parse("Password", 8), CLASS_NONE);
	assert_int_equal(class_parse("", 0), CLASS_NONE);
}

static void test_tokens(void **state)
{
	(void)state;
	for (int c = 1; c < CLASS_COUNT; c++) {
		char want[64];
		size_t n;

		(void)snprintf(want, sizeof(want), "[%s]", class_name((enum redact_class)c));
		assert_string_equal(class_token((enum redact_class)c, FORM_TOKEN, &n), want);
		assert_int_equal(n, strlen(want));
		(void)snprintf(want, sizeof(want), "\"[%s]\"", class_name((enum redact_class)c));
		assert_string_equal(class_token((enum redact_class)c, FORM_QUOTED, &n), want);
		assert_int_equal(n, strlen(want));
		assert_string_equal(class_token((enum redact_class)c, FORM_EMPTY, &n), "");
		assert_int_equal(n, 0);
		assert_string_equal(class_token((enum redact_class)c, FORM_FALSE, &n), "false");
		assert_string_equal(class_token((enum redact_class)c, FORM_ZERO, &n), "0");
		assert_string_equal(class_token((enum redact_class)c, FORM_BLACK, &n), "#000000");
		assert_int_equal(n, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_and_names),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
