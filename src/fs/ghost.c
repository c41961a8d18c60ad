/* ghost.c: the table of ghosts; see ghost.h. One list, oldest first, since their time runs out in
 * that order, and a hash over the row; a name is looked for by its hash with the day. Bounded: with
 * more than GHOSTS_MAX the oldest goes, which at worst costs a script that erased so many
 * recordings and nothing else an error message on the names it comes back for. */
#include "ghost.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS    4096u
#define GHOSTS_MAX 65536u
#define LIFE_S     900 /* an rm -r that is stopped at a prompt may well take minutes */

struct node {
	struct ghost g;
	bool gone;                     /* removed: kept for ghosts_noticed only */
	bool noticed;                  /* it has been asked for */
	struct node *by_row, *by_name; /* next in the bucket */
	struct node *older, *newer;
};

struct ghosts {
	pthread_mutex_t l;
	struct node *row[BUCKETS], *name[BUCKETS]; /* [l] */
	struct node *oldest, *newest;              /* [l] */
	size_t n;                                  /* [l] */
};

static int64_t now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail for this clock */
	return t.tv_sec;
}

/* FNV-1a: names come from the store, not from outside */
static size_t name_bucket(uint64_t day_id, const char *name)
{
	uint64_t h = 0xcbf29ce484222325u ^ day_id;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	return (size_t)(h ^ h >> 32) % BUCKETS;
}

struct ghosts *ghosts_new(void)
{
	struct ghosts *g = calloc(1, sizeof(*g));

	if (g)
		(void)pthread_mutex_init(&g->l, NULL); /* can't fail for a default mutex */
	return g;
}

struct ghosts *ghosts_free(struct ghosts *g)
{
	if (!g)
		return NULL;
	while (g->oldest) {
		struct node *n = g->oldest;

		g->oldest = n->newer;
		free(n);
	}
	(void)pthread_mutex_destroy(&g->l);
	free(g);
	return NULL;
}

static struct node *find(struct ghosts *g, uint64_t row)
{
	struct node *n = g->row[row % BUCKETS];

	while (n && n->g.row != row)
		n = n->by_row;
	return n;
}

static void take_out(struct ghosts *g, struct node *n)
{
	struct node **p = &g->row[n->g.row % BUCKETS];

	while (*p != n)
		p = &(*p)->by_row;
	*p = n->by_row;
	p = &g->name[name_bucket(n->g.day_id, n->g.name)];
	while (*p != n)
		p = &(*p)->by_name;
	*p = n->by_name;
	*(n->older ? &n->older->newer : &g->oldest) = n->newer;
	*(n->newer ? &n->newer->older : &g->newest) = n->older;
	g->n--;
	free(n);
}

/* One that is there. */
static struct node *find_there(struct ghosts *g, uint64_t row)
{
	struct node *n = find(g, row);

	return n && !n->gone ? n : NULL;
}

static void remove_it(struct ghosts *g, struct node *n)
{
	if (n->noticed)
		take_out(g, n);
	else
		n->gone = true;
}

int ghosts_add(struct ghosts *g, const struct session_row *row, uint32_t left)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->g = (struct ghost){
		.row = row->ino,
		.day_id = row->day_id,
		.left = left,
		.mtime_ns = row->mtime_ns,
		.ctime_ns = row->ctime_ns,
		.until_s = now_s() + LIFE_S,
	};
	memcpy(n->g.name, row->name, sizeof(n->g.name));

	(void)pthread_mutex_lock(&g->l);
	struct node *old = find(g, row->ino);
	if (old)
		take_out(g, old);
	if (g->n == GHOSTS_MAX)
		take_out(g, g->oldest);
	struct node **b = &g->row[n->g.row % BUCKETS];
	n->by_row = *b;
	*b = n;
	b = &g->name[name_bucket(n->g.day_id, n->g.name)];
	n->by_name = *b;
	*b = n;
	n->older = g->newest;
	*(g->newest ? &g->newest->newer : &g->oldest) = n;
	g->newest = n;
	g->n++;
	(void)pthread_mutex_unlock(&g->l);
	return 0;
}

void ghosts_sure(struct ghosts *g, uint64_t row)
{
	(void)pthread_mutex_lock(&g->l);
	struct node *n = find_there(g, row);
	if (n)
		n->g.sure = true;
	(void)pthread_mutex_unlock(&g->l);
}

void ghosts_drop(struct ghosts *g, uint64_t row)
{
	(void)pthread_mutex_lock(&g->l);
	struct node *n = find(g, row);
	if (n)
		take_out(g, n);
	(void)pthread_mutex_unlock(&g->l);
}

void ghosts_drop_day(struct ghosts *g, uint64_t day_id)
{
	(void)pthread_mutex_lock(&g->l);
	for (struct node *n = g->oldest, *newer; n; n = newer) {
		newer = n->newer;
		if (n->g.day_id == day_id)
			remove_it(g, n);
	}
	(void)pthread_mutex_unlock(&g->l);
}

bool ghosts_get(struct ghosts *g, uint64_t row, struct ghost *ret)
{
	(void)pthread_mutex_lock(&g->l);
	const struct node *n = find_there(g, row);
	if (n)
		*ret = n->g;
	(void)pthread_mutex_unlock(&g->l);
	return n != NULL;
}

bool ghosts_find(struct ghosts *g, uint64_t day_id, const char *name, struct ghost *ret)
{
	(void)pthread_mutex_lock(&g->l);
	const struct node *n = g->name[name_bucket(day_id, name)];
	while (n && (n->gone || n->g.day_id != day_id || strcmp(n->g.name, name) != 0))
		n = n->by_name;
	if (n)
		*ret = n->g;
	(void)pthread_mutex_unlock(&g->l);
	return n != NULL;
}

int ghosts_unlink(struct ghosts *g, uint64_t row, uint32_t view)
{
	(void)pthread_mutex_lock(&g->l);
	struct node *n = find_there(g, row);
	int r = n && (n->g.left & view) ? 0 : -ENOENT;
	if (!r)
		n->g.left &= ~view;
	(void)pthread_mutex_unlock(&g->l);
	return r;
}

int ghosts_rmdir(struct ghosts *g, uint64_t row)
{
	(void)pthread_mutex_lock(&g->l);
	struct node *n = find_there(g, row);
	int r = !n ? -ENOENT : n->g.left ? -ENOTEMPTY : 0;
	if (!r)
		remove_it(g, n);
	(void)pthread_mutex_unlock(&g->l);
	return r;
}

bool ghosts_noticed(struct ghosts *g, uint64_t row)
{
	(void)pthread_mutex_lock(&g->l);
	struct node *n = find(g, row);
	bool was = n != NULL;
	if (n && n->gone)
		take_out(g, n);
	else if (n)
		n->noticed = true;
	(void)pthread_mutex_unlock(&g->l);
	return was;
}

bool ghosts_expire(struct ghosts *g, struct ghost *ret)
{
	int64_t now = now_s();

	(void)pthread_mutex_lock(&g->l);
	while (g->oldest && g->oldest->gone && g->oldest->g.until_s <= now)
		take_out(g, g->oldest);
	bool due = g->oldest && g->oldest->g.until_s <= now;
	if (due) {
		*ret = g->oldest->g;
		take_out(g, g->oldest);
	}
	(void)pthread_mutex_unlock(&g->l);
	return due;
}
