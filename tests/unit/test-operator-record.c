/* test-operator-record.c: what a passphrase opens, and what no changed record does. */
#include "store-fixture.h"

#include "redactfs/le.h"

static const uint8_t store_id[16] = {9}, slot_pk[32] = {1}, audit_pk[32] = {2}, reveal_sk[32] = {3};

static void make(const uint8_t *reveal, uint8_t record[OPERATOR_RECORD_BYTES])
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct secret *pp = fix_secret(FIX_PASSPHRASE);
	const struct operator_new n = {.email = FIX_EMAIL,
				       .passphrase = pp,
				       .scrypt = &cheap,
				       .store_id = store_id,
				       .slot_pk = slot_pk,
				       .audit_pk = audit_pk,
				       .reveal_sk = reveal,
				       .epoch = 4};

	assert_int_equal(operator_record_make(&n, record), 0);
	(void)secret_free(pp);
}

static int open_as(const uint8_t *record, const char *email, const char *passphrase, bool reveal,
		   struct operator_keys *k)
{
	struct secret *pp = fix_secret(passphrase);
	int r = operator_record_open(record, email, store_id, pp, reveal, k);

	(void)secret_free(pp);
	return r;
}

static void test_open(void **state)
{
	uint8_t record[OPERATOR_RECORD_BYTES], pk[32];
	struct operator_keys k;

	(void)state;
	make(reveal_sk, record);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, false, &k), 0);
	assert_memory_equal(k.slot_pk, slot_pk, 32);
	assert_memory_equal(k.audit_pk, audit_pk, 32);
	assert_int_equal(k.epoch_seen, 4);
	assert_null(k.reveal_sk); /* O2 */
	assert_int_equal(x25519_public(k.sk->b, pk), 0);
	assert_memory_equal(pk, operator_record_pk(record), 32);
	assert_int_equal(operator_record_see(record, k.epoch_key, 70), 0);
	operator_keys_done(&k);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k), 0);
	assert_int_equal(k.epoch_seen, 70);
	assert_memory_equal(k.reveal_sk->b, reveal_sk, 32);
	operator_keys_done(&k);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE " ", true, &k), -EKEYREJECTED);
	assert_int_equal(open_as(record, "eve@example.org", FIX_PASSPHRASE, false, &k),
			 -EKEYREJECTED);
	make(NULL, record);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k), -EACCES);
}

/* One bit in each field: never a login with another key, another store or another epoch. */
static void test_flipped(void **state)
{
	uint8_t record[OPERATOR_RECORD_BYTES];
	struct operator_keys k;

	(void)state;
	make(reveal_sk, record);
	for (size_t i = 0; i < sizeof(record); i += i < 88 ? 1 : 5) {
		if (i == 72)
			continue; /* a larger N only takes longer */
		record[i] ^= 1;
		int r = open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k);
		assert_true(r == -EKEYREJECTED || r == -EBADMSG || r == -E2BIG);
		record[i] ^= 1;
	}
	/* parameters that would take all memory there is */
	le32_put(record + 72, 63);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k), -E2BIG);
	le32_put(record + 72, 14 + 256);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k), -EBADMSG);
	le32_put(record + 72, 14);
	assert_int_equal(open_as(record, FIX_EMAIL, FIX_PASSPHRASE, true, &k), 0);
	operator_keys_done(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_flipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
