/* test-io.c: full reads and writes, limits, files that appear whole. */
#include "redactfs/io.h"

#include "redactfs/err.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

static char dir_path[] = "/tmp/redactfs-test-io-XXXXXX";
static int dir = -1;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir_path))
		return -1;
	dir = io_open_dir_at(AT_FDCWD, dir_path);
	return dir < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char cmd[128];

	(void)state;
	close(dir);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir_path);
	return system(cmd) == 0 ? 0 : -1;
}

static int names_in_dir(void)
{
	int n = 0;
	DIR *d = fdopendir(io_open_dir_at(dir, "."));

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.' || io_is_tmp(e->d_name);
	closedir(d);
	return n;
}

static void test_replace_is_whole(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct stat st;

	(void)state;
	assert_int_equal(io_replace_at(dir, "a", "first", 5, 0640), 0);
	assert_int_equal(io_replace_at(dir, "a", "second one", 10, 0600), 0);
	assert_int_equal(io_read_file_at(dir, "a", 100, &b), 0);
	assert_string_equal(b.p, "second one");
	assert_int_equal(fstatat(dir, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(names_in_dir(), 1); /* no temporary name stays */
	assert_int_equal(unlinkat(dir, "a", 0), 0);
}

static void test_replace_failure_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(dir, "sub", 0700), 0);
	assert_int_equal(io_replace_at(dir, "sub", "x", 1, 0600), -EISDIR);
	assert_int_equal(io_replace_at(dir, "none/a", "x", 1, 0600), -ENOENT);
	assert_int_equal(names_in_dir(), 1);
	assert_int_equal(unlinkat(dir, "sub", AT_REMOVEDIR), 0);
}

static void test_mode_is_not_masked(void **state)
{
	mode_t old = umask(0777);
	struct stat st;

	(void)state;
	assert_int_equal(io_replace_at(dir, "m", "", 0, 0644), 0);
	umask(old);
	assert_int_equal(fstatat(dir, "m", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(unlinkat(dir, "m", 0), 0);
}

static void test_read_file_limit(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	static char big[40000];

	(void)state;
	assert_int_equal(io_replace_at(dir, "big", big, sizeof(big), 0600), 0);
	assert_int_equal(buf_adds(&b, "kept"), 0);
	assert_int_equal(io_read_file_at(dir, "big", sizeof(big) - 1, &b), -E2BIG);
	assert_int_equal(b.len, 4);
	assert_string_equal(b.p, "kept");
	assert_int_equal(io_read_file_at(dir, "big", sizeof(big), &b), 0);
	assert_int_equal(b.len, 4 + sizeof(big));
	assert_int_equal(io_read_file_at(dir, "none", 10, &b), -ENOENT);
	assert_int_equal(io_read_file_at(dir, ".", 10, &b), -EISDIR);
	assert_int_equal(b.len, 4 + sizeof(big));
	assert_int_equal(io_replace_at(dir, "big", "", 0, 0600), 0);
	assert_int_equal(io_read_file_at(dir, "big", 0, &b), 0);
	assert_int_equal(unlinkat(dir, "big", 0), 0);
}

static void *feed(void *arg)
{
	int fd = *(int *)arg;
	static uint8_t block[1000];

	for (int i = 0; i < 300; i++) {
		memset(block, i & 255, sizeof(block));
		if (io_write(fd, block, sizeof(block)) < 0)
			break;
	}
	close(fd);
	return NULL;
}

/* A pipe gives what it has: io_read has to ask again. */
static void test_pipe_in_pieces(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	uint8_t head[1500];
	int p[2];
	pthread_t t;

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pthread_create(&t, NULL, feed, &p[1]), 0);
	assert_int_equal(io_read(p[0], head, sizeof(head)), sizeof(head));
	assert_int_equal(head[999], 0);
	assert_int_equal(head[1000], 1);
	assert_int_equal(io_read_all(p[0], 1 << 20, &b), 0);
	assert_int_equal(b.len, 300000 - sizeof(head));
	assert_int_equal((uint8_t)b.p[b.len - 1], 299 & 255);
	assert_int_equal(pthread_join(t, NULL), 0);
	close(p[0]);
}

static void test_pread_pwrite(void **state)
{
	char name[IO_TMP_NAME], got[16] = "";
	CLEANUP_FD int fd = io_tmp_open(dir, 0600, name);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_true(io_is_tmp(name));
	assert_int_equal(io_pwrite(fd, "hello", 5, 10), 0);
	assert_int_equal(io_pread(fd, got, sizeof(got), 10), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(io_pread_exact(fd, got, 5, 10), 0);
	assert_int_equal(io_pread_exact(fd, got, 6, 10), -ENODATA);
	assert_int_equal(io_pread(fd, got, 1, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(io_pwrite(fd, got, 1, INT64_MAX), -EOVERFLOW);
	assert_int_equal(io_tmp_commit(dir, fd, name, "done"), 0);
	assert_int_equal(faccessat(dir, name, F_OK, 0), -1);
	assert_int_equal(unlinkat(dir, "done", 0), 0);
}

/* Never in place of another; with a name of its own or without one. */
static void test_new(void **state)
{
	char tmp[IO_TMP_NAME];

	(void)state;
	for (int named = 0; named < 2; named++) {
		CLEANUP_FD int fd =
			named ? io_tmp_open(dir, 0600, tmp) : io_new_open(dir, 0600, tmp);

		assert_true(fd >= 0);
		assert_int_equal(io_write(fd, "x", 1), 0);
		assert_int_equal(io_new_commit(dir, fd, tmp, "new"), 0);
		assert_int_equal(faccessat(dir, "new", F_OK, 0), 0);
		CLEANUP_FD int other =
			named ? io_tmp_open(dir, 0600, tmp) : io_new_open(dir, 0600, tmp);
		assert_int_equal(io_new_commit(dir, other, tmp, "new"), -EEXIST);
		if (*tmp)
			io_tmp_drop(dir, tmp);
		assert_int_equal(unlinkat(dir, "new", 0), 0);
	}
}

static void test_mkdir(void **state)
{
	(void)state;
	assert_int_equal(io_mkdir_at(dir, "d", 0700), 0);
	assert_int_equal(io_mkdir_at(dir, "d", 0700), 1);
	assert_int_equal(io_sync_dir_at(dir, "d"), 0);
	assert_int_equal(unlinkat(dir, "d", AT_REMOVEDIR), 0);
	assert_int_equal(io_replace_at(dir, "d", "", 0, 0600), 0);
	assert_int_equal(io_mkdir_at(dir, "d", 0700), -ENOTDIR);
	assert_int_equal(unlinkat(dir, "d", 0), 0);
	assert_int_equal(symlinkat(".", dir, "l"), 0);
	assert_int_equal(io_mkdir_at(dir, "l", 0700), -ENOTDIR);
	assert_int_equal(io_open_dir_at(dir, "l"), -ENOTDIR);
	assert_int_equal(unlinkat(dir, "l", 0), 0);
}

static void test_tmp_names(void **state)
{
	(void)state;
	assert_true(io_is_tmp(".tmp-0123456789abcdef"));
	assert_false(io_is_tmp(".tmp-0123456789abcde"));
	assert_false(io_is_tmp(".tmp-0123456789abcdeg"));
	assert_false(io_is_tmp("tmp-0123456789abcdef0"));
	assert_false(io_is_tmp("root"));
}

static void test_dir_empty(void **state)
{
	(void)state;
	assert_int_equal(io_mkdir_at(dir, "e", 0700), 0);
	int e = io_open_dir_at(dir, "e");
	assert_true(e >= 0);
	assert_int_equal(io_dir_empty(e), 1);
	assert_int_equal(io_mkdir_at(e, ".x", 0700), 0);
	assert_int_equal(io_dir_empty(e), 0);
	assert_int_equal(unlinkat(e, ".x", AT_REMOVEDIR), 0);
	assert_int_equal(io_dir_empty(e), 1); /* asked again, of the same descriptor */
	close(e);
	assert_int_equal(unlinkat(dir, "e", AT_REMOVEDIR), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replace_is_whole),
		cmocka_unit_test(test_replace_failure_leaves_nothing),
		cmocka_unit_test(test_mode_is_not_masked),
		cmocka_unit_test(test_read_file_limit),
		cmocka_unit_test(test_pipe_in_pieces),
		cmocka_unit_test(test_pread_pwrite),
		cmocka_unit_test(test_mkdir),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_tmp_names),
		cmocka_unit_test(test_dir_empty),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
