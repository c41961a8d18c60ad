/* test-sign.c: Ed25519 against RFC 8032, section 7.1, and every bit that can be flipped. */
#include "redactfs/crypto.h"

#include "hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *seed, *pk, *msg, *sig;
} vectors[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
	 "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
	 "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
	 "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void test_rfc8032(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t seed[32], pk[32], msg[8], sig[SIGN_BYTES], got[SIGN_BYTES];
		size_t n = unhex(vectors[i].msg, msg, sizeof(msg));

		(void)unhex(vectors[i].seed, seed, sizeof(seed));
		(void)unhex(vectors[i].pk, pk, sizeof(pk));
		(void)unhex(vectors[i].sig, sig, sizeof(sig));
		assert_int_equal(ed25519_public(seed, got), 0);
		assert_memory_equal(got, pk, 32);
		assert_int_equal(ed25519_sign(seed, msg, n, got), 0);
		assert_memory_equal(got, sig, sizeof(sig));
		assert_int_equal(ed25519_verify(pk, msg, n, sig), 0);
	}
}

/* One signer, many signatures. */
static void test_signer(void **state)
{
	uint8_t seed[32], msg[8], sig[SIGN_BYTES], got[SIGN_BYTES];
	struct signer *s;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t n = unhex(vectors[i].msg, msg, sizeof(msg));

		(void)unhex(vectors[i].seed, seed, sizeof(seed));
		(void)unhex(vectors[i].sig, sig, sizeof(sig));
		assert_int_equal(signer_new(seed, &s), 0);
		for (int again = 0; again < 3; again++) {
			assert_int_equal(signer_sign(s, "something else", 14, got), 0);
			assert_memory_not_equal(got, sig, sizeof(sig));
			assert_int_equal(signer_sign(s, msg, n, got), 0);
			assert_memory_equal(got, sig, sizeof(sig));
		}
		assert_null(signer_free(s));
	}
	assert_null(signer_free(NULL));
}

static void test_flipped_bits(void **state)
{
	uint8_t seed[32], pk[32], msg[2], sig[SIGN_BYTES];
	struct {
		uint8_t *p;
		size_t n;
	} fields[] = {{pk, sizeof(pk)}, {msg, sizeof(msg)}, {sig, sizeof(sig)}};

	(void)state;
	(void)unhex(vectors[2].seed, seed, sizeof(seed));
	(void)unhex(vectors[2].pk, pk, sizeof(pk));
	(void)unhex(vectors[2].msg, msg, sizeof(msg));
	(void)unhex(vectors[2].sig, sig, sizeof(sig));
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t bit = 0; bit < fields[f].n * 8; bit++) {
			fields[f].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(ed25519_verify(pk, msg, sizeof(msg), sig), -EBADMSG);
			fields[f].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	assert_int_equal(ed25519_verify(pk, msg, 1, sig), -EBADMSG);
	assert_int_equal(ed25519_verify(pk, msg, sizeof(msg), sig), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc8032),
		cmocka_unit_test(test_signer),
		cmocka_unit_test(test_flipped_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
