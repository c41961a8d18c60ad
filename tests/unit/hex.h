/* hex.h: bytes of published test vectors. */
#ifndef REDACTFS_TEST_HEX_H
#define REDACTFS_TEST_HEX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes the bytes of the hex digits `s` and returns how many. */
static inline size_t unhex(const char *s, uint8_t *out, size_t room)
{
	size_t n = 0;

	for (; s[0] && s[1]; s += 2, n++) {
		unsigned v;
		int got = sscanf(s, "%2x", &v);

		assert(got == 1 && n < room);
		out[n] = (uint8_t)v;
	}
	assert(!s[0]);
	return n;
}

#endif
