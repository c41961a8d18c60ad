/* test-store-engine.c: a store that a better engine opens: what the older one didn't find isn't
 * shown before the better one has looked. The engines are two of our own for the fixture's
 * recordings: the first finds nothing beyond what import was given, the second blocks "line N". */
#include "store-fixture.h"

static int look_result; /* what looking fails with, 0: it doesn't */
static unsigned looked;

static int look(const char *text, size_t len, bool lines, const struct span *known, size_t nknown,
		struct span **ret, size_t *ret_n)
{
	struct span *v = calloc(len / 4 + nknown + 1, sizeof(*v));
	size_t n = 0, k = 0;

	looked++;
	if (look_result < 0) {
		free(v);
		return look_result;
	}
	for (size_t i = 0; i < len; i++) {
		while (k < nknown && known[k].off <= i)
			v[n++] = known[k++];
		if (lines && len - i > 6 && !memcmp(text + i, "line ", 5) && text[i + 5] <= '9')
			v[n++] = (struct span){.off = (uint32_t)i,
					       .len = 5 +
						      (uint32_t)strspn(text + i + 5, "0123456789"),
					       .cls = CLASS_BLOCKED,
					       .how = HOW_DETECTOR};
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

static int look_first(const char *text, size_t len, const struct policy *p,
		      const struct span *known, size_t nknown, struct span **ret, size_t *ret_n,
		      struct buf *script, struct errinfo *e)
{
	(void)p, (void)script, (void)e;
	return look(text, len, false, known, nknown, ret, ret_n);
}

static int look_better(const char *text, size_t len, const struct policy *p,
		       const struct span *known, size_t nknown, struct span **ret, size_t *ret_n,
		       struct buf *script, struct errinfo *e)
{
	(void)p, (void)script, (void)e;
	return look(text, len, true, known, nknown, ret, ret_n);
}

static const struct store_engine first = {.version = 1, .look = look_first};
static const struct store_engine better = {.version = 2, .look = look_better};
static const struct store_engine best = {.version = 3, .look = look_better};

static struct store *open_with(const struct store_engine *engine, bool reveal)
{
	struct store *s = fix_open(reveal);

	s->engine = engine;
	looked = 0;
	return s;
}

static uint64_t add(struct store *s, int tag)
{
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_row row;
	struct session_id id;
	enum put_result res;

	assert_int_equal(policy_default(&p), 0);
	fix_rec_make(&rec, tag, 10);
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &rec, &p, 0, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
	assert_int_equal(store_session_by_id(s, &id, &row), 0);
	assert_int_equal(row.engine, 1);
	assert_int_equal(row.engine_base, 1);
	return row.ino;
}

static size_t count(const struct buf *b, const char *what)
{
	size_t n = 0, len = strlen(what);

	for (const char *p = b->p; (p = memmem(p, (size_t)(b->p + b->len - p), what, len));
	     p += len)
		n++;
	return n;
}

static void assert_text(struct store *s, uint64_t ino, bool reveal, size_t lines, size_t blocked)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct session_row row;

	assert_int_equal(fix_read(s, ino, reveal, &b), 0);
	assert_int_equal(count(&b, "line "), lines);
	assert_int_equal(count(&b, "[blocked]"), blocked);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	if (!reveal)
		assert_int_equal(row.size, b.len);
}

/* Whoever asks first, by whatever way; and only once. */
static void test_found_before_it_is_shown(void **state)
{
	struct store *s = open_with(&first, false);
	struct session_row before, row, rows[4];
	char b[64];

	(void)state;
	uint64_t ino = add(s, 1);
	assert_text(s, ino, false, 10, 0);
	assert_int_equal(store_session_get(s, ino, &before), 0);
	(void)store_close(s);

	s = open_with(&better, false);
	assert_int_equal(store_session_list(s, before.day_id, 0, rows, 4), 1);
	assert_int_equal(looked, 1);
	assert_int_equal(rows[0].engine, 2);
	assert_int_equal(rows[0].engine_base, 1);
	assert_int_equal(rows[0].rendering, 1);
	assert_int_equal(rows[0].mtime_ns, before.mtime_ns + 1000000000);
	assert_true(rows[0].ctime_ns > before.ctime_ns);
	assert_int_equal(rows[0].counts[CLASS_BLOCKED], before.counts[CLASS_BLOCKED] + 10);
	assert_text(s, ino, false, 0, 10);
	(void)store_close(s);
	s = open_with(&better, false);
	assert_text(s, ino, false, 0, 10);
	assert_int_equal(looked, 0);
	(void)store_close(s);

	/* a reader as the first who asks; it finds nothing more, and nothing moves */
	s = open_with(&best, false);
	assert_text(s, ino, false, 0, 10);
	assert_int_equal(looked, 1);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	assert_int_equal(row.engine, 3);
	assert_int_equal(row.rendering, 1);
	assert_int_equal(row.ctime_ns, rows[0].ctime_ns);
	(void)store_close(s);

	/* an older program goes by what the better one found */
	s = open_with(&first, false);
	struct reader *r;
	assert_text(s, ino, false, 0, 10);
	assert_int_equal(looked, 0);
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), 0);
	assert_true(reader_pread(r, b, sizeof(b), 0) > 0);
	(void)reader_close(r);
	(void)store_close(s);
}

/* While it can't be looked through it can't be read: what it showed may be what would be found. */
static void test_not_shown_unlooked(void **state)
{
	struct store *s = open_with(&first, false);
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	uint64_t ino = add(s, 1);
	(void)store_close(s);
	s = open_with(&better, false);
	look_result = -E2BIG;
	assert_true(fix_read(s, ino, false, &b) < 0);
	assert_int_equal(b.len, 0);
	look_result = 0;
	assert_text(s, ino, false, 0, 10);
	(void)store_close(s);
}

/* Two programs on one store: the older one's open reader ends with what the better one found. */
static void test_older_readers_end(void **state)
{
	struct store *s = open_with(&first, false), *t;
	struct reader *r;
	char b[64];

	(void)state;
	uint64_t ino = add(s, 1), other = add(s, 2);
	struct reader *stays;
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), 0);
	assert_int_equal(store_reader_open(s, other, false, &stays, NULL), 0);
	assert_true(reader_pread(r, b, sizeof(b), 0) > 0);
	t = open_with(&better, false);
	assert_text(t, ino, false, 0, 10);
	assert_int_equal(reader_pread(r, b, sizeof(b), 0), -ESTALE);
	assert_true(reader_pread(stays, b, sizeof(b), 0) > 0);
	(void)reader_close(r);
	(void)reader_close(stays);
	assert_text(s, ino, false, 0, 10);
	(void)store_close(t);
	(void)store_close(s);
}

/* What it drops isn't revealed either, and an applied policy rests on it. */
static void test_revealed_and_applied(void **state)
{
	static const char lax[] = "[record]\nemails = show\n";
	struct store *s = open_with(&first, true);
	struct policy_applied done;
	struct session_row row;
	struct errinfo e = {0};

	(void)state;
	uint64_t ino = add(s, 1);
	assert_text(s, ino, true, 10, 0);
	(void)store_close(s);
	s = open_with(&better, true);
	assert_text(s, ino, true, 0, 10);
	assert_int_equal(store_policy_set(s, "shop.example.com", lax, strlen(lax), &e), 0);
	assert_int_equal(store_policy_apply(s, "shop.example.com", NULL, NULL, &done, &e), 0);
	assert_int_equal(done.sessions, 1);
	assert_text(s, ino, false, 0, 10);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	assert_int_equal(row.engine, 2);
	assert_int_equal(row.engine_base, 2);
	(void)store_close(s);
}

/* A pass over a site, before anybody asks. */
static void test_a_pass_over_the_site(void **state)
{
	struct store *s = open_with(&first, false);
	uint64_t failed = 9;
	struct errinfo e = {0};

	(void)state;
	uint64_t a = add(s, 1), b = add(s, 2);
	(void)store_close(s);
	s = open_with(&better, false);
	assert_int_equal(store_policy_refresh(s, "shop.example.com", NULL, NULL, &failed, &e), 0);
	assert_int_equal(failed, 0);
	assert_int_equal(looked, 2);
	assert_text(s, a, false, 0, 10);
	assert_text(s, b, false, 0, 10);
	assert_int_equal(looked, 2);
	(void)store_close(s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_found_before_it_is_shown), T(test_not_shown_unlooked),
		T(test_older_readers_end),        T(test_revealed_and_applied),
		T(test_a_pass_over_the_site),
	};

	assert_int_equal(secmem_init(1u << 20), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
