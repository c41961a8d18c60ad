/* daemon.h: going to the background, with an answer to whoever waits. */
#ifndef REDACTFS_SRC_FS_DAEMON_H
#define REDACTFS_SRC_FS_DAEMON_H

#include "redactfs/err.h"

#include <stdbool.h>
#include <stddef.h>

struct daemon {
	int pipe;       /* the child's end; -1 in the foreground */
	int *inherited; /* owned: descriptors that are whoever's who started us */
	size_t n_inherited;
};

/* Forks. 1 in the parent, once the child has said how it went: *ret_code is 0 or its error, which
 * is in `e` as well. 0 in the child, which goes on, its standard streams still there. */
int daemon_fork(struct daemon *d, int *ret_code, struct errinfo *e);
/* In the child: tells the parent. After a 0 it lets go of terminal, working folder, standard
 * streams and what else it was born with; log lines go to the journal, where there is one. */
void daemon_tell(struct daemon *d, int code, const struct errinfo *e);

#endif
