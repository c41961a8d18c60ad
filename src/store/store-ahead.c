/* store-ahead.c: fetching blobs before they are asked for.
 *
 * A backup, a grep, an `xargs cat` open the sessions of a date one after the other, and with small
 * ones most of that is waiting for the disk, once a blob. So who opens several of one date in the
 * order of their rows is taken to go on: the blobs of the next ones are on their way meanwhile. It
 * is ciphertext in the kernel's page cache, no more than a hint, and one walk at a time: two that
 * take turns are none. */
#include "store-priv.h"

#define WALK  4u /* sessions of a date in order: by chance that is one of 24 */
#define AHEAD 8u /* fetched at once, when half of the last ones are opened */

void store_fetch_ahead(struct store *s, struct catalog_conn *c, uint64_t day_id, uint64_t ino)
{
	struct catalog_session soon[AHEAD];
	struct walk *w = &s->walk;
	uint64_t after = 0;

	pthread_mutex_lock(&s->walk_mtx);
	if (w->day_id != day_id || ino <= w->last)
		*w = (struct walk){.day_id = day_id};
	w->last = ino;
	if (++w->run >= WALK && ino >= w->more_at) {
		after = ino > w->fetched ? ino : w->fetched;
		w->more_at = UINT64_MAX; /* one does it */
	}
	pthread_mutex_unlock(&s->walk_mtx);
	if (!after)
		return;
	int n = catalog_session_list(c, day_id, after, soon, AHEAD);
	for (int i = 0; i < n; i++)
		s->blobs->ops->fetch(s->blobs, &soon[i].blob);
	pthread_mutex_lock(&s->walk_mtx);
	if (n > 0 && w->day_id == day_id) {
		w->fetched = soon[n - 1].ino;
		w->more_at = soon[n / 2].ino;
	}
	pthread_mutex_unlock(&s->walk_mtx);
}
