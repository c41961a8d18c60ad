/* canon-inflate.c: the compressed parts of recordings: bytes that stand as Latin-1 characters in
 * JSON strings, and zlib or gzip inside. One inflater serves them all: a packed recording has one
 * small stream an event, and setting up zlib costs more than inflating one. */
#include "canon-priv.h"

#define ZLIB_CONST /* input pointers are to const */
#include <stdlib.h>
#include <zlib.h>

bool canon_latin1(const char *s, size_t n, struct buf *ret)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const uint8_t *p = (const uint8_t *)s, *end = p + n;

	ret->len = 0;
	if (buf_reserve(ret, n) < 0)
		return false;
	uint8_t *o = (uint8_t *)ret->p;
	while (p < end) {
		if (*p == '\\') {
			const char *f = strchr(from, p[1]);

			if (p[1] == 'u') { /* \u00xx: canonical text escapes nothing else so */
				uint8_t hi = p[4], lo = p[5];

				if (p[2] != '0')
					return false; /* a lone surrogate */
				*o++ = (uint8_t)((hi - '0') << 4 |
						 (lo <= '9' ? lo - '0' : lo - 'a' + 10));
				p += 6;
				continue;
			}
			*o++ = f ? (uint8_t)to[f - from] : p[1];
			p += 2;
		} else if (*p < 0x80) {
			*o++ = *p++;
		} else if (*p < 0xc4) {
			*o++ = (uint8_t)(p[0] << 6 | (p[1] & 63));
			p += 2;
		} else {
			return false;
		}
	}
	ret->len = (size_t)(o - (uint8_t *)ret->p);
	return true;
}

bool canon_is_zlib(const uint8_t *p, size_t n)
{
	/* RFC 1950: deflate with a 32 KiB window, no dictionary, and the check bits */
	return n >= 2 && p[0] == 0x78 && !(p[1] & 0x20) && (p[0] << 8 | p[1]) % 31 == 0;
}

static z_stream *inflater(struct canon_cx *c)
{
	z_stream *z = c->z;

	if (z)
		return inflateReset(z) == Z_OK ? z : NULL;
	z = calloc(1, sizeof(*z));
	if (!z)
		return NULL;
	if (inflateInit2(z, 15 + 32) != Z_OK) { /* zlib or gzip, by its header */
		free(z);
		return NULL;
	}
	c->z = z;
	return z;
}

void canon_inflate_done(struct canon_cx *c)
{
	if (c->z)
		(void)inflateEnd(c->z); /* it says only whether the stream was read to its end */
	free(c->z);
	c->z = NULL;
}

int canon_inflate(struct canon_cx *c, const uint8_t *p, size_t n, size_t max, struct buf *ret)
{
	z_stream *z = inflater(c);
	uint64_t left = LIMIT_RECORDING_BYTES - c->inflated;
	int r;

	if (!z)
		return -ENOMEM;
	if (max > left)
		max = (size_t)left;
	ret->len = 0;
	z->next_in = p;
	z->avail_in = (uInt)n; /* a piece is under LIMIT_INPUT_BYTES */
	do {
		if (ret->len > max)
			return -E2BIG;
		if (buf_reserve(ret, n < 4096 ? 16384 : 65536) < 0)
			return -ENOMEM;
		size_t room = ret->cap - 1 - ret->len;
		if (room > max + 1 - ret->len)
			room = max + 1 - ret->len;
		z->next_out = (Bytef *)ret->p + ret->len;
		z->avail_out = (uInt)room;
		r = inflate(z, Z_NO_FLUSH);
		ret->len += room - z->avail_out;
	} while (r == Z_OK && !z->avail_out);
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	if (ret->len > max)
		return -E2BIG;
	if (r != Z_STREAM_END || z->avail_in)
		return -EILSEQ;
	c->inflated += ret->len;
	ret->p[ret->len] = 0;
	return 0;
}
