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

#define ROOT_SLOTS 2u

struct rootholder;
struct rootholder_ops {
	int (*read)(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES]);
	/* Durable when it returns 0. On failure the slot holds anything. */
	int (*write)(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES]);
	/* Overwrites the slot with noise, in place; durable when it returns 0. One that was
	 * overwritten before, and not written since, is only made durable. */
	int (*shred)(struct rootholder *h, unsigned slot);
	void (*close)(struct rootholder *h);
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

#endif
