/* test-rootholder-files.c: slots in several files: written and overwritten in all of them, one that
 * is away stops everything, a reference leads to them. */
#include "store-fixture.h"

#include "redactfs/rootholder.h"

#include <fcntl.h>
#include <unistd.h>

static char names[3][128];
static const char *paths[3];

static int setup(void **state)
{
	(void)fix_make_dir(state);
	for (int i = 0; i < 3; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s/r%d", fix_dir, i);
		paths[i] = names[i];
	}
	return 0;
}

static void expect_slot(unsigned file, unsigned slot, const uint8_t want[SLOT_BYTES])
{
	uint8_t got[SLOT_BYTES];
	int fd = open(paths[file], O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, got, sizeof(got), slot * SLOT_BYTES), SLOT_BYTES);
	assert_int_equal(close(fd), 0);
	assert_memory_equal(got, want, SLOT_BYTES);
}

static void test_all_copies(void **state)
{
	uint8_t a[SLOT_BYTES], got[SLOT_BYTES];
	struct rootholder_place p;
	struct rootholder *h;

	(void)state;
	memset(a, 'a', sizeof(a));
	assert_int_equal(rootholder_files_create(paths, 3, &h, NULL), 0);
	assert_int_equal(rootholder_copies(h), 3);
	assert_int_equal(rootholder_write(h, 1, a), 0);
	for (unsigned i = 0; i < 3; i++) {
		expect_slot(i, 1, a);
		assert_int_equal(rootholder_read_copy(h, i, 1, got), 0);
		assert_memory_equal(got, a, SLOT_BYTES);
		rootholder_place(h, i, &p);
		assert_string_equal(p.path, paths[i]);
		assert_true(p.fd >= 0);
	}
	assert_int_equal(rootholder_shred(h, 1), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(rootholder_read_copy(h, i, 1, got), 0);
		assert_memory_not_equal(got, a, 64);
	}
	assert_int_equal(rootholder_ready(h, NULL), 0);
	(void)rootholder_close(h);
	/* they are there: nothing of them is touched */
	assert_int_equal(rootholder_files_create(paths, 1, &h, NULL), -EEXIST);
	assert_int_equal(rootholder_files_create(paths, 0, &h, NULL), -EINVAL);
	assert_int_equal(rootholder_files_create(paths, ROOT_COPIES + 1, &h, NULL), -EINVAL);
}

static void test_one_is_away(void **state)
{
	struct errinfo e = {0};
	struct rootholder *h;

	(void)state;
	assert_int_equal(rootholder_files_create(paths, 2, &h, NULL), 0);
	assert_int_equal(rename(paths[1], paths[2]), 0);
	assert_int_equal(rootholder_ready(h, &e), -EIO);
	assert_non_null(strstr(e.msg, paths[1]));
	/* another file in its place isn't it */
	int fd = open(paths[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(close(fd), 0);
	assert_int_equal(rootholder_ready(h, NULL), -EIO);
	assert_int_equal(rename(paths[2], paths[1]), 0);
	assert_int_equal(rootholder_ready(h, NULL), 0);
	(void)rootholder_close(h);
	assert_int_equal(unlink(paths[0]), 0);
	e = (struct errinfo){0};
	assert_int_equal(rootholder_files_open(paths, 2, &h, &e), -ENOENT);
	assert_non_null(strstr(e.msg, paths[0]));
	assert_non_null(e.hint[0] ? e.hint : NULL);
}

/* One that can't be made: the others go again. */
static void test_create_fails(void **state)
{
	const char *some[] = {paths[0], "/nonexistent/folder/root"};
	struct errinfo e = {0};
	struct rootholder *h;

	(void)state;
	assert_int_equal(rootholder_files_create(some, 2, &h, &e), -ENOENT);
	assert_non_null(strstr(e.msg, some[1]));
	assert_int_equal(access(paths[0], F_OK), -1);
}

static void test_reference(void **state)
{
	static const char *const bad[] = {"",
					  "RFSREF01\n",
					  "RFSREF01\nrelative\n",
					  "RFSREF01\n/a",
					  "RFSREF02\n/a\n",
					  "RFSREF01\n/a\n/b\n/c\n/d\n/e\n"};
	int dirfd = open(fix_dir, O_DIRECTORY | O_CLOEXEC);
	struct rootholder *h;

	(void)state;
	assert_int_equal(rootholder_files_create(paths, 2, &h, NULL), 0);
	(void)rootholder_close(h);
	assert_int_equal(rootholder_refer(dirfd, "root", paths, 2), 0);
	assert_int_equal(rootholder_open(dirfd, "root", NULL, &h, NULL), 0);
	assert_int_equal(rootholder_copies(h), 2);
	(void)rootholder_close(h);
	assert_int_equal(rootholder_refer(dirfd, "root", (const char *[]){"relative"}, 1), -EINVAL);
	assert_int_equal(rootholder_refer(dirfd, "root", (const char *[]){"/two\nlines"}, 1),
			 -EINVAL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = openat(dirfd, "root", O_WRONLY | O_TRUNC | O_CLOEXEC);

		assert_int_equal(write(fd, bad[i], strlen(bad[i])), strlen(bad[i]));
		assert_int_equal(close(fd), 0);
		assert_int_equal(rootholder_open(dirfd, "root", NULL, &h, NULL), -EUCLEAN);
	}
	/* the slots themselves */
	assert_int_equal(unlinkat(dirfd, "root", 0), 0);
	assert_int_equal(rootholder_open(dirfd, "root", NULL, &h, NULL), -ENOENT);
	assert_int_equal(rootholder_file_create(dirfd, "root", &h), 0);
	(void)rootholder_close(h);
	assert_int_equal(rootholder_open(dirfd, "root", NULL, &h, NULL), 0);
	assert_int_equal(rootholder_copies(h), 1);
	assert_int_equal(rootholder_ready(h, NULL), 0);
	(void)rootholder_close(h);
	assert_int_equal(close(dirfd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_copies, setup, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_one_is_away, setup, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_create_fails, setup, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_reference, setup, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
