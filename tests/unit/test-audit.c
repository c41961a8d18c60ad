/* test-audit.c: chains of audit entries, and every way to break one. */
#include "redactfs/audit.h"

#include "redactfs/le.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ENTRIES 5u

static const uint8_t seed[32] = {5}, store_id[16] = "a store's number";
static uint8_t pk[32], first_prev[HASH_BYTES];
static struct audit_entry chain[ENTRIES];

static int setup(void **state)
{
	(void)state;
	memcpy(first_prev, store_id, sizeof(store_id));
	if (ed25519_public(seed, pk) < 0)
		return -1;
	for (size_t i = 0; i < ENTRIES; i++) {
		struct audit_entry *a = &chain[i];

		a->seq = i + 1;
		a->at_ns = 1795000000000000000 + (int64_t)i;
		(void)snprintf(a->kind, sizeof(a->kind), "%s", i ? "erase" : "init");
		(void)snprintf(a->operator_email, sizeof(a->operator_email), "jane@example.com");
		(void)snprintf(a->detail, sizeof(a->detail), "{\"sessions\":%zu}", i);
		if (audit_seal(a, i ? chain[i - 1].hash : first_prev, seed) < 0)
			return -1;
	}
	return 0;
}

static const uint8_t *prev_of(size_t i)
{
	return i ? chain[i - 1].hash : first_prev;
}

static void test_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENTRIES; i++)
		assert_int_equal(audit_check(&chain[i], prev_of(i), pk), 0);
}

/* docs/FORMAT.md "Audit", put together by hand. */
static void test_format(void **state)
{
	const struct audit_entry *a = &chain[2];
	uint8_t text[1000], hash[HASH_BYTES];
	size_t n = 0;

	(void)state;
	memcpy(text, "redactfs audit", 14);
	le64_put(text + 14, 3);
	le64_put(text + 22, 1795000000000000002);
	n = 30;
	for (int i = 0; i < 3; i++) {
		static const char *const fields[] = {"erase", "jane@example.com",
						     "{\"sessions\":2}"};
		const size_t len = strlen(fields[i]);

		le32_put(text + n, (uint32_t)len);
		memcpy(text + n + 4, fields[i], len);
		n += 4 + len;
	}
	memcpy(text + n, chain[1].hash, HASH_BYTES);
	assert_int_equal(sha256_once(text, n + HASH_BYTES, hash), 0);
	assert_memory_equal(a->hash, hash, HASH_BYTES);
	assert_int_equal(ed25519_verify(pk, hash, HASH_BYTES, a->sig), 0);
}

static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENTRIES; i++) {
		for (size_t j = 0; j < ENTRIES; j++)
			assert_int_equal(audit_check(&chain[i], prev_of(j), pk),
					 i == j ? 0 : -EBADMSG);
	}
}

/* Each field, one bit at a time; then with the hash made right again, as somebody without the
 * signing key would. */
static void test_changed(void **state)
{
	const uint8_t other_seed[32] = {6};
	const struct {
		size_t at, n;
	} fields[] = {
		{offsetof(struct audit_entry, seq), 8},
		{offsetof(struct audit_entry, at_ns), 8},
		{offsetof(struct audit_entry, kind), 6}, /* its NUL too */
		{offsetof(struct audit_entry, operator_email), 17},
		{offsetof(struct audit_entry, detail), 15},
		{offsetof(struct audit_entry, prev), HASH_BYTES},
		{offsetof(struct audit_entry, hash), HASH_BYTES},
		{offsetof(struct audit_entry, sig), SIGN_BYTES},
	};

	(void)state;
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t bit = 0; bit < fields[f].n * 8; bit++) {
			struct audit_entry a = chain[3];

			((uint8_t *)&a)[fields[f].at + bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(audit_check(&a, prev_of(3), pk), -EBADMSG);
		}
	}
	struct audit_entry a = chain[3];
	(void)snprintf(a.detail, sizeof(a.detail), "{\"sessions\":0}");
	assert_int_equal(audit_seal(&a, prev_of(3), other_seed), 0);
	assert_int_equal(audit_check(&a, prev_of(3), pk), -EBADMSG);
	memcpy(a.sig, chain[3].sig, sizeof(a.sig));
	assert_int_equal(audit_check(&a, prev_of(3), pk), -EBADMSG);
}

/* Text can't be moved from one field to the next. */
static void test_fields_are_apart(void **state)
{
	struct audit_entry a = chain[1], b = chain[1];

	(void)state;
	(void)snprintf(a.kind, sizeof(a.kind), "mount");
	(void)snprintf(a.operator_email, sizeof(a.operator_email), "xjane");
	(void)snprintf(b.kind, sizeof(b.kind), "mountx");
	(void)snprintf(b.operator_email, sizeof(b.operator_email), "jane");
	assert_int_equal(audit_seal(&a, first_prev, seed), 0);
	assert_int_equal(audit_seal(&b, first_prev, seed), 0);
	assert_memory_not_equal(a.hash, b.hash, HASH_BYTES);
}

static void test_text_without_end(void **state)
{
	struct audit_entry a = chain[0];

	(void)state;
	memset(a.kind, 'x', sizeof(a.kind));
	assert_int_equal(audit_seal(&a, first_prev, seed), -EINVAL);
	assert_int_equal(audit_check(&a, first_prev, pk), -EBADMSG);
	a = chain[0];
	memset(a.detail, 'x', sizeof(a.detail));
	assert_int_equal(audit_seal(&a, first_prev, seed), -EINVAL);
	a.detail[sizeof(a.detail) - 1] = 0; /* the longest there can be */
	assert_int_equal(audit_seal(&a, first_prev, seed), 0);
	assert_int_equal(audit_check(&a, first_prev, pk), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_fields_are_apart),
		cmocka_unit_test(test_text_without_end),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
