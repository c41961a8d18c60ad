/* buf.h: a growing byte buffer.
 *
 * Zero-initialised is empty and valid. Not thread-safe. The bytes are followed by a NUL that len
 * doesn't count, so that text can be printed. */
#ifndef REDACTFS_BUF_H
#define REDACTFS_BUF_H

#include "redactfs/cleanup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *p;    /* owned; NULL until something is added */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated, the NUL included */
};

/* Make room for n more bytes. 0, or -ENOMEM (also on overflow); the contents stay as they were. */
int buf_reserve(struct buf *b, size_t n);
int buf_add(struct buf *b, const void *data, size_t n);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_done(struct buf *b);
/* As buf_done, but overwrites the bytes first: for page text and values. */
void buf_wipe_done(struct buf *b);

static inline int buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}
static inline int buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

/* Appends s[0..n) as the inside of a JSON string (no quotes): minimal escapes, "</" as "<\/". */
int buf_add_json(struct buf *b, const char *s, size_t n);
/* Appends base64 (RFC 4648 section 4) without line breaks. */
int buf_add_base64(struct buf *b, const void *p, size_t n);
/* Appends lower-case hexadecimal digits. */
int buf_add_hex(struct buf *b, const void *p, size_t n);

#endif
