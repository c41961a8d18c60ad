/* scan.c: looks into a string: detectors and taint over the text as it is and over what is encoded
 * in it, layer below layer: JSON escapes, percent-encoding, HTML entities, base64, JSON in a
 * string. A match deep down becomes a span up here, and the bytes around it stay.
 *
 * Invariant:
 * (S2) decoding is bounded: LAYERS deep, and all in all a small multiple of the recording; the
 * caller redacts a string that would go beyond as a whole (fail closed) */
#include "scan.h"

#include "decode.h"
#include "redactfs/hex.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LAYERS      5u
#define LABEL_BYTES 256u /* of a name: nobody reads more of it */
#define BASE64_MIN  16u  /* characters of a run that is worth decoding */

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
		 enum redact_class cls, enum token_form form, unsigned how, uint32_t pattern)
{
	unsigned flags = how == HOW_TAINT ? SPAN_ENTERED : sc->flags;
	uint32_t off, end;

	if (sc->only_stricter && policy_disposition(sc->en->policy, cls, flags) <= sc->above)
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

static int scan_base64(struct scanner *sc, const struct layer *l, unsigned depth)
{
	int r = 0;

	for (size_t i = 0; i + BASE64_MIN <= l->n && !r; i++) {
		/* from the end of the shortest run worth a look backwards: skips prose in leaps */
		size_t k = i + BASE64_MIN;

		while (k > i && decode_b64val(l->s[k - 1]) >= 0)
			k--;
		if (k > i) {
			i = k - 1;
			continue;
		}
		size_t end = i + BASE64_MIN;
		while (end < l->n && decode_b64val(l->s[end]) >= 0)
			end++;

		size_t from = i;
		char head[32];
		i = end;
		/* the run may start with text that isn't base64 ("/a/b/"): four ways to align */
		if (!decode_base64(l->s + from, end - from, 24, head))
			continue;
		struct decoded d;
		r = decoded_new(sc, end - from, &d);
		if (r < 0)
			return r;
		d.n = decode_base64(l->s + from, end - from, end - from, d.s);
		if (d.n >= 4 && decode_is_utf8(d.s, d.n)) {
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

/* A name that a token went into says nothing: "for[password]new" isn't about a password. */
static bool has_token(const char *s, size_t n)
{
	if (n > LABEL_BYTES)
		n = LABEL_BYTES;
	for (const char *p = memchr(s, '[', n), *end = s + n; p;
	     p = memchr(p + 1, '[', (size_t)(end - p - 1))) {
		const char *close = memchr(p, ']', (size_t)(end - p));

		if (close && class_parse(p + 1, (size_t)(close - p - 1)) != CLASS_NONE)
			return true;
	}
	return false;
}

static struct label label_from(const char *text, const struct jtok *t)
{
	if (!t->len || has_token(text + t->off, t->len))
		return (struct label){0};
	return (struct label){.s = text + t->off, .n = t->len};
}

static bool is_any(const char *text, const struct jtok *t, const char *words)
{
	for (; *words; words += strlen(words) + 1) {
		if (t->len == strlen(words) && !strncasecmp(text + t->off, words, t->len))
			return true;
	}
	return false;
}

static bool is_name_of(const char *text, const struct jtok *v, size_t n, uint32_t key)
{
	return key + 1 < n && v[key].type == JTOK_STRING && (v[key].flags & JTOK_KEY) &&
	       v[key + 1].type == JTOK_STRING && !(v[key + 1].flags & JTOK_KEY) &&
	       is_any(text, &v[key], "name\0key\0header\0field\0");
}

struct label scan_label(const char *text, const struct jtok *v, size_t n, uint32_t i)
{
	if (!i)
		return (struct label){0};
	const struct jtok *k = &v[i - 1];
	if (k->type == JTOK_STRING && (k->flags & JTOK_KEY)) {
		if (!is_any(text, k, "value\0val\0content\0"))
			return label_from(text, k);
		/* before it, or behind it where that is another member and no other object's */
		if (i >= 3 && is_name_of(text, v, n, i - 3))
			return label_from(text, &v[i - 2]);
		if (is_name_of(text, v, n, i + 1))
			return label_from(text, &v[i + 2]);
		return label_from(text, k);
	}
	/* ["X-Api-Key","…"]: of two that stand in a list alone; other words are lists of names */
	if (i >= 2 && k->type == JTOK_STRING && v[i - 2].type == JTOK_ARRAY && v[i - 2].skip == 3 &&
	    detect_is_header(text + k->off, k->len))
		return label_from(text, k);
	return (struct label){0};
}

/* A leaf that is equal to something entered, of class c; with what is stricter inside it. */
static int entered_leaf(struct scanner *sc, const struct layer *leaf, enum redact_class c,
			struct label label, unsigned depth, enum token_form form)
{
	enum disposition d = policy_disposition(sc->en->policy, c, SPAN_ENTERED), was = sc->above;
	bool only = sc->only_stricter;
	int r = found(sc, leaf, 0, leaf->n, c, form, HOW_TAINT, 0);

	if (r || d == DISP_DROP)
		return r;
	sc->only_stricter = true;
	sc->above = only && was > d ? was : d;
	r = scan_text(sc, leaf, DETECT_TEXT, label.s, label.n, depth + 1, form);
	sc->only_stricter = only;
	sc->above = was;
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
		struct label label = scan_label(l->s, t.v, t.n, i);
		struct layer leaf = {.s = l->s + k->off, .n = k->len, .off = k->off, .up = l};
		enum token_form form = k->type == JTOK_NUMBER ? FORM_ZERO : FORM_TOKEN;

		if ((k->type != JTOK_STRING && k->type != JTOK_NUMBER) || (k->len < 2))
			continue;
		if (k->type == JTOK_STRING && !(k->flags & JTOK_KEY)) {
			enum redact_class c = taint_exact(sc->en->taint, leaf.s, leaf.n, true);
			if (c != CLASS_NONE) {
				r = entered_leaf(sc, &leaf, c, label, depth, form);
				continue;
			}
		}
		r = scan_text(sc, &leaf, DETECT_TEXT, label.s, label.n, depth + 1, form);
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

		/* no further than a value can be: the text may be nothing but `=` */
		while (stop < end && (size_t)(stop - v) <= sizeof(plain) && *stop != '&' &&
		       *stop != '#' && *stop != ';' && *stop != ' ' && *stop != '"')
			stop++;
		if (stop - v < 2 || (size_t)(stop - v) > sizeof(plain))
			continue;
		for (const char *p = v; p < stop; p++) {
			int hi = *p == '%' && stop - p > 2 ? hex_digit(p[1]) : -1;
			int lo = hi >= 0 ? hex_digit(p[2]) : -1;

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

/* Could a value that was entered count here? Where only what is stricter does, mostly none. */
static bool may_be_tainted(const struct scanner *sc)
{
	uint32_t classes = taint_classes(sc->en->taint);

	if (!sc->only_stricter)
		return true;
	for (unsigned c = 0; classes >> c; c++)
		if (classes >> c & 1 && policy_disposition(sc->en->policy, (enum redact_class)c,
							   SPAN_ENTERED) > sc->above)
			return true;
	return false;
}

static int scan_taint(struct scanner *sc, const struct layer *l, enum token_form form)
{
	struct taint *t = sc->en->taint;
	struct taint_hit h;
	int r = 0;

	if (!may_be_tainted(sc))
		return 0;
	for (size_t at = 0; !r && taint_next(t, l->s, l->n, &at, &h);) {
		if (sc->page)
			taint_seen_on_page(t, h.pattern, sc->item->event);
		r = found(sc, l, h.off, h.len, (enum redact_class)h.cls, form, HOW_TAINT,
			  h.pattern);
	}
	for (size_t at = 0; !r && taint_next_digits(t, l->s, l->n, &at, &h);)
		r = found(sc, l, h.off, h.len, (enum redact_class)h.cls, form, HOW_TAINT,
			  h.pattern);
	for (size_t at = 0; !r && taint_next_date(t, l->s, l->n, &at, &h);)
		r = found(sc, l, h.off, h.len, (enum redact_class)h.cls, form, HOW_TAINT, 0);
	return r;
}

static bool looks_like_url(const char *s, size_t n)
{
	if (!n || memchr(s, ' ', n < 200 ? n : 200))
		return false;
	if (s[0] == '/' || s[0] == '?' || s[0] == '#')
		return true;
	const char *colon = memchr(s, ':', n < 16 ? n : 16);
	if (!colon)
		return false;
	return memmem(colon, (size_t)(s + (n < 16 ? n : 16) - colon), "://", 3) ||
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
	r = detect_scan(s, n, ctx, sc->en->policy->detect, label, labellen, &sc->m);
	for (size_t k = 0; k < sc->m.n && !r; k++)
		r = found(sc, l, sc->m.v[k].off, sc->m.v[k].len, (enum redact_class)sc->m.v[k].cls,
			  form, span_found_by((enum detector)sc->m.v[k].by), 0);
	if (!r)
		r = scan_taint(sc, l, form);
	if (r || depth >= LAYERS)
		return r;

	/* what is inside */
	bool url = memchr(s, '=', n) != NULL;
	if (url && ctx != DETECT_CSS)
		r = scan_params(sc, l);
	if (!r && (memchr(s, '%', n) || (url && memchr(s, '+', n))))
		r = scan_decoded(sc, l, decode_percent, ctx, depth, form);
	if (!r && memchr(s, '&', n))
		r = scan_decoded(sc, l, decode_entities, ctx, depth, form);
	if (r || ctx == DETECT_CSS)
		return r;
	while (i < n && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t'))
		i++;
	bool json = false;
	if (i < n && (s[i] == '{' || s[i] == '[' || s[i] == '"'))
		r = scan_json(sc, l, depth, &json);
	if (!r && !json && memchr(s, '\\', n))
		r = scan_decoded(sc, l, decode_escapes, ctx, depth, form);
	if (!r && !json && n >= BASE64_MIN)
		r = scan_base64(sc, l, depth);
	return r;
}

int scan_escaped(struct scanner *sc, const struct layer *raw, bool escaped, enum detect_context ctx,
		 const char *label, size_t labellen, enum token_form form)
{
	struct decoded d;

	if (!escaped)
		return scan_text(sc, raw, ctx, label, labellen, 0, form);
	int r = decoded_new(sc, raw->n, &d);
	if (r < 0)
		return r;
	d.n = jtok_unescape(raw->s, raw->n, d.s, d.map);
	struct layer plain = {.s = d.s, .n = d.n, .map = d.map, .up = raw};
	r = scan_text(sc, &plain, ctx, label, labellen, 0, form);
	free(d.map);
	return r;
}

int scan_token(struct scanner *sc, uint32_t tok, enum detect_context ctx, const char *label,
	       size_t labellen, enum token_form form)
{
	const struct jtok *t = &sc->en->toks.v[tok];
	struct layer raw = {.s = sc->en->text + t->off, .n = t->len, .off = t->off};

	return scan_escaped(sc, &raw, t->flags & JTOK_ESCAPED, ctx, label, labellen, form);
}
