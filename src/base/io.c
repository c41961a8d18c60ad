/* io.c: file descriptors, done fully; see io.h.
 *
 * Every loop ends at the first call that makes no progress: read(2) gives 0 at the end of a file
 * only, and a write(2) that gives 0 for n > 0 is no success to wait for.
 *
 * (I1) a name that others look for is only ever bound to a file whose bytes are already synced
 * (I2) io_replace_at, io_tmp_commit and io_new_commit return 0 only after the folder is synced too
 */
#include "redactfs/io.h"

#include "redactfs/err.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#define TMP_PREFIX ".tmp-"
_Static_assert(sizeof(TMP_PREFIX) + 16 <= IO_TMP_NAME, "prefix and 16 hex digits");

/* read(2) and write(2) take at most this much anyway (and off_t arithmetic stays far from its
 * end). */
#define MAX_CALL ((size_t)1 << 30)

ssize_t io_read(int fd, void *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t want = n - done < MAX_CALL ? n - done : MAX_CALL;
		ssize_t k = read(fd, (uint8_t *)p + done, want);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

ssize_t io_pread(int fd, void *p, size_t n, uint64_t offset)
{
	size_t done = 0;

	if (n > SSIZE_MAX || offset > INT64_MAX - n)
		return -EOVERFLOW;
	while (done < n) {
		size_t want = n - done < MAX_CALL ? n - done : MAX_CALL;
		ssize_t k = pread(fd, (uint8_t *)p + done, want, (off_t)(offset + done));
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		done += (size_t)k;
	}
	return (ssize_t)done;
}

int io_pread_exact(int fd, void *p, size_t n, uint64_t offset)
{
	ssize_t k = io_pread(fd, p, n, offset);
	if (k < 0)
		return (int)k;
	return (size_t)k == n ? 0 : -ENODATA;
}

int io_write(int fd, const void *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t want = n - done < MAX_CALL ? n - done : MAX_CALL;
		ssize_t k = write(fd, (const uint8_t *)p + done, want);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			return -EIO;
		done += (size_t)k;
	}
	return 0;
}

int io_pwrite(int fd, const void *p, size_t n, uint64_t offset)
{
	size_t done = 0;

	if (n > SSIZE_MAX || offset > INT64_MAX - n)
		return -EOVERFLOW;
	while (done < n) {
		size_t want = n - done < MAX_CALL ? n - done : MAX_CALL;
		ssize_t k = pwrite(fd, (const uint8_t *)p + done, want, (off_t)(offset + done));
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			return -EIO;
		done += (size_t)k;
	}
	return 0;
}

int io_open_at(int dirfd, const char *name, int flags, mode_t mode)
{
	for (;;) {
		int fd = openat(dirfd, name, flags | O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		if (errno != EINTR)
			return -errno;
	}
}

int io_open_dir_at(int dirfd, const char *name)
{
	return io_open_at(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

int io_mkdir_at(int dirfd, const char *name, mode_t mode)
{
	if (mkdirat(dirfd, name, mode) < 0) {
		struct stat st;

		if (errno != EEXIST)
			return -errno;
		if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		return S_ISDIR(st.st_mode) ? 1 : -ENOTDIR;
	}
	return io_sync_dir_at(dirfd, ".");
}

int io_read_all(int fd, size_t limit, struct buf *b)
{
	const size_t start = b->len;
	struct stat st;
	/* The size is a first guess only: pipes have none, and a file may grow. */
	size_t room = 16384;
	int r;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		room = (uint64_t)st.st_size < limit ? (size_t)st.st_size + 1 : limit;
	for (;;) {
		size_t had = b->len - start;

		/* one byte over the limit is asked for, to tell "just fits" from "too long" */
		if (room > limit - had)
			room = limit - had + 1;
		r = buf_reserve(b, room);
		if (r < 0)
			break;
		ssize_t k = io_read(fd, b->p + b->len, room);
		if (k < 0) {
			r = (int)k;
			break;
		}
		if ((size_t)k > limit - had) {
			r = -E2BIG;
			break;
		}
		b->len += (size_t)k;
		b->p[b->len] = 0;
		if ((size_t)k < room)
			return 0;
		room = b->len - start;
	}
	b->len = start;
	if (b->p)
		b->p[start] = 0;
	return r;
}

int io_read_file_at(int dirfd, const char *name, size_t limit, struct buf *b)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_RDONLY, 0);
	if (fd < 0)
		return fd;
	return io_read_all(fd, limit, b);
}

int io_dir_empty(int dirfd)
{
	CLEANUP_FD int fd = io_open_dir_at(dirfd, ".");
	DIR *dp = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;
	int r = 1;

	if (!dp)
		return fd < 0 ? fd : -errno;
	(void)take_fd(&fd); /* dp's now */
	errno = 0;
	while (r == 1 && (de = readdir(dp)))
		r = !strcmp(de->d_name, ".") || !strcmp(de->d_name, "..");
	if (r == 1 && errno)
		r = -errno;
	(void)closedir(dp); /* read only */
	return r;
}

int io_sync(int fd)
{
	while (fsync(fd) < 0) {
		if (errno != EINTR) /* a signal before anything was dropped: go on waiting */
			return -errno;
	}
	return 0;
}

int io_sync_data(int fd)
{
	while (fdatasync(fd) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int io_sync_dir_at(int dirfd, const char *name)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	return io_sync(fd);
}

int io_tmp_open(int dirfd, mode_t mode, char ret_name[IO_TMP_NAME])
{
	/* A name that is taken is a leftover or another process at work: try another one. */
	for (int i = 0; i < 16; i++) {
		uint64_t salt;

		while (getrandom(&salt, sizeof(salt), 0) < 0) { /* 8 bytes come whole */
			if (errno != EINTR)
				return -errno;
		}
		(void)snprintf(ret_name, IO_TMP_NAME, TMP_PREFIX "%016llx",
			       (unsigned long long)salt);
		CLEANUP_FD int fd =
			io_open_at(dirfd, ret_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd == -EEXIST)
			continue;
		if (fd < 0)
			return fd;
		if (fchmod(fd, mode) < 0) {
			int r = -errno;
			io_tmp_drop(dirfd, ret_name);
			return r;
		}
		return take_fd(&fd);
	}
	return -EEXIST;
}

int io_tmp_commit(int dirfd, int fd, const char *tmp, const char *name)
{
	int r = io_sync(fd); /* keeps I1 */
	if (r < 0)
		return r;
	if (renameat(dirfd, tmp, dirfd, name) < 0)
		return -errno;
	return io_sync_dir_at(dirfd, "."); /* keeps I2 */
}

int io_new_open(int dirfd, mode_t mode, char ret_tmp[IO_TMP_NAME])
{
	CLEANUP_FD int fd = io_open_at(dirfd, ".", O_RDWR | O_TMPFILE, 0600);

	if (fd < 0) /* not on every file system; whatever else it is, the next call says */
		return io_tmp_open(dirfd, mode, ret_tmp);
	if (fchmod(fd, mode) < 0)
		return -errno;
	ret_tmp[0] = 0;
	return take_fd(&fd);
}

int io_new_commit(int dirfd, int fd, const char *tmp, const char *name)
{
	char path[32];
	int r = io_sync(fd); /* keeps I1 */

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (*tmp)
		r = renameat2(dirfd, tmp, dirfd, name, RENAME_NOREPLACE);
	else
		r = linkat(AT_FDCWD, path, dirfd, name, AT_SYMLINK_FOLLOW);
	/* file systems that don't know the flag: what is there is looked for by hand */
	if (r < 0 && errno == EINVAL && *tmp)
		r = linkat(dirfd, tmp, dirfd, name, 0) == 0 ? unlinkat(dirfd, tmp, 0) : -1;
	return r < 0 ? -errno : io_sync_dir_at(dirfd, "."); /* keeps I2 */
}

void io_tmp_drop(int dirfd, const char *tmp)
{
	(void)unlinkat(dirfd, tmp, 0); /* what stays behind is told by io_is_tmp and swept later */
}

bool io_is_tmp(const char *name)
{
	const size_t n = sizeof(TMP_PREFIX) - 1;

	return strncmp(name, TMP_PREFIX, n) == 0 && strlen(name) == n + 16 &&
	       strspn(name + n, "0123456789abcdef") == 16;
}

int io_replace_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode)
{
	char tmp[IO_TMP_NAME];
	CLEANUP_FD int fd = io_tmp_open(dirfd, mode, tmp);
	if (fd < 0)
		return fd;

	int r = io_write(fd, data, len);
	if (r == 0)
		r = io_tmp_commit(dirfd, fd, tmp, name);
	if (r < 0)
		io_tmp_drop(dirfd, tmp); /* after the rename there is none of that name left */
	return r;
}
