/* sign.c: Ed25519; see crypto.h. */
#include "crypto-priv.h"

int ed25519_public(const uint8_t seed[32], uint8_t pk[32])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
	size_t len = 32;
	int ok = k && EVP_PKEY_get_raw_public_key(k, pk, &len) && len == 32;

	EVP_PKEY_free(k);
	return ok ? 0 : openssl_failed();
}

int ed25519_sign(const uint8_t seed[32], const void *p, size_t n, uint8_t sig[SIGN_BYTES])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = SIGN_BYTES;
	int ok = k && ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, k, NULL) &&
		 EVP_DigestSign(ctx, sig, &len, p, n) && len == SIGN_BYTES;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return ok ? 0 : openssl_failed();
}

int ed25519_verify(const uint8_t pk[32], const void *p, size_t n, const uint8_t sig[SIGN_BYTES])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, pk, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = 0;

	if (!k || !ctx || !EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, k, NULL))
		r = openssl_failed();
	else if (EVP_DigestVerify(ctx, sig, SIGN_BYTES, p, n) != 1) {
		(void)openssl_failed();
		r = -EBADMSG;
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return r;
}
