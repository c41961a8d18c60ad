/* secmem.c: memory for keys and passphrases; see crypto.h.
 *
 * Secrets live in OpenSSL's secure heap: one locked mapping with guard pages, outside core dumps.
 * When that is full, or was never set up, each secret gets pages of its own, locked and kept out of
 * dumps as far as the system lets us. So a secret is never in malloc's heap, whose freed blocks
 * travel into other people's buffers.
 *
 * (S1) every byte of a secret is overwritten before its memory is given back */
#include "crypto-priv.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifndef HAVE_ASAN
#define HAVE_ASAN 0
#endif

#define SMALLEST 64 /* a secret's header and a 32-byte key, as the arena rounds it */

static bool arena_locked; /* immutable after secmem_init, which runs before any thread */

int secmem_init(size_t arena_bytes)
{
	const struct rlimit none = {0, 0};

	if (arena_bytes < 4096 || (arena_bytes & (arena_bytes - 1)))
		return -EINVAL;
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	/* AddressSanitizer's leak check is a ptrace of ourselves, which this would forbid. */
	if (!HAVE_ASAN && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	if (!CRYPTO_secure_malloc_initialized()) {
		/* 1: all well; 2: it works, but not all of its protection does; 0: no arena */
		arena_locked = CRYPTO_secure_malloc_init(arena_bytes, SMALLEST) == 1;
		(void)openssl_failed(); /* without an arena, secrets get pages of their own */
	}
	return 0;
}

bool secmem_locked(void)
{
	return arena_locked;
}

struct secret *secret_new(size_t len)
{
	const size_t whole = sizeof(struct secret) + len;
	struct secret *s = NULL;

	if (whole < len)
		return NULL;
	if (CRYPTO_secure_malloc_initialized())
		s = OPENSSL_secure_zalloc(whole);
	if (!s) {
		(void)openssl_failed();
		s = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (s == MAP_FAILED)
			return NULL;
		(void)mlock(s, whole); /* over the limit it may be swapped: better than no key */
		(void)madvise(s, whole, MADV_DONTDUMP);
	}
	s->len = len;
	return s;
}

struct secret *secret_from(const void *p, size_t len)
{
	struct secret *s = secret_new(len);

	if (s && len)
		memcpy(s->b, p, len);
	return s;
}

struct secret *secret_free(struct secret *s)
{
	if (!s)
		return NULL;
	const size_t whole = sizeof(*s) + s->len;
	wipe(s, whole); /* keeps S1 */
	if (CRYPTO_secure_allocated(s))
		OPENSSL_secure_free(s);
	else
		(void)munmap(s, whole); /* fails for an address that isn't ours only */
	return NULL;
}

void wipe(void *p, size_t n)
{
	if (n) /* not OPENSSL_cleanse: it goes by 8 bytes, which shows on nodes of 4 KiB */
		explicit_bzero(p, n);
}

bool equal_ct(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
