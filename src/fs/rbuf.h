/* rbuf.h: the memory a request works in: one buffer a thread, kept, so that nothing is allocated on
 * the read path.
 *
 * What was read stays in it until the next request; after an erasure all of them are wiped, those
 * of idle threads too. */
#ifndef REDACTFS_SRC_FS_RBUF_H
#define REDACTFS_SRC_FS_RBUF_H

#include "redactfs/store.h"

#define RBUF_ROWS 64u

struct rbuf {
	char *data;               /* owned */
	size_t cap;               /* bytes of it: at least what was asked for */
	struct session_row *rows; /* RBUF_ROWS of them, in the same mapping */
};

/* This thread's buffer, with room for n bytes; NULL: out of memory. Its contents are the caller's
 * until rbuf_put. */
struct rbuf *rbuf_get(size_t n);
void rbuf_put(struct rbuf *b);
/* Wipes the buffers nobody is using now, and the others as soon as they are put back. */
void rbuf_wipe_all(void);

#endif
