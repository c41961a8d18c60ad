/* test-ghost.c: what can still be removed of a session that has just been erased. */
#include "../../src/fs/ghost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct session_row row(uint64_t ino, uint64_t day, const char *name)
{
	struct session_row r = {.ino = ino, .day_id = day, .mtime_ns = 7, .ctime_ns = 8};

	(void)snprintf(r.name, sizeof(r.name), "%s", name);
	return r;
}

static void names_go_one_by_one(void **state)
{
	struct ghosts *g = ghosts_new();
	const struct session_row r = row(5, 2, "140322-7f3a9c21d0b4");
	struct ghost got;
	(void)state;

	assert_int_equal(ghosts_rmdir(g, 5), -ENOENT);
	assert_int_equal(ghosts_add(g, &r, 6), 0);
	assert_true(ghosts_get(g, 5, &got));
	assert_int_equal(got.day_id, 2);
	assert_int_equal(got.left, 6);
	assert_int_equal(got.mtime_ns, 7);
	assert_int_equal(got.ctime_ns, 8);
	assert_string_equal(got.name, r.name);

	assert_int_equal(ghosts_unlink(g, 5, 1), -ENOENT); /* events.json, gone already */
	assert_int_equal(ghosts_unlink(g, 5, 2), 0);
	assert_int_equal(ghosts_unlink(g, 5, 2), -ENOENT);
	assert_int_equal(ghosts_rmdir(g, 5), -ENOTEMPTY);
	assert_int_equal(ghosts_unlink(g, 5, 4), 0);
	assert_int_equal(ghosts_rmdir(g, 5), 0);
	assert_false(ghosts_get(g, 5, &got));
	assert_int_equal(ghosts_rmdir(g, 5), -ENOENT);
	(void)ghosts_free(g);
}

static void found_by_name_in_its_day(void **state)
{
	struct ghosts *g = ghosts_new();
	struct session_row a = row(1, 2, "same"), b = row(2, 3, "same");
	struct ghost got;
	(void)state;

	assert_int_equal(ghosts_add(g, &a, 1), 0);
	assert_int_equal(ghosts_add(g, &b, 1), 0);
	assert_true(ghosts_find(g, 2, "same", &got));
	assert_int_equal(got.row, 1);
	assert_true(ghosts_find(g, 3, "same", &got));
	assert_int_equal(got.row, 2);
	assert_false(ghosts_find(g, 4, "same", &got));
	assert_false(ghosts_find(g, 2, "sam", &got));
	ghosts_drop(g, 1);
	assert_false(ghosts_find(g, 2, "same", &got));
	assert_true(ghosts_find(g, 3, "same", &got));
	ghosts_drop(g, 1); /* gone already: nothing to do */
	(void)ghosts_free(g);
}

static void a_day_goes_with_its_ghosts(void **state)
{
	struct ghosts *g = ghosts_new();
	struct ghost got;
	(void)state;

	for (uint64_t i = 1; i <= 100; i++) {
		char name[20];

		(void)snprintf(name, sizeof(name), "n%d", (int)i);
		const struct session_row r = row(i, 1 + i % 2, name);
		assert_int_equal(ghosts_add(g, &r, 3), 0);
	}
	ghosts_drop_day(g, 1);
	for (uint64_t i = 1; i <= 100; i++)
		assert_int_equal(ghosts_get(g, i, &got), i % 2);
	assert_false(ghosts_expire(g, &got)); /* not for minutes */
	(void)ghosts_free(g);
}

static void bounded(void **state)
{
	struct ghosts *g = ghosts_new();
	struct ghost got;
	(void)state;

	for (uint64_t i = 1; i <= 65537; i++) {
		const struct session_row r = row(i, 1, "n");

		assert_int_equal(ghosts_add(g, &r, 1), 0);
	}
	assert_false(ghosts_get(g, 1, &got)); /* the oldest made room */
	assert_true(ghosts_get(g, 2, &got));
	assert_true(ghosts_get(g, 65537, &got));
	const struct session_row again = row(2, 1, "n");
	assert_int_equal(ghosts_add(g, &again, 3), 0); /* replaces, and is the youngest now */
	assert_true(ghosts_get(g, 2, &got));
	assert_int_equal(got.left, 3);
	(void)ghosts_free(g);
}

/* Who follows the store's changes asks after the folder may have been removed. */
static void known_to_who_follows(void **state)
{
	struct ghosts *g = ghosts_new();
	struct ghost got;
	struct session_row a = row(1, 2, "a"), b = row(2, 2, "b");

	(void)state;
	assert_int_equal(ghosts_add(g, &a, 0), 0);
	assert_true(ghosts_get(g, 1, &got));
	assert_false(got.sure);
	ghosts_sure(g, 1);
	assert_true(ghosts_get(g, 1, &got));
	assert_true(got.sure);
	assert_int_equal(ghosts_rmdir(g, 1), 0);
	assert_false(ghosts_get(g, 1, &got));
	assert_false(ghosts_find(g, 2, "a", &got));
	assert_int_equal(ghosts_rmdir(g, 1), -ENOENT);
	assert_true(ghosts_noticed(g, 1));
	assert_false(ghosts_noticed(g, 1)); /* once */
	/* the other order */
	assert_int_equal(ghosts_add(g, &b, 0), 0);
	assert_true(ghosts_noticed(g, 2));
	assert_true(ghosts_get(g, 2, &got));
	assert_int_equal(ghosts_rmdir(g, 2), 0);
	assert_false(ghosts_noticed(g, 2));
	(void)ghosts_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_one_by_one),
		cmocka_unit_test(found_by_name_in_its_day),
		cmocka_unit_test(a_day_goes_with_its_ghosts),
		cmocka_unit_test(bounded),
		cmocka_unit_test(known_to_who_follows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
