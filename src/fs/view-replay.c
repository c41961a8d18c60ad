/* view-replay.c: replay.html, the recording with a player before it (redactfs/replay.h). Its events
 * are those that events.json shows, byte for byte, so it hides what that hides. */
#include "redactfs/replay.h"
#include "view.h"

#include <string.h>

static int size(struct fs *fs, const struct session_row *row, uint64_t *ret)
{
	size_t page;

	(void)replay_page(&page);
	int r = view_events.size(fs, row, ret);
	if (!r)
		*ret += page;
	return r;
}

static ssize_t pread_replay(void *file, void *buf, size_t n, uint64_t off)
{
	size_t page, head = 0;
	const uint8_t *p = replay_page(&page);

	if (off < page) {
		head = page - (size_t)off;
		head = head < n ? head : n;
		memcpy(buf, p + off, head);
	}
	/* asked also where the page alone would do: an erased session has no replay */
	ssize_t r = view_events.ops->pread(file, (uint8_t *)buf + head, n - head,
					   off > page ? off - page : 0);
	return r < 0 ? r : (ssize_t)head + r;
}

static void revoke_replay(void *file)
{
	view_events.ops->revoke(file);
}

static void close_replay(void *file)
{
	view_events.ops->close(file);
}

static int open_replay(struct fs *fs, const struct session_row *row, void **ret_file)
{
	return view_events.open(fs, row, ret_file);
}

static const struct file_ops ops = {
	.pread = pread_replay,
	.revoke = revoke_replay,
	.close = close_replay,
};

const struct view view_replay = {
	.name = "replay.html",
	.bit = FS_VIEW_REPLAY,
	.kind = INO_REPLAY,
	.revision = REPLAY_REVISION,
	.size = size,
	.ops = &ops,
	.open = open_replay,
};
