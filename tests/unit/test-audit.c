/* test-audit.c: a chain of entries holds, and any byte changed in it doesn't. */
#include "redactfs/audit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t seed[32] = {1, 2, 3}, zero[HASH_BYTES];

static void make(struct audit_entry *a, uint64_t seq, const uint8_t prev[HASH_BYTES])
{
	*a = (struct audit_entry){
		.seq = seq, .at_ns = 1700000000000000000 + (int64_t)seq, .kind = "erase"};
	(void)snprintf(a->operator_email, sizeof(a->operator_email), "officer@example.org");
	(void)snprintf(a->detail, sizeof(a->detail), "{\"count\":%llu}", (unsigned long long)seq);
	assert_int_equal(audit_seal(a, prev, seed), 0);
}

static void test_chain(void **state)
{
	struct audit_entry a, b;
	uint8_t pk[32];

	(void)state;
	assert_int_equal(ed25519_public(seed, pk), 0);
	make(&a, 1, zero);
	make(&b, 2, a.hash);
	assert_int_equal(audit_check(&a, zero, pk), 0);
	assert_int_equal(audit_check(&b, a.hash, pk), 0);
	/* an entry left out, or another signer */
	assert_int_equal(audit_check(&b, zero, pk), -EBADMSG);
	pk[0] ^= 1;
	assert_true(audit_check(&a, zero, pk) < 0);
}

static void test_any_change_is_found(void **state)
{
	struct audit_entry a;
	uint8_t pk[32];

	(void)state;
	assert_int_equal(ed25519_public(seed, pk), 0);
	make(&a, 7, zero);
	struct {
		const char *name;
		uint8_t *p;
		size_t n;
	} parts[] = {
		{"seq", (uint8_t *)&a.seq, sizeof(a.seq)},
		{"at", (uint8_t *)&a.at_ns, sizeof(a.at_ns)},
		{"kind", (uint8_t *)a.kind, strlen(a.kind)},
		{"operator", (uint8_t *)a.operator_email, strlen(a.operator_email)},
		{"detail", (uint8_t *)a.detail, strlen(a.detail)},
		{"prev", a.prev, sizeof(a.prev)},
		{"hash", a.hash, sizeof(a.hash)},
		{"sig", a.sig, sizeof(a.sig)},
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (size_t k = 0; k < parts[i].n; k++) {
			parts[i].p[k] ^= 1;
			if (audit_check(&a, zero, pk) != -EBADMSG)
				fail_msg("%s, byte %zu", parts[i].name, k);
			parts[i].p[k] ^= 1;
		}
	}
	/* text moved from one field to the next */
	strcpy(a.kind, "eras");
	memmove(a.operator_email + 1, a.operator_email, strlen(a.operator_email) + 1);
	a.operator_email[0] = 'e';
	assert_int_equal(audit_check(&a, zero, pk), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_any_change_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
