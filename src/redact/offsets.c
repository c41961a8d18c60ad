/* offsets.c: what positions say about text that isn't shown.
 *
 * A selection ends n characters into a text node, a text field is scrolled by as many pixels as its
 * value is longer than it: with the text gone, the number would still tell how long it was. So
 * positions inside of what is hidden become 0, which players take as its start. */
#include "collect.h"
#include "engine-priv.h"
#include "place.h"

#include <stdlib.h>

void hidden_note(struct engine *en, uint32_t node, size_t from)
{
	for (size_t i = from; i < en->nspans && en->hidden; i++) {
		struct hidden *h = &en->hidden[node];

		if (!h->cls || en->spans[i].cls < h->cls)
			h->cls = en->spans[i].cls;
		h->flags |= en->spans[i].flags;
	}
}

static int offset_item(struct engine *en, const struct item *it)
{
	const struct jtok *t = &en->toks.v[it->tok];
	const struct dom_node *d = dom_at(en->dom, it->node);
	struct hidden h = en->hidden[it->node];
	enum span_how how = HOW_FIELD;

	if (t->len == 1 && en->text[t->off] == '0')
		return 0;
	if (d->field) {
		h.cls = en->fields[d->field].cls;
		h.flags |= SPAN_ENTERED;
	} else if (place_class_of_marks(d, false) != CLASS_NONE) {
		h.cls = (uint8_t)place_class_of_marks(d, false);
		how = HOW_MARK;
	} else if (!h.cls && (d->eff & (NF_EDITABLE | NF_TEXTAREA))) {
		h.cls = CLASS_FORM;
		h.flags |= SPAN_ENTERED;
	}
	if (!h.cls)
		return 0;
	return spans_add(en, t->off, t->len, (enum redact_class)h.cls, FORM_ZERO, how, h.flags, 0);
}

int offsets_items(struct engine *en)
{
	int r = 0;

	for (size_t i = 0; i < en->nitems && !r; i++)
		if (en->items[i].kind == IT_OFFSET)
			r = offset_item(en, &en->items[i]);
	return r;
}
