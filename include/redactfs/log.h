/* log.h: lines on standard error for people or for the journal.
 *
 * Only fs and cli speak (library modules return errors). A line holds ids, counts, offsets and
 * durations: never text of a recording, matched values, secrets, or names of sessions or visitors.
 *
 * Thread-safe; a line is one write(2), so lines of threads and of processes never mix. Control
 * characters in a message become spaces, so that no name from outside can forge a line. errno is
 * left as it was. */
#ifndef REDACTFS_LOG_H
#define REDACTFS_LOG_H

#include <stdbool.h>

/* The numbers of syslog(3), which the journal's prefixes have too. */
enum log_level {
	LOGL_ERROR = 3,
	LOGL_WARNING = 4,
	LOGL_NOTICE = 5,
	LOGL_INFO = 6,
	LOGL_DEBUG = 7,
};

enum log_style {
	LOG_STYLE_AUTO,    /* JOURNAL when standard error is the journal's, else PLAIN */
	LOG_STYLE_PLAIN,   /* "redactfs: message" */
	LOG_STYLE_JOURNAL, /* "<4>message": sd-daemon(3); the journal knows who we are */
};

/* Before any thread is started. Lines above `max` in number (less urgent) are left out. Without a
 * call: AUTO, LOGL_INFO. */
void log_setup(enum log_style style, enum log_level max);
bool log_wanted(enum log_level level);

/* One line of at most 1 KiB; longer ones end in "...". */
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Returns `code`, a -errno, whose text is added to the line: ": No space left on device". */
int log_errno(enum log_level level, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Nothing is evaluated for a level that isn't wanted. */
#define log_at(level, ...)                                                                         \
	do {                                                                                       \
		if (log_wanted(level))                                                             \
			log_line(level, __VA_ARGS__);                                              \
	} while (0)
#define log_error(...)   log_at(LOGL_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOGL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_at(LOGL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_at(LOGL_INFO, __VA_ARGS__)
#define log_debug(...)   log_at(LOGL_DEBUG, __VA_ARGS__)

#endif
