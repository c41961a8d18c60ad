/* catalog-keys.c: rows of meta, operators, store secrets and key-tree nodes; see catalog.h.
 *
 * Nodes and secrets are written beside the ones in use and told apart by their epoch. Which of them
 * count is decided by the root slot alone: catalog_settle removes what it left behind,
 * catalog_unwind what it never reached. */
#include "stmt.h"

int catalog_meta_get(struct catalog_conn *c, const char *key, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT value FROM meta WHERE key = ?", "t", key);

	if (r < 0)
		return r;
	*ret = 0;
	if (r == 1) {
		*ret = stmt_u64(st, 0);
		stmt_end(st);
	}
	return 0;
}

int catalog_meta_set(struct catalog_conn *c, const char *key, uint64_t v)
{
	return stmt_run(c, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", "ti", key, v);
}

int catalog_store_id_get(struct catalog_conn *c, uint8_t ret[16])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT value FROM meta WHERE key = 'store_id'", "");

	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	r = stmt_fixed(st, 0, ret, 16);
	stmt_end(st);
	return r;
}

int catalog_store_id_set(struct catalog_conn *c, const uint8_t id[16])
{
	return stmt_run(c, "INSERT INTO meta(key, value) VALUES('store_id', ?)", "b", id,
			(size_t)16);
}

int catalog_meta_hash_get(struct catalog_conn *c, const char *key, uint8_t ret[HASH_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT value FROM meta WHERE key = ?", "t", key);

	if (r == 0)
		memset(ret, 0, HASH_BYTES);
	if (r <= 0)
		return r;
	r = stmt_fixed(st, 0, ret, HASH_BYTES);
	stmt_end(st);
	return r;
}

int catalog_meta_hash_set(struct catalog_conn *c, const char *key, const uint8_t v[HASH_BYTES])
{
	return stmt_run(c, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)", "tb", key, v,
			(size_t)HASH_BYTES);
}

static int operator_row(sqlite3_stmt *st, struct catalog_operator *op)
{
	op->id = stmt_u64(st, 0);
	op->roles = (uint32_t)stmt_u64(st, 2);
	op->since = stmt_u64(st, 3);
	op->until = stmt_u64(st, 4); /* NULL reads as 0 */
	int r = stmt_text(st, 1, op->email, sizeof(op->email));
	return r < 0 ? r : stmt_fixed(st, 5, op->record, sizeof(op->record));
}

int catalog_operator_list(struct catalog_conn *c, uint64_t epoch, uint64_t after,
			  struct catalog_operator *rows, size_t n)
{
	sqlite3_stmt *st;
	size_t i = 0;
	int r = stmt_first(c, &st,
			   "SELECT id, email, roles, since, until, record FROM operator"
			   " WHERE id > ?1 AND since <= ?2 AND (until IS NULL OR until > ?2)"
			   " ORDER BY id LIMIT ?3",
			   "iii", after, epoch, (uint64_t)n);

	while (r == 1) {
		r = operator_row(st, &rows[i++]);
		if (r < 0) {
			stmt_end(st);
			return r;
		}
		r = stmt_next(st);
	}
	return r < 0 ? r : (int)i;
}

int catalog_operator_add(struct catalog_conn *c, const struct catalog_operator *op)
{
	return stmt_run(c,
			"INSERT INTO operator(email, roles, since, until, record)"
			" VALUES(?, ?, ?, NULL, ?)",
			"tiib", op->email, (uint64_t)op->roles, op->since, op->record,
			sizeof(op->record));
}

int catalog_operator_end(struct catalog_conn *c, uint64_t id, uint64_t epoch)
{
	return stmt_run(c, "UPDATE operator SET until = ? WHERE id = ?", "ii", epoch, id);
}

int catalog_operator_update(struct catalog_conn *c, uint64_t id,
			    const uint8_t record[OPERATOR_RECORD_BYTES])
{
	return stmt_run(c, "UPDATE operator SET record = ? WHERE id = ?", "bi", record,
			(size_t)OPERATOR_RECORD_BYTES, id);
}

int catalog_secrets_get(struct catalog_conn *c, uint64_t epoch, uint8_t out[SECRETS_ROW_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT body FROM secret WHERE epoch = ?", "i", epoch);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = stmt_fixed(st, 0, out, SECRETS_ROW_BYTES);
	stmt_end(st);
	return r;
}

int catalog_secrets_put(struct catalog_conn *c, uint64_t epoch, const uint8_t in[SECRETS_ROW_BYTES])
{
	return stmt_run(c, "INSERT OR REPLACE INTO secret(epoch, body) VALUES(?, ?)", "ib", epoch,
			in, (size_t)SECRETS_ROW_BYTES);
}

int catalog_secrets_newest(struct catalog_conn *c, uint64_t *ret)
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st, "SELECT max(epoch) FROM secret", "");

	if (r < 0)
		return r;
	*ret = 0;
	if (r == 1) {
		*ret = stmt_u64(st, 0);
		stmt_end(st);
	}
	return 0;
}

int catalog_node_get(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		     uint8_t out[NODE_BYTES])
{
	sqlite3_stmt *st;
	int r = stmt_first(c, &st,
			   "SELECT body FROM node WHERE level = ? AND idx = ? AND epoch = ?", "iii",
			   (uint64_t)level, idx, epoch);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = stmt_fixed(st, 0, out, NODE_BYTES);
	stmt_end(st);
	return r;
}

int catalog_node_put(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		     const uint8_t in[NODE_BYTES])
{
	return stmt_run(c,
			"INSERT OR REPLACE INTO node(level, idx, epoch, body) VALUES(?, ?, ?, ?)",
			"iiib", (uint64_t)level, idx, epoch, in, (size_t)NODE_BYTES);
}

int catalog_stale_add(struct catalog_conn *c, uint32_t level, uint64_t idx, uint64_t epoch,
		      uint64_t by)
{
	return stmt_run(c, "INSERT OR REPLACE INTO stale(by, level, idx, epoch) VALUES(?, ?, ?, ?)",
			"iiii", by, (uint64_t)level, idx, epoch);
}

int catalog_settle(struct catalog_conn *c, uint64_t epoch)
{
	int r = stmt_run(c,
			 "DELETE FROM node WHERE rowid IN (SELECT n.rowid FROM stale s JOIN node n"
			 " ON n.level = s.level AND n.idx = s.idx AND n.epoch = s.epoch"
			 " WHERE s.by <= ?)",
			 "i", epoch);

	if (r == 0)
		r = stmt_run(c, "DELETE FROM stale WHERE by <= ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c, "DELETE FROM secret WHERE epoch < ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c, "DELETE FROM operator WHERE until <= ?", "i", epoch);
	return r;
}

int catalog_unwind(struct catalog_conn *c, uint64_t epoch)
{
	sqlite3_stmt *st;
	uint64_t sessions = 0, gone = 0;
	int r = stmt_run(c, "DELETE FROM node WHERE epoch > ?", "i", epoch);

	if (r == 0)
		r = stmt_run(c, "DELETE FROM stale WHERE by > ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c, "DELETE FROM secret WHERE epoch > ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c, "DELETE FROM operator WHERE since > ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c, "UPDATE operator SET until = NULL WHERE until > ?", "i", epoch);
	if (r < 0)
		return r;
	r = stmt_first(c, &st, "SELECT count(*) FROM session WHERE since > ?", "i", epoch);
	if (r == 1) {
		gone = stmt_u64(st, 0);
		stmt_end(st);
	}
	if (r < 0 || !gone)
		return r < 0 ? r : 0;
	/* an import that never was: its blobs, its days, its sites */
	r = stmt_run(c,
		     "INSERT OR REPLACE INTO loose(blob, kind)"
		     " SELECT blob, 1 FROM session WHERE since > ?",
		     "i", epoch);
	if (r == 0)
		r = stmt_run(c,
			     "DELETE FROM intent WHERE ino IN"
			     " (SELECT ino FROM session WHERE since > ?)",
			     "i", epoch);
	if (r == 0)
		r = stmt_run(c,
			     "DELETE FROM day WHERE id IN"
			     " (SELECT day_id FROM session WHERE since > ?1) AND NOT EXISTS"
			     " (SELECT 1 FROM session WHERE day_id = day.id AND since <= ?1)",
			     "i", epoch);
	if (r == 0)
		r = stmt_run(c, "DELETE FROM session WHERE since > ?", "i", epoch);
	if (r == 0)
		r = stmt_run(c,
			     "DELETE FROM site WHERE NOT EXISTS"
			     " (SELECT 1 FROM day WHERE site_id = site.id)",
			     "");
	if (r == 0)
		r = catalog_meta_get(c, META_SESSIONS, &sessions);
	return r < 0 ? r
		     : catalog_meta_set(c, META_SESSIONS, sessions > gone ? sessions - gone : 0);
}
