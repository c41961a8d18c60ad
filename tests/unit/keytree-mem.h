/* keytree-mem.h: nodes of a key tree in memory, for tests. Nothing that was ever saved goes away,
 * as on a disk that somebody copied; `removed` marks what a store would have deleted. */
#ifndef REDACTFS_TEST_KEYTREE_MEM_H
#define REDACTFS_TEST_KEYTREE_MEM_H

#include "redactfs/keytree.h"

#include <assert.h>
#include <string.h>

struct mem_node {
	uint32_t level;
	uint64_t index, epoch;
	bool removed;
	bool stale; /* superseded, to be removed once settled */
	uint8_t body[NODE_BYTES];
};

struct mem_store {
	struct mem_node *v; /* owned; in the order they were saved */
	size_t n, cap;
	size_t loads, saves;
	/* the calls left until one fails with -EIO; negative: none does */
	int load_fails, save_fails, superseded_fails;
};

static inline void mem_done(struct mem_store *m)
{
	free(m->v);
}

static inline int mem_countdown(int *left)
{
	if (*left < 0)
		return 0;
	return (*left)-- == 0 ? -EIO : 0;
}

/* The newest version saved under this triple. */
static inline struct mem_node *mem_find(struct mem_store *m, uint32_t level, uint64_t index,
					uint64_t epoch)
{
	for (size_t i = m->n; i-- > 0;) {
		struct mem_node *x = &m->v[i];
		if (x->level == level && x->index == index && x->epoch == epoch && !x->removed)
			return x;
	}
	return NULL;
}

static inline int mem_load(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
			   uint8_t out[NODE_BYTES])
{
	struct mem_store *m = ctx;
	struct mem_node *x = mem_find(m, level, index, epoch);

	m->loads++;
	if (mem_countdown(&m->load_fails) < 0)
		return -EIO;
	if (!x)
		return -ENOENT;
	memcpy(out, x->body, NODE_BYTES);
	return 0;
}

static inline int mem_save(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
			   const uint8_t in[NODE_BYTES])
{
	struct mem_store *m = ctx;
	struct mem_node *same = mem_find(m, level, index, epoch);

	m->saves++;
	if (mem_countdown(&m->save_fails) < 0)
		return -EIO;
	if (same)
		same->removed = true;
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 64;
		m->v = reallocarray(m->v, m->cap, sizeof(*m->v));
		assert(m->v);
	}
	struct mem_node *x = &m->v[m->n++];
	*x = (struct mem_node){.level = level, .index = index, .epoch = epoch};
	memcpy(x->body, in, NODE_BYTES);
	return 0;
}

static inline int mem_superseded(void *ctx, uint32_t level, uint64_t index, uint64_t epoch)
{
	struct mem_store *m = ctx;
	struct mem_node *x = mem_find(m, level, index, epoch);

	if (mem_countdown(&m->superseded_fails) < 0)
		return -EIO;
	assert(x);
	x->stale = true;
	return 0;
}

/* What a store does once the old root is overwritten. */
static inline void mem_remove_stale(struct mem_store *m)
{
	for (size_t i = 0; i < m->n; i++)
		m->v[i].removed |= m->v[i].stale;
}

/* What a store does when a commit failed: its transaction never happened. */
static inline void mem_undo(struct mem_store *m, uint64_t epoch)
{
	for (size_t i = 0; i < m->n; i++) {
		m->v[i].removed |= m->v[i].epoch > epoch;
		m->v[i].stale = false;
	}
}

static inline struct mem_store mem_new(void)
{
	return (struct mem_store){.load_fails = -1, .save_fails = -1, .superseded_fails = -1};
}

static inline struct keytree_io mem_io(struct mem_store *m)
{
	return (struct keytree_io){
		.ctx = m, .load = mem_load, .save = mem_save, .superseded = mem_superseded};
}

#endif
