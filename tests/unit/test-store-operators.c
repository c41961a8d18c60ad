/* test-store-operators.c: who may log in, and that whoever may no longer can't. */
#include "store-fixture.h"

#define BOB      "bob@example.org"
#define BOB_PASS "Kettle-harbour 71 tin whistle"

static const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};

static int open_as(const char *email, const char *passphrase, bool reveal, struct store **ret)
{
	struct secret *pp = fix_secret(passphrase);
	const struct store_login login = {
		.path = fix_path, .email = email, .passphrase = pp, .reveal = reveal};
	struct errinfo e = {0};
	int r = store_open(&login, ret, &e);

	(void)secret_free(pp);
	assert_true(r == 0 || e.msg[0]);
	return r;
}

static int add(struct store *s, const char *email, uint32_t roles, const char *passphrase)
{
	struct secret *pp = fix_secret(passphrase);
	struct errinfo e = {0};
	int r = store_operator_add_with(s, email, roles, pp, &cheap, &e);

	(void)secret_free(pp);
	assert_true(r == 0 || e.msg[0]);
	return r;
}

static int passwd(struct store *s, const char *passphrase)
{
	struct secret *pp = fix_secret(passphrase);
	struct errinfo e = {0};
	int r = store_operator_passwd_with(s, pp, &cheap, &e);

	(void)secret_free(pp);
	assert_true(r == 0 || e.msg[0]);
	return r;
}

static void expect_list(struct store *s, const char *want)
{
	struct operator_row rows[LIMIT_OPERATORS];
	CLEANUP(buf_done) struct buf got = {0};
	char named[STORE_ROLES_BYTES];
	int n = store_operator_list(s, rows);

	for (int i = 0; i < n; i++) {
		store_roles_format(rows[i].roles, named);
		assert_int_equal(
			buf_addf(&got, "%s%s %s;", rows[i].self ? "*" : "", rows[i].email, named),
			0);
	}
	assert_string_equal(got.p, want);
}

static void added_and_removed(void **state)
{
	struct store *ada = fix_open(false), *bob;
	struct errinfo e = {0};
	(void)state;

	uint64_t ino = fix_add(ada, 3, 40, NULL);
	assert_int_equal(add(ada, BOB, ROLE_VIEWER | ROLE_ERASER, BOB_PASS), 0);
	expect_list(ada, "*" FIX_EMAIL " officer,admin;" BOB " viewer,eraser;");
	assert_int_equal(open_as(BOB, BOB_PASS, false, &bob), 0);
	assert_int_equal(store_roles(bob), ROLE_VIEWER | ROLE_ERASER);
	fix_expect(bob, ino, 3, 40);
	/* the address has to be said now, and be right */
	assert_int_equal(open_as(NULL, FIX_PASSPHRASE, false, &(struct store *){NULL}),
			 -EKEYREJECTED);
	assert_int_equal(open_as(BOB, FIX_PASSPHRASE, false, &(struct store *){NULL}),
			 -EKEYREJECTED);
	assert_int_equal(open_as("eve@example.org", BOB_PASS, false, &(struct store *){NULL}),
			 -EKEYREJECTED);

	assert_int_equal(store_operator_remove(ada, BOB, NULL, &e), 0);
	expect_list(ada, "*" FIX_EMAIL " officer,admin;");
	assert_int_equal(open_as(BOB, BOB_PASS, false, &(struct store *){NULL}), -EKEYREJECTED);
	/* what he has open stops */
	CLEANUP(buf_done) struct buf got = {0};
	assert_true(fix_read(bob, ino, false, &got) < 0);
	assert_int_equal(got.len, 0);
	(void)store_close(bob);
	fix_expect(ada, ino, 3, 40);
	assert_int_equal(store_operator_remove(ada, BOB, NULL, &e), -ENOENT);
	(void)store_close(ada);
	/* and can come again */
	ada = fix_open(false);
	assert_int_equal(add(ada, BOB, ROLE_VIEWER, BOB_PASS), 0);
	assert_int_equal(open_as(BOB, BOB_PASS, false, &bob), 0);
	fix_expect(bob, ino, 3, 40);
	(void)store_close(bob);
	(void)store_close(ada);
}

/* A copy of all files of before, with the root of now, is nothing to him. */
static void a_copy_with_the_new_root_doesnt_open(void **state)
{
	struct store *ada = fix_open(false);
	CLEANUP(buf_done) struct buf catalog = {0};
	char path[256];
	(void)state;

	(void)fix_add(ada, 1, 3, NULL);
	assert_int_equal(add(ada, BOB, ROLE_VIEWER, BOB_PASS), 0);
	(void)store_close(ada); /* the last one: all is in the catalog */
	fix_load_file("catalog.db", &catalog);
	ada = NULL;
	assert_int_equal(open_as(FIX_EMAIL, FIX_PASSPHRASE, false, &ada), 0);
	assert_int_equal(store_operator_remove(ada, BOB, NULL, NULL), 0);
	(void)store_close(ada);
	(void)snprintf(path, sizeof(path), "%s/catalog.db-wal", fix_path);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/catalog.db-shm", fix_path);
	(void)unlink(path);
	fix_save_file("catalog.db", &catalog);
	assert_int_equal(open_as(BOB, BOB_PASS, false, &(struct store *){NULL}), -EKEYREJECTED);
}

static void what_is_refused(void **state)
{
	struct store *ada = fix_open(false), *officer = fix_open(true), *bob;
	struct errinfo e = {0};
	(void)state;

	assert_int_equal(add(ada, "nobody", ROLE_VIEWER, BOB_PASS), -EINVAL);
	assert_int_equal(add(ada, BOB, ROLE_VIEWER, "password"), -EINVAL);
	assert_int_equal(add(ada, BOB, 0, BOB_PASS), -EINVAL);
	assert_int_equal(add(ada, BOB, 1u << 9, BOB_PASS), -EINVAL);
	assert_int_equal(add(ada, FIX_EMAIL, ROLE_VIEWER, BOB_PASS), -EEXIST);
	assert_int_equal(add(ada, BOB, ROLE_OFFICER, BOB_PASS), -EACCES);
	assert_int_equal(store_operator_remove(ada, FIX_EMAIL, NULL, &e), -EBUSY);
	assert_non_null(strstr(e.msg, "only admin"));
	expect_list(ada, "*" FIX_EMAIL " officer,admin;");

	/* an admin who isn't an officer, and an officer who isn't an admin */
	assert_int_equal(add(ada, BOB, ROLE_ADMIN, BOB_PASS), 0);
	assert_int_equal(open_as(BOB, BOB_PASS, true, &bob), -EACCES);
	assert_int_equal(open_as(BOB, BOB_PASS, false, &bob), 0);
	e = (struct errinfo){0};
	assert_int_equal(store_operator_remove(bob, FIX_EMAIL, NULL, &e), -EBUSY);
	assert_non_null(strstr(e.msg, "only officer"));
	assert_int_equal(add(bob, "eve@example.org", ROLE_OFFICER, BOB_PASS), -EACCES);
	assert_int_equal(add(officer, "eve@example.org", ROLE_OFFICER, BOB_PASS), 0);
	(void)store_close(officer);
	assert_int_equal(store_operator_remove(bob, FIX_EMAIL, NULL, &e), 0);
	(void)store_close(bob);
	(void)store_close(ada);
	assert_int_equal(open_as("eve@example.org", BOB_PASS, true, &officer), 0);
	assert_int_equal(add(officer, "mallory@example.org", ROLE_VIEWER, BOB_PASS), -EACCES);
	assert_int_equal(store_operator_remove(officer, BOB, NULL, &e), -EACCES);
	(void)store_close(officer);
}

/* The one who came last opens what was sealed before. */
static void an_officer_who_came_later_reveals(void **state)
{
	struct store *ada = fix_open(true), *bob;
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf want = {0}, got = {0};
	(void)state;

	uint64_t ino = fix_add(ada, 5, 9, NULL);
	assert_int_equal(add(ada, BOB, ROLE_OFFICER, BOB_PASS), 0);
	assert_int_equal(open_as(BOB, BOB_PASS, true, &bob), 0);
	fix_rec_make(&rec, 5, 9);
	assert_int_equal(policy_default(&p), 0);
	fix_rendering(&rec, &p, true, &want);
	assert_int_equal(fix_read(bob, ino, true, &got), 0);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
	(void)store_close(bob);
	(void)store_close(ada);
}

static void another_passphrase(void **state)
{
	struct store *ada = fix_open(false), *whole = fix_open(true);
	static const char new[] = "Mulberry 40 quiet-engine";
	(void)state;

	uint64_t ino = fix_add(ada, 2, 6, NULL);
	assert_int_equal(passwd(ada, new), -EACCES); /* without the reveal key it would be lost */
	assert_int_equal(passwd(whole, "password"), -EINVAL);
	assert_int_equal(passwd(whole, new), 0);
	(void)store_close(whole);
	(void)store_close(ada);
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &ada), -EKEYREJECTED);
	assert_int_equal(fix_try_open(new, true, &ada), 0);
	fix_expect(ada, ino, 2, 6);
	expect_list(ada, "*" FIX_EMAIL " officer,admin;");
	CLEANUP(buf_done) struct buf got = {0};
	assert_int_equal(fix_read(ada, ino, true, &got), 0);
	(void)store_close(ada);
}

/* Of forty, nobody more; and each opens it. */
static void as_many_as_fit(void **state)
{
	struct store *ada = fix_open(false), *last;
	char email[64];
	(void)state;

	for (unsigned i = 1; i < LIMIT_OPERATORS; i++) {
		(void)snprintf(email, sizeof(email), "op%u@example.org", i);
		assert_int_equal(add(ada, email, ROLE_VIEWER, BOB_PASS), 0);
	}
	assert_int_equal(add(ada, BOB, ROLE_VIEWER, BOB_PASS), -E2BIG);
	assert_int_equal(open_as(email, BOB_PASS, false, &last), 0);
	(void)store_close(last);
	(void)store_close(ada);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(added_and_removed),  T(a_copy_with_the_new_root_doesnt_open),
		T(what_is_refused),    T(an_officer_who_came_later_reveals),
		T(another_passphrase), T(as_many_as_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
