/* test-log.c: what a line on standard error looks like, and that lines stay whole. */
#include "redactfs/log.h"

#include "redactfs/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

/* Standard error goes into a pipe while `fn` runs; its text comes back in `b`. */
static void captured(void (*fn)(void *), void *arg, struct buf *b)
{
	int p[2], old = dup(STDERR_FILENO);

	assert_int_equal(pipe(p), 0);
	assert_int_equal(fcntl(p[1], F_SETPIPE_SZ, 1 << 20) > 0, 1);
	assert_int_equal(dup2(p[1], STDERR_FILENO), STDERR_FILENO);
	close(p[1]);
	fn(arg);
	assert_int_equal(dup2(old, STDERR_FILENO), STDERR_FILENO);
	close(old);
	assert_int_equal(io_read_all(p[0], 1 << 20, b), 0);
	assert_int_equal(buf_adds(b, ""), 0);
	close(p[0]);
}

static void three_lines(void *arg)
{
	(void)arg;
	errno = ENOSPC;
	log_error("cannot write chunk %d", 7);
	assert_int_equal(log_errno(LOGL_WARNING, -EIO, "cannot sync"), -EIO);
	log_info("bad\nname\x1b[31m %s", "x");
	log_debug("not wanted");
	assert_int_equal(errno, ENOSPC);
}

static void test_plain(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	log_setup(LOG_STYLE_PLAIN, LOGL_INFO);
	captured(three_lines, NULL, &b);
	assert_string_equal(b.p, "redactfs: cannot write chunk 7\n"
				 "redactfs: cannot sync: Input/output error\n"
				 "redactfs: bad name [31m x\n");
}

static void test_journal(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	log_setup(LOG_STYLE_JOURNAL, LOGL_WARNING);
	captured(three_lines, NULL, &b);
	assert_string_equal(b.p, "<3>cannot write chunk 7\n<4>cannot sync: Input/output error\n");
}

static void auto_style(void *arg)
{
	struct stat st;
	char id[64];

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(id, sizeof(id), "%llu:%llu", (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino + (*(const int *)arg ? 0 : 1));
	assert_int_equal(setenv("JOURNAL_STREAM", id, 1), 0);
	log_setup(LOG_STYLE_AUTO, LOGL_INFO);
	log_notice("hello");
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
}

/* JOURNAL_STREAM counts only when it names the very stream we write to. */
static void test_auto(void **state)
{
	CLEANUP(buf_done) struct buf ours = {0}, others = {0};

	(void)state;
	captured(auto_style, &(int){1}, &ours);
	assert_string_equal(ours.p, "<5>hello\n");
	captured(auto_style, &(int){0}, &others);
	assert_string_equal(others.p, "redactfs: hello\n");
}

static void long_line(void *arg)
{
	log_error("%s", (const char *)arg);
}

static void test_long_line_is_cut(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	char text[3000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_setup(LOG_STYLE_PLAIN, LOGL_INFO);
	captured(long_line, text, &b);
	assert_int_equal(b.len, 1024);
	assert_string_equal(b.p + 1024 - 5, "a...\n");
}

static void *chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_info("thread %d says its line number %d", *(const int *)arg, i);
	return NULL;
}

static void four_threads(void *arg)
{
	static int ids[4] = {1, 2, 3, 4};
	pthread_t t[4];

	(void)arg;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, chatter, &ids[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
}

static void test_lines_of_threads_stay_whole(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	int lines = 0;

	(void)state;
	log_setup(LOG_STYLE_PLAIN, LOGL_INFO);
	captured(four_threads, NULL, &b);
	for (char *p = b.p, *end; (end = strchr(p, '\n')); p = end + 1, lines++) {
		int id, n, used = 0;

		*end = 0;
		assert_int_equal(
			sscanf(p, "redactfs: thread %d says its line number %d%n", &id, &n, &used),
			2);
		assert_int_equal(p[used], 0);
	}
	assert_int_equal(lines, 800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_long_line_is_cut),
		cmocka_unit_test(test_lines_of_threads_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
