/* kcache.h: tells the kernel what to forget, from a thread of its own.
 *
 * A notification can wait inside the kernel, for a page that a READ is filling or for a folder that
 * an UNLINK holds: sent by the worker that has to answer that very request it would never end, and
 * other file systems have hung that way. So requests only queue here. The thread that sends holds
 * no lock while it does, and nobody who serves reads ever waits for it. */
#ifndef REDACTFS_SRC_FS_KCACHE_H
#define REDACTFS_SRC_FS_KCACHE_H

#include "fs-priv.h"

struct kcache;
/* `workers`: the most threads that serve requests; half of them at most ever wait in kcache_wait.
 */
struct kcache *kcache_new(unsigned workers);
/* Once the kernel has its answer to INIT. */
int kcache_start(struct kcache *k, struct fuse_session *se, struct store *store);
/* Sends what is queued, then ends the thread. Only while others still serve requests, for the
 * reason above; or when there is no connection any more. */
void kcache_stop(struct kcache *k);
/* There is no mount any more: nothing is sent from now on. */
void kcache_over(struct kcache *k);
struct kcache *kcache_free(struct kcache *k);

/* Whether the kernel can be told to look again at every name it knows (kcache_names). */
bool kcache_has_epoch(struct kcache *k);

/* Each queues one notification; when there's no memory for that, the thread makes up for it by the
 * strongest it has (all names). Those the kernel doesn't know cost a system call and nothing else.
 */
void kcache_attr(struct kcache *k, uint64_t ino);  /* its attributes */
void kcache_pages(struct kcache *k, uint64_t ino); /* and its pages, mapped ones too */
/* The name is gone. Drops the inode, if nobody has it open. */
void kcache_gone(struct kcache *k, uint64_t parent, uint64_t ino, const char *name);
/* The name may mean something else now. */
void kcache_name(struct kcache *k, uint64_t parent, const char *name);
void kcache_names(struct kcache *k); /* all names */
/* All that was queued before has been sent: says so to those who erase (store_mount_seen). */
void kcache_seen(struct kcache *k, uint64_t seq);
/* Wipes the daemon's own buffers too. */
void kcache_wipe(struct kcache *k);

/* Waits until all that is queued by now has been sent, a second at most. Returns false when that
 * wasn't enough, or when too many wait already. */
bool kcache_wait(struct kcache *k);

#endif
