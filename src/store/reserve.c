/* reserve.c: see reserve.h.
 *
 * Several files rather than one: a small need takes little, and each gives back an inode as well,
 * of which a disk may run out before it does of blocks. They are removed, not cut: that needs no
 * room itself, copy-on-write file systems included.
 *
 * (V1) a piece counts when its blocks are its own: a copy of a store (cp, rsync) may have holes
 * (V2) what somebody took isn't taken from him by who makes it anew: shared and exclusive locks on
 *      the folder say so. They go with the process */
#include "reserve.h"

#include "redactfs/crypto.h"
#include "redactfs/io.h"
#include "redactfs/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FOLDER "reserve"

typedef char piece_name[16];

static void name_of(unsigned i, piece_name ret)
{
	(void)snprintf(ret, sizeof(piece_name), "%u", i);
}

static uint64_t blocks_of(const struct stat *st)
{
	return S_ISREG(st->st_mode) ? (uint64_t)st->st_blocks * 512 : 0;
}

static bool piece_there(int folder, unsigned i) /* keeps V1 */
{
	struct stat st;
	piece_name name;

	name_of(i, name);
	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       blocks_of(&st) >= LIMIT_RESERVE_PIECE_BYTES;
}

/* Where blocks can't be had without writing, or aren't kept: bytes that can't be compressed. */
static int write_noise(int fd)
{
	uint8_t noise[16384];
	int r = 0;

	for (uint64_t at = 0; r == 0 && at < LIMIT_RESERVE_PIECE_BYTES; at += sizeof(noise)) {
		r = rng_bytes(noise, sizeof(noise));
		if (r == 0)
			r = io_pwrite(fd, noise, sizeof(noise), at);
	}
	return r < 0 ? r : io_sync_data(fd);
}

static int fill_piece(int fd)
{
	struct stat st;

	if (fallocate(fd, 0, 0, LIMIT_RESERVE_PIECE_BYTES) < 0)
		return errno == EOPNOTSUPP ? write_noise(fd) : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	return blocks_of(&st) >= LIMIT_RESERVE_PIECE_BYTES ? 0 : write_noise(fd);
}

static int make_piece(int folder, unsigned i)
{
	piece_name name;

	if (piece_there(folder, i))
		return 0;
	name_of(i, name);
	CLEANUP_FD int fd = io_open_at(folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
	int r = fd < 0 ? fd : fill_piece(fd);
	if (r < 0 && fd >= 0)
		(void)unlinkat(folder, name, 0); /* part of one helps nobody */
	return r;
}

static int open_folder(int dirfd)
{
	int fd = io_open_dir_at(dirfd, FOLDER);

	if (fd != -ENOENT)
		return fd;
	int r = io_mkdir_at(dirfd, FOLDER, 0700);
	return r < 0 ? r : io_open_dir_at(dirfd, FOLDER);
}

int reserve_whole(int dirfd)
{
	CLEANUP_FD int folder = io_open_dir_at(dirfd, FOLDER);

	for (unsigned i = 0; folder >= 0 && i < LIMIT_RESERVE_PIECES; i++) {
		if (!piece_there(folder, i))
			return 0;
	}
	return folder >= 0;
}

uint64_t reserve_bytes(int dirfd)
{
	CLEANUP_FD int folder = io_open_dir_at(dirfd, FOLDER);
	uint64_t n = 0;

	for (unsigned i = 0; folder >= 0 && i < LIMIT_RESERVE_PIECES; i++)
		n += piece_there(folder, i);
	return n * LIMIT_RESERVE_PIECE_BYTES;
}

int reserve_make(int dirfd, bool wait)
{
	if (reserve_whole(dirfd))
		return 0;
	CLEANUP_FD int folder = open_folder(dirfd);
	if (folder < 0)
		return folder;
	/* keeps V2; where folders can't be locked (NFS) it is a matter of luck */
	if (flock(folder, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0 && errno == EWOULDBLOCK)
		return -EBUSY;
	int r = 0;
	for (unsigned i = 0; r == 0 && i < LIMIT_RESERVE_PIECES; i++)
		r = make_piece(folder, i);
	return r;
}

void reserve_remove(int dirfd)
{
	CLEANUP_FD int folder = io_open_dir_at(dirfd, FOLDER);
	piece_name name;

	for (unsigned i = 0; folder >= 0 && i < LIMIT_RESERVE_PIECES; i++) {
		name_of(i, name);
		(void)unlinkat(folder, name, 0); /* it may not be there */
	}
	(void)unlinkat(dirfd, FOLDER, AT_REMOVEDIR);
}

int reserve_take(int dirfd, unsigned keep, int *lock)
{
	piece_name name;

	if (*lock < 0) {
		*lock = io_open_dir_at(dirfd, FOLDER);
		if (*lock < 0)
			return 0;
		(void)flock(*lock, LOCK_SH); /* who makes pieces is soon done */
	}
	for (unsigned i = LIMIT_RESERVE_PIECES; i-- > keep;) {
		name_of(i, name);
		if (unlinkat(*lock, name, 0) == 0) {
			/* a journal gives blocks back when the removal is durable */
			(void)io_sync(*lock);
			return 1;
		}
	}
	return 0;
}
