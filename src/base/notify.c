/* notify.c: sd_notify(3)'s protocol; see notify.h. A datagram to the socket that NOTIFY_SOCKET
 * names: a path, or "@name" in the abstract namespace. Our own few lines rather than libsystemd,
 * which would bring its compressors and its parser of the journal into a process that holds keys.
 */
#include "redactfs/notify.h"

#include "redactfs/cleanup.h"
#include "redactfs/err.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int notify_send(const char *text)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path || !*path)
		return 0;
	if (*path != '/' && *path != '@')
		return -EAFNOSUPPORT; /* "vsock:…": a virtual machine's, none of ours */
	size_t n = strlen(path);
	if (n >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, n);
	if (*path == '@')
		sa.sun_path[0] = 0;

	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* An abstract name is all of the length given: no NUL at its end. */
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*path == '/'));
	while (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&sa, len) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 1;
}

int notify_ready(void)
{
	return notify_send("READY=1");
}

int notify_status(const char *fmt, ...)
{
	char text[256] = "STATUS=";
	va_list ap;

	va_start(ap, fmt);
	int k = vsnprintf(text + 7, sizeof(text) - 7, fmt, ap); /* cut at the end is fine */
	va_end(ap);
	if (k < 0)
		return -EINVAL;
	text[strcspn(text, "\n")] = 0; /* the next line would be another assignment */
	return notify_send(text);
}

int notify_stopping(void)
{
	return notify_send("STOPPING=1");
}
