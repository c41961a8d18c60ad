/* catalog-check.c: what only a check of the whole store asks of the catalog; see catalog.h. */
#include "stmt.h"

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
