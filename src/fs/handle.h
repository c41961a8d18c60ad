/* handle.h: open files.
 *
 * An erasure has to reach those that are open now: their text goes, and the kernel must forget
 * their pages before unlink returns. So handles are found by the session's row. */
#ifndef REDACTFS_SRC_FS_HANDLE_H
#define REDACTFS_SRC_FS_HANDLE_H

#include "view.h"

struct handle {
	/* immutable */
	uint64_t row; /* the session's; 0: a control file */
	uint64_t ino;
	uint32_t rendering; /* of the row when it was opened */
	const struct file_ops *ops;
	void *file; /* owned */
	/* [the table's lock] */
	struct handle *next, **link;
};

struct handles;
struct handles *handles_new(void); /* NULL: out of memory */
/* Closes what is still open: the kernel sends no release when it is unmounted lazily. */
struct handles *handles_free(struct handles *t);

/* Takes `file` over, also on failure (-ENOMEM). */
int handle_open(struct handles *t, uint64_t ino, uint64_t row, uint32_t rendering,
		const struct file_ops *ops, void *file, struct handle **ret);
void handle_close(struct handles *t, struct handle *h);
/* Whether a file of this session is open; a mapping keeps its file open. */
bool handles_any(struct handles *t, uint64_t row);
/* Revokes the session's files. */
void handles_revoke(struct handles *t, uint64_t row);
/* Revokes those opened under another rendering than the row's now: their pages would mix with the
 * new ones in one page cache. */
void handles_revoke_rendering(struct handles *t, uint64_t row, uint32_t rendering);
/* The rows of all sessions with open files, once for each file. -ENOMEM, or 0 and an array to free.
 */
int handles_rows(struct handles *t, uint64_t **ret, size_t *ret_n);

#endif
