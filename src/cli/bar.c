/* bar.c: a progress bar on standard error, where that is a terminal. It stands on the last line and
 * is taken away again before anything else is said. */
#include "cli-priv.h"

#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* can't fail for this clock */
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void bar_init(struct bar *b)
{
	*b = (struct bar){.on = isatty(STDERR_FILENO)};
}

void bar_clear(struct bar *b)
{
	if (b->drawn)
		fputs("\r\033[K", stderr);
	b->drawn = false;
}

bool bar_due(const struct bar *b)
{
	enum { EVERY_MS = 100 };

	return b->on && (!b->drawn_ms || now_ms() - b->drawn_ms >= EVERY_MS);
}

void bar_draw(struct bar *b, uint64_t done, uint64_t of, const char *text)
{
	enum { WIDTH = 30 };
	char bar[WIDTH + 1];

	if (!b->on)
		return;
	b->drawn_ms = now_ms();
	bar_clear(b);
	if (of) {
		int filled = (int)((double)(done < of ? done : of) / (double)of * WIDTH);

		memset(bar, ' ', WIDTH);
		memset(bar, '#', (size_t)filled);
		bar[WIDTH] = 0;
		fprintf(stderr, "[%s] %3d%%  ", bar, filled * 100 / WIDTH);
	}
	fputs(text, stderr);
	(void)fflush(stderr); /* only a bar */
	b->drawn = true;
}
