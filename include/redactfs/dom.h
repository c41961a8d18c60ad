/* dom.h: the DOM of a recording, as far as sensitivity needs it: which node is whose child, and
 * flags that come down from ancestors.
 *
 * A node keeps every parent it ever had and every flag it ever got: what held for a moment holds
 * for the session. Node ids restart at each full snapshot, so a node is an (epoch, id); the same id
 * within one epoch is the same node, however often it was added. Pure; not thread-safe. */
#ifndef REDACTFS_DOM_H
#define REDACTFS_DOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dom_kind {
	DOM_UNKNOWN = 0, /* spoken of, never seen */
	DOM_DOCUMENT,
	DOM_ELEMENT,
	DOM_TEXT,
	DOM_COMMENT,
	DOM_OTHER,
};

/* The elements that are treated in a way of their own. */
enum dom_tag {
	TAG_OTHER = 0,
	TAG_INPUT,
	TAG_TEXTAREA,
	TAG_SELECT,
	TAG_OPTION,
	TAG_BUTTON,
	TAG_LABEL,
	TAG_STYLE,
	TAG_SCRIPT,
	TAG_LINK,
	TAG_META,
	TAG_TITLE,
};

struct dom_node {
	uint32_t parent;  /* the latest; 0: none */
	uint32_t attrs;   /* token of the attributes it came with; 0: none */
	uint32_t patches; /* newest entry of the caller's list of attribute mutations; 0: none */
	uint32_t text;    /* token of the first text seen (text nodes) */
	uint32_t field;   /* the caller's number of a form field; 0: none */
	uint16_t own;     /* the node's own flags */
	uint16_t eff;     /* own and what comes from ancestors; after dom_propagate */
	uint8_t kind;     /* enum dom_kind */
	uint8_t tag;      /* enum dom_tag */
	uint32_t tag_tok; /* token of tagName; 0: none */
	uint32_t epoch; /* of the page it is on: one number for each full snapshot of each window */
};

struct dom;
/* `inherited` are the flags that come down to descendants. NULL: out of memory. */
struct dom *dom_new(uint16_t inherited);
struct dom *dom_free(struct dom *d);

/* A new page in this window: ids mean other nodes from now on. */
void dom_epoch(struct dom *d, uint32_t window);
/* The node of an id, made when there is none. 0: -ENOMEM, or LIMIT_NODES reached (dom_error). */
uint32_t dom_node(struct dom *d, uint32_t window, int64_t id);
/* The same, or 0 when there is none. */
uint32_t dom_find(const struct dom *d, uint32_t window, int64_t id);
/* A node without an id of its own. */
uint32_t dom_anonymous(struct dom *d);
/* -ENOMEM or -E2BIG when a call above gave 0; else 0. */
int dom_error(const struct dom *d);

/* Valid until the next node is made. Index 0 is no node. */
struct dom_node *dom_at(struct dom *d, uint32_t node);
size_t dom_count(const struct dom *d); /* indexes 1 … count - 1 */

/* `child` is (also) below `parent`. 0 or -ENOMEM. */
int dom_link(struct dom *d, uint32_t child, uint32_t parent);

/* Fills eff of every node: along every edge that ever was, cycles included. O(edges * flags). */
int dom_propagate(struct dom *d);

/* The children of a node, in the order they were linked; after dom_propagate. */
const uint32_t *dom_children(const struct dom *d, uint32_t node, size_t *ret_n);

enum dom_tag dom_tag_of(const char *name, size_t len);

#endif
