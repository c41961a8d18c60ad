/* test-session-meta.c: sealed rows and plans: back as they were, tied to their place, and nothing
 * at all when a bit is off. */
#include "store-fixture.h"

static const uint8_t data_key[KEY_BYTES] = {7, 7, 7};

static struct session_meta sample(void)
{
	struct session_meta m = {.row = {.start_ms = 1795442602000,
					 .end_ms = 1795442702000,
					 .events = 77,
					 .base_bytes = 5000,
					 .size = 6000,
					 .mtime_ns = -1,
					 .ctime_ns = 12345678901234567,
					 .rendering = 3,
					 .policy_seq = 9,
					 .imported_ns = 4,
					 .name = "140322-7f3a9c21d0b4"}};

	for (int i = 0; i < CLASS_COUNT; i++)
		m.row.counts[i] = (uint64_t)i * i;
	memset(m.row.id.b, 0xab, sizeof(m.row.id.b));
	memset(m.shape, 1, sizeof(m.shape));
	memset(m.text_hash, 2, sizeof(m.text_hash));
	memset(m.row.visitor, 'v', LIMIT_VISITOR_BYTES);
	return m;
}

static void test_rows(void **state)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	struct catalog_session cs = {.ino = 5, .day_id = 6, .kid = 7, .blob = {{8}}}, moved;
	struct session_meta m = sample(), got;
	uint8_t other[KEY_BYTES] = {7, 7, 8};

	(void)state;
	assert_int_equal(aead_new(other, &a), 0);
	assert_int_equal(session_meta_seal(a, data_key, &m, &cs), 0);
	assert_int_equal(session_meta_open(a, data_key, &cs, &got), 0);
	m.row.ino = 5;
	m.row.day_id = 6;
	assert_memory_equal(&got, &m, sizeof(m));
	assert_int_equal(session_meta_open(a, other, &cs, &got), -EBADMSG);

	moved = cs;
	moved.ino = 6;
	assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
	moved = cs;
	moved.day_id = 5;
	assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
	moved = cs;
	moved.kid = 5;
	assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
	moved = cs;
	moved.blob.b[15] = 1;
	assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
	for (uint16_t i = 0; i < cs.row_len; i++) {
		moved = cs;
		moved.row[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
		moved = cs;
		moved.row_len = i;
		assert_int_equal(session_meta_open(a, data_key, &moved, &got), -EBADMSG);
	}
	/* the length says nothing of the names */
	uint16_t len = cs.row_len;
	m.row.visitor[0] = 0;
	assert_int_equal(session_meta_seal(a, data_key, &m, &cs), 0);
	assert_int_equal(cs.row_len, len);
}

static void test_plans(void **state)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(plan_done) struct plan plan = {0};
	CLEANUP(buf_done) struct buf sealed = {0};
	struct blob_id blob = {{3}}, other = {{4}};

	(void)state;
	assert_int_equal(aead_new(data_key, &a), 0);
	fix_rec_make(&r, 1, 30);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(span_table_make(r.text.len, r.spans, r.n, &p, &t, NULL), 0);
	assert_int_equal(plan_make(&t, &p, false, &plan), 0);
	assert_int_equal(session_plan_seal(a, data_key, 5, &blob, &plan, &sealed), 0);
	for (size_t i = 0; i <= sealed.len; i++) {
		CLEANUP(plan_done) struct plan got = {0};

		if (i < sealed.len)
			sealed.p[i] = (char)(sealed.p[i] ^ 1);
		int x = session_plan_open(a, data_key, 5, &blob, &sealed, t.base_bytes, &got);
		assert_int_equal(x, i < sealed.len ? -EBADMSG : 0);
		if (i < sealed.len)
			sealed.p[i] = (char)(sealed.p[i] ^ 1);
		else
			assert_int_equal(got.size, plan.size);
	}
	struct plan none;
	assert_int_equal(session_plan_open(a, data_key, 6, &blob, &sealed, t.base_bytes, &none),
			 -EBADMSG);
	assert_int_equal(session_plan_open(a, data_key, 5, &other, &sealed, t.base_bytes, &none),
			 -EBADMSG);
	assert_int_equal(session_plan_open(a, data_key, 5, &blob, &sealed, 10, &none), -EBADMSG);
	/* one that puts values back is never kept */
	CLEANUP(plan_done) struct plan reveal = {0};
	assert_int_equal(plan_make(&t, &p, true, &reveal), 0);
	assert_int_equal(session_plan_seal(a, data_key, 5, &blob, &reveal, &sealed), -EINVAL);
}

static void test_lookups(void **state)
{
	const struct store_keys k = {.lookup = {1}, .tombstone = {2}};
	uint8_t a[LOOKUP_BYTES], b[LOOKUP_BYTES], hash[HASH_BYTES] = {3}, shape[HASH_BYTES] = {4};
	struct session_id id = {{5}};
	struct tombstones t, u;
	bool seen[256];
	unsigned folders = 0;
	uint8_t folder;

	(void)state;
	assert_int_equal(lookup_name(&k, 1, "140322-x", 8, a), 0);
	assert_int_equal(lookup_name(&k, 2, "140322-x", 8, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(lookup_body(&k, "a.example", hash, a), 0);
	assert_int_equal(lookup_body(&k, "b.example", hash, b), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < 200; i++) { /* dates spread over the folders */
		char date[11];

		(void)snprintf(date, sizeof(date), "2026-%02u-%02u", i / 25 + 1, i % 25 + 1);
		assert_int_equal(lookup_folder(&k, "a.example", date, &folder), 0);
		folders += !seen[folder];
		seen[folder] = true;
	}
	assert_true(folders > 100);
	assert_int_equal(lookup_folder(&k, "a.example", "2026-01-01", a), 0);
	assert_int_equal(lookup_folder(&k, "a.example", "2026-01-01", b), 0);
	assert_int_equal(a[0], b[0]);
	assert_int_equal(tombstones_make(&k, &id, "a.example", hash, shape, 7, &t), 0);
	assert_int_equal(t.n, 2); /* too few events to be told by their shape */
	assert_int_equal(tombstones_make(&k, &id, "b.example", hash, shape, 8, &u), 0);
	assert_int_equal(u.n, 3);
	assert_memory_equal(t.v[0].h, u.v[0].h, HASH_BYTES);
	assert_memory_not_equal(t.v[1].h, u.v[1].h, HASH_BYTES);
	assert_int_equal(tombstones_make(&k, NULL, "b.example", hash, shape, 8, &t), 0);
	assert_int_equal(t.n, 2);
	assert_memory_equal(t.v[1].h, u.v[2].h, HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_lookups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
