/* taint-trie.c: see taint-trie.h. */
#include "taint-trie.h"

#include "engine-priv.h"

#include <stdlib.h>

#define EDGES_FIRST 64u

int trie_init(struct trie *t, size_t roots, uint64_t seed)
{
	*t = (struct trie){.seed = seed};
	if (engine_grow((void **)&t->v, &t->cap, roots, sizeof(*t->v)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < roots; i++)
		t->v[i] = (struct trie_state){0};
	t->n = roots;
	return 0;
}

void trie_done(struct trie *t)
{
	free(t->v);
	free(t->edges);
	*t = (struct trie){0};
}

static uint64_t key_of(uint32_t state, uint32_t c)
{
	return ((uint64_t)state << 21 | c) + 1;
}

/* Where the edge is, or would be. There are edges. */
static struct trie_edge *slot(const struct trie *t, uint64_t key)
{
	for (size_t i = trie_mix(key, t->seed);; i++) {
		struct trie_edge *e = &t->edges[i & (t->edges_cap - 1)];
		if (!e->key || e->key == key)
			return e;
	}
}

uint32_t trie_child_other(const struct trie *t, uint32_t state, uint32_t c)
{
	return slot(t, key_of(state, c))->to;
}

static int edges_grow(struct trie *t)
{
	struct trie_edge *old = t->edges;
	size_t n = t->edges_cap, cap = n ? n * 2 : EDGES_FIRST;

	if (t->nedges * 2 < n)
		return 0;
	struct trie_edge *v = calloc(cap, sizeof(*v));
	if (!v)
		return -ENOMEM;
	t->edges = v;
	t->edges_cap = cap;
	for (size_t i = 0; i < n; i++)
		if (old[i].key)
			*slot(t, old[i].key) = old[i];
	free(old);
	return 0;
}

int trie_make_child(struct trie *t, uint32_t state, uint32_t c, uint32_t *ret)
{
	uint32_t next = trie_child(t, state, c);

	if (next) {
		*ret = next;
		return 0;
	}
	if (engine_grow((void **)&t->v, &t->cap, t->n, sizeof(*t->v)) < 0)
		return -ENOMEM;
	struct trie_state *s = &t->v[state];
	if (!s->to) {
		s->c = c;
		s->to = (uint32_t)t->n;
	} else {
		if (edges_grow(t) < 0)
			return -ENOMEM;
		uint64_t key = key_of(state, c);
		*slot(t, key) = (struct trie_edge){key, (uint32_t)t->n};
		t->nedges++;
		s->more = true;
	}
	t->v[t->n] = (struct trie_state){0};
	*ret = (uint32_t)t->n++;
	return 0;
}
