/* view-session.c: session.json, made of the session's row alone (session_json of store.h). */
#include "names.h"
#include "text.h"

static int render(struct fs *fs, const struct session_row *row, struct buf *b)
{
	struct day_names names;
	int r = names_of_day(fs->names, fs->store, row->day_id, &names);

	return r < 0 ? r : session_json(row, names.site, names.date, b);
}

static int size(struct fs *fs, const struct session_row *row, uint64_t *ret)
{
	struct buf b = {0};

	int r = render(fs, row, &b);
	if (r >= 0)
		*ret = b.len;
	buf_wipe_done(&b); /* it may name the visitor */
	return r;
}

static int open_session(struct fs *fs, const struct session_row *row, void **ret_file)
{
	struct buf b = {0};

	int r = render(fs, row, &b);
	if (r < 0) {
		buf_wipe_done(&b);
		return r;
	}
	return text_open(&b, ret_file);
}

const struct view view_session = {
	.name = "session.json",
	.bit = FS_VIEW_SESSION,
	.kind = INO_SESSION_JSON,
	.size = size,
	.ops = &text_ops,
	.open = open_session,
};
