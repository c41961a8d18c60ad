/* catalog-hold.c: rows of sessions on legal hold, or restricted; see catalog.h. */
#include "stmt.h"

int catalog_hold_add(struct catalog_conn *c, const struct catalog_hold *h)
{
	return stmt_run(c,
			"INSERT INTO hold(ino, kind, at_ns, operator, reason)"
			" VALUES(?, ?, ?, ?, ?)",
			"iiitt", h->ino, (uint64_t)h->kind, (uint64_t)h->at_ns, h->operator_email,
			h->reason);
}

int catalog_hold_remove(struct catalog_conn *c, uint64_t ino, uint32_t kind)
{
	int r = stmt_run(c, "DELETE FROM hold WHERE ino = ? AND kind = ?", "ii", ino,
			 (uint64_t)kind);

	return r < 0 ? r : sqlite3_changes(c->db) ? 0 : -ENOENT;
}

int catalog_hold_has(struct catalog_conn *c, uint64_t ino, uint32_t kind)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT 1 FROM hold WHERE ino = ? AND kind = ?", "ii", ino,
			   (uint64_t)kind);

	if (r == 1)
		stmt_end(st);
	return r;
}

int catalog_hold_list(struct catalog_conn *c, uint32_t kind, uint64_t after,
		      struct catalog_hold *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st,
			   "SELECT ino, at_ns, operator, reason FROM hold WHERE ino > ?"
			   " AND kind = ? ORDER BY ino LIMIT ?",
			   "iii", after, (uint64_t)kind, (uint64_t)n);

	while (r == 1) {
		struct catalog_hold *h = &rows[i++];

		h->ino = stmt_u64(st, 0);
		h->kind = kind;
		h->at_ns = (int64_t)stmt_u64(st, 1);
		r = stmt_text(st, 2, h->operator_email, sizeof(h->operator_email));
		if (r == 0)
			r = stmt_text(st, 3, h->reason, sizeof(h->reason));
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_hold_count(struct catalog_conn *c, uint32_t kind, uint32_t but, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT count(*) FROM hold WHERE kind = ? AND ino NOT IN"
			   " (SELECT ino FROM hold WHERE kind = ?)",
			   "ii", (uint64_t)kind, (uint64_t)but);

	if (r < 0)
		return r;
	*ret = stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}
