/* fuzz-replay.c: runs a fuzz target over files and folders of inputs, so that what fuzzing once
 * found stays found in every test run. Of small files every prefix is run too: cut-off input is the
 * one mutation worth having without a fuzzer. */
#include "fuzz.h"

#include "redactfs/buf.h"
#include "redactfs/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define PREFIXES_UP_TO 2048u

static unsigned long inputs;

/* An exact copy, so that the sanitizer sees a read past the end. */
static void run(const char *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	CHECK(LLVMFuzzerTestOneInput(copy, n) == 0);
	free(copy);
	inputs++;
}

static int replay_file(int fd)
{
	CLEANUP(buf_done) struct buf b = {0};
	ssize_t n;

	do {
		if (buf_reserve(&b, 1 << 16) < 0)
			return -ENOMEM;
		n = read(fd, b.p + b.len, 1 << 16);
		if (n < 0)
			return -errno;
		b.len += (size_t)n;
	} while (n > 0);
	run(b.p, b.len);
	if (b.len <= PREFIXES_UP_TO)
		for (size_t i = 0; i < b.len; i++)
			run(b.p, i);
	return 0;
}

static int replay(int at, const char *name);

static int replay_folder(int fd)
{
	DIR *d = fdopendir(fd);
	int r = 0;

	if (!d) {
		r = -errno;
		(void)close(fd); /* only read from */
		return r;
	}
	for (struct dirent *e; r >= 0 && (e = readdir(d));)
		if (e->d_name[0] != '.')
			r = replay(dirfd(d), e->d_name);
	(void)closedir(d); /* only read from */
	return r;
}

static int replay(int at, const char *name)
{
	CLEANUP_FD int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = -errno;
	else
		r = S_ISDIR(st.st_mode) ? replay_folder(take_fd(&fd)) : replay_file(fd);
	if (r < 0)
		(void)fprintf(stderr, "cannot replay '%s': %s\n", name, strerror(-r));
	return r;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(AT_FDCWD, argv[i]) < 0)
			return 1;
	if (!inputs) {
		(void)fprintf(stderr, "no inputs\n");
		return 1;
	}
	(void)printf("%lu inputs\n", inputs);
	return 0;
}
