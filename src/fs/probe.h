/* probe.h: asks a new mount for its first answer, from a process of its own.
 *
 * A daemon that asks its own mount and is killed meanwhile never ends: the thread that waits for
 * the answer keeps the device open, and as long as it is open the kernel waits for the answer. In
 * another process the question fails as soon as the daemon is gone. */
#ifndef REDACTFS_SRC_FS_PROBE_H
#define REDACTFS_SRC_FS_PROBE_H

#include <sys/types.h>

struct probe {
	pid_t pid;  /* 0: none */
	int go;     /* a byte, and it asks */
	int answer; /* what it was told */
};

/* Forks. Before there are keys in memory or threads. 0 or -errno. */
int probe_start(struct probe *p, const char *path);
/* Waits for the mount's answer; the file system's device. -errno: what the question ended with. */
int probe_ask(struct probe *p, dev_t *ret_dev);
/* Once it has answered, or can't be answered any more. */
void probe_done(struct probe *p);

#endif
