/* test-secmem.c: secrets come zeroed, in and beyond the arena, and the process stays out of dumps.
 * What a wipe leaves behind is looked at before the memory is given back. */
#include "redactfs/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmocka.h>

#define ARENA 65536u

static int setup(void **state)
{
	(void)state;
	return secmem_init(ARENA);
}

static void test_bad_arena(void **state)
{
	(void)state;
	assert_int_equal(secmem_init(0), -EINVAL);
	assert_int_equal(secmem_init(100000), -EINVAL);
	assert_int_equal(secmem_init(ARENA), 0); /* again is harmless */
}

static void test_no_dumps(void **state)
{
	struct rlimit rl;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &rl), 0);
	assert_int_equal(rl.rlim_cur, 0);
	assert_int_equal(rl.rlim_max, 0);
#if !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
	return;
#endif
#endif
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
#endif
}

static void test_copy_and_zero(void **state)
{
	static const uint8_t zeros[100];
	CLEANUP_PTR(secret_free) struct secret *a = secret_new(100);
	CLEANUP_PTR(secret_free) struct secret *b = secret_from("passphrase", 10);
	CLEANUP_PTR(secret_free) struct secret *empty = secret_from(NULL, 0);

	(void)state;
	assert_non_null(a);
	assert_int_equal(a->len, 100);
	assert_memory_equal(a->b, zeros, 100);
	assert_non_null(b);
	assert_int_equal(b->len, 10);
	assert_memory_equal(b->b, "passphrase", 10);
	assert_non_null(empty);
	assert_int_equal(empty->len, 0);
	assert_null(secret_free(NULL));
	assert_null(secret_new(SIZE_MAX));
	wipe(b->b, 4);
	assert_memory_equal(b->b, "\0\0\0\0phrase", 10);
}

/* More than the arena holds, and single ones larger than it: all usable, all apart. */
static void test_beyond_the_arena(void **state)
{
	struct secret *s[64], *large = secret_new(4 * ARENA);

	(void)state;
	assert_non_null(large);
	memset(large->b, 0xaa, large->len);
	for (size_t i = 0; i < 64; i++) {
		s[i] = secret_new(4032);
		assert_non_null(s[i]);
		for (size_t j = 0; j < s[i]->len; j++)
			assert_int_equal(s[i]->b[j], 0);
		memset(s[i]->b, (int)i, s[i]->len);
	}
	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(s[i]->b[0], i);
		assert_int_equal(s[i]->b[4031], i);
		s[i] = secret_free(s[i]);
	}
	large = secret_free(large);
	assert_null(large);
	/* what was given back comes zeroed again */
	for (size_t i = 0; i < 64; i++) {
		s[i] = secret_new(4032);
		assert_non_null(s[i]);
		for (size_t j = 0; j < s[i]->len; j++)
			assert_int_equal(s[i]->b[j], 0);
	}
	for (size_t i = 0; i < 64; i++)
		s[i] = secret_free(s[i]);
}

static void test_equal_ct(void **state)
{
	uint8_t a[32] = {0}, b[32] = {0};

	(void)state;
	assert_true(equal_ct(a, b, sizeof(a)));
	for (size_t i = 0; i < sizeof(b); i++) {
		b[i] ^= 0x80;
		assert_false(equal_ct(a, b, sizeof(a)));
		b[i] = 0;
	}
	assert_true(equal_ct(a, b, 0));
}

static void test_rng(void **state)
{
	uint8_t a[1000] = {0}, b[1000] = {0};
	size_t same = 0;

	(void)state;
	assert_int_equal(rng_bytes(a, sizeof(a)), 0);
	assert_int_equal(rng_bytes(b, sizeof(b)), 0);
	for (size_t i = 0; i < sizeof(a); i++)
		same += a[i] == b[i];
	assert_true(same < 50); /* 4 expected */
	assert_int_equal(rng_bytes(a, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_arena),     cmocka_unit_test(test_no_dumps),
		cmocka_unit_test(test_copy_and_zero), cmocka_unit_test(test_beyond_the_arena),
		cmocka_unit_test(test_equal_ct),      cmocka_unit_test(test_rng),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
