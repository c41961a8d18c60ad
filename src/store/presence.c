/* presence.c: see presence.h.
 *
 * A file: 8 bytes, the number seen; then a byte that those who wait write, so that whoever watches
 * the file hears of it. Nothing is synced: a mount doesn't outlive the machine.
 *
 * (P1) a file whose lock is free is a dead mount's, and is removed under that lock. Who enlists
 *      makes sure, once he has the lock, that the file still has its name
 * (P2) a mount enlists before it looks at the changes for the first time, and says 0 until then */
#include "presence.h"

#include "redactfs/io.h"
#include "redactfs/le.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#define FOLDER     "mounts"
#define NAME_HEX   16u
#define ASKED_AT   8u
#define NAME_TRIES 16

struct presence {
	int fd, folder; /* owned */
	char path[sizeof(FOLDER) + NAME_HEX + 1];
};

static const char *name_of(const struct presence *p)
{
	return p->path + sizeof(FOLDER);
}

static int lock_now(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EINTR)
			return errno == EWOULDBLOCK ? -EBUSY : -errno;
	}
	return 0;
}

static int write_seen(int fd, uint64_t seq)
{
	uint8_t b[8];

	le64_put(b, seq);
	return io_pwrite(fd, b, sizeof(b), 0);
}

/* -EAGAIN: somebody took it for a dead mount's (P1). */
static int enlist_as(struct presence *p)
{
	struct stat st;
	int fd = io_open_at(p->folder, name_of(p), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fd == -EEXIST ? -EAGAIN : fd;
	int r = lock_now(fd);
	if (r == -EBUSY || (r == 0 && (fstat(fd, &st) < 0 || st.st_nlink == 0)))
		r = -EAGAIN;
	if (r == 0)
		r = write_seen(fd, 0);
	if (r < 0) {
		(void)close(fd); /* nothing in it */
		return r;
	}
	p->fd = fd;
	return 0;
}

int presence_open(int dirfd, struct presence **ret)
{
	struct presence *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->fd = -1;
	r = io_mkdir_at(dirfd, FOLDER, 0700);
	p->folder = r < 0 ? r : io_open_dir_at(dirfd, FOLDER);
	r = p->folder < 0 ? p->folder : -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < NAME_TRIES; i++) {
		uint64_t salt;

		if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
			continue; /* a signal */
		(void)snprintf(p->path, sizeof(p->path), FOLDER "/%016llx",
			       (unsigned long long)salt);
		r = enlist_as(p);
	}
	if (r < 0) {
		(void)presence_close(p);
		return r;
	}
	*ret = p;
	return 0;
}

struct presence *presence_close(struct presence *p)
{
	if (!p)
		return NULL;
	if (p->fd >= 0) {
		(void)unlinkat(p->folder, name_of(p), 0); /* or whoever erases next does it */
		(void)close(p->fd);
	}
	if (p->folder >= 0)
		(void)close(p->folder);
	free(p);
	return NULL;
}

void presence_see(struct presence *p, uint64_t seq)
{
	(void)write_seen(p->fd, seq); /* unsaid, somebody waits longer than he needs to */
}

const char *presence_path(const struct presence *p)
{
	return p->path;
}

/* 1: a live mount that hasn't seen it; 0: it has, or there is none. */
static int look_at(int folder, const char *name, uint64_t seq, bool ask)
{
	CLEANUP_FD int fd = io_open_at(folder, name, O_RDWR | O_NOFOLLOW, 0);
	uint8_t b[8];

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int r = lock_now(fd);
	if (r == 0) /* keeps P1 */
		return unlinkat(folder, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	if (r != -EBUSY)
		return r;
	r = io_pread_exact(fd, b, sizeof(b), 0);
	if (r == 0 && le64_get(b) >= seq)
		return 0;
	if (r < 0 && r != -ENODATA) /* without data: it is just being enlisted */
		return r;
	if (ask)
		(void)io_pwrite(fd, "?", 1, ASKED_AT); /* it looks by itself, only later */
	return 1;
}

static int count(int storefd, const struct presence *own, uint64_t seq, bool ask)
{
	int folder = io_open_dir_at(storefd, FOLDER), n = 0, r = 0;

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder; /* never mounted */
	DIR *d = fdopendir(folder);
	if (!d) {
		r = -errno;
		(void)close(folder); /* read only */
		return r;
	}
	for (struct dirent *e; r >= 0 && (e = readdir(d));) {
		if (e->d_name[0] == '.' || (own && !strcmp(e->d_name, name_of(own))))
			continue;
		r = look_at(folder, e->d_name, seq, ask);
		n += r == 1;
	}
	(void)closedir(d); /* read only */
	return r < 0 ? r : n;
}

int presence_ask(int dirfd, const struct presence *own, uint64_t seq)
{
	return count(dirfd, own, seq, true);
}

int presence_count(int dirfd, const struct presence *own, uint64_t seq)
{
	return count(dirfd, own, seq, false);
}
