/* fs-main.c: one mount, from its options to its end; see fs.h.
 *
 *   checked -> forked -> keys open -> mounted -> INIT answered -> serving -> stopping -> unmounted
 *
 * (M1) Keys are opened and threads started after the last fork.
 * (M2) Whoever waits (the parent, the service manager) hears of success when INIT is answered: a
 *      request of our own through the mount has come back.
 * (M3) What was intended before a crash is erased before the first request is answered.
 * (M4) kcache and watch end while the workers still serve: a notification may wait inside the
 * kernel for a read to finish. So the end begins in the signal thread, and the main loop is told
 * last.
 * (M5) What erase=intent has left to do is done before a signal's unmounting begins; after an
 *      umount, which the kernel doesn't announce, before the process ends.
 * (M6) Between mounting and unmounting no signal ends the process by itself, or a dead mount would
 *      stay: it is the signal thread's, or ignored. But for SIGKILL, and what a fault raises.
 * (M7) Want of memory makes requests wait or fail, but never ends the mount: an empty folder looks
 * like mass deletion to a backup. libfuse's loop ends when it can't start a worker, and is begun
 * anew.
 *
 * Threads: main (libfuse's loop), its workers, watch, kcache, eraser, signals. Signals are blocked
 * in all but the last; libfuse's own handlers, which only raise a flag, aren't used, for M4. */
#include "ctl.h"
#include "fs-priv.h"

#include "daemon.h"
#include "eraser.h"
#include "ghost.h"
#include "handle.h"
#include "kcache.h"
#include "mountpoint.h"
#include "names.h"
#include "pages.h"
#include "probe.h"
#include "rbuf.h"
#include "turns.h"
#include "watch.h"
#include "writers.h"

#include "redactfs/erase.h"
#include "redactfs/io.h"
#include "redactfs/log.h"
#include "redactfs/notify.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define SECMEM_BYTES  (1u << 20)
#define FOREVER_S     (365.0 * 24 * 3600) /* timeouts: whatever changes is taken back */
#define NO_EPOCH_S    1.0                 /* the same, on kernels that can't take names back */
#define FUSE_SAYS_S   60                  /* libfuse's errors: each once in that time, ... */
#define FUSE_SAYS     16u                 /* ... of so many; it has fewer */
#define READ_AHEAD_KB "2048"              /* two READs of the largest size; 128 by default */

/* Whether the ready thread got past the request it waits for. Where the loop never ran, or broke,
 * that request is only ended by closing the connection, which whoever got past it still uses. */
enum gate { GATE_WAITS, GATE_PASSED, GATE_CLOSED };

struct mount {
	struct fs fs;
	struct mountpoint at;
	struct daemon daemon;
	unsigned workers;
	bool mounted;
	pthread_t main, signals, ready;
	bool signals_run, ready_runs;
	char store[PATH_MAX]; /* absolute: a daemon leaves its working folder */
	bool terminal;        /* in the foreground of one: SIGHUP is its end */
	struct probe probe;
	atomic_int gate;      /* of enum gate */
	atomic_bool over;     /* the main loop has ended */
	atomic_bool stopping; /* we end it, rather than umount */
};

/* ---- libfuse's messages: the first error of mounting is ours to tell, the rest are log lines */

static _Thread_local struct errinfo *mount_error;

/* Want of threads or memory would be said for each request, in several lines that take turns. */
static bool said_just_now(const char *line)
{
	static pthread_mutex_t l = PTHREAD_MUTEX_INITIALIZER;
	static struct {
		char line[256];
		time_t at_s;
	} said[FUSE_SAYS];  /* [l] */
	static size_t next; /* [l] */
	struct timespec now;
	size_t i = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* can't fail for this clock */
	(void)pthread_mutex_lock(&l);
	while (i < FUSE_SAYS && strcmp(line, said[i].line) != 0)
		i++;
	bool again = i < FUSE_SAYS && now.tv_sec - said[i].at_s < FUSE_SAYS_S;
	if (!again) {
		if (i == FUSE_SAYS)
			i = next++ % FUSE_SAYS;
		(void)snprintf(said[i].line, sizeof(said[i].line), "%s", line);
		said[i].at_s = now.tv_sec;
	}
	(void)pthread_mutex_unlock(&l);
	return again;
}

__attribute__((format(printf, 2, 0))) static void fuse_says(enum fuse_log_level level,
							    const char *fmt, va_list ap)
{
	char line[256];

	int n = vsnprintf(line, sizeof(line), fmt, ap);
	if (n <= 0)
		return;
	line[strcspn(line, "\n")] = 0;
	if (mount_error && level <= FUSE_LOG_ERR)
		(void)err_set(mount_error, -EIO, "%s",
			      strncmp(line, "fuse: ", 6) ? line : line + 6);
	else if (level >= FUSE_LOG_DEBUG || !said_just_now(line))
		log_at(level >= FUSE_LOG_DEBUG ? LOGL_DEBUG : LOGL_INFO, "%s", line);
}

/* ---- options */

static int check_options(const struct fs_opts *o, struct errinfo *e)
{
	if (o->reveal && (!o->reason || !*o->reason))
		return err_set(e, -EINVAL, "a reveal mount needs a reason for the audit log");
	if (!o->passphrase)
		return err_set(e, -EINVAL, "no way to ask for the passphrase");
	return 0;
}

/* libfuse's -o list, in which a comma or a backslash in a value is escaped. */
static int add_escaped(struct buf *b, const char *s)
{
	int r = 0;

	for (; *s && r >= 0; s++) {
		if (*s == ',' || *s == '\\')
			r = buf_addc(b, '\\');
		if (r >= 0)
			r = buf_addc(b, *s);
	}
	return r;
}

static int session_args(const struct mount *m, struct fuse_args *args)
{
	const struct fs_opts *o = m->fs.o;
	struct buf b = {0};

	/* default_permissions always: without it the kernel would let anyone who may enter do
	 * anything, whatever the modes say */
	int r = buf_adds(
		&b, "subtype=redactfs,default_permissions,nosuid,nodev,noexec,noatime,fsname=");
	if (r >= 0)
		r = add_escaped(&b, store_path(m->fs.store));
	if (r >= 0 && o->read_only)
		r = buf_adds(&b, ",ro");
	if (r >= 0 && o->allow_other)
		r = buf_adds(&b, ",allow_other");
	if (r >= 0 && (fuse_opt_add_arg(args, "redactfs") || fuse_opt_add_arg(args, "-o") ||
		       fuse_opt_add_arg(args, b.p) || (o->debug && fuse_opt_add_arg(args, "-d"))))
		r = -ENOMEM;
	buf_done(&b);
	return r < 0 ? r : 0;
}

/* ---- opening */

static int open_store(struct mount *m, struct errinfo *e)
{
	const struct fs_opts *o = m->fs.o;
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;

	if (!realpath(o->store, m->store))
		return err_set_errno(e, -errno, "cannot open store '%s'", o->store);
	int r = secmem_init(SECMEM_BYTES); /* keeps M1 */
	if (r < 0)
		return err_set_errno(e, r, "cannot set up memory for keys");
	if (!secmem_locked())
		log_warning("keys can't be locked in memory (see ulimit -l), continuing without");
	r = o->passphrase(o->passphrase_ctx, o, &pp, e);
	if (r < 0)
		return r;
	const struct store_login login = {.path = m->store,
					  .email = o->as[0] ? o->as : NULL,
					  .passphrase = pp,
					  .reveal = o->reveal,
					  .engine = o->engine,
					  .cache_bytes = o->cache_bytes};
	r = store_open(&login, &m->fs.store, e);
	if (r < 0)
		return r;
	r = erase_recover(m->fs.store, e); /* keeps M3 */
	if (r > 0)
		log_warning("%d erasures can't be completed: the key tree is damaged where their "
			    "keys are; they stay unreadable",
			    r);
	return r < 0 ? r : 0;
}

/* Who opened the store, and why where it shows sealed values, is the audit log's business: it is
 * written before the first byte can be seen, or there is no mount. */
static int audit_mount(const struct mount *m, struct errinfo *e)
{
	const struct fs_opts *o = m->fs.o;
	struct buf b = {0};
	int r = 0;

	if (o->reveal)
		r = audit_detail_text(&b, "reason", o->reason);
	if (r >= 0)
		r = audit_detail_end(&b);
	if (r >= 0)
		r = store_audit(m->fs.store, o->reveal ? "reveal" : "mount", b.p);
	buf_done(&b);
	return r < 0 ? err_set_errno(e, r, "cannot write the audit log") : 0;
}

static int make_parts(struct mount *m, struct errinfo *e)
{
	struct fs *fs = &m->fs;
	const struct fs_opts *o = fs->o;
	uint32_t roles = store_roles(fs->store);
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail for this clock */
	fs->started_s = now.tv_sec;
	fs->may_erase = !o->read_only && (roles & (ROLE_ERASER | ROLE_OFFICER));
	fs->sees_hidden = roles & ROLE_OFFICER;
	mode_t without = fs->may_erase ? 0 : 0222;
	fs->file_mode = S_IFREG | (0666 & ~o->fmask & ~without);
	fs->dir_mode = S_IFDIR | (0777 & ~o->dmask & ~without);
	atomic_store(&fs->timeout_s, NO_EPOCH_S); /* until the kernel has been asked */

	fs->names = names_new();
	fs->audit = audit_places_new();
	fs->handles = handles_new();
	fs->ghosts = ghosts_new();
	fs->pages = pages_new();
	fs->kcache = kcache_new(m->workers);
	fs->turns = turns_new(m->workers);
	fs->writers = writers_new();
	fs->eraser = eraser_new(fs);
	fs->group = erase_group_new(fs->store, FS_ERASE_REASON);
	if (!fs->eraser || !fs->group || !fs->names || !fs->audit || !fs->handles || !fs->ghosts ||
	    !fs->pages || !fs->kcache || !fs->turns || !fs->writers)
		return err_set_errno(e, -ENOMEM, "cannot mount");
	return watch_new(fs, &fs->watch, e);
}

static int make_session(struct mount *m, struct errinfo *e)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);

	int r = session_args(m, &args);
	if (!r) {
		mount_error = e;
		m->fs.se = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), &m->fs);
		if (!m->fs.se)
			r = -EIO;
		else if (fuse_session_mount(m->fs.se, m->at.path) != 0)
			r = -EIO;
		else
			m->mounted = true;
		mount_error = NULL;
		/* From here on the mount says that the place is taken. A daemon that outlives it,
		 * detached from under a reader, must not keep the next one away. */
		if (m->mounted)
			mountpoint_done(&m->at);
	}
	fuse_opt_free_args(&args);
	if (r == -EIO) /* fusermount3 has said why, if libfuse hasn't */
		return err_set(e, r, "cannot mount on '%s'", m->at.path);
	return r < 0 ? err_set_errno(e, r, "cannot mount on '%s'", m->at.path) : 0;
}

/* ---- serving */

/* The kernel caps a mount's read-ahead at 128 KiB when it is made; afterwards root may raise it. */
static void raise_read_ahead(dev_t dev)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/class/bdi/%u:%u/read_ahead_kb", major(dev),
		       minor(dev));
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || io_write(fd, READ_AHEAD_KB, strlen(READ_AHEAD_KB)) < 0)
		log_debug("read-ahead stays at its default");
}

/* A thread, because the answer comes from the workers that main is about to start. */
static void *await_init(void *arg)
{
	struct mount *m = arg;
	struct errinfo e = {0};
	dev_t dev = 0;

	int r = probe_ask(&m->probe, &dev); /* keeps M2 */
	probe_done(&m->probe);
	if (r < 0)
		(void)err_set_errno(&e, r, "the mount on '%s' doesn't answer", m->at.path);
	int waits = GATE_WAITS;
	if (!atomic_compare_exchange_strong(&m->gate, &waits, GATE_PASSED))
		return NULL;
	if (!r)
		r = kcache_start(m->fs.kcache, m->fs.se, m->fs.store);
	if (!r) {
		if (kcache_has_epoch(m->fs.kcache))
			atomic_store(&m->fs.timeout_s, FOREVER_S);
		r = watch_start(m->fs.watch);
	}
	if (!r)
		r = eraser_start(m->fs.eraser);
	if (r < 0) {
		(void)err_set_errno(&e, r, "cannot start a thread");
		if (m->daemon.pipe < 0)
			log_error("%s", e.msg);
		daemon_tell(&m->daemon, r, &e);
		(void)pthread_kill(m->signals, SIGTERM); /* runs until main has joined this one */
		return NULL;
	}
	raise_read_ahead(dev);
	daemon_tell(&m->daemon, 0, &e);
	(void)notify_ready(); /* nobody may be asking */
	return NULL;
}

static void wake_main(int sig)
{
	(void)sig; /* the interrupted system call is the message */
}

/* What the signal thread waits for. SIGXCPU: the next such signal is SIGKILL. */
static void waited_for(sigset_t *ret)
{
	static const int sigs[] = {SIGTERM, SIGINT, SIGQUIT, SIGXCPU, SIGHUP};

	(void)sigemptyset(ret); /* none of these can fail */
	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaddset(ret, sigs[i]);
}

static void *handle_signals(void *arg)
{
	struct mount *m = arg;
	sigset_t set;
	int sig;

	waited_for(&set);
	for (;;) {
		if (sigwait(&set, &sig))
			continue;
		if (atomic_load(&m->over))
			return NULL;
		if (sig != SIGHUP || m->terminal)
			break;
		watch_poke(m->fs.watch); /* look for new policies now */
	}
	atomic_store(&m->stopping, true);
	(void)notify_stopping();
	(void)pthread_join(m->ready, NULL);
	m->ready_runs = false;
	eraser_stop(m->fs.eraser); /* keeps M5 */
	watch_stop(m->fs.watch);
	kcache_stop(m->fs.kcache); /* keeps M4 */
	fuse_session_exit(m->fs.se);
	/* main may be about to wait when the first signal comes: until it has noticed */
	while (!atomic_load(&m->over)) {
		const struct timespec t = {.tv_nsec = 20 * 1000000};

		(void)pthread_kill(m->main, SIGUSR1);
		(void)nanosleep(&t, NULL);
	}
	return NULL;
}

/* Keeps M6. A write over a limit of size fails with EFBIG then, one to a terminal that somebody
 * else has is done. SIGTSTP stays the terminal's: whoever stops a mount wants that. */
static int take_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGUSR2, SIGALRM,   SIGVTALRM, SIGPROF, SIGXFSZ,
				      SIGIO,   SIGPWR,  SIGSTKFLT, SIGTTIN,   SIGTTOU};
	struct sigaction wake = {.sa_handler = wake_main}, ignore = {.sa_handler = SIG_IGN};
	int r = sigaction(SIGUSR1, &wake, NULL);
	sigset_t set;

	for (size_t i = 0; r == 0 && i < sizeof(ignored) / sizeof(ignored[0]); i++)
		r = sigaction(ignored[i], &ignore, NULL);
	for (int sig = SIGRTMIN; r == 0 && sig <= SIGRTMAX; sig++)
		r = sigaction(sig, &ignore, NULL);
	if (r < 0)
		return -errno;
	waited_for(&set);
	return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int loop(struct mount *m)
{
	if (m->fs.o->single_thread)
		return fuse_session_loop(m->fs.se);

	struct fuse_loop_config *c = fuse_loop_cfg_create();
	if (!c)
		return -ENOMEM;
	fuse_loop_cfg_set_clone_fd(c, 1);
	fuse_loop_cfg_set_max_threads(c, m->workers);
	/* all stay: threads that come and go cost more than idle ones */
	fuse_loop_cfg_set_idle_threads(c, m->workers);
	int r;
	/* keeps M7: the first is a worker's buffer, the second the first worker */
	while (((r = fuse_session_loop_mt(m->fs.se, c)) == -ENOMEM || r == -1) &&
	       !atomic_load(&m->stopping)) {
		const struct timespec t = {.tv_nsec = 50 * 1000000};

		(void)nanosleep(&t, NULL); /* a signal makes the pause shorter: no harm */
	}
	fuse_loop_cfg_destroy(c);
	return r;
}

static int serve(struct mount *m, struct errinfo *e)
{
	m->main = pthread_self();
	int r = -pthread_create(&m->ready, NULL, await_init, m);
	if (r < 0)
		return err_set_errno(e, r, "cannot start a thread");
	m->ready_runs = true;
	r = -pthread_create(&m->signals, NULL, handle_signals, m);
	m->signals_run = !r;
	if (r < 0)
		(void)err_set_errno(e, r, "cannot start a thread");
	else
		r = loop(m);
	atomic_store(&m->over, true);
	return r;
}

/* ---- the end, from wherever it was reached */

static void stop(struct mount *m)
{
	struct fs *fs = &m->fs;

	atomic_store(&m->over, true);
	/* The signal thread joins the ready thread when it is the one that ends the mount, so it is
	 * ended first; SIGTERM is only to wake it. */
	if (m->signals_run) {
		(void)pthread_kill(m->signals, SIGTERM);
		(void)pthread_join(m->signals, NULL);
	}
	if (m->ready_runs &&
	    atomic_load(&m->gate) == GATE_PASSED) { /* it may be telling the kernel */
		(void)pthread_join(m->ready, NULL);
		m->ready_runs = false;
	}
	if (fs->kcache)
		kcache_over(fs->kcache);
	if (m->mounted)
		fuse_session_unmount(fs->se);
	int waits = GATE_WAITS;
	if (fs->se && atomic_compare_exchange_strong(&m->gate, &waits, GATE_CLOSED)) {
		fuse_session_destroy(fs->se);
		fs->se = NULL;
	}
	if (m->ready_runs)
		(void)pthread_join(m->ready, NULL);
	if (fs->eraser)
		eraser_stop(fs->eraser); /* keeps M5 */
	if (fs->watch)
		watch_stop(fs->watch);
	if (fs->kcache)
		kcache_stop(fs->kcache);
	if (fs->se)
		fuse_session_destroy(fs->se);
	fs->handles = handles_free(fs->handles);
	fs->watch = watch_free(fs->watch);
	fs->kcache = kcache_free(fs->kcache);
	fs->eraser = eraser_free(fs->eraser);
	fs->group = erase_group_free(fs->group);
	fs->ghosts = ghosts_free(fs->ghosts);
	fs->pages = pages_free(fs->pages);
	fs->turns = turns_free(fs->turns);
	fs->writers = writers_free(fs->writers);
	fs->names = names_free(fs->names);
	fs->audit = audit_places_free(fs->audit);
	fs->store = store_close(fs->store);
	probe_done(&m->probe);
	rbuf_wipe_all();
	mountpoint_done(&m->at);
}

/* An open recording has its blob open: the 1024 that systemd and shells give a program that may
 * know select(2) only are soon used up. */
static void raise_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
		l.rlim_cur = l.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &l) < 0)
			log_debug("the limit of open files stays as it is");
	}
}

static int mount_and_serve(struct mount *m, struct errinfo *e)
{
	raise_descriptors();
	int r = probe_start(&m->probe, m->at.path);
	if (r < 0)
		return err_set_errno(e, r, "cannot start a process");
	r = open_store(m, e);
	if (r < 0)
		return r;
	r = make_parts(m, e);
	if (r < 0)
		return r;
	r = take_signals(); /* what comes from here on waits for the signal thread */
	if (r < 0)
		return err_set_errno(e, r, "cannot take signals over");
	r = make_session(m, e);
	if (r < 0)
		return r;
	r = audit_mount(m, e);
	return r < 0 ? r : serve(m, e);
}

int fs_run(const struct fs_opts *o, struct errinfo *e)
{
	struct mount m = {.fs.o = o, .daemon.pipe = -1};
	struct errinfo own = {0};
	int code;

	if (!e)
		e = &own; /* the parent's word is made of it */
	int r = check_options(o, e);
	if (r < 0)
		return r;
	r = mountpoint_check(o->mountpoint, &m.at, e);
	if (r < 0)
		return r;
	if (!o->foreground && !o->debug && daemon_fork(&m.daemon, &code, e)) {
		mountpoint_done(&m.at); /* the child keeps the lock */
		return code;
	}
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	m.workers = o->single_thread ? 1 : cpus < 2 ? 8 : cpus > 8 ? 32 : 4 * (unsigned)cpus;
	m.terminal = m.daemon.pipe < 0 && isatty(STDIN_FILENO);
	fuse_set_log_func(fuse_says);
	if (o->debug)
		log_setup(LOG_STYLE_AUTO, LOGL_DEBUG);
	r = mount_and_serve(&m, e);
	bool wanted = atomic_load(&m.stopping);
	stop(&m);
	if (r < 0 && m.daemon.pipe >= 0) {
		daemon_tell(&m.daemon, r, e);
		_exit(err_exit_status(r)); /* the parent says it */
	}
	/* after a signal libfuse's loop may report the interruption */
	return wanted || r > 0 ? 0 : r;
}
