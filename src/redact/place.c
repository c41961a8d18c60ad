/* place.c: pass 2 of the engine: every item, now that all is known.
 *
 * An item is redacted as a whole because of where it stands (a protected field, a blocked or masked
 * element, something entered), or looked into (scan.c).
 *
 * Invariant:
 * (S1) an item that is redacted as a whole under a disposition short of drop is still looked into:
 * a card number in a chat message is dropped though the message is only sealed */
#include "place.h"
#include "beside.h"
#include "collect.h"
#include "redactfs/marks.h"
#include "scan.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DECODE_FACTOR 24u /* bytes decoded in all, as a multiple of the recording */

static bool blank(const struct engine *en, const struct jtok *t)
{
	for (uint32_t i = 0; i < t->len; i++) {
		char c = en->text[t->off + i];
		if (c == '\\' && i + 1 < t->len && strchr("ntr", en->text[t->off + i + 1]))
			i++;
		else if (c != ' ')
			return false;
	}
	return true;
}

bool place_only_tokens(const char *s, size_t n)
{
	size_t i = 0, tokens = 0;

	while (i < n) {
		if (s[i] == ' ') {
			i++;
			continue;
		}
		const char *end = s[i] == '[' ? memchr(s + i, ']', n - i) : NULL;
		if (!end || class_parse(s + i + 1, (size_t)(end - s - i - 1)) == CLASS_NONE)
			return false;
		i = (size_t)(end - s) + 1;
		tokens++;
	}
	return tokens > 0;
}

/* The whole of a scalar token under its label; (S1) with what is stricter inside it. */
static int whole_of(struct scanner *sc, uint32_t tok, enum redact_class cls, enum token_form form,
		    enum span_how how, unsigned flags, struct label label)
{
	const struct jtok *t = &sc->en->toks.v[tok];
	const char *s = sc->en->text + t->off;
	int r;

	if (!t->len || place_only_tokens(s, t->len) || blank(sc->en, t))
		return 0;
	if (form == FORM_BLACK && t->len == 7 && !memcmp(s, "#000000", 7))
		return 0;
	if (t->type != JTOK_STRING)
		form = FORM_QUOTED;
	r = spans_add(sc->en, t->off, t->len, cls, form, how, flags, 0);
	enum disposition d = policy_disposition(sc->en->policy, cls, flags);
	if (r || d == DISP_DROP || form != FORM_TOKEN)
		return r;
	sc->only_stricter = true;
	sc->above = d;
	sc->flags = flags;
	sc->page = false;
	r = scan_token(sc, tok, label.n ? DETECT_TEXT : DETECT_VALUE, label.s, label.n, FORM_TOKEN);
	sc->only_stricter = false;
	return r;
}

static int whole(struct scanner *sc, uint32_t tok, enum redact_class cls, enum token_form form,
		 enum span_how how, unsigned flags)
{
	return whole_of(sc, tok, cls, form, how, flags, (struct label){0});
}

enum redact_class place_class_of_marks(const struct dom_node *d, bool value)
{
	if (d->eff & NF_BLOCK)
		return CLASS_BLOCKED;
	if (value && ((d->own & NF_IGNORE) || (d->eff & NF_IGNORE_TREE)))
		return CLASS_BLOCKED;
	if ((d->eff & NF_MASK) && !(d->eff & NF_UNMASK))
		return CLASS_MASKED;
	if (value && (d->eff & (NF_MASK | NF_MASK_INPUT)))
		return CLASS_MASKED;
	return CLASS_NONE;
}

static int field_value(struct scanner *sc, uint32_t tok, const struct dom_node *d,
		       const struct field *f)
{
	enum redact_class mark = place_class_of_marks(d, /* value= */ true);
	enum redact_class cls = f ? (enum redact_class)f->cls : CLASS_FORM;
	enum span_how how = f ? (enum span_how)f->how : HOW_FIELD;

	if (mark != CLASS_NONE && mark < cls) {
		cls = mark;
		how = HOW_MARK;
	}
	return whole(sc, tok, cls, f ? (enum token_form)f->form : FORM_TOKEN, how, SPAN_ENTERED);
}

/* Attributes that a blocked or masked element keeps: what the box needs to look like one. */
static bool keeps_attribute(const char *s, size_t n, bool blocked)
{
	static const char *const keep[] = {"class",
					   "style",
					   "type",
					   "width",
					   "height",
					   "rr_width",
					   "rr_height",
					   "rows",
					   "cols",
					   "colspan",
					   "rowspan",
					   "dir",
					   "lang",
					   "role",
					   "rel",
					   "disabled",
					   "hidden",
					   "tabindex",
					   "size",
					   "viewBox",
					   "is",
					   "xmlns",
					   "fill",
					   "stroke",
					   "d",
					   "data-rr-is-password",
					   "autocomplete",
					   "contenteditable",
					   "media",
					   "_cssText"};
	static const char *const masked_keeps[] = {"id", "name", "for", "target", "method"};

	for (size_t i = 0; i < sizeof(keep) / sizeof(keep[0]); i++)
		if (strlen(keep[i]) == n && !memcmp(keep[i], s, n))
			return true;
	for (size_t i = 0; !blocked && i < sizeof(masked_keeps) / sizeof(masked_keeps[0]); i++)
		if (strlen(masked_keeps[i]) == n && !memcmp(masked_keeps[i], s, n))
			return true;
	return false;
}

/* A text or attribute that is nothing but one of the protected values (four digits of a card in an
 * element of their own), or is looked into. */
static int whole_or_inside(struct scanner *sc, uint32_t tok, const char *s, size_t n,
			   const char *label, size_t labellen)
{
	while (n && (uint8_t)s[0] <= ' ') {
		s++;
		n--;
	}
	while (n && (uint8_t)s[n - 1] <= ' ')
		n--;
	enum redact_class c = taint_exact(sc->en->taint, s, n, /* short_ones= */ false);
	if (class_always_dropped(c))
		return whole(sc, tok, c, FORM_TOKEN, HOW_TAINT, SPAN_ENTERED);
	return scan_token(sc, tok, DETECT_TEXT, label, labellen, FORM_TOKEN);
}

bool place_is_value(const char *s, size_t n)
{
	static const char *const names[] = {"value", "aria-valuenow", "aria-valuetext",
					    "data-value"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && !strncasecmp(names[i], s, n))
			return true;
	return false;
}

static int attr_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	struct engine *en = sc->en;
	const struct jtok *k = &en->toks.v[it->tok - 1];
	const char *name = en->text + k->off;
	struct field *f = d->field ? &en->fields[d->field] : NULL;
	bool value = place_is_value(name, k->len);

	if (value && f && !f->button && !f->radio)
		return field_value(sc, it->tok, d, f);
	enum redact_class mark = place_class_of_marks(d, value && f);
	const char *s;
	size_t n;
	int r = engine_plain(en, it->tok, &sc->tmp, &s, &n);

	if (r < 0)
		return r;
	/* a mark itself stays: the next reading shall find the same */
	if (mark != CLASS_NONE && !keeps_attribute(name, k->len, mark == CLASS_BLOCKED) &&
	    !marks_of_attribute(name, k->len, s, n))
		return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
	struct label label = scan_label(en->text, en->toks.v, en->toks.n, it->tok);
	return whole_or_inside(sc, it->tok, s, n, label.s, label.n);
}

static int text_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	struct engine *en = sc->en;
	enum redact_class mark = place_class_of_marks(d, false);
	const char *s;
	size_t n;
	int r = engine_plain(en, it->tok, &sc->tmp, &s, &n);

	if (r < 0)
		return r;
	bool hint = (d->eff & NF_EDITABLE) && collect_is_hint(en, s, n);
	if (mark == CLASS_BLOCKED)
		return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
	if (d->eff & NF_TEXTAREA) {
		uint32_t p = d->parent ? dom_at(en->dom, d->parent)->field : 0;
		return field_value(sc, it->tok, d, p ? &en->fields[p] : NULL);
	}
	if ((d->eff & NF_EDITABLE) && !hint)
		return field_value(sc, it->tok, d, NULL);
	if (d->eff & NF_STYLE)
		return scan_token(sc, it->tok, DETECT_CSS, NULL, 0, FORM_TOKEN);
	if (mark != CLASS_NONE)
		return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
	return whole_or_inside(sc, it->tok, s, n, NULL, 0);
}

/* A member checked or selected that says a choice: taken out whole, with one comma, so that not
 * even its having been there shows. */
static int choice_item(struct scanner *sc, const struct item *it)
{
	struct engine *en = sc->en;
	const struct jtok *t = &en->toks.v[it->tok];
	bool str = t->type == JTOK_STRING;
	uint32_t from = en->toks.v[it->tok - 1].off - 1, to = t->off + t->len + (str ? 1 : 0);

	if (en->text[to] == ',')
		to++;
	else if (en->text[from - 1] == ',' &&
		 !(en->nspans &&
		   en->spans[en->nspans - 1].off + en->spans[en->nspans - 1].len == from))
		from--;
	return spans_add(en, from, to - from, CLASS_FORM, FORM_EMPTY, HOW_FIELD, SPAN_ENTERED, 0);
}

static int checked_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	const struct jtok *t = &sc->en->toks.v[it->tok];

	(void)d;
	if (t->type == JTOK_FALSE || t->type == JTOK_NULL)
		return 0;
	return spans_add(sc->en, t->off, t->len, CLASS_FORM,
			 t->type == JTOK_TRUE ? FORM_FALSE : FORM_ZERO, HOW_FIELD, SPAN_ENTERED, 0);
}

static int number_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	struct engine *en = sc->en;
	const struct jtok *k = it->tok ? &en->toks.v[it->tok - 1] : NULL;
	bool key = k && (k->flags & JTOK_KEY);
	enum redact_class mark = place_class_of_marks(d, false);

	if (d->field && key && place_is_value(en->text + k->off, k->len))
		return field_value(sc, it->tok, d, &en->fields[d->field]);
	if (mark != CLASS_NONE && it->node &&
	    !(key && keeps_attribute(en->text + k->off, k->len, true)))
		return whole(sc, it->tok, mark, FORM_QUOTED, HOW_MARK, 0);
	return scan_token(sc, it->tok, DETECT_TEXT, key ? en->text + k->off : NULL,
			  key ? k->len : 0, FORM_QUOTED);
}

static int free_item(struct scanner *sc, const struct item *it)
{
	struct engine *en = sc->en;
	const struct jtok *t = &en->toks.v[it->tok];
	struct label label = scan_label(en->text, en->toks.v, en->toks.n, it->tok);

	if (it->kind == IT_FREE && t->type == JTOK_STRING) {
		enum redact_class c =
			taint_exact(en->taint, en->text + t->off, t->len, /* short_ones= */ false);
		if (c != CLASS_NONE)
			return whole_of(sc, it->tok, c, FORM_TOKEN, HOW_TAINT, SPAN_ENTERED, label);
	}
	return scan_token(sc, it->tok, it->kind == IT_CSS ? DETECT_CSS : DETECT_TEXT, label.s,
			  label.n, FORM_TOKEN);
}

static int scan_item(struct scanner *sc, const struct item *it)
{
	struct engine *en = sc->en;
	const struct dom_node *d = dom_at(en->dom, it->node);
	struct field *f = d->field ? &en->fields[d->field] : NULL;
	enum redact_class mark;

	if (en->policy->drop_images || en->policy->drop_canvas) {
		bool done = false;
		int r = pictures_item(sc, it, &done);

		if (r || done)
			return r;
	}
	sc->item = it;
	sc->flags = 0;
	sc->page = it->kind == IT_TEXT || it->kind == IT_ATTR;
	switch (it->kind) {
	case IT_INPUT:
		return field_value(sc, it->tok, d, f);
	case IT_ATTR:
		return attr_item(sc, it, d);
	case IT_TEXT:
		return text_item(sc, it, d);
	case IT_CHOICE:
		return choice_item(sc, it);
	case IT_CHECKED:
		return checked_item(sc, it, d);
	case IT_NUM:
		return number_item(sc, it, d);
	case IT_OFFSET: /* when all that is hidden is known */
		return 0;
	case IT_KEY:
		return scan_token(sc, it->tok, DETECT_TEXT, NULL, 0, FORM_TOKEN);
	default:
		mark = it->node && it->kind == IT_FREE ? place_class_of_marks(d, false)
						       : CLASS_NONE;
		if (mark != CLASS_NONE)
			return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
		return free_item(sc, it);
	}
}

int place_items(struct engine *en)
{
	struct scanner sc = {.en = en, .budget = (uint64_t)en->len * DECODE_FACTOR + (1u << 20)};
	int r = 0;

	if (en->has_offsets) {
		en->hidden = calloc(dom_count(en->dom), sizeof(*en->hidden));
		if (!en->hidden)
			return -ENOMEM;
	}
	for (size_t i = 0; i < en->nitems && !r; i++) {
		const struct item *it = &en->items[i];
		size_t before = en->nspans;

		r = scan_item(&sc, it);
		if (r == -E2BIG && sc.overflow) {
			/* (S2) what can't be looked through any more isn't shown */
			const struct jtok *t = &en->toks.v[it->tok];
			r = spans_add(en, t->off, t->len, CLASS_BLOCKED,
				      t->type == JTOK_STRING ? FORM_TOKEN : FORM_QUOTED,
				      HOW_DETECTOR, 0, 0);
		}
		if (it->kind == IT_TEXT && it->node)
			hidden_note(en, it->node, before);
	}
	if (!r)
		r = beside_scan(&sc, 0, false);
	if (!r)
		r = counters_items(en);
	for (size_t i = 0; i < en->nknown && !r; i++) {
		const struct span *s = &en->known[i];

		r = spans_add(en, s->off, s->len, s->cls, s->form, s->how, s->flags, 0);
	}
	if (!r && en->has_offsets)
		r = offsets_items(en);
	if (!r)
		r = spans_settle(en);
	if (!r)
		r = again_run(&sc);
	if (!r)
		r = keys_run(en);
	detect_matches_done(&sc.m);
	buf_wipe_done(&sc.tmp);
	return r;
}
