/* daemon.c: see daemon.h.
 *
 * The fork comes first and the work after, because neither locked memory nor threads survive a
 * fork; so the parent waits for the child's word, a `struct errinfo` through a pipe. A child that
 * dies without a word closes the pipe, and that is an answer too. The child stays in the parent's
 * session until it is ready: it may have to ask for a passphrase on the terminal. */
#include "daemon.h"

#include "redactfs/cleanup.h"
#include "redactfs/io.h"
#include "redactfs/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

struct word {
	int code;
	struct errinfo e;
};

static int parent(int fd, pid_t child, int *ret_code, struct errinfo *e)
{
	struct word w;
	int status;

	ssize_t n = io_read(fd, &w, sizeof(w));
	if (n == sizeof(w)) {
		*ret_code = w.code;
		if (w.code < 0 && e && !e->code)
			*e = w.e;
		return 1;
	}
	*ret_code = err_set(e, -EIO, "the daemon ended before it was ready");
	if (waitpid(child, &status, 0) == child && WIFSIGNALED(status))
		err_hint(e, "killed by signal %d", WTERMSIG(status));
	return 1;
}

static bool is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC); /* all that we open has it */
}

/* A script's lock, somebody's pipe: held by a daemon they would never be let go of. They are noted
 * now and closed when it is ready, since one of them may give the passphrase. */
static void note_inherited(struct daemon *d)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *ent;

	while (dir && (ent = readdir(dir))) {
		char *end;
		int fd = (int)strtol(ent->d_name, &end, 10); /* the kernel's numbers fit */

		if (*end || fd <= STDERR_FILENO || !is_inherited(fd))
			continue;
		int *more = realloc(d->inherited, (d->n_inherited + 1) * sizeof(*more));
		if (!more)
			break;
		d->inherited = more;
		d->inherited[d->n_inherited++] = fd;
	}
	if (dir)
		(void)closedir(dir); /* read only */
}

static void close_inherited(struct daemon *d)
{
	for (size_t i = 0; i < d->n_inherited; i++)
		if (is_inherited(d->inherited[i])) /* not closed, and its number ours, since */
			(void)close(d->inherited[i]);
	free(d->inherited);
	d->inherited = NULL;
	d->n_inherited = 0;
}

int daemon_fork(struct daemon *d, int *ret_code, struct errinfo *e)
{
	int fds[2];

	(void)fflush(NULL); /* or the child would write it once more */
	if (pipe2(fds, O_CLOEXEC) < 0) {
		*ret_code = err_set_errno(e, -errno, "cannot make a pipe");
		return 1;
	}
	pid_t child = fork();
	if (child < 0) {
		*ret_code = err_set_errno(e, -errno, "cannot fork");
		(void)close(fds[0]); /* nothing was written */
		(void)close(fds[1]);
		return 1;
	}
	if (child) {
		(void)close(fds[1]); /* the child's end */
		int r = parent(fds[0], child, ret_code, e);
		(void)close(fds[0]); /* read to its end */
		return r;
	}
	(void)close(fds[0]); /* the parent's end */
	d->pipe = fds[1];
	note_inherited(d);
	return 0;
}

/* The journal's stream protocol: a header of lines, then log lines with <N> prefixes. -1: no
 * journal. */
static int journal(void)
{
	static const char head[] =
		"redactfs\n\n6\n1\n0\n0\n0\n"; /* 6: LOGL_INFO; 1: has prefixes */
	const struct sockaddr_un a = {.sun_family = AF_UNIX,
				      .sun_path = "/run/systemd/journal/stdout"};
	CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ||
	    io_write(fd, head, sizeof(head) - 1) < 0)
		return -1;
	return take_fd(&fd);
}

void daemon_tell(struct daemon *d, int code, const struct errinfo *e)
{
	struct word w = {.code = code, .e = *e};

	if (d->pipe < 0)
		return;
	if (!code) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC), log = journal();

		/* all of these are a courtesy: the mount works without */
		(void)setsid();
		if (chdir("/") < 0)
			log_debug("the working folder stays in use");
		close_inherited(d);
		if (null >= 0) {
			(void)dup2(null, 0);
			(void)dup2(null, 1);
			(void)dup2(log >= 0 ? log : null, 2);
			(void)close(null);
		}
		if (log >= 0) {
			(void)close(log);
			log_setup(LOG_STYLE_JOURNAL, LOGL_INFO);
		}
	}
	(void)io_write(d->pipe, &w, sizeof(w)); /* the parent may have been killed */
	(void)close(d->pipe);
	d->pipe = -1;
}
