/* sealbox.c: sealing to an X25519 public key (docs/FORMAT.md "Sealed box"), in age's manner.
 *
 * The key of each box is made from both public keys, so that a box can't be passed on to another
 * recipient; it is used for one message, so a constant nonce is safe (a sender of many boxes makes
 * each one's key from another info). Sealing proves nothing about who sealed: where that matters
 * the whole is signed (keyslot.c). */
#include "crypto-priv.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t zero_nonce[NONCE_BYTES];

static EVP_PKEY *private_key(const uint8_t sk[32])
{
	return EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, sk, 32);
}

/* NULL: what couldn't be made. */
static int public_half(EVP_PKEY *k, uint8_t pk[32])
{
	size_t len = 32;
	int ok = k && EVP_PKEY_get_raw_public_key(k, pk, &len) && len == 32;

	return ok ? 0 : openssl_failed();
}

int x25519_public(const uint8_t sk[32], uint8_t pk[32])
{
	EVP_PKEY *k = private_key(sk);
	int r = public_half(k, pk);

	EVP_PKEY_free(k);
	return r;
}

int x25519_keypair(uint8_t pk[32], uint8_t sk[32])
{
	int r = rng_bytes(sk, 32);
	if (r < 0)
		return r;
	return x25519_public(sk, pk);
}

/* With an EVP_PKEY made already: to make one takes the work of its public half. */
static int shared_with(EVP_PKEY *mine, const uint8_t pk[32], uint8_t out[32])
{
	EVP_PKEY *other = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, pk, 32);
	EVP_PKEY_CTX *ctx = mine ? EVP_PKEY_CTX_new_from_pkey(NULL, mine, NULL) : NULL;
	size_t len = 32;
	int r = 0;

	if (!other || !ctx || EVP_PKEY_derive_init(ctx) <= 0)
		r = openssl_failed();
	else if (EVP_PKEY_derive_set_peer(ctx, other) <= 0 ||
		 EVP_PKEY_derive(ctx, out, &len) <= 0 || len != 32) {
		(void)openssl_failed();
		r = -EBADMSG; /* a point of low order: no key that anybody generated */
	}
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return r;
}

int x25519_shared(const uint8_t sk[32], const uint8_t pk[32], uint8_t out[32])
{
	EVP_PKEY *mine = private_key(sk);
	int r = shared_with(mine, pk, out);

	EVP_PKEY_free(mine);
	return r;
}

/* What a box's key is made from, but for its info: HKDF-Extract of docs/FORMAT.md. */
static int box_prk(EVP_PKEY *mine, const uint8_t other_pk[32], const uint8_t eph_pk[32],
		   const uint8_t rcpt_pk[32], uint8_t prk[HASH_BYTES])
{
	CLEANUP(key_wipe) uint8_t shared[KEY_BYTES];
	uint8_t salt[64];

	int r = shared_with(mine, other_pk, shared);
	if (r < 0)
		return r;
	memcpy(salt, eph_pk, 32);
	memcpy(salt + 32, rcpt_pk, 32);
	return hkdf_extract(salt, sizeof(salt), shared, sizeof(shared), prk);
}

struct sealbox_sender {
	uint8_t eph_pk[32];
	struct secret *prk; /* owned */
};

struct sealbox_sender *sealbox_sender_free(struct sealbox_sender *s)
{
	if (s)
		(void)secret_free(s->prk);
	free(s);
	return NULL;
}

int sealbox_sender_new(const uint8_t pk[32], struct sealbox_sender **ret)
{
	CLEANUP(key_wipe) uint8_t eph_sk[KEY_BYTES];
	CLEANUP_PTR(sealbox_sender_free) struct sealbox_sender *s = calloc(1, sizeof(*s));

	if (!s || !(s->prk = secret_new(HASH_BYTES)))
		return -ENOMEM;
	int r = rng_bytes(eph_sk, sizeof(eph_sk));
	if (r < 0)
		return r;
	EVP_PKEY *eph = private_key(eph_sk);
	r = public_half(eph, s->eph_pk);
	if (r == 0)
		r = box_prk(eph, pk, s->eph_pk, pk, s->prk->b);
	EVP_PKEY_free(eph);
	if (r == 0)
		*ret = TAKE(s);
	return r;
}

int sealbox_sender_seal(const struct sealbox_sender *s, struct aead *a, const char *info,
			const void *aad, size_t aadlen, const void *in, size_t n, void *out)
{
	CLEANUP(key_wipe) uint8_t key[KEY_BYTES];

	int r = derive(s->prk->b, info, key);
	if (r == 0)
		r = aead_rekey(a, key);
	if (r < 0)
		return r;
	memcpy(out, s->eph_pk, 32);
	return aead_seal(a, zero_nonce, aad, aadlen, in, n, (uint8_t *)out + 32);
}

int sealbox_seal(const uint8_t pk[32], const char *info, const void *aad, size_t aadlen,
		 const void *in, size_t n, void *out)
{
	static const uint8_t none[KEY_BYTES];
	CLEANUP_PTR(sealbox_sender_free) struct sealbox_sender *s = NULL;
	CLEANUP_PTR(aead_free) struct aead *a = NULL;

	int r = sealbox_sender_new(pk, &s);
	if (r == 0)
		r = aead_new(none, &a);
	return r < 0 ? r : sealbox_sender_seal(s, a, info, aad, aadlen, in, n, out);
}

int sealbox_open(const uint8_t sk[32], const char *info, const void *aad, size_t aadlen,
		 const void *in, size_t n, void *out)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP(key_wipe) uint8_t prk[KEY_BYTES], key[KEY_BYTES];
	uint8_t pk[32];

	if (n < SEALBOX_OVERHEAD)
		return -EBADMSG;
	EVP_PKEY *mine = private_key(sk);
	int r = public_half(mine, pk);
	if (r == 0)
		r = box_prk(mine, in, in, pk, prk);
	EVP_PKEY_free(mine);
	if (r == 0)
		r = derive(prk, info, key);
	if (r == 0)
		r = aead_new(key, &a);
	if (r < 0)
		return r;
	return aead_open(a, zero_nonce, aad, aadlen, (const uint8_t *)in + 32, n - 32, out);
}
