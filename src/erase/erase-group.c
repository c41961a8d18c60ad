/* erase-group.c: erasures that share a commit; see erase.h.
 *
 * Who comes when nobody is at work is the leader: takes all wishes that there are, its own among
 * them, erases them as one batch and tells the others. Those that come meanwhile wait; one of them
 * leads the next batch.
 *
 * (U1) what is wrong with one is no matter of the others: a batch that was refused before its
 *      intents is done again one by one
 * (U2) the lock isn't held while a batch is being erased */
#include "erase-priv.h"

#include <pthread.h>
#include <stdlib.h>

#define MOST 64u /* of a batch: one that waits shouldn't wait for thousands */

struct wish {
	uint64_t ino;
	int r;
	bool done;
	struct erase_result res;
	struct errinfo e;
	struct wish *next;
};

struct erase_group {
	struct store *s;    /* borrowed */
	const char *reason; /* borrowed */
	pthread_mutex_t l;
	pthread_cond_t over;
	struct wish *first, **last; /* [l] */
	bool busy;                  /* [l] */
};

struct erase_group *erase_group_new(struct store *s, const char *reason)
{
	struct erase_group *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->s = s;
	g->reason = reason;
	g->last = &g->first;
	/* neither can fail on Linux with default attributes */
	(void)pthread_mutex_init(&g->l, NULL);
	(void)pthread_cond_init(&g->over, NULL);
	return g;
}

struct erase_group *erase_group_free(struct erase_group *g)
{
	if (g) {
		(void)pthread_cond_destroy(&g->over);
		(void)pthread_mutex_destroy(&g->l);
		free(g);
	}
	return NULL;
}

/* Under the lock: up to MOST of the wishes, the oldest. */
static struct wish *take(struct erase_group *g, size_t *ret_n)
{
	struct wish *first = g->first, **end = &g->first;
	size_t n = 0;

	for (; *end && n < MOST; n++)
		end = &(*end)->next;
	g->first = *end;
	*end = NULL;
	if (!g->first)
		g->last = &g->first;
	*ret_n = n;
	return first;
}

static void alone(struct erase_group *g, struct wish *w)
{
	w->r = erase_run(g->s, &w->ino, 1, g->reason, &w->res, &w->e);
}

static void together(struct erase_group *g, struct wish *first, size_t n)
{
	struct erase_item items[MOST] = {0};
	struct erase_result res;
	struct errinfo e = {0};
	bool intended;
	size_t i = 0;

	for (struct wish *w = first; w; w = w->next)
		items[i++].ino = w->ino;
	int r = erase_items(g->s, items, n, g->reason, &res, &intended, &e);
	for (struct wish *w = first; w; w = w->next) {
		if (r < 0 && !intended) {
			alone(g, w); /* keeps U1 */
			continue;
		}
		for (i = 0; i < res.erased && items[i].ino != w->ino; i++)
			;
		w->r = r;
		w->e = e;
		w->res = res;
		w->res.erased = r == 0 && i < res.erased;
		w->res.gone = r == 0 && !w->res.erased;
	}
}

/* Under the lock, which is let go of meanwhile (U2). */
static void lead(struct erase_group *g)
{
	size_t n;
	struct wish *first = take(g, &n);

	g->busy = true;
	(void)pthread_mutex_unlock(&g->l);
	if (n == 1)
		alone(g, first);
	else
		together(g, first, n);
	(void)pthread_mutex_lock(&g->l);
	g->busy = false;
	for (struct wish *w = first, *next; w; w = next) {
		next = w->next; /* it is its owner's again once it is done */
		w->done = true;
	}
	(void)pthread_cond_broadcast(&g->over);
}

int erase_group_run(struct erase_group *g, uint64_t ino, struct erase_result *ret,
		    struct errinfo *e)
{
	struct wish w = {.ino = ino};

	(void)pthread_mutex_lock(&g->l);
	*g->last = &w;
	g->last = &w.next;
	while (!w.done) {
		if (g->busy)
			(void)pthread_cond_wait(&g->over, &g->l);
		else
			lead(g);
	}
	(void)pthread_mutex_unlock(&g->l);
	if (w.r < 0 && e)
		*e = w.e;
	if (w.r == 0)
		*ret = w.res;
	return w.r;
}
