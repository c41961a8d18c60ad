/* stmt.h: prepared statements of one connection, and values in and out of them. */
#ifndef STMT_H
#define STMT_H

#include "redactfs/catalog.h"

#include <sqlite3.h>

#define STMT_SLOTS 256u /* a power of two, over twice the number of statements there are */

struct catalog_conn {
	struct catalog *cat; /* borrowed */
	sqlite3 *db;         /* owned */
	struct {
		const char *sql; /* the literal itself is the key */
		sqlite3_stmt *st;
	} stmts[STMT_SLOTS];
	bool in_txn;
	bool writes;               /* the transaction may write */
	bool relaxed;              /* synchronous=NORMAL is set */
	bool writer;               /* of catalog_get_writer */
	struct catalog_conn *next; /* in the pool */
};

/* -errno of an SQLite result code; with `db`, which has just given it, why a file couldn't be
 * opened or written: -ENOSPC, -EMFILE, -EROFS… Never -ENOENT. */
int stmt_errno(int rc);
int stmt_errno_of(sqlite3 *db, int rc);

/* Binds and runs a statement that gives no row. `types` has a letter a parameter: i uint64_t,
 * t const char * (to its NUL), s const char * and size_t, b const void * and size_t, n nothing
 * (NULL). `sql` is a literal: it is prepared once a connection. */
int stmt_run(struct catalog_conn *c, const char *sql, const char *types, ...);
/* Binds and steps to the first row: 1 (then read columns, and end with stmt_end), 0: no row
 * (already ended), or -errno (already ended). */
int stmt_first(struct catalog_conn *c, sqlite3_stmt **ret, const char *sql, const char *types, ...);
/* To the next row: as stmt_first. */
int stmt_next(sqlite3_stmt *st);
void stmt_end(sqlite3_stmt *st);
/* Runs SQL that needs no parameters and isn't worth keeping. */
int stmt_exec(struct catalog_conn *c, const char *sql);
void stmt_finalize_all(struct catalog_conn *c);

/* Columns. -EUCLEAN when the row holds something else than it must. */
uint64_t stmt_u64(sqlite3_stmt *st, int col);
int stmt_fixed(sqlite3_stmt *st, int col, void *out, size_t n);
int stmt_text(sqlite3_stmt *st, int col, char *out, size_t size);
int stmt_bytes(sqlite3_stmt *st, int col, size_t max, struct buf *out);

/* schema.c */
int schema_create(sqlite3 *db);
int schema_configure(sqlite3 *db); /* what every connection sets */
int schema_check(sqlite3 *db, int *ret_format);

#endif
