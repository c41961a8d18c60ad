/* crypto.h: primitives over OpenSSL. src/crypto/ is the only folder that calls it.
 *
 * Keys live in `struct secret` (secmem). All functions are thread-safe unless they say otherwise;
 * an object is used by one thread at a time. Failures of OpenSSL itself are -EIO (or -ENOMEM). */
#ifndef REDACTFS_CRYPTO_H
#define REDACTFS_CRYPTO_H

#include "redactfs/cleanup.h"
#include "redactfs/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES   32u
#define TAG_BYTES   16u
#define NONCE_BYTES 12u
#define HASH_BYTES  32u

/* ---- secmem: memory for keys and passphrases: locked and outside core dumps where the system
 * allows, wiped on free. */
struct secret {
	size_t len;
	uint8_t b[];
};

/* Once, before any secret: sets up the arena, forbids core dumps and ptrace (PR_SET_DUMPABLE).
 * `arena_bytes` is a power of two. Falls back to ordinary memory when it can't be locked; then
 * secmem_locked() is false. */
int secmem_init(size_t arena_bytes);
bool secmem_locked(void);
struct secret *secret_new(size_t len);                 /* zeroed; NULL: out of memory */
struct secret *secret_from(const void *p, size_t len); /* a copy; the caller wipes the source */
struct secret *secret_free(struct secret *s);          /* wipes; NULL is fine; returns NULL */
DEFINE_CLEANUP_PTR(struct secret *, secret_free)
void wipe(void *p, size_t n);
bool equal_ct(const void *a, const void *b, size_t n); /* in constant time */

/* ---- rng: the kernel's generator only. */
int rng_bytes(void *p, size_t n);

/* ---- hashes and key derivation. */
struct sha256;
struct sha256 *sha256_new(void);
int sha256_add(struct sha256 *h, const void *p, size_t n);
int sha256_end(struct sha256 *h, uint8_t out[HASH_BYTES]); /* h can be used anew afterwards */
struct sha256 *sha256_free(struct sha256 *h);
DEFINE_CLEANUP_PTR(struct sha256 *, sha256_free)
int sha256_once(const void *p, size_t n, uint8_t out[HASH_BYTES]);
int hmac_sha256(const void *key, size_t keylen, const void *p, size_t n, uint8_t out[HASH_BYTES]);
/* HMAC over several pieces, each preceded by its length as 8 little-endian bytes, so that two
 * different lists never meet in one string. */
struct piece {
	const void *p;
	size_t n;
};
int hmac_pieces(const void *key, size_t keylen, const struct piece *v, size_t n,
		uint8_t out[HASH_BYTES]);
/* RFC 5869 with SHA-256. `info` is a literal of docs/FORMAT.md. */
int hkdf_extract(const void *salt, size_t saltlen, const void *ikm, size_t ikmlen,
		 uint8_t prk[HASH_BYTES]);
int hkdf_expand(const uint8_t prk[HASH_BYTES], const void *info, size_t infolen, void *out,
		size_t outlen);

struct scrypt_params {
	uint8_t log2_n; /* 14..20; 17 by default: 128 MiB */
	uint32_t r;     /* 8 */
	uint32_t p;     /* 1..4 */
};
extern const struct scrypt_params scrypt_default;
/* -E2BIG for parameters out of the bounds above (they come from disk). */
int scrypt_derive(const struct secret *passphrase, const uint8_t salt[32],
		  const struct scrypt_params *sp, struct secret **ret /* KEY_BYTES */);

/* ---- AES-256-GCM. A context holds one key; making one costs more than using it. */
struct aead;
int aead_new(const uint8_t key[KEY_BYTES], struct aead **ret);
int aead_rekey(struct aead *a, const uint8_t key[KEY_BYTES]);
struct aead *aead_free(struct aead *a);
DEFINE_CLEANUP_PTR(struct aead *, aead_free)
/* out holds n + TAG_BYTES. In place (out == in) is allowed. */
int aead_seal(struct aead *a, const uint8_t nonce[NONCE_BYTES], const void *aad, size_t aadlen,
	      const void *in, size_t n, void *out);
/* n counts the tag. -EBADMSG when it doesn't verify; out then holds nothing readable. */
int aead_open(struct aead *a, const uint8_t nonce[NONCE_BYTES], const void *aad, size_t aadlen,
	      const void *in, size_t n, void *out);

/* ---- sealing to an X25519 public key: ephemeral ECDH, HKDF, AES-256-GCM (docs/FORMAT.md "sealed
 * box"). `info` separates uses; it and `aad` are authenticated. */
#define SEALBOX_OVERHEAD (32u + TAG_BYTES)
int x25519_keypair(uint8_t pk[32], uint8_t sk[32]);
int x25519_public(const uint8_t sk[32], uint8_t pk[32]);
int sealbox_seal(const uint8_t pk[32], const char *info, const void *aad, size_t aadlen,
		 const void *in, size_t n, void *out /* n + SEALBOX_OVERHEAD */);
/* For many boxes to one recipient: the exchange of keys is done once, and each box's key is made
 * from its info, so no two boxes of a sender may have the same. One thread at a time. `a` is any
 * cipher; it is left with the box's key. */
struct sealbox_sender;
int sealbox_sender_new(const uint8_t pk[32], struct sealbox_sender **ret);
int sealbox_sender_seal(const struct sealbox_sender *s, struct aead *a, const char *info,
			const void *aad, size_t aadlen, const void *in, size_t n,
			void *out /* n + SEALBOX_OVERHEAD */);
struct sealbox_sender *sealbox_sender_free(struct sealbox_sender *s);
DEFINE_CLEANUP_PTR(struct sealbox_sender *, sealbox_sender_free)
int sealbox_open(const uint8_t sk[32], const char *info, const void *aad, size_t aadlen,
		 const void *in, size_t n /* with overhead */, void *out);

/* ---- Ed25519. `seed` is the 32-byte private key of RFC 8032. */
#define SIGN_BYTES 64u
int ed25519_public(const uint8_t seed[32], uint8_t pk[32]);
int ed25519_sign(const uint8_t seed[32], const void *p, size_t n, uint8_t sig[SIGN_BYTES]);
/* The same for who signs often: the public half, which each signature needs, is worked out once.
 * One thread at a time. The seed is copied, into secmem's arena where there is one. */
struct signer;
int signer_new(const uint8_t seed[32], struct signer **ret);
int signer_sign(struct signer *s, const void *p, size_t n, uint8_t sig[SIGN_BYTES]);
struct signer *signer_free(struct signer *s);
DEFINE_CLEANUP_PTR(struct signer *, signer_free)
int ed25519_verify(const uint8_t pk[32], const void *p, size_t n,
		   const uint8_t sig[SIGN_BYTES]); /* -EBADMSG */

/* ---- passphrases. */
/* 0, or with the reason in `e`: -E2BIG over LIMIT_PASSPHRASE_BYTES; -EINVAL: shorter than 12
 * characters, with a NUL byte, or guessable (zxcvbn's estimate under 2^50 guesses; the operator's
 * own e-mail, which may be NULL, and its parts count as known). */
int passphrase_check(const struct secret *pp, const char *email, struct errinfo *e);

#endif
