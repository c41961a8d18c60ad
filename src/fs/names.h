/* names.h: the names above a session, by its day's id.
 *
 * A day keeps its name and its site for as long as it exists, and ids are never used again: what
 * was once looked up holds for good. */
#ifndef REDACTFS_SRC_FS_NAMES_H
#define REDACTFS_SRC_FS_NAMES_H

#include "fs-priv.h"

struct day_names {
	uint64_t site_id;
	char site[LIMIT_SITE_BYTES + 1];
	char date[11];
};

struct names;
struct names *names_new(void); /* NULL: out of memory */
struct names *names_free(struct names *n);
/* -ENOENT: no such day. */
int names_of_day(struct names *n, struct store *s, uint64_t day_id, struct day_names *ret);

#endif
