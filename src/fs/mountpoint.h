/* mountpoint.h: whether a file system can be mounted there, with one clear message if not. */
#ifndef REDACTFS_SRC_FS_MOUNTPOINT_H
#define REDACTFS_SRC_FS_MOUNTPOINT_H

#include "redactfs/err.h"

#include <limits.h>
#include <stdbool.h>

struct mountpoint {
	char path[PATH_MAX]; /* absolute, without links */
	/* Of the folder below the mount, locked until it is mounted: the second of two daemons that
	 * start at once finds the lock taken, and one that starts later the mount. -1: none. */
	int fd;
};

/* -ENOTDIR, -ENOTEMPTY, -EBUSY, -ENODEV as in fs.h. */
int mountpoint_check(const char *path, struct mountpoint *ret, struct errinfo *e);
void mountpoint_done(struct mountpoint *m);

/* Whether a line of /proc/self/mountinfo (proc(5)) is a redactfs mounted on `path`, in which
 * blanks, newlines and backslashes are written there in octal. */
bool mountinfo_says_redactfs(const char *line, const char *path);

#endif
