/* err.h: how errors travel.
 *
 * Functions return 0 (or a count) or -errno. The errnos with a meaning of their own here:
 *
 *   errno            meaning here                              at the mount      exit
 *   ENOENT           no such site, date or session             ENOENT            3
 *   EACCES           policy refuses                            EACCES            4
 *   ENOKEY           the key is gone: erased                   ENOENT (ESTALE)   5
 *   EEXIST           it is there already                       -                 6
 *   EBUSY            held, locked or in use                    EBUSY             7
 *   ENOTDIR          the mount point is no folder              refused           8
 *   ENOTEMPTY        the mount point isn't empty               refused           9
 *   EKEYREJECTED     no operator, or a wrong passphrase        refused           10
 *   EBADMSG          a tag or signature did not verify         EIO               11
 *   EUCLEAN          catalog, key tree and blobs disagree      EIO               12
 *   ESTALE           `root` is older than what was seen        refused           12
 *   EPROTONOSUPPORT  another format than this program reads   refused           13
 *   EILSEQ           not a recording that can be parsed        EIO               14
 *   E2BIG            over a named limit                        EIO               15
 *   ENODEV           no /dev/fuse                              refused           17
 *   EINVAL           a name, address, passphrase or policy
 *                    that isn't acceptable                     EINVAL            18
 *   any other        the system's own error                    EIO               1
 *
 * A wrong option or argument exits with 2 (never an errno); a run that did part of its work
 * (an import with refused files) exits with 16. */
#ifndef REDACTFS_ERR_H
#define REDACTFS_ERR_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum exit_status {
	EXIT_OK = 0,
	EXIT_OTHER = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,
	EXIT_DENIED = 4,
	EXIT_ERASED = 5,
	EXIT_EXISTS = 6,
	EXIT_BUSY = 7,
	EXIT_MOUNTPOINT = 8,
	EXIT_NOT_EMPTY = 9,
	EXIT_LOGIN = 10,
	EXIT_TAMPERED = 11,
	EXIT_DAMAGED = 12,
	EXIT_FORMAT = 13,
	EXIT_NOT_A_RECORDING = 14,
	EXIT_LIMIT = 15,
	EXIT_PARTIAL = 16,
	EXIT_NO_FUSE = 17,
	EXIT_INVALID = 18,
};

/* The message of one failure, filled where it is known best, printed where it is shown.
 * Lower case, no full stop; never a value out of a recording. */
struct errinfo {
	int code;        /* -errno, 0 when empty */
	bool has_offset; /* offset says where in the input */
	uint64_t offset; /* bytes from the start of the input */
	char msg[320];
	char hint[160]; /* the next step, where one is known; else empty */
};

/* Each returns `code`, so that a caller can write `return err_set(e, -EINVAL, "…")`. `e` may be
 * NULL. Nothing is overwritten: the first message, nearest to the fault, stays. */
int err_set(struct errinfo *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int err_set_at(struct errinfo *e, int code, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* As err_set, with ": <strerror(-code)>" added. */
int err_set_errno(struct errinfo *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void err_hint(struct errinfo *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts "what: " before a message that is there already ("file 'x': …"). */
void err_prefix(struct errinfo *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit status of a -errno (see the table above). */
int err_exit_status(int code);
/* Is a -errno about a full disk, or somebody's share of one? */
static inline bool err_is_no_room(int code)
{
	return code == -ENOSPC || code == -EDQUOT;
}

#endif
