/* kcache.c: the notifier; see kcache.h.
 *
 * A queue under one lock. Every item has a number; kcache_wait waits for the newest one's.
 *
 * (K1) the lock is never held while a notification is sent
 * (K2) fewer than all workers wait: an erasure that waits for pages being read leaves workers to
 *      finish those reads
 * (K3) nothing is sent once kcache_over has returned: the connection's descriptor is closed then,
 *      and its number may be another file's */
#include "kcache.h"

#include "rbuf.h"
#include "redactfs/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_S 1
/* FUSE_NOTIFY_INC_EPOCH of the kernel's uapi, 6.16 and later; libfuse 3.14 has no name for it. */
#define NOTIFY_INC_EPOCH 8

enum what { ATTR, PAGES, GONE, NAME, NAMES, WIPE, SEEN };

struct item {
	struct item *next;
	enum what what;
	uint64_t ino, parent; /* SEEN: a change number, 0 */
	char name[];          /* GONE, NAME */
};

struct kcache {
	struct fuse_session *se; /* immutable once started */
	struct store *store;     /* likewise */
	unsigned max_waiting;    /* immutable */
	bool has_epoch;          /* immutable once started */
	bool started;            /* of the thread that starts and stops */
	pthread_t thread;
	pthread_mutex_t l;
	pthread_cond_t more, less;
	struct item *first, **last; /* [l] */
	uint64_t queued, sent;      /* [l] numbers of items */
	bool lost;                  /* [l] one couldn't be queued: make up for it */
	bool stop;                  /* [l] */
	bool sending;               /* [l] */
	atomic_bool over; /* set under l: the connection ends, and what the kernel knows */
	unsigned waiting; /* [l] */
};

struct kcache *kcache_new(unsigned workers)
{
	struct kcache *k = calloc(1, sizeof(*k));
	pthread_condattr_t a;

	if (!k)
		return NULL;
	/* none of these can fail on Linux with default attributes and a known clock */
	(void)pthread_mutex_init(&k->l, NULL);
	(void)pthread_condattr_init(&a);
	(void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&k->more, NULL);
	(void)pthread_cond_init(&k->less, &a);
	(void)pthread_condattr_destroy(&a);
	k->last = &k->first;
	k->max_waiting = workers / 2;
	return k;
}

struct kcache *kcache_free(struct kcache *k)
{
	if (!k)
		return NULL;
	while (k->first) {
		struct item *i = k->first;

		k->first = i->next;
		free(i);
	}
	(void)pthread_cond_destroy(&k->more);
	(void)pthread_cond_destroy(&k->less);
	(void)pthread_mutex_destroy(&k->l);
	free(k);
	return NULL;
}

static int send_epoch(struct fuse_session *se)
{
	const struct {
		uint32_t len;
		int32_t error;
		uint64_t unique;
	} out = {.len = 16, .error = NOTIFY_INC_EPOCH};

	return write(fuse_session_fd(se), &out, sizeof(out)) < 0 ? -errno : 0;
}

static void send_one(struct kcache *k, const struct item *i)
{
	/* -ENOENT: the kernel doesn't know it, which is as good. Any other failure is one of the
	 * connection, and its end ends all caches. */
	if (atomic_load(&k->over) && i->what != WIPE && i->what != SEEN)
		return;
	switch (i->what) {
	case ATTR:
		(void)fuse_lowlevel_notify_inval_inode(k->se, i->ino, -1, 0);
		break;
	case PAGES:
		(void)fuse_lowlevel_notify_inval_inode(k->se, i->ino, 0, 0);
		break;
	case GONE:
		(void)fuse_lowlevel_notify_delete(k->se, i->parent, i->ino, i->name,
						  strlen(i->name));
		break;
	case NAME:
		(void)fuse_lowlevel_notify_inval_entry(k->se, i->parent, i->name, strlen(i->name));
		break;
	case NAMES:
		(void)send_epoch(k->se);
		break;
	case WIPE:
		rbuf_wipe_all();
		break;
	case SEEN:
		store_mount_seen(k->store, i->ino);
		break;
	}
}

static void *run(void *arg)
{
	struct kcache *k = arg;

	(void)pthread_mutex_lock(&k->l);
	while (k->first || k->lost || !k->stop) {
		struct item *i = k->first;

		if (!i && !k->lost) {
			(void)pthread_cond_wait(&k->more, &k->l);
			continue;
		}
		bool all = k->lost;
		k->lost = false;
		if (i && !(k->first = i->next))
			k->last = &k->first;
		k->sending = true; /* `over` is looked at from here on: keeps K3 */
		(void)pthread_mutex_unlock(&k->l);
		if (i) /* keeps K1 */
			send_one(k, i);
		if (all && !atomic_load(&k->over))
			(void)send_epoch(k->se);
		(void)pthread_mutex_lock(&k->l);
		k->sent += i != NULL;
		k->sending = false;
		if (k->waiting)
			(void)pthread_cond_broadcast(&k->less);
		free(i);
	}
	(void)pthread_mutex_unlock(&k->l);
	return NULL;
}

int kcache_start(struct kcache *k, struct fuse_session *se, struct store *store)
{
	k->se = se;
	k->store = store;
	k->has_epoch = !send_epoch(se);
	int r = -pthread_create(&k->thread, NULL, run, k);
	k->started = !r;
	return r;
}

void kcache_stop(struct kcache *k)
{
	if (!k->started)
		return;
	(void)pthread_mutex_lock(&k->l);
	k->stop = true;
	(void)pthread_cond_signal(&k->more);
	(void)pthread_mutex_unlock(&k->l);
	(void)pthread_join(k->thread, NULL); /* ours, and joined once */
	k->started = false;
}

void kcache_over(struct kcache *k)
{
	struct timespec end;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &end); /* can't fail for this clock */
	end.tv_sec += WAIT_S;
	(void)pthread_mutex_lock(&k->l);
	atomic_store(&k->over, true);
	k->waiting++;
	/* one that waits for a read which nobody serves any more is only ended by closing */
	while (k->sending && !r)
		r = pthread_cond_timedwait(&k->less, &k->l, &end);
	k->waiting--;
	(void)pthread_mutex_unlock(&k->l);
}

bool kcache_has_epoch(struct kcache *k)
{
	return k->has_epoch;
}

static void queue(struct kcache *k, enum what what, uint64_t ino, uint64_t parent, const char *name)
{
	size_t n = name ? strlen(name) + 1 : 0;
	struct item *i = malloc(sizeof(*i) + n);

	if (i) {
		i->next = NULL;
		i->what = what;
		i->ino = ino;
		i->parent = parent;
		if (name)
			memcpy(i->name, name, n);
	}
	(void)pthread_mutex_lock(&k->l);
	if (k->stop) {
		free(i); /* the connection is about to end, and the caches with it */
	} else if (i) {
		*k->last = i;
		k->last = &i->next;
		k->queued++;
	} else {
		k->lost = true;
	}
	(void)pthread_cond_signal(&k->more);
	(void)pthread_mutex_unlock(&k->l);
}

void kcache_attr(struct kcache *k, uint64_t ino)
{
	queue(k, ATTR, ino, 0, NULL);
}

void kcache_pages(struct kcache *k, uint64_t ino)
{
	queue(k, PAGES, ino, 0, NULL);
}

void kcache_gone(struct kcache *k, uint64_t parent, uint64_t ino, const char *name)
{
	queue(k, GONE, ino, parent, name);
}

void kcache_name(struct kcache *k, uint64_t parent, const char *name)
{
	queue(k, NAME, 0, parent, name);
}

void kcache_names(struct kcache *k)
{
	if (k->has_epoch)
		queue(k, NAMES, 0, 0, NULL);
}

void kcache_wipe(struct kcache *k)
{
	queue(k, WIPE, 0, 0, NULL);
}

void kcache_seen(struct kcache *k, uint64_t seq)
{
	queue(k, SEEN, seq, 0, NULL);
}

bool kcache_wait(struct kcache *k)
{
	struct timespec end;
	int r = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &end); /* can't fail for this clock */
	end.tv_sec += WAIT_S;
	(void)pthread_mutex_lock(&k->l);
	uint64_t until = k->queued;
	if (k->waiting < k->max_waiting) { /* keeps K2 */
		k->waiting++;
		while (k->sent < until && !r && !k->stop)
			r = pthread_cond_timedwait(&k->less, &k->l, &end);
		k->waiting--;
	}
	bool done = k->sent >= until;
	(void)pthread_mutex_unlock(&k->l);
	return done;
}
