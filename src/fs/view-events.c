/* view-events.c: events.json, the recording itself. The store renders it; this only asks. */
#include "view.h"

#include <stdlib.h>

static int size(struct fs *fs, const struct session_row *row, uint64_t *ret)
{
	if (!fs->o->reveal) {
		*ret = row->size;
		return 0;
	}
	/* the row's size is an ordinary mount's; a revealed one is only known to an open reader */
	struct reader *r = NULL;
	int k = store_reader_open(fs->store, row->ino, /* reveal= */ true, &r, NULL);
	if (k < 0)
		return k;
	*ret = reader_size(r);
	(void)reader_close(r); /* reading leaves nothing to lose */
	return 0;
}

struct events {
	struct reader *r; /* owned */
	atomic_bool revoked;
};

static int open_events(struct fs *fs, const struct session_row *row, void **ret_file)
{
	struct events *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	int k = store_reader_open(fs->store, row->ino, fs->o->reveal, &f->r, NULL);
	if (k < 0) {
		free(f);
		return k;
	}
	*ret_file = f;
	return 0;
}

static ssize_t pread_events(void *file, void *buf, size_t n, uint64_t off)
{
	struct events *f = file;

	return atomic_load(&f->revoked) ? -ENOKEY : reader_pread(f->r, buf, n, off);
}

/* An erasure stops the reader by itself; a new rendering doesn't. */
static void revoke_events(void *file)
{
	struct events *f = file;

	atomic_store(&f->revoked, true);
}

static void close_events(void *file)
{
	struct events *f = file;

	(void)reader_close(f->r); /* as above */
	free(f);
}

static const struct file_ops ops = {
	.pread = pread_events,
	.revoke = revoke_events,
	.close = close_events,
};

const struct view view_events = {
	.name = "events.json",
	.bit = FS_VIEW_EVENTS,
	.kind = INO_EVENTS,
	.size = size,
	.ops = &ops,
	.open = open_events,
};
