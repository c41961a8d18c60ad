/* store-rows.h: opened rows of sessions, kept while they hold.
 *
 * A backup asks for the same row some five times: listed, looked up, opened, looked at once more.
 * Each time costs a transaction of the catalog and the opening of the row, against one look at the
 * change counter here. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "redactfs/store.h"

struct store_rows;
int store_rows_new(struct store_rows **ret);
/* Wipes them. NULL is fine; returns NULL. */
struct store_rows *store_rows_free(struct store_rows *t);
DEFINE_CLEANUP_PTR(struct store_rows *, store_rows_free)

/* Lets go of what has changed since the last look, in whatever process. *ret_at: rows read from the
 * catalog after this call may be kept with it. */
int store_rows_look(struct store *s, uint64_t *ret_at);
/* Of a look just had. */
bool store_rows_find(struct store_rows *t, uint64_t at, uint64_t ino, struct session_row *ret);
/* Rows that were read after the look `at`; those that something may have happened to since aren't
 * kept. */
void store_rows_keep(struct store_rows *t, uint64_t at, const struct session_row *rows, size_t n);
void store_rows_forget(struct store_rows *t, uint64_t ino);

#endif
