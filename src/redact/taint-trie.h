/* taint-trie.h: a trie over characters, of which most states have one way on: it lies in the state
 * itself, and only others are looked up. Walked at each character of what was entered and wherever
 * that may stand. */
#ifndef REDACTFS_TAINT_TRIE_H
#define REDACTFS_TAINT_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trie_state {
	uint32_t c, to;        /* the first way on; to 0: none */
	uint32_t accept, deep; /* the owner's: what ends here; 0: nothing */
	bool more;             /* other ways on, in `edges` */
};

struct trie_edge {
	uint64_t key; /* state << 21 | character, plus 1; 0: free */
	uint32_t to;
};

struct trie {
	struct trie_state *v; /* owned; the roots come first */
	size_t n, cap;
	struct trie_edge *edges; /* owned; a power of two, or none */
	size_t nedges, edges_cap;
	uint64_t seed; /* of the hash */
};

/* 0 or -ENOMEM; end with trie_done in any case. */
int trie_init(struct trie *t, size_t roots, uint64_t seed);
void trie_done(struct trie *t);

/* The state that follows on `c`, made when there is none. 0 or -ENOMEM. */
int trie_make_child(struct trie *t, uint32_t state, uint32_t c, uint32_t *ret);
uint32_t trie_child_other(const struct trie *t, uint32_t state, uint32_t c);
/* The same, or 0: a root is nobody's child. */
static inline uint32_t trie_child(const struct trie *t, uint32_t state, uint32_t c)
{
	const struct trie_state *s = &t->v[state];

	if (s->c == c)
		return s->to;
	return s->more ? trie_child_other(t, state, c) : 0;
}

/* Of a key; two seeds give unrelated values. */
static inline size_t trie_mix(uint64_t k, uint64_t seed)
{
	k = (k ^ seed) * 0x9e3779b97f4a7c15ull;
	k = (k ^ k >> 31 ^ seed >> 9) * 0xd6e8feb86659fd93ull;
	return (size_t)(k ^ k >> 32);
}

#endif
