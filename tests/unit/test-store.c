/* test-store.c: a store from login to reading: what goes in comes out as its policy says, in
 * any slice; two processes see each other. Adding: test-store-batch.c; readers: test-store-read.c;
 * what is damaged or forged: test-store-damage.c. */
#include "store-fixture.h"

#include <sys/wait.h>

static void test_login(void **state)
{
	struct store *s = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(fix_try_open("plum-Orbit9 lantern verandb", false, &s), -EKEYREJECTED);
	struct store_login other = {.path = fix_path, .email = "eve@example.org"};
	other.passphrase = fix_secret(FIX_PASSPHRASE);
	struct errinfo e = {0};
	assert_int_equal(store_open(&other, &s, &e), -EKEYREJECTED);
	other.email = "ADA@example.org";
	assert_int_equal(store_open(&other, &s, NULL), 0);
	assert_string_equal(store_operator(s), FIX_EMAIL);
	assert_int_equal(store_roles(s), ROLE_ADMIN | ROLE_OFFICER);
	assert_null(s->login.reveal_sk);
	(void)store_close(s);
	other.path = "/nonexistent/store";
	assert_int_equal(store_open(&other, &s, NULL), -ENOENT);
	other.path = fix_dir; /* a folder, but no store */
	assert_int_equal(store_open(&other, &s, NULL), -ENOENT);
	union {
		const struct secret *c;
		struct secret *p;
	} pp = {.c = other.passphrase};
	(void)secret_free(pp.p);
	assert_int_equal(stat(fix_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_init_refuses(void **state)
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct secret *pp = fix_secret(FIX_PASSPHRASE), *weak = fix_secret("short");
	struct errinfo e = {0};
	char path[160];

	(void)state;
	assert_int_equal(store_init_with(fix_path, FIX_EMAIL, pp, &cheap, &e), -EEXIST);
	(void)snprintf(path, sizeof(path), "%s/other", fix_dir);
	e.msg[0] = 0;
	e.code = 0;
	assert_int_equal(store_init_with(path, FIX_EMAIL, weak, &cheap, &e), -EINVAL);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(store_init_with(path, "nobody", pp, &cheap, NULL), -EINVAL);
	assert_int_equal(store_init_with(path, "a b@example.org", pp, &cheap, NULL), -EINVAL);
	assert_int_equal(store_init_with("/nonexistent/x", FIX_EMAIL, pp, &cheap, NULL), -ENOENT);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(mkdir(path, 0755), 0); /* empty: fine */
	assert_int_equal(store_init_with(path, FIX_EMAIL, pp, &cheap, NULL), 0);
	(void)secret_free(pp);
	(void)secret_free(weak);
}

static void test_put_list_read(void **state)
{
	struct store *s = fix_open(false);
	struct site_row site, sites[4];
	struct day_row day, days[4];
	struct session_row row, rows[8];
	struct session_id ids[5];
	uint64_t inos[5];
	struct store_space space;

	(void)state;
	assert_int_equal(store_site_list(s, 0, sites, 4), 0);
	for (int i = 0; i < 5; i++)
		inos[i] = fix_add(s, i, 10 + i, &ids[i]);
	assert_int_equal(store_site_list(s, 0, sites, 4), 1);
	assert_string_equal(sites[0].name, "shop.example.com");
	assert_int_equal(store_site_find(s, "shop.example.com", 16, &site), 0);
	assert_int_equal(store_site_find(s, "shop.example", 12, &site), -ENOENT);
	assert_int_equal(store_day_list(s, sites[0].id, 0, days, 4), 1);
	assert_int_equal(store_day_find(s, sites[0].id, "2026-11-23", 10, &day), 0);
	assert_int_equal(day.id, days[0].id);
	/* pages */
	assert_int_equal(store_session_list(s, day.id, 0, rows, 3), 3);
	assert_int_equal(rows[2].ino, inos[2]);
	assert_int_equal(store_session_list(s, day.id, inos[2], rows, 8), 2);
	assert_int_equal(rows[0].ino, inos[3]);
	for (int i = 0; i < 5; i++) {
		char hex[SESSION_ID_HEX + 1];

		fix_expect(s, inos[i], i, 10 + i);
		assert_int_equal(store_session_get(s, inos[i], &row), 0);
		session_id_format(&ids[i], hex);
		assert_memory_equal(row.name, "140322-", 7);
		assert_string_equal(row.name + 7, hex + 20);
		assert_int_equal(row.mtime_ns, (1795442702000 + i) * 1000000);
		assert_int_equal(row.ctime_ns, row.imported_ns);
		assert_int_equal(row.counts[CLASS_PASSWORD], 10 + i);
		assert_int_equal(row.counts[CLASS_FORM], 10 + i);
		assert_int_equal(row.site_id, site.id);
		struct session_row found;
		assert_int_equal(store_session_find(s, day.id, row.name, strlen(row.name), &found),
				 0);
		assert_int_equal(found.ino, inos[i]);
		assert_int_equal(
			store_session_find(s, day.id + 1, row.name, strlen(row.name), &found),
			-ENOENT);
	}
	assert_int_equal(store_session_list_visitor(s, "visitor-odd", 0, rows, 8), 2);
	assert_int_equal(rows[0].ino, inos[1]);
	assert_int_equal(store_session_list_visitor(s, "visitor-even", 0, rows, 8), 0);
	assert_int_equal(store_space(s, &space), 0);
	assert_int_equal(space.sessions, 5);
	assert_int_equal(store_day_remove(s, day.id), -ENOTEMPTY);
	assert_int_equal(store_site_remove(s, site.id), -ENOTEMPTY);
	(void)store_close(s);

	/* and the same after a login anew */
	s = fix_open(false);
	struct session_row again;
	assert_int_equal(store_session_get(s, inos[4], &again), 0);
	assert_int_equal(store_session_get(s, inos[4], &row), 0);
	assert_memory_equal(&again, &row, sizeof(row));
	for (int i = 0; i < 5; i++)
		fix_expect(s, inos[i], i, 10 + i);
	(void)store_close(s);
}

/* ---- reveal */

/* An operator beside the first one, as a commit of its own. */
static void add_operator(struct store *s, const char *email, uint32_t roles)
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct secret *pp = fix_secret(FIX_PASSPHRASE);
	struct catalog_operator op = {.roles = roles};
	const struct operator_new n = {
		.email = email,
		.passphrase = pp,
		.scrypt = &cheap,
		.store_id = s->store_id,
		.slot_pk = s->login.slot_pk,
		.audit_pk = s->login.audit_pk,
	};
	struct store_txn t;
	uint64_t epoch;

	(void)snprintf(op.email, sizeof(op.email), "%s", email);
	assert_int_equal(operator_record_make(&n, op.record), 0);
	assert_int_equal(store_txn_begin(s, CATALOG_WRITE, &t, NULL), 0);
	op.since = s->epoch + 1;
	assert_int_equal(catalog_operator_add(t.c, &op), 0);
	assert_int_equal(store_txn_commit_keys(&t, NULL, 0, &epoch, NULL), 0);
	(void)secret_free(pp);
}

static int open_as(const char *email, bool reveal, struct store **ret, struct errinfo *e)
{
	struct secret *pp = fix_secret(FIX_PASSPHRASE);
	const struct store_login login = {
		.path = fix_path, .email = email, .passphrase = pp, .reveal = reveal};
	int r = store_open(&login, ret, e);

	(void)secret_free(pp);
	return r;
}

/* Only an officer reveals, and an officer only who said so when logging in. */
static void test_who_may_reveal(void **state)
{
	static const struct {
		const char *email;
		uint32_t roles;
	} others[] = {
		{"vera@example.org", ROLE_VIEWER},
		{"egon@example.org", ROLE_ERASER},
		{"anna@example.org", ROLE_ADMIN | ROLE_VIEWER | ROLE_ERASER},
	};
	struct store *s = fix_open(false), *other = NULL;
	uint64_t ino = fix_add(s, 1, 3, NULL);
	struct reader *r = NULL;

	(void)state;
	assert_null(s->login.reveal_sk);
	assert_int_equal(store_reader_open(s, ino, true, &r, NULL), -EACCES);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct errinfo e = {0};

		add_operator(s, others[i].email, others[i].roles);
		assert_int_equal(open_as(others[i].email, true, &other, &e), -EACCES);
		assert_int_equal(err_exit_status(-EACCES), 4);
		assert_non_null(strstr(e.msg, "officer"));
		assert_int_equal(open_as(others[i].email, false, &other, &e), 0);
		assert_int_equal(store_reader_open(other, ino, true, &r, &e), -EACCES);
		fix_expect(other, ino, 1, 3);
		other = store_close(other);
	}
	(void)store_close(s);
}

/* ---- several processes */

static void test_two_processes_alternate(void **state)
{
	struct store *s;
	int to_child[2], to_parent[2], status;
	uint64_t ino, inos[12];
	char go = 'g';

	(void)state;
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct store *mine = fix_open(false);

		for (int i = 0; i < 6; i++) {
			if (read(to_child[0], &go, 1) != 1)
				_exit(1);
			ino = fix_add(mine, 100 + i, 4, NULL);
			if (write(to_parent[1], &ino, sizeof(ino)) != sizeof(ino))
				_exit(1);
		}
		(void)store_close(mine);
		_exit(0);
	}
	s = fix_open(false);
	for (int i = 0; i < 6; i++) {
		inos[2 * i] = fix_add(s, i, 4, NULL);
		assert_int_equal(write(to_child[1], &go, 1), 1);
		assert_int_equal(read(to_parent[0], &ino, sizeof(ino)), sizeof(ino));
		inos[2 * i + 1] = ino;
		fix_expect(s, ino, 100 + i, 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (int i = 0; i < 6; i++) {
		fix_expect(s, inos[2 * i], i, 4);
		fix_expect(s, inos[2 * i + 1], 100 + i, 4);
	}
	for (int i = 0; i < 2; i++) {
		(void)close(to_child[i]);
		(void)close(to_parent[i]);
	}
	(void)store_close(s);
}

/* Without taking turns: four processes import and erase as fast as they can. */
static void test_many_processes_at_once(void **state)
{
	struct store *s;
	int status;

	(void)state;
	for (int c = 0; c < 4; c++) {
		pid_t pid = fork();
		if (pid < 0)
			fail();
		if (pid)
			continue;
		struct store *mine = fix_open(false);
		for (int i = 0; i < 10; i++) {
			uint64_t keep = fix_add(mine, 1000 * c + 2 * i, 3, NULL);
			uint64_t gone = fix_add(mine, 1000 * c + 2 * i + 1, 3, NULL);
			struct erase_result res;

			if (erase_run(mine, &gone, 1, "test", &res, NULL) || res.erased != 1)
				_exit(1);
			fix_expect(mine, keep, 1000 * c + 2 * i, 3);
		}
		(void)store_close(mine);
		_exit(0);
	}
	for (int c = 0; c < 4; c++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	s = fix_open(false);
	struct store_space space;
	assert_int_equal(store_space(s, &space), 0);
	assert_int_equal(space.sessions, 40);
	assert_int_equal(store_sweep(s, 60000), 0);
	assert_int_equal(fix_blobs(s), 40);
	(void)store_close(s);
}

static void test_changes(void **state)
{
	struct store *s = fix_open(false), *other = fix_open(false);
	struct store_change ch[8];
	uint64_t a, b;

	(void)state;
	assert_int_equal(store_change_seq(other, &a), 0);
	uint64_t ino = fix_add(s, 1, 3, NULL);
	assert_int_equal(store_change_seq(other, &b), 0);
	assert_true(b > a);
	assert_int_equal(store_changes(other, a, ch, 8), 1);
	assert_int_equal(ch[0].kind, CHANGE_ADDED);
	assert_int_equal(ch[0].ino, ino);
	assert_true(ch[0].seq > a && ch[0].seq <= b);
	a = b;
	assert_int_equal(store_changes(other, a, ch, 8), 0);
	struct erase_result res;
	assert_int_equal(erase_run(s, &ino, 1, "test", &res, NULL), 0);
	assert_int_equal(store_changes(other, a, ch, 8), 1);
	assert_int_equal(ch[0].kind, CHANGE_ERASED);
	assert_int_equal(store_change_seq(other, &a), 0);
	uint64_t day = ch[0].day_id, site = ch[0].site_id;
	assert_int_equal(store_day_remove(s, day), 0);
	assert_int_equal(store_site_remove(s, site), 0);
	assert_int_equal(store_day_remove(s, day), -ENOENT);
	assert_int_equal(store_changes(other, a, ch, 8), 2);
	assert_int_equal(ch[0].kind, CHANGE_FOLDER);
	assert_int_equal(ch[0].day_id, day);
	assert_int_equal(ch[1].day_id, 0);
	assert_int_equal(ch[1].site_id, site);
	(void)store_close(other);
	(void)store_close(s);
}
int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_login),
		T(test_init_refuses),
		T(test_put_list_read),
		T(test_who_may_reveal),
		T(test_two_processes_alternate),
		T(test_many_processes_at_once),
		T(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
