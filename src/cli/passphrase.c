/* passphrase.c: where a passphrase comes from: a file, a descriptor, the service manager's
 * credential folder or the terminal; never argv or the environment, which others can read.
 *
 * The bytes are read straight into secret memory, never through stdio, whose buffers nobody wipes.
 * A passphrase is one line; its end (LF or CR LF) doesn't count. */
#include "cli-priv.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>

enum { ROOM = LIMIT_PASSPHRASE_BYTES + 3 }; /* CR, LF, and one byte that shows there is too much */

/* Reads one line. `whole`: nothing may follow it (a file), else what follows is left unread. `name`
 * is for messages. -EINTR when a signal came. */
static int read_line(int fd, bool whole, const char *name, struct secret **ret, struct errinfo *e)
{
	CLEANUP_PTR(secret_free) struct secret *line = secret_new(ROOM);
	size_t n = 0, len;
	bool ended = false;

	if (!line)
		return err_set(e, -ENOMEM, "out of memory");
	while (n < ROOM) {
		/* byte by byte: what comes after the line may be for somebody else */
		ssize_t k = read(fd, line->b + n, whole ? ROOM - n : 1);
		if (k < 0)
			return err_set_errno(e, -errno, "cannot read the passphrase from %s", name);
		if (k == 0)
			break;
		n += (size_t)k;
		if (!whole && line->b[n - 1] == '\n')
			break;
	}
	const uint8_t *lf = memchr(line->b, '\n', n);

	len = n;
	if (lf) {
		len = (size_t)(lf - line->b);
		ended = true;
	}
	if (ended && len + 1 < n)
		return err_set(e, -EKEYREJECTED, "%s holds more than one line", name);
	if (ended && len && line->b[len - 1] == '\r')
		len--;
	if (len > LIMIT_PASSPHRASE_BYTES)
		return err_set(e, -E2BIG, "the passphrase from %s is longer than %u bytes", name,
			       LIMIT_PASSPHRASE_BYTES);
	if (len == 0)
		return err_set(e, -EKEYREJECTED, "the passphrase from %s is empty", name);
	if (memchr(line->b, 0, len))
		return err_set(e, -EKEYREJECTED, "the passphrase from %s holds a zero byte", name);
	*ret = secret_from(line->b, len);
	return *ret ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int from_file(const char *path, struct secret **ret, struct errinfo *e)
{
	char name[PATH_MAX + 8];
	struct stat st;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_set_errno(e, -errno, "cannot open '%s'", path);
	(void)snprintf(name, sizeof(name), "'%s'", path); /* for a message: cut is fine */
	/* a service manager lets its group read it, by an ACL */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IWGRP | S_IROTH | S_IWOTH)))
		say("others can read or change '%s': chmod 600 it", path);
	return read_line(fd, /* whole= */ true, name, ret, e);
}

/* ---- the terminal: no echo, and put right again whatever signal comes */

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	caught = sig;
}

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING = sizeof(ending) / sizeof(ending[0]) };

/* Until there is a line, or a signal. Signals are let in here only: one that came just before a
 * read would be forgotten by it. */
static int await_line(int tty, const sigset_t *outside)
{
	struct pollfd p = {.fd = tty, .events = POLLIN};

	while (!caught) {
		if (ppoll(&p, 1, NULL, outside) > 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
	return -EINTR;
}

static int ask(int tty, const char *prompt, struct secret **ret, struct errinfo *e)
{
	/* no SA_RESTART: what waits has to end */
	const struct sigaction act = {.sa_handler = on_signal};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction old[ENDING], old_stop;
	struct termios mode, quiet;
	sigset_t inside, outside;
	int r;

	if (tcgetattr(tty, &mode) < 0)
		return err_set_errno(e, -errno, "cannot ask for the passphrase");
	quiet = mode;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	caught = 0;
	(void)sigemptyset(&inside); /* none of these can fail */
	for (int i = 0; i < ENDING; i++)
		(void)sigaddset(&inside, ending[i]);
	(void)pthread_sigmask(SIG_BLOCK, &inside, &outside);
	for (int i = 0; i < ENDING; i++)
		(void)sigaction(ending[i], &act, &old[i]);
	/* stopped in mid-prompt would leave the shell without echo */
	(void)sigaction(SIGTSTP, &ignore, &old_stop);

	r = tcsetattr(tty, TCSAFLUSH, &quiet);
	if (r < 0) {
		r = err_set_errno(e, -errno, "cannot turn off the terminal's echo");
	} else {
		dprintf(tty, "%s: ", prompt);
		r = await_line(tty, &outside);
		(void)pthread_sigmask(SIG_SETMASK, &outside, NULL);
		r = r < 0 ? err_set_errno(e, r, "cannot ask for the passphrase")
			  : read_line(tty, /* whole= */ false, "the terminal", ret, e);
		dprintf(tty, "\n");
		(void)tcsetattr(tty, TCSAFLUSH, &mode); /* nothing left to try */
	}
	for (int i = 0; i < ENDING; i++)
		(void)sigaction(ending[i], &old[i], NULL);
	(void)sigaction(SIGTSTP, &old_stop, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &outside, NULL);
	if (caught)
		(void)raise(caught); /* as if it had come now */
	return r;
}

static int from_terminal(const struct passphrase_from *from, struct secret **ret, struct errinfo *e)
{
	CLEANUP_PTR(secret_free) struct secret *first = NULL;
	CLEANUP_PTR(secret_free) struct secret *again = NULL;
	char prompt[LIMIT_EMAIL_BYTES + 64];
	CLEANUP_FD int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int r;

	if (tty < 0) {
		r = err_set(e, -EKEYREJECTED, "no passphrase, and no terminal to ask for it");
		err_hint(e, "give it by --passphrase-file FILE or --passphrase-fd N");
		return r;
	}
	(void)snprintf(prompt, sizeof(prompt), "%s%s%s",
		       from->twice ? "new passphrase" : "passphrase", from->email ? " of " : "",
		       from->email ? from->email : "");
	r = ask(tty, prompt, &first, e);
	if (r < 0)
		return r;
	if (from->twice) {
		r = ask(tty, "the same again", &again, e);
		if (r < 0)
			return r;
		if (first->len != again->len || !equal_ct(first->b, again->b, first->len))
			return err_set(e, -EINVAL, "the two passphrases differ");
	}
	*ret = TAKE(first);
	return 0;
}

int passphrase_read(const struct passphrase_from *from, struct secret **ret, struct errinfo *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX], name[32];

	if (from->file)
		return from_file(from->file, ret, e);
	if (from->fd >= 0) {
		(void)snprintf(name, sizeof(name), "descriptor %d", from->fd);
		return read_line(from->fd, /* whole= */ false, name, ret, e);
	}
	if (folder && *folder && !from->no_credentials) {
		int n = snprintf(path, sizeof(path), "%s/redactfs.passphrase", folder);

		/* a service may have other credentials only: then the terminal, if there is one */
		if (n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0)
			return from_file(path, ret, e);
	}
	return from_terminal(from, ret, e);
}

int passphrase_options(const struct args *a, struct passphrase_from *ret)
{
	const char *fd = opt_arg(a, OPT_PASSPHRASE_FD);

	*ret = (struct passphrase_from){.file = opt_arg(a, OPT_PASSPHRASE_FILE), .fd = -1};
	if (!fd)
		return 0;
	if (ret->file)
		return say_usage(a->cmd,
				 "'--passphrase-file' and '--passphrase-fd' exclude each other");

	char *end;
	errno = 0;
	long n = strtol(fd, &end, 10);
	if (errno || end == fd || *end || n < 0 || n > INT_MAX)
		return say_usage(a->cmd, "'%s' is no file descriptor", fd);
	ret->fd = (int)n;
	return 0;
}
