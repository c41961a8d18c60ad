/* fs-error.c: what the store's errors are at the mount (err.h's table), and the one log line that a
 * damaged session gets. */
#include "fs-priv.h"

#include "redactfs/log.h"

#include <string.h>

int fs_errno(int r)
{
	switch (-r) {
	case 0:
		return 0;
	case ENOKEY:
		return ENOENT;
	/* these mean at the mount what they mean here */
	case ENOENT:
	case EACCES:
	case EPERM:
	case EBUSY:
	case EROFS:
	case ENOTEMPTY:
	case ENOTDIR:
	case EISDIR:
	case ENAMETOOLONG:
	case ESTALE:
	case ENOMEM:
	case ENOSPC: /* an erasure writes */
	case EMFILE:
	case ENFILE:
		return -r;
	default:
		return EIO;
	}
}

#define LOGGED 1024u

int fs_session_error(struct fs *fs, uint64_t row, int r)
{
	static atomic_uint_fast64_t logged[LOGGED]; /* rows, direct mapped */

	if (!row || fs_errno(r) != EIO)
		return r;
	if (atomic_exchange(&logged[row % LOGGED], row) != row) {
		atomic_fetch_add_explicit(&fs->count.damaged, 1, memory_order_relaxed);
		(void)log_errno(LOGL_ERROR, r, "session %llu can't be read",
				(unsigned long long)row);
	}
	return r;
}
