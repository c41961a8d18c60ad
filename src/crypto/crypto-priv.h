/* crypto-priv.h: what the files of src/crypto share, and the parts that published test vectors need
 * to reach. */
#ifndef REDACTFS_CRYPTO_PRIV_H
#define REDACTFS_CRYPTO_PRIV_H

#include "redactfs/crypto.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>

/* Algorithms are looked up once: a fetch by name costs more than hashing a block. Immutable after
 * the first call; NULL when OpenSSL lacks one of them (no default provider). */
struct algs {
	EVP_CIPHER *aes_256_gcm;
	EVP_MD *sha256;
	EVP_KDF *scrypt;
};
const struct algs *algs_get(void);

/* Forgets OpenSSL's error queue of this thread and returns -EIO, or -ENOMEM where that was it. */
int openssl_failed(void);

/* D(key, "label") of docs/FORMAT.md. */
int derive(const uint8_t key[KEY_BYTES], const char *label, uint8_t out[KEY_BYTES]);

int x25519_shared(const uint8_t sk[32], const uint8_t pk[32], uint8_t out[32]);
/* RFC 7914, any parameters that fit `max_bytes` of memory. */
int scrypt_raw(const void *pass, size_t passlen, const void *salt, size_t saltlen, uint64_t n,
	       uint32_t r, uint32_t p, uint64_t max_bytes, void *out, size_t outlen);

/* For a `CLEANUP(key_wipe) uint8_t k[KEY_BYTES]`. */
static inline void key_wipe(uint8_t (*k)[KEY_BYTES])
{
	wipe(*k, KEY_BYTES);
}

#endif
