/* element-words.c: an element as people speak of it: what it is, and what the page calls it; see
 * actions.h. */
#include "actions.h"

#include "redactfs/script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROOM_NAME 80u
#define CLIMB     6u   /* elements from the one that was hit to the one that is meant */
#define TEXTS     3u   /* of an element, one after the other */
#define NODES     200u /* that are looked at for them */

int put_place(struct engine *en, struct buf *out, uint32_t tok, uint8_t room)
{
	const struct jtok *t = &en->toks.v[tok];
	bool string = t->type == JTOK_STRING;

	return script_place(out, string ? SCRIPT_STRING : SCRIPT_PLAIN, room, t->off - 1,
			    t->off + t->len);
}

int put_quoted(struct engine *en, struct buf *out, uint32_t tok, uint8_t room)
{
	int r = script_words(out, "\"");

	if (!r)
		r = put_place(en, out, tok, room);
	return r ? r : script_words(out, "\"");
}

static bool tag_is(const struct engine *en, const struct dom_node *d, const char *name)
{
	const struct jtok *t = d->tag_tok ? &en->toks.v[d->tag_tok] : NULL;

	return t && t->len == strlen(name) && !strncasecmp(en->text + t->off, name, t->len);
}

static bool value_is(const struct engine *en, uint32_t tok, const char *word)
{
	const struct jtok *t = &en->toks.v[tok];

	return tok && t->len == strlen(word) && !strncasecmp(en->text + t->off, word, t->len);
}

/* The first word that the attribute's value is; *ret_as is what it is called. */
static bool called(const struct engine *en, uint32_t tok, const char *const (*words)[2],
		   const char **ret_as)
{
	for (; tok && (*words)[0]; words++)
		if (value_is(en, tok, (*words)[0])) {
			*ret_as = (*words)[1];
			return true;
		}
	return false;
}

static const char *const roles[][2] = {
	{"button", "button"},
	{"link", "link"},
	{"tab", "tab"},
	{"menuitem", "menu item"},
	{"option", "option"},
	{"switch", "switch"},
	{"radio", "radio button"},
	{"checkbox", "check box"},
	{"textbox", "field"},
	{NULL, NULL},
};
static const char *const inputs[][2] = {
	{"checkbox", "check box"}, {"radio", "radio button"}, {"submit", "button"},
	{"button", "button"},      {"reset", "button"},       {"image", "button"},
	{"range", "slider"},       {"file", "file field"},    {NULL, NULL},
};

/* What an element is to whoever uses it; NULL: nothing of its own. */
const char *element_kind(const struct engine *en, const struct dom_node *d)
{
	static const char *const tags[][2] = {{"a", "link"},      {"summary", "summary"},
					      {"img", "picture"}, {"video", "video"},
					      {"audio", "audio"}, {NULL, NULL}};
	const char *as = NULL;

	switch ((enum dom_tag)d->tag) {
	case TAG_BUTTON:
		return "button";
	case TAG_SELECT:
		return "list";
	case TAG_TEXTAREA:
		return "text area";
	case TAG_OPTION:
		return "option";
	case TAG_INPUT:
		return called(en, actions_string(en, d->attrs, "type"), inputs, &as) ? as : "field";
	default:
		break;
	}
	if (called(en, actions_string(en, d->attrs, "role"), roles, &as))
		return as;
	for (size_t i = 0; tags[i][0]; i++)
		if (tag_is(en, d, tags[i][0]))
			return tags[i][1];
	return d->own & NF_EDITABLE ? "field" : NULL;
}

/* The element that is meant when this one is hit. */
uint32_t element_meant(struct engine *en, uint32_t node)
{
	uint32_t at = node;

	if (dom_at(en->dom, node)->kind == DOM_TEXT)
		node = at = dom_at(en->dom, node)->parent;
	for (unsigned i = 0; at && i < CLIMB; i++) {
		const struct dom_node *d = dom_at(en->dom, at);

		if (d->kind == DOM_ELEMENT && (element_kind(en, d) || d->tag == TAG_LABEL))
			return at;
		at = d->parent;
	}
	return node;
}

/* Up to TEXTS texts below an element, where it shows some: *ret_n of them. Texts of fields below it
 * are those fields' own. */
static void texts_of(struct engine *en, uint32_t node, uint32_t toks[TEXTS], size_t *ret_n)
{
	uint32_t work[NODES] = {node};
	size_t n = 1, seen = 0, found = 0;

	while (n && seen++ < NODES && found < TEXTS) {
		uint32_t at = work[--n];
		const struct dom_node *d = dom_at(en->dom, at);
		const struct jtok *t = &en->toks.v[d->text];
		size_t kids;
		const uint32_t *kid = dom_children(en->dom, at, &kids);

		if ((d->own & (NF_STYLE | NF_SCRIPT)) || (d->field && at != node))
			continue;
		if (d->kind == DOM_TEXT && d->text && t->type == JTOK_STRING && t->len) {
			const char *s = en->text + t->off;
			uint32_t i = 0;

			while (i < t->len &&
			       (s[i] == ' ' || (s[i] == '\\' && strchr("nrt", s[i + 1]))))
				i += s[i] == '\\' ? 2 : 1;
			if (i < t->len)
				toks[found++] = d->text;
		}
		for (size_t i = kids; i-- > 0 && n < NODES;)
			work[n++] = kid[i];
	}
	*ret_n = found;
}

static int put_texts(struct engine *en, struct buf *out, const uint32_t *toks, size_t n)
{
	int r = script_words(out, " \"");

	for (size_t i = 0; i < n && !r; i++) {
		if (i)
			r = script_words(out, " ");
		if (!r)
			r = put_place(en, out, toks[i], ROOM_NAME);
	}
	return r ? r : script_words(out, "\"");
}

/* The label around a field, or the one that names it; 0: none. */
static uint32_t label_of(struct engine *en, uint32_t field)
{
	const struct actions *t = en->actions;
	const struct dom_node *d = dom_at(en->dom, field);
	uint32_t id = actions_string(en, d->attrs, "id"), up = d->parent;

	for (unsigned i = 0; up && i < CLIMB; i++) {
		const struct dom_node *p = dom_at(en->dom, up);

		if (p->tag == TAG_LABEL)
			return up;
		up = p->parent;
	}
	for (size_t i = 0; id && i < t->nlabels; i++) {
		const struct jtok *a = &en->toks.v[id], *b = &en->toks.v[t->labels[i].id];

		if (a->len == b->len && !memcmp(en->text + a->off, en->text + b->off, a->len) &&
		    dom_at(en->dom, t->labels[i].node)->epoch == d->epoch)
			return t->labels[i].node;
	}
	return 0;
}

static int put_name(struct engine *en, struct buf *out, uint32_t node, bool field)
{
	static const char *const attrs[] = {"aria-label", "placeholder", "title",
					    "alt",        "name",        "id"};
	uint32_t own = dom_at(en->dom, node)->attrs, toks[TEXTS];
	uint32_t at = actions_string(en, own, attrs[0]);
	size_t n = 0;

	if (!at && field) {
		uint32_t label = label_of(en, node);

		if (label)
			texts_of(en, label, toks, &n);
	} else if (!at) {
		texts_of(en, node, toks, &n);
		if (!n && dom_at(en->dom, node)->tag == TAG_INPUT)
			at = actions_string(en, own, "value"); /* a button's caption */
	}
	if (n)
		return put_texts(en, out, toks, n);
	for (size_t i = 1; !at && i < sizeof(attrs) / sizeof(attrs[0]); i++)
		at = actions_string(en, own, attrs[i]);
	int r = at ? script_words(out, " ") : 0;
	return r || !at ? r : put_quoted(en, out, at, ROOM_NAME);
}

int put_element(struct engine *en, struct buf *out, uint32_t node)
{
	const struct dom_node *d = dom_at(en->dom, node);

	if (!node || d->kind == DOM_UNKNOWN)
		return script_words(out, "something");
	if (d->kind == DOM_DOCUMENT)
		return script_words(out, "the page");
	if (d->eff & NF_BLOCK)
		return script_words(out, "a blocked element");
	const char *kind = element_kind(en, d);
	bool field = d->field && !(kind && !strcmp(kind, "button"));
	int r;

	if (!kind && d->tag == TAG_LABEL)
		kind = "label";
	if (kind) {
		r = script_words(out, kind);
	} else {
		r = script_words(out, "<");
		if (!r && d->tag_tok)
			r = put_place(en, out, d->tag_tok, ROOM_NAME);
		if (!r)
			r = script_words(out, ">");
	}
	return r ? r : put_name(en, out, node, field);
}

/* Titles of pages, and labels that name a field elsewhere. */
int elements_look_over(struct engine *en)
{
	struct actions *t = en->actions;
	uint32_t toks[TEXTS];
	size_t n;

	for (uint32_t i = 1; i < dom_count(en->dom); i++) {
		const struct dom_node *d = dom_at(en->dom, i);

		if (d->epoch >= t->ntitles)
			t->ntitles = (size_t)d->epoch + 1;
	}
	t->titles = calloc(t->ntitles + 1, sizeof(*t->titles));
	if (!t->titles)
		return -ENOMEM;
	for (uint32_t i = 1; i < dom_count(en->dom); i++) {
		const struct dom_node *d = dom_at(en->dom, i);

		if (d->tag == TAG_TITLE && d->parent && !t->titles[d->epoch] &&
		    tag_is(en, dom_at(en->dom, d->parent), "head")) {
			texts_of(en, i, toks, &n);
			if (n)
				t->titles[d->epoch] = toks[0];
		}
		uint32_t id = d->tag == TAG_LABEL ? actions_string(en, d->attrs, "for") : 0;
		if (id && t->nlabels < LABELS_MAX) {
			t->labels[t->nlabels].node = i;
			t->labels[t->nlabels++].id = id;
		}
	}
	return 0;
}
