/* view-transcript.c: transcript.txt, what the visitor did, a line an action. The store makes it of
 * what events.json shows (redactfs/script.h), whole when it is opened. The reader stays open with
 * it: it says whether that still holds. */
#include "text.h"

#include <stdlib.h>

struct transcript {
	struct reader *r; /* owned */
	void *text;       /* owned: a file of text_ops */
};

static int make(struct fs *fs, const struct session_row *row, struct reader **ret, struct buf *b)
{
	int r = store_reader_open(fs->store, row->ino, fs->o->reveal, ret, NULL);

	return r < 0 ? r : reader_transcript(*ret, b);
}

static int size(struct fs *fs, const struct session_row *row, uint64_t *ret)
{
	CLEANUP_PTR(reader_close) struct reader *r = NULL;
	CLEANUP(buf_wipe_done) struct buf b = {0};

	if (!fs->o->reveal) {
		*ret = row->transcript_bytes;
		return 0;
	}
	int k = make(fs, row, &r, &b); /* as of events.json: the row's is an ordinary mount's */
	*ret = b.len;
	return k;
}

static int open_transcript(struct fs *fs, const struct session_row *row, void **ret_file)
{
	CLEANUP(buf_wipe_done) struct buf b = {0};
	struct transcript *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	int k = make(fs, row, &f->r, &b);
	if (!k)
		k = text_open(&b, &f->text);
	if (k < 0) {
		(void)reader_close(f->r); /* reading leaves nothing to lose */
		free(f);
		return k;
	}
	*ret_file = f;
	return 0;
}

static ssize_t pread_transcript(void *file, void *buf, size_t n, uint64_t off)
{
	struct transcript *f = file;
	ssize_t r = reader_pread(f->r, buf, 0, 0);

	return r < 0 ? r : text_ops.pread(f->text, buf, n, off);
}

static void revoke_transcript(void *file)
{
	struct transcript *f = file;

	text_ops.revoke(f->text);
}

static void close_transcript(void *file)
{
	struct transcript *f = file;

	(void)reader_close(f->r); /* as above */
	text_ops.close(f->text);
	free(f);
}

static const struct file_ops ops = {
	.pread = pread_transcript,
	.revoke = revoke_transcript,
	.close = close_transcript,
};

const struct view view_transcript = {
	.name = "transcript.txt",
	.bit = FS_VIEW_TRANSCRIPT,
	.kind = INO_TRANSCRIPT,
	.size = size,
	.ops = &ops,
	.open = open_transcript,
};
