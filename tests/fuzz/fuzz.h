/* fuzz.h: what the fuzz targets share.
 *
 * A target defines LLVMFuzzerTestOneInput and calls CHECK on what must hold for any input at all.
 * With -Dfuzz=true libFuzzer drives it; otherwise fuzz-replay.c does, over tests/fuzz/corpus/NAME.
 */
#ifndef REDACTFS_FUZZ_H
#define REDACTFS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert: a finding has to stop the run whatever NDEBUG says. */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,    \
				      #cond);                                                      \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
