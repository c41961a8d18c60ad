/* test-store-hold.c: a held or restricted session gets no intent, from anybody; what it was held
 * for stays known; a restricted one is read with the reveal key only.
 */
#include "store-fixture.h"

#include "redactfs/erase.h"

static void test_hold(void **state)
{
	struct store *s = fix_open(false);
	uint64_t a = fix_add(s, 1, 3, NULL), b = fix_add(s, 2, 3, NULL);
	const uint64_t both[] = {a, b};
	struct erase_result res;
	struct session_row row;
	struct hold_row rows[4];
	struct audit_report rep;
	size_t changed;

	(void)state;
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &b, 1, true, "court", &changed, NULL), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, both, 2, true, "again", &changed, NULL), 0);
	assert_int_equal(changed, 1); /* a's */
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &a, 1, false, "no", &changed, NULL), 0);
	assert_int_equal(store_session_get(s, b, &row), 0);
	assert_int_equal(row.state, SESSION_HELD);
	fix_expect(s, b, 2, 3); /* read as before */
	assert_int_equal(erase_run(s, both, 2, "r", &res, NULL), -EBUSY);
	fix_expect(s, a, 1, 3); /* nothing of the batch */
	assert_int_equal(store_hold_list(s, HOLD_LEGAL, 0, rows, 4), 1);
	assert_int_equal(rows[0].ino, b);
	assert_string_equal(rows[0].reason, "court");
	assert_string_equal(rows[0].operator_email, FIX_EMAIL);
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	(void)store_close(s);

	/* another process, later */
	s = fix_open(false);
	assert_int_equal(erase_run(s, &b, 1, "r", &res, NULL), -EBUSY);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &b, 1, false, "settled", &changed, NULL), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(erase_run(s, &b, 1, "r", &res, NULL), 0);
	assert_int_equal(res.erased, 1);
	assert_true(res.receipt > 0);
	assert_int_equal(store_hold_list(s, HOLD_LEGAL, 0, rows, 4), 0);
	/* gone: nothing to hold, and no entry for it */
	uint64_t entries = rep.entries;
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	assert_int_equal(rep.entries, entries + 2);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &b, 1, true, "late", &changed, NULL), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	assert_int_equal(rep.entries, entries + 2);
	(void)store_close(s);
}

static enum session_state state_of(struct store *s, uint64_t ino)
{
	struct session_row row;

	assert_int_equal(store_session_get(s, ino, &row), 0);
	return row.state;
}

static int set(struct store *s, enum hold_kind kind, uint64_t ino, bool on)
{
	size_t changed;
	int r = store_hold_set(s, kind, &ino, 1, on, "r", &changed, NULL);

	return r < 0 ? r : (int)changed;
}

static void test_restricted(void **state)
{
	struct store *s = fix_open(false), *officer = fix_open(true);
	uint64_t a = fix_add(s, 1, 3, NULL), b = fix_add(s, 2, 3, NULL), seq;
	const uint64_t both[] = {a, b};
	struct session_row before, after;
	struct day_row day, day_after;
	struct store_change ch[4];
	struct erase_result res;
	struct reader *r, *reveal;
	CLEANUP(buf_done) struct buf got = {0};
	char text[8];

	(void)state;
	assert_int_equal(store_session_get(s, a, &before), 0);
	assert_int_equal(store_day_get(s, before.day_id, &day), 0);
	assert_int_equal(store_reader_open(s, a, false, &r, NULL), 0);
	assert_int_equal(store_reader_open(officer, a, true, &reveal, NULL), 0);
	assert_int_equal(store_change_seq(s, &seq), 0);
	assert_int_equal(set(officer, HOLD_RESTRICTION, a, true), 1);
	assert_int_equal(set(officer, HOLD_RESTRICTION, a, true), 0);
	assert_int_equal(state_of(s, a), SESSION_RESTRICTED);
	assert_int_equal(state_of(s, b), SESSION_LIVE);

	/* open in another process, and anew; with the reveal key it goes on */
	assert_int_equal(reader_pread(r, text, sizeof(text), 0), -EACCES);
	assert_int_equal(fix_read(s, a, false, &got), -EACCES);
	assert_int_equal(store_session_findings(s, a, &got), -EACCES);
	assert_int_equal(reader_pread(reveal, text, sizeof(text), 0), sizeof(text));
	assert_int_equal(fix_read(officer, a, true, &got), 0);
	fix_expect(s, b, 2, 3);

	/* the folders have moved, mounts are told, nothing is erased */
	assert_int_equal(store_day_get(s, day.id, &day_after), 0);
	assert_true(day_after.mtime_ns > day.mtime_ns);
	assert_int_equal(store_changes(s, seq, ch, 4), 1);
	assert_int_equal(ch[0].kind, CHANGE_HIDDEN);
	assert_int_equal(ch[0].ino, a);
	assert_int_equal(erase_run(s, both, 2, "r", &res, NULL), -EBUSY);

	/* back: as it was; who had it open opens it anew */
	assert_int_equal(set(s, HOLD_RESTRICTION, a, false), 1);
	assert_int_equal(set(s, HOLD_RESTRICTION, a, false), 0);
	assert_int_equal(store_session_get(s, a, &after), 0);
	assert_memory_equal(&after, &before, sizeof(after));
	assert_int_equal(reader_pread(r, text, sizeof(text), 0), -EACCES);
	fix_expect(s, a, 1, 3);
	(void)reader_close(r);
	(void)reader_close(reveal);
	(void)store_close(officer);
	assert_int_equal(erase_run(s, both, 2, "r", &res, NULL), 0);
	(void)store_close(s);
}

/* In whatever order they come and go, each is counted by itself. */
static void test_both(void **state)
{
	struct store *s = fix_open(false);
	uint64_t a = fix_add(s, 1, 3, NULL);
	struct hold_row rows[2];
	struct store_status st;
	struct erase_result res;

	(void)state;
	assert_int_equal(set(s, HOLD_LEGAL, a, true), 1);
	assert_int_equal(set(s, HOLD_RESTRICTION, a, true), 1);
	assert_int_equal(state_of(s, a), SESSION_RESTRICTED);
	assert_int_equal(store_hold_list(s, HOLD_LEGAL, 0, rows, 2), 1);
	assert_int_equal(store_hold_list(s, HOLD_RESTRICTION, 0, rows, 2), 1);
	assert_int_equal(store_status_get(s, &st), 0);
	assert_int_equal(st.sessions, 1);
	assert_int_equal(st.held, 1);
	assert_int_equal(st.restricted, 1);
	assert_int_equal(set(s, HOLD_RESTRICTION, a, false), 1);
	assert_int_equal(state_of(s, a), SESSION_HELD);
	assert_int_equal(erase_run(s, &a, 1, "r", &res, NULL), -EBUSY);
	assert_int_equal(set(s, HOLD_RESTRICTION, a, true), 1);
	assert_int_equal(set(s, HOLD_LEGAL, a, false), 1);
	assert_int_equal(state_of(s, a), SESSION_RESTRICTED);
	assert_int_equal(set(s, HOLD_LEGAL, a, true), 1);
	assert_int_equal(state_of(s, a), SESSION_RESTRICTED);
	assert_int_equal(set(s, HOLD_LEGAL, a, false), 1);
	assert_int_equal(erase_run(s, &a, 1, "r", &res, NULL), -EBUSY);
	assert_int_equal(set(s, HOLD_RESTRICTION, a, false), 1);
	assert_int_equal(state_of(s, a), SESSION_LIVE);
	assert_int_equal(erase_run(s, &a, 1, "r", &res, NULL), 0);
	(void)store_close(s);
}

static struct store *open_as(const char *email, const char *passphrase)
{
	struct secret *pp = fix_secret(passphrase);
	const struct store_login login = {.path = fix_path, .email = email, .passphrase = pp};
	struct store *s = NULL;

	assert_int_equal(store_open(&login, &s, NULL), 0);
	(void)secret_free(pp);
	return s;
}

static void test_who_may(void **state)
{
	static const struct {
		uint32_t roles;
		int hold, restrict_, list;
	} cases[] = {{ROLE_VIEWER, -EACCES, -EACCES, -EACCES},
		     {ROLE_ERASER, -EACCES, -EACCES, -EACCES},
		     {ROLE_ADMIN, 1, -EACCES, -EACCES},
		     {ROLE_OFFICER, 1, 1, 1}};
	static const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct store *s = fix_open(true);
	uint64_t a = fix_add(s, 1, 3, NULL);
	struct hold_row rows[2];
	char email[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secret *pp = fix_secret("Kettle-harbour 71 tin whistle");

		(void)snprintf(email, sizeof(email), "op%zu@example.org", i);
		assert_int_equal(
			store_operator_add_with(s, email, cases[i].roles, pp, &cheap, NULL), 0);
		(void)secret_free(pp);
		struct store *o = open_as(email, "Kettle-harbour 71 tin whistle");
		assert_int_equal(set(o, HOLD_LEGAL, a, true), cases[i].hold);
		assert_int_equal(set(o, HOLD_RESTRICTION, a, true), cases[i].restrict_);
		assert_int_equal(store_hold_list(o, HOLD_RESTRICTION, 0, rows, 2), cases[i].list);
		assert_int_equal(set(o, HOLD_RESTRICTION, a, false), cases[i].restrict_);
		assert_int_equal(set(o, HOLD_LEGAL, a, false), cases[i].hold);
		assert_int_equal(state_of(s, a), SESSION_LIVE);
		(void)store_close(o);
	}
	(void)store_close(s);
}

static void test_reasons(void **state)
{
	struct store *s = fix_open(false);
	uint64_t a = fix_add(s, 1, 3, NULL);
	char longest[LIMIT_REASON_BYTES + 2];
	size_t changed;

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[LIMIT_REASON_BYTES + 1] = 0;
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &a, 1, true, longest, &changed, NULL),
			 -E2BIG);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &a, 1, true, "two\nlines", &changed, NULL),
			 -EINVAL);
	/* the longest, of what needs an escape each: the entry has room for it */
	memset(longest, '"', LIMIT_REASON_BYTES);
	longest[LIMIT_REASON_BYTES] = 0;
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &a, 1, true, longest, &changed, NULL), 0);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &a, 1, false, longest, &changed, NULL), 0);
	struct erase_result res;
	assert_int_equal(erase_run(s, &a, 1, longest, &res, NULL), 0);
	CLEANUP(buf_done) struct buf text = {0};
	uint8_t sig[SIGN_BYTES];
	assert_int_equal(store_receipt(s, res.receipt, NULL, &text, sig, NULL), 0);
	assert_non_null(strstr(text.p, longest));
	(void)store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hold, fix_make_store, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_restricted, fix_make_store, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_both, fix_make_store, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_who_may, fix_make_store, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_reasons, fix_make_store, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
