/* policy-edit.c: see policy-edit.h. The text is in a file of its own that nobody else can read, and
 * that is gone afterwards, whatever happened. The editor is $VISUAL or $EDITOR, with arguments if
 * it has some, so a shell takes it apart, as for every program that has an editor called. */
#include "policy-edit.h"

#include "cli-priv.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char *editor(void)
{
	const char *v = getenv("VISUAL");

	if (!v || !*v)
		v = getenv("EDITOR");
	return v && *v ? v : "$(command -v editor || echo vi)";
}

/* Runs it and waits. Ctrl-C is the editor's. */
static int run_editor(const char *file, struct errinfo *e)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was;
	char line[1024];
	int status = 0, r = 0;

	if (snprintf(line, sizeof(line), "%s \"$1\"", editor()) >= (int)sizeof(line))
		return err_set(e, -E2BIG, "$VISUAL or $EDITOR is too long");
	(void)sigaction(SIGINT, &ignore, &was);
	pid_t pid = fork();
	if (pid == 0) {
		(void)sigaction(SIGINT, &was, NULL);
		(void)signal(SIGPIPE, SIG_DFL);
		(void)execl("/bin/sh", "sh", "-c", line, "sh", file, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		r = -errno;
	while (r == 0 && waitpid(pid, &status, 0) < 0)
		r = errno == EINTR ? 0 : -errno;
	(void)sigaction(SIGINT, &was, NULL);
	if (r < 0)
		return err_set_errno(e, r, "cannot run an editor");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)err_set(e, -EIO, "the editor failed, nothing changed");
		err_hint(e, "VISUAL or EDITOR names the editor");
		return -EIO;
	}
	return 0;
}

static int make_file(const char *site, const struct buf *text, char path[PATH_MAX],
		     struct errinfo *e)
{
	const char *dir = getenv("TMPDIR");

	if (snprintf(path, PATH_MAX, "%s/redactfs-%s-XXXXXX.ini", dir && *dir ? dir : "/tmp",
		     site) >= PATH_MAX)
		return err_set(e, -ENAMETOOLONG, "TMPDIR is too long");
	CLEANUP_FD int fd = mkostemps(path, 4, O_CLOEXEC); /* mode 0600 */
	int r = fd < 0 ? -errno : io_write(fd, text->p, text->len);
	if (r < 0 && fd >= 0)
		(void)unlink(path); /* of no use to anybody */
	return r < 0 ? err_set_errno(e, r, "cannot write '%s'", path) : 0;
}

/* After what is wrong was said: once more? */
static bool once_more(void)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	fputs("edit it again? [Y/n] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] != 'n' && answer[0] != 'N';
}

static int edit(const char *path, const struct buf *text, struct buf *ret, struct errinfo *e)
{
	for (;;) {
		CLEANUP(policy_done) struct policy p = {0};
		struct errinfo wrong = {0};
		int r = run_editor(path, e);

		ret->len = 0;
		if (r == 0)
			r = file_read(path, LIMIT_POLICY_BYTES, ret, e);
		if (r < 0)
			return r;
		if (ret->len == text->len && !memcmp(ret->p ? ret->p : "", text->p, text->len))
			return 0;
		r = policy_check(path, ret, &p, &wrong);
		if (r == 0)
			return 1;
		(void)say_error(&wrong, r);
		if (!once_more()) {
			say("nothing changed");
			return -ECANCELED;
		}
	}
}

int policy_edit(const char *site, const struct buf *text, struct buf *ret, struct errinfo *e)
{
	char path[PATH_MAX];
	int r = make_file(site, text, path, e);

	if (r < 0)
		return r;
	r = edit(path, text, ret, e);
	(void)unlink(path); /* it may be gone: editors write a new one and rename it */
	return r;
}
