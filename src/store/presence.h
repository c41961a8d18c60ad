/* presence.h: which mounts of a store are alive, and how far each has followed its changes.
 *
 * A mount shows text that only its own daemon can take back: the kernel's page cache. So whoever
 * erases has to hear from each mount that it has dropped what was erased. A mount has a file in
 * `mounts`, holds an exclusive flock on it as long as it lives, and writes into it the change
 * number up to which everything is dropped. */
#ifndef STORE_PRESENCE_H
#define STORE_PRESENCE_H

#include <stdint.h>

struct presence;
/* Enlists this process, as having seen nothing yet. */
int presence_open(int dirfd, struct presence **ret);
struct presence *presence_close(struct presence *p);
void presence_see(struct presence *p, uint64_t seq);
/* The file's path below the store: somebody writes into it when he waits. */
const char *presence_path(const struct presence *p);
/* Asks all mounts but `own` (may be NULL) to look, and returns how many haven't seen `seq`. What
 * the dead left behind is removed. */
int presence_ask(int dirfd, const struct presence *own, uint64_t seq);
/* The same without asking again. */
int presence_count(int dirfd, const struct presence *own, uint64_t seq);

#endif
