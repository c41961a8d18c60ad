/* fields.c: what each form control holds, once the whole session was seen.
 *
 * The control's own attributes have spoken during pass 1. Here its label has its say (labels.c);
 * then a control that was protected once is so on every page of the session where a control of the
 * same name and id stands; then the site's own selectors. */
#include "engine-priv.h"

#include "redactfs/limits.h"
#include "redactfs/selector.h"

#include <stdlib.h>
#include <string.h>

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
	return (name ? labels_id_key(en, 1, f->name_tok) : 1) * 31 +
	       (id ? labels_id_key(en, 2, f->id_tok) : 2);
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
	int r = labels_decide(en);
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
