/* catalog-tree.c: rows of sites, days and sessions; see catalog.h. Lists go by key, never by
 * OFFSET: a page costs what it holds, wherever it starts. */
#include "stmt.h"

/* A session that is being erased is not there for lists and counts. */
#define NOT_ERASING " AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.ino = s.ino)"

/* ---- sites */

#define SITE_COLUMNS "SELECT id, name, mtime_ns FROM site "

static int site_row(sqlite3_stmt *st, struct catalog_site *ret)
{
	ret->id = stmt_u64(st, 0);
	ret->mtime_ns = (int64_t)stmt_u64(st, 2);
	return stmt_text(st, 1, ret->name, sizeof(ret->name));
}

static int site_one(int r, sqlite3_stmt *st, struct catalog_site *ret)
{
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = site_row(st, ret);
	stmt_end(st);
	return r;
}

int catalog_site_find(struct catalog_conn *c, const char *name, size_t len,
		      struct catalog_site *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, SITE_COLUMNS "WHERE name = ?", "s", name, len);

	return site_one(r, st, ret);
}

int catalog_site_get(struct catalog_conn *c, uint64_t id, struct catalog_site *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, SITE_COLUMNS "WHERE id = ?", "i", id);

	return site_one(r, st, ret);
}

int catalog_site_list(struct catalog_conn *c, uint64_t after, struct catalog_site *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st, SITE_COLUMNS "WHERE id > ? ORDER BY id LIMIT ?", "ii", after,
			   (uint64_t)n);

	while (r == 1) {
		r = site_row(st, &rows[i++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_site_add(struct catalog_conn *c, const char *name, int64_t mtime_ns, uint64_t *ret_id)
{
	int r = stmt_run(c, "INSERT INTO site(name, mtime_ns) VALUES(?, ?)", "ti", name,
			 (uint64_t)mtime_ns);

	if (r == 0)
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(c->db);
	return r;
}

int catalog_site_touch(struct catalog_conn *c, uint64_t id, int64_t mtime_ns)
{
	return stmt_run(c, "UPDATE site SET mtime_ns = ? WHERE id = ?", "ii", (uint64_t)mtime_ns,
			id);
}

static int removed_one(struct catalog_conn *c, int r)
{
	return r < 0 ? r : sqlite3_changes(c->db) ? 0 : -ENOENT;
}

/* 1: the query has a row, 0: none. */
static int any(int r, sqlite3_stmt *st)
{
	if (r == 1)
		stmt_end(st);
	return r;
}

int catalog_site_remove(struct catalog_conn *c, uint64_t id)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, "SELECT 1 FROM day WHERE site_id = ? LIMIT 1", "i", id);

	r = any(r, st);
	if (r != 0)
		return r < 0 ? r : -ENOTEMPTY;
	return removed_one(c, stmt_run(c, "DELETE FROM site WHERE id = ?", "i", id));
}

/* ---- days */

#define DAY_COLUMNS "SELECT id, site_id, name, mtime_ns, next_kid FROM day "

static int day_row(sqlite3_stmt *st, struct catalog_day *ret)
{
	ret->id = stmt_u64(st, 0);
	ret->site_id = stmt_u64(st, 1);
	ret->mtime_ns = (int64_t)stmt_u64(st, 3);
	ret->next_kid = stmt_u64(st, 4);
	return stmt_text(st, 2, ret->name, sizeof(ret->name));
}

static int day_one(int r, sqlite3_stmt *st, struct catalog_day *ret)
{
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = day_row(st, ret);
	stmt_end(st);
	return r;
}

int catalog_day_find(struct catalog_conn *c, uint64_t site_id, const char *name, size_t len,
		     struct catalog_day *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, DAY_COLUMNS "WHERE site_id = ? AND name = ?", "is", site_id,
			   name, len);

	return day_one(r, st, ret);
}

int catalog_day_get(struct catalog_conn *c, uint64_t id, struct catalog_day *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, DAY_COLUMNS "WHERE id = ?", "i", id);

	return day_one(r, st, ret);
}

int catalog_day_list(struct catalog_conn *c, uint64_t site_id, uint64_t after,
		     struct catalog_day *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st, DAY_COLUMNS "WHERE site_id = ? AND id > ? ORDER BY id LIMIT ?",
			   "iii", site_id, after, (uint64_t)n);

	while (r == 1) {
		r = day_row(st, &rows[i++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_day_add(struct catalog_conn *c, uint64_t site_id, const char *name, int64_t mtime_ns,
		    uint64_t *ret_id)
{
	int r = stmt_run(c, "INSERT INTO day(site_id, name, mtime_ns, next_kid) VALUES(?, ?, ?, 0)",
			 "iti", site_id, name, (uint64_t)mtime_ns);

	if (r == 0)
		*ret_id = (uint64_t)sqlite3_last_insert_rowid(c->db);
	return r;
}

int catalog_day_touch(struct catalog_conn *c, uint64_t id, int64_t mtime_ns)
{
	return stmt_run(c, "UPDATE day SET mtime_ns = ? WHERE id = ?", "ii", (uint64_t)mtime_ns,
			id);
}

int catalog_day_set_kid(struct catalog_conn *c, uint64_t id, uint64_t next_kid)
{
	return stmt_run(c, "UPDATE day SET next_kid = ? WHERE id = ?", "ii", next_kid, id);
}

int catalog_day_remove(struct catalog_conn *c, uint64_t id)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(
		c, &st, "SELECT 1 FROM session s WHERE day_id = ?" NOT_ERASING " LIMIT 1", "i", id);

	r = any(r, st);
	if (r != 0)
		return r < 0 ? r : -ENOTEMPTY;
	return removed_one(c, stmt_run(c, "DELETE FROM day WHERE id = ?", "i", id));
}

/* ---- sessions */

#define SESSION_COLUMNS                                                                            \
	"SELECT ino, day_id, kid, since, state, EXISTS (SELECT 1 FROM intent i"                    \
	" WHERE i.ino = s.ino), blob, id_h, name_h, body_h, visitor_h, row FROM session s "

static int session_row(sqlite3_stmt *st, struct catalog_session *ret)
{
	ret->ino = stmt_u64(st, 0);
	ret->day_id = stmt_u64(st, 1);
	ret->kid = stmt_u64(st, 2);
	ret->since = stmt_u64(st, 3);
	ret->state = (uint32_t)stmt_u64(st, 4);
	ret->erasing = stmt_u64(st, 5) != 0;
	ret->has_visitor = sqlite3_column_type(st, 10) != SQLITE_NULL;
	int r = stmt_fixed(st, 6, &ret->blob, sizeof(ret->blob));
	if (r == 0)
		r = stmt_fixed(st, 7, ret->id_h, LOOKUP_BYTES);
	if (r == 0)
		r = stmt_fixed(st, 8, ret->name_h, LOOKUP_BYTES);
	if (r == 0)
		r = stmt_fixed(st, 9, ret->body_h, LOOKUP_BYTES);
	if (r == 0 && ret->has_visitor)
		r = stmt_fixed(st, 10, ret->visitor_h, LOOKUP_BYTES);
	if (r < 0)
		return r;
	/* of another length: damaged, and found out when it is opened */
	size_t n = (size_t)sqlite3_column_bytes(st, 11);
	const void *p = sqlite3_column_blob(st, 11);
	ret->row_len = (uint16_t)(p && n <= sizeof(ret->row) ? n : 0);
	if (ret->row_len)
		memcpy(ret->row, p, ret->row_len);
	return 0;
}

static int session_one(int r, sqlite3_stmt *st, struct catalog_session *ret)
{
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = session_row(st, ret);
	stmt_end(st);
	return r;
}

static int session_rows(int r, sqlite3_stmt *st, struct catalog_session *rows)
{
	int n = 0;

	while (r == 1) {
		r = session_row(st, &rows[n++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : n;
}

int catalog_session_get(struct catalog_conn *c, uint64_t ino, struct catalog_session *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, SESSION_COLUMNS "WHERE ino = ?", "i", ino);

	return session_one(r, st, ret);
}

int catalog_session_find(struct catalog_conn *c, enum catalog_by by, const uint8_t h[LOOKUP_BYTES],
			 struct catalog_session *ret)
{
	static const char *const sql[] = {
		[BY_ID] = SESSION_COLUMNS "WHERE id_h = ?",
		[BY_BODY] = SESSION_COLUMNS "WHERE body_h = ? ORDER BY ino LIMIT 1",
	};
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, sql[by], "b", h, (size_t)LOOKUP_BYTES);

	return session_one(r, st, ret);
}

int catalog_session_named(struct catalog_conn *c, uint64_t day_id, const uint8_t h[LOOKUP_BYTES],
			  struct catalog_session *ret)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, SESSION_COLUMNS "WHERE day_id = ? AND name_h = ?", "ib", day_id,
			   h, (size_t)LOOKUP_BYTES);

	return session_one(r, st, ret);
}

int catalog_session_list(struct catalog_conn *c, uint64_t day_id, uint64_t after,
			 struct catalog_session *rows, size_t n)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st,
			   SESSION_COLUMNS "WHERE day_id = ? AND ino > ?" NOT_ERASING
					   " ORDER BY ino LIMIT ?",
			   "iii", day_id, after, (uint64_t)n);

	return session_rows(r, st, rows);
}

int catalog_session_list_all(struct catalog_conn *c, uint64_t after, struct catalog_session *rows,
			     size_t n)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st, SESSION_COLUMNS "WHERE ino > ? ORDER BY ino LIMIT ?", "ii",
			   after, (uint64_t)n);

	return session_rows(r, st, rows);
}

int catalog_session_list_visitor(struct catalog_conn *c, const uint8_t h[LOOKUP_BYTES],
				 uint64_t after, struct catalog_session *rows, size_t n)
{
	sqlite3_stmt *st = NULL;
	int r = stmt_first(c, &st,
			   SESSION_COLUMNS "WHERE visitor_h = ? AND ino > ?" NOT_ERASING
					   " ORDER BY ino LIMIT ?",
			   "bii", h, (size_t)LOOKUP_BYTES, after, (uint64_t)n);

	return session_rows(r, st, rows);
}

int catalog_session_plan(struct catalog_conn *c, uint64_t ino, struct buf *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT plan FROM session WHERE ino = ?", "i", ino);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = stmt_bytes(st, 0, SESSION_PLAN_MAX, ret);
	stmt_end(st);
	return r;
}

int catalog_session_id_h(struct catalog_conn *c, uint64_t ino, uint8_t ret[LOOKUP_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT id_h FROM session WHERE ino = ?", "i", ino);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = stmt_fixed(st, 0, ret, LOOKUP_BYTES);
	stmt_end(st);
	return r;
}

int catalog_session_next(struct catalog_conn *c, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT seq FROM sqlite_sequence WHERE name = 'session'", "");

	if (r < 0)
		return r;
	*ret = 1;
	if (r == 1) {
		*ret = stmt_u64(st, 0) + 1;
		stmt_end(st);
	}
	return 0;
}

int catalog_session_add(struct catalog_conn *c, const struct catalog_session *s, const void *plan,
			size_t planlen)
{
	static const char with_visitor[] =
		"INSERT INTO session(ino, day_id, kid, since, state, blob, id_h, name_h, body_h,"
		" row, plan, visitor_h) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	static const char without[] =
		"INSERT INTO session(ino, day_id, kid, since, state, blob, id_h, name_h, body_h,"
		" row, plan) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	/* the last one is only looked at where `types` asks for it */
	return stmt_run(c, s->has_visitor ? with_visitor : without,
			s->has_visitor ? "iiiiibbbbbbb" : "iiiiibbbbbb", s->ino, s->day_id, s->kid,
			s->since, (uint64_t)s->state, &s->blob, sizeof(s->blob), s->id_h,
			(size_t)LOOKUP_BYTES, s->name_h, (size_t)LOOKUP_BYTES, s->body_h,
			(size_t)LOOKUP_BYTES, s->row, (size_t)s->row_len, plan, planlen,
			s->visitor_h, (size_t)LOOKUP_BYTES);
}

int catalog_session_update(struct catalog_conn *c, uint64_t ino, const void *row, size_t rowlen,
			   const void *plan, size_t planlen)
{
	return stmt_run(c, "UPDATE session SET row = ?, plan = ? WHERE ino = ?", "bbi", row, rowlen,
			plan, planlen, ino);
}

int catalog_session_move(struct catalog_conn *c, uint64_t ino, const struct blob_id *blob,
			 const void *row, size_t rowlen, const void *plan, size_t planlen)
{
	return stmt_run(c, "UPDATE session SET blob = ?, row = ?, plan = ? WHERE ino = ?", "bbbi",
			blob, sizeof(*blob), row, rowlen, plan, planlen, ino);
}

int catalog_session_set_state(struct catalog_conn *c, uint64_t ino, uint32_t state)
{
	return removed_one(c, stmt_run(c, "UPDATE session SET state = ? WHERE ino = ?", "ii",
				       (uint64_t)state, ino));
}

int catalog_session_remove(struct catalog_conn *c, uint64_t ino)
{
	return removed_one(c, stmt_run(c, "DELETE FROM session WHERE ino = ?", "i", ino));
}
