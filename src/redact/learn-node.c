/* learn-node.c: pass 1 of the engine at one element: what its attributes say, and the text of a
 * serialized node and all below it; see learn.c. */
#include "learn-priv.h"

#include "beside.h"
#include "place.h"

#include "redactfs/field.h"
#include "redactfs/limits.h"
#include "redactfs/marks.h"

#include <string.h>
#include <strings.h>

enum {
	NODE_DOCUMENT = 0,
	NODE_DOCTYPE = 1,
	NODE_ELEMENT = 2,
	NODE_TEXT = 3,
	NODE_CDATA = 4,
	NODE_COMMENT = 5
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
		f->asks_code |= field_asks_code(s, n, WORDS_IN_NAME);
	} else if (is_name(l, key, "maxlength")) {
		f->single |= n == 1 && *s == '1';
	} else if (is_name(l, key, "placeholder") || is_name(l, key, "aria-label") ||
		   is_name(l, key, "title")) {
		if (n <= 120) { /* a label; a longer text is prose */
			field_says(f, field_by_words(s, n, WORDS_IN_LABEL), HOW_FIELD);
			f->asks_code |= field_asks_code(s, n, WORDS_IN_LABEL);
		}
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

/* An element of a site's own making that stands for a control: <x-text-field>, <my-select>. */
static bool is_own_control(const struct learner *l, const struct dom_node *d)
{
	static const char *const words[] = {"input",  "field",    "textarea",
					    "select", "combobox", "picker"};
	const struct jtok *t = d->tag_tok ? &l->v[d->tag_tok] : NULL;

	if (!t || t->type != JTOK_STRING || !memchr(l->text + t->off, '-', t->len))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(l->text + t->off, t->len, words[i], strlen(words[i])))
			return true;
	return false;
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
		r = learn_item(l, key, node, IT_KEY);
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
	/* an editor of its own making, which takes the keys without the browser's help */
	if (is_name(l, key, "role") && ((n == 7 && !strncasecmp(s, "textbox", 7)) ||
					(n == 9 && !strncasecmp(s, "searchbox", 9))))
		d->own |= NF_EDITABLE;
	if (!is_control(d) && d->kind == DOM_ELEMENT) {
		bool password = is_name(l, key, "type") && n == 8 && !strncasecmp(s, "password", 8);

		if (password || (is_name(l, key, "value") && is_own_control(l, d))) {
			struct field *f = learn_field_of(l->en, node);
			if (!f)
				return -ENOMEM;
			if (password)
				field_says(f, CLASS_PASSWORD, HOW_FIELD);
		}
	}
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
			return learn_item(l, val, node, IT_CHOICE);
		if (!t->len)
			return 0;
		if (is_name(l, key, "style") || is_name(l, key, "_cssText") ||
		    is_name(l, key, "class") || is_name(l, key, "d") || is_name(l, key, "points") ||
		    is_name(l, key, "transform"))
			return learn_item(l, val, node, IT_CSS);
		return learn_item(l, val, node, IT_ATTR);
	case JTOK_NUMBER:
		return t->len >= 4 || place_is_value(name, k->len)
			       ? learn_item(l, val, node, IT_NUM)
			       : 0;
	case JTOK_TRUE:
	case JTOK_FALSE:
	case JTOK_NULL:
		if (is_name(l, key, "checked") || is_name(l, key, "selected"))
			return learn_item(l, val, node, IT_CHOICE);
		return 0;
	default: /* style as an object; anything else of that shape */
		return learn_text(l, val + 1, jtok_next(l->v, val), node, true, IT_CSS);
	}
}

int learn_attributes(struct learner *l, uint32_t node, uint32_t obj)
{
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return learn_text(l, obj, jtok_next(l->v, obj), node, true, IT_FREE);
	for (uint32_t k = obj + 1; k < jtok_next(l->v, obj) && !r; k = jtok_next(l->v, k + 1))
		r = attribute(l, node, k);
	return r;
}

enum member learn_member(const struct learner *l, uint32_t key)
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
		enum member m = learn_member(l, k);

		if (m == M_CHILD_NODES || m == M_ATTRIBUTES || m == M_TEXT_CONTENT ||
		    m == M_TAG_NAME)
			continue;
		if ((m == M_TYPE || m == M_ID || m == M_FLAG || m == M_IS_STYLE) &&
		    l->v[k + 1].type >= JTOK_NUMBER)
			continue;
		r = learn_text(l, k, jtok_next(l->v, k + 1), node, false, IT_FREE);
	}
	return r;
}

int learn_node(struct learner *l, uint32_t obj, uint32_t parent)
{
	uint32_t children = 0, attrs = 0, text = 0, tag = 0, node;
	int64_t type = -1, id;
	bool is_style = false;
	int r = 0;

	if (l->v[obj].type != JTOK_OBJECT)
		return learn_text(l, obj, jtok_next(l->v, obj), parent, true, IT_FREE);
	uint32_t end = jtok_next(l->v, obj), other = 0, id_tok = 0;

	for (uint32_t k = obj + 1; k < end; k = jtok_next(l->v, k + 1)) {
		uint8_t is = l->v[k + 1].type;

		switch (learn_member(l, k)) {
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
		return learn_dom_failed(l);
	if (parent && (dom_link(l->en->dom, node, parent) < 0 ||
		       beside_insert(l->en->beside, node, parent, l->next) < 0))
		return -ENOMEM;
	l->next = 0;
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
			r = learn_item(l, tag, node, IT_FREE);
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
		r = learn_text(l, tag, jtok_next(l->v, tag), node, true, IT_FREE);
	}
	if (attrs && !r) {
		if (!d->attrs)
			d->attrs = attrs;
		r = learn_attributes(l, node, attrs);
	}
	if (!r && text && l->v[text].type == JTOK_STRING) {
		d = dom_at(l->en->dom, node);
		if (!d->text)
			d->text = text;
		if (is_style)
			d->own |= NF_STYLE;
		if (l->v[text].len) {
			r = learn_item(l, text, node, IT_TEXT);
			if (!r)
				l->en->items[l->en->nitems - 1].came = true;
		}
	} else if (!r && text) {
		r = learn_text(l, text, jtok_next(l->v, text), node, true, IT_FREE);
	}
	if (r || !children)
		return r;
	if (l->v[children].type != JTOK_ARRAY)
		return learn_text(l, children, jtok_next(l->v, children), node, true, IT_FREE);
	for (uint32_t c = children + 1; c < jtok_next(l->v, children) && !r; c = jtok_next(l->v, c))
		r = learn_node(l, c, node);
	return r;
}
