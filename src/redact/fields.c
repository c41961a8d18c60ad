/* fields.c: what each form control holds, once the whole session was seen.
 *
 * The control's own attributes have spoken during pass 1. Here its label has its say: <label>
 * around it or for it, aria-labelledby, or the text just before it; then a control that was
 * protected once is so on every page of the session where a control of the same name and id stands;
 * then the site's own selectors. */
#include "engine-priv.h"

#include "redactfs/field.h"
#include "redactfs/limits.h"
#include "redactfs/selector.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_BYTES  200u /* of a label's text that are read */
#define LABEL_NODES  64u  /* of its subtree that are visited */
#define LABEL_UP     6u   /* levels between a control and the label around it */
#define BEFORE_BYTES 60u  /* a longer text before a control is prose, not its label */

/* The text below a node, at most LABEL_BYTES of it. */
static int label_text(struct engine *en, uint32_t node, struct buf *out)
{
	uint32_t stack[LABEL_NODES];
	unsigned depth = 0, seen = 0;
	CLEANUP(buf_done) struct buf tmp = {0};

	stack[depth++] = node;
	while (depth && seen++ < LABEL_NODES && out->len < LABEL_BYTES) {
		uint32_t at = stack[--depth];
		const struct dom_node *d = dom_at(en->dom, at);
		size_t n;

		if (d->text) {
			const char *s;
			int r = engine_plain_head(en, d->text, LABEL_BYTES, &tmp, &s, &n);
			if (!r)
				r = buf_add(out, s, n < LABEL_BYTES ? n : LABEL_BYTES);
			if (!r)
				r = buf_addc(out, ' ');
			if (r < 0)
				return r;
			continue;
		}
		if (d->tag == TAG_OPTION || d->tag == TAG_TEXTAREA || d->tag == TAG_STYLE)
			continue;
		const uint32_t *kids = dom_children(en->dom, at, &n);
		for (size_t i = n < LABEL_NODES ? n : LABEL_NODES; i-- > 0 && depth < LABEL_NODES;)
			stack[depth++] = kids[i];
	}
	return 0;
}

/* What a label says; 1: it has text, 0: none, or more than `longest` bytes of it. */
static int label_class(struct engine *en, uint32_t label, size_t longest, enum redact_class *ret)
{
	CLEANUP(buf_done) struct buf b = {0};
	int r = label_text(en, label, &b);

	if (r < 0 || !b.len || b.len > longest)
		return r;
	*ret = field_by_words(b.p, b.len, WORDS_IN_LABEL);
	return 1;
}

static void field_is(struct field *f, enum redact_class c)
{
	if (c != CLASS_NONE && c < f->cls)
		f->cls = (uint8_t)c;
}

static int label_says(struct engine *en, struct field *f, uint32_t label, size_t longest)
{
	enum redact_class c = CLASS_NONE;
	int r = label_class(en, label, longest, &c);

	if (r > 0)
		field_is(f, c);
	return r;
}

/* An attribute's value in the form it came with. */
static uint32_t attr_of(const struct engine *en, const struct dom_node *d, const char *name)
{
	uint32_t t = d->attrs ? jtok_get(en->text, en->toks.v, d->attrs, name) : 0;

	return t && en->toks.v[t].type == JTOK_STRING ? t : 0;
}

/* Controls by the id that a label may name: hash of (page, id) -> control. */
struct wanted {
	uint64_t key;
	uint32_t field;
	uint8_t cls;   /* of the first of a key: what its labels say, CLASS_NONE nothing */
	bool labelled; /* the same: it has one */
};

static uint64_t id_key(const struct engine *en, uint32_t epoch, uint32_t tok)
{
	const struct jtok *t = &en->toks.v[tok];
	uint64_t h = 0xcbf29ce484222325ull ^ epoch;

	for (uint32_t i = 0; i < t->len; i++)
		h = (h ^ (uint8_t)en->text[t->off + i]) * 0x100000001b3ull;
	return h;
}

static int by_key(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static struct wanted *find_key(struct wanted *w, size_t n, uint64_t key)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (w[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && w[lo].key == key ? &w[lo] : NULL;
}

/* Labels that name their control (for=), and texts that controls name (aria-labelledby=). Marks the
 * fields that got a label in `labelled`. */
static int labels_by_id(struct engine *en, uint8_t *labelled)
{
	struct wanted *w = malloc((en->nfields * 2 + 1) * sizeof(*w));
	size_t n = 0;
	bool by_aria = false;
	int r = w ? 0 : -ENOMEM;

	for (size_t i = 1; i < en->nfields && !r; i++) {
		const struct dom_node *d = dom_at(en->dom, en->fields[i].node);
		uint32_t aria = attr_of(en, d, "aria-labelledby");

		if (en->fields[i].id_tok)
			w[n++] = (struct wanted){.key = id_key(en, d->epoch, en->fields[i].id_tok),
						 .field = (uint32_t)i};
		if (aria) {
			w[n++] = (struct wanted){.key = id_key(en, d->epoch, aria) + 1,
						 .field = (uint32_t)i};
			by_aria = true;
		}
	}
	if (!r && n) {
		qsort(w, n, sizeof(*w), by_key);
		for (uint32_t node = 1; node < dom_count(en->dom) && r >= 0; node++) {
			const struct dom_node *d = dom_at(en->dom, node);
			uint32_t t = d->tag == TAG_LABEL ? attr_of(en, d, "for") : 0;
			uint64_t key = t ? id_key(en, d->epoch, t) : 0;

			if (!t && by_aria && d->kind == DOM_ELEMENT) {
				t = attr_of(en, d, "id");
				key = t ? id_key(en, d->epoch, t) + 1 : 0;
			}
			struct wanted *hit = t ? find_key(w, n, key) : NULL;
			enum redact_class c = CLASS_NONE;
			if (!hit)
				continue;
			r = label_class(en, node, LABEL_BYTES * 2, &c);
			hit->labelled |= r > 0;
			if (c != CLASS_NONE && (hit->cls == CLASS_NONE || c < hit->cls))
				hit->cls = (uint8_t)c;
		}
	}
	/* many labels may name many controls of one id: each is read once, each told once */
	for (size_t i = 0, first = 0; i < n && r >= 0; i++) {
		if (w[i].key != w[first].key)
			first = i;
		field_is(&en->fields[w[i].field], (enum redact_class)w[first].cls);
		labelled[w[i].field] |= w[first].labelled;
	}
	free(w);
	return r < 0 ? r : 0;
}

/* The sibling before each node, under its latest parent. */
static uint32_t *siblings_before(struct engine *en)
{
	uint32_t *before = calloc(dom_count(en->dom), sizeof(*before));

	for (uint32_t p = 1; before && p < dom_count(en->dom); p++) {
		size_t n;
		const uint32_t *kids = dom_children(en->dom, p, &n);

		for (size_t i = 1; i < n; i++)
			if (dom_at(en->dom, kids[i])->parent == p)
				before[kids[i]] = kids[i - 1];
	}
	return before;
}

static bool has_control(struct engine *en, uint32_t node)
{
	const struct dom_node *d = dom_at(en->dom, node);
	size_t n;

	if (d->field || d->tag == TAG_BUTTON)
		return true;
	const uint32_t *kids = dom_children(en->dom, node, &n);
	for (size_t i = 0; i < n && i < 8; i++)
		if (dom_at(en->dom, kids[i])->field)
			return true;
	return false;
}

static int label_near(struct engine *en, struct field *f, const uint32_t *before)
{
	uint32_t node = f->node;
	unsigned up = 0;

	for (uint32_t p = dom_at(en->dom, node)->parent; p && up < LABEL_UP; up++) {
		if (dom_at(en->dom, p)->tag == TAG_LABEL)
			return label_says(en, f, p, LABEL_BYTES * 2);
		p = dom_at(en->dom, p)->parent;
	}
	/* <td>Card number</td><td><input></td>: the text before it, or before what it stands in */
	for (up = 0; node && up < 3; up++) {
		for (uint32_t b = before[node], k = 0; b && k < 3; b = before[b], k++) {
			if (has_control(en, b))
				return 0;
			int r = label_says(en, f, b, BEFORE_BYTES);
			if (r)
				return r;
		}
		node = dom_at(en->dom, node)->parent;
	}
	return 0;
}

/* A control that was protected once: its name and id, and what it is. */
struct sticky {
	uint64_t key;
	uint8_t cls;
};

static uint64_t sticky_key(const struct engine *en, const struct field *f)
{
	uint32_t name = f->name_tok ? en->toks.v[f->name_tok].len : 0;
	uint32_t id = f->id_tok ? en->toks.v[f->id_tok].len : 0;

	if (name + id < 4)
		return 0; /* too little to know it again by */
	return (name ? id_key(en, 1, f->name_tok) : 1) * 31 + (id ? id_key(en, 2, f->id_tok) : 2);
}

static int by_sticky(const void *a, const void *b)
{
	const struct sticky *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (int)x->cls - (int)y->cls;
}

static int stick(struct engine *en)
{
	struct sticky *s = malloc((en->nfields + 1) * sizeof(*s));
	size_t n = 0;

	if (!s)
		return -ENOMEM;
	for (size_t i = 1; i < en->nfields; i++) {
		uint64_t key = class_always_dropped(en->fields[i].cls)
				       ? sticky_key(en, &en->fields[i])
				       : 0;
		if (key)
			s[n++] = (struct sticky){key, en->fields[i].cls};
	}
	qsort(s, n, sizeof(*s), by_sticky);
	for (size_t i = 1; i < en->nfields && n; i++) {
		uint64_t key = sticky_key(en, &en->fields[i]);
		size_t lo = 0, hi = n;

		while (key && lo < hi) {
			size_t mid = (lo + hi) / 2;
			if (s[mid].key < key)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (key && lo < n && s[lo].key == key && s[lo].cls < en->fields[i].cls)
			en->fields[i].cls = s[lo].cls;
	}
	free(s);
	return 0;
}

int fields_decide(struct engine *en)
{
	if (!en->nfields)
		return 0;
	uint8_t *labelled = calloc(en->nfields, 1);
	uint32_t *before = siblings_before(en);
	int r = labelled && before ? labels_by_id(en, labelled) : -ENOMEM;

	for (size_t i = 1; i < en->nfields && r >= 0; i++) {
		struct field *f = &en->fields[i];

		if (!labelled[i] && !f->autocomplete && !f->button && !f->choice)
			r = label_near(en, f, before);
	}
	free(labelled);
	free(before);
	return r < 0 ? r : stick(en);
}

/* ---- the site's own selectors ---- */

struct view {
	struct engine *en;
	bool latest;    /* attributes as they are at the end, else as they came */
	uint64_t *work; /* what ancestors may still cost, for all nodes together */
	uint32_t node;  /* the one that is asked about */
	bool unknown;   /* it would have cost more */
};

static const char *view_tag(void *ctx, unsigned node, size_t *ret_len)
{
	struct engine *en = ((struct view *)ctx)->en;
	uint32_t t = dom_at(en->dom, node)->tag_tok;

	*ret_len = t ? en->toks.v[t].len : 0;
	return t ? en->text + en->toks.v[t].off : "";
}

/* A node's own attributes are looked through once; an ancestor's, once for each node below it. */
static void spend(struct view *v, unsigned node)
{
	if (node != v->node && *v->work)
		--*v->work;
}

static const char *view_attr(void *ctx, unsigned node, const char *name, size_t namelen,
			     size_t *ret_len)
{
	struct view *v = ctx;
	struct engine *en = v->en;
	const struct dom_node *d = dom_at(en->dom, node);
	uint32_t patch = v->latest ? d->patches : 0;

	for (;;) {
		uint32_t obj = patch ? en->patches[patch].obj : d->attrs;
		const struct jtok *tv = en->toks.v;

		if (obj && tv[obj].type == JTOK_OBJECT) {
			for (uint32_t k = obj + 1; k < jtok_next(tv, obj);
			     k = jtok_next(tv, k + 1)) {
				const struct jtok *t = &tv[k + 1];

				spend(v, node);
				if (tv[k].len != namelen ||
				    memcmp(en->text + tv[k].off, name, namelen) != 0)
					continue;
				if (t->type == JTOK_NULL || t->type == JTOK_FALSE)
					return NULL;
				*ret_len = t->type == JTOK_STRING ? t->len : 0;
				return en->text + t->off;
			}
		}
		if (!patch)
			return NULL;
		spend(v, node);
		patch = en->patches[patch].prev;
	}
}

static unsigned view_parent(void *ctx, unsigned node)
{
	struct view *v = ctx;

	if (!*v->work) {
		v->unknown = true;
		return 0;
	}
	--*v->work;
	return dom_at(v->en->dom, node)->parent;
}

/* Where it can't be told whether a selector means a node, what hides does, and what shows doesn't.
 */
static bool selects(const struct selector_list *l, struct view *v, uint32_t node, bool hides)
{
	const struct selector_dom dom = {v, view_tag, view_attr, view_parent};

	v->node = node;
	v->unknown = false;
	int r = selector_match(l, &dom, node);
	return r > 0 || (hides && (r < 0 || v->unknown));
}

static int select_flag(struct engine *en, const char *css, uint16_t flag)
{
	CLEANUP_PTR(selector_free) struct selector_list *l = NULL;
	uint64_t work = 0;
	struct view first = {.en = en, .work = &work},
		    last = {.en = en, .latest = true, .work = &work};
	bool hides = flag != NF_UNMASK;
	int r = css && *css ? selector_parse(css, strlen(css), &l, en->e) : 0;

	if (r < 0 || !l)
		return r;
	work = (uint64_t)LIMIT_SELECTOR_WORK * (dom_count(en->dom) + 1000) * selector_count(l);
	for (uint32_t i = 1; i < dom_count(en->dom); i++) {
		if (dom_at(en->dom, i)->kind != DOM_ELEMENT)
			continue;
		bool a = selects(l, &first, i, hides), b = selects(l, &last, i, hides);
		/* hiding once is hiding; showing needs to hold throughout */
		if (hides ? a || b : a && b)
			dom_at(en->dom, i)->own |= flag;
	}
	return 0;
}

int fields_select(struct engine *en)
{
	int r = select_flag(en, en->policy->block, NF_BLOCK);

	if (!r)
		r = select_flag(en, en->policy->mask, NF_MASK);
	return r ? r : select_flag(en, en->policy->unmask, NF_UNMASK);
}
