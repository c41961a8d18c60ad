/* boxes.h: what several form controls hold together: a number in groups, a code with a box for each
 * character, a date of birth in three. `last` is, for each field, the item of its latest value,
 * plus 1; 0: none. 0, or -ENOMEM. */
#ifndef BOXES_H
#define BOXES_H

#include "engine-priv.h"

struct boxes {
	struct engine *en;
	const uint32_t *last; /* borrowed */
	uint32_t *order;      /* owned: fields, in the order of the page */
	size_t n;
	struct buf *tmp; /* borrowed */
};
int boxes_open(struct boxes *b, struct engine *en, const uint32_t *last, struct buf *tmp);
void boxes_done(struct boxes *b);

/* Gives fields the class that they have only together. */
int boxes_decide(struct boxes *b);
/* Adds what they hold together to what is looked for. After classes are settled. */
int boxes_joined(struct boxes *b);

/* A whole date (1961-04-23, 23/04/1961): whether it is one, and so long before the item's event
 * that pages have no other use for it than as a date of birth. */
bool boxes_is_date(const struct engine *en, const struct item *it, const char *s, size_t n,
		   bool *ret_long_ago);

#endif
