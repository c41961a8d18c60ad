/* watch.c: the watcher; see watch.h.
 *
 * Asks the store for its change number five times a second, and a little after a file in the
 * store's folder is written (inotify is a hint and no more: it doesn't see other machines, or
 * blobs). Then it takes the list of changes and queues what the kernel has to forget:
 *
 *   added     attributes of the folders above
 *   rendered  the same, and attributes and pages of the session's files
 *   hidden    the same, and its names: here it may be there for nobody now, or be there again
 *   erased    the text at once; then the names, unless it was erased here and is a ghost now
 *   policy    everything of the site, which means all names and all open files
 *   folder    attributes above it, and all names
 *
 * When the operator may no longer log in, all of that is dropped, once and for good.
 *
 * An erased session's name is sealed under its key and gone with it, so the kernel can't be told of
 * that one name: it is told to look again at all of them. On kernels without that notification
 * names are believed for a second only. The files' names are known, and go one by one.
 *
 * When all of that has been sent, the mount says so (store_mount_seen): an erasure by another
 * process waits for it. Who waits writes into the mount's own file, which is looked at at once.
 *
 * (W1) Change k is handled completely before change k + 1, and the position is taken only then.
 * (W2) Text goes before names: what isn't found any more must not be readable either. */
#include "watch.h"

#include "ghost.h"
#include "handle.h"
#include "inode.h"
#include "kcache.h"
#include "pages.h"
#include "view.h"

#include "redactfs/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#define POLL_MS 200
#define QUIET_MS                                                                                   \
	5 /* an import writes a hundred times a commit, and rm -r pokes a thousand times a         \
	   * second: not a look for each */
#define BATCH 256u

struct watch {
	struct fs *fs; /* immutable */
	/* immutable; inotify and asked_fd (of the file into which those who wait write) are -1
	 * where there is none */
	int wake, inotify, asked_fd;
	atomic_bool stop;
	bool started; /* of the thread that starts and stops */
	pthread_t thread;
	/* of the watching thread */
	uint64_t asked; /* the store's number at the last complete look */
	uint64_t seen;  /* changes up to here are handled */
	bool failing;   /* the last look failed, and that has been logged */
};

/* The folders whose attributes are due, each once a batch. */
struct above {
	uint64_t day, site;
	bool root;
};

static void flush_above(struct fs *fs, struct above *a)
{
	if (a->day)
		kcache_attr(fs->kcache, ino_make(INO_DAY, a->day));
	if (a->site)
		kcache_attr(fs->kcache, ino_make(INO_SITE, a->site));
	if (a->root)
		kcache_attr(fs->kcache, INO_ROOT);
	*a = (struct above){0};
}

static void folders_above(struct fs *fs, struct above *a, const struct store_change *c)
{
	if ((a->day && a->day != c->day_id) || (a->site && a->site != c->site_id))
		flush_above(fs, a);
	a->day = c->day_id;
	a->site = c->site_id;
	a->root = true;
}

bool watch_drop_text(struct fs *fs, uint64_t row)
{
	const struct view *v;
	bool any = false;

	for (unsigned i = 0; (v = view_at(fs, i)); i++) {
		if (!pages_touched(fs->pages, ino_make(v->kind, row)))
			continue;
		kcache_pages(fs->kcache, ino_make(v->kind, row));
		any = true;
	}
	return any;
}

static void drop_pages(struct fs *fs, uint64_t row)
{
	const struct view *v;

	/* the attributes too, of what wasn't opened: they are of another rendering */
	for (unsigned i = 0; (v = view_at(fs, i)); i++)
		kcache_pages(fs->kcache, ino_make(v->kind, row));
	kcache_attr(fs->kcache, ino_make(INO_SESSION, row));
}

static void erased(struct fs *fs, uint64_t row, bool *names)
{
	const struct view *v;

	/* erased here: unlink has dropped its text, and its names are removed by who erases it */
	if (ghosts_noticed(fs->ghosts, row))
		return;
	store_session_revoke(fs->store, row);
	handles_revoke(fs->handles, row);
	drop_pages(fs, row); /* keeps W2 */
	kcache_wipe(fs->kcache);
	for (unsigned i = 0; (v = view_at(fs, i)); i++)
		kcache_gone(fs->kcache, ino_make(INO_SESSION, row), ino_make(v->kind, row),
			    v->name);
	*names = true;
}

/* The row was written anew. Where that is a hold set or lifted, what is open stays open. */
static int look_again(struct fs *fs, uint64_t row, struct session_row *now)
{
	int r = store_session_get(fs->store, row, now);

	if (r < 0 || view_allowed(fs, now) < 0)
		handles_revoke(fs->handles, row); /* fails closed: opened anew, if it may be */
	else
		handles_revoke_rendering(fs->handles, row, now->rendering);
	drop_pages(fs, row);
	return r;
}

static void rendered(struct fs *fs, uint64_t row)
{
	struct session_row now;

	(void)look_again(fs, row, &now); /* what can't be looked up is revoked */
}

/* Restricted, or so no more. The files' names too: somebody may stand in the folder. */
static void hidden(struct fs *fs, uint64_t row, bool *names)
{
	struct session_row now;
	const struct view *v;

	int r = look_again(fs, row, &now); /* keeps W2 */
	for (unsigned i = 0; (v = view_at(fs, i)); i++)
		kcache_name(fs->kcache, ino_make(INO_SESSION, row), v->name);
	if (r < 0 || now.state == SESSION_DAMAGED) /* it may be known by another name */
		*names = true;
	else
		kcache_name(fs->kcache, ino_make(INO_DAY, now.day_id), now.name);
}

/* Everything may be another: what is open is looked at one by one, or loses its pages. After
 * a change of policy that is all: readers stop by themselves, and what they would show now may take
 * the engine to find out, which is for whoever asks, not for the thread that erasures wait for. */
static int all_open(struct fs *fs, void (*each)(struct fs *fs, uint64_t row))
{
	uint64_t *rows = NULL;
	size_t n = 0;

	pages_forget_all(fs->pages);
	int r = handles_rows(fs->handles, &rows, &n);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		each(fs, rows[i]);
	free(rows);
	return 0;
}

static int handle(struct fs *fs, const struct store_change *c, struct above *a, bool *names)
{
	int r = 0;

	switch (c->kind) {
	case CHANGE_ADDED:
		break;
	case CHANGE_RENDERED:
		rendered(fs, c->ino);
		break;
	case CHANGE_HIDDEN:
		hidden(fs, c->ino, names);
		break;
	case CHANGE_ERASED:
		erased(fs, c->ino, names);
		break;
	case CHANGE_POLICY:
		r = all_open(fs, drop_pages);
		*names = true;
		break;
	case CHANGE_FOLDER:
		*names = true;
		break;
	}
	folders_above(fs, a, c);
	return r;
}

static void shut_one(struct fs *fs, uint64_t row)
{
	handles_revoke(fs->handles, row);
	drop_pages(fs, row);
}

/* The operator was removed, or has another passphrase: nothing is shown any more, and what was read
 * is dropped. What is erased from now on is still taken notice of, or erasures would wait for this
 * mount. */
static int shut(struct fs *fs)
{
	if (atomic_exchange(&fs->shut, true))
		return 0;
	log_error("the operator was removed or has another passphrase: this mount shows nothing "
		  "any more");
	kcache_names(fs->kcache);
	kcache_attr(fs->kcache, INO_ROOT);
	return all_open(fs, shut_one);
}

/* Takes over what has changed. 0, or -errno: the position stays, and the next look tries again. */
static int look(struct watch *w)
{
	struct store_change rows[BATCH];
	struct fs *fs = w->fs;
	struct errinfo e = {0};
	uint64_t seq;
	int n;

	int r = store_change_seq(fs->store, &seq);
	if (r < 0 || seq == w->asked)
		return r;
	r = store_refresh(fs->store, &e);
	if (r == -EKEYREJECTED)
		r = shut(fs);
	if (r < 0)
		return r;
	while ((n = store_changes(fs->store, w->seen, rows, BATCH)) > 0) {
		struct above a = {0};
		bool names = false;

		for (int i = 0; i < n; i++) {
			r = handle(fs, &rows[i], &a, &names);
			if (r < 0)
				return r;
		}
		flush_above(fs, &a);
		if (names)
			kcache_names(fs->kcache);
		w->seen = rows[n - 1].seq; /* keeps W1 */
	}
	if (n == -ESTALE) { /* more has happened than the store remembers */
		r = all_open(fs, rendered);
		if (r < 0)
			return r;
		kcache_names(fs->kcache);
		kcache_attr(fs->kcache, INO_ROOT);
		w->seen = seq;
		n = 0;
	}
	if (!n) {
		w->asked = seq;
		kcache_seen(fs->kcache, seq);
	}
	return n;
}

static void expire_ghosts(struct fs *fs)
{
	const struct view *v;
	struct ghost g;

	while (ghosts_expire(fs->ghosts, &g)) {
		for (unsigned i = 0; (v = view_at(fs, i)); i++)
			if (g.left & v->bit)
				kcache_gone(fs->kcache, ino_make(INO_SESSION, g.row),
					    ino_make(v->kind, g.row), v->name);
		kcache_name(fs->kcache, ino_make(INO_DAY, g.day_id), g.name);
	}
}

static void drain(int fd)
{
	char b[4096];

	while (fd >= 0 && read(fd, b, sizeof(b)) > 0)
		;
}

static void *run(void *arg)
{
	struct watch *w = arg;
	enum { WAKE, ASKED, INOTIFY };
	struct pollfd fds[3] = {[WAKE] = {.fd = w->wake, .events = POLLIN},
				[ASKED] = {.fd = w->asked_fd, .events = POLLIN},
				[INOTIFY] = {.fd = w->inotify, .events = POLLIN}};

	while (!atomic_load(&w->stop)) {
		int r = look(w);
		if (r < 0 && !w->failing)
			(void)log_errno(LOGL_ERROR, r, "can't follow the store's changes");
		w->failing = r < 0;
		expire_ghosts(w->fs);
		/* cut short by who waits; either is fine */
		if (poll(fds, 3, POLL_MS) > 0 && !(fds[ASKED].revents & POLLIN))
			(void)poll(&fds[ASKED], 1, QUIET_MS);
		drain(w->wake);
		drain(w->asked_fd);
		drain(w->inotify);
	}
	return NULL;
}

/* What tells of writes to a file; -1: nothing does. */
static int notify_of(const char *path, uint32_t of)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0 && inotify_add_watch(fd, path, of) < 0) {
		(void)close(fd); /* as good as none: the number is asked for anyway */
		fd = -1;
	}
	return fd;
}

int watch_new(struct fs *fs, struct watch **ret, struct errinfo *e)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return err_set_errno(e, -ENOMEM, "can't watch the store");
	w->fs = fs;
	w->inotify = w->asked_fd = -1;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = w->wake < 0 ? -errno : store_mount_enlist(fs->store, &w->asked);
	CLEANUP(buf_done) struct buf path = {0};
	if (r == 0)
		r = buf_addf(&path, "%s/%s", store_path(fs->store), store_mount_asked(fs->store));
	if (r < 0) {
		(void)watch_free(w);
		return err_set_errno(e, r, "can't watch the store");
	}
	w->seen = w->asked;
	w->inotify = notify_of(store_path(fs->store), IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	w->asked_fd = notify_of(path.p, IN_MODIFY);
	*ret = w;
	return 0;
}

int watch_start(struct watch *w)
{
	int r = -pthread_create(&w->thread, NULL, run, w);

	w->started = !r;
	return r;
}

void watch_poke(struct watch *w)
{
	int saved = errno;

	(void)eventfd_write(w->wake, 1); /* only fails when it is set already */
	errno = saved;
}

void watch_stop(struct watch *w)
{
	if (!w->started)
		return;
	atomic_store(&w->stop, true);
	watch_poke(w);
	(void)pthread_join(w->thread, NULL); /* ours, and joined once */
	w->started = false;
}

struct watch *watch_free(struct watch *w)
{
	if (!w)
		return NULL;
	if (w->wake >= 0)
		(void)close(w->wake); /* nothing to lose */
	if (w->inotify >= 0)
		(void)close(w->inotify);
	if (w->asked_fd >= 0)
		(void)close(w->asked_fd);
	free(w);
	return NULL;
}
