/* out-text.c: sizes and files for the commands. */
#include "cli-priv.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <string.h>

void size_format(uint64_t bytes, char out[SIZE_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1000 && u + 1 < sizeof(units) / sizeof(units[0])) {
		v /= 1024;
		u++;
	}
	(void)snprintf(out, SIZE_BYTES, u && v < 10 ? "%.1f %s" : "%.0f %s", v, units[u]);
}

int out_write(const char *p, size_t n)
{
	int r = io_write(STDOUT_FILENO, p, n);

	/* whoever read it has gone: no news to anybody */
	if (r < 0 && r != -EPIPE)
		say("cannot write to standard output: %s", strerror(-r));
	return r < 0 ? EXIT_OTHER : 0;
}

int file_read(const char *path, size_t limit, struct buf *ret, struct errinfo *e)
{
	bool in = strcmp(path, "-") == 0;
	int r = in ? io_read_all(STDIN_FILENO, limit, ret)
		   : io_read_file_at(AT_FDCWD, path, limit, ret);

	if (r == -E2BIG)
		return err_set(e, r, "'%s' is larger than %zu bytes", in ? "standard input" : path,
			       limit);
	if (r < 0)
		return err_set_errno(e, r, "cannot read '%s'", in ? "standard input" : path);
	return 0;
}
