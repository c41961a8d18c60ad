/* test-site.c: what may name a site, and nothing that could name a path. */
#include "redactfs/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define L63 "a123456789012345678901234567890123456789012345678901234567890bc"

static void test_good_names(void **state)
{
	static const char *const good[] = {
		"shop.example.com",
		"localhost",
		"a",
		"0",
		"1.2",
		"xn--bcher-kva.example",
		"a-b.c--d.e",
		L63,
		L63 "." L63 "." L63 "."
		    "x.y",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct errinfo e = {0};
		assert_int_equal(site_name_check(good[i], strlen(good[i]), &e), 0);
		assert_int_equal(e.code, 0);
	}
}

static void test_bad_names(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		".redactfs",
		"a..b",
		"a.",
		".a",
		"-a",
		"a-",
		"a.-b",
		"a-.b",
		"Shop.example",
		"shop example",
		"shop_example",
		"a/b",
		"../a",
		"a\\b",
		"a\nb",
		"shop.example:8080",
		"b\xc3\xbc"
		"cher.example",
		L63 "x",
		L63 "." L63 "." L63 "." L63,
		"[::1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct errinfo e = {0};
		assert_int_equal(site_name_check(bad[i], strlen(bad[i]), &e), -EINVAL);
		assert_int_equal(e.code, -EINVAL);
		assert_true(e.msg[0] != 0);
	}
	assert_int_equal(site_name_check("a\0b", 3, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_names),
		cmocka_unit_test(test_bad_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
