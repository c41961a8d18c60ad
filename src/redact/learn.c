/* learn.c: pass 1 of the engine: every event once, in order.
 *
 * Builds the DOM (dom.h) over snapshots, mutations, shadow roots and iframes, notes what the
 * attributes of each element say, and lists every string outside the structure as an item for pass
 * 2, with the node it belongs to at this moment. Nothing is decided here: marks and types that come
 * later count as well.
 *
 * What is structure is named here; everything else is an item: an event type or member that is not
 * known is text until shown otherwise. */
#include "engine-priv.h"

#include "redactfs/field.h"
#include "redactfs/limits.h"
#include "redactfs/marks.h"

#include <stdlib.h>
#include <strings.h>

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
enum {
	NODE_DOCUMENT = 0,
	NODE_DOCTYPE = 1,
	NODE_ELEMENT = 2,
	NODE_TEXT = 3,
	NODE_CDATA = 4,
	NODE_COMMENT = 5
};

/* Members that rrweb defines; what a member is called is asked of every key there is. */
enum member {
	M_OTHER,
	M_ATTRIBUTES,
	M_CHILD_NODES,
	M_FLAG, /* of a node: true, false, or a number */
	M_ID,
	M_IS_STYLE,
	M_NEXT_ID, /* previousId as well */
	M_NODE,
	M_PARENT_ID,
	M_TAG_NAME,
	M_TEXT_CONTENT,
	M_TYPE,
};

static enum member member_of(const char *s, size_t n)
{
/* lengths are constants: each comparison is one or two loads */
#define IS(name, m)                                                                                \
	if (!memcmp(s, name, sizeof(name) - 1))                                                    \
	return m
	switch (n) {
	case 2:
		IS("id", M_ID);
		break;
	case 4:
		IS("type", M_TYPE);
		IS("node", M_NODE);
		break;
	case 5:
		IS("isSVG", M_FLAG);
		break;
	case 6:
		IS("nextId", M_NEXT_ID);
		IS("rootId", M_FLAG);
		break;
	case 7:
		IS("tagName", M_TAG_NAME);
		IS("isStyle", M_IS_STYLE);
		break;
	case 8:
		IS("parentId", M_PARENT_ID);
		IS("isShadow", M_FLAG);
		IS("isCustom", M_FLAG);
		break;
	case 9:
		IS("needBlock", M_FLAG);
		break;
	case 10:
		IS("childNodes", M_CHILD_NODES);
		IS("attributes", M_ATTRIBUTES);
		IS("previousId", M_NEXT_ID);
		break;
	case 11:
		IS("textContent", M_TEXT_CONTENT);
		break;
	case 12:
		IS("isShadowHost", M_FLAG);
		break;
	default:
		break;
	}
#undef IS
	return M_OTHER;
}

struct learner {
	struct engine *en;
	const char *text;
	const struct jtok *v;
	uint32_t window, event;
	struct buf tmp; /* owned: unescaped text of the moment */
};

static int add_item(struct learner *l, uint32_t tok, uint32_t node, enum item_kind kind)
{
	struct engine *en = l->en;

	if (engine_grow((void **)&en->items, &en->items_cap, en->nitems, sizeof(*en->items)) < 0)
		return -ENOMEM;
	en->has_keys |= kind == IT_KEY;
	en->items[en->nitems++] =
		(struct item){.tok = tok, .node = node, .event = l->event, .kind = (uint8_t)kind};
	return 0;
}

static int dom_failed(struct learner *l)
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

/* Lists every string and number of v[from..to) as free text; without `numbers` it is structure,
 * where keys that are plain words are rrweb's own. */
static int free_text(struct learner *l, uint32_t from, uint32_t to, uint32_t node, bool numbers,
		     enum item_kind kind)
{
	int r = 0;

	for (uint32_t i = from; i < to && !r; i++) {
		const struct jtok *t = &l->v[i];

		if (t->type == JTOK_STRING) {
			if (!(t->flags & JTOK_KEY))
				r = t->len ? add_item(l, i, node, kind) : 0;
			else if (t->len >= 4 && (numbers || !plain_word(l->text + t->off, t->len)))
				r = add_item(l, i, node, IT_KEY);
		} else if (t->type == JTOK_NUMBER && numbers && t->len >= 4) {
			r = add_item(l, i, node, IT_NUM);
		}
	}
	return r;
}

/* The members of an object, but for those that the caller has dealt with: `known` is a 0-separated
 * list of keys, "!key" for those. A known key without ! holds structure: numbers and truths;
 * strings are text wherever they stand. */
static int free_members(struct learner *l, uint32_t obj, uint32_t node, bool numbers,
			const char *known)
{
	int r = 0;

	for (uint32_t k = obj + 1; k < jtok_next(l->v, obj) && !r; k = jtok_next(l->v, k + 1)) {
		const char *p = known;

		while (*p && !jtok_is(l->text, &l->v[k], p + (*p == '!')))
			p += strlen(p) + 1;
		if (!*p)
			r = free_text(l, k, jtok_next(l->v, k + 1), node, numbers, IT_FREE);
		else if (*p != '!')
			r = free_text(l, k + 1, jtok_next(l->v, k + 1), node, false, IT_FREE);
	}
	return r;
}

struct field *learn_field_of(struct engine *en, uint32_t node)
{
	struct dom_node *n = dom_at(en->dom, node);

	if (!n->field) {
		if (!en->nfields)
			en->nfields = 1;
		if (engine_grow((void **)&en->fields, &en->fields_cap, en->nfields + 1,
				sizeof(*en->fields)) < 0)
			return NULL;
		n->field = (uint32_t)en->nfields;
		en->fields[en->nfields++] =
			(struct field){.node = node, .cls = CLASS_FORM, .how = HOW_FIELD};
	}
	return &en->fields[n->field];
}

static void field_says(struct field *f, enum redact_class c, enum span_how how)
{
	if (c != CLASS_NONE && c < f->cls) {
		f->cls = (uint8_t)c;
		f->how = (uint8_t)how;
	}
}

/* What type= says; each type that was ever there counts. */
static void field_type(struct field *f, const char *s, size_t n)
{
	static const struct {
		const char *type;
		uint8_t form;
		bool choice, button, hidden;
	} types[] = {
		{"checkbox", FORM_TOKEN, true, false, false},
		{"radio", FORM_TOKEN, true, false, false},
		{"submit", FORM_TOKEN, false, true, false},
		{"button", FORM_TOKEN, false, true, false},
		{"reset", FORM_TOKEN, false, true, false},
		{"image", FORM_TOKEN, false, true, false},
		{"hidden", FORM_TOKEN, false, false, true},
		{"color", FORM_BLACK, false, false, false},
		{"number", FORM_EMPTY, false, false, false},
		{"range", FORM_EMPTY, false, false, false},
		{"date", FORM_EMPTY, false, false, false},
		{"time", FORM_EMPTY, false, false, false},
		{"month", FORM_EMPTY, false, false, false},
		{"week", FORM_EMPTY, false, false, false},
		{"datetime-local", FORM_EMPTY, false, false, false},
		{"file", FORM_EMPTY, false, false, false},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].type) != n || strncasecmp(types[i].type, s, n) != 0)
			continue;
		if (types[i].form != FORM_TOKEN)
			f->form = types[i].form;
		f->choice |= types[i].choice;
		f->radio |= types[i].choice;
		f->button |= types[i].button;
		f->hidden |= types[i].hidden;
	}
	field_says(f, field_by_type(s, n), HOW_FIELD);
}

static inline bool is_name(const struct learner *l, uint32_t key, const char *name)
{
	size_t n = strlen(name);

	return l->v[key].len == n && !strncasecmp(l->text + l->v[key].off, name, n);
}

/* One attribute of a form control. */
static int field_attribute(struct learner *l, uint32_t node, uint32_t key, const char *s, size_t n)
{
	struct field *f = learn_field_of(l->en, node);

	if (!f)
		return -ENOMEM;
	if (is_name(l, key, "type")) {
		field_type(f, s, n);
	} else if (is_name(l, key, "autocomplete")) {
		enum redact_class c = field_by_autocomplete(s, n);

		f->autocomplete |= c != CLASS_NONE;
		field_says(f, c, HOW_FIELD);
	} else if (is_name(l, key, "name") || is_name(l, key, "id")) {
		if (is_name(l, key, "id"))
			f->id_tok = key + 1;
		else
			f->name_tok = key + 1;
		field_says(f, field_by_words(s, n, WORDS_IN_NAME), HOW_FIELD);
	} else if (is_name(l, key, "placeholder") || is_name(l, key, "aria-label") ||
		   is_name(l, key, "title")) {
		if (n <= 120) /* a label; a longer text is prose */
			field_says(f, field_by_words(s, n, WORDS_IN_LABEL), HOW_FIELD);
	}
	return 0;
}

static uint16_t flags_of_marks(unsigned m)
{
	return (uint16_t)((m & MARK_BLOCK ? NF_BLOCK : 0) | (m & MARK_MASK ? NF_MASK : 0) |
			  (m & MARK_MASK_INPUT ? NF_MASK_INPUT : 0) |
			  (m & MARK_IGNORE ? NF_IGNORE : 0) |
			  (m & MARK_IGNORE_TREE ? NF_IGNORE_TREE : 0));
}

static bool is_control(const struct dom_node *n)
{
	return n->kind == DOM_UNKNOWN || n->tag == TAG_INPUT || n->tag == TAG_TEXTAREA ||
	       n->tag == TAG_SELECT;
}

/* A name as HTML and frameworks make them; another one is text in its place. */
static bool is_attribute_name(const char *s, size_t n)
{
	unsigned digits = 0;

	for (size_t i = 0; i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';

		if (!digit && ((s[i] | 32) < 'a' || (s[i] | 32) > 'z') && s[i] != '-' &&
		    s[i] != '_' && s[i] != ':')
			return false;
		digits = digit ? digits + 1 : 0;
		if (digits > 4)
			return false;
	}
	return n <= 48;
}

/* One attribute: what it says of its element, and an item for its value. */
static int attribute(struct learner *l, uint32_t node, uint32_t key)
{
	uint32_t val = key + 1;
	const struct jtok *k = &l->v[key], *t = &l->v[val];
	const char *name = l->text + k->off;
	const char *s = "";
	size_t n = 0;
	int r = 0;

	if (!is_attribute_name(name, k->len))
		r = add_item(l, key, node, IT_KEY);
	if (!r && t->type == JTOK_STRING)
		r = engine_plain(l->en, val, &l->tmp, &s, &n);
	if (r < 0)
		return r;

	unsigned m = marks_of_attribute(name, k->len, s, n);
	struct dom_node *d = dom_at(l->en->dom, node);
	if (m)
		d->own |= flags_of_marks(m);
	/* what a recorder blocked itself, it left as a box with its size */
	if (k->len == 8 && !memcmp(name, "rr_width", 8))
		d->own |= NF_BLOCK;
	if (is_name(l, key, "contenteditable") && t->type != JTOK_NULL && t->type != JTOK_FALSE &&
	    !(n == 5 && !strncasecmp(s, "false", 5)))
		d->own |= NF_EDITABLE;
	if (is_control(d)) {
		if (m & MARK_PASSWORD) {
			struct field *f = learn_field_of(l->en, node);
			if (!f)
				return -ENOMEM;
			field_says(f, CLASS_PASSWORD, HOW_FIELD);
		}
		/* of an element never seen, only what no other element has makes it a control */
		if (d->kind != DOM_UNKNOWN || is_name(l, key, "type") ||
		    is_name(l, key, "autocomplete"))
			r = field_attribute(l, node, key, s, n);
		if (r < 0)
			return r;
	}

	switch (t->type) {
	case JTOK_STRING:
		if (is_name(l, key, "checked") || is_name(l, key, "selected"))
			return add_item(l, val, node, IT_CHOICE);
		if (!t->len)
			return 0;
		if (is_name(l, key, "style") || is_name(l, key, "_cssText") ||
		    is_name(l, key, "class") || is_name(l, key, "d") || is_name(l, key, "points") ||
		    is_name(l, key, "transform"))
			return add_item(l, val, node, IT_CSS);
		return add_item(l, val, node, IT_ATTR);
	case JTOK_NUMBER:
		return t->len >= 4 || is_name(l, key, "value") ? add_item(l, val, node, IT_NUM) : 0;
	case JTOK_TRUE:
	case JTOK_FALSE:
	case JTOK_NULL:
		if (is_name(l, key, "checked") || is_name(l, key, "selected"))
			return add_item(l, val, node, IT_CHOICE);
		return 0;
	default: /* style as an object; anything else of that shape */
		return free_text(l, val + 1, jtok_next(l->v, val), node, true, IT_CSS);
	}
}

static int attributes(struct learner *l, uint32_t node, uint32_t obj)
{
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return free_text(l, obj, jtok_next(l->v, obj), node, true, IT_FREE);
	for (uint32_t k = obj + 1; k < jtok_next(l->v, obj) && !r; k = jtok_next(l->v, k + 1))
		r = attribute(l, node, k);
	return r;
}

static bool get_id(const struct learner *l, uint32_t obj, const char *key, int64_t *ret)
{
	uint32_t t = jtok_get(l->text, l->v, obj, key);

	return t && jtok_int(l->text, &l->v[t], ret);
}

static enum member member_at(const struct learner *l, uint32_t key)
{
	return member_of(l->text + l->v[key].off, l->v[key].len);
}

/* Letters, hyphens, a digit after h: anything else isn't an element's name but text in its place.
 */
static bool is_tag_name(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((s[i] | 32) < 'a' || (s[i] | 32) > 'z') && s[i] != '-' && s[i] != ':' &&
		    !(n == 2 && i && s[i] >= '1' && s[i] <= '6'))
			return false;
	return true;
}

/* Members of a serialized node that it doesn't have, or that hold what they never hold: text. */
static int other_members(struct learner *l, uint32_t obj, uint32_t node)
{
	uint32_t end = jtok_next(l->v, obj);
	int r = 0;

	for (uint32_t k = obj + 1; k < end && !r; k = jtok_next(l->v, k + 1)) {
		enum member m = member_at(l, k);

		if (m == M_CHILD_NODES || m == M_ATTRIBUTES || m == M_TEXT_CONTENT ||
		    m == M_TAG_NAME)
			continue;
		if ((m == M_TYPE || m == M_ID || m == M_FLAG || m == M_IS_STYLE) &&
		    l->v[k + 1].type >= JTOK_NUMBER)
			continue;
		r = free_text(l, k, jtok_next(l->v, k + 1), node, false, IT_FREE);
	}
	return r;
}

/* A serialized node and all below it. Depth is bounded by LIMIT_DEPTH / 2: the tokenizer saw to it.
 */
static int serialized(struct learner *l, uint32_t obj, uint32_t parent)
{
	uint32_t children = 0, attrs = 0, text = 0, tag = 0, node;
	int64_t type = -1, id;
	bool is_style = false;
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return free_text(l, obj, jtok_next(l->v, obj), parent, true, IT_FREE);
	uint32_t end = jtok_next(l->v, obj), other = 0, id_tok = 0;

	for (uint32_t k = obj + 1; k < end; k = jtok_next(l->v, k + 1)) {
		uint8_t is = l->v[k + 1].type;

		switch (member_at(l, k)) {
		case M_CHILD_NODES:
			children = k + 1;
			break;
		case M_ATTRIBUTES:
			attrs = k + 1;
			break;
		case M_TEXT_CONTENT:
			text = k + 1;
			break;
		case M_TAG_NAME:
			tag = k + 1;
			break;
		case M_IS_STYLE:
			is_style = is == JTOK_TRUE;
			other += is < JTOK_NUMBER;
			break;
		case M_TYPE:
			(void)jtok_int(l->text, &l->v[k + 1], &type);
			other += is < JTOK_NUMBER;
			break;
		case M_ID:
			id_tok = k + 1;
			other += is < JTOK_NUMBER;
			break;
		case M_FLAG:
			other += is < JTOK_NUMBER;
			break;
		default:
			other++;
		}
	}
	node = id_tok && jtok_int(l->text, &l->v[id_tok], &id) ? dom_node(l->en->dom, l->window, id)
							       : dom_anonymous(l->en->dom);
	if (!node)
		return dom_failed(l);
	if (parent && dom_link(l->en->dom, node, parent) < 0)
		return -ENOMEM;
	if (other)
		r = other_members(l, obj, node);
	if (r < 0)
		return r;

	struct dom_node *d = dom_at(l->en->dom, node);
	switch (type) {
	case NODE_DOCUMENT:
		d->kind = DOM_DOCUMENT;
		break;
	case NODE_ELEMENT:
		d->kind = DOM_ELEMENT;
		break;
	case NODE_TEXT:
		d->kind = DOM_TEXT;
		break;
	case NODE_COMMENT:
		d->kind = DOM_COMMENT;
		break;
	default:
		d->kind = DOM_OTHER;
	}
	if (tag && l->v[tag].type == JTOK_STRING) {
		const struct jtok *t = &l->v[tag];

		if (t->len > 32 || !is_tag_name(l->text + t->off, t->len))
			r = add_item(l, tag, node, IT_FREE);
		d->tag_tok = tag;
		d->tag = (uint8_t)dom_tag_of(l->text + l->v[tag].off, l->v[tag].len);
		d->own |= d->tag == TAG_STYLE ? NF_STYLE : 0;
		d->own |= d->tag == TAG_TEXTAREA ? NF_TEXTAREA : 0;
		d->own |= d->tag == TAG_SCRIPT ? NF_SCRIPT : 0;
		if (d->tag == TAG_INPUT || d->tag == TAG_TEXTAREA || d->tag == TAG_SELECT) {
			struct field *f = learn_field_of(l->en, node);
			if (!f)
				return -ENOMEM;
			f->choice |= dom_at(l->en->dom, node)->tag == TAG_SELECT;
		}
		d = dom_at(l->en->dom, node);
	} else if (tag) {
		r = free_text(l, tag, jtok_next(l->v, tag), node, true, IT_FREE);
	}
	if (attrs && !r) {
		if (!d->attrs)
			d->attrs = attrs;
		r = attributes(l, node, attrs);
	}
	if (!r && text && l->v[text].type == JTOK_STRING) {
		d = dom_at(l->en->dom, node);
		if (!d->text)
			d->text = text;
		if (is_style)
			d->own |= NF_STYLE;
		if (l->v[text].len) {
			r = add_item(l, text, node, IT_TEXT);
			if (!r)
				l->en->items[l->en->nitems - 1].came = true;
		}
	} else if (!r && text) {
		r = free_text(l, text, jtok_next(l->v, text), node, true, IT_FREE);
	}
	if (r || !children)
		return r;
	if (l->v[children].type != JTOK_ARRAY)
		return free_text(l, children, jtok_next(l->v, children), node, true, IT_FREE);
	for (uint32_t c = children + 1; c < jtok_next(l->v, children) && !r; c = jtok_next(l->v, c))
		r = serialized(l, c, node);
	return r;
}

static int add(struct learner *l, uint32_t obj)
{
	uint32_t end = jtok_next(l->v, obj), node = 0, parent = 0, other = 0;
	int64_t id;
	int r;

	for (uint32_t k = obj + 1; k < end; k = jtok_next(l->v, k + 1)) {
		const struct jtok *t = &l->v[k + 1];

		switch (member_at(l, k)) {
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
				return dom_failed(l);
			break;
		case M_NEXT_ID:
			other += t->type < JTOK_NUMBER;
			break;
		default:
			other++;
		}
	}
	r = node ? serialized(l, node, parent) : 0;
	if (r || !other)
		return r;
	return free_members(l, obj, parent, true, "!node\0parentId\0nextId\0previousId\0");
}

static int text_mutation(struct learner *l, uint32_t obj)
{
	uint32_t val = jtok_get(l->text, l->v, obj, "value"), node = 0;
	int64_t id;

	if (get_id(l, obj, "id", &id)) {
		node = dom_node(l->en->dom, l->window, id);
		if (!node)
			return dom_failed(l);
	}
	if (val && l->v[val].type == JTOK_STRING && l->v[val].len) {
		struct dom_node *d = dom_at(l->en->dom, node);
		if (node && !d->text)
			d->text = val;
		int r = add_item(l, val, node, IT_TEXT);
		if (r < 0)
			return r;
	}
	if (val && l->v[val].type != JTOK_STRING) {
		int r = free_text(l, val, jtok_next(l->v, val), node, true, IT_FREE);
		if (r < 0)
			return r;
	}
	return free_members(l, obj, node, true, "id\0!value\0");
}

static int attribute_mutation(struct learner *l, uint32_t obj)
{
	struct engine *en = l->en;
	uint32_t attrs = jtok_get(l->text, l->v, obj, "attributes"), node = 0;
	int64_t id;
	int r = 0;

	if (get_id(l, obj, "id", &id))
		node = dom_node(en->dom, l->window, id);
	else
		node = dom_anonymous(en->dom);
	if (!node)
		return dom_failed(l);
	if (attrs) {
		if (!en->npatches)
			en->npatches = 1;
		if (engine_grow((void **)&en->patches, &en->patches_cap, en->npatches + 1,
				sizeof(*en->patches)) < 0)
			return -ENOMEM;
		struct dom_node *d = dom_at(en->dom, node);
		en->patches[en->npatches] = (struct patch){attrs, d->patches};
		d->patches = (uint32_t)en->npatches++;
		r = attributes(l, node, attrs);
	}
	return r ? r : free_members(l, obj, node, true, "id\0!attributes\0");
}

static int each(struct learner *l, uint32_t data, const char *key,
		int (*fn)(struct learner *, uint32_t))
{
	uint32_t arr = jtok_get(l->text, l->v, data, key);
	int r = 0;

	if (!arr)
		return 0;
	if (l->v[arr].type != JTOK_ARRAY)
		return free_text(l, arr, jtok_next(l->v, arr), 0, true, IT_FREE);
	for (uint32_t i = arr + 1; i < jtok_next(l->v, arr) && !r; i = jtok_next(l->v, i))
		r = l->v[i].type == JTOK_OBJECT
			    ? fn(l, i)
			    : free_text(l, i, jtok_next(l->v, i), 0, true, IT_FREE);
	return r;
}

static int mutation(struct learner *l, uint32_t data)
{
	/* Nodes first: a text or attribute of the same event may speak of them. */
	int r = each(l, data, "adds", add);

	if (!r)
		r = each(l, data, "texts", text_mutation);
	if (!r)
		r = each(l, data, "attributes", attribute_mutation);
	return r ? r
		 : free_members(l, data, 0, true,
				"source\0!adds\0!texts\0!attributes\0removes\0isAttachIframe\0");
}

static int input(struct learner *l, uint32_t data)
{
	uint32_t text = jtok_get(l->text, l->v, data, "text");
	uint32_t checked = jtok_get(l->text, l->v, data, "isChecked"), node = 0;
	int64_t id;
	int r = 0;

	node = get_id(l, data, "id", &id) ? dom_node(l->en->dom, l->window, id)
					  : dom_anonymous(l->en->dom);
	if (!node)
		return dom_failed(l);
	struct field *f = learn_field_of(l->en, node);
	if (!f)
		return -ENOMEM;
	f->typed = true;
	if (text && l->v[text].type > JTOK_ARRAY && l->v[text].type != JTOK_NULL && l->v[text].len)
		r = add_item(l, text, node, IT_INPUT);
	else if (text)
		r = free_text(l, text, jtok_next(l->v, text), node, true, IT_INPUT);
	if (!r && checked && l->v[checked].type > JTOK_ARRAY)
		r = add_item(l, checked, node, IT_CHECKED);
	else if (!r && checked)
		r = free_text(l, checked, jtok_next(l->v, checked), node, true, IT_INPUT);
	return r ? r
		 : free_members(l, data, node, true,
				"source\0!text\0!isChecked\0id\0userTriggered\0");
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
			r = add_item(l, k + 1, 0, IT_CANVAS);
		else
			r = free_text(l, k, jtok_next(l->v, k + 1), 0, false, IT_FREE);
	}
	return r;
}

/* A number that is a position inside of the node whose id is `id_key`'s. */
static int position(struct learner *l, uint32_t obj, const char *id_key, const char *key)
{
	uint32_t t = jtok_get(l->text, l->v, obj, key), node = 0;
	int64_t id;

	if (t && l->v[t].type == JTOK_NUMBER && get_id(l, obj, id_key, &id))
		node = dom_find(l->en->dom, l->window, id);
	if (!node)
		return 0;
	l->en->has_offsets = true;
	return add_item(l, t, node, IT_OFFSET);
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

	if (get_id(l, data, "id", &id))
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

	(void)get_id(l, data, "source", &source);
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
		return free_text(l, data + 1, jtok_next(l->v, data), 0, false, IT_FREE);
	case SRC_SHEET_RULE:
	case SRC_STYLE_DECL:
	case SRC_ADOPTED:
		return free_text(l, data + 1, jtok_next(l->v, data), 0, false, IT_CSS);
	default:
		/* of the known sources the numbers are positions, ids and times */
		return free_text(l, data + 1, jtok_next(l->v, data), 0,
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

static int event(struct learner *l, uint32_t obj)
{
	int64_t type = -1;
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return err_set_at(l->en->e, -EILSEQ, l->v[obj].off, "an event is not an object");
	uint32_t data = jtok_get(l->text, l->v, obj, "data");
	uint32_t window = jtok_get(l->text, l->v, obj, "windowId");
	(void)get_id(l, obj, "type", &type);
	l->window = 0;
	if (window && l->v[window].type == JTOK_STRING)
		r = window_of(l, window);
	if (r < 0)
		return r;

	r = free_members(l, obj, 0, true, "type\0timestamp\0delay\0!data\0");
	if (r || !data)
		return r;
	if (l->v[data].type == JTOK_OBJECT) {
		uint32_t node;

		switch (type) {
		case EV_FULL_SNAPSHOT:
			dom_epoch(l->en->dom, l->window);
			node = jtok_get(l->text, l->v, data, "node");
			r = node ? serialized(l, node, 0) : 0;
			return r ? r : free_members(l, data, 0, true, "!node\0initialOffset\0");
		case EV_INCREMENTAL:
			return incremental(l, data);
		case EV_META:
			return free_members(l, data, 0, false, "width\0height\0");
		default:
			break;
		}
	}
	return free_text(l, data, jtok_next(l->v, data), 0, true, IT_FREE);
}

int learn_run(struct engine *en)
{
	struct learner l = {.en = en, .text = en->text, .v = en->toks.v};
	int r = 0;

	if (en->toks.v[0].type != JTOK_ARRAY)
		return err_set_at(en->e, -EILSEQ, 0, "not an array of events");
	for (uint32_t i = 1; i < en->toks.n && !r; i = jtok_next(l.v, i)) {
		r = event(&l, i);
		l.event++;
	}
	buf_wipe_done(&l.tmp);
	return r;
}
