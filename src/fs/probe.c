/* probe.c: see probe.h. */
#include "probe.h"

#include "redactfs/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct word {
	int code; /* 0 or -errno */
	dev_t dev;
};

__attribute__((noreturn)) static void child(const char *path, int go, int answer)
{
	struct word w = {0};
	struct stat st;
	char c;

	/* nothing else of the daemon's may be held open here: not even a passphrase's descriptor */
	if (dup2(go, 0) < 0 || dup2(answer, 1) < 0 || close_range(2, ~0u, 0) < 0)
		_exit(1);
	if (read(0, &c, 1) != 1)
		_exit(0); /* never asked */
	if (stat(path, &st) < 0)
		w.code = -errno;
	else
		w.dev = st.st_dev;
	(void)io_write(1, &w, sizeof(w)); /* nobody left to be told is fine */
	_exit(0);
}

int probe_start(struct probe *p, const char *path)
{
	CLEANUP_FD int go_r = -1;
	CLEANUP_FD int go_w = -1;
	CLEANUP_FD int answer_r = -1;
	CLEANUP_FD int answer_w = -1;
	int go[2], answer[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	go_r = go[0];
	go_w = go[1];
	if (pipe2(answer, O_CLOEXEC) < 0)
		return -errno;
	answer_r = answer[0];
	answer_w = answer[1];
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(path, go_r, answer_w);
	*p = (struct probe){.pid = pid, .go = take_fd(&go_w), .answer = take_fd(&answer_r)};
	return 0;
}

int probe_ask(struct probe *p, dev_t *ret_dev)
{
	struct word w;
	int r = io_write(p->go, "", 1);

	if (r < 0)
		return r;
	ssize_t n = io_read(p->answer, &w, sizeof(w));
	if (n != (ssize_t)sizeof(w))
		return n < 0 ? (int)n : -EIO;
	if (!w.code)
		*ret_dev = w.dev;
	return w.code;
}

void probe_done(struct probe *p)
{
	if (!p->pid)
		return;
	(void)close(p->go); /* pipes: nothing can be lost */
	(void)close(p->answer);
	(void)kill(p->pid, SIGKILL); /* it has nothing left to do */
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*p = (struct probe){0};
}
