/* labels.c: what the texts beside a form control say of it: <label> around it or for it,
 * aria-labelledby, else the text just before it, or just behind it where labels float. */
#include "beside.h"
#include "engine-priv.h"
#include "fold.h"

#include "redactfs/field.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_BYTES  200u /* of a label's text that are read */
#define LABEL_NODES  64u  /* of its subtree that are visited */
#define LABEL_UP     6u   /* levels between a control and the label around it */
#define BEFORE_BYTES 60u  /* a longer text before a control is prose, not its label */
#define BEHIND_BYTES 40u  /* and behind it */
#define BOX_KIDS     6u   /* a box of more holds not just a control and its label */
#define NEAR_NODES   3u   /* siblings that are looked at */

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
		/* in the order of the page, where they still stand there */
		uint32_t now[LABEL_NODES];
		const uint32_t *kids = now;
		n = beside_children(en->beside, at, now, LABEL_NODES);
		if (!n)
			kids = dom_children(en->dom, at, &n);
		for (size_t i = n < LABEL_NODES ? n : LABEL_NODES; i-- > 0 && depth < LABEL_NODES;)
			stack[depth++] = kids[i];
	}
	return 0;
}

/* "*" and "–" between a label and its control say nothing. */
static bool has_letters(const char *s, size_t n)
{
	for (size_t i = 0; i < n;)
		if (fold_is_letter(fold_next(s, n, &i)))
			return true;
	return false;
}

/* What a label says; 1: it has words, 0: none, or more than `longest` bytes of it. */
static int label_class(struct engine *en, uint32_t label, size_t longest, enum redact_class *ret,
		       bool *ret_code)
{
	CLEANUP(buf_done) struct buf b = {0};
	int r = label_text(en, label, &b);

	if (r < 0 || !b.len || b.len > longest || !has_letters(b.p, b.len))
		return r;
	*ret = field_by_words(b.p, b.len, WORDS_IN_LABEL);
	*ret_code = field_asks_code(b.p, b.len, WORDS_IN_LABEL);
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
	bool code = false;
	int r = label_class(en, label, longest, &c, &code);

	if (r > 0)
		field_is(f, c);
	f->asks_code |= code;
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
	bool code;     /* the same: one asks for a code */
};

uint64_t labels_id_key(const struct engine *en, uint32_t epoch, uint32_t tok)
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
			w[n++] = (struct wanted){
				.key = labels_id_key(en, d->epoch, en->fields[i].id_tok),
				.field = (uint32_t)i};
		if (aria) {
			w[n++] = (struct wanted){.key = labels_id_key(en, d->epoch, aria) + 1,
						 .field = (uint32_t)i};
			by_aria = true;
		}
	}
	if (!r && n) {
		qsort(w, n, sizeof(*w), by_key);
		for (uint32_t node = 1; node < dom_count(en->dom) && r >= 0; node++) {
			const struct dom_node *d = dom_at(en->dom, node);
			uint32_t t = d->tag == TAG_LABEL ? attr_of(en, d, "for") : 0;
			uint64_t key = t ? labels_id_key(en, d->epoch, t) : 0;

			if (!t && by_aria && d->kind == DOM_ELEMENT) {
				t = attr_of(en, d, "id");
				key = t ? labels_id_key(en, d->epoch, t) + 1 : 0;
			}
			struct wanted *hit = t ? find_key(w, n, key) : NULL;
			enum redact_class c = CLASS_NONE;
			if (!hit)
				continue;
			bool code = false;
			r = label_class(en, node, LABEL_BYTES * 2, &c, &code);
			hit->labelled |= r > 0;
			hit->code |= code;
			if (c != CLASS_NONE && (hit->cls == CLASS_NONE || c < hit->cls))
				hit->cls = (uint8_t)c;
		}
	}
	/* many labels may name many controls of one id: each is read once, each told once */
	for (size_t i = 0, first = 0; i < n && r >= 0; i++) {
		if (w[i].key != w[first].key)
			first = i;
		field_is(&en->fields[w[i].field], (enum redact_class)w[first].cls);
		en->fields[w[i].field].asks_code |= w[first].code;
		labelled[w[i].field] |= w[first].labelled;
	}
	free(w);
	return r < 0 ? r : 0;
}

static bool is_control(const struct engine *en, const struct dom_node *d)
{
	return d->field && !en->fields[d->field].button &&
	       (d->tag == TAG_INPUT || d->tag == TAG_SELECT || d->tag == TAG_TEXTAREA);
}

/* How many controls there are at a node and below it, 2 for more and for what is too large to tell.
 * The last one's field goes into *ret_last. */
static unsigned controls_in(struct engine *en, uint32_t node, uint32_t *ret_last)
{
	uint32_t stack[LABEL_NODES];
	unsigned depth = 1, seen = 0, found = 0;

	stack[0] = node;
	*ret_last = 0;
	while (depth) {
		uint32_t at = stack[--depth], kids[LABEL_NODES];
		const struct dom_node *d = dom_at(en->dom, at);
		size_t n = beside_children(en->beside, at, kids, LABEL_NODES);

		if (seen++ == LABEL_NODES || depth + n > LABEL_NODES)
			return 2;
		if (is_control(en, d)) {
			*ret_last = d->field;
			found++;
		}
		for (size_t i = n; i-- > 0;)
			stack[depth++] = kids[i];
	}
	return found < 2 ? found : 2;
}

/* A control stands there: what is before it isn't this one's label. */
static bool stops_label(struct engine *en, struct field *f, uint32_t node, bool near)
{
	uint32_t last;

	if (dom_at(en->dom, node)->tag == TAG_BUTTON)
		return true;
	if (!controls_in(en, node, &last))
		return false;
	if (near)
		f->follows = last;
	return true;
}

/* What stands behind a control to say what is wrong with it, or to help. */
static bool is_message(const struct engine *en, const struct dom_node *d)
{
	static const char *const attrs[] = {"class", "id", "role"};
	static const char *const words[] = {"err",  "invalid",  "alert", "message", "help",
					    "hint", "feedback", "note",  "desc",    "tip"};

	if (d->tag_tok && jtok_is(en->text, &en->toks.v[d->tag_tok], "a"))
		return true;
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		uint32_t t = attr_of(en, d, attrs[i]);

		for (size_t k = 0; t && k < sizeof(words) / sizeof(words[0]); k++)
			if (memmem(en->text + en->toks.v[t].off, en->toks.v[t].len, words[k],
				   strlen(words[k])))
				return true;
	}
	return false;
}

/* A label that floats: it stands behind the control, in a box that holds no other control. It
 * counts where it says something; else it is a remark. */
static int label_behind(struct engine *en, struct field *f, uint32_t node)
{
	uint32_t box = dom_at(en->dom, node)->parent, last, kids[BOX_KIDS + 1];
	unsigned k = 0;

	if (!box || dom_at(en->dom, box)->kind != DOM_ELEMENT ||
	    beside_children(en->beside, box, kids, BOX_KIDS + 1) > BOX_KIDS ||
	    controls_in(en, box, &last) != 1)
		return 0;
	for (uint32_t b = beside_behind(en->beside, node); b && k < NEAR_NODES;
	     b = beside_behind(en->beside, b), k++) {
		const struct dom_node *d = dom_at(en->dom, b);
		enum redact_class c = CLASS_NONE;

		if (d->parent != box)
			return 0;
		if (d->tag == TAG_BUTTON || is_message(en, d))
			continue;
		bool code = false;
		int r = label_class(en, b, BEHIND_BYTES, &c, &code);
		if (r > 0)
			field_is(f, c);
		f->asks_code |= code;
		if (r)
			return r < 0 ? r : code || c != CLASS_NONE;
	}
	return 0;
}

static int label_near(struct engine *en, struct field *f)
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
		uint32_t box = dom_at(en->dom, node)->parent, k = 0;
		int r = 0;

		for (uint32_t b = beside_before(en->beside, node); b && k < NEAR_NODES;
		     b = beside_before(en->beside, b), k++) {
			if (dom_at(en->dom, b)->parent != box)
				break;
			if (stops_label(en, f, b, /* near= */ up < 2))
				return 0;
			r = label_says(en, f, b, BEFORE_BYTES);
			if (r)
				return r;
		}
		r = up < 2 ? label_behind(en, f, node) : 0;
		if (r)
			return r;
		node = box;
	}
	return 0;
}

/* The element of the site's own making that the control is the inside of; 0: none. */
static uint32_t host_of(struct engine *en, const struct field *f)
{
	uint32_t p = dom_at(en->dom, f->node)->parent, last;

	for (unsigned up = 0; p && up < LABEL_UP; up++, p = dom_at(en->dom, p)->parent) {
		const struct jtok *t = &en->toks.v[dom_at(en->dom, p)->tag_tok];

		if (dom_at(en->dom, p)->tag_tok && memchr(en->text + t->off, '-', t->len))
			return controls_in(en, p, &last) == 1 || dom_at(en->dom, p)->field ? p : 0;
	}
	return 0;
}

/* <x-field label="Card number" value="…">: its attributes speak of the control in it, and what that
 * one is, its own value is. */
static int host_says(struct engine *en, struct field *f)
{
	static const struct {
		const char *attr;
		enum field_words_in where;
	} says[] = {{"label", WORDS_IN_LABEL},      {"placeholder", WORDS_IN_LABEL},
		    {"aria-label", WORDS_IN_LABEL}, {"name", WORDS_IN_NAME},
		    {"id", WORDS_IN_NAME},          {"field", WORDS_IN_NAME}};
	uint32_t host = host_of(en, f);
	CLEANUP(buf_done) struct buf tmp = {0};

	if (!host)
		return 0;
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		uint32_t t = attr_of(en, dom_at(en->dom, host), says[i].attr);
		const char *s;
		size_t n;
		int r = t ? engine_plain(en, t, &tmp, &s, &n) : 0;

		if (r < 0)
			return r;
		if (t && n <= LABEL_BYTES)
			field_is(f, field_by_words(s, n, says[i].where));
	}
	uint32_t own = dom_at(en->dom, host)->field;
	if (own) {
		field_is(&en->fields[own], (enum redact_class)f->cls);
		field_is(f, (enum redact_class)en->fields[own].cls);
	}
	return 0;
}

int labels_decide(struct engine *en)
{
	uint8_t *labelled = calloc(en->nfields, 1);
	int r = labelled ? labels_by_id(en, labelled) : -ENOMEM;

	for (size_t i = 1; i < en->nfields && r >= 0; i++) {
		struct field *f = &en->fields[i];

		if (!labelled[i] && !f->autocomplete && !f->button && !f->radio)
			r = label_near(en, f);
		if (r >= 0 && !f->button && !f->radio)
			r = host_says(en, f);
	}
	free(labelled);
	return r < 0 ? r : 0;
}
