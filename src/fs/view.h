/* view.h: the files of a session's folder, one ops struct each.
 *
 * events.json is the recording; every other view is derived from what an ordinary read of it, or of
 * the session's row, gives. A view says how large it is without opening anything (an lstat needs
 * neither blob nor spans), and opens into a file that is read by offset. */
#ifndef REDACTFS_SRC_FS_VIEW_H
#define REDACTFS_SRC_FS_VIEW_H

#include "fs-priv.h"
#include "inode.h"

/* An open file. Any thread may read; close comes last and alone. */
struct file_ops {
	/* All of [off, off + n), less only at the end; or -errno. */
	ssize_t (*pread)(void *file, void *buf, size_t n, uint64_t off);
	/* The session is erased: forget its text, give -ENOKEY from now on. May run beside pread.
	 */
	void (*revoke)(void *file);
	void (*close)(void *file);
};

struct view {
	const char *name;
	enum fs_view bit;
	enum ino_kind kind;
	/* Seconds that its mtime is later than the rendering's: one for each time that what is
	 * around the recording's text has changed with the program. */
	uint32_t revision;
	/* Exact. `row` isn't damaged. */
	int (*size)(struct fs *fs, const struct session_row *row, uint64_t *ret);
	const struct file_ops *ops;
	int (*open)(struct fs *fs, const struct session_row *row, void **ret_file);
};

extern const struct view view_events;     /* view-events.c */
extern const struct view view_session;    /* view-session.c */
extern const struct view view_transcript; /* view-transcript.c */
extern const struct view view_replay;     /* view-replay.c */

/* Those that this mount shows, in the order of readdir: events.json first, because removing it is
 * what makes the others removable. NULL past the last one. */
const struct view *view_at(const struct fs *fs, unsigned i);
/* NULL: none, or not shown. */
const struct view *view_of_kind(const struct fs *fs, enum ino_kind kind);
const struct view *view_named(const struct fs *fs, const char *name);

/* Whether this mount may show what is in a session: 0, -EACCES (restricted), -EBADMSG (damaged). */
int view_allowed(const struct fs *fs, const struct session_row *row);

#endif
