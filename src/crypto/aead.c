/* aead.c: AES-256-GCM; see crypto.h. A context is made once and rekeyed: EVP_CIPHER_CTX_new and the
 * first init cost several times what opening a row does, and neither seal nor open may allocate. */
#include "crypto-priv.h"

#include <string.h>

struct aead {
	EVP_CIPHER_CTX *ctx; /* owned; OpenSSL wipes the key schedule when it frees it */
};

int aead_new(const uint8_t key[KEY_BYTES], struct aead **ret)
{
	const struct algs *alg = algs_get();

	if (!alg)
		return -EIO;
	CLEANUP_PTR(aead_free) struct aead *a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->ctx = EVP_CIPHER_CTX_new();
	if (!a->ctx)
		return -ENOMEM;
	if (!EVP_CipherInit_ex2(a->ctx, alg->aes_256_gcm, key, NULL, 1, NULL))
		return openssl_failed();
	*ret = TAKE(a);
	return 0;
}

int aead_rekey(struct aead *a, const uint8_t key[KEY_BYTES])
{
	return EVP_CipherInit_ex2(a->ctx, NULL, key, NULL, -1, NULL) ? 0 : openssl_failed();
}

struct aead *aead_free(struct aead *a)
{
	if (a)
		EVP_CIPHER_CTX_free(a->ctx);
	free(a);
	return NULL;
}

/* EVP counts in int: longer input goes in steps. `out` NULL: it is authenticated data. */
static bool update(struct aead *a, uint8_t *out, const uint8_t *in, size_t n)
{
	while (n) {
		int step = n < (1u << 30) ? (int)n : 1 << 30, got;

		if (!EVP_CipherUpdate(a->ctx, out, &got, in, step) || got != step)
			return false;
		in += step;
		out = out ? out + step : NULL;
		n -= (size_t)step;
	}
	return true;
}

int aead_seal(struct aead *a, const uint8_t nonce[NONCE_BYTES], const void *aad, size_t aadlen,
	      const void *in, size_t n, void *out)
{
	uint8_t *tag = (uint8_t *)out + n;
	int got;

	if (!EVP_CipherInit_ex2(a->ctx, NULL, NULL, nonce, 1, NULL) ||
	    !update(a, NULL, aad, aadlen) || !update(a, out, in, n) ||
	    !EVP_CipherFinal_ex(a->ctx, tag, &got) ||
	    EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag) <= 0)
		return openssl_failed();
	return 0;
}

int aead_open(struct aead *a, const uint8_t nonce[NONCE_BYTES], const void *aad, size_t aadlen,
	      const void *in, size_t n, void *out)
{
	uint8_t tag[TAG_BYTES], none[1];
	int got;

	if (n < TAG_BYTES)
		return -EBADMSG;
	n -= TAG_BYTES;
	memcpy(tag, (const uint8_t *)in + n, TAG_BYTES); /* ctrl wants it writable */
	if (!EVP_CipherInit_ex2(a->ctx, NULL, NULL, nonce, 0, NULL) ||
	    !update(a, NULL, aad, aadlen) || !update(a, out, in, n) ||
	    EVP_CIPHER_CTX_ctrl(a->ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) <= 0) {
		wipe(out, n);
		return openssl_failed();
	}
	if (!EVP_CipherFinal_ex(a->ctx, none, &got)) {
		wipe(out, n); /* GCM decrypts before it knows */
		(void)openssl_failed();
		return -EBADMSG;
	}
	return 0;
}
