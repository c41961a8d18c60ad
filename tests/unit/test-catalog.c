/* test-catalog.c: rows by key, one state in a transaction, nothing written outside of one, and what
 * a commit that never happened leaves. */
#include "store-fixture.h"

#include "../../src/store/stmt.h"

#include <sys/resource.h>

struct fix {
	struct catalog *cat;
	struct catalog_conn *c;
};
static struct fix fix;
static char db_path[128];

static int setup(void **state)
{
	(void)fix_make_dir(state);
	(void)snprintf(db_path, sizeof(db_path), "%s/catalog.db", fix_dir);
	assert_int_equal(catalog_create(db_path), 0);
	assert_int_equal(catalog_open(db_path, &fix.cat, NULL), 0);
	assert_int_equal(catalog_get(fix.cat, &fix.c), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)catalog_put(fix.c);
	(void)catalog_close(fix.cat);
	return fix_remove_dir(state);
}

static struct catalog_session session(uint64_t ino, uint64_t day)
{
	struct catalog_session s = {
		.ino = ino, .day_id = day, .kid = ino + 1000, .since = ino, .row_len = 40};

	memset(&s.blob, (int)ino, sizeof(s.blob));
	memset(s.id_h, (int)ino, LOOKUP_BYTES);
	memset(s.name_h, (int)ino, LOOKUP_BYTES);
	memset(s.body_h, (int)ino, LOOKUP_BYTES);
	memset(s.row, (int)ino, s.row_len);
	s.has_visitor = ino % 2;
	memset(s.visitor_h, 9, LOOKUP_BYTES);
	return s;
}

static void add_sessions(uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i <= to; i++) {
		struct catalog_session s = session(i, 1);

		assert_int_equal(catalog_session_add(fix.c, &s, "plan", 4), 0);
	}
}

static void test_file(void **state)
{
	struct stat st;
	struct catalog *c;
	char path[160];

	(void)state;
	assert_int_equal(stat(db_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(catalog_create(db_path), -EEXIST);
	(void)snprintf(path, sizeof(path), "%s/none", fix_dir);
	assert_int_equal(catalog_open(path, &c, NULL), -ENOENT);
	FILE *f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		(void)fputs("this is no database\n", f);
	(void)fclose(f);
	assert_int_equal(catalog_open(path, &c, NULL), -EUCLEAN);
}

/* Of a mount whose store is out of reach for a while, or that has no descriptors left. */
static void test_out_of_reach(void **state)
{
	struct catalog_conn *held[4], *c;
	char away[160];
	struct rlimit was, none;
	(void)state;

	(void)snprintf(away, sizeof(away), "%s.away", db_path);
	size_t n = 0;
	for (; n < 4; n++) /* whatever idles */
		assert_int_equal(catalog_get(fix.cat, &held[n]), 0);
	assert_int_equal(rename(db_path, away), 0);
	assert_int_equal(catalog_get(fix.cat, &c), -EIO); /* not -ENOENT */
	assert_int_equal(rename(away, db_path), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int r = catalog_get(fix.cat, &c);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(r, -EMFILE);
	while (n--)
		(void)catalog_put(held[n]);
}

static void test_nothing_outside_of_a_transaction(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(catalog_meta_set(fix.c, META_SESSIONS, 5), -EINVAL);
	assert_int_equal(catalog_begin(fix.c, CATALOG_READ), 0);
	assert_int_equal(catalog_meta_set(fix.c, META_SESSIONS, 5), -EINVAL);
	assert_int_equal(catalog_commit(fix.c), 0);
	/* behind stmt_run's back: the commit hook */
	assert_int_not_equal(stmt_exec(fix.c, "INSERT INTO meta VALUES('sessions', 6)"), 0);
	assert_int_equal(catalog_meta_get(fix.c, META_SESSIONS, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_meta_set(fix.c, META_SESSIONS, 7), 0);
	catalog_rollback(fix.c);
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE_RELAXED), 0);
	assert_int_equal(catalog_meta_set(fix.c, META_NEXT_LEAF, 8), 0);
	assert_int_equal(catalog_commit(fix.c), 0);
	assert_int_equal(catalog_meta_get(fix.c, META_SESSIONS, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(catalog_meta_get(fix.c, META_NEXT_LEAF, &v), 0);
	assert_int_equal(v, 8);
}

static void test_one_state_in_a_transaction(void **state)
{
	struct catalog_conn *other;
	uint64_t v;

	(void)state;
	assert_int_equal(catalog_get(fix.cat, &other), 0);
	assert_int_equal(catalog_begin(other, CATALOG_READ), 0);
	assert_int_equal(catalog_meta_get(other, META_SESSIONS, &v), 0);
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_meta_set(fix.c, META_SESSIONS, 1), 0);
	assert_int_equal(catalog_commit(fix.c), 0);
	assert_int_equal(catalog_meta_get(other, META_SESSIONS, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(catalog_commit(other), 0);
	assert_int_equal(catalog_meta_get(other, META_SESSIONS, &v), 0);
	assert_int_equal(v, 1);
	(void)catalog_put(other);
}

static void test_tree(void **state)
{
	struct catalog_site site, sites[8];
	struct catalog_day day, days[8];
	uint64_t ids[6], day_id;
	char name[32];

	(void)state;
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	for (int i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "s%d.example.com", i);
		assert_int_equal(catalog_site_add(fix.c, name, i, &ids[i]), 0);
		assert_true(i == 0 || ids[i] > ids[i - 1]);
	}
	assert_int_equal(catalog_site_add(fix.c, name, 1, &day_id), -EEXIST);
	assert_int_equal(catalog_site_list(fix.c, 0, sites, 4), 4);
	assert_int_equal(catalog_site_list(fix.c, sites[3].id, sites, 4), 2);
	assert_string_equal(sites[1].name, "s5.example.com");
	assert_int_equal(catalog_site_touch(fix.c, ids[2], -5), 0);
	assert_int_equal(catalog_site_find(fix.c, "s2.example.comX", 14, &site), 0);
	assert_int_equal(site.id, ids[2]);
	assert_int_equal(site.mtime_ns, -5);
	assert_int_equal(catalog_day_add(fix.c, ids[2], "2026-11-23", 3, &day_id), 0);
	assert_int_equal(catalog_day_set_kid(fix.c, day_id, 77), 0);
	assert_int_equal(catalog_day_find(fix.c, ids[2], "2026-11-23", 10, &day), 0);
	assert_int_equal(day.next_kid, 77);
	assert_int_equal(catalog_day_find(fix.c, ids[1], "2026-11-23", 10, &day), -ENOENT);
	assert_int_equal(catalog_day_list(fix.c, ids[2], 0, days, 8), 1);
	assert_int_equal(catalog_site_remove(fix.c, ids[2]), -ENOTEMPTY);
	assert_int_equal(catalog_day_remove(fix.c, day_id), 0);
	assert_int_equal(catalog_day_remove(fix.c, day_id), -ENOENT);
	assert_int_equal(catalog_site_remove(fix.c, ids[2]), 0);
	/* numbers never come back */
	uint64_t again;
	assert_int_equal(catalog_site_remove(fix.c, ids[5]), 0);
	assert_int_equal(catalog_site_add(fix.c, "new.example.com", 1, &again), 0);
	assert_true(again > ids[5]);
	assert_int_equal(catalog_day_add(fix.c, again, "2026-11-23", 3, &again), 0);
	assert_true(again > day_id);
	assert_int_equal(catalog_commit(fix.c), 0);
}

static void test_sessions(void **state)
{
	struct catalog_session s, rows[16];
	CLEANUP(buf_done) struct buf plan = {0};
	uint8_t h[LOOKUP_BYTES];
	uint64_t next;

	(void)state;
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_session_next(fix.c, &next), 0);
	assert_int_equal(next, 1);
	add_sessions(1, 12);
	assert_int_equal(catalog_session_next(fix.c, &next), 0);
	assert_int_equal(next, 13);
	s = session(12, 1);
	s.ino = 13;
	assert_int_equal(catalog_session_add(fix.c, &s, "plan", 4), -EEXIST);
	assert_int_equal(catalog_session_list(fix.c, 1, 0, rows, 5), 5);
	assert_int_equal(catalog_session_list(fix.c, 1, 5, rows, 16), 7);
	assert_int_equal(rows[0].ino, 6);
	assert_int_equal(rows[0].kid, 1006);
	assert_int_equal(rows[0].row_len, 40);
	assert_int_equal(rows[0].row[39], 6);
	memset(h, 9, sizeof(h));
	assert_int_equal(catalog_session_list_visitor(fix.c, h, 3, rows, 16), 4);
	assert_int_equal(rows[0].ino, 5);
	memset(h, 4, sizeof(h));
	assert_int_equal(catalog_session_find(fix.c, BY_ID, h, &s), 0);
	assert_int_equal(s.ino, 4);
	assert_false(s.has_visitor);
	assert_int_equal(catalog_session_named(fix.c, 1, h, &s), 0);
	assert_int_equal(catalog_session_named(fix.c, 2, h, &s), -ENOENT);
	assert_int_equal(catalog_session_find(fix.c, BY_BODY, h, &s), 0);
	assert_int_equal(catalog_session_update(fix.c, 4, "row", 3, "longer plan", 11), 0);
	assert_int_equal(catalog_session_plan(fix.c, 4, &plan), 0);
	assert_string_equal(plan.p, "longer plan");
	assert_int_equal(catalog_session_get(fix.c, 4, &s), 0);
	assert_int_equal(s.row_len, 3);

	/* with an intent it is there for those who ask for it by number only */
	struct catalog_intent in = {.ino = 6, .kid = 1006, .at_ns = 1, .reason = "why"}, got;
	assert_int_equal(catalog_intent_add(fix.c, &in), 0);
	assert_int_equal(catalog_intent_add(fix.c, &in), 0);
	assert_int_equal(catalog_session_list(fix.c, 1, 5, rows, 16), 6);
	assert_int_equal(rows[0].ino, 7);
	assert_int_equal(catalog_session_get(fix.c, 6, &s), 0);
	assert_true(s.erasing);
	assert_int_equal(catalog_intent_list(fix.c, 0, &got, 1), 1);
	assert_string_equal(got.reason, "why");
	for (uint64_t i = 1; i <= 12; i++)
		assert_int_equal(i == 6 ? 0 : catalog_session_remove(fix.c, i), 0);
	assert_int_equal(catalog_session_remove(fix.c, 1), -ENOENT);
	assert_int_equal(catalog_session_next(fix.c, &next), 0);
	assert_int_equal(next, 13);
	assert_int_equal(catalog_commit(fix.c), 0);
}

static void put_node(uint32_t level, uint64_t idx, uint64_t epoch)
{
	uint8_t body[NODE_BYTES];

	memset(body, (int)epoch, sizeof(body));
	assert_int_equal(catalog_node_put(fix.c, level, idx, epoch, body), 0);
}

static int node_there(uint32_t level, uint64_t idx, uint64_t epoch)
{
	uint8_t body[NODE_BYTES];
	int r = catalog_node_get(fix.c, level, idx, epoch, body);

	if (r == 0)
		assert_int_equal(body[NODE_BYTES - 1], epoch);
	return r;
}

/* Epoch 5 holds; 6 was written, but its root slot never was. */
static void test_unwind_and_settle(void **state)
{
	uint8_t secrets[SECRETS_ROW_BYTES] = {0};
	struct catalog_operator op = {.roles = 1, .since = 1, .email = "a@b"}, ops[4];
	struct blob_id loose[16];
	uint64_t id, n;

	(void)state;
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	for (uint64_t e = 4; e <= 6; e++) {
		put_node(0, 3, e);
		assert_int_equal(catalog_secrets_put(fix.c, e, secrets), 0);
	}
	put_node(1, 0, 2);
	assert_int_equal(catalog_stale_add(fix.c, 0, 3, 4, 5), 0);
	assert_int_equal(catalog_stale_add(fix.c, 0, 3, 5, 6), 0);
	assert_int_equal(catalog_operator_add(fix.c, &op), 0);
	op.since = 6;
	assert_int_equal(catalog_operator_add(fix.c, &op), 0);
	assert_int_equal(catalog_site_add(fix.c, "a.example.com", 1, &id), 0);
	assert_int_equal(catalog_day_add(fix.c, id, "2026-11-23", 1, &id), 0);
	add_sessions(1, 8); /* since 1 … 8 */
	assert_int_equal(catalog_meta_set(fix.c, META_SESSIONS, 8), 0);
	assert_int_equal(catalog_operator_list(fix.c, 6, 0, ops, 4), 2);
	assert_int_equal(catalog_operator_list(fix.c, 5, 0, ops, 4), 1);

	assert_int_equal(catalog_unwind(fix.c, 5), 0);
	assert_int_equal(node_there(0, 3, 6), -ENOENT);
	assert_int_equal(node_there(0, 3, 5), 0);
	assert_int_equal(node_there(0, 3, 4), 0);
	assert_int_equal(catalog_secrets_newest(fix.c, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(catalog_operator_list(fix.c, 6, 0, ops, 4), 1);
	assert_int_equal(catalog_loose_list(fix.c, LOOSE_ERASED, loose, 16), 3);
	assert_int_equal(catalog_meta_get(fix.c, META_SESSIONS, &n), 0);
	assert_int_equal(n, 5);

	assert_int_equal(catalog_settle(fix.c, 5), 0);
	assert_int_equal(node_there(0, 3, 4), -ENOENT);
	assert_int_equal(node_there(0, 3, 5), 0);
	assert_int_equal(node_there(1, 0, 2), 0); /* old, but nothing took its place */
	assert_int_equal(catalog_secrets_get(fix.c, 4, secrets), -ENOENT);
	assert_int_equal(catalog_secrets_get(fix.c, 5, secrets), 0);

	/* an import that never was takes its folders with it */
	assert_int_equal(catalog_unwind(fix.c, 0), 0);
	struct catalog_site site;
	struct catalog_day day;
	assert_int_equal(catalog_day_list(fix.c, 1, 0, &day, 1), 0);
	assert_int_equal(catalog_site_list(fix.c, 0, &site, 1), 0);
	assert_int_equal(catalog_commit(fix.c), 0);
}

static void test_logs(void **state)
{
	uint8_t h[HASH_BYTES] = {1};
	struct blob_id id = {{5}}, got;
	CLEANUP(buf_done) struct buf body = {0};
	uint64_t seq;
	struct audit_entry a = {.seq = 1, .kind = "init", .detail = "{}"}, rows[3];

	(void)state;
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_tombstone_has(fix.c, h), 0);
	assert_int_equal(catalog_tombstone_add(fix.c, h, 1, 5), 1);
	assert_int_equal(catalog_tombstone_add(fix.c, h, 1, 5), 0);
	assert_int_equal(catalog_tombstone_has(fix.c, h), 1);
	assert_int_equal(catalog_loose_add(fix.c, &id, LOOSE_IMPORT), 0);
	assert_int_equal(catalog_loose_list(fix.c, LOOSE_ERASED, &got, 1), 0);
	assert_int_equal(catalog_loose_list(fix.c, LOOSE_IMPORT, &got, 1), 1);
	assert_memory_equal(&id, &got, sizeof(id));
	assert_int_equal(catalog_loose_remove(fix.c, &id), 0);
	assert_int_equal(catalog_loose_list(fix.c, LOOSE_IMPORT, &got, 1), 0);
	assert_int_equal(catalog_policy_get(fix.c, "a", &seq, NULL), -ENOENT);
	int64_t at;
	assert_int_equal(catalog_policy_time(fix.c, "a", &at), -ENOENT);
	assert_int_equal(catalog_policy_set(fix.c, "a", 1, 20, "one", 3), 0);
	assert_int_equal(catalog_policy_set(fix.c, "a", 2, 10, "two", 3), 0);
	assert_int_equal(catalog_policy_time(fix.c, "a", &at), 0);
	assert_int_equal(at, 10);
	assert_int_equal(catalog_policy_get(fix.c, "a", &seq, &body), 0);
	assert_int_equal(seq, 2);
	assert_string_equal(body.p, "two");
	assert_int_equal(catalog_audit_last(fix.c, &seq, h), -ENOENT);
	for (; a.seq <= 5; a.seq++) {
		a.hash[0] = (uint8_t)a.seq;
		assert_int_equal(catalog_audit_add(fix.c, &a), 0);
	}
	a.seq = 3;
	assert_int_equal(catalog_audit_add(fix.c, &a), -EEXIST);
	assert_int_equal(catalog_audit_last(fix.c, &seq, h), 0);
	assert_int_equal(seq, 5);
	assert_int_equal(h[0], 5);
	assert_int_equal(catalog_audit_list(fix.c, 3, rows, 3), 2);
	assert_int_equal(rows[0].seq, 4);
	assert_string_equal(rows[0].kind, "init");
	assert_int_equal(catalog_commit(fix.c), 0);
}

static void test_changes_are_bounded(void **state)
{
	struct catalog_change ch = {.kind = 1}, rows[4];
	uint64_t floor;

	(void)state;
	assert_int_equal(catalog_begin(fix.c, CATALOG_WRITE_RELAXED), 0);
	for (ch.seq = 1; ch.seq <= 131072; ch.seq++)
		assert_int_equal(catalog_change_add(fix.c, &ch), 0);
	assert_int_equal(catalog_change_trim(fix.c), 0);
	assert_int_equal(catalog_meta_get(fix.c, META_CHANGE_FLOOR, &floor), 0);
	assert_int_equal(floor, 0);
	assert_int_equal(catalog_change_add(fix.c, &ch), 0);
	assert_int_equal(catalog_change_trim(fix.c), 0);
	assert_int_equal(catalog_meta_get(fix.c, META_CHANGE_FLOOR, &floor), 0);
	assert_int_equal(floor, 131073 - 65536);
	assert_int_equal(catalog_change_list(fix.c, 0, UINT32_MAX, rows, 4), 4);
	assert_int_equal(rows[0].seq, floor + 1);
	assert_int_equal(catalog_change_list(fix.c, 131070, 131072, rows, 4), 2);
	assert_int_equal(catalog_commit(fix.c), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_file),
		T(test_out_of_reach),
		T(test_nothing_outside_of_a_transaction),
		T(test_one_state_in_a_transaction),
		T(test_tree),
		T(test_sessions),
		T(test_unwind_and_settle),
		T(test_logs),
		T(test_changes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
