/* sign.c: Ed25519; see crypto.h. */
#include "crypto-priv.h"

#include <stdlib.h>

int ed25519_public(const uint8_t seed[32], uint8_t pk[32])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
	size_t len = 32;
	int ok = k && EVP_PKEY_get_raw_public_key(k, pk, &len) && len == 32;

	EVP_PKEY_free(k);
	return ok ? 0 : openssl_failed();
}

struct signer {
	EVP_PKEY *key;   /* owned; OpenSSL keeps its private half in its secure heap */
	EVP_MD_CTX *ctx; /* owned */
};

int signer_new(const uint8_t seed[32], struct signer **ret)
{
	CLEANUP_PTR(signer_free) struct signer *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, 32);
	s->ctx = EVP_MD_CTX_new();
	if (!s->key || !s->ctx)
		return openssl_failed();
	*ret = TAKE(s);
	return 0;
}

struct signer *signer_free(struct signer *s)
{
	if (s) {
		EVP_MD_CTX_free(s->ctx);
		EVP_PKEY_free(s->key);
		free(s);
	}
	return NULL;
}

int signer_sign(struct signer *s, const void *p, size_t n, uint8_t sig[SIGN_BYTES])
{
	size_t len = SIGN_BYTES;

	/* a context signs once */
	if (!EVP_MD_CTX_reset(s->ctx) ||
	    !EVP_DigestSignInit_ex(s->ctx, NULL, NULL, NULL, NULL, s->key, NULL) ||
	    !EVP_DigestSign(s->ctx, sig, &len, p, n) || len != SIGN_BYTES)
		return openssl_failed();
	return 0;
}

int ed25519_sign(const uint8_t seed[32], const void *p, size_t n, uint8_t sig[SIGN_BYTES])
{
	CLEANUP_PTR(signer_free) struct signer *s = NULL;
	int r = signer_new(seed, &s);

	return r < 0 ? r : signer_sign(s, p, n, sig);
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
