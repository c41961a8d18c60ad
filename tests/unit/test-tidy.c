/* test-tidy.c: what an erasure leaves for later, and that nobody sees it. */
#include "store-fixture.h"

#include <sqlite3.h>

static uint64_t count(const char *sql)
{
	char path[160];
	sqlite3 *db;
	sqlite3_stmt *st;

	(void)snprintf(path, sizeof(path), "%s/catalog.db", fix_path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	uint64_t n = (uint64_t)sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

#define SESSIONS "SELECT count(*) FROM session"
#define INTENTS  "SELECT count(*) FROM intent"
#define STALE    "SELECT count(*) FROM stale"
#define SECRETS  "SELECT count(*) FROM secret"

static void erase_one(struct store *s, uint64_t ino)
{
	struct erase_result res;

	assert_int_equal(erase_run(s, &ino, 1, "test", &res, NULL), 0);
	assert_int_equal(res.erased, 1);
}

static void test_rows_wait(void **state)
{
	struct store *s = fix_open(false);
	struct session_row row;
	struct store_space space;
	struct verify_stats stats;
	uint64_t pending;
	uint8_t key[KEY_BYTES];

	(void)state;
	for (int i = 0; i < 70; i++)
		(void)fix_add(s, i, 1, NULL);
	erase_one(s, 2);
	/* erased in every respect, its row apart */
	assert_int_equal(count(SESSIONS), 70);
	assert_int_equal(count(INTENTS), 1);
	assert_int_equal(store_session_get(s, 2, &row), -ENOENT);
	assert_int_equal(store_key_get(s, 1, key), -ENOKEY);
	assert_int_equal(store_erase_pending_count(s, &pending), 0);
	assert_int_equal(store_space(s, &space), 0);
	assert_int_equal(space.sessions, 69);
	const struct verify_ops none = {0};
	assert_int_equal(store_verify(s, &none, &stats, NULL), 0);
	assert_int_equal(stats.faults, 0);
	/* what the last commit superseded goes with the next one's rows */
	assert_true(count(STALE) > 0);
	assert_int_equal(count(SECRETS), 2);
	for (uint64_t ino = 3; ino <= 64; ino++)
		erase_one(s, ino);
	assert_int_equal(count(INTENTS), 63);
	assert_int_equal(count(SECRETS), 2);
	/* the 64th is worth a transaction */
	erase_one(s, 65);
	assert_int_equal(count(INTENTS), 0);
	assert_int_equal(count(SESSIONS), 6);
	assert_int_equal(count(STALE), 0);
	assert_int_equal(count(SECRETS), 1);
	/* and there is nothing more to do */
	uint64_t before, after;
	assert_int_equal(store_change_seq(s, &before), 0);
	assert_int_equal(store_tidy(s), 0);
	assert_int_equal(store_change_seq(s, &after), 0);
	assert_int_equal(before, after);
	/* nor is it forgotten when the store is closed */
	erase_one(s, 66);
	(void)store_close(s);
	assert_int_equal(count(INTENTS), 0);
	assert_int_equal(count(SESSIONS), 5);
	assert_int_equal(count(STALE), 0);
}

/* Another process may have done it, or have erased something itself. */
static void test_two_tidy(void **state)
{
	struct store *s = fix_open(false), *other;
	uint64_t pending;

	(void)state;
	for (int i = 0; i < 4; i++)
		(void)fix_add(s, i, 1, NULL);
	other = fix_open(false);
	erase_one(s, 1);
	erase_one(other, 2);
	assert_int_equal(count(INTENTS), 2);
	assert_int_equal(erase_recover(other, NULL), 0);
	assert_int_equal(count(INTENTS), 0);
	assert_int_equal(store_tidy(s), 0);
	assert_int_equal(store_tidy(other), 0);
	assert_int_equal(store_erase_pending_count(s, &pending), 0);
	assert_int_equal(count(SESSIONS), 2);
	fix_expect(s, 3, 2, 1);
	fix_expect(other, 4, 3, 1);
	(void)store_close(other);
	(void)store_close(s);
	assert_int_equal(count(STALE), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_rows_wait),
		T(test_two_tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
