/* keytree-cache.c: opened nodes in secret memory, a bounded number of them.
 *
 * Sets of four, the longest unused of a set goes: top and inner nodes are on every path, so they
 * stay without being pinned. No list and no rehashing, so what is dropped is found by looking.
 *
 * (C1) there is one version of a node at most: putting a new one overwrites the keys of the old
 * (C2) an entry's plaintext is zeros unless the entry is in use */
#include "keytree-priv.h"

#define WAYS 4u

struct entry {
	bool used;
	struct node_id id;
	uint64_t touched;     /* the cache's clock when last found */
	struct secret *plain; /* owned; made at the first use, kept for others */
};

struct node_cache {
	size_t sets, ways;
	uint64_t clock;
	struct entry e[]; /* sets * ways */
};

struct node_cache *node_cache_new(size_t max_nodes)
{
	const size_t ways = max_nodes >= WAYS ? WAYS : max_nodes ? max_nodes : 1;
	size_t sets = 1;

	while (sets <= max_nodes / ways / 2)
		sets *= 2;
	struct node_cache *c = calloc(1, sizeof(*c) + sets * ways * sizeof(c->e[0]));
	if (!c)
		return NULL;
	c->sets = sets;
	c->ways = ways;
	return c;
}

static void entry_drop(struct entry *e)
{
	if (e->used)
		wipe(e->plain->b, e->plain->len);
	e->used = false;
}

struct node_cache *node_cache_free(struct node_cache *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < c->sets * c->ways; i++)
		c->e[i].plain = secret_free(c->e[i].plain);
	free(c);
	return NULL;
}

static struct entry *set_of(struct node_cache *c, uint32_t level, uint64_t index)
{
	/* neighbours go to neighbouring sets; levels are kept apart by an odd constant */
	const uint64_t h = index + level * 0x9e3779b97f4a7c15u;

	return &c->e[(size_t)((h ^ h >> 32) & (c->sets - 1)) * c->ways];
}

static struct entry *find(struct node_cache *c, uint32_t level, uint64_t index)
{
	struct entry *set = set_of(c, level, index);

	for (size_t i = 0; i < c->ways; i++) {
		if (set[i].used && set[i].id.index == index && set[i].id.level == level)
			return &set[i];
	}
	return NULL;
}

const uint8_t *node_cache_find(struct node_cache *c, const struct node_id *id)
{
	struct entry *e = find(c, id->level, id->index);

	if (!e || e->id.epoch != id->epoch)
		return NULL;
	e->touched = ++c->clock;
	return e->plain->b;
}

uint8_t *node_cache_put(struct node_cache *c, const struct node_id *id)
{
	struct entry *e = find(c, id->level, id->index); /* keeps C1 */

	if (!e) {
		struct entry *set = set_of(c, id->level, id->index);

		e = &set[0];
		for (size_t i = 1; i < c->ways && e->used; i++) {
			if (!set[i].used || set[i].touched < e->touched)
				e = &set[i];
		}
	}
	entry_drop(e); /* keeps C2 */
	if (!e->plain)
		e->plain = secret_new(NODE_PLAIN_BYTES);
	if (!e->plain)
		return NULL;
	e->used = true;
	e->id = *id;
	e->touched = ++c->clock;
	return e->plain->b;
}

void node_cache_drop(struct node_cache *c, uint32_t level, uint64_t index)
{
	struct entry *e = find(c, level, index);

	if (e)
		entry_drop(e);
}

void node_cache_drop_epoch(struct node_cache *c, uint64_t epoch)
{
	for (size_t i = 0; i < c->sets * c->ways; i++) {
		if (c->e[i].id.epoch == epoch)
			entry_drop(&c->e[i]);
	}
}

void node_cache_drop_all(struct node_cache *c)
{
	for (size_t i = 0; i < c->sets * c->ways; i++)
		entry_drop(&c->e[i]);
}
