/* watch.h: follows what other processes do to the store, and tells the kernel.
 *
 * Own erasures come by here too, for what has to wait until unlink has been answered. */
#ifndef REDACTFS_SRC_FS_WATCH_H
#define REDACTFS_SRC_FS_WATCH_H

#include "fs-priv.h"

struct watch;
/* Remembers where the store stands: before the first request is answered. */
int watch_new(struct fs *fs, struct watch **ret, struct errinfo *e);
int watch_start(struct watch *w);
void watch_stop(struct watch *w);
struct watch *watch_free(struct watch *w);
/* Something has changed: look soon. Safe in a signal handler. */
void watch_poke(struct watch *w);
/* Queues that the kernel drop what it has of a session's text. False: it can't have any, because no
 * file of it was ever opened here. */
bool watch_drop_text(struct fs *fs, uint64_t row);

#endif
