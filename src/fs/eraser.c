/* eraser.c: see eraser.h.
 *
 *   idle -> due (a first intent: within a second; the 4,096th, a barrier or the end: now) ->
 * running
 *
 * Which sessions are meant is not kept here: the intents in the catalog say it, those of other
 * processes included, and erase_recover finishes all of them, a batch of up to 4,096 for one root.
 *
 * (G1) a run counts for the intents added before it began
 * (G2) who waits hears of a failure of the run that he waited for; it is tried again each second
 * (G3) the lock is not held during a run */
#include "eraser.h"

#include "redactfs/erase.h"
#include "redactfs/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define DELAY_S  1
#define LATEST_S 10   /* files are removed then, even while more sessions are being erased */
#define SWEEP_MS 100  /* of removing files before the next look at what is urgent */
#define LAST_MS  2000 /* at the end; what is left then, the next open does */
#define FULL     4096u

struct eraser {
	struct fs *fs;      /* immutable */
	atomic_int stuck;   /* erasures that damage keeps from being finished */
	atomic_int unswept; /* the last sweep's error */
	bool started;       /* of the thread that starts and stops */
	pthread_t thread;
	pthread_mutex_t l;
	pthread_cond_t more, less;
	uint64_t added, done;      /* [l] intents so far, and those that are finished */
	uint64_t tried;            /* [l] of the last run's beginning: `added` */
	uint64_t urgent;           /* [l] up to here somebody waits */
	int failed;                /* [l] the last run: -errno */
	struct timespec due;       /* [l] of the oldest that isn't done */
	bool sweep;                /* [l] files wait to be removed, from... */
	struct timespec sweep_due; /* [l] ... this time on */
	time_t sweep_latest;       /* [l] and no later than that */
	bool stop;                 /* [l] */
};

struct eraser *eraser_new(struct fs *fs)
{
	struct eraser *e = calloc(1, sizeof(*e));
	pthread_condattr_t a;

	if (!e)
		return NULL;
	e->fs = fs;
	/* none of these can fail on Linux with default attributes and a known clock */
	(void)pthread_mutex_init(&e->l, NULL);
	(void)pthread_condattr_init(&a);
	(void)pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&e->more, &a);
	(void)pthread_cond_init(&e->less, NULL);
	(void)pthread_condattr_destroy(&a);
	return e;
}

struct eraser *eraser_free(struct eraser *e)
{
	if (e) {
		(void)pthread_cond_destroy(&e->more);
		(void)pthread_cond_destroy(&e->less);
		(void)pthread_mutex_destroy(&e->l);
		free(e);
	}
	return NULL;
}

static void set_due(struct timespec *due)
{
	(void)clock_gettime(CLOCK_MONOTONIC, due); /* can't fail for this clock */
	due->tv_sec += DELAY_S;
}

static bool is_due(const struct timespec *due)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > due->tv_sec ||
	       (now.tv_sec == due->tv_sec && now.tv_nsec >= due->tv_nsec);
}

static int run_once(struct eraser *e)
{
	struct errinfo why = {0};
	int r = erase_recover(e->fs->store, &why);

	if (r < 0)
		log_error("erasures are intended, and their keys not destroyed yet: %s",
			  why.code ? why.msg : strerror(-r));
	if (r < 0)
		return r;
	/* damage isn't cured by trying again: told once, to the log and to who waits */
	int known = atomic_exchange(&e->stuck, r);
	if (r <= known)
		return 0;
	log_warning("%d erasures can't be completed: the key tree is damaged where their keys are; "
		    "they stay unreadable",
		    r);
	return -EBADMSG;
}

/* Under the lock, which is let go of meanwhile (G3). */
static void work(struct eraser *e)
{
	uint64_t upto = e->added; /* keeps G1 */

	(void)pthread_mutex_unlock(&e->l);
	int r = run_once(e);
	(void)pthread_mutex_lock(&e->l);
	e->failed = r;
	e->tried = upto;
	if (r == 0 || r == -EBADMSG)
		e->done = upto;
	if (r == 0 && !e->sweep) { /* erase_recover removes the first files only */
		e->sweep = true;
		(void)clock_gettime(CLOCK_MONOTONIC, &e->sweep_due);
	}
	set_due(&e->due); /* of those added meanwhile, or of the next attempt */
	(void)pthread_cond_broadcast(&e->less);
}

/* Under the lock, which is let go of meanwhile. */
static void sweep(struct eraser *e, unsigned ms)
{
	e->sweep = false;
	(void)pthread_mutex_unlock(&e->l);
	int r = store_sweep(e->fs->store, ms);
	int known = atomic_exchange(&e->unswept, r < 0 ? r : 0);
	if (r < 0 && r != known) /* told once, not each second */
		log_errno(LOGL_WARNING, r, "can't remove files of erased sessions, trying again");
	(void)pthread_mutex_lock(&e->l);
	if (r != 0 && !e->sweep) {
		e->sweep = true;
		if (r < 0)
			set_due(&e->sweep_due);
	}
}

/* Under the lock: is there something to run for now? */
static bool must_work(const struct eraser *e)
{
	if (e->done == e->added)
		return false;
	return e->stop || e->urgent > e->tried || (e->added - e->done >= FULL && !e->failed) ||
	       is_due(&e->due);
}

static void wait_for_more(struct eraser *e)
{
	const struct timespec *until = e->done < e->added ? &e->due : NULL;

	if (e->sweep && (!until || e->sweep_due.tv_sec < until->tv_sec))
		until = &e->sweep_due;
	if (until)
		(void)pthread_cond_timedwait(&e->more, &e->l, until);
	else
		(void)pthread_cond_wait(&e->more, &e->l);
}

static void *run(void *arg)
{
	struct eraser *e = arg;

	(void)pthread_mutex_lock(&e->l);
	/* at the end, one more attempt at what failed, and no more */
	while (!e->stop || (e->done < e->added && !(e->failed && e->tried == e->added))) {
		if (must_work(e))
			work(e);
		else if (e->sweep && is_due(&e->sweep_due))
			sweep(e, SWEEP_MS);
		else
			wait_for_more(e);
	}
	if (e->sweep)
		sweep(e, LAST_MS);
	(void)pthread_mutex_unlock(&e->l);
	return NULL;
}

int eraser_start(struct eraser *e)
{
	int r = -pthread_create(&e->thread, NULL, run, e);

	e->started = !r;
	return r;
}

void eraser_add(struct eraser *e)
{
	(void)pthread_mutex_lock(&e->l);
	if (e->done == e->added)
		set_due(&e->due);
	e->added++;
	if (e->done + 1 == e->added || e->added - e->done == FULL)
		(void)pthread_cond_signal(&e->more);
	(void)pthread_mutex_unlock(&e->l);
}

void eraser_sweep(struct eraser *e)
{
	(void)pthread_mutex_lock(&e->l);
	bool first = !e->sweep;
	set_due(&e->sweep_due);
	if (first)
		e->sweep_latest = e->sweep_due.tv_sec + LATEST_S;
	else if (e->sweep_due.tv_sec > e->sweep_latest)
		e->sweep_due.tv_sec = e->sweep_latest;
	e->sweep = true;
	if (first)
		(void)pthread_cond_signal(&e->more);
	(void)pthread_mutex_unlock(&e->l);
}

int eraser_wait(struct eraser *e)
{
	int r = 0;

	(void)pthread_mutex_lock(&e->l);
	uint64_t upto = e->added;
	if (e->done >= upto) {
		(void)pthread_mutex_unlock(&e->l);
		return 0;
	}
	if (!e->started || e->stop) { /* nobody else will */
		(void)pthread_mutex_unlock(&e->l);
		return run_once(e);
	}
	/* what failed before is tried again now */
	uint64_t tried = e->tried;
	if (tried >= upto)
		e->tried = upto - 1;
	if (e->urgent < upto)
		e->urgent = upto;
	(void)pthread_cond_signal(&e->more);
	while (e->tried < upto && !e->stop)
		(void)pthread_cond_wait(&e->less, &e->l);
	r = e->tried >= upto ? e->failed : 0; /* keeps G2 */
	bool stopped = e->tried < upto;
	(void)pthread_mutex_unlock(&e->l);
	return stopped ? run_once(e) : r;
}

void eraser_stop(struct eraser *e)
{
	if (!e->started) {
		(void)eraser_wait(e); /* those of the last moment; what fails, the next open does */
		return;
	}
	(void)pthread_mutex_lock(&e->l);
	e->stop = true;
	(void)pthread_cond_signal(&e->more);
	(void)pthread_cond_broadcast(&e->less);
	(void)pthread_mutex_unlock(&e->l);
	(void)pthread_join(e->thread, NULL); /* ours, and joined once */
	e->started = false;
}
