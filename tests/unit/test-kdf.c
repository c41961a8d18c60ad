/* test-kdf.c: SHA-256 (FIPS 180-4), HMAC (RFC 4231), HKDF (RFC 5869), scrypt (RFC 7914). */
#include "../../src/crypto/crypto-priv.h"

#include "redactfs/le.h"

#include "hex.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
	uint8_t w[256];

	assert_int_equal(unhex(want, w, sizeof(w)), n);
	assert_memory_equal(got, w, n);
}

static void test_sha256(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();
	uint8_t out[HASH_BYTES];

	(void)state;
	assert_non_null(h);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t n = strlen(cases[i].in);

		assert_int_equal(sha256_once(cases[i].in, n, out), 0);
		assert_hex(out, sizeof(out), cases[i].out);
		/* the same object again and again, in two pieces */
		assert_int_equal(sha256_add(h, cases[i].in, n / 3), 0);
		assert_int_equal(sha256_add(h, cases[i].in + n / 3, n - n / 3), 0);
		memset(out, 0, sizeof(out));
		assert_int_equal(sha256_end(h, out), 0);
		assert_hex(out, sizeof(out), cases[i].out);
	}
}

static void test_hmac(void **state)
{
	uint8_t key[131], data[50], out[HASH_BYTES];

	(void)state;
	memset(key, 0x0b, 20);
	assert_int_equal(hmac_sha256(key, 20, "Hi There", 8, out), 0);
	assert_hex(out, sizeof(out),
		   "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_int_equal(hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out), 0);
	assert_hex(out, sizeof(out),
		   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	assert_int_equal(hmac_sha256(key, 20, data, sizeof(data), out), 0);
	assert_hex(out, sizeof(out),
		   "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	/* a key longer than a block is hashed first */
	assert_int_equal(hmac_sha256(key, sizeof(key),
				     "Test Using Larger Than Block-Size Key - Hash Key First", 54,
				     out),
			 0);
	assert_hex(out, sizeof(out),
		   "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* The pieces' lengths are part of the message: it is the HMAC of "length | bytes" of each. */
static void test_hmac_pieces(void **state)
{
	const struct piece ab_c[] = {{"ab", 2}, {"c", 1}}, a_bc[] = {{"a", 1}, {"bc", 2}};
	uint8_t whole[8 + 2 + 8 + 1], x[HASH_BYTES], y[HASH_BYTES];

	(void)state;
	le64_put(whole, 2);
	memcpy(whole + 8, "ab", 2);
	le64_put(whole + 10, 1);
	whole[18] = 'c';
	assert_int_equal(hmac_sha256("k", 1, whole, sizeof(whole), x), 0);
	assert_int_equal(hmac_pieces("k", 1, ab_c, 2, y), 0);
	assert_memory_equal(x, y, sizeof(x));
	assert_int_equal(hmac_pieces("k", 1, a_bc, 2, y), 0);
	assert_memory_not_equal(x, y, sizeof(x));
}

static void test_hkdf(void **state)
{
	static const struct {
		const char *ikm, *salt, *info, *prk, *okm;
	} cases[] = {
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
		 "f0f1f2f3f4f5f6f7f8f9",
		 "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
		 "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185"
		 "8"
		 "65"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272"
		 "8"
		 "292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
		 "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283848586878"
		 "8"
		 "898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
		 "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d"
		 "8"
		 "d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		 "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
		 "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac782727"
		 "1"
		 "cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d8"
		 "7"},
		{"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
		 "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
		 "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a9"
		 "6"
		 "c8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t ikm[80], salt[80], info[80], prk[HASH_BYTES], okm[82];
		size_t n_ikm = unhex(cases[i].ikm, ikm, sizeof(ikm));
		size_t n_salt = unhex(cases[i].salt, salt, sizeof(salt));
		size_t n_info = unhex(cases[i].info, info, sizeof(info));
		size_t n_okm = strlen(cases[i].okm) / 2;

		assert_int_equal(hkdf_extract(salt, n_salt, ikm, n_ikm, prk), 0);
		assert_hex(prk, sizeof(prk), cases[i].prk);
		assert_int_equal(hkdf_expand(prk, info, n_info, okm, n_okm), 0);
		assert_hex(okm, n_okm, cases[i].okm);
	}

	static uint8_t much[255 * HASH_BYTES + 1];
	uint8_t prk[HASH_BYTES] = {0};
	assert_int_equal(hkdf_expand(prk, "x", 1, much, sizeof(much) - 1), 0);
	assert_int_equal(hkdf_expand(prk, "x", 1, much, sizeof(much)), -EINVAL);
}

static void *many_hmacs(void *arg)
{
	uint8_t key[KEY_BYTES], out[HASH_BYTES];

	memset(key, *(const int *)arg, sizeof(key));
	for (int i = 0; i < 2000; i++) {
		if (hmac_sha256(key, sizeof(key), "x", 1, out) < 0)
			return NULL;
		memcpy(key, out, sizeof(key));
	}
	uint8_t *last = malloc(HASH_BYTES);
	assert_non_null(last);
	memcpy(last, out, HASH_BYTES);
	return last;
}

/* Each thread has a context of its own: the same chains come out at once as one after another. */
static void test_threads(void **state)
{
	int start[4] = {1, 2, 3, 4};
	pthread_t t[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, many_hmacs, &start[i]), 0);
	for (int i = 0; i < 4; i++) {
		CLEANUP_FREE void *want = many_hmacs(&start[i]);
		CLEANUP_FREE void *got = NULL;

		assert_int_equal(pthread_join(t[i], &got), 0);
		assert_non_null(got);
		assert_memory_equal(got, want, HASH_BYTES);
	}
}

static void test_scrypt_vectors(void **state)
{
	static const struct {
		const char *pass, *salt;
		uint64_t n;
		uint32_t r, p;
		const char *out;
	} cases[] = {
		{"", "", 16, 1, 1,
		 "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
		 "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
		{"password", "NaCl", 1024, 8, 16,
		 "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
		 "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
		{"pleaseletmein", "SodiumChloride", 16384, 8, 1,
		 "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
		 "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t out[64];

		assert_int_equal(scrypt_raw(cases[i].pass, strlen(cases[i].pass), cases[i].salt,
					    strlen(cases[i].salt), cases[i].n, cases[i].r,
					    cases[i].p, 64 << 20, out, sizeof(out)),
				 0);
		assert_hex(out, sizeof(out), cases[i].out);
	}
}

static void test_scrypt_derive(void **state)
{
	const struct scrypt_params quick = {.log2_n = 14, .r = 8, .p = 1};
	static const struct scrypt_params bad[] = {
		{13, 8, 1}, {21, 8, 1},  {14, 7, 1},          {14, 9, 1},          {14, 8, 0},
		{14, 8, 5}, {255, 8, 1}, {14, UINT32_MAX, 1}, {14, 8, UINT32_MAX},
	};
	const uint8_t salt[32] = "a salt of thirty-two bytes here";
	CLEANUP_PTR(secret_free) struct secret *pp = secret_from("correct horse", 13);
	CLEANUP_PTR(secret_free) struct secret *key = NULL, *none = NULL;
	uint8_t raw[KEY_BYTES];

	(void)state;
	assert_int_equal(scrypt_derive(pp, salt, &quick, &key), 0);
	assert_int_equal(key->len, KEY_BYTES);
	assert_int_equal(
		scrypt_raw(pp->b, pp->len, salt, 32, 16384, 8, 1, 64 << 20, raw, sizeof(raw)), 0);
	assert_memory_equal(key->b, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(scrypt_derive(pp, salt, &bad[i], &none), -E2BIG);
		assert_null(none);
	}
	assert_int_equal(scrypt_default.log2_n, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),        cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_hmac_pieces),   cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_threads),       cmocka_unit_test(test_scrypt_vectors),
		cmocka_unit_test(test_scrypt_derive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
