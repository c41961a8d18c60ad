/* selector-priv.h: a parsed list of selectors, between selector.c and selector-match.c. */
#ifndef REDACTFS_SELECTOR_PRIV_H
#define REDACTFS_SELECTOR_PRIV_H

#include "redactfs/selector.h"

#include <stdint.h>

enum simple_kind {
	SIMPLE_TAG = 1, /* lower case */
	SIMPLE_ANY,
	SIMPLE_ID,
	SIMPLE_CLASS,
	SIMPLE_ATTR,
	SIMPLE_NOT, /* what stands in its parentheses follows it, `inner` simples long */
};

enum attr_op {
	ATTR_PRESENT = 0,
	ATTR_EQUALS = '=',
	ATTR_WORD = '~',
	ATTR_DASH = '|',
	ATTR_STARTS = '^',
	ATTR_ENDS = '$',
	ATTR_HAS = '*',
};

/* Strings are stretches of the list's pool. */
struct simple {
	uint8_t kind, op;
	bool fold; /* [… i]: ASCII case doesn't count */
	uint32_t name, namelen;
	uint32_t value, valuelen;
	uint32_t inner;
};

/* What one element has to be: simples [first, end). */
struct compound {
	uint32_t first, end;
	bool child; /* it has to be the parent of the compound after it, else any ancestor */
};

/* Compounds [first, end), outermost first. */
struct selector {
	uint32_t first, end;
	uint32_t at, len; /* in the text that was parsed */
};

struct selector_list {
	struct simple *simples;     /* owned */
	struct compound *compounds; /* owned */
	struct selector *selectors; /* owned */
	char *pool;                 /* owned */
	size_t nsimples, ncompounds, nselectors, npool;
};

#endif
