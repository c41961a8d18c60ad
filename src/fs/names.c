/* names.c: a small cache of days' names; see names.h. Without it each lstat of a session.json would
 * ask the catalog two questions more, always the same ones while a backup walks one date. */
#include "names.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS 256u /* direct mapped; a year of one site's dates, nearly */

struct names {
	pthread_mutex_t l;
	struct {
		uint64_t day_id; /* 0: free */
		struct day_names v;
	} slot[SLOTS]; /* [l] */
};

struct names *names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n)
		(void)pthread_mutex_init(&n->l, NULL); /* can't fail for a default mutex */
	return n;
}

struct names *names_free(struct names *n)
{
	if (n) {
		(void)pthread_mutex_destroy(&n->l);
		free(n);
	}
	return NULL;
}

int names_of_day(struct names *n, struct store *s, uint64_t day_id, struct day_names *ret)
{
	struct site_row site;
	struct day_row day;

	(void)pthread_mutex_lock(&n->l);
	bool found = n->slot[day_id % SLOTS].day_id == day_id;
	if (found)
		*ret = n->slot[day_id % SLOTS].v;
	(void)pthread_mutex_unlock(&n->l);
	if (found)
		return 0;

	int r = store_day_get(s, day_id, &day);
	if (r < 0)
		return r;
	r = store_site_get(s, day.site_id, &site);
	if (r < 0)
		return r;
	ret->site_id = day.site_id;
	memcpy(ret->site, site.name, sizeof(ret->site));
	memcpy(ret->date, day.name, sizeof(ret->date));
	(void)pthread_mutex_lock(&n->l);
	n->slot[day_id % SLOTS].day_id = day_id;
	n->slot[day_id % SLOTS].v = *ret;
	(void)pthread_mutex_unlock(&n->l);
	return 0;
}
