/* Opened rows that are kept: found as long as they hold, and not a moment longer. */
#include "store-fixture.h"

static uint64_t look(struct store *s)
{
	uint64_t at;

	assert_int_equal(store_rows_look(s, &at), 0);
	return at;
}

static bool kept(struct store *s, uint64_t ino)
{
	struct session_row row;
	bool found = store_rows_find(s->rows, look(s), ino, &row);

	assert_true(!found || row.ino == ino);
	return found;
}

static void test_found_after_a_look(void **state)
{
	struct store *s = fix_open(false);
	struct session_row row, again;

	(void)state;
	uint64_t ino = fix_add(s, 1, 3, NULL);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	assert_true(kept(s, ino));
	assert_int_equal(store_session_get(s, ino, &again), 0);
	assert_memory_equal(&again, &row, sizeof(row));
	assert_false(kept(s, ino + 1));
	assert_false(kept(s, 0));
	store_rows_forget(s->rows, ino);
	assert_false(kept(s, ino));
	(void)store_close(s);
}

/* What another process does takes out what it concerns, and nothing else. */
static void test_others_change_things(void **state)
{
	static const char ini[] = "[record]\nips = drop\n";
	struct store *s = fix_open(false), *other = fix_open(false);
	struct session_row row;
	struct erase_result res;
	uint64_t ino[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		ino[i] = fix_add(other, i, 3, NULL);
		assert_int_equal(store_session_get(s, ino[i], &row), 0);
	}
	(void)fix_add(other, 4, 3, NULL);
	for (int i = 0; i < 3; i++)
		assert_true(kept(s, ino[i]));
	assert_int_equal(erase_run(other, &ino[1], 1, "test", &res, NULL), 0);
	assert_true(kept(s, ino[0]));
	assert_false(kept(s, ino[1]));
	assert_true(kept(s, ino[2]));
	assert_int_equal(store_session_get(s, ino[1], &row), -ENOENT);

	assert_int_equal(store_policy_set(other, "shop.example.com", ini, strlen(ini), NULL), 0);
	assert_false(kept(s, ino[0]));
	assert_int_equal(store_session_get(s, ino[0], &row), 0);
	assert_int_equal(row.policy_seq, 1);
	assert_int_equal(store_policy_set(other, "shop.example.com", ini, strlen(ini), NULL), 0);
	assert_int_equal(store_session_get(s, ino[0], &row), 0);
	assert_int_equal(row.policy_seq, 2);
	(void)store_close(other);
	(void)store_close(s);
}

/* A row that was read before something happened isn't kept afterwards. */
static void test_read_too_early(void **state)
{
	struct store *s = fix_open(false), *other = fix_open(false);
	struct session_row row;
	struct erase_result res;

	(void)state;
	uint64_t ino = fix_add(s, 1, 3, NULL), at = look(s);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	store_rows_forget(s->rows, ino);
	assert_int_equal(erase_run(other, &ino, 1, "test", &res, NULL), 0);
	assert_true(look(s) != at);
	store_rows_keep(s->rows, at, &row, 1);
	assert_false(kept(s, ino));
	(void)store_close(other);
	(void)store_close(s);
}

/* A counter that went back, or more changes than are remembered: nothing is believed. */
static void test_lost_count(void **state)
{
	struct store *s = fix_open(false);
	struct session_row row;

	(void)state;
	uint64_t ino = fix_add(s, 1, 3, NULL);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	assert_true(kept(s, ino));
	assert_int_equal(store_counter_set(s->lock, 0), 0);
	assert_false(kept(s, ino));
	assert_int_equal(look(s), 0);
	(void)store_close(s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_found_after_a_look),
		T(test_others_change_things),
		T(test_read_too_early),
		T(test_lost_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
