/* lock.c: see lock.h.
 *
 * flock(2) belongs to an open file, so it separates processes but not threads that share the
 * descriptor: a mutex in front of it does that. It goes with the process, so that a crash leaves
 * no lock behind. The counter lies in the same file: it is no truth, only a sign that there is
 * something to look at, and needs no sync; it is set after what it announces is durable. */
#include "lock.h"

#include "redactfs/io.h"
#include "redactfs/le.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>

#define LOCK_NAME   "lock"
#define IMPORT_NAME "import-lock"

struct store_lock {
	int fd, dirfd; /* owned */
	pthread_mutex_t mtx;
};

static int make(int dirfd, const char *name, const void *p, size_t n)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);

	return fd < 0 ? fd : io_write(fd, p, n);
}

int store_lock_create(int dirfd)
{
	int r = make(dirfd, LOCK_NAME, (uint8_t[8]){0}, 8);

	return r < 0 ? r : make(dirfd, IMPORT_NAME, "", 0);
}

int store_lock_open(int dirfd, struct store_lock **ret)
{
	CLEANUP_FD int fd = io_open_at(dirfd, LOCK_NAME, O_RDWR | O_NOFOLLOW, 0);
	CLEANUP_FD int dir2 = fd < 0 ? -1 : io_open_dir_at(dirfd, ".");
	struct store_lock *l;

	if (fd < 0 || dir2 < 0)
		return fd < 0 ? fd : dir2;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->fd = take_fd(&fd);
	l->dirfd = take_fd(&dir2);
	pthread_mutex_init(&l->mtx, NULL);
	*ret = l;
	return 0;
}

struct store_lock *store_lock_close(struct store_lock *l)
{
	if (l) {
		(void)close(l->fd); /* the counter is only a sign */
		(void)close(l->dirfd);
		pthread_mutex_destroy(&l->mtx);
		free(l);
	}
	return NULL;
}

static int flock_wait(int fd, int how)
{
	while (flock(fd, how) < 0) {
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? -EBUSY : -errno;
	}
	return 0;
}

int store_lock_write(struct store_lock *l)
{
	pthread_mutex_lock(&l->mtx);
	int r = flock_wait(l->fd, LOCK_EX);
	if (r < 0)
		pthread_mutex_unlock(&l->mtx);
	return r;
}

void store_unlock_write(struct store_lock *l)
{
	(void)flock(l->fd, LOCK_UN); /* can't fail on a descriptor that holds it */
	pthread_mutex_unlock(&l->mtx);
}

int store_counter_get(struct store_lock *l, uint64_t *ret)
{
	uint8_t b[8];
	int r = io_pread_exact(l->fd, b, sizeof(b), 0);

	if (r == -ENODATA) { /* emptied by somebody: no sign of anything */
		*ret = 0;
		return 0;
	}
	if (r == 0)
		*ret = le64_get(b);
	return r;
}

int store_counter_set(struct store_lock *l, uint64_t v)
{
	uint8_t b[8];

	le64_put(b, v);
	return io_pwrite(l->fd, b, sizeof(b), 0);
}

static int import_lock(struct store_lock *l, int how)
{
	CLEANUP_FD int fd = io_open_at(l->dirfd, IMPORT_NAME, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fd;
	int r = flock_wait(fd, how);
	return r < 0 ? r : take_fd(&fd);
}

int store_import_lock(struct store_lock *l)
{
	return import_lock(l, LOCK_SH);
}

int store_import_lock_alone(struct store_lock *l)
{
	return import_lock(l, LOCK_EX | LOCK_NB);
}
