/* test-rootholder-file.c: two slots in a file: overwritten in place, one without the other. */
#include "store-fixture.h"

static void test_write_and_shred(void **state)
{
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY);
	struct rootholder *h;
	uint8_t a[SLOT_BYTES], b[SLOT_BYTES], got[SLOT_BYTES];
	struct stat before, after;

	(void)state;
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_int_equal(rootholder_file_create(dirfd, "root", &h), 0);
	assert_int_equal(rootholder_write(h, 0, a), 0);
	assert_int_equal(rootholder_write(h, 1, b), 0);
	(void)rootholder_close(h);
	assert_int_equal(rootholder_file_create(dirfd, "root", &h), -EEXIST);
	assert_int_equal(fstatat(dirfd, "root", &before, 0), 0);
	assert_int_equal(before.st_size, 8192);
	assert_int_equal(before.st_mode & 0777, 0600);

	assert_int_equal(rootholder_file_open(dirfd, "root", &h), 0);
	assert_int_equal(rootholder_shred(h, 0), 0);
	assert_int_equal(rootholder_read(h, 1, got), 0);
	assert_memory_equal(got, b, SLOT_BYTES);
	assert_int_equal(rootholder_read(h, 0, got), 0);
	size_t same = 0;
	for (size_t i = 0; i < SLOT_BYTES; i++)
		same += got[i] == 'a';
	assert_true(same < 100); /* 16 by chance */
	(void)rootholder_close(h);
	assert_int_equal(fstatat(dirfd, "root", &after, 0), 0);
	assert_int_equal(after.st_ino, before.st_ino); /* in place, never another file */
	assert_int_equal(after.st_size, 8192);
	(void)close(dirfd);
}

static void test_what_is_no_root(void **state)
{
	int dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY);
	struct rootholder *h;

	(void)state;
	assert_int_equal(rootholder_file_open(dirfd, "root", &h), -ENOENT);
	int fd = openat(dirfd, "root", O_CREAT | O_RDWR, 0600);
	assert_int_equal(ftruncate(fd, 8191), 0);
	assert_int_equal(rootholder_file_open(dirfd, "root", &h), -EUCLEAN);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(rootholder_file_open(dirfd, "root", &h), 0);
	(void)rootholder_close(h);
	assert_int_equal(ftruncate(fd, 12288), 0);
	assert_int_equal(rootholder_file_open(dirfd, "root", &h), -EUCLEAN);
	(void)close(fd);
	assert_int_equal(symlinkat("root", dirfd, "link"), 0);
	assert_int_equal(rootholder_file_open(dirfd, "link", &h), -ELOOP);
	(void)close(dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write_and_shred, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_what_is_no_root, fix_make_dir, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
