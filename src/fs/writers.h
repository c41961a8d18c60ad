/* writers.h: which processes have just been refused a write.
 *
 * Many programs that are to write a file remove it when they can't (an editor's forced write, cp
 * -f) or even before (tar -x), and then make another one. On a disk nothing is lost by that. Here
 * the removal would be an erasure, and the writing fails: whoever unpacked a backup onto the mount
 * would erase all that is in it. So who has tried to write isn't one who removes, for a few
 * seconds. Any thread. */
#ifndef REDACTFS_SRC_FS_WRITERS_H
#define REDACTFS_SRC_FS_WRITERS_H

#include <stdbool.h>
#include <sys/types.h>

struct writers;

struct writers *writers_new(void);
struct writers *writers_free(struct writers *w);
/* `tid`, as requests have it, was refused a write of a session's file. */
void writers_add(struct writers *w, pid_t tid);
/* Whether its process was a moment ago. Being asked about counts as another try: tar goes on from
 * file to file. */
bool writers_has(struct writers *w, pid_t tid);

#endif
