/* actions-tell.c: the lines of a transcript; see actions.h. */
#include "actions.h"

#include "redactfs/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE_MS      60000 /* a pause that is told */
#define ROOM_TEXT    80u
#define ROOM_ADDRESS 200u

/* v in decimal, at least `width` characters, ending before `end`; returns where it starts. */
static char *decimal(char *end, uint64_t v, unsigned width, char pad)
{
	char *p = end;

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	while (end - p < (ptrdiff_t)width)
		*--p = pad;
	return p;
}

static int put_time(struct buf *out, int64_t ms, bool pad)
{
	char s[32], *p = s + sizeof(s);
	uint64_t sec = ms > 0 ? (uint64_t)ms / 1000 : 0;

	*--p = 0;
	p = decimal(p, sec % 60, 2, '0');
	*--p = ':';
	p = decimal(p, sec / 60 % 60, 2, '0');
	*--p = ':';
	p = decimal(p, sec / 3600, pad ? 3 : 1, ' ');
	return script_words(out, p);
}

static int put_size(struct engine *en, struct buf *out, uint32_t width, uint32_t height)
{
	int r = put_place(en, out, width, 20);

	if (!r)
		r = script_words(out, " x ");
	return r ? r : put_place(en, out, height, 20);
}

static int put_open(struct engine *en, struct buf *out, const struct action *a)
{
	const struct actions *t = en->actions;
	const struct dom_node *d = dom_at(en->dom, a->node);
	uint32_t title = a->node && d->epoch < t->ntitles ? t->titles[d->epoch] : 0;
	int r = script_words(out, a->tok ? "opens " : "opens a page");

	if (!r && a->tok)
		r = put_place(en, out, a->tok, ROOM_ADDRESS);
	if (!r && title)
		r = script_words(out, " ");
	return r || !title ? r : put_quoted(en, out, title, ROOM_TEXT);
}

static int put_enter(struct engine *en, struct buf *out, const struct action *a)
{
	const struct dom_node *d = dom_at(en->dom, a->node);
	const char *kind = element_kind(en, d);
	bool chosen = d->tag == TAG_SELECT;
	int r;

	/* whether it was set isn't told: where choices are hidden, a box that is set and one that
	 * isn't look alike */
	if (kind && (!strcmp(kind, "check box") || !strcmp(kind, "radio button") ||
		     !strcmp(kind, "slider"))) {
		r = script_words(out, "changes ");
		return r ? r : put_element(en, out, a->node);
	}
	if (!a->tok) {
		r = script_words(out, "empties ");
		return r ? r : put_element(en, out, a->node);
	}
	r = script_words(out, chosen ? "chooses " : "enters ");
	if (!r)
		r = put_quoted(en, out, a->tok, ROOM_TEXT);
	if (!r)
		r = script_words(out, " in ");
	return r ? r : put_element(en, out, a->node);
}

static int put_action(struct engine *en, struct buf *out, const struct action *a)
{
	static const char *const words[] = {
		[ACT_CLICK] = "clicks ",
		[ACT_DOUBLE] = "double-clicks ",
		[ACT_MENU] = "opens the context menu of ",
		[ACT_SCROLL] = "scrolls",
		[ACT_SIZE] = "resizes the window to ",
		[ACT_SELECT] = "selects text",
		[ACT_DRAG] = "drags",
		[ACT_PLAY] = "plays ",
		[ACT_PAUSE] = "pauses ",
		[ACT_EVENT] = "event ",
		[ACT_CONSOLE] = "error on the page",
	};
	int r;

	switch ((enum act)a->act) {
	case ACT_OPEN:
		return put_open(en, out, a);
	case ACT_ENTER:
		return put_enter(en, out, a);
	case ACT_SIZE:
		if (!a->tok || !a->other)
			return script_words(out, "resizes the window");
		r = script_words(out, words[a->act]);
		return r ? r : put_size(en, out, a->tok, a->other);
	case ACT_CLICK:
	case ACT_DOUBLE:
	case ACT_MENU:
	case ACT_PLAY:
	case ACT_PAUSE:
		r = script_words(out, words[a->act]);
		return r ? r : put_element(en, out, element_meant(en, a->node));
	case ACT_EVENT:
		r = script_words(out, words[a->act]);
		return r ? r : put_quoted(en, out, a->tok, ROOM_TEXT);
	case ACT_CONSOLE:
		r = script_words(out, words[a->act]);
		if (!r && a->tok)
			r = script_words(out, ": ");
		return r || !a->tok ? r : put_place(en, out, a->tok, ROOM_ADDRESS);
	default:
		return script_words(out, words[a->act]);
	}
}

static bool touched(const struct engine *en, uint32_t tok)
{
	const struct jtok *t = &en->toks.v[tok];
	size_t i = engine_span_from(en, t->off);

	return i < en->nspans && en->spans[i].off < t->off + t->len;
}

/* Recorders tell the address again with each full snapshot, though nobody went anywhere. */
static bool is_checkpoint(struct engine *en, const struct action *was, const struct action *now)
{
	const struct jtok *v = en->toks.v;

	if (!now->tok)
		return was != NULL;
	return was && was->tok && v[was->tok].len == v[now->tok].len && !touched(en, was->tok) &&
	       !touched(en, now->tok) &&
	       !memcmp(en->text + v[was->tok].off, en->text + v[now->tok].off, v[now->tok].len);
}

static int put_line(struct engine *en, struct buf *out, const struct action *a, int64_t *since)
{
	const struct actions *t = en->actions;
	char s[48];
	int r = 0;

	if (a->ms - *since >= IDLE_MS) {
		r = script_words(out, "           (nothing for ");
		if (!r)
			r = put_time(out, a->ms - *since, false);
		if (!r)
			r = script_words(out, ")\n");
	}
	if (a->ms > *since)
		*since = a->ms;
	if (!r)
		r = put_time(out, a->ms - t->first_ms, true);
	if (!r && en->nwindows > 1) {
		(void)snprintf(s, sizeof(s), "  tab %u: ", a->window);
		r = script_words(out, s);
	} else if (!r) {
		r = script_words(out, "  ");
	}
	if (!r)
		r = put_action(en, out, a);
	if (!r && a->times > 1) {
		(void)snprintf(s, sizeof(s), ", %u times", a->times);
		r = script_words(out, s);
	}
	return r ? r : script_words(out, "\n");
}

static int put_head(struct engine *en, struct buf *out)
{
	const struct actions *t = en->actions;
	char when[32] = "", s[96];
	time_t sec = (time_t)(t->first_ms / 1000);
	struct tm tm;

	if (gmtime_r(&sec, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(s, sizeof(s), "%s UTC, %llu event%s, ", when, (unsigned long long)t->events,
		       t->events == 1 ? "" : "s");
	int r = script_words(out, s);
	if (!r)
		r = put_time(out, t->last_ms - t->first_ms, false);
	return r ? r : script_words(out, " from first to last\n\n");
}

int actions_tell(struct engine *en, struct buf *out)
{
	const struct actions *t = en->actions;
	const struct action **open = calloc(en->nwindows + 1, sizeof(const struct action *));
	int64_t since = t->first_ms;
	char s[64];
	int r = open ? elements_look_over(en) : -ENOMEM;

	if (!r)
		r = put_head(en, out);
	for (size_t i = 0; i < t->n && !r; i++) {
		const struct action *a = &t->v[i];

		if (a->act == ACT_OPEN) {
			const struct action *was = open[a->window];

			if (a->tok || !was)
				open[a->window] = a;
			if (is_checkpoint(en, was, a))
				continue;
		}
		r = put_line(en, out, a, &since);
	}
	free(open);
	if (!r && t->left_out) {
		(void)snprintf(s, sizeof(s), "           (%llu more)\n",
			       (unsigned long long)t->left_out);
		r = script_words(out, s);
	}
	if (!r)
		r = put_time(out, t->last_ms - t->first_ms, true);
	return r ? r : script_words(out, "  ends\n");
}
