/* beside-priv.h: groups of neighbouring texts, between the file that makes them (beside.c) and the
 * one that reads them (beside-scan.c). */
#ifndef BESIDE_PRIV_H
#define BESIDE_PRIV_H

#include "beside.h"

/* Neighbours on either side of a text that changed, and bytes of them: a value that is spread over
 * more is not found. */
#define BESIDE_PIECES 24u
#define BESIDE_BYTES  512u
/* Of a longer text only its ends are beside anything. */
#define BESIDE_END_BYTES 256u

struct sibling {
	uint32_t first, last; /* children */
	uint32_t next, prev;  /* siblings */
	uint32_t parent;      /* whose list it is in; 0: none */
	uint32_t item;        /* a text node's latest text: number of the item, plus 1 */
	uint32_t told;        /* items there were when all that is beside it was put into a group */
	uint32_t before, behind; /* siblings that came to stand there last, though removed since */
};

/* One text of a group. */
struct piece {
	uint32_t item : 31;   /* number of it */
	uint32_t wrapped : 1; /* alone in an element of its own */
};
#define BESIDE_GROUP_END UINT32_C(0x7fffffff)

struct beside {
	struct sibling *v; /* owned; by node */
	size_t n, cap;
	struct piece *pieces; /* owned; groups, each with an item of BESIDE_GROUP_END behind it */
	size_t npieces, pieces_cap;
};

#endif
