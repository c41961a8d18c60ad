/* ghost.h: folders of sessions that were just erased through this mount.
 *
 * `rm -r` has read the folder's names before it removes the first one; erasing the recording must
 * not make the rest of its list an error. So the names that are left stay removable, and the folder
 * stays a folder, until it is removed or a generous time is over. A ghost holds no text and none is
 * to be had: opening what is left gives ENOENT. It isn't listed in its date's folder. */
#ifndef REDACTFS_SRC_FS_GHOST_H
#define REDACTFS_SRC_FS_GHOST_H

#include "fs-priv.h"

struct ghost {
	uint64_t row, day_id;
	char name[20];
	uint32_t left; /* of enum fs_view: names not removed yet */
	int64_t mtime_ns, ctime_ns;
	int64_t until_s; /* CLOCK_MONOTONIC */
	bool sure;       /* erased: the store needn't be asked whether it has it */
};

struct ghosts;
struct ghosts *ghosts_new(void); /* NULL: out of memory */
struct ghosts *ghosts_free(struct ghosts *g);

/* Before the erasure, so that there is no moment when the folder is neither; ghosts are asked only
 * for what the store doesn't have, until they are sure. -ENOMEM. */
int ghosts_add(struct ghosts *g, const struct session_row *row, uint32_t left);
/* It is erased. */
void ghosts_sure(struct ghosts *g, uint64_t row);
/* The erasure failed. */
void ghosts_drop(struct ghosts *g, uint64_t row);
/* The folder above was removed. */
void ghosts_drop_day(struct ghosts *g, uint64_t day_id);

bool ghosts_get(struct ghosts *g, uint64_t row, struct ghost *ret);
bool ghosts_find(struct ghosts *g, uint64_t day_id, const char *name, struct ghost *ret);
/* -ENOENT: no such ghost, or the name is gone already. */
int ghosts_unlink(struct ghosts *g, uint64_t row, uint32_t view);
/* 0, -ENOTEMPTY, -ENOENT. */
int ghosts_rmdir(struct ghosts *g, uint64_t row);
/* For who follows the store's changes: was it erased through this mount? That is known until it has
 * been asked once, even of those that have been removed. */
bool ghosts_noticed(struct ghosts *g, uint64_t row);
/* Takes one out whose time is over; false: none. */
bool ghosts_expire(struct ghosts *g, struct ghost *ret);

#endif
