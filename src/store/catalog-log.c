/* catalog-log.c: rows of intents, loose blobs, tombstones, policies and changes; see catalog.h. */
#include "stmt.h"

#define CHANGES_KEPT 65536u

/* ---- erasures */

static int intent_row(sqlite3_stmt *st, struct catalog_intent *ret)
{
	ret->ino = stmt_u64(st, 0);
	ret->kid = stmt_u64(st, 1);
	ret->at_ns = (int64_t)stmt_u64(st, 2);
	int r = stmt_text(st, 3, ret->operator_email, sizeof(ret->operator_email));
	return r < 0 ? r : stmt_text(st, 4, ret->reason, sizeof(ret->reason));
}

int catalog_intent_add(struct catalog_conn *c, const struct catalog_intent *i)
{
	return stmt_run(c,
			"INSERT OR IGNORE INTO intent(ino, kid, at_ns, operator, reason)"
			" VALUES(?, ?, ?, ?, ?)",
			"iiitt", i->ino, i->kid, (uint64_t)i->at_ns, i->operator_email, i->reason);
}

int catalog_intent_get(struct catalog_conn *c, uint64_t ino, struct catalog_intent *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT ino, kid, at_ns, operator, reason FROM intent WHERE ino = ?",
			   "i", ino);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = intent_row(st, ret);
	stmt_end(st);
	return r;
}

int catalog_intent_list(struct catalog_conn *c, uint64_t after, struct catalog_intent *rows,
			size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st,
			   "SELECT ino, kid, at_ns, operator, reason FROM intent WHERE ino > ?"
			   " ORDER BY ino LIMIT ?",
			   "ii", after, (uint64_t)n);

	while (r == 1) {
		r = intent_row(st, &rows[i++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_intent_count(struct catalog_conn *c, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT count(*) FROM intent", "");

	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}

int catalog_intent_remove(struct catalog_conn *c, uint64_t ino)
{
	return stmt_run(c, "DELETE FROM intent WHERE ino = ?", "i", ino);
}

int catalog_loose_add(struct catalog_conn *c, const struct blob_id *id, enum loose_kind kind)
{
	return stmt_run(c, "INSERT OR REPLACE INTO loose(blob, kind) VALUES(?, ?)", "bi", id,
			sizeof(*id), (uint64_t)kind);
}

int catalog_loose_remove(struct catalog_conn *c, const struct blob_id *id)
{
	return stmt_run(c, "DELETE FROM loose WHERE blob = ?", "b", id, sizeof(*id));
}

int catalog_loose_list(struct catalog_conn *c, enum loose_kind kind, struct blob_id *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st, "SELECT blob FROM loose WHERE kind = ? LIMIT ?", "ii",
			   (uint64_t)kind, (uint64_t)n);

	while (r == 1) {
		r = stmt_fixed(st, 0, &rows[i++], sizeof(*rows));
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_tombstone_add(struct catalog_conn *c, const uint8_t h[HASH_BYTES], uint32_t kind,
			  int64_t at_ns)
{
	int r = stmt_run(c, "INSERT OR IGNORE INTO tombstone(h, kind, at_ns) VALUES(?, ?, ?)",
			 "bii", h, (size_t)HASH_BYTES, (uint64_t)kind, (uint64_t)at_ns);

	return r < 0 ? r : sqlite3_changes(c->db);
}

int catalog_tombstone_has(struct catalog_conn *c, const uint8_t h[HASH_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT 1 FROM tombstone WHERE h = ?", "b", h,
			   (size_t)HASH_BYTES);

	if (r == 1)
		stmt_end(st);
	return r;
}

int catalog_tombstone_walk(struct catalog_conn *c,
			   int (*each)(void *ctx, const uint8_t h[HASH_BYTES], uint32_t kind),
			   void *ctx)
{
	sqlite3_stmt *st;
	uint8_t h[HASH_BYTES];
	int r = stmt_first(c, &st, "SELECT h, kind FROM tombstone", "");

	while (r == 1) {
		r = stmt_fixed(st, 0, h, sizeof(h));
		if (r == 0)
			r = each(ctx, h, (uint32_t)stmt_u64(st, 1));
		if (r != 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r;
}

/* ---- policies */

#define POLICY_BODY_MAX (1u << 20)

int catalog_policy_get(struct catalog_conn *c, const char *site, uint64_t *ret_seq,
		       struct buf *ret_body)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT seq, body FROM policy WHERE site = ?"
			   " ORDER BY seq DESC LIMIT 1",
			   "t", site);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_seq = stmt_u64(st, 0);
	r = ret_body ? stmt_bytes(st, 1, POLICY_BODY_MAX, ret_body) : 0;
	stmt_end(st);
	return r;
}

int catalog_policy_at(struct catalog_conn *c, const char *site, uint64_t seq, struct buf *ret_body)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT body FROM policy WHERE site = ? AND seq = ?", "ti", site,
			   seq);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = stmt_bytes(st, 0, POLICY_BODY_MAX, ret_body);
	stmt_end(st);
	return r;
}

int catalog_policy_set(struct catalog_conn *c, const char *site, uint64_t seq, int64_t at_ns,
		       const void *body, size_t len)
{
	return stmt_run(c, "INSERT INTO policy(site, seq, at_ns, body) VALUES(?, ?, ?, ?)", "tiib",
			site, seq, (uint64_t)at_ns, body, len);
}

static int time_of(sqlite3_stmt *st, int r, int64_t *ret_ns)
{
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_ns = (int64_t)stmt_u64(st, 0);
	stmt_end(st);
	return 0;
}

int catalog_policy_time(struct catalog_conn *c, const char *site, int64_t *ret_ns)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT at_ns FROM policy WHERE site = ? ORDER BY seq DESC LIMIT 1", "t",
			   site);

	return time_of(st, r, ret_ns);
}

int catalog_audit_time(struct catalog_conn *c, int64_t *ret_ns)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT at_ns FROM audit ORDER BY seq DESC LIMIT 1", "");

	return time_of(st, r, ret_ns);
}

/* ---- changes */

int catalog_change_add(struct catalog_conn *c, const struct catalog_change *ch)
{
	return stmt_run(c,
			"INSERT INTO change(seq, kind, ino, day_id, site_id) VALUES(?, ?, ?, ?, ?)",
			"iiiii", ch->seq, (uint64_t)ch->kind, ch->ino, ch->day_id, ch->site_id);
}

int catalog_change_list(struct catalog_conn *c, uint64_t after, uint64_t upto,
			struct catalog_change *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st,
			   "SELECT seq, kind, ino, day_id, site_id FROM change"
			   " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
			   "iii", after, upto, (uint64_t)n);

	while (r == 1) {
		rows[i++] = (struct catalog_change){
			.seq = stmt_u64(st, 0),
			.kind = (uint32_t)stmt_u64(st, 1),
			.ino = stmt_u64(st, 2),
			.day_id = stmt_u64(st, 3),
			.site_id = stmt_u64(st, 4),
		};
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_change_newest(struct catalog_conn *c, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT max(seq) FROM change", "");

	if (r < 0)
		return r;
	*ret = 0;
	if (r == 1) {
		*ret = stmt_u64(st, 0);
		stmt_end(st);
	}
	return 0;
}

int catalog_change_trim(struct catalog_conn *c)
{
	sqlite3_stmt *st;
	uint64_t oldest = 0, newest;
	int r = catalog_change_newest(c, &newest);

	if (r < 0)
		return r;
	r = stmt_first(c, &st, "SELECT min(seq) FROM change", "");
	if (r == 1) {
		oldest = stmt_u64(st, 0);
		stmt_end(st);
	}
	/* numbers have gaps: what is kept is bounded, not exact */
	if (r < 0 || newest - oldest < 2 * CHANGES_KEPT)
		return r < 0 ? r : 0;
	r = catalog_meta_set(c, META_CHANGE_FLOOR, newest - CHANGES_KEPT);
	return r < 0 ? r
		     : stmt_run(c, "DELETE FROM change WHERE seq <= ?", "i", newest - CHANGES_KEPT);
}
