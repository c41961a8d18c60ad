/* io.h: file descriptors, done fully: loops over EINTR and short counts, O_CLOEXEC always, syncs
 * that are checked, files that appear whole or not at all.
 *
 * All functions are thread-safe. They return 0 (or a count) or -errno, and never log. */
#ifndef REDACTFS_IO_H
#define REDACTFS_IO_H

#include "redactfs/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The bytes read: fewer than n only where the file ends. */
ssize_t io_read(int fd, void *p, size_t n);
ssize_t io_pread(int fd, void *p, size_t n, uint64_t offset);
/* All n bytes. -ENODATA: the file ends before. */
int io_pread_exact(int fd, void *p, size_t n, uint64_t offset);
/* All n bytes written, or an error. */
int io_write(int fd, const void *p, size_t n);
int io_pwrite(int fd, const void *p, size_t n, uint64_t offset);

/* openat(2) with O_CLOEXEC. Returns the descriptor. */
int io_open_at(int dirfd, const char *name, int flags, mode_t mode);
/* A folder to hold and sync: O_DIRECTORY | O_NOFOLLOW. Returns the descriptor. */
int io_open_dir_at(int dirfd, const char *name);
/* mkdirat(2), then a sync of the parent, so that the folder outlives a power cut. 0: made;
 * 1: there was a folder of that name already; -ENOTDIR: there is something else. */
int io_mkdir_at(int dirfd, const char *name, mode_t mode);

/* Appends the rest of fd, or the whole file, to `b`. -E2BIG: it is longer than `limit` bytes. On
 * failure `b` is as long as before (its spare room may hold what had been read). */
int io_read_all(int fd, size_t limit, struct buf *b);
int io_read_file_at(int dirfd, const char *name, size_t limit, struct buf *b);

/* 1: nothing is in the folder; 0: something is. */
int io_dir_empty(int dirfd);

/* fsync(2). A failed sync is final: the kernel may have dropped the pages, so nobody retries it. */
int io_sync(int fd);
/* fdatasync(2): the bytes, and of the inode what is needed to find them; not its times. */
int io_sync_data(int fd);
/* The same for the folder `name` under dirfd, "." being dirfd itself (which may be an O_PATH
 * handle, that can't be synced directly). */
int io_sync_dir_at(int dirfd, const char *name);

/* Writing a new file that appears whole, and never in place of another: io_new_open makes one in
 * the folder that has no name, so that nothing is left of it when the process ends; where the file
 * system can't do that, it has one of its own (ret_tmp, else ""), for io_tmp_drop. io_new_commit
 * syncs it, gives it its name (-EEXIST: somebody has it) and syncs the folder. */
#define IO_TMP_NAME 24u                                             /* bytes, NUL included */
int io_new_open(int dirfd, mode_t mode, char ret_tmp[IO_TMP_NAME]); /* the descriptor */
int io_new_commit(int dirfd, int fd, const char *tmp, const char *name);

/* Writing a file that appears whole: io_tmp_open makes an empty one under a name of its own in the
 * same folder; io_tmp_commit syncs it, renames it to `name` and syncs the folder. When commit fails
 * before the rename the temporary file is still there, for io_tmp_drop. After a crash such names
 * may be left over: io_is_tmp tells them. */
int io_tmp_open(int dirfd, mode_t mode, char ret_name[IO_TMP_NAME]); /* the descriptor */
int io_tmp_commit(int dirfd, int fd, const char *tmp, const char *name);
void io_tmp_drop(int dirfd, const char *tmp);
bool io_is_tmp(const char *name);

/* Puts data[0..len) in place of the file `name`, whatever was there: after a crash it holds the old
 * bytes or the new ones. `mode` is not subject to the umask. */
int io_replace_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode);

#endif
