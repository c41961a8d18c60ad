/* writers.c: see writers.h. A short list, the first of which makes room for the next. Requests
 * name a thread; another one of its process may be the one that removes. */
#include "writers.h"

#include "redactfs/cleanup.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLOTS   64
#define LIFE_MS 5000

struct writers {
	_Atomic int64_t until_ms; /* nobody is one later than that */
	pthread_mutex_t l;
	size_t next; /* [l] */
	struct {
		pid_t pid;        /* 0: free */
		int64_t until_ms; /* CLOCK_MONOTONIC */
	} slot[SLOTS];            /* [l] */
};

struct writers *writers_new(void)
{
	struct writers *w = calloc(1, sizeof(*w));

	if (w)
		(void)pthread_mutex_init(&w->l, NULL); /* can't fail for a default mutex */
	return w;
}

struct writers *writers_free(struct writers *w)
{
	if (w) {
		(void)pthread_mutex_destroy(&w->l);
		free(w);
	}
	return NULL;
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail for this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The thread itself where /proc doesn't say, or says it in more than fits. */
static pid_t process_of(pid_t tid)
{
	char path[32], text[512];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return tid;
	text[n] = 0;
	const char *line = strstr(text, "\nTgid:");
	long pid = line ? strtol(line + 6, NULL, 10) : 0;
	return pid > 0 ? (pid_t)pid : tid;
}

void writers_add(struct writers *w, pid_t tid)
{
	if (tid <= 0) /* a process that can't be seen from here: it could be any of many */
		return;
	pid_t pid = process_of(tid);
	size_t at = 0;

	(void)pthread_mutex_lock(&w->l);
	while (at < SLOTS && w->slot[at].pid != pid)
		at++;
	if (at == SLOTS)
		at = w->next++ % SLOTS;
	w->slot[at].pid = pid;
	w->slot[at].until_ms = now_ms() + LIFE_MS;
	atomic_store(&w->until_ms, w->slot[at].until_ms);
	(void)pthread_mutex_unlock(&w->l);
}

bool writers_has(struct writers *w, pid_t tid)
{
	const int64_t now = now_ms();
	bool has = false;

	if (tid <= 0 || atomic_load(&w->until_ms) <= now)
		return false;
	pid_t pid = process_of(tid);
	(void)pthread_mutex_lock(&w->l);
	for (size_t i = 0; i < SLOTS && !has; i++)
		has = w->slot[i].pid == pid && w->slot[i].until_ms > now;
	(void)pthread_mutex_unlock(&w->l);
	if (has)
		writers_add(w, tid);
	return has;
}
