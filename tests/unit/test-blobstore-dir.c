/* test-blobstore-dir.c: blobs as files: whole, in ranges, listed, gone. */
#include "store-fixture.h"

static int count(void *ctx, const struct blob_id *id)
{
	(void)id;
	++*(int *)ctx;
	return 0;
}

static int stop_at_two(void *ctx, const struct blob_id *id)
{
	(void)count(ctx, id);
	return *(int *)ctx == 2 ? -EINTR : 0;
}

static void test_life_of_blobs(void **state)
{
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY), n = 0;
	struct blobstore *bs;
	struct blob *b;
	struct blob_id ids[40];
	char text[40][32], got[64];

	(void)state;
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), -ENOENT);
	assert_int_equal(blobstore_dir_create(dirfd, "blobs"), 0);
	assert_int_equal(blobstore_dir_create(dirfd, "blobs"), -EEXIST);
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), 0);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(rng_bytes(&ids[i], sizeof(ids[i])), 0);
		(void)snprintf(text[i], sizeof(text[i]), "blob %d and its tail", i);
		struct iovec v[] = {{text[i], 4}, {text[i] + 4, strlen(text[i]) - 4}};
		assert_int_equal(bs->ops->put(bs, &ids[i], v, 2), 0);
		assert_int_equal(bs->ops->put(bs, &ids[i], v, 2), -EEXIST);
	}
	assert_int_equal(bs->ops->sync(bs), 0);
	for (int i = 0; i < 40; i++) {
		size_t len = strlen(text[i]);

		assert_int_equal(bs->ops->open(bs, &ids[i], &b), 0);
		assert_int_equal(bs->ops->size(b), len);
		assert_int_equal(bs->ops->read(b, got, len, 0), 0);
		assert_memory_equal(got, text[i], len);
		assert_int_equal(bs->ops->read(b, got, 4, len - 4), 0);
		assert_memory_equal(got, text[i] + len - 4, 4);
		assert_int_equal(bs->ops->read(b, got, 5, len - 4), -ENODATA);
		/* an open one outlives its name */
		assert_int_equal(bs->ops->remove(bs, &ids[i]), 0);
		assert_int_equal(bs->ops->remove(bs, &ids[i]), 0);
		assert_int_equal(bs->ops->read(b, got, len, 0), 0);
		(void)blob_close(b);
		assert_int_equal(bs->ops->open(bs, &ids[i], &b), -ENOENT);
		if (i == 9) {
			n = 0;
			assert_int_equal(bs->ops->list(bs, count, &n), 0);
			assert_int_equal(n, 30);
			n = 0;
			assert_int_equal(bs->ops->list(bs, stop_at_two, &n), -EINTR);
			assert_int_equal(n, 2);
		}
	}
	assert_int_equal(bs->ops->sync(bs), 0);
	n = 0;
	assert_int_equal(bs->ops->list(bs, count, &n), 0);
	assert_int_equal(n, 0);
	uint64_t total, avail;
	assert_int_equal(bs->ops->space(bs, &total, &avail), 0);
	assert_true(total >= avail && total > 0);
	(void)blobstore_close(bs);
	(void)close(dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_life_of_blobs, fix_make_dir, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
