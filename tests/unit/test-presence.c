/* test-presence.c: mounts that live, that have seen, that are dead. */
#include "store-fixture.h"

#include "../../src/store/presence.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/wait.h>

static int files(void)
{
	char path[200];
	int n = 0;

	(void)snprintf(path, sizeof(path), "%s/mounts", fix_dir);
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static void test_seen(void **state)
{
	struct presence *a, *b;
	int fd = open(fix_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(presence_count(fd, NULL, 1), 0); /* never mounted */
	assert_int_equal(presence_open(fd, &a), 0);
	assert_int_equal(presence_open(fd, &b), 0);
	assert_int_equal(files(), 2);
	assert_int_equal(presence_ask(fd, NULL, 1), 2);
	assert_int_equal(presence_ask(fd, a, 1), 1); /* not itself */
	presence_see(a, 7);
	assert_int_equal(presence_count(fd, NULL, 7), 1);
	assert_int_equal(presence_count(fd, NULL, 8), 2);
	presence_see(b, 9);
	assert_int_equal(presence_count(fd, NULL, 7), 0);
	assert_int_equal(presence_count(fd, NULL, 9), 1);
	(void)presence_close(a);
	assert_int_equal(files(), 1);
	assert_int_equal(presence_count(fd, NULL, 100), 1);
	(void)presence_close(b);
	assert_int_equal(files(), 0);
	(void)close(fd);
}

static void test_the_dead_are_removed(void **state)
{
	int fd = open(fix_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;

	(void)state;
	assert_true(fd >= 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct presence *p;

		_exit(presence_open(fd, &p) == 0 ? 42 : 1); /* and never closes it */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(files(), 1);
	assert_int_equal(presence_count(fd, NULL, 1), 0);
	assert_int_equal(files(), 0);
	(void)close(fd);
}

/* Who asks is heard: the file is written to. */
static void test_asked(void **state)
{
	struct presence *p;
	struct stat st;
	char path[200];
	int fd = open(fix_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(presence_open(fd, &p), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", fix_dir, presence_path(p));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	presence_see(p, 5);
	assert_int_equal(presence_ask(fd, NULL, 5), 0); /* nothing to ask for */
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(presence_ask(fd, NULL, 6), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 9);
	presence_see(p, 6);
	assert_int_equal(presence_count(fd, NULL, 6), 0);
	(void)presence_close(p);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_seen, fix_make_dir, fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_the_dead_are_removed, fix_make_dir,
						fix_remove_dir),
		cmocka_unit_test_setup_teardown(test_asked, fix_make_dir, fix_remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
