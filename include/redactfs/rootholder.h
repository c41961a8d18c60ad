/* rootholder.h: whatever keeps the two root slots: the one thing of a store that must be physically
 * erasable. A file here (rootholder-file.c); a TPM, a token or a key service could take its place.
 *
 * A holder knows nothing of what is in a slot. Reads may come from any thread and at any time,
 * while another process writes: a slot that is being written reads as something that doesn't
 * verify. Writes and overwrites come from whoever holds the store's writer lock. */
#ifndef REDACTFS_ROOTHOLDER_H
#define REDACTFS_ROOTHOLDER_H

#include "redactfs/cleanup.h"
#include "redactfs/keyslot.h"

#define ROOT_SLOTS  2u
#define ROOT_COPIES 4u /* at most */

struct rootholder;
/* Where a copy of the slots lies: its descriptor, borrowed, and its path; NULL: in the store's own
 * folder. */
struct rootholder_place {
	int fd;
	const char *path;
};
struct rootholder_ops {
	int (*read)(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES]);
	/* Durable when it returns 0. On failure the slot holds anything. */
	int (*write)(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES]);
	/* Overwrites the slot with noise, in place; durable when it returns 0. One that was
	 * overwritten before, and not written since, is only made durable. */
	int (*shred)(struct rootholder *h, unsigned slot);
	void (*close)(struct rootholder *h);
	/* The rest may be NULL: of a holder of one copy that is always there. */
	unsigned (*copies)(struct rootholder *h);
	/* read() gives the first copy's. They differ while a commit is under way, and after a crash
	 * until the store is opened. */
	int (*read_copy)(struct rootholder *h, unsigned copy, unsigned slot,
			 uint8_t out[SLOT_BYTES]);
	/* Are all copies within reach, as the very files that were opened? -EIO with a message.
	 * Asked before anything is begun that only an overwritten root completes. */
	int (*ready)(struct rootholder *h, struct errinfo *e);
	void (*place)(struct rootholder *h, unsigned copy, struct rootholder_place *ret);
};
/* What an implementation embeds as its first member. */
struct rootholder {
	const struct rootholder_ops *ops;
};

static inline int rootholder_read(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES])
{
	return h->ops->read(h, slot, out);
}
static inline int rootholder_write(struct rootholder *h, unsigned slot,
				   const uint8_t in[SLOT_BYTES])
{
	return h->ops->write(h, slot, in);
}
static inline int rootholder_shred(struct rootholder *h, unsigned slot)
{
	return h->ops->shred(h, slot);
}
static inline unsigned rootholder_copies(struct rootholder *h)
{
	return h->ops->copies ? h->ops->copies(h) : 1;
}
static inline int rootholder_read_copy(struct rootholder *h, unsigned copy, unsigned slot,
				       uint8_t out[SLOT_BYTES])
{
	return h->ops->read_copy ? h->ops->read_copy(h, copy, slot, out)
				 : h->ops->read(h, slot, out);
}
static inline int rootholder_ready(struct rootholder *h, struct errinfo *e)
{
	return h->ops->ready ? h->ops->ready(h, e) : 0;
}
/* fd -1: it isn't a file. */
static inline void rootholder_place(struct rootholder *h, unsigned copy,
				    struct rootholder_place *ret)
{
	*ret = (struct rootholder_place){.fd = -1};
	if (h->ops->place)
		h->ops->place(h, copy, ret);
}
static inline struct rootholder *rootholder_close(struct rootholder *h)
{
	if (h)
		h->ops->close(h);
	return NULL;
}
DEFINE_CLEANUP_PTR(struct rootholder *, rootholder_close)

/* The file `name` under dirfd, preallocated, so that a slot is always overwritten where it lies.
 * create: -EEXIST where there is one; both slots hold noise. open: -ENOENT; -EUCLEAN: not of
 * the size of two slots. dirfd is only used by the call. */
int rootholder_file_create(int dirfd, const char *name, struct rootholder **ret);
int rootholder_file_open(int dirfd, const char *name, struct rootholder **ret);

/* Files elsewhere, at absolute paths: one, or several that are kept the same. create: makes them,
 * each -EEXIST where there is something, and nothing is left on failure. open: -ENOENT with a
 * message that says which one isn't there: all of them have to be. */
int rootholder_files_create(const char *const *paths, unsigned n, struct rootholder **ret,
			    struct errinfo *e);
int rootholder_files_open(const char *const *paths, unsigned n, struct rootholder **ret,
			  struct errinfo *e);

/* The file `name` of a store (docs/FORMAT.md "root"): the slots themselves, or a reference that
 * says where they are. */
int rootholder_refer(int dirfd, const char *name, const char *const *paths, unsigned n);
/* `without` (or NULL): as if the reference didn't have this one, which may be out of reach.
 * -ENOENT: it has none there; -EINVAL: it is the only one. */
int rootholder_open(int dirfd, const char *name, const char *without, struct rootholder **ret,
		    struct errinfo *e);

#endif
