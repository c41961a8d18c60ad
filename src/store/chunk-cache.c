/* chunk-cache.c: see chunk-cache.h.
 *
 * A slot is 32 KiB in one mapping that is kept out of core dumps and, where the system lets us,
 * locked. States of a slot:
 *
 *   state     refs   meaning
 *   EMPTY     0      wiped
 *   LOADING   1      one thread fills it; others that want it wait
 *   READY     any    to be read; with 0 refs it may be taken for another chunk
 *   DOOMED    > 0    forgotten while held: wiped by the last one who puts it back
 *
 * (H1) a slot is wiped before it becomes EMPTY; given to another chunk, it holds nothing of the one
 *      before by the time it is READY: what that overwrites needn't be wiped first
 * (H2) nobody finds a slot that is DOOMED
 * (H3) no lock is held while a chunk is loaded or copied */
#include "chunk-cache.h"

#include "chunk-file.h"

#include <pthread.h>
#include <sys/mman.h>

#define NONE SIZE_MAX

enum slot_state { SLOT_EMPTY, SLOT_LOADING, SLOT_READY, SLOT_DOOMED };
struct slot {
	uint64_t key;
	size_t len;
	size_t next; /* in its bucket */
	uint32_t idx, refs;
	enum slot_state state;
	bool used;   /* since the clock's hand passed */
	bool linked; /* in a bucket */
	bool doomed; /* LOADING, and forgotten meanwhile */
};
struct chunk_cache {
	pthread_mutex_t mtx; /* [C] guards all below */
	pthread_cond_t changed;
	uint8_t *mem; /* owned mapping */
	size_t n, mask, hand;
	struct slot *slots; /* owned */
	size_t *buckets;    /* owned: first slot, or NONE */
};

static uint8_t *bytes_of(struct chunk_cache *c, size_t i)
{
	return c->mem + i * CHUNK_BYTES;
}

static size_t bucket_of(const struct chunk_cache *c, uint64_t key, uint32_t idx)
{
	return ((key * 0x9e3779b97f4a7c15u + idx) * 0xff51afd7ed558ccdu >> 32) & c->mask;
}

int chunk_cache_new(size_t slots, struct chunk_cache **ret)
{
	CLEANUP_PTR(chunk_cache_free) struct chunk_cache *c = calloc(1, sizeof(*c));
	size_t buckets = 1;

	if (!c)
		return -ENOMEM;
	pthread_mutex_init(&c->mtx, NULL);
	pthread_cond_init(&c->changed, NULL);
	while (buckets < 2 * slots)
		buckets *= 2;
	c->mask = buckets - 1;
	c->slots = calloc(slots, sizeof(*c->slots));
	c->buckets = malloc(buckets * sizeof(*c->buckets));
	if (!c->slots || !c->buckets)
		return -ENOMEM;
	for (size_t i = 0; i < buckets; i++)
		c->buckets[i] = NONE;
	void *mem = mmap(NULL, slots * CHUNK_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return -errno;
	c->mem = mem;
	c->n = slots;
	/* what the system doesn't grant is a weaker promise, said in THREAT-MODEL.md */
	(void)madvise(mem, slots * CHUNK_BYTES, MADV_DONTDUMP);
	(void)mlock2(mem, slots * CHUNK_BYTES, MLOCK_ONFAULT);
	*ret = TAKE(c);
	return 0;
}

struct chunk_cache *chunk_cache_free(struct chunk_cache *c)
{
	if (c) {
		for (size_t i = 0; i < c->n; i++) {
			if (c->slots[i].state != SLOT_EMPTY)
				wipe(bytes_of(c, i), CHUNK_BYTES);
		}
		if (c->mem)
			(void)munmap(c->mem, c->n * CHUNK_BYTES);
		free(c->slots);
		free(c->buckets);
		pthread_cond_destroy(&c->changed);
		pthread_mutex_destroy(&c->mtx);
		free(c);
	}
	return NULL;
}

static void link_slot(struct chunk_cache *c, size_t i)
{
	size_t *b = &c->buckets[bucket_of(c, c->slots[i].key, c->slots[i].idx)];

	c->slots[i].next = *b;
	c->slots[i].linked = true;
	*b = i;
}

static void unlink_slot(struct chunk_cache *c, size_t i)
{
	size_t *b = &c->buckets[bucket_of(c, c->slots[i].key, c->slots[i].idx)];

	if (!c->slots[i].linked)
		return;
	while (*b != i)
		b = &c->slots[*b].next;
	*b = c->slots[i].next;
	c->slots[i].linked = false;
}

static size_t find(const struct chunk_cache *c, uint64_t key, uint32_t idx)
{
	size_t i = c->buckets[bucket_of(c, key, idx)];

	while (i != NONE && (c->slots[i].key != key || c->slots[i].idx != idx))
		i = c->slots[i].next;
	return i;
}

/* Keeps H1. */
static void clear(struct chunk_cache *c, size_t i)
{
	unlink_slot(c, i);
	wipe(bytes_of(c, i), CHUNK_BYTES);
	c->slots[i].state = SLOT_EMPTY;
	c->slots[i].doomed = false;
}

/* A slot for another chunk: the first that nobody holds nor used since the hand last passed. */
static size_t take(struct chunk_cache *c)
{
	for (size_t k = 0; k < 2 * c->n; k++) {
		size_t i = c->hand;
		struct slot *s = &c->slots[i];

		c->hand = (c->hand + 1) % c->n;
		if (s->state == SLOT_EMPTY)
			return i;
		if (s->state != SLOT_READY || s->refs)
			continue;
		if (s->used) {
			s->used = false;
			continue;
		}
		unlink_slot(c, i);
		return i;
	}
	return NONE;
}

static void hold(struct chunk_cache *c, size_t i, struct chunk_ref *ret)
{
	struct slot *s = &c->slots[i];

	s->refs++;
	s->used = true;
	*ret = (struct chunk_ref){.p = bytes_of(c, i), .len = s->len, .slot = i};
}

int chunk_cache_get(struct chunk_cache *c, uint64_t key, uint32_t idx,
		    int (*load)(void *ctx, uint32_t idx, uint8_t *out, size_t *ret_len), void *ctx,
		    struct chunk_ref *ret)
{
	size_t i;

	pthread_mutex_lock(&c->mtx);
	for (;;) {
		i = find(c, key, idx);
		if (i != NONE && c->slots[i].state == SLOT_READY) {
			hold(c, i, ret);
			pthread_mutex_unlock(&c->mtx);
			return 0;
		}
		if (i == NONE) {
			i = take(c);
			if (i != NONE)
				break;
		}
		pthread_cond_wait(&c->changed, &c->mtx);
	}
	struct slot *s = &c->slots[i];
	size_t had = s->state == SLOT_READY ? s->len : 0;
	*s = (struct slot){.key = key, .idx = idx, .refs = 1, .state = SLOT_LOADING};
	link_slot(c, i);
	pthread_mutex_unlock(&c->mtx);

	size_t len = 0;
	int r = load(ctx, idx, bytes_of(c, i), &len); /* keeps H3 */
	if (r == 0 && len < had)
		wipe(bytes_of(c, i) + len, had - len); /* keeps H1 */

	pthread_mutex_lock(&c->mtx);
	s->refs = 0;
	if (r < 0) {
		clear(c, i);
	} else {
		s->len = len;
		s->state = s->doomed ? SLOT_DOOMED : SLOT_READY;
		hold(c, i, ret);
	}
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mtx);
	return r;
}

void chunk_cache_put(struct chunk_cache *c, const struct chunk_ref *ref)
{
	pthread_mutex_lock(&c->mtx);
	struct slot *s = &c->slots[ref->slot];
	if (--s->refs == 0) {
		if (s->state == SLOT_DOOMED)
			clear(c, ref->slot);
		pthread_cond_broadcast(&c->changed); /* somebody may wait for a slot */
	}
	pthread_mutex_unlock(&c->mtx);
}

static void forget(struct chunk_cache *c, bool all, uint64_t ino)
{
	pthread_mutex_lock(&c->mtx);
	for (size_t i = 0; i < c->n; i++) {
		struct slot *s = &c->slots[i];

		if (s->state == SLOT_EMPTY ||
		    (!all && ((s->key ^ ino) << (64 - CHUNK_CACHE_INO_BITS))))
			continue;
		unlink_slot(c, i); /* keeps H2 */
		if (s->state == SLOT_LOADING)
			s->doomed = true;
		else if (s->refs)
			s->state = SLOT_DOOMED;
		else
			clear(c, i);
	}
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mtx);
}

void chunk_cache_forget(struct chunk_cache *c, uint64_t ino)
{
	forget(c, /* all= */ false, ino);
}

void chunk_cache_forget_all(struct chunk_cache *c)
{
	forget(c, /* all= */ true, 0);
}
