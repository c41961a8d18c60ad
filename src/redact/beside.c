/* beside.c: pass 1 of what stands beside one another; see beside.h.
 *
 * A piece is a text node, or an element in which one text node is all there is. Comments between
 * them are nothing (frameworks put them there to tell their texts apart), and so is <wbr>; any
 * other element ends a group.
 *
 * Invariant:
 * (B1) every node is in one list of siblings at most, and lists end, whatever a recording inserts
 *      where; walks up and down go LEVELS far at most */
#include "beside-priv.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 4u

struct beside *beside_new(void)
{
	return calloc(1, sizeof(struct beside));
}

struct beside *beside_free(struct beside *b)
{
	if (b) {
		free(b->v);
		free(b->pieces);
		free(b);
	}
	return NULL;
}

static int reach(struct beside *b, uint32_t node)
{
	size_t was = b->cap;

	if (node < b->n)
		return 0;
	if (engine_grow((void **)&b->v, &b->cap, node, sizeof(*b->v)) < 0)
		return -ENOMEM;
	if (b->cap > was)
		memset(b->v + was, 0, (b->cap - was) * sizeof(*b->v));
	b->n = (size_t)node + 1;
	return 0;
}

void beside_remove(struct beside *b, uint32_t child)
{
	if (child >= b->n || !b->v[child].parent)
		return;
	struct sibling *s = &b->v[child], *p = &b->v[s->parent];

	if (s->prev)
		b->v[s->prev].next = s->next;
	else
		p->first = s->next;
	if (s->next)
		b->v[s->next].prev = s->prev;
	else
		p->last = s->prev;
	s->parent = s->next = s->prev = 0;
}

int beside_insert(struct beside *b, uint32_t child, uint32_t parent, uint32_t next)
{
	int r = reach(b, child > parent ? child : parent);

	if (r < 0)
		return r;
	beside_remove(b, child); /* keeps B1 */
	struct sibling *s = &b->v[child], *p = &b->v[parent];

	if (next >= b->n || b->v[next].parent != parent)
		next = 0;
	s->parent = parent;
	s->next = next;
	s->prev = next ? b->v[next].prev : p->last;
	if (s->prev)
		b->v[s->prev].next = b->v[s->prev].behind = child;
	else
		p->first = child;
	if (next)
		b->v[next].prev = b->v[next].before = child;
	else
		p->last = child;
	s->before = s->prev;
	s->behind = s->next;
	return 0;
}

uint32_t beside_before(const struct beside *b, uint32_t node)
{
	return node < b->n ? b->v[node].before : 0;
}

uint32_t beside_behind(const struct beside *b, uint32_t node)
{
	return node < b->n ? b->v[node].behind : 0;
}

size_t beside_children(const struct beside *b, uint32_t parent, uint32_t *ret, size_t max)
{
	size_t n = 0;

	for (uint32_t c = parent < b->n ? b->v[parent].first : 0; c && n < max; c = b->v[c].next)
		ret[n++] = c;
	return n;
}

void beside_walk(const struct beside *b, void (*visit)(void *ctx, uint32_t node), void *ctx)
{
	/* B1: what hangs together in a ring has no top, and isn't come to */
	for (uint32_t top = 1; top < b->n; top++) {
		uint32_t at = b->v[top].parent ? 0 : top;

		while (at) {
			visit(ctx, at);
			if (b->v[at].first) {
				at = b->v[at].first;
				continue;
			}
			while (at != top && !b->v[at].next)
				at = b->v[at].parent;
			at = at == top ? 0 : b->v[at].next;
		}
	}
}

/* A comment, or a place where a line may break: nobody sees either. */
static bool is_nothing(const struct engine *en, uint32_t node)
{
	const struct dom_node *d = dom_at(en->dom, node);

	return d->kind == DOM_COMMENT ||
	       (d->tag_tok && jtok_is(en->text, &en->toks.v[d->tag_tok], "wbr"));
}

/* The sibling before or behind that is something, 0: none. A few that are nothing are looked past.
 */
static uint32_t sibling(const struct engine *en, uint32_t node, bool back)
{
	const struct beside *b = en->beside;

	for (unsigned k = 0; k < LEVELS; k++) {
		node = back ? b->v[node].prev : b->v[node].next;
		if (!node || !is_nothing(en, node))
			return node;
	}
	return 0;
}

/* The only child that is something, 0: none or several. */
static uint32_t only_child(const struct engine *en, uint32_t node)
{
	uint32_t c = en->beside->v[node].first;

	for (unsigned k = 0; c && is_nothing(en, c) && k < LEVELS; k++)
		c = en->beside->v[c].next;
	return c && !is_nothing(en, c) && !sibling(en, c, false) ? c : 0;
}

/* The text that the node is, or that is all there is in it; 0: it is no piece. */
static uint32_t text_of(const struct engine *en, uint32_t node, bool *ret_wrapped)
{
	*ret_wrapped = false;
	for (unsigned k = 0; node && k <= LEVELS; k++) {
		const struct dom_node *d = dom_at(en->dom, node);

		if (d->own & (NF_STYLE | NF_SCRIPT | NF_TEXTAREA))
			return 0;
		if (d->kind == DOM_TEXT || en->beside->v[node].item)
			return en->beside->v[node].item ? node : 0;
		*ret_wrapped = true;
		node = only_child(en, node);
	}
	return 0;
}

static int put(struct beside *b, uint32_t item, bool wrapped)
{
	if (engine_grow((void **)&b->pieces, &b->pieces_cap, b->npieces, sizeof(*b->pieces)) < 0)
		return -ENOMEM;
	b->pieces[b->npieces++] = (struct piece){item, wrapped};
	return 0;
}

/* The siblings from `node` on to `end` (0: all), as groups. One text is no group. With `told` they
 * are all there is on either side. */
static int put_groups(struct engine *en, uint32_t node, uint32_t end, uint32_t told)
{
	struct beside *b = en->beside;
	size_t start = b->npieces;
	int r = 0;

	while (!r) {
		bool wrapped;
		uint32_t text = node && node != end ? text_of(en, node, &wrapped) : 0;

		if (text) {
			r = put(b, b->v[text].item - 1, wrapped);
			b->v[text].told = told;
		} else {
			if (b->npieces - start < 2)
				b->npieces = start;
			else
				r = put(b, BESIDE_GROUP_END, false);
			start = b->npieces;
			if (!node || node == end)
				break;
		}
		node = sibling(en, node, false);
	}
	return r;
}

/* The outermost node that holds nothing but the text, or the text. */
static uint32_t level_of(const struct engine *en, uint32_t text)
{
	const struct beside *b = en->beside;

	for (unsigned k = 0; k < LEVELS; k++) {
		uint32_t up = b->v[text].parent;

		if (!up || sibling(en, text, true) || sibling(en, text, false))
			break;
		text = up;
	}
	return text;
}

/* From `node` on until a sibling is no piece, or it is enough. Returns the last piece; *ret_all: it
 * is the last one of the row. */
static uint32_t reach_of(const struct engine *en, uint32_t node, bool back, bool *ret_all)
{
	uint32_t bytes = 0;

	*ret_all = false;
	for (unsigned k = 0; k < BESIDE_PIECES && bytes < BESIDE_BYTES; k++) {
		bool wrapped;
		uint32_t s = sibling(en, node, back), t = s ? text_of(en, s, &wrapped) : 0;

		if (!t) {
			*ret_all = true;
			break;
		}
		bytes += en->toks.v[en->items[en->beside->v[t].item - 1].tok].len;
		node = s;
	}
	return node;
}

/* A text that changed, with what is beside it now. */
static int around(struct engine *en, uint32_t text)
{
	bool all_before, all_behind;
	uint32_t level = level_of(en, text);
	uint32_t from = reach_of(en, level, /* back= */ true, &all_before);
	uint32_t to = reach_of(en, level, /* back= */ false, &all_behind);

	return put_groups(en, from, sibling(en, to, false),
			  all_before && all_behind ? (uint32_t)en->nitems : 0);
}

int beside_event_end(struct engine *en, size_t item, uint32_t node)
{
	struct beside *b = en->beside;
	uint32_t count = (uint32_t)dom_count(en->dom);
	bool page = node < count && count - node > 1; /* many at once: list by list */
	int r = 0;

	for (size_t i = item; i < en->nitems && !r; i++) {
		if (en->items[i].kind != IT_TEXT || !en->items[i].node)
			continue;
		r = reach(b, en->items[i].node);
		if (!r)
			b->v[en->items[i].node].item = (uint32_t)i + 1;
	}
	for (uint32_t k = node; page && k < count && k < b->n && !r; k++) {
		if (b->v[k].first != b->v[k].last)
			r = put_groups(en, b->v[k].first, 0, (uint32_t)en->nitems);
	}
	for (size_t i = item; i < en->nitems && !r; i++) {
		uint32_t text = en->items[i].node;

		if (en->items[i].kind == IT_TEXT && text && b->v[text].told != en->nitems)
			r = around(en, text);
	}
	return r;
}
