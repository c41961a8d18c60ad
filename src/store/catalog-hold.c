/* catalog-hold.c: rows of sessions on legal hold; see catalog.h. */
#include "stmt.h"

int catalog_hold_add(struct catalog_conn *c, const struct catalog_hold *h)
{
	return stmt_run(c, "INSERT INTO hold(ino, at_ns, operator, reason) VALUES(?, ?, ?, ?)",
			"iitt", h->ino, (uint64_t)h->at_ns, h->operator_email, h->reason);
}

int catalog_hold_remove(struct catalog_conn *c, uint64_t ino)
{
	int r = stmt_run(c, "DELETE FROM hold WHERE ino = ?", "i", ino);

	return r < 0 ? r : sqlite3_changes(c->db) ? 0 : -ENOENT;
}

int catalog_hold_has(struct catalog_conn *c, uint64_t ino)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT 1 FROM hold WHERE ino = ?", "i", ino);

	if (r == 1)
		stmt_end(st);
	return r;
}

int catalog_hold_list(struct catalog_conn *c, uint64_t after, struct catalog_hold *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st,
			   "SELECT ino, at_ns, operator, reason FROM hold WHERE ino > ?"
			   " ORDER BY ino LIMIT ?",
			   "ii", after, (uint64_t)n);

	while (r == 1) {
		struct catalog_hold *h = &rows[i++];

		h->ino = stmt_u64(st, 0);
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
