/* test-blobstore-dir.c: blobs as files: whole, in ranges, listed, gone. */
#include "store-fixture.h"

#include <sys/fsuid.h>
#include <sys/syscall.h>

/* ---- what is synced: this one is called instead of the C library's */

static pthread_mutex_t sync_lock = PTHREAD_MUTEX_INITIALIZER;
static ino_t synced[2000]; /* [sync_lock] */
static size_t n_synced;    /* [sync_lock] */
static ino_t broken;       /* what can't be synced */

int fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	pthread_mutex_lock(&sync_lock);
	if (n_synced < sizeof(synced) / sizeof(*synced))
		synced[n_synced++] = st.st_ino;
	pthread_mutex_unlock(&sync_lock);
	if (st.st_ino == broken) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static size_t times_synced(int dirfd, const char *path)
{
	struct stat st;
	size_t n = 0;

	assert_int_equal(fstatat(dirfd, path, &st, 0), 0);
	for (size_t i = 0; i < n_synced; i++)
		n += synced[i] == st.st_ino;
	return n;
}

static void path_of(const struct blob_id *id, char out[64])
{
	int n = snprintf(out, 64, "blobs/%02x/", id->b[0]);

	for (size_t i = 0; i < sizeof(id->b); i++)
		n += snprintf(out + n, 64 - (size_t)n, "%02x", id->b[i]);
}

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
	struct blob_space sp;
	assert_int_equal(bs->ops->space(bs, &sp), 0);
	assert_true(sp.bytes_total >= sp.bytes_free && sp.bytes_free >= sp.bytes_avail);
	assert_true(sp.bytes_total > 0 && sp.files >= sp.files_free);
	(void)blobstore_close(bs);
	(void)close(dirfd);
}

#define MANY 300

static void put_many(struct blobstore *bs, struct blob_id *ids)
{
	char text[] = "text";
	struct iovec v = {text, 4};

	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(rng_bytes(&ids[i], sizeof(ids[i])), 0);
		assert_int_equal(bs->ops->put(bs, &ids[i], &v, 1), 0);
	}
}

/* After a sync everything is on the disk, file and folder, however many there were. */
static void test_all_are_synced(void **state)
{
	static struct blob_id ids[MANY];
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY);
	struct blobstore *bs;
	char path[64];

	(void)state;
	broken = 0;
	assert_int_equal(blobstore_dir_create(dirfd, "blobs"), 0);
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), 0);
	n_synced = 0;
	put_many(bs, ids);
	assert_int_equal(bs->ops->sync(bs), 0);
	size_t before = n_synced;
	for (size_t i = 0; i < MANY; i++) {
		path_of(&ids[i], path);
		assert_int_equal(times_synced(dirfd, path), 1);
		path[8] = 0;
		assert_true(times_synced(dirfd, path) >= 1);
	}
	assert_int_equal(bs->ops->sync(bs), 0);
	assert_int_equal(n_synced, before);
	(void)blobstore_close(bs);
	(void)close(dirfd);
}

/* Whoever asks after a failure mustn't take for durable what another one's sync has lost. */
static void test_failure_stays(void **state)
{
	static struct blob_id ids[MANY];
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY);
	struct blobstore *bs;
	char text[] = "text";
	struct iovec v = {text, 4};
	struct stat st;
	char path[64];

	(void)state;
	assert_int_equal(blobstore_dir_create(dirfd, "blobs"), 0);
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(rng_bytes(&ids[i], sizeof(ids[i])), 0);
		assert_int_equal(bs->ops->put(bs, &ids[i], &v, 1), 0);
	}
	path_of(&ids[1], path);
	assert_int_equal(fstatat(dirfd, path, &st, 0), 0);
	broken = st.st_ino;
	assert_int_equal(bs->ops->sync(bs), -EIO);
	broken = 0;
	assert_int_equal(bs->ops->sync(bs), -EIO);
	assert_int_equal(bs->ops->put(bs, &ids[MANY - 1], &v, 1), 0);
	assert_int_equal(bs->ops->sync(bs), -EIO);
	(void)blobstore_close(bs);

	/* in a put that finds the list of those to sync full */
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), 0);
	int r = 0;
	for (size_t i = 0; r == 0 && i < MANY; i++) {
		assert_int_equal(rng_bytes(&ids[i], sizeof(ids[i])), 0);
		r = bs->ops->put(bs, &ids[i], &v, 1);
		path_of(&ids[i], path);
		if (r == 0 && !broken && fstatat(dirfd, path, &st, 0) == 0)
			broken = st.st_ino;
	}
	broken = 0;
	assert_int_equal(r, -EIO);
	assert_int_equal(bs->ops->sync(bs), -EIO);
	(void)blobstore_close(bs);
	(void)close(dirfd);
}

/* Of a file that isn't ours too, as in a copy of a store that belongs to somebody else. */
static void test_reading_leaves_no_mark(void **state)
{
	const struct timespec long_ago[] = {{.tv_sec = 1000000000}, {.tv_nsec = UTIME_OMIT}};
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY);
	char text[] = "blob";
	struct iovec v = {text, 4};
	struct blobstore *bs;
	struct blob_id id;
	struct blob *b;
	struct stat st;
	char path[64], folder[64], got[4];

	(void)state;
	assert_int_equal(blobstore_dir_create(dirfd, "blobs"), 0);
	assert_int_equal(blobstore_dir_open(dirfd, "blobs", &bs), 0);
	assert_int_equal(rng_bytes(&id, sizeof(id)), 0);
	assert_int_equal(bs->ops->put(bs, &id, &v, 1), 0);
	path_of(&id, path);
	assert_int_equal(utimensat(dirfd, path, long_ago, 0), 0);
	bs->ops->fetch(bs, &id);
	assert_int_equal(bs->ops->open(bs, &id, &b), 0);
	assert_int_equal(bs->ops->read(b, got, 4, 0), 0);
	(void)blob_close(b);
	assert_int_equal(fstatat(dirfd, path, &st, 0), 0);
	assert_int_equal(st.st_atim.tv_sec, long_ago[0].tv_sec);

	if (geteuid() == 0) {
		(void)snprintf(folder, sizeof(folder), "blobs/%02x", id.b[0]);
		assert_int_equal(fchmodat(dirfd, "blobs", 0755, 0), 0);
		assert_int_equal(fchmodat(dirfd, folder, 0755, 0), 0);
		assert_int_equal(fchmodat(dirfd, path, 0644, 0), 0);
		(void)setfsuid(65534);
		int r = bs->ops->open(bs, &id, &b);
		(void)setfsuid(0);
		assert_int_equal(r, 0);
		assert_int_equal(bs->ops->read(b, got, 4, 0), 0);
		(void)blob_close(b);
	}
	(void)blobstore_close(bs);
	(void)close(dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_are_synced, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_failure_stays, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_life_of_blobs, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_reading_leaves_no_mark, fix_make_dir,
						fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
