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
	/* Lower-case tag name; borrowed until the next call. */
	const char *(*tag)(void *ctx, unsigned node, size_t *ret_len);
	/* NULL: no such attribute. */
	const char *(*attr)(void *ctx, unsigned node, const char *name, size_t namelen,
			    size_t *ret_len);
	/* 0: none. Shadow roots are transparent: the host is the parent. */
	unsigned (*parent)(void *ctx, unsigned node);
};

struct selector_list;
/* -EINVAL with the byte offset in `e`; -E2BIG: over 256 selectors or 64 compounds in one. */
int selector_parse(const char *s, size_t len, struct selector_list **ret, struct errinfo *e);
struct selector_list *selector_free(struct selector_list *l);
DEFINE_CLEANUP_PTR(struct selector_list *, selector_free)
bool selector_match(const struct selector_list *l, const struct selector_dom *dom, unsigned node);

#endif
