/* test-store-hold.c: a held session gets no intent, from anybody; what it was held for stays known.
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
	assert_int_equal(store_hold_set(s, &b, 1, true, "court", &changed, NULL), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(store_hold_set(s, both, 2, true, "again", &changed, NULL), 0);
	assert_int_equal(changed, 1); /* a's */
	assert_int_equal(store_hold_set(s, &a, 1, false, "no", &changed, NULL), 0);
	assert_int_equal(store_session_get(s, b, &row), 0);
	assert_int_equal(row.state, SESSION_HELD);
	fix_expect(s, b, 2, 3); /* read as before */
	assert_int_equal(erase_run(s, both, 2, "r", &res, NULL), -EBUSY);
	fix_expect(s, a, 1, 3); /* nothing of the batch */
	assert_int_equal(store_hold_list(s, 0, rows, 4), 1);
	assert_int_equal(rows[0].ino, b);
	assert_string_equal(rows[0].reason, "court");
	assert_string_equal(rows[0].operator_email, FIX_EMAIL);
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	(void)store_close(s);

	/* another process, later */
	s = fix_open(false);
	assert_int_equal(erase_run(s, &b, 1, "r", &res, NULL), -EBUSY);
	assert_int_equal(store_hold_set(s, &b, 1, false, "settled", &changed, NULL), 0);
	assert_int_equal(changed, 1);
	assert_int_equal(erase_run(s, &b, 1, "r", &res, NULL), 0);
	assert_int_equal(res.erased, 1);
	assert_true(res.receipt > 0);
	assert_int_equal(store_hold_list(s, 0, rows, 4), 0);
	/* gone: nothing to hold, and no entry for it */
	uint64_t entries = rep.entries;
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	assert_int_equal(rep.entries, entries + 2);
	assert_int_equal(store_hold_set(s, &b, 1, true, "late", &changed, NULL), 0);
	assert_int_equal(changed, 0);
	assert_int_equal(store_audit_verify(s, &rep, NULL), 0);
	assert_int_equal(rep.entries, entries + 2);
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
	assert_int_equal(store_hold_set(s, &a, 1, true, longest, &changed, NULL), -E2BIG);
	assert_int_equal(store_hold_set(s, &a, 1, true, "two\nlines", &changed, NULL), -EINVAL);
	/* the longest, of what needs an escape each: the entry has room for it */
	memset(longest, '"', LIMIT_REASON_BYTES);
	longest[LIMIT_REASON_BYTES] = 0;
	assert_int_equal(store_hold_set(s, &a, 1, true, longest, &changed, NULL), 0);
	assert_int_equal(store_hold_set(s, &a, 1, false, longest, &changed, NULL), 0);
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
		cmocka_unit_test_setup_teardown(test_reasons, fix_make_store, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
