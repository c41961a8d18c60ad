/* trace.c: see trace.h.
 *
 * The real work is done by system calls made here, not by the next definition in line, so that it
 * doesn't matter who else (a sanitizer) has put his own in between.
 *
 * (T1) a change and its record are made under one lock: records are in the order of the changes
 * (T2) a file's name is learnt when it is opened; nothing in a store is renamed while open
 * (T3) SQLite's -shm is left out: it is a memory that processes share, and no file that survives */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define API     __attribute__((visibility("default")))
#define FDS_MAX 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out = -1;
static char root[4096];
static size_t root_len;
static char *names[FDS_MAX]; /* owned; of descriptors below the root */

static void die(const char *what)
{
	perror(what);
	abort();
}

static void record(enum trace_kind kind, const char *path, uint64_t off, const void *p, size_t n)
{
	struct trace_head h = {
		.kind = kind, .path_len = (uint32_t)strlen(path), .off = off, .len = n};
	/* the casts: iovec has no const */
	struct iovec v[3] = {
		{&h, sizeof(h)}, {(void *)(uintptr_t)path, h.path_len}, {(void *)(uintptr_t)p, n}};

	if (syscall(SYS_writev, out, v, 3) != (long)(sizeof(h) + h.path_len + n))
		die("trace");
}

/* The path below the root; NULL: not there, or left out. */
static const char *below(const char *abs)
{
	size_t n = strlen(abs);

	if (out < 0 || strncmp(abs, root, root_len) != 0 || (abs[root_len] && abs[root_len] != '/'))
		return NULL;
	if (n > 4 && !strcmp(abs + n - 4, "-shm")) /* keeps T3 */
		return NULL;
	return abs[root_len] ? abs + root_len + 1 : "";
}

static bool fd_path(int fd, char buf[4096])
{
	char link[64];

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	long n = syscall(SYS_readlinkat, AT_FDCWD, link, buf, 4095);
	if (n <= 0)
		return false;
	buf[n] = 0;
	return true;
}

/* `path` at `dirfd` as it is below the root; NULL as above. */
static const char *resolve(int dirfd, const char *path, char buf[8192])
{
	char dir[4096];

	if (out < 0)
		return NULL;
	if (path[0] == '/') {
		(void)snprintf(buf, 8192, "%s", path);
	} else {
		if (dirfd == AT_FDCWD ? !getcwd(dir, sizeof(dir)) : !fd_path(dirfd, dir))
			return NULL;
		(void)snprintf(buf, 8192, "%s/%s", dir, path);
	}
	return below(buf);
}

static void learn(int fd)
{
	char abs[4096];
	const char *name;

	if (fd < 0 || fd >= FDS_MAX)
		return;
	free(names[fd]);
	names[fd] = NULL;
	if (out >= 0 && fd_path(fd, abs) && (name = below(abs)))
		names[fd] = strdup(name);
}

static const char *name_of(int fd)
{
	return out >= 0 && fd >= 0 && fd < FDS_MAX ? names[fd] : NULL;
}

API void trace_start(const char *dir, const char *file)
{
	pthread_mutex_lock(&lock);
	if (!realpath(dir, root))
		die(dir);
	root_len = strlen(root);
	out = (int)syscall(SYS_openat, AT_FDCWD, file,
			   O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0)
		die(file);
	pthread_mutex_unlock(&lock);
}

API void trace_stop(void)
{
	pthread_mutex_lock(&lock);
	if (out >= 0)
		(void)syscall(SYS_close, out);
	out = -1;
	pthread_mutex_unlock(&lock);
}

API void trace_mark(const char *text)
{
	pthread_mutex_lock(&lock);
	if (out >= 0)
		record(TRACE_MARK, "", 0, text, strlen(text));
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void from_environment(void)
{
	const char *file = getenv("REDACTFS_TRACE"), *dir = getenv("REDACTFS_TRACE_ROOT");

	if (file && dir)
		trace_start(dir, file);
}

/* ---- in libc's place */

static int open_at(int dirfd, const char *path, int flags, mode_t mode)
{
	char buf[8192];
	const char *name = NULL;
	struct stat st;

	pthread_mutex_lock(&lock);
	bool made = false;
	if (flags & O_CREAT) {
		name = resolve(dirfd, path, buf);
		made = name && fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0;
	}
	int fd = (int)syscall(SYS_openat, dirfd, path, flags, mode);
	int saved = errno;
	if (fd >= 0) {
		learn(fd);
		if (made)
			record(TRACE_CREATE, name, 0, NULL, 0);
		if (!made && (flags & O_TRUNC) && name_of(fd))
			record(TRACE_SIZE, name_of(fd), 0, NULL, 0);
	}
	pthread_mutex_unlock(&lock);
	errno = saved;
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                          \
	API int name(const char *path, int flags, ...);                                            \
	API int name(const char *path, int flags, ...)                                             \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		mode_t mode = mode_of(flags, ap);                                                  \
		va_end(ap);                                                                        \
		return open_at(AT_FDCWD, path, flags, mode);                                       \
	}
#define DEFINE_OPENAT(name)                                                                        \
	API int name(int dirfd, const char *path, int flags, ...);                                 \
	API int name(int dirfd, const char *path, int flags, ...)                                  \
	{                                                                                          \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		mode_t mode = mode_of(flags, ap);                                                  \
		va_end(ap);                                                                        \
		return open_at(dirfd, path, flags, mode);                                          \
	}

/* Both spellings of each, whichever of them this unit's own headers make of the plain one. */
#undef open
#undef openat
#undef pwrite
#undef ftruncate
#define AS(name) __asm__(#name)
API int open_plain(const char *path, int flags, ...) AS(open);
API int open_large(const char *path, int flags, ...) AS(open64);
API int openat_plain(int dirfd, const char *path, int flags, ...) AS(openat);
API int openat_large(int dirfd, const char *path, int flags, ...) AS(openat64);
API int open_checked(const char *path, int flags, ...) AS(__open_2);
API int open_checked_large(const char *path, int flags, ...) AS(__open64_2);
API int openat_checked(int dirfd, const char *path, int flags, ...) AS(__openat_2);
API int openat_checked_large(int dirfd, const char *path, int flags, ...) AS(__openat64_2);
API ssize_t pwrite_plain(int fd, const void *p, size_t n, off_t off) AS(pwrite);
API ssize_t pwrite_large(int fd, const void *p, size_t n, off_t off) AS(pwrite64);
API int ftruncate_plain(int fd, off_t size) AS(ftruncate);
API int ftruncate_large(int fd, off_t size) AS(ftruncate64);

DEFINE_OPEN(open_plain)
DEFINE_OPEN(open_large)
DEFINE_OPEN(open_checked)
DEFINE_OPEN(open_checked_large)
DEFINE_OPENAT(openat_plain)
DEFINE_OPENAT(openat_large)
DEFINE_OPENAT(openat_checked)
DEFINE_OPENAT(openat_checked_large)

API int close(int fd)
{
	pthread_mutex_lock(&lock);
	if (fd >= 0 && fd < FDS_MAX) {
		free(names[fd]);
		names[fd] = NULL;
	}
	int r = (int)syscall(SYS_close, fd);
	pthread_mutex_unlock(&lock);
	return r;
}

API ssize_t write(int fd, const void *p, size_t n)
{
	if (!name_of(fd))
		return syscall(SYS_write, fd, p, n);
	pthread_mutex_lock(&lock);
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t k = syscall(SYS_write, fd, p, n);
	if (k > 0)
		record(TRACE_WRITE, name_of(fd), (uint64_t)at, p, (size_t)k);
	pthread_mutex_unlock(&lock);
	return k;
}

API ssize_t pwrite_large(int fd, const void *p, size_t n, off_t off)
{
	if (!name_of(fd))
		return syscall(SYS_pwrite64, fd, p, n, off);
	pthread_mutex_lock(&lock);
	ssize_t k = syscall(SYS_pwrite64, fd, p, n, off);
	if (k > 0)
		record(TRACE_WRITE, name_of(fd), (uint64_t)off, p, (size_t)k);
	pthread_mutex_unlock(&lock);
	return k;
}

API ssize_t pwrite_plain(int fd, const void *p, size_t n, off_t off)
{
	return pwrite_large(fd, p, n, off);
}

API int ftruncate_large(int fd, off_t size)
{
	pthread_mutex_lock(&lock);
	int r = (int)syscall(SYS_ftruncate, fd, size);
	if (r == 0 && name_of(fd))
		record(TRACE_SIZE, name_of(fd), (uint64_t)size, NULL, 0);
	pthread_mutex_unlock(&lock);
	return r;
}

API int ftruncate_plain(int fd, off_t size)
{
	return ftruncate_large(fd, size);
}

static int sync_by(long call, int fd)
{
	pthread_mutex_lock(&lock);
	int r = (int)syscall(call, fd);
	if (r == 0 && name_of(fd))
		record(TRACE_SYNC, name_of(fd), 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	return r;
}

API int fsync(int fd)
{
	return sync_by(SYS_fsync, fd);
}

API int fdatasync(int fd)
{
	return sync_by(SYS_fdatasync, fd);
}

static int named(enum trace_kind kind, int dirfd, const char *path, long r)
{
	char buf[8192];
	const char *name = r == 0 ? resolve(dirfd, path, buf) : NULL;
	int saved = errno;

	if (name)
		record(kind, name, 0, NULL, 0);
	pthread_mutex_unlock(&lock);
	errno = saved;
	return (int)r;
}

API int unlinkat(int dirfd, const char *path, int flags)
{
	pthread_mutex_lock(&lock);
	return named(flags & AT_REMOVEDIR ? TRACE_RMDIR : TRACE_UNLINK, dirfd, path,
		     syscall(SYS_unlinkat, dirfd, path, flags));
}

API int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

API int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

API int mkdirat(int dirfd, const char *path, mode_t mode)
{
	pthread_mutex_lock(&lock);
	return named(TRACE_MKDIR, dirfd, path, syscall(SYS_mkdirat, dirfd, path, mode));
}

API int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

API int renameat(int from, const char *path, int to, const char *new)
{
	char a[8192], b[8192];

	pthread_mutex_lock(&lock);
	int r = (int)syscall(SYS_renameat2, from, path, to, new, 0);
	int saved = errno;
	const char *was = r == 0 ? resolve(from, path, a) : NULL;
	const char *is = was ? resolve(to, new, b) : NULL;
	if (is)
		record(TRACE_RENAME, was, 0, is, strlen(is));
	pthread_mutex_unlock(&lock);
	errno = saved;
	return r;
}

API int rename(const char *path, const char *new)
{
	return renameat(AT_FDCWD, path, AT_FDCWD, new);
}
