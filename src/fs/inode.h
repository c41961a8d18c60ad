/* inode.h: inode numbers, which are node ids too.
 *
 * A number says by itself what it is: (row id + 4096) << 4 | kind for what has a row in the store,
 * a fixed number below 1 << 16 for the rest. Row ids are never used twice and stay over remounts,
 * and so do inodes, with no table of our own: that is why forget does nothing, why NFS handles
 * survive, and why a backup's second run finds every file where it was. */
#ifndef REDACTFS_SRC_FS_INODE_H
#define REDACTFS_SRC_FS_INODE_H

#include <stdint.h>

/* Part of what a backup remembers: never renumbered. */
enum ino_kind {
	INO_NONE = 0, /* no inode of ours */
	INO_SITE = 1,
	INO_DAY = 2,
	INO_SESSION = 3,      /* the folder */
	INO_EVENTS = 4,       /* events.json */
	INO_SESSION_JSON = 5, /* session.json */
	INO_TRANSCRIPT = 6,   /* transcript.txt */
	INO_REPLAY = 7,       /* replay.html */
	INO_POLICY = 8,       /* .redactfs/policy/SITE.ini; the row is the site's */
	INO_NOTICE = 9, /* .redactfs/notice/SITE.LANG.txt; the row is the site's * 16 + language */
	INO_FIXED = 16, /* the number itself says which */
};

enum ino_fixed {
	INO_ROOT = 1, /* FUSE_ROOT_ID */
	INO_CTL = 2,  /* .redactfs */
	INO_CTL_STATUS = 3,
	INO_CTL_POLICY = 4, /* .redactfs/policy */
	INO_CTL_AUDIT = 5,
	INO_CTL_NOTICE = 6, /* .redactfs/notice */
};

uint64_t ino_make(enum ino_kind kind, uint64_t row);
enum ino_kind ino_kind(uint64_t ino);
uint64_t ino_row(uint64_t ino); /* 0 for fixed ones */

#endif
