/* cleanup.h: release on leaving scope, and moving out of it.
 *
 *   CLEANUP(buf_done) struct buf b = {0};     calls buf_done(&b) when b goes out of scope
 *   CLEANUP_PTR(store_close) struct store *s = NULL;   calls store_close(s) when s is not NULL
 *   *ret = TAKE(s);                           moves s out; the cleanup then sees NULL
 */
#ifndef REDACTFS_CLEANUP_H
#define REDACTFS_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Declares the cleanup of a pointer type whose destructor is `fn(type *)`. Put it once beside the
 * destructor's declaration; CLEANUP_PTR(fn) then works on variables of that type. */
#define DEFINE_CLEANUP_PTR(type, fn)                                                               \
	static inline void fn##_cleanup(type *p)                                                   \
	{                                                                                          \
		if (*p)                                                                            \
			(void)fn(*p);                                                              \
	}
#define CLEANUP_PTR(fn) __attribute__((cleanup(fn##_cleanup)))

static inline void free_cleanup(void *p)
{
	free(*(void **)p);
}
#define CLEANUP_FREE __attribute__((cleanup(free_cleanup)))

static inline void close_fd_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* nothing written through it is lost: writers sync and check */
}
#define CLEANUP_FD __attribute__((cleanup(close_fd_cleanup)))

#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})
static inline int take_fd(int *fd)
{
	int r = *fd;
	*fd = -1;
	return r;
}

#endif
