/* algs.c: the algorithms we use, looked up once for the life of the process; see crypto-priv.h.
 * Never freed: they are shared by all threads, and the last of those ends with the process. */
#include "crypto-priv.h"

#include <openssl/err.h>
#include <pthread.h>

static struct algs algs; /* immutable after publish by `once` */
static bool complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void look_up(void)
{
	algs.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	algs.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	algs.scrypt = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	complete = algs.aes_256_gcm && algs.sha256 && algs.scrypt;
}

const struct algs *algs_get(void)
{
	(void)pthread_once(&once, look_up); /* fails for a bad `once` only */
	return complete ? &algs : NULL;
}

int openssl_failed(void)
{
	bool memory = ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE;

	ERR_clear_error();
	return memory ? -ENOMEM : -EIO;
}
