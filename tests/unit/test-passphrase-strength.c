/* test-passphrase-strength.c: what is refused and what isn't, and that nobody is told the
 * passphrase. */
#include "redactfs/crypto.h"
#include "redactfs/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EMAIL "Jane.Novakova@Recordings-Example.com"

static int check(const char *text, size_t n, struct errinfo *e)
{
	CLEANUP_PTR(secret_free) struct secret *pp = secret_from(text, n);

	assert_non_null(pp);
	return passphrase_check(pp, EMAIL, e);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "too short (at least 12"},
		{"x7$Kq9!zRw2", "too short (at least 12"},
		/* 11 characters of two bytes each */
		{"žščřďťňžščř", "too short (at least 12"},
		{"password1234", "easy to guess"},
		{"Password1234!", "easy to guess"},
		{"P@ssw0rd2026", "easy to guess"},
		{"qwertzuiop123", "easy to guess"},
		{"aaaaaaaaaaaaaaaaaaaaaaaa", "easy to guess"},
		{"abcdefghijklmnopqrstuvwxyz", "easy to guess"},
		{"123456789012345678901234567890", "easy to guess"},
		{"jane.novakova@recordings-example.com", "easy to guess"},
		{"Jane.Novakova1", "easy to guess"},
		{"JANENOVAKOVA2026", "easy to guess"},
		{"recordings-example", "easy to guess"},
		{"redactfs redactfs", "easy to guess"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct errinfo e = {0};

		print_message("%s\n", cases[i].text);
		assert_int_equal(check(cases[i].text, strlen(cases[i].text), &e), -EINVAL);
		assert_int_equal(e.code, -EINVAL);
		assert_non_null(strstr(e.msg, cases[i].why));
		assert_true(e.hint[0]);
		if (cases[i].text[0])
			assert_null(strstr(e.msg, cases[i].text));
	}
}

static void test_accepted(void **state)
{
	static const char *const good[] = {
		"correct horse battery staple mango",
		"x7$Kq9!zRw2#",
		"vlhký kocour třídí šišky",
		"9f3a7c21d0b45e68a1",
		"Jane.Novakova and her tribal penguin yodel",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct errinfo e = {0};

		print_message("%s\n", good[i]);
		assert_int_equal(check(good[i], strlen(good[i]), &e), 0);
		assert_int_equal(e.code, 0);
	}
}

static void test_limits(void **state)
{
	static char text[LIMIT_PASSPHRASE_BYTES + 1];
	struct errinfo e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "correct horse battery staple mango "[i % 35];
	assert_int_equal(check(text, LIMIT_PASSPHRASE_BYTES, &e), 0);
	assert_int_equal(check(text, sizeof(text), &e), -E2BIG);
	assert_string_equal(e.msg, "passphrase too long (limit 1024 bytes)");
	e = (struct errinfo){0};
	assert_int_equal(check("correct horse\0battery staple mango", 34, &e), -EINVAL);
	assert_string_equal(e.msg, "the passphrase holds a NUL byte");
	assert_int_equal(check("short", 5, NULL), -EINVAL);
}

/* Addresses as long as they may be, of nothing but separators, or of nothing. */
static void test_odd_addresses(void **state)
{
	CLEANUP_PTR(secret_free) struct secret *pp = secret_from("x7$Kq9!zRw2#", 12);
	char email[LIMIT_EMAIL_BYTES + 50];

	(void)state;
	for (int fill = 1; fill < 256; fill++) {
		memset(email, fill, sizeof(email) - 1);
		email[sizeof(email) - 1] = 0;
		(void)passphrase_check(pp, email, NULL);
		email[LIMIT_EMAIL_BYTES] = 0;
		assert_int_equal(passphrase_check(pp, email, NULL), 0);
	}
	for (size_t i = 0; i < sizeof(email) - 1; i++)
		email[i] = i % 4 == 3 ? '.' : 'a'; /* as many parts as fit */
	assert_int_equal(passphrase_check(pp, email, NULL), 0);
	assert_int_equal(passphrase_check(pp, "", NULL), 0);
	assert_int_equal(passphrase_check(pp, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_odd_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
