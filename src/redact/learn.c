/* learn.c: pass 1 of the engine: every event once, in order.
 *
 * Builds the DOM (dom.h) over snapshots, mutations, shadow roots and iframes, notes what the
 * attributes of each element say, and lists every string outside the structure as an item for pass
 * 2, with the node it belongs to at this moment. Nothing is decided here: marks and types that come
 * later count as well.
 *
 * What is structure is named here; everything else is an item: an event type or member that is not
 * known is text until shown otherwise. */
#include "learn-priv.h"

#include "actions.h"
#include "beside.h"

#include "redactfs/limits.h"

#define LIMIT_WINDOWS 1024u /* tabs of one session */

/* rrweb's event types and sources (packages/types/src/index.ts). */
enum { EV_FULL_SNAPSHOT = 2, EV_INCREMENTAL = 3, EV_META = 4 };
enum {
	SRC_MUTATION = 0,
	SRC_SCROLL = 3,
	SRC_INPUT = 5,
	SRC_SHEET_RULE = 8,
	SRC_CANVAS = 9,
	SRC_STYLE_DECL = 13,
	SRC_SELECTION = 14,
	SRC_ADOPTED = 15,
	SRC_LAST = 16
};

int learn_item(struct learner *l, uint32_t tok, uint32_t node, enum item_kind kind)
{
	struct engine *en = l->en;

	if (engine_grow((void **)&en->items, &en->items_cap, en->nitems, sizeof(*en->items)) < 0)
		return -ENOMEM;
	en->has_keys |= kind == IT_KEY;
	en->items[en->nitems++] =
		(struct item){.tok = tok, .node = node, .event = l->event, .kind = (uint8_t)kind};
	return 0;
}

int learn_dom_failed(struct learner *l)
{
	int r = dom_error(l->en->dom);

	if (r == -E2BIG)
		return err_set_at(l->en->e, r, l->v[0].off, "too many DOM nodes (limit %u)",
				  LIMIT_NODES);
	return r ? r : -ENOMEM;
}

static bool plain_word(const char *s, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if ((s[i] | 32) < 'a' || (s[i] | 32) > 'z')
			return false;
	return n <= 24;
}

int learn_text(struct learner *l, uint32_t from, uint32_t to, uint32_t node, bool numbers,
	       enum item_kind kind)
{
	int r = 0;

	for (uint32_t i = from; i < to && !r; i++) {
		const struct jtok *t = &l->v[i];

		if (t->type == JTOK_STRING) {
			if (!(t->flags & JTOK_KEY))
				r = t->len ? learn_item(l, i, node, kind) : 0;
			else if (t->len >= 4 && (numbers || !plain_word(l->text + t->off, t->len)))
				r = learn_item(l, i, node, IT_KEY);
		} else if (t->type == JTOK_NUMBER && numbers && t->len >= 4) {
			r = learn_item(l, i, node, IT_NUM);
		}
	}
	return r;
}

int learn_members(struct learner *l, uint32_t obj, uint32_t node, bool numbers,
		  const struct known_key *known, size_t nknown)
{
	uint32_t end = jtok_next(l->v, obj), next;
	int r = 0;

	for (uint32_t k = obj + 1; k < end && !r; k = next) {
		const struct jtok *t = &l->v[k];
		size_t i = 0;

		next = jtok_next(l->v, k + 1);
		while (i < nknown &&
		       (known[i].n != t->len || memcmp(l->text + t->off, known[i].s, t->len) != 0))
			i++;
		if (i == nknown)
			r = learn_text(l, k, next, node, numbers, IT_FREE);
		else if (!known[i].done && l->v[k + 1].type < JTOK_NUMBER)
			r = learn_text(l, k + 1, next, node, false, IT_FREE);
	}
	return r;
}

bool learn_id(const struct learner *l, uint32_t obj, const char *key, int64_t *ret)
{
	uint32_t t = jtok_get(l->text, l->v, obj, key);

	return t && jtok_int(l->text, &l->v[t], ret);
}

static int add(struct learner *l, uint32_t obj)
{
	uint32_t end = jtok_next(l->v, obj), node = 0, parent = 0, next = 0, other = 0;
	int64_t id;
	int r;

	for (uint32_t k = obj + 1; k < end; k = jtok_next(l->v, k + 1)) {
		const struct jtok *t = &l->v[k + 1];

		switch (learn_member(l, k)) {
		case M_NODE:
			node = k + 1;
			break;
		case M_PARENT_ID:
			if (!jtok_int(l->text, t, &id)) {
				other++;
				break;
			}
			parent = dom_node(l->en->dom, l->window, id);
			if (!parent)
				return learn_dom_failed(l);
			break;
		case M_NEXT_ID:
			other += t->type < JTOK_NUMBER;
			if (jtok_is(l->text, &l->v[k], "nextId") && jtok_int(l->text, t, &id))
				next = dom_find(l->en->dom, l->window, id);
			break;
		default:
			other++;
		}
	}
	l->next = next;
	r = node ? learn_node(l, node, parent) : 0;
	l->next = 0;
	if (r || !other)
		return r;
	return LEARN_MEMBERS(l, obj, parent, true, DONE("node"), KNOWN("parentId"), KNOWN("nextId"),
			     KNOWN("previousId"));
}

static int removal(struct learner *l, uint32_t obj)
{
	int64_t id;

	if (learn_id(l, obj, "id", &id))
		beside_remove(l->en->beside, dom_find(l->en->dom, l->window, id));
	return LEARN_MEMBERS(l, obj, 0, false, KNOWN("parentId"), KNOWN("id"), KNOWN("isShadow"));
}

static int text_mutation(struct learner *l, uint32_t obj)
{
	uint32_t val = jtok_get(l->text, l->v, obj, "value"), node = 0;
	int64_t id;

	if (learn_id(l, obj, "id", &id)) {
		node = dom_node(l->en->dom, l->window, id);
		if (!node)
			return learn_dom_failed(l);
	}
	if (val && l->v[val].type == JTOK_STRING && l->v[val].len) {
		struct dom_node *d = dom_at(l->en->dom, node);
		if (node && !d->text)
			d->text = val;
		int r = learn_item(l, val, node, IT_TEXT);
		if (r < 0)
			return r;
	}
	if (val && l->v[val].type != JTOK_STRING) {
		int r = learn_text(l, val, jtok_next(l->v, val), node, true, IT_FREE);
		if (r < 0)
			return r;
	}
	return LEARN_MEMBERS(l, obj, node, true, KNOWN("id"), DONE("value"));
}

static int attribute_mutation(struct learner *l, uint32_t obj)
{
	struct engine *en = l->en;
	uint32_t attrs = jtok_get(l->text, l->v, obj, "attributes"), node = 0;
	int64_t id;
	int r = 0;

	if (learn_id(l, obj, "id", &id))
		node = dom_node(en->dom, l->window, id);
	else
		node = dom_anonymous(en->dom);
	if (!node)
		return learn_dom_failed(l);
	if (attrs) {
		if (!en->npatches)
			en->npatches = 1;
		if (engine_grow((void **)&en->patches, &en->patches_cap, en->npatches + 1,
				sizeof(*en->patches)) < 0)
			return -ENOMEM;
		struct dom_node *d = dom_at(en->dom, node);
		en->patches[en->npatches] = (struct patch){attrs, d->patches};
		d->patches = (uint32_t)en->npatches++;
		r = learn_attributes(l, node, attrs);
	}
	return r ? r : LEARN_MEMBERS(l, obj, node, true, KNOWN("id"), DONE("attributes"));
}

static int each(struct learner *l, uint32_t data, const char *key,
		int (*fn)(struct learner *, uint32_t))
{
	uint32_t arr = jtok_get(l->text, l->v, data, key);
	int r = 0;

	if (!arr)
		return 0;
	if (l->v[arr].type != JTOK_ARRAY)
		return learn_text(l, arr, jtok_next(l->v, arr), 0, true, IT_FREE);
	for (uint32_t i = arr + 1; i < jtok_next(l->v, arr) && !r; i = jtok_next(l->v, i))
		r = l->v[i].type == JTOK_OBJECT
			    ? fn(l, i)
			    : learn_text(l, i, jtok_next(l->v, i), 0, true, IT_FREE);
	return r;
}

static int mutation(struct learner *l, uint32_t data)
{
	int r = each(l, data, "removes", removal);

	/* Nodes first: a text or attribute of the same event may speak of them. */
	if (!r)
		r = each(l, data, "adds", add);
	if (!r)
		r = each(l, data, "texts", text_mutation);
	if (!r)
		r = each(l, data, "attributes", attribute_mutation);
	return r ? r
		 : LEARN_MEMBERS(l, data, 0, true, KNOWN("source"), DONE("adds"), DONE("texts"),
				 DONE("attributes"), DONE("removes"), KNOWN("isAttachIframe"));
}

static int input(struct learner *l, uint32_t data)
{
	uint32_t text = jtok_get(l->text, l->v, data, "text");
	uint32_t checked = jtok_get(l->text, l->v, data, "isChecked"), node = 0;
	int64_t id;
	int r = 0;

	node = learn_id(l, data, "id", &id) ? dom_node(l->en->dom, l->window, id)
					    : dom_anonymous(l->en->dom);
	if (!node)
		return learn_dom_failed(l);
	struct field *f = learn_field_of(l->en, node);
	if (!f)
		return -ENOMEM;
	f->typed = true;
	if (text && l->v[text].type > JTOK_ARRAY && l->v[text].type != JTOK_NULL && l->v[text].len)
		r = learn_item(l, text, node, IT_INPUT);
	else if (text)
		r = learn_text(l, text, jtok_next(l->v, text), node, true, IT_INPUT);
	if (!r && checked && l->v[checked].type > JTOK_ARRAY)
		r = learn_item(l, checked, node, IT_CHECKED);
	else if (!r && checked)
		r = learn_text(l, checked, jtok_next(l->v, checked), node, true, IT_INPUT);
	return r ? r
		 : LEARN_MEMBERS(l, data, node, true, KNOWN("source"), DONE("text"),
				 DONE("isChecked"), KNOWN("id"), KNOWN("userTriggered"));
}

/* Drawing that the policy doesn't keep: a list of commands (rrweb 2), or the arguments of one
 * (rrweb 1), goes as a whole; of anything else only what it is for stays. */
static int canvas(struct learner *l, uint32_t data)
{
	int r = 0;

	for (uint32_t k = data + 1; k < jtok_next(l->v, data) && !r; k = jtok_next(l->v, k + 1)) {
		const struct jtok *t = &l->v[k + 1];

		if ((jtok_is(l->text, &l->v[k], "commands") ||
		     jtok_is(l->text, &l->v[k], "args")) &&
		    t->type == JTOK_ARRAY)
			r = learn_item(l, k + 1, 0, IT_CANVAS);
		else
			r = learn_text(l, k, jtok_next(l->v, k + 1), 0, false, IT_FREE);
	}
	return r;
}

/* A number that is a position inside of the node whose id is `id_key`'s. */
static int position(struct learner *l, uint32_t obj, const char *id_key, const char *key)
{
	uint32_t t = jtok_get(l->text, l->v, obj, key), node = 0;
	int64_t id;

	if (t && l->v[t].type == JTOK_NUMBER && learn_id(l, obj, id_key, &id))
		node = dom_find(l->en->dom, l->window, id);
	if (!node)
		return 0;
	l->en->has_offsets = true;
	return learn_item(l, t, node, IT_OFFSET);
}

static int selection(struct learner *l, uint32_t data)
{
	uint32_t ranges = jtok_get(l->text, l->v, data, "ranges");
	int r = 0;

	if (!ranges || l->v[ranges].type != JTOK_ARRAY)
		return 0;
	uint32_t end = jtok_next(l->v, ranges);
	for (uint32_t i = ranges + 1; i < end && !r; i = jtok_next(l->v, i)) {
		r = position(l, i, "start", "startOffset");
		if (!r)
			r = position(l, i, "end", "endOffset");
	}
	return r;
}

/* How far a text field is scrolled tells how long its text is; of a page it is where one reads. */
static int scrolled(struct learner *l, uint32_t data)
{
	uint32_t node = 0;
	int64_t id;

	if (learn_id(l, data, "id", &id))
		node = dom_find(l->en->dom, l->window, id);
	if (!node || !dom_at(l->en->dom, node)->field)
		return 0;
	int r = position(l, data, "id", "x");
	return r ? r : position(l, data, "id", "y");
}

static int incremental(struct learner *l, uint32_t data)
{
	int64_t source = -1;
	int r = 0;

	(void)learn_id(l, data, "source", &source);
	if (source == SRC_SELECTION)
		r = selection(l, data);
	else if (source == SRC_SCROLL)
		r = scrolled(l, data);
	if (r)
		return r;
	switch (source) {
	case SRC_MUTATION:
		return mutation(l, data);
	case SRC_INPUT:
		return input(l, data);
	case SRC_CANVAS:
		if (l->en->policy->drop_canvas)
			return canvas(l, data);
		return learn_text(l, data + 1, jtok_next(l->v, data), 0, false, IT_FREE);
	case SRC_SHEET_RULE:
	case SRC_STYLE_DECL:
	case SRC_ADOPTED:
		return learn_text(l, data + 1, jtok_next(l->v, data), 0, false, IT_CSS);
	default:
		/* of the known sources the numbers are positions, ids and times */
		return learn_text(l, data + 1, jtok_next(l->v, data), 0,
				  source < 0 || source > SRC_LAST, IT_FREE);
	}
}

static int window_of(struct learner *l, uint32_t tok)
{
	struct engine *en = l->en;
	const struct jtok *t = &l->v[tok];

	for (size_t i = 0; i < en->nwindows; i++) {
		if (en->windows[i].len == t->len &&
		    !memcmp(l->text + en->windows[i].off, l->text + t->off, t->len)) {
			l->window = (uint32_t)i + 1;
			return 0;
		}
	}
	if (en->nwindows == LIMIT_WINDOWS)
		return err_set_at(en->e, -E2BIG, t->off, "too many windows (limit %u)",
				  LIMIT_WINDOWS);
	if (engine_grow((void **)&en->windows, &en->windows_cap, en->nwindows,
			sizeof(*en->windows)) < 0)
		return -ENOMEM;
	en->windows[en->nwindows].off = t->off;
	en->windows[en->nwindows].len = t->len;
	l->window = (uint32_t)++en->nwindows;
	return 0;
}

static int event_data(struct learner *l, int64_t type, uint32_t data)
{
	int r;

	if (l->v[data].type == JTOK_OBJECT) {
		uint32_t node;

		switch (type) {
		case EV_FULL_SNAPSHOT:
			dom_epoch(l->en->dom, l->window);
			node = jtok_get(l->text, l->v, data, "node");
			r = node ? learn_node(l, node, 0) : 0;
			return r ? r
				 : LEARN_MEMBERS(l, data, 0, true, DONE("node"),
						 KNOWN("initialOffset"));
		case EV_INCREMENTAL:
			return incremental(l, data);
		case EV_META:
			return LEARN_MEMBERS(l, data, 0, false, KNOWN("width"), KNOWN("height"));
		default:
			break;
		}
	}
	return learn_text(l, data, jtok_next(l->v, data), 0, true, IT_FREE);
}

/* What findings tell of an event: when it was, and on which page. */
static int event_add(struct learner *l, uint32_t meta, uint32_t time)
{
	struct engine *en = l->en;
	uint32_t href = 0;

	if (meta && l->v[meta].type == JTOK_OBJECT)
		href = jtok_get(l->text, l->v, meta, "href");
	if (engine_grow((void **)&en->events, &en->events_cap, l->event, sizeof(*en->events)) < 0)
		return -ENOMEM;
	en->events[l->event] =
		(struct event){time, href && l->v[href].type == JTOK_STRING ? href : 0, l->window};
	return 0;
}

static int event(struct learner *l, uint32_t obj)
{
	int64_t type = -1;
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return err_set_at(l->en->e, -EILSEQ, l->v[obj].off, "an event is not an object");
	uint32_t end = jtok_next(l->v, obj), data = 0, window = 0, time = 0;
	bool other = false;

	for (uint32_t k = obj + 1; k < end; k = jtok_next(l->v, k + 1)) {
		const struct jtok *t = &l->v[k], *v = &l->v[k + 1];

		if (jtok_is(l->text, t, "data"))
			data = k + 1;
		else if (jtok_is(l->text, t, "type"))
			(void)jtok_int(l->text, v, &type);
		else if (jtok_is(l->text, t, "timestamp"))
			time = k + 1;
		else if (jtok_is(l->text, t, "windowId"))
			window = k + 1;
		else
			other |= !jtok_is(l->text, t, "delay");
		other |= v->type < JTOK_NUMBER && data != k + 1;
	}
	l->window = 0;
	if (window && l->v[window].type == JTOK_STRING)
		r = window_of(l, window);
	if (!r)
		r = event_add(l, type == EV_META ? data : 0, time);
	/* windowId is text: what a recorder puts there is its own */
	if (!r && (other || window))
		r = LEARN_MEMBERS(l, obj, 0, true, KNOWN("type"), KNOWN("timestamp"),
				  KNOWN("delay"), DONE("data"));
	if (!r && data)
		r = event_data(l, type, data);
	if (!r && l->en->script)
		r = actions_event(l->en, l->window, time, type, data);
	return r;
}

int learn_run(struct engine *en)
{
	struct learner l = {.en = en, .text = en->text, .v = en->toks.v};
	int r = 0;

	if (en->toks.v[0].type != JTOK_ARRAY)
		return err_set_at(en->e, -EILSEQ, 0, "not an array of events");
	for (uint32_t i = 1; i < en->toks.n && !r; i = jtok_next(l.v, i)) {
		size_t item = en->nitems;
		uint32_t node = (uint32_t)dom_count(en->dom);

		r = event(&l, i);
		if (!r)
			r = beside_event_end(en, item, node);
		l.event++;
	}
	en->nevents = l.event;
	buf_wipe_done(&l.tmp);
	return r;
}
