/* log.c: lines on standard error; see log.h.
 *
 * No lock: a line is put together on the stack and leaves in one write(2), which pipes (up to
 * PIPE_BUF), terminals and O_APPEND files keep in one piece. That also makes a line from a signal's
 * thread or between fork and exec harmless. */
#include "redactfs/log.h"

#include "redactfs/err.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 1024 /* below PIPE_BUF (4096), so that a pipe keeps lines apart */

/* atomic: set up once, read by any thread */
static atomic_int max_level = LOGL_INFO;
static atomic_int style_now = LOG_STYLE_AUTO;

/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the stream that was given to the unit. The
 * variable is inherited by what redirects its output elsewhere, so its being set says nothing. */
static bool stderr_is_journal(void)
{
	const char *v = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!v || fstat(STDERR_FILENO, &st) < 0)
		return false;
	char *end;
	dev = strtoull(v, &end, 10);
	if (end == v || *end != ':')
		return false;
	v = end + 1;
	ino = strtoull(v, &end, 10);
	return end != v && *end == 0 && dev == st.st_dev && ino == st.st_ino;
}

void log_setup(enum log_style style, enum log_level max)
{
	if (style == LOG_STYLE_AUTO)
		style = stderr_is_journal() ? LOG_STYLE_JOURNAL : LOG_STYLE_PLAIN;
	atomic_store(&style_now, (int)style);
	atomic_store(&max_level, (int)max);
}

bool log_wanted(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&max_level, memory_order_relaxed);
}

__attribute__((format(printf, 3, 0))) static void emit(enum log_level level, int code,
						       const char *fmt, va_list ap)
{
	char line[LINE_BYTES];
	const size_t room = sizeof(line) - 1; /* without the newline */
	size_t n;

	if (atomic_load_explicit(&style_now, memory_order_relaxed) == LOG_STYLE_AUTO)
		log_setup(LOG_STYLE_AUTO, (enum log_level)atomic_load(&max_level));
	if (atomic_load_explicit(&style_now, memory_order_relaxed) == LOG_STYLE_JOURNAL)
		n = (size_t)snprintf(line, room, "<%d>", (int)level);
	else
		n = (size_t)snprintf(line, room, "redactfs: ");
	const size_t start = n;

	int k = vsnprintf(line + n, room - n, fmt, ap);
	if (k < 0)
		return;
	n += (size_t)k;
	if (code && n < room) {
		k = snprintf(line + n, room - n, ": %s", strerror(-code));
		n += k < 0 ? 0 : (size_t)k;
	}
	if (n >= room) {
		n = room;
		memcpy(line + n - 3, "...", 3);
	}
	for (size_t i = start; i < n; i++) {
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = ' ';
	}
	line[n++] = '\n';
	/* Nowhere to report to: a full or closed standard error loses the line. */
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	const int saved = errno;
	va_list ap;

	if (!log_wanted(level))
		return;
	va_start(ap, fmt);
	emit(level, 0, fmt, ap);
	va_end(ap);
	errno = saved;
}

int log_errno(enum log_level level, int code, const char *fmt, ...)
{
	const int saved = errno;
	va_list ap;

	if (!log_wanted(level))
		return code;
	va_start(ap, fmt);
	emit(level, code, fmt, ap);
	va_end(ap);
	errno = saved;
	return code;
}
