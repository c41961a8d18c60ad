/* test-keyslot.c: root slots: who opens them, and that no bit of one can be changed. The forged
 * slots are signed with the right key, to see the checks behind the signature. */
#include "redactfs/keyslot.h"

#include "redactfs/le.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t sign_seed[32] = {7};
static uint8_t sign_pk[32], root_key[KEY_BYTES];
static struct signer *signer;
static uint8_t op_sk[LIMIT_OPERATORS + 1][32];
static struct slot_recipient op[LIMIT_OPERATORS + 1];
static const struct slot_info info = {
	.store_id = "0123456789abcde", .epoch = 0x1122334455667788, .height = 3};

static int setup(void **state)
{
	(void)state;
	if (ed25519_public(sign_seed, sign_pk) < 0 || signer_new(sign_seed, &signer) < 0 ||
	    rng_bytes(root_key, sizeof(root_key)) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(op) / sizeof(op[0]); i++) {
		if (x25519_keypair(op[i].pk, op_sk[i]) < 0)
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	signer = signer_free(signer);
	return 0;
}

static void encode(size_t n, uint8_t slot[SLOT_BYTES])
{
	assert_int_equal(keyslot_encode(&info, root_key, op, n, signer, slot), 0);
}

static void resign(uint8_t slot[SLOT_BYTES])
{
	assert_int_equal(ed25519_sign(sign_seed, slot, 4032, slot + 4032), 0);
}

static void test_every_operator_opens(void **state)
{
	const size_t counts[] = {1, 2, LIMIT_OPERATORS};
	uint8_t slot[SLOT_BYTES];

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct slot_info got;

		encode(counts[c], slot);
		assert_int_equal(keyslot_peek(slot, sign_pk, &got), 0);
		assert_memory_equal(got.store_id, info.store_id, 16);
		assert_int_equal(got.epoch, info.epoch);
		assert_int_equal(got.height, info.height);
		assert_int_equal(got.recipients, counts[c]);
		for (size_t i = 0; i < counts[c]; i++) {
			CLEANUP_PTR(secret_free) struct secret *key = NULL;

			assert_int_equal(keyslot_open(slot, op_sk[i], &key), 0);
			assert_int_equal(key->len, KEY_BYTES);
			assert_memory_equal(key->b, root_key, KEY_BYTES);
		}
		struct secret *none = NULL;
		assert_int_equal(keyslot_open(slot, op_sk[counts[c]], &none), -EKEYREJECTED);
		assert_null(none);
	}
}

/* The offsets of docs/FORMAT.md. */
static void test_layout(void **state)
{
	uint8_t slot[SLOT_BYTES], hash[HASH_BYTES];

	(void)state;
	encode(2, slot);
	assert_memory_equal(slot, "RFSROOT1", 8);
	assert_memory_equal(slot + 8, info.store_id, 16);
	assert_int_equal(le64_get(slot + 24), info.epoch);
	assert_int_equal(le32_get(slot + 32), info.height);
	assert_int_equal(le32_get(slot + 36), 2);
	assert_int_equal(le64_get(slot + 40), 0);
	assert_int_equal(sha256_once(op[1].pk, 32, hash), 0);
	assert_memory_equal(slot + 80 + 88, hash, 8);
	for (size_t i = 80 + 2 * 88; i < 4032; i++)
		assert_int_equal(slot[i], 0);
}

static void test_refused_arguments(void **state)
{
	uint8_t slot[SLOT_BYTES] = {0};
	static const uint8_t zeros[SLOT_BYTES];
	struct slot_info bad = info;
	struct slot_recipient low = {{0}};

	(void)state;
	assert_int_equal(keyslot_encode(&info, root_key, op, LIMIT_OPERATORS + 1, signer, slot),
			 -E2BIG);
	assert_int_equal(keyslot_encode(&info, root_key, op, 0, signer, slot), -EINVAL);
	bad.epoch = 0;
	assert_int_equal(keyslot_encode(&bad, root_key, op, 1, signer, slot), -EINVAL);
	bad.epoch = 1;
	bad.height = LIMIT_TREE_HEIGHT + 1;
	assert_int_equal(keyslot_encode(&bad, root_key, op, 1, signer, slot), -EINVAL);
	assert_int_equal(keyslot_encode(&info, root_key, &low, 1, signer, slot), -EBADMSG);
	assert_memory_equal(slot, zeros, sizeof(slot)); /* written only on success */
}

/* Any bit of the slot: the padding and the other recipients' boxes too. */
static void test_flipped_bits(void **state)
{
	uint8_t slot[SLOT_BYTES];
	struct slot_info got;

	(void)state;
	encode(3, slot);
	for (size_t i = 0; i < SLOT_BYTES; i++) {
		const int want = i < 7 ? -ENODATA : i == 7 ? -EPROTONOSUPPORT : -EBADMSG;

		slot[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(keyslot_peek(slot, sign_pk, &got), want);
		slot[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(keyslot_peek(slot, sign_pk, &got), 0);
	uint8_t other_pk[32];
	assert_int_equal(ed25519_public((const uint8_t[32]){8}, other_pk), 0);
	assert_int_equal(keyslot_peek(slot, other_pk, &got), -EBADMSG);
}

static void test_overwritten(void **state)
{
	uint8_t slot[SLOT_BYTES] = {0};
	struct slot_info got;

	(void)state;
	assert_int_equal(keyslot_peek(slot, sign_pk, &got), -ENODATA);
	assert_int_equal(rng_bytes(slot, sizeof(slot)), 0);
	assert_int_equal(keyslot_peek(slot, sign_pk, &got), -ENODATA);
}

/* Behind the signature: header, commitment and box each hold the others. */
static void test_open_checks_for_itself(void **state)
{
	static const size_t bits_at[] = {0, 8, 24, 32, 40, 48, 79, 88, 119, 120, 151, 167};
	uint8_t slot[SLOT_BYTES];

	(void)state;
	encode(2, slot);
	for (size_t i = 0; i < sizeof(bits_at) / sizeof(bits_at[0]); i++) {
		struct secret *key = NULL;

		slot[bits_at[i]] ^= 1;
		assert_int_equal(keyslot_open(slot, op_sk[0], &key), -EBADMSG);
		assert_null(key);
		slot[bits_at[i]] ^= 1;
	}
	struct secret *key = NULL;
	slot[80] ^= 1; /* the key id: we are no recipient then */
	assert_int_equal(keyslot_open(slot, op_sk[0], &key), -EKEYREJECTED);
	slot[80] ^= 1;
	le32_put(slot + 36, UINT32_MAX);
	assert_int_equal(keyslot_open(slot, op_sk[0], &key), -EBADMSG);
	assert_null(key);
}

/* Another's entry with our key id in front of ours: passed over. */
static void test_key_ids_that_collide(void **state)
{
	CLEANUP_PTR(secret_free) struct secret *key = NULL;
	uint8_t slot[SLOT_BYTES];

	(void)state;
	encode(2, slot);
	memcpy(slot + 80, slot + 80 + 88, 8);
	assert_int_equal(keyslot_open(slot, op_sk[1], &key), 0);
	assert_memory_equal(key->b, root_key, KEY_BYTES);
}

/* What a newer program signed, or a mistaken one. */
static void test_signed_but_not_ours(void **state)
{
	static const struct {
		size_t at;
		uint32_t v;
		int want;
	} cases[] = {
		{40, 1, -EPROTONOSUPPORT},
		{44, 1u << 31, -EPROTONOSUPPORT},
		{32, LIMIT_TREE_HEIGHT + 1, -EBADMSG},
		{36, 0, -EBADMSG},
		{36, LIMIT_OPERATORS + 1, -EBADMSG},
	};
	uint8_t slot[SLOT_BYTES];
	struct slot_info got;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		encode(1, slot);
		le32_put(slot + cases[i].at, cases[i].v);
		resign(slot);
		assert_int_equal(keyslot_peek(slot, sign_pk, &got), cases[i].want);
	}
	encode(1, slot);
	le64_put(slot + 24, 0);
	resign(slot);
	assert_int_equal(keyslot_peek(slot, sign_pk, &got), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_operator_opens),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_refused_arguments),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_overwritten),
		cmocka_unit_test(test_open_checks_for_itself),
		cmocka_unit_test(test_key_ids_that_collide),
		cmocka_unit_test(test_signed_but_not_ours),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
