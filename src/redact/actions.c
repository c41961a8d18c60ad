/* actions.c: pass 1 of what the visitor did; see actions.h. */
#include "actions.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct actions *actions_new(void)
{
	struct actions *t = malloc(sizeof(*t));

	if (t)
		memset(t, 0, offsetof(struct actions, labels));
	return t;
}

struct actions *actions_free(struct actions *t)
{
	if (t) {
		free(t->v);
		free(t->titles);
		free(t);
	}
	return NULL;
}

/* A string that isn't empty, or 0. */
uint32_t actions_string(const struct engine *en, uint32_t obj, const char *key)
{
	uint32_t t = obj && en->toks.v[obj].type == JTOK_OBJECT
			     ? jtok_get(en->text, en->toks.v, obj, key)
			     : 0;

	return t && en->toks.v[t].type == JTOK_STRING && en->toks.v[t].len ? t : 0;
}

static struct action *last(struct actions *t)
{
	return t->n ? &t->v[t->n - 1] : NULL;
}

static int note(struct engine *en, const struct action *a)
{
	struct actions *t = en->actions;

	if (t->n == ACTIONS_MAX) {
		t->left_out++;
		return 0;
	}
	if (engine_grow((void **)&t->v, &t->cap, t->n, sizeof(*t->v)) < 0)
		return -ENOMEM;
	t->v[t->n++] = *a;
	return 0;
}

/* Is it the last action going on? */
static struct action *going_on(struct engine *en, const struct action *a)
{
	struct action *l = last(en->actions);

	return l && l->act == a->act && l->window == a->window && l->node == a->node &&
			       !en->actions->left_out
		       ? l
		       : NULL;
}

static uint32_t number_at(const struct engine *en, uint32_t obj, const char *key)
{
	uint32_t t = jtok_get(en->text, en->toks.v, obj, key);

	return t && en->toks.v[t].type == JTOK_NUMBER ? t : 0;
}

static int64_t int_at(const struct engine *en, uint32_t obj, const char *key, int64_t none)
{
	uint32_t t = number_at(en, obj, key);
	int64_t v;

	return t && jtok_int(en->text, &en->toks.v[t], &v) ? v : none;
}

static int snapshot(struct engine *en, struct action *a, uint32_t data)
{
	uint32_t root = jtok_get(en->text, en->toks.v, data, "node");
	int64_t id = -1;

	if (root && en->toks.v[root].type == JTOK_OBJECT)
		id = int_at(en, root, "id", -1);
	a->node = dom_find(en->dom, a->window, id);
	a->act = ACT_OPEN;
	struct action *l = last(en->actions);
	if (l && l->act == ACT_OPEN && l->window == a->window && !l->node) {
		l->node = a->node; /* the page that the address just told is of */
		return 0;
	}
	return note(en, a);
}

static int mouse(struct engine *en, struct action *a, uint32_t data)
{
	/* rrweb's MouseInteractions */
	switch (int_at(en, data, "type", -1)) {
	case 2:
		a->act = ACT_CLICK;
		break;
	case 3:
		a->act = ACT_MENU;
		break;
	case 4:
		a->act = ACT_DOUBLE;
		break;
	default:
		return 0;
	}
	struct action *l = going_on(en, a);
	if (l && l->node) {
		l->times++;
		return 0;
	}
	return note(en, a);
}

static int incremental(struct engine *en, struct action *a, uint32_t data)
{
	/* rrweb's IncrementalSource; most are none of those here */
	int64_t source = int_at(en, data, "source", -1);

	if (source < 2 || source > 14)
		return 0;
	a->node = dom_find(en->dom, a->window, int_at(en, data, "id", -1));
	switch (source) {
	case 2:
		return mouse(en, a, data);
	case 3:
		if (dom_at(en->dom, a->node)->field)
			return 0; /* a field follows what is typed */
		a->act = ACT_SCROLL;
		a->node = 0; /* which of the page's parts isn't worth a line */
		break;
	case 4:
		a->act = ACT_SIZE;
		a->node = 0;
		a->tok = number_at(en, data, "width");
		a->other = number_at(en, data, "height");
		break;
	case 5:
		a->act = ACT_ENTER;
		a->tok = actions_string(en, data, "text");
		break;
	case 7:
		a->act = ACT_PLAY;
		if (int_at(en, data, "type", -1) == 1)
			a->act = ACT_PAUSE;
		else if (int_at(en, data, "type", -1))
			return 0;
		return note(en, a);
	case 12:
		a->act = ACT_DRAG;
		break;
	case 14:
		a->act = ACT_SELECT;
		break;
	default:
		return 0;
	}
	struct action *l = going_on(en, a);
	if (!l || (l->tok && !a->tok && a->act == ACT_ENTER)) /* emptied: what it held stays told */
		return note(en, a);
	l->tok = a->tok;
	l->other = a->other;
	return 0;
}

/* What recorders put beside the page several times a second, for themselves: their own words. */
static bool is_chatter(const struct engine *en, uint32_t tag)
{
	static const char *const tags[] = {"breadcrumb", "performanceSpan", "options"};
	const struct jtok *t = &en->toks.v[tag];

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (jtok_is(en->text, t, tags[i]))
			return true;
	return t->len && en->text[t->off] == '$';
}

static int plugin(struct engine *en, struct action *a, uint32_t data)
{
	uint32_t name = actions_string(en, data, "plugin");
	uint32_t payload = jtok_get(en->text, en->toks.v, data, "payload");
	const struct jtok *v = en->toks.v;
	static const char console[] = "rrweb/console@";

	if (!name || v[name].len < sizeof(console) ||
	    memcmp(en->text + v[name].off, console, sizeof(console) - 1))
		return 0;
	uint32_t level = actions_string(en, payload, "level");
	if (!level || !jtok_is(en->text, &v[level], "error"))
		return 0;
	uint32_t said = jtok_get(en->text, v, payload, "payload");
	a->act = ACT_CONSOLE;
	if (said && v[said].type == JTOK_ARRAY && v[said].skip > 1 &&
	    v[said + 1].type == JTOK_STRING)
		a->tok = said + 1;
	return note(en, a);
}

int actions_event(struct engine *en, uint32_t window, uint32_t time, int64_t type, uint32_t data)
{
	struct actions *t = en->actions;
	struct action a = {.window = window, .times = 1};

	if (time)
		(void)jtok_int(en->text, &en->toks.v[time], &a.ms);
	if (!t->events++)
		t->first_ms = t->last_ms = a.ms;
	if (a.ms < t->first_ms)
		t->first_ms = a.ms;
	if (a.ms > t->last_ms)
		t->last_ms = a.ms;
	if (!data || en->toks.v[data].type != JTOK_OBJECT)
		return 0;
	switch (type) { /* rrweb's EventType */
	case 2:
		return snapshot(en, &a, data);
	case 3:
		return incremental(en, &a, data);
	case 4:
		a.act = ACT_OPEN;
		a.tok = actions_string(en, data, "href");
		return note(en, &a);
	case 5:
		a.act = ACT_EVENT;
		a.tok = actions_string(en, data, "tag");
		return a.tok && !is_chatter(en, a.tok) ? note(en, &a) : 0;
	case 6:
		return plugin(en, &a, data);
	default:
		return 0;
	}
}
