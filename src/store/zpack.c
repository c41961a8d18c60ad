/* zpack.c: see zpack.h. Frames carry their content's size, so that the result is allocated once and
 * nothing of it is left behind by growing; a size over the caller's bound is refused before that.
 *
 * Each thread keeps its contexts: to make one takes longer than what it does with a few kilobytes.
 */
#include "zpack.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include <zstd.h>

/* A few kilobytes, mostly, five times a session: 1 takes half as long again and makes the blobs of
 * small recordings 1 % shorter. */
#define LEVEL -1

static _Thread_local ZSTD_CCtx *packer;   /* owned; both are ended by end_key's destructor */
static _Thread_local ZSTD_DCtx *unpacker; /* owned */
static pthread_key_t end_key;
static bool end_key_made;
static pthread_once_t end_key_once = PTHREAD_ONCE_INIT;

static void contexts_end(void *p)
{
	(void)p;
	(void)ZSTD_freeCCtx(packer);
	(void)ZSTD_freeDCtx(unpacker);
	packer = NULL;
	unpacker = NULL;
}

static void end_key_make(void)
{
	end_key_made = pthread_key_create(&end_key, contexts_end) == 0;
}

/* To be called before a context is made: so it ends with its thread. */
static bool will_end(void)
{
	static const char set[] = "";

	(void)pthread_once(&end_key_once, end_key_make); /* fails for a bad `once` only */
	return end_key_made && pthread_setspecific(end_key, set) == 0;
}

int zpack(const void *p, size_t n, struct buf *out)
{
	size_t bound = ZSTD_compressBound(n);
	int r = ZSTD_isError(bound) ? -ENOMEM : buf_reserve(out, bound);

	if (r < 0)
		return r;
	if (!packer && (!will_end() || !(packer = ZSTD_createCCtx())))
		return -ENOMEM;
	size_t k = ZSTD_compressCCtx(packer, out->p + out->len, bound, p, n, LEVEL);
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
	if (!unpacker && (!will_end() || !(unpacker = ZSTD_createDCtx())))
		return -ENOMEM;
	size_t k = ZSTD_decompressDCtx(unpacker, out->p + out->len, (size_t)size, p, n);
	if (ZSTD_isError(k) || k != size)
		return -EBADMSG;
	out->len += k;
	return 0;
}
