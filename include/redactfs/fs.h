/* fs.h: a mounted store: what `redactfs mount` and mount.redactfs run.
 *
 * Only the command uses this, once a process. */
#ifndef REDACTFS_FS_H
#define REDACTFS_FS_H

#include "redactfs/crypto.h"
#include "redactfs/err.h"
#include "redactfs/limits.h"
#include "redactfs/store.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum fs_view {
	FS_VIEW_EVENTS = 1u << 0,
	FS_VIEW_SESSION = 1u << 1,
	FS_VIEW_REPLAY = 1u << 2,
	FS_VIEW_TRANSCRIPT = 1u << 3,
	FS_VIEW_ALL = FS_VIEW_EVENTS | FS_VIEW_SESSION | FS_VIEW_TRANSCRIPT | FS_VIEW_REPLAY,
};

enum fs_erase {
	FS_ERASE_SYNC = 0, /* unlink returns once the session is erased */
	/* once it is unreadable and nothing undoes that; the keys go in batches, within a second */
	FS_ERASE_INTENT = 1,
};

/* A value: copy it freely. fs_opts_init sets the defaults. */
struct fs_opts {
	const char *store;              /* borrowed for the whole of fs_run */
	const char *mountpoint;         /* borrowed likewise */
	char as[LIMIT_EMAIL_BYTES + 1]; /* as=EMAIL: the operator; "": the only one there is */
	char passphrase_file[PATH_MAX]; /* passphrase_file=PATH, for the callback below; "": none */

	/* Asks for the operator's passphrase: from `o->passphrase_file`, a terminal, a descriptor…
	 * Called once, in the process that will serve the mount (after its fork, while it still has
	 * the terminal). Sets *ret, which fs_run frees. */
	int (*passphrase)(void *ctx, const struct fs_opts *o, struct secret **ret,
			  struct errinfo *e);
	void *passphrase_ctx;

	const struct store_engine *engine; /* borrowed: see store.h */

	bool reveal;        /* show sealed values: needs an officer, and a reason */
	const char *reason; /* of a reveal mount, for the audit log; borrowed */

	bool foreground;    /* -f: don't become a daemon */
	bool debug;         /* -d: each request on standard error, without names; implies -f */
	bool single_thread; /* -s */

	bool read_only;   /* ro: nothing can be erased through this mount */
	bool allow_other; /* allow_other: other users too, as the modes let them */
	bool direct_io;   /* direct_io: nothing in the kernel's page cache */
	uid_t uid;        /* uid=, gid=: the owner shown; by default whoever mounts */
	gid_t gid;
	mode_t fmask, dmask;  /* fmask=, dmask=: bits taken from 0666 and 0777, as vfat has them */
	uint32_t views;       /* views=events+session+transcript+replay: of enum fs_view */
	enum fs_erase erase;  /* erase=sync, erase=intent */
	uint64_t cache_bytes; /* cache=SIZE (K, M, G, T): decrypted text kept, 0: the default */
};

void fs_opts_init(struct fs_opts *o);

/* Takes the comma-separated list after one -o into `o`; later ones win. What fstab and mount(8) add
 * for others (defaults, noauto, nofail, _netdev, x-…, user, …) is accepted and without effect.
 * -EINVAL: a wrong option or value, named by `e` (usage: exit 2); `o` may have taken those before.
 */
int fs_opts_parse(struct fs_opts *o, const char *list, struct errinfo *e);
/* Calls `fn` for each option that fs_opts_parse knows, in the order of --help. `arg` is NULL for
 * one without a value. */
void fs_opts_each(void (*fn)(void *ctx, const char *name, const char *arg, const char *help),
		  void *ctx);

/* Mounts and serves. Without `foreground` it forks: in the parent it returns 0 as soon as the keys
 * are open and the kernel has its answer to INIT, or the child's error; in the child it returns
 * when the file system has been unmounted (by umount, SIGTERM or SIGINT). Either way the caller
 * cleans up and exits with err_exit_status(). Call secmem_init() neither before nor after: fs_run
 * does, once the last fork is behind it (locked memory doesn't survive one).
 *
 * Besides what store_open and erase_recover return:
 *   -ENOTDIR    the mount point doesn't exist or is no folder         exit 8
 *   -ENOTEMPTY  the mount point isn't empty                           exit 9
 *   -EBUSY      a redactfs is mounted there already                   exit 7
 *   -ENODEV     no /dev/fuse, or it can't be opened                   exit 17
 *   -EINVAL     options that don't fit together                       exit 2 (usage)
 *   -EIO        mounting failed; the message says what libfuse said   exit 1 */
int fs_run(const struct fs_opts *o, struct errinfo *e);

/* Makes what is mounted there read-only, as mount(8)'s `remount,ro` does: nothing can be erased
 * through it any more. -EINVAL: no redactfs is mounted there; or mount(2)'s error, -EPERM for who
 * isn't root. */
int fs_remount_read_only(const char *mountpoint, struct errinfo *e);

#endif
