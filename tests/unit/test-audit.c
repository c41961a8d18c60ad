/* test-audit.c: chains of audit entries, and every way to break one. */
#include "redactfs/audit.h"

#include "redactfs/le.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ENTRIES 5u

static const uint8_t seed[32] = {5}, other_seed[32] = {6}, store_id[16] = "a store's number";
static struct signer *signer, *other;
static uint8_t pk[32], first_prev[HASH_BYTES];
static struct audit_entry chain[ENTRIES];

static int setup(void **state)
{
	(void)state;
	memcpy(first_prev, store_id, sizeof(store_id));
	if (ed25519_public(seed, pk) < 0 || signer_new(seed, &signer) < 0 ||
	    signer_new(other_seed, &other) < 0)
		return -1;
	for (size_t i = 0; i < ENTRIES; i++) {
		struct audit_entry *a = &chain[i];

		a->seq = i + 1;
		a->epoch = 10 + i / 2;
		a->at_ns = 1795000000000000000 + (int64_t)i;
		(void)snprintf(a->kind, sizeof(a->kind), "%s", i ? "erase" : "init");
		(void)snprintf(a->operator_email, sizeof(a->operator_email), "jane@example.com");
		(void)snprintf(a->detail, sizeof(a->detail), "{\"sessions\":%zu}", i);
		if (audit_seal(a, i ? chain[i - 1].hash : first_prev, signer) < 0)
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	signer = signer_free(signer);
	other = signer_free(other);
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
	le64_put(text + 22, 11);
	le64_put(text + 30, 1795000000000000002);
	n = 38;
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
	const struct {
		size_t at, n;
	} fields[] = {
		{offsetof(struct audit_entry, seq), 8},
		{offsetof(struct audit_entry, epoch), 8},
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
	assert_int_equal(audit_seal(&a, prev_of(3), other), 0);
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
	assert_int_equal(audit_seal(&a, first_prev, signer), 0);
	assert_int_equal(audit_seal(&b, first_prev, signer), 0);
	assert_memory_not_equal(a.hash, b.hash, HASH_BYTES);
}

static void test_text_without_end(void **state)
{
	struct audit_entry a = chain[0];

	(void)state;
	memset(a.kind, 'x', sizeof(a.kind));
	assert_int_equal(audit_seal(&a, first_prev, signer), -EINVAL);
	assert_int_equal(audit_check(&a, first_prev, pk), -EBADMSG);
	a = chain[0];
	memset(a.detail, 'x', sizeof(a.detail));
	assert_int_equal(audit_seal(&a, first_prev, signer), -EINVAL);
	a.detail[sizeof(a.detail) - 1] = 0; /* the longest there can be */
	assert_int_equal(audit_seal(&a, first_prev, signer), 0);
	assert_int_equal(audit_check(&a, first_prev, pk), 0);
}

/* A log with something done to it: where that is seen, and what is said. */
static void expect_fault(const struct audit_entry *log, size_t n, size_t at, const char *fault)
{
	struct audit_chain c;

	audit_chain_init(&c, store_id, pk);
	for (size_t i = 0; i < n; i++) {
		int r = audit_chain_next(&c, &log[i]);

		assert_int_equal(r, i == at ? -EBADMSG : 0);
		if (r < 0) {
			assert_non_null(strstr(c.fault, fault));
			return;
		}
		assert_int_equal(c.seq, i + 1);
		assert_memory_equal(c.prev, log[i].hash, HASH_BYTES);
	}
	assert_int_equal(at, n);
}

static void test_chain_faults(void **state)
{
	struct audit_entry log[ENTRIES];

	(void)state;
	expect_fault(chain, ENTRIES, ENTRIES, "");
	expect_fault(chain, 3, 3, ""); /* cut off: not the chain's to see */
	memcpy(log, chain, sizeof(log));
	log[2].at_ns++;
	expect_fault(log, ENTRIES, 2, "changed");
	log[2].at_ns--;
	log[2].sig[3] ^= 1;
	expect_fault(log, ENTRIES, 2, "another key");
	/* taken out, with and without closing the gap */
	memcpy(log, chain, sizeof(log));
	memmove(&log[1], &chain[2], 3 * sizeof(log[0]));
	expect_fault(log, ENTRIES - 1, 1, "missing");
	log[1].seq = 2;
	expect_fault(log, ENTRIES - 1, 1, "doesn't follow");
	expect_fault(&chain[1], ENTRIES - 1, 0, "missing");
	/* two in each other's place */
	memcpy(log, chain, sizeof(log));
	log[1] = chain[2];
	log[2] = chain[1];
	expect_fault(log, ENTRIES, 1, "missing");
	log[1].seq = 2;
	log[2].seq = 3;
	expect_fault(log, ENTRIES, 1, "doesn't follow");
	/* written anew as a whole, all hashes right, by somebody without the key */
	for (size_t i = 0; i < ENTRIES; i++) {
		log[i] = chain[i];
		assert_int_equal(audit_seal(&log[i], i ? log[i - 1].hash : first_prev, other), 0);
	}
	expect_fault(log, ENTRIES, 0, "another key");
	/* by somebody with it, of an older commit */
	memcpy(log, chain, sizeof(log));
	log[3].epoch = 1;
	assert_int_equal(audit_seal(&log[3], log[2].hash, signer), 0);
	expect_fault(log, ENTRIES, 3, "older commit");
	/* another store's */
	struct audit_chain c;
	audit_chain_init(&c, (const uint8_t *)"another store ..", pk);
	assert_int_equal(audit_chain_next(&c, &chain[0]), -EBADMSG);
}

static void test_detail(void **state)
{
	static const char awkward[] = "a \"b\" \\ c</d\x01\t\xc5\xbe";
	CLEANUP(buf_done) struct buf b = {0}, key = {0}, value = {0};
	const char *at;

	(void)state;
	assert_int_equal(audit_detail_end(&b), 0);
	assert_string_equal(b.p, "{}");
	at = b.p;
	assert_int_equal(audit_detail_next(&at, &key, &value), 0);
	b.len = 0;
	assert_int_equal(audit_detail_text(&b, "reason", awkward), 0);
	assert_int_equal(audit_detail_number(&b, "sessions", 18446744073709551615u), 0);
	assert_int_equal(audit_detail_hex(&b, "list", "\x00\xff\x5a", 3), 0);
	assert_int_equal(audit_detail_text(&b, "none", ""), 0);
	assert_int_equal(audit_detail_end(&b), 0);
	assert_string_equal(b.p, "{\"reason\":\"a \\\"b\\\" \\\\ c<\\/d\\u0001\\t\xc5\xbe\","
				 "\"sessions\":18446744073709551615,\"list\":\"00ff5a\","
				 "\"none\":\"\"}");
	at = b.p;
	static const struct {
		const char *key, *value;
	} want[] = {{"reason", awkward},
		    {"sessions", "18446744073709551615"},
		    {"list", "00ff5a"},
		    {"none", ""}};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(audit_detail_next(&at, &key, &value), 1);
		assert_string_equal(key.p, want[i].key);
		assert_string_equal(value.p, want[i].value);
	}
	assert_int_equal(audit_detail_next(&at, &key, &value), 0);

	static const char *const bad[] = {
		"",          "x",         "{\"a",        "{\"a\"",         "{\"a\":",
		"{\"a\":x}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\u00", "{\"a\":\"\\u0000\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at = bad[i];
		assert_int_equal(audit_detail_next(&at, &key, &value), -EBADMSG);
	}
}

/* RFC 8410 section 10.1 has a key in both forms. */
static void test_key_pem(void **state)
{
	static const uint8_t known[32] = {0x19, 0xbf, 0x44, 0x09, 0x69, 0x84, 0xcd, 0xfe,
					  0x85, 0x41, 0xba, 0xc1, 0x67, 0xdc, 0x3b, 0x96,
					  0xc8, 0x50, 0x86, 0xaa, 0x30, 0xb6, 0xb6, 0xcb,
					  0x0c, 0x5c, 0x38, 0xad, 0x70, 0x31, 0x66, 0xe1};
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	assert_int_equal(audit_key_pem(known, &b), 0);
	assert_string_equal(b.p, "-----BEGIN PUBLIC KEY-----\n"
				 "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
				 "-----END PUBLIC KEY-----\n");
}

static void test_receipt(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct audit_entry a = chain[2];

	(void)state;
	(void)snprintf(a.detail, sizeof(a.detail), "{\"reason\":\"why\",\"sessions\":7}");
	assert_int_equal(audit_receipt_text(&a, store_id, pk, "00ff", &b), 0);
	assert_int_equal(strncmp(b.p, "redactfs certificate of erasure\nstore: 6120", 40), 0);
	/* printf 00ff | sha256sum */
	assert_non_null(
		strstr(b.p, "\nsession-sha256: "
			    "8909cde2f411a84e86e7a39c8a3916b7cda6a9d977778030b6f6a491401400bc\n"));
	assert_non_null(strstr(b.p, "\nerased: 2026-11-18T11:06:40Z\noperator: jane@example.com\n"
				    "reason: why\nsessions: 7\nepoch: 11\nentry: 3\nentry-hash: "));
	b.len = 0;
	assert_int_equal(audit_receipt_text(&a, store_id, pk, NULL, &b), 0);
	assert_null(strstr(b.p, "session-sha256"));
	(void)snprintf(a.detail, sizeof(a.detail), "{\"reason\":\"why\"");
	b.len = 0;
	assert_int_equal(audit_receipt_text(&a, store_id, pk, NULL, &b), -EBADMSG);
	b.len = 0;
	assert_int_equal(audit_receipt_seal(chain[0].sig, &b), 0);
	assert_int_equal(b.len, 157);
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
		cmocka_unit_test(test_chain_faults),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_key_pem),
		cmocka_unit_test(test_receipt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
