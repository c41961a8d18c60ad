/* test-passphrase-strength.c: what is refused as a passphrase, and why. */
#include "redactfs/crypto.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int check(const char *pp, struct errinfo *e)
{
	CLEANUP_PTR(secret_free) struct secret *s = secret_from(pp, strlen(pp));

	return passphrase_check(s, "ingrid.mossberg@example.org", e);
}

static void test_refuses_weak_ones(void **state)
{
	static const char *const weak[] = {
		"",
		"xyzzy",
		"elevenchars",
		"passwordpassword",
		"aaaaaaaaaaaaaaaaaaaa",
		"qwertyuiopasdf",
		"123456789012345",
		"ingrid.mossberg@example.org",
		"Password1234",
		"\xc5\xbe\xc5\xbe\xc5\xbe\xc5\xbe\xc5\xbe\xc5\xbe",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		struct errinfo e = {0};
		if (check(weak[i], &e) != -EINVAL || !e.msg[0] || !e.hint[0])
			fail_msg("'%s' should be refused", weak[i]);
		assert_true(!weak[i][0] || !strstr(e.msg, weak[i]));
	}
}

static void test_takes_good_ones(void **state)
{
	static const char *const good[] = {
		"correct horse battery staple 42",
		"t4!mDq-9vKz#Lw2p",
		"\xc5\xbeluto\xc5\xa5ou\xc4\x8dk\xc3\xbd k\xc5\xaf\xc5\x88 p\xc4\x9bl",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct errinfo e = {0};
		if (check(good[i], &e) != 0)
			fail_msg("'%s': %s", good[i], e.msg);
	}
}

static void test_limits(void **state)
{
	struct errinfo e = {0};
	char *p = malloc(2001);

	(void)state;
	memset(p, 'x', 2000);
	p[2000] = 0;
	assert_int_equal(check(p, &e), -E2BIG);
	free(p);
	CLEANUP_PTR(secret_free) struct secret *s = secret_from("t4!mDq-9v\0Kz#Lw2p", 17);
	assert_int_equal(passphrase_check(s, NULL, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_weak_ones),
		cmocka_unit_test(test_takes_good_ones),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
