/* rootholder-file.c: the root slots in a file of 8192 bytes; see rootholder.h.
 *
 * The file is written in full once, when it is made, and only ever overwritten in place afterwards,
 * never replaced: a file system that writes in place then overwrites the very blocks. What it can't
 * promise (copy-on-write, flash translation) is in docs/ERASURE.md. */
#include "redactfs/crypto.h"
#include "redactfs/io.h"
#include "redactfs/rootholder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEED_BYTES HASH_BYTES

struct rootholder_file {
	struct rootholder h;
	int fd; /* owned */
};

static int file_of(struct rootholder *h)
{
	return ((struct rootholder_file *)(void *)h)->fd;
}

static int file_read(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES])
{
	int r = io_pread_exact(file_of(h), out, SLOT_BYTES, (uint64_t)slot * SLOT_BYTES);

	return r == -ENODATA ? -EUCLEAN : r;
}

static int file_write(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES])
{
	int r = io_pwrite(file_of(h), in, SLOT_BYTES, (uint64_t)slot * SLOT_BYTES);

	return r < 0 ? r : io_sync_data(file_of(h));
}

/* An overwritten slot is noise that can be told from everything else: a random seed and what
 * follows from it (FORMAT.md "root"). So whoever opens a store sees that nothing is left to
 * overwrite, and reading a store doesn't write to it. */
static const char noise_info[] = "redactfs overwritten slot";

static int noise_of(const uint8_t seed[SEED_BYTES], uint8_t out[SLOT_BYTES])
{
	memmove(out, seed, SEED_BYTES);
	return hkdf_expand(seed, noise_info, sizeof(noise_info) - 1, out + SEED_BYTES,
			   SLOT_BYTES - SEED_BYTES);
}

/* 1: it is such noise; 0: anything else, which the first bytes tell. */
static int is_noise(const uint8_t slot[SLOT_BYTES])
{
	uint8_t noise[SLOT_BYTES];
	int r = hkdf_expand(slot, noise_info, sizeof(noise_info) - 1, noise, SEED_BYTES);

	if (r < 0 || memcmp(slot + SEED_BYTES, noise, SEED_BYTES) != 0)
		return r;
	r = noise_of(slot, noise);
	return r < 0 ? r : !memcmp(slot, noise, SLOT_BYTES);
}

static int file_shred(struct rootholder *h, unsigned slot)
{
	uint8_t was[SLOT_BYTES], noise[SLOT_BYTES];
	int r = file_read(h, slot, was);

	if (r == -EUCLEAN) { /* a file that is being made */
		memset(was, 0, sizeof(was));
		r = 0;
	}
	if (r == 0)
		r = is_noise(was);
	/* whoever wrote it may have ended before the sync */
	if (r == 1)
		return io_sync_data(file_of(h));
	wipe(was, sizeof(was));
	if (r == 0)
		r = rng_bytes(was, SEED_BYTES);
	if (r == 0)
		r = noise_of(was, noise);
	return r < 0 ? r : file_write(h, slot, noise);
}

static void file_close(struct rootholder *h)
{
	(void)close(file_of(h)); /* every write was synced */
	free(h);
}

static void file_place(struct rootholder *h, unsigned copy, struct rootholder_place *ret)
{
	(void)copy;
	ret->fd = file_of(h);
}

static const struct rootholder_ops file_ops = {
	.read = file_read,
	.write = file_write,
	.shred = file_shred,
	.close = file_close,
	.place = file_place,
};

static int hold(int *fd, struct rootholder **ret)
{
	struct rootholder_file *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->h.ops = &file_ops;
	f->fd = take_fd(fd);
	*ret = &f->h;
	return 0;
}

int rootholder_file_create(int dirfd, const char *name, struct rootholder **ret)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	CLEANUP_PTR(rootholder_close) struct rootholder *h = NULL;

	if (fd < 0)
		return fd;
	int r = hold(&fd, &h);
	for (unsigned i = 0; r == 0 && i < ROOT_SLOTS; i++)
		r = rootholder_shred(h, i);
	if (r < 0)
		return r;
	*ret = TAKE(h);
	return 0;
}

int rootholder_file_open(int dirfd, const char *name, struct rootholder **ret)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_RDWR | O_NOFOLLOW, 0);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)(ROOT_SLOTS * SLOT_BYTES))
		return -EUCLEAN;
	return hold(&fd, ret);
}
