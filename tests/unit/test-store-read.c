/* test-store-read.c: readers: any slice, from many threads, beside revocations and erasures. */
#include "store-fixture.h"

#include <pthread.h>

static uint32_t seed = 7;
static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(seed >> 8) * n) >> 24);
}

struct slicing {
	struct reader *r;
	const struct buf *want;
	uint32_t seed;
	int bad;
};

static void *slices(void *arg)
{
	struct slicing *j = arg;
	char *out = malloc(300000);

	for (int i = 0; i < 300; i++) {
		j->seed = j->seed * 1664525u + 1013904223u;
		uint64_t off = (j->seed >> 4) % (j->want->len + 1);
		size_t n = i % 3 ? (j->seed >> 9) % 5000 : (j->seed >> 9) % 300000;
		size_t want = j->want->len - off < n ? j->want->len - off : n;
		ssize_t k = reader_pread(j->r, out, n, off);

		if (k != (ssize_t)want || memcmp(out, j->want->p + off, want))
			j->bad++;
	}
	free(out);
	return NULL;
}

static void test_slices_from_many_threads(void **state)
{
	struct store *s = fix_open(true);
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};

	(void)state;
	const int lines = 9000; /* some 32 chunks */
	uint64_t ino = fix_add(s, 3, lines, NULL);
	fix_rec_make(&rec, 3, lines);
	assert_int_equal(policy_default(&p), 0);
	for (int reveal = 0; reveal < 2; reveal++) {
		CLEANUP(buf_done) struct buf want = {0};
		struct slicing jobs[4];
		pthread_t threads[4];
		struct reader *r;

		fix_rendering(&rec, &p, reveal, &want);
		assert_int_equal(store_reader_open(s, ino, reveal, &r, NULL), 0);
		assert_int_equal(reader_size(r), want.len);
		for (int i = 0; i < 4; i++) {
			jobs[i] = (struct slicing){.r = r, .want = &want, .seed = rnd(1u << 24)};
			assert_int_equal(pthread_create(&threads[i], NULL, slices, &jobs[i]), 0);
		}
		for (int i = 0; i < 4; i++) {
			assert_int_equal(pthread_join(threads[i], NULL), 0);
			assert_int_equal(jobs[i].bad, 0);
		}
		assert_int_equal(reader_pread(r, (char[1]){0}, 1, want.len), 0);
		assert_int_equal(reader_pread(r, (char[1]){0}, 1, UINT64_MAX), 0);
		(void)reader_close(r);
	}
	(void)store_close(s);
}

struct mixing {
	struct store *s;
	_Atomic int stop, reads, bad;
};

static void *look_around(void *arg)
{
	struct mixing *m = arg;
	struct session_row rows[16];
	char text[3000];

	while (!atomic_load(&m->stop)) {
		int n = store_session_list(m->s, 1, 0, rows, 16);

		if (n < 0)
			atomic_fetch_add(&m->bad, 1);
		for (int i = 0; i < n; i++) {
			struct reader *r;
			int x = store_reader_open(m->s, rows[i].ino, false, &r, NULL);

			if (x == -ENOENT)
				continue;
			if (x < 0) {
				print_error("open: %d\n", x);
				atomic_fetch_add(&m->bad, 1);
				continue;
			}
			ssize_t k = reader_pread(r, text, sizeof(text), 0);
			if (k < 0 ? k != -ENOKEY : memcmp(text, "[session ", 9) != 0)
				atomic_fetch_add(&m->bad, 1);
			(void)reader_close(r);
			atomic_fetch_add(&m->reads, 1);
		}
	}
	return NULL;
}

static void *come_and_go(void *arg)
{
	struct mixing *m = arg;

	for (int i = 0; i < 25; i++) {
		struct erase_result res;
		uint64_t ino = fix_add(m->s, 50 + i, 40, NULL);

		if (erase_run(m->s, &ino, 1, "test", &res, NULL) || res.erased != 1)
			atomic_fetch_add(&m->bad, 1);
	}
	return NULL;
}

static void test_threads_of_all_kinds(void **state)
{
	struct mixing m = {.s = fix_open(false)};
	pthread_t t[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)fix_add(m.s, i, 40, NULL);
	assert_int_equal(pthread_create(&t[0], NULL, look_around, &m), 0);
	assert_int_equal(pthread_create(&t[1], NULL, look_around, &m), 0);
	assert_int_equal(pthread_create(&t[2], NULL, come_and_go, &m), 0);
	assert_int_equal(pthread_join(t[2], NULL), 0);
	atomic_store(&m.stop, 1);
	assert_int_equal(pthread_join(t[0], NULL), 0);
	assert_int_equal(pthread_join(t[1], NULL), 0);
	assert_int_equal(m.bad, 0);
	assert_true(m.reads > 10);
	for (int i = 0; i < 3; i++)
		fix_expect(m.s, (uint64_t)i + 1, i, 40);
	(void)store_close(m.s);
}

static void test_reveal_needs_it(void **state)
{
	struct store *s = fix_open(false);
	uint64_t ino = fix_add(s, 1, 3, NULL);
	struct reader *r;
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(store_reader_open(s, ino, true, &r, &e), -EACCES);
	assert_int_equal(store_reader_open(s, ino + 1, false, &r, NULL), -ENOENT);
	(void)store_close(s);
}

static void test_revoked_readers(void **state)
{
	struct store *s = fix_open(true);
	uint64_t ino = fix_add(s, 1, 3000, NULL), other = fix_add(s, 2, 3000, NULL);
	struct reader *r, *v, *o;
	char b[100];

	(void)state;
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), 0);
	assert_int_equal(store_reader_open(s, ino, true, &v, NULL), 0);
	assert_int_equal(store_reader_open(s, other, false, &o, NULL), 0);
	assert_int_equal(reader_pread(r, b, sizeof(b), 5000), sizeof(b));
	store_session_revoke(s, ino);
	memset(b, 1, sizeof(b));
	assert_int_equal(reader_pread(r, b, sizeof(b), 5000), -ENOKEY);
	assert_int_equal(reader_pread(v, b, sizeof(b), 5000), -ENOKEY);
	assert_int_equal(reader_pread(o, b, sizeof(b), 5000), sizeof(b));
	(void)reader_close(r);
	(void)reader_close(v);
	(void)reader_close(o);
	(void)store_close(s);
}

/* A blob store in which a session goes at the worst moment: after its row was read. */
static struct store *late_store;
static uint64_t late_ino;
static const struct blobstore_ops *late_ops;

static int open_late(struct blobstore *bs, const struct blob_id *id, struct blob **ret)
{
	struct erase_result res;

	assert_int_equal(erase_run(late_store, &late_ino, 1, "test", &res, NULL), 0);
	assert_int_equal(res.erased, 1);
	return late_ops->open(bs, id, ret);
}

static void test_erased_while_it_is_opened(void **state)
{
	struct store *s = fix_open(false), *other = fix_open(false);
	struct blobstore_ops ops = *s->blobs->ops;
	struct reader *r;

	(void)state;
	late_ino = fix_add(s, 1, 30, NULL);
	late_store = other;
	late_ops = s->blobs->ops;
	ops.open = open_late;
	s->blobs->ops = &ops;
	assert_int_equal(store_reader_open(s, late_ino, false, &r, NULL), -ENOENT);
	s->blobs->ops = late_ops;
	(void)store_close(other);
	(void)store_close(s);
}
int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_slices_from_many_threads),  T(test_threads_of_all_kinds),
		T(test_reveal_needs_it),           T(test_revoked_readers),
		T(test_erased_while_it_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
