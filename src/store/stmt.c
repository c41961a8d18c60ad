/* stmt.c: see stmt.h. The text of a statement stands where it is used; its address is the key of
 * the connection's table of prepared ones, so that nobody keeps a second list of them. */
#include "stmt.h"

#include <stdarg.h>

int stmt_errno(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_MISMATCH:
		return -EUCLEAN;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_TOOBIG:
		return -E2BIG;
	default:
		return -EIO;
	}
}

int stmt_errno_of(sqlite3 *db, int rc)
{
	if ((rc & 0xff) != SQLITE_IOERR && (rc & 0xff) != SQLITE_CANTOPEN)
		return stmt_errno(rc);
	if (rc == SQLITE_IOERR_NOMEM)
		return -ENOMEM;
	if (rc == SQLITE_IOERR_SHMSIZE) /* a few KiB: nothing else keeps a file from growing */
		return -ENOSPC;
	switch (sqlite3_system_errno(db)) {
	case ENOSPC:
	case EDQUOT:
		return -ENOSPC;
	case ENOMEM:
		return -ENOMEM;
	case EMFILE:
		return -EMFILE;
	case ENFILE:
		return -ENFILE;
	case EROFS:
		return -EROFS;
	case EACCES:
		return -EACCES;
	default: /* never -ENOENT: that would say of a session that it is gone */
		return -EIO;
	}
}

static int prepare(struct catalog_conn *c, const char *sql, sqlite3_stmt **ret)
{
	size_t i = ((uintptr_t)sql * 0x9e3779b97f4a7c15u) >> 56;

	_Static_assert(STMT_SLOTS == 256, "the hash above has 8 bits");
	for (size_t tries = 0; tries < STMT_SLOTS; tries++, i = (i + 1) % STMT_SLOTS) {
		if (c->stmts[i].sql == sql) {
			*ret = c->stmts[i].st;
			return 0;
		}
		if (c->stmts[i].sql)
			continue;
		int rc = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
					    &c->stmts[i].st, NULL);
		if (rc != SQLITE_OK)
			/* a table or column that isn't there */
			return rc == SQLITE_ERROR ? -EUCLEAN : stmt_errno_of(c->db, rc);
		c->stmts[i].sql = sql;
		*ret = c->stmts[i].st;
		return 0;
	}
	return -ENOMEM;
}

static int bind(sqlite3_stmt *st, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; rc == SQLITE_OK && types[i - 1]; i++) {
		const char *p;

		/* the caller's bytes stay until the statement is reset: no copies of them */
		switch (types[i - 1]) {
		case 'i':
			rc = sqlite3_bind_int64(st, i, (sqlite3_int64)va_arg(ap, uint64_t));
			break;
		case 't':
			rc = sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		case 's':
			p = va_arg(ap, const char *);
			rc = sqlite3_bind_text64(st, i, p, va_arg(ap, size_t), SQLITE_STATIC,
						 SQLITE_UTF8);
			break;
		case 'b':
			p = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(st, i, p ? p : "", va_arg(ap, size_t),
						 SQLITE_STATIC);
			break;
		default:
			rc = sqlite3_bind_null(st, i);
		}
	}
	return stmt_errno(rc);
}

void stmt_end(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st); /* repeats the error that step gave */
	(void)sqlite3_clear_bindings(st);
}

int stmt_next(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	int r = stmt_errno_of(sqlite3_db_handle(st), rc);
	stmt_end(st);
	return r;
}

static int first(struct catalog_conn *c, sqlite3_stmt **ret, const char *sql, const char *types,
		 va_list ap)
{
	sqlite3_stmt *st = NULL;
	int r = prepare(c, sql, &st);

	if (r < 0)
		return r;
	r = bind(st, types, ap);
	if (r < 0) {
		stmt_end(st);
		return r;
	}
	r = stmt_next(st);
	if (r == 1)
		*ret = st;
	return r;
}

int stmt_first(struct catalog_conn *c, sqlite3_stmt **ret, const char *sql, const char *types, ...)
{
	va_list ap;

	va_start(ap, types);
	int r = first(c, ret, sql, types, ap);
	va_end(ap);
	return r;
}

int stmt_run(struct catalog_conn *c, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = NULL;
	va_list ap;

	if (!c->writes)
		return -EINVAL; /* a write outside of a write transaction: our own mistake */
	va_start(ap, types);
	int r = first(c, &st, sql, types, ap);
	va_end(ap);
	if (r == 1)
		stmt_end(st);
	return r < 0 ? r : 0;
}

int stmt_exec(struct catalog_conn *c, const char *sql)
{
	return stmt_errno_of(c->db, sqlite3_exec(c->db, sql, NULL, NULL, NULL));
}

void stmt_finalize_all(struct catalog_conn *c)
{
	for (size_t i = 0; i < STMT_SLOTS; i++) {
		(void)sqlite3_finalize(c->stmts[i].st); /* repeats an error already returned */
		c->stmts[i].st = NULL;
		c->stmts[i].sql = NULL;
	}
}

uint64_t stmt_u64(sqlite3_stmt *st, int col)
{
	return (uint64_t)sqlite3_column_int64(st, col);
}

int stmt_fixed(sqlite3_stmt *st, int col, void *out, size_t n)
{
	const void *p = sqlite3_column_blob(st, col);

	if (!p || (size_t)sqlite3_column_bytes(st, col) != n)
		return -EUCLEAN;
	memcpy(out, p, n);
	return 0;
}

int stmt_text(sqlite3_stmt *st, int col, char *out, size_t size)
{
	const unsigned char *p = sqlite3_column_text(st, col);
	size_t n = (size_t)sqlite3_column_bytes(st, col);

	if (!p || n >= size || memchr(p, 0, n))
		return -EUCLEAN;
	memcpy(out, p, n);
	out[n] = 0;
	return 0;
}

int stmt_bytes(sqlite3_stmt *st, int col, size_t max, struct buf *out)
{
	const void *p = sqlite3_column_blob(st, col);
	size_t n = (size_t)sqlite3_column_bytes(st, col);

	if (n > max)
		return -EUCLEAN;
	return n ? buf_add(out, p, n) : 0;
}
