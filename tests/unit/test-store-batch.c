/* test-store-batch.c: adding sessions: what is there already, names that are taken, batches that
 * end early, where blobs lie. */
#include "store-fixture.h"

#include <sys/wait.h>

static void test_same_and_taken(void **state)
{
	struct store *s = fix_open(false);
	CLEANUP(fix_rec_done) struct fix_rec a, b;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *batch;
	struct session_id id, first;
	enum put_result res;

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	fix_rec_make(&a, 1, 5);
	fix_rec_make(&b, 2, 5);
	assert_int_equal(store_batch_begin(s, &batch), 0);
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &first), 0);
	assert_int_equal(res, PUT_STORED);
	/* in the batch */
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), 0);
	assert_int_equal(res, PUT_SAME);
	assert_memory_equal(&id, &first, sizeof(id));
	assert_int_equal(store_batch_pending(batch), 1);
	memcpy(b.id, first.b, 16);
	b.own_id = true;
	assert_int_equal(fix_put(batch, &b, &p, 0, &res, &id), -EEXIST);
	assert_int_equal(store_batch_commit(batch, NULL), 0);
	/* in the store */
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), 0);
	assert_int_equal(res, PUT_SAME);
	assert_memory_equal(&id, &first, sizeof(id));
	assert_int_equal(fix_put(batch, &b, &p, 0, &res, &id), -EEXIST);
	/* the folder's name, with another id */
	b.id[0] ^= 1;
	assert_int_equal(fix_put(batch, &b, &p, 0, &res, &id), -EEXIST);
	b.id[15] ^= 1;
	assert_int_equal(fix_put(batch, &b, &p, 0, &res, &id), 0);
	assert_int_equal(res, PUT_STORED);
	/* the same text on another site is another recording */
	a.site = "other.example.com";
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), 0);
	assert_int_equal(res, PUT_STORED);
	a.site = "../etc";
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), -EINVAL);
	a.site = "shop.example.com";
	assert_int_equal(store_batch_commit(batch, NULL), 0);
	assert_int_equal(fix_put(batch, &a, &p, 7, &res, &id), 0);
	assert_int_equal(res, PUT_SAME);
	(void)store_batch_abort(batch);
	(void)store_close(s);
}

static int open_import_lock(void)
{
	int dirfd = open(fix_path, O_DIRECTORY | O_RDONLY);
	struct store_lock *l;

	assert_int_equal(store_lock_open(dirfd, &l), 0);
	int fd = store_import_lock(l);
	assert_true(fd >= 0);
	(void)store_lock_close(l);
	(void)close(dirfd);
	return fd;
}

static int same_folder(void *ctx, const struct blob_id *id)
{
	int *first = ctx;

	if (*first < 0)
		*first = id->b[0];
	return *first == id->b[0] ? 0 : -EDOM;
}

/* A sync a folder: the blobs of a batch lie in few; and those of a date together, whichever batch
 * they came with. */
static void test_blobs_of_a_date_share_a_folder(void **state)
{
	struct store *s = fix_open(false);
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *batch;
	struct session_id id;
	enum put_result res;
	int first = -1;

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	for (int i = 0; i < 6; i++) {
		CLEANUP(fix_rec_done) struct fix_rec a;

		if (i % 3 == 0)
			assert_int_equal(store_batch_begin(s, &batch), 0);
		fix_rec_make(&a, i, 5);
		assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), 0);
		if (i % 3 == 2) {
			assert_int_equal(store_batch_commit(batch, NULL), 0);
			batch = store_batch_abort(batch);
		}
	}
	assert_int_equal(s->blobs->ops->list(s->blobs, same_folder, &first), 0);
	assert_true(first >= 0);
	(void)store_close(s);
}

static void test_batches_that_end_early(void **state)
{
	struct store *s = fix_open(false);
	CLEANUP(fix_rec_done) struct fix_rec a;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *batch;
	struct session_id id;
	struct session_row row;
	enum put_result res;
	int status;

	(void)state;
	fix_rec_make(&a, 1, 5);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &batch), 0);
	assert_int_equal(fix_put(batch, &a, &p, 0, &res, &id), 0);
	assert_int_equal(store_session_by_id(s, &id, &row), -ENOENT);
	assert_int_equal(fix_blobs(s), 1);
	(void)store_batch_abort(batch);
	assert_int_equal(fix_blobs(s), 0);
	/* a process that dies with one pending; no store is open across a fork (SQLite) */
	(void)store_close(s);
	pid_t pid = fork();
	if (pid == 0) {
		struct store *mine = fix_open(false);

		if (store_batch_begin(mine, &batch) || fix_put(batch, &a, &p, 0, &res, &id))
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* not while an import runs: it might be its blob */
	int import = open_import_lock();
	s = fix_open(false);
	assert_int_equal(fix_blobs(s), 1);
	assert_int_equal(store_batch_begin(s, &batch), 0);
	(void)close(import);
	struct store *other = fix_open(false);
	assert_int_equal(fix_blobs(s), 1);
	(void)store_close(other);
	(void)store_batch_abort(batch);
	other = fix_open(false);
	assert_int_equal(fix_blobs(s), 0);
	(void)store_close(other);
	(void)store_close(s);
}
int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_same_and_taken),
		T(test_blobs_of_a_date_share_a_folder),
		T(test_batches_that_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
