/* trace.h: everything a process does to the files below one folder, in order, in a file.
 *
 * trace.c takes the place of libc's functions that change files: linked into a test, or preloaded
 * into the program (REDACTFS_TRACE and REDACTFS_TRACE_ROOT in the environment). Each record is a
 * struct trace_head, the path relative to the root, then `len` bytes: what was written, or the new
 * name. tests/lib/filetrace.py reads the same. */
#ifndef CRASH_TRACE_H
#define CRASH_TRACE_H

#include <stdint.h>

enum trace_kind {
	TRACE_CREATE = 1, /* a file that wasn't there */
	TRACE_WRITE = 2,  /* at `off` */
	TRACE_SIZE = 3,   /* cut or extended to `off` bytes */
	TRACE_SYNC = 4,   /* of a file or a folder ("" is the root) */
	TRACE_UNLINK = 5,
	TRACE_MKDIR = 6,
	TRACE_RMDIR = 7,
	TRACE_RENAME = 8, /* to the name in the data */
	TRACE_MARK = 9,   /* what the test says; path "" */
};

struct trace_head {
	uint32_t kind, path_len;
	uint64_t off, len;
};

/* Starts afresh; the root must exist. A failure ends the process: no test can go on without. */
void trace_start(const char *root, const char *file);
void trace_stop(void);
void trace_mark(const char *text);

#endif
