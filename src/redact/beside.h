/* beside.h: texts that stand beside one another on the page. Frameworks make one sentence of
 * several text nodes ("Hello ", "jane", "@", "example.org"), and pages wrap its parts in elements,
 * so that what is to be found lies in no text node alone.
 *
 * Pass 1 keeps the order of siblings as it is at each moment and notes groups of neighbours, each
 * with the texts that they show then; pass 2 reads each group as one text. */
#ifndef BESIDE_H
#define BESIDE_H

#include "engine-priv.h"
#include "scan.h"

struct beside;
struct beside *beside_new(void); /* NULL: out of memory */
struct beside *beside_free(struct beside *b);

/* ---- pass 1; 0 or -ENOMEM. */
/* `child` stands below `parent` from now on, before `next` (0: at the end). */
int beside_insert(struct beside *b, uint32_t child, uint32_t parent, uint32_t next);
void beside_remove(struct beside *b, uint32_t child);
/* The event is over: items from `item` on and nodes from `node` on are its own. */
int beside_event_end(struct engine *en, size_t item, uint32_t node);

/* ---- after pass 1. The siblings that stood right before and behind a node when one of them last
 * came there (0: none), wherever they are now. */
uint32_t beside_before(const struct beside *b, uint32_t node);
uint32_t beside_behind(const struct beside *b, uint32_t node);
/* The first `max` children in the order of the page, as they are at the end. Returns how many. */
size_t beside_children(const struct beside *b, uint32_t parent, uint32_t *ret, size_t max);
/* Every node in the order of its page, parts that were taken out after one another. */
void beside_walk(const struct beside *b, void (*visit)(void *ctx, uint32_t node), void *ctx);

/* ---- pass 2: adds spans for what the groups hold. With `settled` (spans of the engine, sorted)
 * over 0 only where spans went in, and as it reads with them in place; with `last` whatever is
 * still found then is redacted as a whole. */
int beside_scan(struct scanner *sc, size_t settled, bool last);

#endif
