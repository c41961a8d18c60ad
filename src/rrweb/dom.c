/* dom.c: nodes, edges and inherited flags of a recording's DOM; see dom.h.
 *
 * Hostile input may link nodes into cycles or give a node a thousand parents: nothing here walks
 * along parents. Flags go down by a work list, where a node is visited once for each flag it gains.
 *
 * Invariants:
 * (D1) node indexes are handed out once and stay valid
 * (D2) eff only ever gains flags; so dom_propagate ends */
#include "redactfs/dom.h"

#include "redactfs/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	int64_t id;
	uint32_t window;
	uint32_t epoch;
	uint32_t node; /* 0: free */
};

struct edge {
	uint32_t child, parent;
};

/* A recorder counts its ids from 1: those are looked up by index, the others in the map. An array
 * is never much longer than the ids it holds are many, so that a few large ids don't cost memory.
 */
struct window {
	uint32_t epoch;
	uint32_t *direct; /* owned; node by id */
	size_t cap, used;
};

struct dom {
	uint16_t inherited;
	int error;
	uint64_t seed;
	struct dom_node *nodes; /* owned; [0] unused */
	size_t n, cap;
	struct edge *edges; /* owned */
	size_t nedges, edges_cap;
	struct slot *map; /* owned; open addressing, a power of two */
	size_t map_used, map_cap;
	struct window *windows; /* owned */
	size_t nwindows;
	uint32_t epochs_made;
	uint32_t *kids, *kid_from; /* owned; adjacency, after dom_propagate */
};

static int grow_to(void **p, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return 0;
	size_t c = *cap + *cap / 2 + 64;
	if (c < need)
		c = need;
	void *q = realloc(*p, c * size);
	if (!q)
		return -ENOMEM;
	*p = q;
	*cap = c;
	return 0;
}

struct dom *dom_new(uint16_t inherited)
{
	struct dom *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->inherited = inherited;
	d->seed = (uint64_t)(uintptr_t)d * 0xd6e8feb86659fd93ull;
	d->map_cap = 64;
	d->map = calloc(d->map_cap, sizeof(*d->map));
	if (!d->map || grow_to((void **)&d->nodes, &d->cap, 256, sizeof(*d->nodes)) < 0)
		return dom_free(d);
	d->nodes[0] = (struct dom_node){0};
	d->n = 1;
	return d;
}

struct dom *dom_free(struct dom *d)
{
	if (d) {
		free(d->nodes);
		free(d->edges);
		free(d->map);
		for (size_t i = 0; i < d->nwindows; i++)
			free(d->windows[i].direct);
		free(d->windows);
		free(d->kids);
		free(d->kid_from);
		free(d);
	}
	return NULL;
}

int dom_error(const struct dom *d)
{
	return d->error;
}

struct dom_node *dom_at(struct dom *d, uint32_t node)
{
	return &d->nodes[node];
}

size_t dom_count(const struct dom *d)
{
	return d->n;
}

static uint32_t epoch_of(const struct dom *d, uint32_t window)
{
	return window < d->nwindows ? d->windows[window].epoch : 0;
}

static struct window *window_at(struct dom *d, uint32_t window)
{
	size_t cap = d->nwindows;

	if (window >= d->nwindows) {
		if (grow_to((void **)&d->windows, &cap, (size_t)window + 1, sizeof(*d->windows)) <
		    0) {
			d->error = -ENOMEM;
			return NULL;
		}
		memset(d->windows + d->nwindows, 0, (cap - d->nwindows) * sizeof(*d->windows));
		d->nwindows = cap;
	}
	return &d->windows[window];
}

void dom_epoch(struct dom *d, uint32_t window)
{
	struct window *w = window_at(d, window);

	if (!w)
		return;
	w->epoch = ++d->epochs_made;
	/* given back, not wiped: pages of a few nodes shall not pay for one of many before them */
	free(w->direct);
	w->direct = NULL;
	w->used = w->cap = 0;
}

/* The seed is where the DOM lies in memory: a recording can't know it, so no choice of ids makes
 * one bucket of them all. */
static size_t hash(const struct dom *d, int64_t id, uint32_t window, uint32_t epoch)
{
	uint64_t h = ((uint64_t)id ^ d->seed) * 0x9e3779b97f4a7c15ull;

	h ^= h >> 32;
	h = (h ^ ((uint64_t)window << 32 | epoch) ^ d->seed >> 7) * 0xd6e8feb86659fd93ull;
	return (size_t)(h ^ h >> 32);
}

static struct slot *lookup(const struct dom *d, int64_t id, uint32_t window, uint32_t epoch)
{
	size_t i = hash(d, id, window, epoch);

	for (;; i++) {
		struct slot *s = &d->map[i & (d->map_cap - 1)];
		if (!s->node || (s->id == id && s->window == window && s->epoch == epoch))
			return s;
	}
}

static int rehash(struct dom *d)
{
	struct slot *old = d->map;
	size_t n = d->map_cap;

	struct slot *map = calloc(n * 2, sizeof(*map));
	if (!map)
		return -ENOMEM;
	d->map = map;
	d->map_cap = n * 2;
	for (size_t i = 0; i < n; i++)
		if (old[i].node)
			*lookup(d, old[i].id, old[i].window, old[i].epoch) = old[i];
	free(old);
	return 0;
}

uint32_t dom_anonymous(struct dom *d)
{
	if (d->n > LIMIT_NODES) {
		d->error = -E2BIG;
		return 0;
	}
	if (grow_to((void **)&d->nodes, &d->cap, d->n + 1, sizeof(*d->nodes)) < 0) {
		d->error = -ENOMEM;
		return 0;
	}
	d->nodes[d->n] = (struct dom_node){0};
	return (uint32_t)d->n++;
}

/* The place of an id in its window's array, or NULL when it belongs into the map. */
static uint32_t *direct_slot(struct dom *d, struct window *w, int64_t id)
{
	if (id < 0 || (uint64_t)id >= 4 * (uint64_t)w->used + 1024)
		return id >= 0 && (uint64_t)id < w->cap ? &w->direct[id] : NULL;
	if ((uint64_t)id >= w->cap) {
		size_t old = w->cap;

		if (grow_to((void **)&w->direct, &w->cap, (size_t)id + 1, sizeof(*w->direct)) < 0) {
			d->error = -ENOMEM;
			return NULL;
		}
		memset(w->direct + old, 0, (w->cap - old) * sizeof(*w->direct));
	}
	return &w->direct[id];
}

uint32_t dom_node(struct dom *d, uint32_t window, int64_t id)
{
	struct window *w = window_at(d, window);
	uint32_t *direct = w ? direct_slot(d, w, id) : NULL;

	if (d->error)
		return 0;
	if (direct && *direct)
		return *direct;
	if (d->map_used * 2 >= d->map_cap && rehash(d) < 0) {
		d->error = -ENOMEM;
		return 0;
	}
	/* an id that was far out when it came is in the map for good */
	struct slot *s = d->map_used ? lookup(d, id, window, w->epoch) : NULL;
	if (s && s->node)
		return s->node;
	uint32_t node = dom_anonymous(d);
	if (!node)
		return 0;
	d->nodes[node].epoch = w->epoch;
	if (direct) {
		*direct = node;
		w->used++;
	} else {
		*lookup(d, id, window, w->epoch) = (struct slot){id, window, w->epoch, node};
		d->map_used++;
	}
	return node;
}

uint32_t dom_find(const struct dom *d, uint32_t window, int64_t id)
{
	const struct window *w = window < d->nwindows ? &d->windows[window] : NULL;

	if (w && id >= 0 && (uint64_t)id < w->cap && w->direct[id])
		return w->direct[id];
	return lookup(d, id, window, epoch_of(d, window))->node;
}

int dom_link(struct dom *d, uint32_t child, uint32_t parent)
{
	struct dom_node *c = &d->nodes[child];

	if (!parent || c->parent == parent)
		return 0;
	c->parent = parent;
	if (grow_to((void **)&d->edges, &d->edges_cap, d->nedges + 1, sizeof(*d->edges)) < 0)
		return -ENOMEM;
	d->edges[d->nedges++] = (struct edge){child, parent};
	return 0;
}

int dom_propagate(struct dom *d)
{
	free(d->kids);
	free(d->kid_from);
	d->kids = malloc((d->nedges + 1) * sizeof(*d->kids));
	d->kid_from = calloc(d->n + 1, sizeof(*d->kid_from));
	uint32_t *work = malloc((d->n + 1) * sizeof(*work));
	uint8_t *queued = calloc(d->n + 1, 1);
	int r = d->kids && d->kid_from && work && queued ? 0 : -ENOMEM;

	/* children by parent: a counting sort that keeps the order of linking */
	for (size_t i = 0; !r && i < d->nedges; i++)
		d->kid_from[d->edges[i].parent + 1]++;
	for (size_t i = 0; !r && i < d->n; i++)
		d->kid_from[i + 1] += d->kid_from[i];
	for (size_t i = d->nedges; !r && i-- > 0;)
		d->kids[--d->kid_from[d->edges[i].parent + 1]] = d->edges[i].child;
	/* each end became a start: node p's children now begin at kid_from[p + 1] */
	for (size_t i = 0; !r && i < d->n; i++)
		d->kid_from[i] = d->kid_from[i + 1];
	if (!r)
		d->kid_from[d->n] = (uint32_t)d->nedges;

	size_t head = 0, len = 0;
	for (size_t i = 1; !r && i < d->n; i++) {
		d->nodes[i].eff = d->nodes[i].own;
		if (d->nodes[i].own & d->inherited) {
			work[len++] = (uint32_t)i;
			queued[i] = 1;
		}
	}
	/* a ring: never more entries than nodes, as each is queued at most once at a time */
	while (!r && len) {
		uint32_t p = work[head];
		size_t n;

		head = head == d->n ? 0 : head + 1;
		len--;
		queued[p] = 0;
		uint16_t down = d->nodes[p].eff & d->inherited;
		const uint32_t *kids = dom_children(d, p, &n);
		for (size_t i = 0; i < n; i++) {
			struct dom_node *c = &d->nodes[kids[i]];
			if ((c->eff & down) == down)
				continue;
			c->eff |= down;
			if (!queued[kids[i]]) {
				queued[kids[i]] = 1;
				work[(head + len++) % (d->n + 1)] = kids[i];
			}
		}
	}
	free(work);
	free(queued);
	return r;
}

const uint32_t *dom_children(const struct dom *d, uint32_t node, size_t *ret_n)
{
	*ret_n = d->kid_from[node + 1] - d->kid_from[node];
	return d->kids + d->kid_from[node];
}

enum dom_tag dom_tag_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum dom_tag tag;
	} tags[] = {
		{"input", TAG_INPUT},   {"textarea", TAG_TEXTAREA}, {"select", TAG_SELECT},
		{"option", TAG_OPTION}, {"button", TAG_BUTTON},     {"label", TAG_LABEL},
		{"style", TAG_STYLE},   {"script", TAG_SCRIPT},     {"link", TAG_LINK},
		{"meta", TAG_META},     {"title", TAG_TITLE},
	};

	if (len < 4 || len > 8)
		return TAG_OTHER;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (strlen(tags[i].name) == len && !strncasecmp(tags[i].name, name, len))
			return tags[i].tag;
	return TAG_OTHER;
}
