/* catalog-audit.c: rows of the audit log, and of what it tells; see catalog.h. */
#include "stmt.h"

int catalog_audit_last(struct catalog_conn *c, uint64_t *ret_seq, uint8_t ret_hash[HASH_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", "");

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	uint64_t seq = stmt_u64(st, 0);
	r = stmt_fixed(st, 1, ret_hash, HASH_BYTES);
	stmt_end(st);
	if (r == 0)
		*ret_seq = seq;
	return r;
}

int catalog_audit_add(struct catalog_conn *c, const struct audit_entry *a)
{
	return stmt_run(
		c,
		"INSERT INTO audit(seq, epoch, at_ns, kind, operator, detail, prev, hash, sig)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"iiitttbbb", a->seq, a->epoch, (uint64_t)a->at_ns, a->kind, a->operator_email,
		a->detail, a->prev, sizeof(a->prev), a->hash, sizeof(a->hash), a->sig,
		sizeof(a->sig));
}

#define AUDIT_COLUMNS                                                                              \
	"SELECT seq, epoch, at_ns, kind, operator, detail, prev, hash, sig FROM audit "

static int audit_row(sqlite3_stmt *st, struct audit_entry *a)
{
	a->seq = stmt_u64(st, 0);
	a->epoch = stmt_u64(st, 1);
	a->at_ns = (int64_t)stmt_u64(st, 2);
	int r = stmt_text(st, 3, a->kind, sizeof(a->kind));
	if (r == 0)
		r = stmt_text(st, 4, a->operator_email, sizeof(a->operator_email));
	if (r == 0)
		r = stmt_text(st, 5, a->detail, sizeof(a->detail));
	if (r == 0)
		r = stmt_fixed(st, 6, a->prev, sizeof(a->prev));
	if (r == 0)
		r = stmt_fixed(st, 7, a->hash, sizeof(a->hash));
	return r < 0 ? r : stmt_fixed(st, 8, a->sig, sizeof(a->sig));
}

static int audit_one(int r, sqlite3_stmt *st, struct audit_entry *ret)
{
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = audit_row(st, ret);
	stmt_end(st);
	return r;
}

int catalog_audit_get(struct catalog_conn *c, uint64_t seq, struct audit_entry *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, AUDIT_COLUMNS "WHERE seq = ?", "i", seq);

	return audit_one(r, st, ret);
}

int catalog_audit_newest(struct catalog_conn *c, const char *kind, uint64_t epoch,
			 struct audit_entry *ret)
{
	sqlite3_stmt *st = NULL;
	int r = epoch ? stmt_first(c, &st,
				   AUDIT_COLUMNS
				   "WHERE kind = ? AND epoch = ? ORDER BY seq DESC LIMIT 1",
				   "ti", kind, epoch)
		      : stmt_first(c, &st, AUDIT_COLUMNS "WHERE kind = ? ORDER BY seq DESC LIMIT 1",
				   "t", kind);

	return audit_one(r, st, ret);
}

int catalog_audit_list(struct catalog_conn *c, uint64_t after, struct audit_entry *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st, AUDIT_COLUMNS "WHERE seq > ? ORDER BY seq LIMIT ?", "ii", after,
			   (uint64_t)n);

	while (r == 1) {
		r = audit_row(st, &rows[i++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_audit_end(struct catalog_conn *c, uint64_t epoch, uint64_t *ret_seq)
{
	sqlite3_stmt *st;
	/* entries are in order of their epochs: it is the newest one, or a few before it */
	int r = stmt_first(c, &st,
			   "SELECT seq FROM audit WHERE epoch <= ? ORDER BY seq DESC LIMIT 1", "i",
			   epoch);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_seq = stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}

int catalog_audit_cut(struct catalog_conn *c, uint64_t seq)
{
	int r = stmt_run(c, "DELETE FROM audit WHERE seq > ?", "i", seq);

	return r < 0 ? r : stmt_run(c, "DELETE FROM erased WHERE seq > ?", "i", seq);
}

/* ---- which entry tells of which erasure */

int catalog_erased_add(struct catalog_conn *c, const uint8_t id_h[LOOKUP_BYTES], uint64_t seq)
{
	return stmt_run(c, "INSERT OR IGNORE INTO erased(id_h, seq) VALUES(?, ?)", "bi", id_h,
			(size_t)LOOKUP_BYTES, seq);
}

int catalog_erased_find(struct catalog_conn *c, const uint8_t id_h[LOOKUP_BYTES], uint64_t *ret_seq)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT seq FROM erased WHERE id_h = ? ORDER BY seq DESC LIMIT 1", "b",
			   id_h, (size_t)LOOKUP_BYTES);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_seq = stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}

int catalog_erased_walk(struct catalog_conn *c, uint64_t seq,
			int (*each)(void *ctx, uint64_t seq, const uint8_t id_h[LOOKUP_BYTES]),
			void *ctx)
{
	uint8_t id_h[LOOKUP_BYTES];
	sqlite3_stmt *st;
	int r = seq ? stmt_first(c, &st, "SELECT id_h, seq FROM erased WHERE seq = ? ORDER BY id_h",
				 "i", seq)
		    : stmt_first(c, &st, "SELECT id_h, seq FROM erased ORDER BY seq, id_h", "");

	while (r == 1) {
		r = stmt_fixed(st, 0, id_h, sizeof(id_h));
		if (r == 0)
			r = each(ctx, stmt_u64(st, 1), id_h);
		if (r != 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r;
}
