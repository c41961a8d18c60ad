/* schema.c: the tables (docs/FORMAT.md "Catalog") and what every connection sets.
 *
 * Everything personal in here is sealed under keys that die with the root slot, so nothing rests on
 * SQLite forgetting what was deleted; secure_delete is on because it costs little. */
#include "stmt.h"

#include "redactfs/store.h"

#include <stdio.h>

#define APPLICATION_ID 0x52465301

/* AUTOINCREMENT where a number must never come back; UNIQUE on what a look-up must find one of.
 * Names by day: those of a day share pages, of which a large store has no more a day than a small
 * one. */
static const char schema_sql[] =
	"BEGIN EXCLUSIVE;"
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE operator(id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL,"
	" roles INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER, record BLOB NOT NULL);"
	"CREATE TABLE secret(epoch INTEGER PRIMARY KEY, body BLOB NOT NULL);"
	"CREATE TABLE node(level INTEGER NOT NULL, idx INTEGER NOT NULL, epoch INTEGER NOT NULL,"
	" body BLOB NOT NULL, UNIQUE(level, idx, epoch));"
	"CREATE INDEX node_epoch ON node(epoch);"
	"CREATE TABLE stale(by INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL, PRIMARY KEY(by, level, idx, epoch)) WITHOUT ROWID;"
	"CREATE TABLE site(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
	" mtime_ns INTEGER NOT NULL);"
	"CREATE TABLE day(id INTEGER PRIMARY KEY AUTOINCREMENT, site_id INTEGER NOT NULL,"
	" name TEXT NOT NULL, mtime_ns INTEGER NOT NULL, next_kid INTEGER NOT NULL,"
	" UNIQUE(site_id, name));"
	"CREATE TABLE session(ino INTEGER PRIMARY KEY AUTOINCREMENT, day_id INTEGER NOT NULL,"
	" kid INTEGER NOT NULL UNIQUE, since INTEGER NOT NULL, state INTEGER NOT NULL,"
	" blob BLOB NOT NULL, id_h BLOB NOT NULL UNIQUE, name_h BLOB NOT NULL,"
	" body_h BLOB NOT NULL, visitor_h BLOB, row BLOB NOT NULL, plan BLOB NOT NULL,"
	" UNIQUE(day_id, name_h));"
	"CREATE INDEX session_day ON session(day_id);"
	"CREATE INDEX session_since ON session(since);"
	"CREATE INDEX session_body ON session(body_h);"
	"CREATE INDEX session_visitor ON session(visitor_h) WHERE visitor_h IS NOT NULL;"
	"CREATE TABLE loose(blob BLOB PRIMARY KEY, kind INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE tombstone(h BLOB PRIMARY KEY, kind INTEGER NOT NULL, at_ns INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE intent(ino INTEGER PRIMARY KEY, kid INTEGER NOT NULL, at_ns INTEGER NOT NULL,"
	" operator TEXT NOT NULL, reason TEXT NOT NULL);"
	"CREATE TABLE policy(site TEXT NOT NULL, seq INTEGER NOT NULL, at_ns INTEGER NOT NULL,"
	" body BLOB NOT NULL, PRIMARY KEY(site, seq)) WITHOUT ROWID;"
	"CREATE TABLE audit(seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, at_ns INTEGER NOT "
	"NULL,"
	" kind TEXT NOT NULL, operator TEXT NOT NULL, detail TEXT NOT NULL, prev BLOB NOT NULL,"
	" hash BLOB NOT NULL, sig BLOB NOT NULL);"
	"CREATE TABLE hold(ino INTEGER NOT NULL, kind INTEGER NOT NULL, at_ns INTEGER NOT NULL,"
	" operator TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(ino, kind)) WITHOUT ROWID;"
	"CREATE TABLE erased(id_h BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(id_h, seq))"
	" WITHOUT ROWID;"
	"CREATE TABLE change(seq INTEGER PRIMARY KEY, kind INTEGER NOT NULL, ino INTEGER NOT NULL,"
	" day_id INTEGER NOT NULL, site_id INTEGER NOT NULL);"
	"COMMIT;";

int schema_create(sqlite3 *db)
{
	char head[128];
	int rc;

	(void)snprintf(head, sizeof(head),
		       "PRAGMA application_id=%d; PRAGMA user_version=%d; PRAGMA journal_mode=WAL;",
		       APPLICATION_ID, STORE_FORMAT);
	rc = sqlite3_exec(db, head, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, schema_sql, NULL, NULL, NULL);
	return stmt_errno(rc);
}

int schema_configure(sqlite3 *db)
{
	int rc = sqlite3_busy_timeout(db, 20000); /* writers queue at the store's lock: only
						   * checkpoints and recovery ever wait here */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db,
				  "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
				  "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
				  "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
				  /* 16 MiB of WAL rather than 4: many small commits in a row write
				   * the same pages, and each checkpoint costs two syncs */
				  "PRAGMA wal_autocheckpoint=4000;",
				  NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	return stmt_errno_of(db, rc);
}

static int pragma_int(sqlite3 *db, const char *sql, int *ret)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			*ret = sqlite3_column_int(st, 0);
	}
	(void)sqlite3_finalize(st); /* repeats rc */
	return rc == SQLITE_ROW ? 0 : rc == SQLITE_DONE ? -EUCLEAN : stmt_errno_of(db, rc);
}

int schema_check(sqlite3 *db, int *ret_format)
{
	int app = 0;
	int r = pragma_int(db, "PRAGMA application_id", &app);

	if (r == 0)
		r = pragma_int(db, "PRAGMA user_version", ret_format);
	if (r < 0)
		return r;
	if (app != APPLICATION_ID)
		return -EUCLEAN;
	return *ret_format == STORE_FORMAT ? 0 : -EPROTONOSUPPORT;
}
