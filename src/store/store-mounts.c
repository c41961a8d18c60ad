/* store-mounts.c: an erasure waits for every mount of the store to have dropped what it erased, in
 * its own memory and in the kernel's page cache (presence.h), a restriction what it hides. It never
 * waits for long: a daemon that hangs must not keep anybody from erasing, and there is nothing left
 * for it to read anew. */
#include "store-priv.h"

#include <time.h>

#define FIRST_NS 100000 /* a mount with nothing cached answers in about that time */
#define MOST_NS  5000000

int store_mount_enlist(struct store *s, uint64_t *ret_seq)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	struct presence *p = NULL;
	int r;

	do
		r = presence_open(s->dirfd, &p);
	while (room_more(&rm, r, NULL));
	if (r == 0)
		r = store_counter_get(s->lock, ret_seq);
	if (r < 0) {
		(void)presence_close(p);
		return r;
	}
	/* the kernel has nothing yet, so nothing older is left to be dropped */
	presence_see(p, *ret_seq);
	s->presence = p;
	return 0;
}

const char *store_mount_asked(const struct store *s)
{
	return s->presence ? presence_path(s->presence) : NULL;
}

void store_mount_seen(struct store *s, uint64_t seq)
{
	if (s->presence)
		presence_see(s->presence, seq);
}

static int64_t monotonic_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail for this clock */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int store_mounts_ask(struct store *s, uint64_t *ret_seq)
{
	uint64_t seq;
	int r = store_counter_get(s->lock, &seq);

	if (r < 0)
		return r;
	*ret_seq = seq;
	return presence_ask(s->dirfd, s->presence, seq);
}

unsigned store_mounts_wait(struct store *s, int asked, uint64_t seq)
{
	const int64_t end = monotonic_ns() + (int64_t)STORE_MOUNTS_WAIT_MS * 1000000;
	struct timespec pause = {.tv_nsec = FIRST_NS};
	int n = asked;

	while (n > 0) {
		n = presence_count(s->dirfd, s->presence, seq);
		if (n <= 0 || monotonic_ns() >= end)
			break;
		(void)nanosleep(&pause, NULL); /* a signal makes it shorter: no harm */
		if (pause.tv_nsec < MOST_NS)
			pause.tv_nsec *= 2;
	}
	return n < 0 ? 1 : (unsigned)n;
}

unsigned store_mounts_follow(struct store *s)
{
	uint64_t seq = 0;
	int asked = store_mounts_ask(s, &seq);

	return store_mounts_wait(s, asked, seq);
}
