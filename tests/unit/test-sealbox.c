/* test-sealbox.c: X25519 (RFC 7748) and boxes that only their recipient opens. */
#include "../../src/crypto/crypto-priv.h"

#include "hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ALICE_SK "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define ALICE_PK "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define BOB_SK   "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
#define BOB_PK   "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define SHARED   "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

static void test_rfc7748(void **state)
{
	uint8_t a[32], b[32], a_pk[32], b_pk[32], want[32], got[32];

	(void)state;
	(void)unhex(ALICE_SK, a, 32);
	(void)unhex(BOB_SK, b, 32);
	assert_int_equal(x25519_public(a, a_pk), 0);
	(void)unhex(ALICE_PK, want, 32);
	assert_memory_equal(a_pk, want, 32);
	assert_int_equal(x25519_public(b, b_pk), 0);
	(void)unhex(BOB_PK, want, 32);
	assert_memory_equal(b_pk, want, 32);
	(void)unhex(SHARED, want, 32);
	assert_int_equal(x25519_shared(a, b_pk, got), 0);
	assert_memory_equal(got, want, 32);
	assert_int_equal(x25519_shared(b, a_pk, got), 0);
	assert_memory_equal(got, want, 32);
	/* section 5.2, first vector: a private key and a u-coordinate of their own */
	(void)unhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", a, 32);
	(void)unhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", b_pk, 32);
	(void)unhex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552", want, 32);
	assert_int_equal(x25519_shared(a, b_pk, got), 0);
	assert_memory_equal(got, want, 32);
}

/* A box put together by hand as docs/FORMAT.md says. */
static void test_format(void **state)
{
	const uint8_t zero_nonce[NONCE_BYTES] = {0};
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	uint8_t box[5 + SEALBOX_OVERHEAD], salt[64], shared[32], prk[32], key[32], sk[32], out[5];

	(void)state;
	(void)unhex(ALICE_PK, box, 32);
	memcpy(salt, box, 32);
	(void)unhex(BOB_PK, salt + 32, 32);
	(void)unhex(SHARED, shared, 32);
	assert_int_equal(hkdf_extract(salt, 64, shared, 32, prk), 0);
	assert_int_equal(hkdf_expand(prk, "test", 4, key, 32), 0);
	assert_int_equal(aead_new(key, &a), 0);
	assert_int_equal(aead_seal(a, zero_nonce, "aad", 3, "hello", 5, box + 32), 0);
	(void)unhex(BOB_SK, sk, 32);
	assert_int_equal(sealbox_open(sk, "test", "aad", 3, box, sizeof(box), out), 0);
	assert_memory_equal(out, "hello", 5);
}

static void test_round_trip_and_flips(void **state)
{
	uint8_t pk[32], sk[32], box[32 + SEALBOX_OVERHEAD], again[sizeof(box)], out[32], in[32];

	(void)state;
	memset(in, 0x5a, sizeof(in));
	assert_int_equal(x25519_keypair(pk, sk), 0);
	assert_int_equal(sealbox_seal(pk, "info", "aad", 3, in, sizeof(in), box), 0);
	assert_int_equal(sealbox_seal(pk, "info", "aad", 3, in, sizeof(in), again), 0);
	assert_memory_not_equal(box, again, 32); /* a key pair a box */
	assert_int_equal(sealbox_open(sk, "info", "aad", 3, box, sizeof(box), out), 0);
	assert_memory_equal(out, in, sizeof(in));
	for (size_t i = 0; i < sizeof(box); i++) {
		box[i] ^= (uint8_t)(1u << i % 8);
		/* the top bit of a u-coordinate is ignored (RFC 7748), but not by the salt */
		assert_int_equal(sealbox_open(sk, "info", "aad", 3, box, sizeof(box), out),
				 -EBADMSG);
		box[i] ^= (uint8_t)(1u << i % 8);
	}
	box[31] ^= 0x80;
	assert_int_equal(sealbox_open(sk, "info", "aad", 3, box, sizeof(box), out), -EBADMSG);
	box[31] ^= 0x80;
	assert_int_equal(sealbox_open(sk, "inf0", "aad", 3, box, sizeof(box), out), -EBADMSG);
	assert_int_equal(sealbox_open(sk, "info", "aae", 3, box, sizeof(box), out), -EBADMSG);
	assert_int_equal(sealbox_open(sk, "info", "aad", 2, box, sizeof(box), out), -EBADMSG);
	for (size_t n = 0; n < sizeof(box); n++)
		assert_int_equal(sealbox_open(sk, "info", "aad", 3, box, n, out), -EBADMSG);
	assert_int_equal(x25519_keypair(pk, sk), 0);
	assert_int_equal(sealbox_open(sk, "info", "aad", 3, box, sizeof(box), out), -EBADMSG);
}

/* Many boxes of one sender: each has a key of its own, by its info, and opens like any other. */
static void test_sender(void **state)
{
	CLEANUP_PTR(sealbox_sender_free) struct sealbox_sender *s = NULL;
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	uint8_t pk[32], sk[32], box[2][5 + SEALBOX_OVERHEAD], key[KEY_BYTES] = {0}, out[5];
	static const char *const infos[] = {"box 0", "box 1"};

	(void)state;
	assert_int_equal(x25519_keypair(pk, sk), 0);
	assert_int_equal(sealbox_sender_new(pk, &s), 0);
	assert_int_equal(aead_new(key, &a), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(sealbox_sender_seal(s, a, infos[i], "aad", 3, "hello", 5, box[i]),
				 0);
	assert_memory_equal(box[0], box[1], 32);
	assert_memory_not_equal(box[0] + 32, box[1] + 32, 5); /* no key stream twice */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sealbox_open(sk, infos[i], "aad", 3, box[i], sizeof(box[i]), out),
				 0);
		assert_memory_equal(out, "hello", 5);
		assert_int_equal(sealbox_open(sk, infos[!i], "aad", 3, box[i], sizeof(box[i]), out),
				 -EBADMSG);
	}
}

/* The points of low order make every shared secret zero: refused. */
static void test_low_order(void **state)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t pk[32], sk[32], box[SEALBOX_OVERHEAD + 1] = {0}, out[1];

	(void)state;
	assert_int_equal(x25519_keypair(pk, sk), 0);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		(void)unhex(points[i], box, 32);
		assert_int_equal(sealbox_open(sk, "x", NULL, 0, box, sizeof(box), out), -EBADMSG);
		assert_int_equal(sealbox_seal(box, "x", NULL, 0, "y", 1, box), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7748),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_round_trip_and_flips),
		cmocka_unit_test(test_sender),
		cmocka_unit_test(test_low_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
