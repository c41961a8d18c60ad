/* say.c: what the command says on stderr: one line a fact, lower case, subject in single quotes. */
#include "cli-priv.h"

#include "redactfs/line.h"

#include <stdarg.h>
#include <string.h>

int buf_add_printable(struct buf *b, const char *s)
{
	bool plain;

	for (size_t n; (n = line_char(s, &plain)); s += n) {
		int r = plain ? buf_add(b, s, n) : buf_addc(b, '?');

		if (r < 0)
			return r;
	}
	return 0;
}

static void line(const char *front, const char *text)
{
	CLEANUP(buf_done) struct buf b = {0};

	/* out of memory: the plain front is still better than nothing */
	(void)buf_add_printable(&b, text);
	fprintf(stderr, "%s%s\n", front, b.p ? b.p : "out of memory");
}

void say(const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut at the end is fine */
	va_end(ap);
	line("redactfs: ", text);
}

int say_usage(const struct command *cmd, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (cmd)
		say("%s: %s (see 'redactfs %s --help')", cmd->name, text, cmd->name);
	else
		say("%s (see 'redactfs --help')", text);
	return EXIT_USAGE;
}

int say_error(const struct errinfo *e, int code)
{
	if (!e->code)
		say("%s", strerror(-code));
	else if (e->has_offset)
		say("%s (at byte %llu)", e->msg, (unsigned long long)e->offset);
	else
		say("%s", e->msg);
	if (e->hint[0])
		line("hint: ", e->hint);
	return err_exit_status(code);
}
