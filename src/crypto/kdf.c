/* kdf.c: SHA-256, HMAC, HKDF, scrypt; see crypto.h.
 *
 * HMAC is done here over SHA-256 rather than through EVP_MAC, which takes two to three times as
 * long for a key (0.9 to 1.5 us, measured, against 0.5): opening the rows of a folder of 10,000
 * sessions derives as many keys. Each thread keeps one hashing context for it.
 *
 * (K1) between calls the thread's context holds the empty message: no key, nor anything made of
 * one, stays in it. */
#include "crypto-priv.h"

#include "redactfs/le.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>

#define BLOCK_BYTES 64u /* of SHA-256 */

/* ---- SHA-256 */

struct sha256 {
	EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
	const struct algs *a = algs_get();
	CLEANUP_PTR(sha256_free) struct sha256 *h = calloc(1, sizeof(*h));

	if (!a || !h)
		return NULL;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || !EVP_DigestInit_ex2(h->ctx, a->sha256, NULL)) {
		(void)openssl_failed();
		return NULL;
	}
	return TAKE(h);
}

int sha256_add(struct sha256 *h, const void *p, size_t n)
{
	return EVP_DigestUpdate(h->ctx, p, n) ? 0 : openssl_failed();
}

int sha256_end(struct sha256 *h, uint8_t out[HASH_BYTES])
{
	if (!EVP_DigestFinal_ex(h->ctx, out, NULL) || !EVP_DigestInit_ex2(h->ctx, NULL, NULL))
		return openssl_failed();
	return 0;
}

struct sha256 *sha256_free(struct sha256 *h)
{
	if (h)
		EVP_MD_CTX_free(h->ctx);
	free(h);
	return NULL;
}

/* ---- the thread's context */

static _Thread_local EVP_MD_CTX *thread_ctx; /* owned; ended by ctx_key's destructor */
static pthread_key_t ctx_key;
static bool ctx_key_made;
static pthread_once_t ctx_key_once = PTHREAD_ONCE_INIT;

static void ctx_end(void *p)
{
	EVP_MD_CTX_free(p);
	thread_ctx = NULL;
}

static void ctx_key_make(void)
{
	ctx_key_made = pthread_key_create(&ctx_key, ctx_end) == 0;
}

static int ctx_get(EVP_MD_CTX **ret)
{
	if (thread_ctx) {
		*ret = thread_ctx;
		return 0;
	}
	const struct algs *a = algs_get();
	(void)pthread_once(&ctx_key_once, ctx_key_make);
	if (!a || !ctx_key_made)
		return -EIO;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx)
		return -ENOMEM;
	if (!EVP_DigestInit_ex2(ctx, a->sha256, NULL) || pthread_setspecific(ctx_key, ctx) != 0) {
		EVP_MD_CTX_free(ctx);
		return openssl_failed();
	}
	*ret = thread_ctx = ctx;
	return 0;
}

/* After a failure the context's state is unknown: it goes. */
static int ctx_failed(void)
{
	EVP_MD_CTX_free(thread_ctx);
	thread_ctx = NULL;
	(void)pthread_setspecific(ctx_key, NULL);
	return openssl_failed();
}

int sha256_once(const void *p, size_t n, uint8_t out[HASH_BYTES])
{
	EVP_MD_CTX *ctx = NULL;
	int r = ctx_get(&ctx);
	if (r < 0)
		return r;
	if (!EVP_DigestUpdate(ctx, p, n) || !EVP_DigestFinal_ex(ctx, out, NULL) ||
	    !EVP_DigestInit_ex2(ctx, NULL, NULL))
		return ctx_failed();
	return 0;
}

/* ---- HMAC (RFC 2104): begin, add …, end. One at a time in a thread; after a failure of any of
 * them there is nothing to end. */

struct hmac {
	EVP_MD_CTX *ctx; /* borrowed from the thread */
	uint8_t pad[BLOCK_BYTES];
};

static void hmac_wipe(struct hmac *h)
{
	wipe(h->pad, sizeof(h->pad));
}

static int hmac_begin(struct hmac *h, const void *key, size_t keylen)
{
	int r = ctx_get(&h->ctx);
	if (r < 0)
		return r;
	memset(h->pad, 0, sizeof(h->pad));
	if (keylen > BLOCK_BYTES) {
		r = sha256_once(key, keylen, h->pad);
		if (r < 0)
			return r;
	} else if (keylen) {
		memcpy(h->pad, key, keylen);
	}
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		h->pad[i] ^= 0x36;
	return EVP_DigestUpdate(h->ctx, h->pad, BLOCK_BYTES) ? 0 : ctx_failed();
}

static int hmac_add(struct hmac *h, const void *p, size_t n)
{
	return EVP_DigestUpdate(h->ctx, p, n) ? 0 : ctx_failed();
}

static int hmac_end(struct hmac *h, uint8_t out[HASH_BYTES])
{
	CLEANUP(key_wipe) uint8_t inner[HASH_BYTES];

	for (size_t i = 0; i < BLOCK_BYTES; i++)
		h->pad[i] ^= 0x36 ^ 0x5c;
	if (!EVP_DigestFinal_ex(h->ctx, inner, NULL) || !EVP_DigestInit_ex2(h->ctx, NULL, NULL) ||
	    !EVP_DigestUpdate(h->ctx, h->pad, BLOCK_BYTES) ||
	    !EVP_DigestUpdate(h->ctx, inner, sizeof(inner)) ||
	    !EVP_DigestFinal_ex(h->ctx, out, NULL) ||
	    !EVP_DigestInit_ex2(h->ctx, NULL, NULL)) /* keeps K1 */
		return ctx_failed();
	return 0;
}

int hmac_sha256(const void *key, size_t keylen, const void *p, size_t n, uint8_t out[HASH_BYTES])
{
	CLEANUP(hmac_wipe) struct hmac h;
	int r = hmac_begin(&h, key, keylen);
	if (r < 0)
		return r;
	r = hmac_add(&h, p, n);
	if (r < 0)
		return r;
	return hmac_end(&h, out);
}

int hmac_pieces(const void *key, size_t keylen, const struct piece *v, size_t n,
		uint8_t out[HASH_BYTES])
{
	CLEANUP(hmac_wipe) struct hmac h;
	int r = hmac_begin(&h, key, keylen);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		uint8_t len[8];

		le64_put(len, v[i].n);
		r = hmac_add(&h, len, sizeof(len));
		if (r < 0)
			return r;
		r = hmac_add(&h, v[i].p, v[i].n);
		if (r < 0)
			return r;
	}
	return hmac_end(&h, out);
}

/* ---- HKDF (RFC 5869) */

int hkdf_extract(const void *salt, size_t saltlen, const void *ikm, size_t ikmlen,
		 uint8_t prk[HASH_BYTES])
{
	return hmac_sha256(salt, saltlen, ikm, ikmlen, prk);
}

int hkdf_expand(const uint8_t prk[HASH_BYTES], const void *info, size_t infolen, void *out,
		size_t outlen)
{
	CLEANUP(key_wipe) uint8_t t[HASH_BYTES]; /* T(i) */
	size_t tlen = 0;
	uint8_t i = 1;

	if (outlen > 255 * HASH_BYTES)
		return -EINVAL;
	for (size_t done = 0; done < outlen; i++) {
		const size_t n = outlen - done < HASH_BYTES ? outlen - done : HASH_BYTES;
		CLEANUP(hmac_wipe) struct hmac h;

		int r = hmac_begin(&h, prk, HASH_BYTES);
		if (r == 0)
			r = hmac_add(&h, t, tlen);
		if (r == 0)
			r = hmac_add(&h, info, infolen);
		if (r == 0)
			r = hmac_add(&h, &i, 1);
		if (r == 0)
			r = hmac_end(&h, t);
		if (r < 0)
			return r;
		tlen = sizeof(t);
		memcpy((uint8_t *)out + done, t, n);
		done += n;
	}
	return 0;
}

int derive(const uint8_t key[KEY_BYTES], const char *label, uint8_t out[KEY_BYTES])
{
	return hkdf_expand(key, label, strlen(label), out, KEY_BYTES);
}

/* ---- scrypt (RFC 7914) */

/* 128 MiB and half a second: what OWASP and the RFC call interactive, for a log-in a mount. */
const struct scrypt_params scrypt_default = {.log2_n = 17, .r = 8, .p = 1};

int scrypt_raw(const void *pass, size_t passlen, const void *salt, size_t saltlen, uint64_t n,
	       uint32_t r, uint32_t p, uint64_t max_bytes, void *out, size_t outlen)
{
	static const uint8_t nothing[1]; /* an empty string still wants an address */
	const struct algs *a = algs_get();
	union {
		const void *in;
		void *out;
	} pw = {.in = passlen ? pass : nothing}, sa = {.in = saltlen ? salt : nothing};
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, pw.out, passlen),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, sa.out, saltlen),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &max_bytes),
		OSSL_PARAM_construct_end(),
	};

	if (!a)
		return -EIO;
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(a->scrypt);
	if (!ctx)
		return -ENOMEM;
	int ok = EVP_KDF_derive(ctx, out, outlen, params);
	EVP_KDF_CTX_free(ctx);
	return ok == 1 ? 0 : openssl_failed();
}

int scrypt_derive(const struct secret *passphrase, const uint8_t salt[32],
		  const struct scrypt_params *sp, struct secret **ret)
{
	if (sp->log2_n < 14 || sp->log2_n > 20 || sp->r != 8 || sp->p < 1 || sp->p > 4)
		return -E2BIG;
	CLEANUP_PTR(secret_free) struct secret *key = secret_new(KEY_BYTES);
	if (!key)
		return -ENOMEM;
	const uint64_t n = 1ull << sp->log2_n;
	const uint64_t max_bytes = 128ull * sp->r * (n + sp->p + 2) + 4096;
	int r = scrypt_raw(passphrase->b, passphrase->len, salt, 32, n, sp->r, sp->p, max_bytes,
			   key->b, key->len);
	if (r < 0)
		return r;
	*ret = TAKE(key);
	return 0;
}
