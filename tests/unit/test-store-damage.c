/* test-store-damage.c: what is damaged, forged or old is refused, and the rest of the store isn't.
 */
#include "store-fixture.h"

#include <sqlite3.h>

static void test_old_root(void **state)
{
	CLEANUP(buf_done) struct buf old = {0}, now = {0};
	struct store *s = fix_open(false);
	uint64_t a = fix_add(s, 1, 3, NULL);

	(void)state;
	(void)store_close(s);
	fix_load_file("root", &old);
	s = fix_open(false);
	(void)fix_add(s, 2, 3, NULL);
	(void)store_close(s);
	fix_load_file("root", &now);
	fix_save_file("root", &old);
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -ESTALE);
	fix_save_file("root", &now);
	s = fix_open(false);
	fix_expect(s, a, 1, 3);
	(void)store_close(s);
}

static void test_damaged_root(void **state)
{
	CLEANUP(buf_done) struct buf root = {0};
	struct store *s = fix_open(false);
	uint64_t a = fix_add(s, 1, 3, NULL);

	(void)state;
	(void)store_close(s);
	for (size_t at = 0; at < 8192; at += 61) {
		CLEANUP(buf_done) struct buf bad = {0};

		root.len = 0;
		fix_load_file("root", &root);
		/* the slot that counts; the other one is noise */
		size_t slot = !memcmp(root.p, "RFSROOT1", 8) ? 0 : 4096;
		if (at < slot || at >= slot + 4096)
			continue;
		assert_int_equal(buf_add(&bad, root.p, root.len), 0);
		bad.p[at] = (char)(bad.p[at] ^ 1);
		fix_save_file("root", &bad);
		int r = fix_try_open(FIX_PASSPHRASE, false, &s);
		assert_true(r == -EBADMSG || r == -EPROTONOSUPPORT);
		fix_save_file("root", &root);
	}
	s = fix_open(false);
	fix_expect(s, a, 1, 3);
	(void)store_close(s);
}

static int sql(const char *text)
{
	char path[160];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/catalog.db", fix_path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	int rc = sqlite3_exec(db, text, NULL, NULL, NULL);
	(void)sqlite3_close(db);
	return rc;
}

/* A session's row, key or blob is damaged: it alone is, and it says so. */
static void test_damaged_sessions(void **state)
{
	static const char *const damage[] = {
		"UPDATE session SET row = zeroblob(length(row)) WHERE ino = 1",
		"UPDATE session SET row = x'00' WHERE ino = 1",
		"UPDATE session SET row = (SELECT row FROM session WHERE ino = 2) WHERE ino = 1",
		"UPDATE session SET kid = kid + 50 WHERE ino = 2; UPDATE session SET kid ="
		" (SELECT kid + 1 FROM session WHERE ino = 1) WHERE ino = 1",
		"UPDATE session SET day_id = day_id + 1 WHERE ino = 1; INSERT INTO day(site_id,"
		" name, mtime_ns, next_kid) VALUES(1, '2026-11-24', 5, 0)",
	};
	(void)state;
	struct store *s = fix_open(false);
	assert_int_equal(fix_add(s, 1, 3, NULL), 1);
	assert_int_equal(fix_add(s, 2, 3, NULL), 2);
	assert_int_equal(fix_add(s, 3, 3, NULL), 3);
	for (size_t i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		struct session_row rows[4], row;
		struct reader *r;

		assert_int_equal(sql("CREATE TABLE keep AS SELECT * FROM session;"), SQLITE_OK);
		assert_int_equal(sql(damage[i]), SQLITE_OK);
		int n = store_session_list(s, 1, 0, rows, 4);
		bool moved = i == 4;
		assert_int_equal(n, i == 3 ? 2 : moved ? 2 : 3);
		assert_int_equal(store_session_get(s, 1, &row), 0);
		assert_int_equal(row.state, SESSION_DAMAGED);
		assert_string_equal(row.name, "damaged-1");
		assert_int_equal(store_session_find(s, row.day_id, "damaged-1", 9, &row), 0);
		assert_int_equal(store_session_find(s, row.day_id, "damaged-3", 9, &row), -ENOENT);
		assert_int_equal(store_reader_open(s, 1, false, &r, NULL), -EBADMSG);
		fix_expect(s, 3, 3, 3);
		assert_int_equal(sql("DELETE FROM session; INSERT INTO session SELECT * FROM keep;"
				     "DROP TABLE keep; DELETE FROM day WHERE id > 1"),
				 SQLITE_OK);
		fix_expect(s, 1, 1, 3);
	}
	/* what is damaged can still be erased */
	struct erase_result res;
	uint64_t ino = 1;
	assert_int_equal(sql(damage[0]), SQLITE_OK);
	assert_int_equal(erase_run(s, &ino, 1, "test", &res, NULL), 0);
	assert_int_equal(res.erased, 1);
	struct session_row rows[4];
	assert_int_equal(store_session_list(s, 1, 0, rows, 4), 2);
	/* a blob that is cut */
	char path[200];
	struct reader *r = NULL;
	struct catalog_session cs;
	struct catalog_conn *c;
	assert_int_equal(catalog_get(s->cat, &c), 0);
	assert_int_equal(catalog_session_get(c, 2, &cs), 0);
	(void)catalog_put(c);
	int n = snprintf(path, sizeof(path), "%s/blobs/%02x/", fix_path, cs.blob.b[0]);
	for (int i = 0; i < 16; i++)
		n += snprintf(path + n, sizeof(path) - (size_t)n, "%02x", cs.blob.b[i]);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	assert_int_equal(store_reader_open(s, 2, false, &r, NULL), -EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_reader_open(s, 2, false, &r, NULL), -EUCLEAN);
	assert_int_equal(store_session_list(s, 1, 0, rows, 4), 2);
	fix_expect(s, 3, 3, 3);
	(void)store_close(s);
}

/* Nobody gets into the store by a row of the catalog. */
static void test_operators_from_outside(void **state)
{
	struct store *s = fix_open(false);
	struct errinfo e = {0};

	(void)state;
	(void)fix_add(s, 1, 3, NULL);
	/* beside the open store: the next commit seals to nobody new */
	assert_int_equal(sql("INSERT INTO operator(email, roles, since, record) SELECT"
			     " 'eve@example.org', 12, 1, record FROM operator"),
			 SQLITE_OK);
	struct store_batch *b;
	struct session_id id;
	enum put_result res;
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	fix_rec_make(&rec, 2, 3);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &rec, &p, 0, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, &e), -EBADMSG);
	assert_int_equal(sql("UPDATE operator SET since = 3 WHERE id = 2"), SQLITE_OK);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
	(void)store_close(s);
	s = fix_open(false); /* the row is gone */
	(void)store_close(s);
	/* roles */
	assert_int_equal(sql("UPDATE operator SET roles = 15"), SQLITE_OK);
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -EBADMSG);
	assert_int_equal(sql("UPDATE operator SET roles = 12"), SQLITE_OK);
	s = fix_open(true);
	fix_expect(s, 1, 1, 3);
	fix_expect(s, 2, 2, 3);
	(void)store_close(s);
}

static void test_damaged_node(void **state)
{
	struct store *s = fix_open(false);

	(void)state;
	assert_int_equal(fix_add(s, 1, 3, NULL), 1);
	(void)store_close(s);
	assert_int_equal(sql("UPDATE node SET body = substr(body, 1, 1000) ||"
			     " CASE substr(body, 1001, 1) WHEN x'55' THEN x'aa' ELSE x'55' END ||"
			     " substr(body, 1002)"),
			 SQLITE_OK);
	/* the top node itself: there is nothing to go on with */
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -EBADMSG);
}

static void test_another_format(void **state)
{
	struct store *s;
	char pragma[64];

	(void)state;
	for (int i = -1; i <= 1; i += 2) { /* older, newer */
		(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d",
			       STORE_FORMAT + i);
		assert_int_equal(sql(pragma), SQLITE_OK);
		assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -EPROTONOSUPPORT);
	}
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", STORE_FORMAT);
	assert_int_equal(sql(pragma), SQLITE_OK);
	assert_int_equal(sql("PRAGMA application_id = 1"), SQLITE_OK);
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -EUCLEAN);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_old_root),         T(test_damaged_root),
		T(test_damaged_sessions), T(test_operators_from_outside),
		T(test_damaged_node),     T(test_another_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
