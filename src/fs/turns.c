/* turns.c: see turns.h.
 *
 * (N1) what is kept has somebody who will do it: a worker leaves, under the lock, only when there
 * is nothing kept
 * (N2) what was interrupted while it was kept isn't begun: a removal can't be taken back */
#include "turns.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct turn {
	struct turn *next;
	fuse_req_t req;
	fuse_ino_t ino;
	void (*run)(fuse_req_t req, fuse_ino_t ino, const char *name);
	bool named;
	char name[];
};

struct turns {
	unsigned most; /* immutable */
	pthread_mutex_t l;
	unsigned busy;              /* [l] */
	struct turn *first, **last; /* [l] */
};

struct turns *turns_new(unsigned workers)
{
	struct turns *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	(void)pthread_mutex_init(&t->l, NULL); /* can't fail for a default mutex */
	t->last = &t->first;
	t->most = workers - workers / 4;
	return t;
}

struct turns *turns_free(struct turns *t)
{
	if (t) {
		(void)pthread_mutex_destroy(&t->l); /* N1: nothing is kept */
		free(t);
	}
	return NULL;
}

static struct turn *turn_new(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	size_t n = name ? strlen(name) + 1 : 0;
	struct turn *w = malloc(sizeof(*w) + n);

	if (w) {
		*w = (struct turn){.req = req, .ino = ino, .named = n > 0};
		memcpy(w->name, name ? name : "", n);
	}
	return w;
}

/* Whether it is kept, or replied to for want of memory; else this thread is at removals now. */
static bool keep(struct turns *t, fuse_req_t req, fuse_ino_t ino, const char *name,
		 void (*run)(fuse_req_t req, fuse_ino_t ino, const char *name))
{
	(void)pthread_mutex_lock(&t->l);
	bool full = t->busy == t->most;
	struct turn *w = full ? turn_new(req, ino, name) : NULL;
	if (w) {
		w->run = run;
		*t->last = w;
		t->last = &w->next;
	}
	t->busy += !full;
	(void)pthread_mutex_unlock(&t->l);
	if (full && !w)
		(void)fuse_reply_err(req, ENOMEM); /* a reply fails when the mount is gone */
	return full;
}

/* NULL: nothing is kept, and this thread leaves (N1). */
static struct turn *next(struct turns *t)
{
	(void)pthread_mutex_lock(&t->l);
	struct turn *w = t->first;
	if (w && !(t->first = w->next))
		t->last = &t->first;
	t->busy -= !w;
	(void)pthread_mutex_unlock(&t->l);
	return w;
}

void turns_take(struct turns *t, fuse_req_t req, fuse_ino_t ino, const char *name,
		void (*run)(fuse_req_t req, fuse_ino_t ino, const char *name))
{
	if (keep(t, req, ino, name, run))
		return;
	run(req, ino, name);
	for (struct turn *w; (w = next(t)); free(w)) {
		if (fuse_req_interrupted(w->req)) /* keeps N2 */
			(void)fuse_reply_err(w->req, EINTR);
		else
			w->run(w->req, w->ino, w->named ? w->name : NULL);
	}
}
