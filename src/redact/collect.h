/* collect.h: gathers what was entered into the taint patterns. */
#ifndef REDACTFS_COLLECT_H
#define REDACTFS_COLLECT_H

#include "engine-priv.h"

/* After fields_decide; fills en->taint. 0, -ENOMEM. */
int collect_entered(struct engine *en);

/* The text of an editable element is one that the page put there as a hint ("Write to us…"): the
 * first edit of such an element left nothing of it, and nobody typed it. */
bool collect_is_hint(const struct engine *en, const char *s, size_t n);

#endif
