/* test-retention.c: which day is the first that is kept, by the clock of each site. */
#include "store-fixture.h"

#include "redactfs/erase.h"

struct got {
	struct retention_site v[8];
	size_t n;
};

static int take(void *ctx, const struct retention_site *site)
{
	struct got *g = ctx;

	g->v[g->n++] = *site;
	return 0;
}

static void set_policy(struct store *s, const char *site, const char *ini)
{
	struct errinfo e = {0};
	int r = store_policy_set(s, site, ini, strlen(ini), &e);

	if (r < 0)
		print_error("%s\n", e.msg);
	assert_int_equal(r, 0);
}

/* 2024-03-01 at 00:30 UTC: a leap day lies behind, and it is still February in New York. */
#define NOW_MS INT64_C(1709253000000)

static void test_days(void **state)
{
	static const struct {
		const char *site, *ini, *before; /* NULL: has no limit */
	} cases[] = {
		{"a.example", "[site]\nretention = 1d\n", "2024-02-29"},
		{"b.example", "[site]\nretention = 30d\ntimezone = America/New_York\n",
		 "2024-01-30"},
		{"c.example", "[site]\nretention = forever\n", NULL},
		{"d.example", "", NULL},
		{"e.example", "[site]\nretention = 1y\ntimezone = Asia/Tokyo\n", "2023-03-02"},
		{"f.example", "[site]\nretention = 36500d\n", "1924-03-26"},
	};
	struct store *s = fix_open(false);
	struct got g = {.n = 0};
	size_t want = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(fix_rec_done) struct fix_rec rec;
		CLEANUP(policy_done) struct policy p = {0};
		struct session_id id;
		struct store_batch *b;
		enum put_result res;

		/* a site is one that has sessions */
		fix_rec_make(&rec, (int)i + 1, 2);
		rec.site = cases[i].site;
		assert_int_equal(policy_default(&p), 0);
		assert_int_equal(store_batch_begin(s, &b), 0);
		assert_int_equal(fix_put(b, &rec, &p, 0, &res, &id), 0);
		assert_int_equal(store_batch_commit(b, NULL), 0);
		(void)store_batch_abort(b);
		if (*cases[i].ini)
			set_policy(s, cases[i].site, cases[i].ini);
	}
	set_policy(s, "nothing.example", "[site]\nretention = 1d\n");
	assert_int_equal(retention_due(s, NOW_MS, take, &g, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!cases[i].before)
			continue;
		assert_string_equal(g.v[want].name, cases[i].site);
		assert_string_equal(g.v[want].before, cases[i].before);
		want++;
	}
	assert_int_equal(g.n, want);
	(void)store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_days, fix_make_store, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
