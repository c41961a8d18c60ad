/* test-aead.c: AES-256-GCM against test cases 13 to 16 of the GCM specification, every bit that
 * can be flipped, and what rekeying leaves. */
#include "redactfs/crypto.h"

#include "hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KEY15   "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define NONCE15 "cafebabefacedbaddecaf888"
#define PLAIN16                                                                                    \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"                         \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define CIPHER16                                                                                   \
	"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"                         \
	"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"

static const struct {
	const char *key, *nonce, *aad, *plain, *cipher, *tag;
} vectors[] = {
	{"0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
	{"0000000000000000000000000000000000000000000000000000000000000000",
	 "000000000000000000000000", "", "00000000000000000000000000000000",
	 "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
	{KEY15, NONCE15, "", PLAIN16 "1aafd255", CIPHER16 "898015ad",
	 "b094dac5d93471bdec1a502270e3cc6c"},
	{KEY15, NONCE15, "feedfacedeadbeeffeedfacedeadbeefabaddad2", PLAIN16, CIPHER16,
	 "76fc6ece0f4e1768cddf8853bb2d551b"},
};

struct vector {
	uint8_t key[KEY_BYTES], nonce[NONCE_BYTES], aad[32], plain[64], sealed[64 + TAG_BYTES];
	size_t n_aad, n;
};

static struct vector vector_get(size_t i)
{
	struct vector v = {0};

	(void)unhex(vectors[i].key, v.key, sizeof(v.key));
	(void)unhex(vectors[i].nonce, v.nonce, sizeof(v.nonce));
	v.n_aad = unhex(vectors[i].aad, v.aad, sizeof(v.aad));
	v.n = unhex(vectors[i].plain, v.plain, sizeof(v.plain));
	assert_int_equal(unhex(vectors[i].cipher, v.sealed, 64), v.n);
	assert_int_equal(unhex(vectors[i].tag, v.sealed + v.n, TAG_BYTES), TAG_BYTES);
	return v;
}

/* One context for all of them: rekeyed, used both ways in turn, in place and not. */
static void test_vectors(void **state)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	const uint8_t other[KEY_BYTES] = {1};

	(void)state;
	assert_int_equal(aead_new(other, &a), 0);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct vector v = vector_get(i);
		uint8_t out[64 + TAG_BYTES];

		assert_int_equal(aead_rekey(a, v.key), 0);
		assert_int_equal(aead_seal(a, v.nonce, v.aad, v.n_aad, v.plain, v.n, out), 0);
		assert_memory_equal(out, v.sealed, v.n + TAG_BYTES);
		assert_int_equal(aead_open(a, v.nonce, v.aad, v.n_aad, out, v.n + TAG_BYTES, out),
				 0);
		assert_memory_equal(out, v.plain, v.n);
		assert_int_equal(aead_seal(a, v.nonce, v.aad, v.n_aad, out, v.n, out), 0);
		assert_memory_equal(out, v.sealed, v.n + TAG_BYTES);
	}
}

static void test_flipped_bits(void **state)
{
	static const uint8_t zeros[64];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	struct vector v = vector_get(3);
	struct {
		uint8_t *p;
		size_t n;
	} fields[] = {{v.nonce, sizeof(v.nonce)}, {v.aad, v.n_aad}, {v.sealed, v.n + TAG_BYTES}};
	uint8_t out[64];

	(void)state;
	assert_int_equal(aead_new(v.key, &a), 0);
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t bit = 0; bit < fields[f].n * 8; bit++) {
			fields[f].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
			memset(out, 0xee, sizeof(out));
			assert_int_equal(aead_open(a, v.nonce, v.aad, v.n_aad, v.sealed,
						   v.n + TAG_BYTES, out),
					 -EBADMSG);
			assert_memory_equal(out, zeros, v.n); /* nothing unverified comes out */
			fields[f].p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
	for (size_t bit = 0; bit < KEY_BYTES * 8; bit++) {
		v.key[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(aead_rekey(a, v.key), 0);
		assert_int_equal(
			aead_open(a, v.nonce, v.aad, v.n_aad, v.sealed, v.n + TAG_BYTES, out),
			-EBADMSG);
		v.key[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(aead_rekey(a, v.key), 0);
	assert_int_equal(aead_open(a, v.nonce, v.aad, v.n_aad, v.sealed, v.n + TAG_BYTES, out), 0);
	assert_memory_equal(out, v.plain, v.n);
}

static void test_cut_short(void **state)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	struct vector v = vector_get(3);
	uint8_t out[64];

	(void)state;
	assert_int_equal(aead_new(v.key, &a), 0);
	for (size_t n = 0; n < v.n + TAG_BYTES; n++)
		assert_int_equal(aead_open(a, v.nonce, v.aad, v.n_aad, v.sealed, n, out), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_flipped_bits),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
