/* selector.h: the CSS selectors that a site's policy may use for block, mask and unmask. Pure.
 *
 * Supported: type, *, #id, .class, [attr], [attr=v] with = ~= |= ^= $= *= and the i flag,
 * :not(compound), descendant and child combinators, lists. Anything else is refused with its
 * position. */
#ifndef REDACTFS_SELECTOR_H
#define REDACTFS_SELECTOR_H

#include "redactfs/cleanup.h"
#include "redactfs/err.h"

#include <stdbool.h>
#include <stddef.h>

/* How a matcher sees the caller's tree; a node is any non-zero number. */
struct selector_dom {
	void *ctx;
	/* Tag name, in any case; borrowed until the next call. */
	const char *(*tag)(void *ctx, unsigned node, size_t *ret_len);
	/* The value, borrowed until the next call; NULL: no such attribute. `name` is lower case.
	 */
	const char *(*attr)(void *ctx, unsigned node, const char *name, size_t namelen,
			    size_t *ret_len);
	/* 0: none. Shadow roots are transparent: the host is the parent. */
	unsigned (*parent)(void *ctx, unsigned node);
};

struct selector_list;
#define SELECTOR_LIST_MAX      32768u /* a policy has 256; what holds of many together has more */
#define SELECTOR_BYTES_MAX     (1u << 20)
#define SELECTOR_COMPOUNDS_MAX 64u

/* -EINVAL with the byte offset in `e` (an empty list too); -E2BIG: over SELECTOR_LIST_MAX
 * selectors, SELECTOR_COMPOUNDS_MAX compounds in one, SELECTOR_BYTES_MAX in all; -ENOMEM. Ids,
 * classes and values are compared as written, as in a page in standards mode. */
int selector_parse(const char *s, size_t len, struct selector_list **ret, struct errinfo *e);
struct selector_list *selector_free(struct selector_list *l);
DEFINE_CLEANUP_PTR(struct selector_list *, selector_free)
/* 1: a selector of the list means the node; 0: none does; -1: none is known to, but one looked at
 * LIMIT_SELECTOR_STEPS ancestors and didn't get to an end: the tree has a cycle, or is deeper than
 * any browser's. */
int selector_match(const struct selector_list *l, const struct selector_dom *dom, unsigned node);

/* How many selectors a list has (NULL: none), and whether two are written the same but for white
 * space: to see whether a policy has lost or gained one. */
size_t selector_count(const struct selector_list *l);
/* Where selector i stands in the text that was parsed. */
size_t selector_at(const struct selector_list *l, size_t i, size_t *ret_len);
bool selector_same(const struct selector_list *a, size_t i, const struct selector_list *b,
		   size_t k);

#endif
