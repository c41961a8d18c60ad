/* scan.c: pass 2 of the engine: every item, now that all is known.
 *
 * An item is redacted as a whole because of where it stands (a protected field, a blocked or masked
 * element, something entered), or looked into: detectors and taint over the text as it is and over
 * what is encoded in it, layer below layer: JSON escapes, percent-encoding, HTML entities, base64,
 * JSON in a string. A layer knows for each of its bytes which bytes of the recording made it, so
 * that a match deep down becomes a span up here and the bytes around it stay.
 *
 * Invariants:
 * (S1) an item that is redacted as a whole under a disposition short of drop is still looked into:
 * a card number in a chat message is dropped though the message is only sealed (S2) decoding is
 * bounded: LAYERS deep, and all in all a small multiple of the recording; a string that would go
 * beyond is redacted as a whole (fail closed) */
#include "engine-priv.h"

#include "collect.h"
#include "fold.h"
#include "redactfs/detect.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LAYERS        5u
#define BASE64_MIN    16u /* characters of a run that is worth decoding */
#define DECODE_FACTOR 24u /* bytes decoded in all, as a multiple of the recording */

struct layer {
	const char *s;
	size_t n;
	const uint32_t *map;    /* of n + 1 entries into the layer above; NULL: one to one */
	uint32_t off;           /* one to one: of s in the layer above */
	const struct layer *up; /* NULL: this is the recording's own text */
	bool whole;             /* a match anywhere stands for all of it (base64) */
};

struct scanner {
	struct engine *en;
	struct detect_matches m; /* owned */
	uint64_t decoded, budget;
	const struct item *item;
	unsigned flags;         /* of spans: SPAN_ENTERED */
	bool page;              /* page-made text: what it shows may be the page's own words */
	enum disposition above; /* only matches that are stricter count (S1) */
	bool only_stricter;
	bool overflow;  /* S2 */
	struct buf tmp; /* owned: unescaped text of the item */
};

static int scan_text(struct scanner *sc, const struct layer *l, enum detect_context ctx,
		     const char *label, size_t labellen, unsigned depth, enum token_form form);

/* Where in the recording the bytes [a, b) of a layer come from. */
static void place(const struct layer *l, size_t a, size_t b, uint32_t *off, uint32_t *end)
{
	for (; l->up; l = l->up) {
		if (l->whole) {
			a = 0;
			b = l->n;
		}
		if (l->map) {
			a = l->map[a];
			b = l->map[b];
		} else {
			a += l->off;
			b += l->off;
		}
	}
	*off = (uint32_t)a + l->off;
	*end = (uint32_t)b + l->off;
}

static int found(struct scanner *sc, const struct layer *l, size_t a, size_t n,
		 enum redact_class cls, enum token_form form, enum span_how how, uint32_t pattern)
{
	unsigned flags = how == HOW_TAINT ? SPAN_ENTERED : sc->flags;
	uint32_t off, end;

	if (sc->only_stricter &&
	    policy_disposition(sc->en->policy, cls, flags & SPAN_ENTERED) <= sc->above)
		return 0;
	place(l, a, a + n, &off, &end);
	return spans_add(sc->en, off, end - off, cls, form, how, flags, pattern);
}

static int spend(struct scanner *sc, size_t n)
{
	sc->decoded += n;
	if (sc->decoded > sc->budget)
		sc->overflow = true;
	return sc->overflow ? -E2BIG : 0;
}

/* A layer that a decoder wrote: text and map in one block. */
struct decoded {
	char *s;
	uint32_t *map;
	size_t n;
};

static int decoded_new(struct scanner *sc, size_t room, struct decoded *d)
{
	int r = spend(sc, room);

	if (r < 0)
		return r;
	/* the map first: it needs the alignment */
	d->map = malloc((room + 2) * sizeof(*d->map) + room + 1);
	if (!d->map)
		return -ENOMEM;
	d->s = (char *)(d->map + room + 2);
	d->n = 0;
	return 0;
}

static int hexval(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void put(struct decoded *d, char c, size_t from)
{
	d->map[d->n] = (uint32_t)from;
	d->s[d->n++] = c;
}

/* %XX, and + as a space where the text is a form's or a query's. False: nothing of that in it. */
static bool undo_percent(const struct layer *l, struct decoded *d)
{
	bool plus = memchr(l->s, '=', l->n) != NULL, any = false;

	for (size_t i = 0; i < l->n; i++) {
		int hi = l->s[i] == '%' && i + 2 < l->n ? hexval(l->s[i + 1]) : -1;
		int lo = hi >= 0 ? hexval(l->s[i + 2]) : -1;

		if (lo >= 0) {
			put(d, (char)(hi << 4 | lo), i);
			i += 2;
			any = true;
		} else if (plus && l->s[i] == '+') {
			put(d, ' ', i);
			any = true;
		} else {
			put(d, l->s[i], i);
		}
	}
	d->map[d->n] = (uint32_t)l->n;
	return any;
}

static bool undo_entities(const struct layer *l, struct decoded *d)
{
	static const struct {
		const char *name;
		uint32_t c;
	} names[] = {{"amp;", '&'},   {"lt;", '<'},    {"gt;", '>'},     {"quot;", '"'},
		     {"apos;", '\''}, {"nbsp;", 0xa0}, {"commat;", '@'}, {"period;", '.'},
		     {"plus;", '+'},  {"sol;", '/'},   {"num;", '#'}};
	bool any = false;

	for (size_t i = 0; i < l->n;) {
		const char *s = l->s + i + 1;
		size_t left = l->n - i - 1, used = 0;
		uint32_t c = 0;

		if (l->s[i] == '&' && left && s[0] == '#') {
			bool hex = left > 1 && (s[1] | 32) == 'x';
			size_t k = hex ? 2 : 1, from = k;

			for (; k < left && k < from + 7; k++) {
				int v = hexval(s[k]);
				if (v < 0 || (!hex && v > 9))
					break;
				c = c * (hex ? 16 : 10) + (uint32_t)v;
			}
			if (k > from && c && c < 0x110000)
				used = k + (k < left && s[k] == ';');
		} else if (l->s[i] == '&') {
			for (size_t k = 0; k < sizeof(names) / sizeof(names[0]) && !used; k++) {
				size_t len = strlen(names[k].name);
				if (len <= left && !memcmp(s, names[k].name, len)) {
					used = len;
					c = names[k].c;
				}
			}
		}
		if (!used) {
			put(d, l->s[i], i);
			i++;
			continue;
		}
		char out[4];
		size_t len = fold_put(out, c);
		for (size_t k = 0; k < len; k++)
			put(d, out[k], i);
		i += used + 1;
		any = true;
	}
	d->map[d->n] = (uint32_t)l->n;
	return any;
}

static int b64val(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Decodes a run, up to `max` bytes of it; gives up where it isn't text. */
static size_t undo_base64(const char *s, size_t n, size_t max, char *out)
{
	uint32_t v = 0;
	size_t o = 0;

	for (size_t i = 0, bits = 0; i < n && o < max; i++) {
		v = v << 6 | (uint32_t)b64val(s[i]);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		uint8_t c = (uint8_t)(v >> bits);
		if (c < 9 || (c > 13 && c < 32) || c == 127)
			return 0;
		out[o++] = (char)c;
	}
	return o;
}

static bool valid_utf8(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;
		if (fold_next(s, n, &i) == 0xfffd && (uint8_t)s[from] != 0xef)
			return false;
	}
	return true;
}

static int scan_base64(struct scanner *sc, const struct layer *l, unsigned depth)
{
	int r = 0;

	for (size_t i = 0; i + BASE64_MIN <= l->n && !r; i++) {
		/* from the end of the shortest run worth a look backwards: skips prose in leaps */
		size_t k = i + BASE64_MIN;

		while (k > i && b64val(l->s[k - 1]) >= 0)
			k--;
		if (k > i) {
			i = k - 1;
			continue;
		}
		size_t end = i + BASE64_MIN;
		while (end < l->n && b64val(l->s[end]) >= 0)
			end++;

		size_t from = i;
		char head[32];
		i = end;
		/* the run may start with text that isn't base64 ("/a/b/"): four ways to align */
		if (!undo_base64(l->s + from, end - from, 24, head))
			continue;
		struct decoded d;
		r = decoded_new(sc, end - from, &d);
		if (r < 0)
			return r;
		d.n = undo_base64(l->s + from, end - from, end - from, d.s);
		if (d.n >= 4 && valid_utf8(d.s, d.n)) {
			struct layer run = {.s = l->s + from,
					    .n = end - from,
					    .off = (uint32_t)from,
					    .up = l,
					    .whole = true};
			struct layer in = {.s = d.s, .n = d.n, .up = &run, .whole = true};
			/* a match of any part takes the whole run */
			for (size_t j = 0; j < d.n; j++)
				d.map[j] = 0;
			d.map[d.n] = (uint32_t)run.n;
			in.map = d.map;
			r = scan_text(sc, &in, DETECT_TEXT, NULL, 0, depth + 1, FORM_TOKEN);
		}
		free(d.map);
	}
	return r;
}

/* JSON inside a string: each leaf with its key as label. */
static int scan_json(struct scanner *sc, const struct layer *l, unsigned depth, bool *ret_is_json)
{
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	int r;

	*ret_is_json = false;
	if (jtok_parse(l->s, l->n, JTOK_ALLOW_DUP_KEYS, &t, NULL) < 0)
		return 0;
	*ret_is_json = true;
	r = spend(sc, l->n);
	for (uint32_t i = 0; i < t.n && !r; i++) {
		const struct jtok *k = &t.v[i];
		const struct jtok *key = i && (t.v[i - 1].flags & JTOK_KEY) ? &t.v[i - 1] : NULL;
		struct layer leaf = {.s = l->s + k->off, .n = k->len, .off = k->off, .up = l};
		enum token_form form = k->type == JTOK_NUMBER ? FORM_ZERO : FORM_TOKEN;

		if ((k->type != JTOK_STRING && k->type != JTOK_NUMBER) || (k->len < 2))
			continue;
		if (k->type == JTOK_STRING && !(k->flags & JTOK_KEY)) {
			enum redact_class c = taint_exact(sc->en->taint, leaf.s, leaf.n, true);
			if (c != CLASS_NONE) {
				r = found(sc, &leaf, 0, leaf.n, c, form, HOW_TAINT, 0);
				continue;
			}
		}
		r = scan_text(sc, &leaf, DETECT_TEXT, key ? l->s + key->off : NULL,
			      key ? key->len : 0, depth + 1, form);
	}
	return r;
}

/* key=value pairs of a query, a fragment or a form body: values that are equal to something
 * entered. */
static int scan_params(struct scanner *sc, const struct layer *l)
{
	const char *s = l->s, *end = s + l->n;
	int r = 0;

	for (const char *eq = memchr(s, '=', l->n); eq && !r;
	     eq = memchr(eq + 1, '=', (size_t)(end - eq - 1))) {
		const char *v = eq + 1, *stop = v;
		char plain[512];
		size_t n = 0;

		while (stop < end && *stop != '&' && *stop != '#' && *stop != ';' && *stop != ' ' &&
		       *stop != '"')
			stop++;
		if (stop - v < 2 || (size_t)(stop - v) > sizeof(plain))
			continue;
		for (const char *p = v; p < stop; p++) {
			int hi = *p == '%' && stop - p > 2 ? hexval(p[1]) : -1;
			int lo = hi >= 0 ? hexval(p[2]) : -1;

			plain[n++] = lo >= 0 ? (char)(hi << 4 | lo) : (char)(*p == '+' ? ' ' : *p);
			p += lo >= 0 ? 2 : 0;
		}
		enum redact_class c = taint_exact(sc->en->taint, plain, n, true);
		if (c != CLASS_NONE)
			r = found(sc, l, (size_t)(v - s), (size_t)(stop - v), c, FORM_TOKEN,
				  HOW_TAINT, 0);
	}
	return r;
}

static int scan_taint(struct scanner *sc, const struct layer *l, enum token_form form)
{
	struct taint *t = sc->en->taint;
	struct taint_hit h;
	int r = 0;

	for (size_t at = 0; !r && taint_next(t, l->s, l->n, &at, &h);) {
		if (sc->page)
			taint_seen_on_page(t, h.pattern, sc->item->event);
		r = found(sc, l, h.off, h.len, (enum redact_class)h.cls, form, HOW_TAINT,
			  h.pattern);
	}
	for (size_t at = 0; !r && taint_next_digits(t, l->s, l->n, &at, &h);)
		r = found(sc, l, h.off, h.len, (enum redact_class)h.cls, form, HOW_TAINT,
			  h.pattern);
	return r;
}

static bool looks_like_url(const char *s, size_t n)
{
	if (!n || memchr(s, ' ', n < 200 ? n : 200))
		return false;
	return s[0] == '/' || s[0] == '?' || s[0] == '#' || memmem(s, n < 16 ? n : 16, "://", 3) ||
	       (n > 7 && (!memcmp(s, "mailto:", 7) || !memcmp(s, "tel:", 4)));
}

static int scan_decoded(struct scanner *sc, const struct layer *l,
			bool (*undo)(const struct layer *, struct decoded *),
			enum detect_context ctx, unsigned depth, enum token_form form)
{
	struct decoded d;
	int r = decoded_new(sc, l->n, &d);

	if (r < 0)
		return r;
	if (undo(l, &d)) {
		struct layer in = {.s = d.s, .n = d.n, .map = d.map, .up = l};
		r = scan_text(sc, &in, ctx, NULL, 0, depth + 1, form);
	}
	free(d.map);
	return r;
}

static bool undo_escapes(const struct layer *l, struct decoded *d)
{
	d->n = jtok_unescape(l->s, l->n, d->s, d->map);
	return d->n != l->n;
}

static int scan_text(struct scanner *sc, const struct layer *l, enum detect_context ctx,
		     const char *label, size_t labellen, unsigned depth, enum token_form form)
{
	const char *s = l->s;
	size_t n = l->n, i = 0;
	int r;

	if (n < 2)
		return 0;
	if (ctx == DETECT_TEXT && looks_like_url(s, n))
		ctx = DETECT_URL;
	sc->m.n = 0;
	r = detect_scan(s, n, ctx, ~0u, label, labellen, &sc->m);
	for (size_t k = 0; k < sc->m.n && !r; k++)
		r = found(sc, l, sc->m.v[k].off, sc->m.v[k].len, (enum redact_class)sc->m.v[k].cls,
			  form, HOW_DETECTOR, 0);
	if (!r)
		r = scan_taint(sc, l, form);
	if (r || depth >= LAYERS)
		return r;

	/* what is inside */
	bool url = memchr(s, '=', n) != NULL;
	if (url && ctx != DETECT_CSS)
		r = scan_params(sc, l);
	if (!r && (memchr(s, '%', n) || (url && memchr(s, '+', n))))
		r = scan_decoded(sc, l, undo_percent, ctx, depth, form);
	if (!r && memchr(s, '&', n))
		r = scan_decoded(sc, l, undo_entities, ctx, depth, form);
	if (r || ctx == DETECT_CSS)
		return r;
	while (i < n && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t'))
		i++;
	bool json = false;
	if (i < n && (s[i] == '{' || s[i] == '[' || s[i] == '"'))
		r = scan_json(sc, l, depth, &json);
	if (!r && !json && memchr(s, '\\', n))
		r = scan_decoded(sc, l, undo_escapes, ctx, depth, form);
	if (!r && !json && n >= BASE64_MIN)
		r = scan_base64(sc, l, depth);
	return r;
}

/* Looks into a scalar token of the recording. */
static int look_into(struct scanner *sc, uint32_t tok, enum detect_context ctx, const char *label,
		     size_t labellen, enum token_form form)
{
	const struct jtok *t = &sc->en->toks.v[tok];
	struct layer raw = {.s = sc->en->text + t->off, .n = t->len, .off = t->off};
	int r;

	if (t->flags & JTOK_ESCAPED) {
		struct decoded d;

		r = decoded_new(sc, t->len, &d);
		if (r < 0)
			return r;
		d.n = jtok_unescape(raw.s, raw.n, d.s, d.map);
		struct layer plain = {.s = d.s, .n = d.n, .map = d.map, .up = &raw};
		r = scan_text(sc, &plain, ctx, label, labellen, 0, form);
		free(d.map);
		return r;
	}
	return scan_text(sc, &raw, ctx, label, labellen, 0, form);
}

/* ---- by place ---- */

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

/* Text that was redacted before: tokens and what may stand between them. */
static bool only_tokens(const char *s, uint32_t n)
{
	uint32_t i = 0, tokens = 0;

	while (i < n) {
		if (s[i] == ' ') {
			i++;
			continue;
		}
		const char *end = s[i] == '[' ? memchr(s + i, ']', n - i) : NULL;
		if (!end || class_parse(s + i + 1, (size_t)(end - s - i - 1)) == CLASS_NONE)
			return false;
		i = (uint32_t)(end - s) + 1;
		tokens++;
	}
	return tokens > 0;
}

/* The whole of a scalar token; (S1) with what is stricter inside it. */
static int whole(struct scanner *sc, uint32_t tok, enum redact_class cls, enum token_form form,
		 enum span_how how, unsigned flags)
{
	const struct jtok *t = &sc->en->toks.v[tok];
	const char *s = sc->en->text + t->off;
	int r;

	if (!t->len || only_tokens(s, t->len) || blank(sc->en, t))
		return 0;
	if (form == FORM_BLACK && t->len == 7 && !memcmp(s, "#000000", 7))
		return 0;
	if (t->type != JTOK_STRING)
		form = FORM_QUOTED;
	r = spans_add(sc->en, t->off, t->len, cls, form, how, flags, 0);
	enum disposition d = policy_disposition(sc->en->policy, cls, flags & SPAN_ENTERED);
	if (r || d == DISP_DROP || form != FORM_TOKEN)
		return r;
	sc->only_stricter = true;
	sc->above = d;
	sc->flags = flags;
	sc->page = false;
	r = look_into(sc, tok, DETECT_VALUE, NULL, 0, FORM_TOKEN);
	sc->only_stricter = false;
	return r;
}

/* What an element's marks make of it; CLASS_NONE: nothing. */
static enum redact_class class_of_marks(const struct dom_node *d, bool value)
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
	enum redact_class mark = class_of_marks(d, /* value= */ true);
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

/* An attribute that is itself a privacy mark stays: it is what makes the next reading find the
 * same. */
static bool is_mark(const struct engine *en, const struct jtok *k)
{
	return k->len > 4 && !strncasecmp(en->text + k->off, "data-", 5) && (k + 1)->len <= 12;
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
	return look_into(sc, tok, DETECT_TEXT, label, labellen, FORM_TOKEN);
}

static int attr_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	struct engine *en = sc->en;
	const struct jtok *k = &en->toks.v[it->tok - 1];
	const char *name = en->text + k->off;
	struct field *f = d->field ? &en->fields[d->field] : NULL;
	bool value = k->len == 5 && !strncasecmp(name, "value", 5);

	if (value && f && !f->button && !(f->radio && !f->typed && f->cls == CLASS_FORM)) {
		if (!f->radio)
			return field_value(sc, it->tok, d, f);
	}
	enum redact_class mark = class_of_marks(d, value && f);
	if (mark != CLASS_NONE && !keeps_attribute(name, k->len, mark == CLASS_BLOCKED) &&
	    !is_mark(en, k))
		return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
	const char *s;
	size_t n;
	int r = engine_plain(en, it->tok, &sc->tmp, &s, &n);
	return r ? r : whole_or_inside(sc, it->tok, s, n, name, k->len);
}

static int text_item(struct scanner *sc, const struct item *it, const struct dom_node *d)
{
	struct engine *en = sc->en;
	enum redact_class mark = class_of_marks(d, false);
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
		return look_into(sc, it->tok, DETECT_CSS, NULL, 0, FORM_TOKEN);
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
	enum redact_class mark = class_of_marks(d, false);

	if (d->field && key && k->len == 5 && !memcmp(en->text + k->off, "value", 5))
		return field_value(sc, it->tok, d, &en->fields[d->field]);
	if (mark != CLASS_NONE && it->node &&
	    !(key && keeps_attribute(en->text + k->off, k->len, true)))
		return whole(sc, it->tok, mark, FORM_QUOTED, HOW_MARK, 0);
	return look_into(sc, it->tok, DETECT_TEXT, key ? en->text + k->off : NULL, key ? k->len : 0,
			 FORM_QUOTED);
}

static int free_item(struct scanner *sc, const struct item *it)
{
	struct engine *en = sc->en;
	const struct jtok *t = &en->toks.v[it->tok], *k = &en->toks.v[it->tok - 1];
	bool key = k->flags & JTOK_KEY;

	if (it->kind == IT_FREE && t->type == JTOK_STRING) {
		enum redact_class c =
			taint_exact(en->taint, en->text + t->off, t->len, /* short_ones= */ false);
		if (c != CLASS_NONE)
			return spans_add(en, t->off, t->len, c, FORM_TOKEN, HOW_TAINT, SPAN_ENTERED,
					 0);
	}
	return look_into(sc, it->tok, it->kind == IT_CSS ? DETECT_CSS : DETECT_TEXT,
			 key ? en->text + k->off : NULL, key ? k->len : 0, FORM_TOKEN);
}

static int scan_item(struct scanner *sc, const struct item *it)
{
	struct engine *en = sc->en;
	const struct dom_node *d = dom_at(en->dom, it->node);
	struct field *f = d->field ? &en->fields[d->field] : NULL;
	enum redact_class mark;

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
	case IT_KEY:
		return look_into(sc, it->tok, DETECT_TEXT, NULL, 0, FORM_TOKEN);
	default:
		mark = it->node && it->kind == IT_FREE ? class_of_marks(d, false) : CLASS_NONE;
		if (mark != CLASS_NONE)
			return whole(sc, it->tok, mark, FORM_TOKEN, HOW_MARK, 0);
		return free_item(sc, it);
	}
}

int scan_items(struct engine *en)
{
	struct scanner sc = {.en = en, .budget = (uint64_t)en->len * DECODE_FACTOR + (1u << 20)};
	int r = 0;

	for (size_t i = 0; i < en->nitems && !r; i++) {
		const struct item *it = &en->items[i];

		r = scan_item(&sc, it);
		if (r == -E2BIG && sc.overflow) {
			/* (S2) what can't be looked through any more isn't shown */
			const struct jtok *t = &en->toks.v[it->tok];
			r = spans_add(en, t->off, t->len, CLASS_BLOCKED,
				      t->type == JTOK_STRING ? FORM_TOKEN : FORM_QUOTED,
				      HOW_DETECTOR, 0, 0);
		}
	}
	detect_matches_done(&sc.m);
	buf_wipe_done(&sc.tmp);
	if (!r && taint_failed(en->taint))
		r = -ENOMEM;
	return r;
}
