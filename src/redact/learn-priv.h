/* learn-priv.h: what the two halves of pass 1 share: learn.c goes through the events, learn-node.c
 * through serialized nodes and their attributes. */
#ifndef LEARN_PRIV_H
#define LEARN_PRIV_H

#include "engine-priv.h"

/* Members that rrweb defines; what a member is called is asked of every key there is. */
enum member {
	M_OTHER,
	M_ATTRIBUTES,
	M_CHILD_NODES,
	M_FLAG, /* of a node: true, false, or a number */
	M_ID,
	M_IS_STYLE,
	M_NEXT_ID, /* previousId as well */
	M_NODE,
	M_PARENT_ID,
	M_TAG_NAME,
	M_TEXT_CONTENT,
	M_TYPE,
};

struct learner {
	struct engine *en;
	const char *text;
	const struct jtok *v;
	uint32_t window, event;
	uint32_t next;  /* the next serialized node stands before this one; 0: at the end */
	struct buf tmp; /* owned: unescaped text of the moment */
};

/* ---- learn.c: 0 or -errno */
int learn_item(struct learner *l, uint32_t tok, uint32_t node, enum item_kind kind);
/* The error of the DOM that just refused a node. */
int learn_dom_failed(struct learner *l);
/* Lists every string and number of v[from..to) as free text; without `numbers` it is structure,
 * where keys that are plain words are rrweb's own. */
int learn_text(struct learner *l, uint32_t from, uint32_t to, uint32_t node, bool numbers,
	       enum item_kind kind);
/* A key that is known in its place. One that isn't done with holds structure: numbers and truths;
 * strings are text wherever they stand. */
struct known_key {
	const char *s;
	uint8_t n;
	bool done; /* the caller has dealt with its value */
};
#define KNOWN(s)                                                                                   \
	{                                                                                          \
		s, sizeof(s) - 1, false                                                            \
	}
#define DONE(s)                                                                                    \
	{                                                                                          \
		s, sizeof(s) - 1, true                                                             \
	}
/* The members of an object, but for those that the caller has dealt with. */
int learn_members(struct learner *l, uint32_t obj, uint32_t node, bool numbers,
		  const struct known_key *known, size_t nknown);
#define LEARN_MEMBERS(l, obj, node, numbers, ...)                                                  \
	({                                                                                         \
		static const struct known_key known_[] = {__VA_ARGS__};                            \
		learn_members(l, obj, node, numbers, known_, sizeof(known_) / sizeof(known_[0]));  \
	})
bool learn_id(const struct learner *l, uint32_t obj, const char *key, int64_t *ret);

/* ---- learn-node.c */
enum member learn_member(const struct learner *l, uint32_t key);
/* The members of an attributes object, at a node. */
int learn_attributes(struct learner *l, uint32_t node, uint32_t obj);
/* A serialized node and all below it. Depth is bounded by LIMIT_DEPTH / 2: the tokenizer saw to it.
 */
int learn_node(struct learner *l, uint32_t obj, uint32_t parent);

#endif
