/* eraser.h: destroys the keys of sessions whose erasure is intended, in batches, from a thread of
 * its own. With erase=intent that is how all erasures end; with erase=sync it takes up those that
 * failed half way (a full disk, say). And it removes blobs' files. */
#ifndef REDACTFS_SRC_FS_ERASER_H
#define REDACTFS_SRC_FS_ERASER_H

#include "fs-priv.h"

struct eraser;
struct eraser *eraser_new(struct fs *fs); /* NULL: out of memory */
int eraser_start(struct eraser *e);
/* An intent is durable: its keys go within a second, or with the 4,096th. */
void eraser_add(struct eraser *e);
/* A session was erased: its blob's file can go. Done by and by. */
void eraser_sweep(struct eraser *e);
/* Barrier: returns when all that were added by now are erased. 0, or why they aren't. */
int eraser_wait(struct eraser *e);
/* Finishes what was added and ends the thread. What is added afterwards is finished by the barriers
 * and by the next who opens the store. */
void eraser_stop(struct eraser *e);
struct eraser *eraser_free(struct eraser *e);

#endif
