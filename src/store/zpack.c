/* zpack.c: see zpack.h. Frames carry their content's size, so that the result is allocated once and
 * nothing of it is left behind by growing; a size over the caller's bound is refused before that.
 */
#include "zpack.h"

#include <errno.h>

#include <zstd.h>

#define LEVEL 1 /* a few kilobytes, mostly: more costs time and gains nothing */

int zpack(const void *p, size_t n, struct buf *out)
{
	size_t bound = ZSTD_compressBound(n);
	int r = ZSTD_isError(bound) ? -ENOMEM : buf_reserve(out, bound);

	if (r < 0)
		return r;
	size_t k = ZSTD_compress(out->p + out->len, bound, p, n, LEVEL);
	if (ZSTD_isError(k))
		return -ENOMEM; /* the output has room and the level is valid: nothing else is left
				 */
	out->len += k;
	return 0;
}

int zunpack(const void *p, size_t n, size_t max, struct buf *out)
{
	unsigned long long size = ZSTD_getFrameContentSize(p, n);

	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > max)
		return -EBADMSG;
	if (ZSTD_findFrameCompressedSize(p, n) != n)
		return -EBADMSG;
	int r = buf_reserve(out, (size_t)size);
	if (r < 0)
		return r;
	size_t k = ZSTD_decompress(out->p + out->len, (size_t)size, p, n);
	if (ZSTD_isError(k) || k != size)
		return -EBADMSG;
	out->len += k;
	return 0;
}
