/* rng.c: random bytes, from the kernel's generator alone: one source, which can't be seeded wrongly
 * by a fork or a configuration file; see crypto.h. */
#include "redactfs/crypto.h"

#include <sys/random.h>

int rng_bytes(void *p, size_t n)
{
	/* Blocks until the kernel's generator is seeded; after that it only ever fails for EINTR.
	 */
	for (size_t done = 0; done < n;) {
		ssize_t k = getrandom((uint8_t *)p + done, n - done, 0);
		if (k < 0 && errno != EINTR)
			return -errno;
		if (k > 0)
			done += (size_t)k;
	}
	return 0;
}
