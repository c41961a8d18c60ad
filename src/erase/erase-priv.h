/* erase-priv.h: what the files of src/erase share. */
#ifndef ERASE_PRIV_H
#define ERASE_PRIV_H

#include "redactfs/erase.h"

/* Takes intended sessions from there to "rows gone". May be repeated. */
int erase_steps_finish(struct store *s, const struct erase_item *items, size_t n,
		       uint64_t *ret_epoch, struct errinfo *e);
/* erase_run on items, of which the first ret->erased are then those that it erased. *ret_intended
 * is set in any case: did it come to the intents? */
int erase_items(struct store *s, struct erase_item *items, size_t n, const char *reason,
		struct erase_result *ret, bool *ret_intended, struct errinfo *e);

#endif
