/* zpack.h: zstd for span tables, plans and values: whole buffers, bounded. */
#ifndef ZPACK_H
#define ZPACK_H

#include "redactfs/buf.h"

/* Appends one zstd frame. -ENOMEM. */
int zpack(const void *p, size_t n, struct buf *out);
/* Appends what a frame holds. -EBADMSG: not one frame, or more than `max` bytes; -ENOMEM. */
int zunpack(const void *p, size_t n, size_t max, struct buf *out);

#endif
