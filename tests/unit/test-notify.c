/* test-notify.c: the service manager's datagrams, over a path and over an abstract name. */
#include "redactfs/notify.h"

#include "redactfs/cleanup.h"
#include "redactfs/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

/* Binds a socket to `name` ("@" for abstract) and lets NOTIFY_SOCKET say so. */
static int manager(const char *name)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const size_t n = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(sa.sun_path, name, n);
	if (*name == '@')
		sa.sun_path[0] = 0;
	assert_int_equal(bind(fd, (struct sockaddr *)&sa,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
			 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

static void expect(int fd, const char *text)
{
	char got[512];
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	got[n] = 0;
	assert_string_equal(got, text);
}

static void talk(int fd)
{
	char text[400];

	assert_int_equal(notify_ready(), 1);
	expect(fd, "READY=1");
	assert_int_equal(notify_status("erasing %d of %d\nREADY=0", 3, 4096), 1);
	expect(fd, "STATUS=erasing 3 of 4096");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_int_equal(notify_status("%s", text), 1);
	assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT), 255);
	assert_int_equal(notify_stopping(), 1);
	expect(fd, "STOPPING=1");
}

static void test_path(void **state)
{
	char dir[] = "/tmp/redactfs-test-notify-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	CLEANUP_FD int fd = manager(path);
	talk(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(notify_ready(), -ENOENT);
	assert_int_equal(rmdir(dir), 0);
}

static void test_abstract(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "@redactfs-test-notify-%ld", (long)getpid());
	CLEANUP_FD int fd = manager(name);
	talk(fd);
}

static void test_nobody_or_nonsense(void **state)
{
	char name[300];

	(void)state;
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(notify_ready(), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
	assert_int_equal(notify_status("x"), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:1234", 1), 0);
	assert_int_equal(notify_ready(), -EAFNOSUPPORT);
	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	assert_int_equal(notify_ready(), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_abstract),
		cmocka_unit_test(test_nobody_or_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
