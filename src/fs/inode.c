/* inode.c: inode numbers; see inode.h. */
#include "inode.h"

#include <assert.h>

#define FIXED_END (1u << 16)
#define ROW_SHIFT 4u
#define ROW_BASE  (FIXED_END >> ROW_SHIFT)

uint64_t ino_make(enum ino_kind kind, uint64_t row)
{
	assert(kind > INO_NONE && kind < INO_FIXED);
	return (row + ROW_BASE) << ROW_SHIFT | kind;
}

enum ino_kind ino_kind(uint64_t ino)
{
	if (ino < FIXED_END)
		return ino >= INO_ROOT && ino <= INO_CTL_NOTICE ? INO_FIXED : INO_NONE;
	switch (ino & ((1u << ROW_SHIFT) - 1)) {
	case INO_SITE:
	case INO_DAY:
	case INO_SESSION:
	case INO_EVENTS:
	case INO_SESSION_JSON:
	case INO_TRANSCRIPT:
	case INO_REPLAY:
	case INO_POLICY:
	case INO_NOTICE:
		/* row ids start at 1 */
		return ino_row(ino) ? (enum ino_kind)(ino & ((1u << ROW_SHIFT) - 1)) : INO_NONE;
	default:
		return INO_NONE; /* a number out of an NFS handle can be anything */
	}
}

uint64_t ino_row(uint64_t ino)
{
	return ino < FIXED_END ? 0 : (ino >> ROW_SHIFT) - ROW_BASE;
}
