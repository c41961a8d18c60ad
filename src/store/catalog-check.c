/* catalog-check.c: what only a check or a backup of the whole store asks of the catalog; see
 * catalog.h. */
#include "stmt.h"

#include "redactfs/io.h"

#include <fcntl.h>

int catalog_check(struct catalog_conn *c, int (*each)(void *ctx, const char *what), void *ctx)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->db, "PRAGMA integrity_check(100)", -1, &st, NULL), r = 0;

	while (rc == SQLITE_OK && r == 0) {
		rc = sqlite3_step(st);
		if (rc != SQLITE_ROW)
			break;
		const char *what = (const char *)sqlite3_column_text(st, 0);
		if (what && strcmp(what, "ok") != 0)
			r = each(ctx, what);
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(st); /* repeats rc */
	/* damage that keeps it from going on is an answer, too */
	if (r == 0 && stmt_errno(rc) == -EUCLEAN)
		return each(ctx, "the file can't be read to its end");
	return r != 0 ? r : stmt_errno(rc);
}

int catalog_node_count(struct catalog_conn *c, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT count(*) FROM node n WHERE NOT EXISTS (SELECT 1 FROM stale s"
			   " WHERE s.level = n.level AND s.idx = n.idx AND s.epoch = n.epoch)",
			   "");

	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}

int catalog_loose_has(struct catalog_conn *c, const struct blob_id *id)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT 1 FROM loose WHERE blob = ?", "b", id, sizeof(*id));

	if (r == 1)
		stmt_end(st);
	return r;
}

int catalog_policy_walk(struct catalog_conn *c, int (*each)(void *ctx, const char *site), void *ctx)
{
	sqlite3_stmt *st;
	char site[LIMIT_SITE_BYTES + 1];
	int r = stmt_first(c, &st, "SELECT DISTINCT site FROM policy", "");

	while (r == 1) {
		r = stmt_text(st, 0, site, sizeof(site));
		if (r == 0)
			r = each(ctx, site);
		if (r != 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r;
}

int catalog_copy(struct catalog_conn *c, const char *path)
{
	CLEANUP_FD int fd = io_open_at(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600);
	sqlite3 *to = NULL;

	if (fd < 0)
		return fd;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK) {
		/* nobody else knows the file: nothing to go back to, no journal that would stay */
		rc = sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL,
				  NULL);
	}
	sqlite3_backup *b = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", c->db, "main") : NULL;
	if (b) {
		rc = sqlite3_backup_step(b, -1);
		int rc2 = sqlite3_backup_finish(b);
		rc = rc == SQLITE_DONE ? rc2 : rc;
	} else if (rc == SQLITE_OK) {
		rc = sqlite3_errcode(to);
	}
	int rc3 = sqlite3_close(to);
	int r = stmt_errno(rc != SQLITE_OK ? rc : rc3);
	return r < 0 ? r : io_sync(fd);
}
