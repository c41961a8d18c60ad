/* erase-priv.h: what the files of src/erase share. */
#ifndef ERASE_PRIV_H
#define ERASE_PRIV_H

#include "redactfs/erase.h"

/* Takes intended sessions from there to "rows gone". May be repeated. */
int erase_steps_finish(struct store *s, const struct erase_item *items, size_t n,
		       uint64_t *ret_epoch, struct errinfo *e);

#endif
