/* pictures.c: what a site that keeps no pictures drops: inlined images (rr_dataURL, data: URLs in
 * attributes, style sheets and anywhere else) and all that is drawn on a canvas.
 *
 * A picture may show anything, and nothing here looks inside: it goes as a whole or stays. Style
 * sheets' fonts stay, they are no pictures. What takes an image's place is an empty data URL, which
 * a player loads and shows nothing of; a list of drawing commands is left empty. */
#include "scan.h"

#include <string.h>
#include <strings.h>

#define TYPE_BYTES 128u /* a data URL's type and parameters, up to its comma */

/* The type of the data URL whose "data:" ends at s: is it a picture's, and where does its comma
 * stand (0: there is none)? Types that aren't named count: nobody knows what they are. */
static bool is_picture(const char *s, size_t n, size_t *ret_comma)
{
	static const char *const others[] = {"text/",
					     "font/",
					     "application/font",
					     "application/x-font",
					     "application/vnd.ms-font",
					     "application/javascript",
					     "application/json"};
	const char *comma = memchr(s, ',', n < TYPE_BYTES ? n : TYPE_BYTES);

	*ret_comma = comma ? (size_t)(comma - s) : 0;
	if (!comma || memchr(s, ' ', *ret_comma) || memchr(s, '<', *ret_comma))
		return false;
	if (s[0] != ',' && s[0] != ';' && !memchr(s, '/', *ret_comma))
		return false; /* "metadata:yes,no" */
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncasecmp(s, others[i], strlen(others[i])))
			return false;
	return true;
}

static bool is_base64(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' ||
	       c == '/' || c == '=' || c == '%' || c == '-' || c == '_';
}

static bool is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Where the data that starts at s[at] ends. `quote` is what stood before the URL. */
static size_t data_end(const char *s, size_t n, size_t at, bool base64, char quote)
{
	size_t i = at;

	if (base64) {
		while (i < n && is_base64(s[i]))
			i++;
	} else if (quote == '(') {
		while (i < n && s[i] != ')')
			i++;
	} else if (quote == '"' || quote == '\'') {
		/* in JSON the " that ends it has a \ before it, and so has one inside of it */
		while (i < n && s[i] != quote)
			i++;
		if (quote == '"' && i < n && i > at && s[i - 1] == '\\')
			i--;
	} else {
		while (i < n && s[i] != ' ' && s[i] != '"' && s[i] != '\\' && s[i] != ')' &&
		       s[i] != '<')
			i++;
	}
	return i;
}

static int drop(struct engine *en, uint32_t off, size_t len)
{
	return spans_add(en, off, (uint32_t)len, CLASS_BLOCKED, FORM_PICTURE, HOW_MARK, SPAN_DROP,
			 0);
}

/* Every picture's data URL inside a string. */
static int inside(struct engine *en, const struct jtok *t)
{
	const char *s = en->text + t->off;
	size_t n = t->len;
	int r = 0;

	for (size_t i = 0; i + 5 < n && !r;) {
		const char *d = memchr(s + i, ':', n - i);
		size_t at = d ? (size_t)(d - s) + 1 : n, comma;

		if (!d)
			break;
		i = at;
		if (at < 5 || strncasecmp(d - 4, "data", 4) != 0 || (at > 5 && is_letter(d[-5])) ||
		    !is_picture(s + at, n - at, &comma))
			continue;
		bool base64 = memmem(s + at, comma, ";base64", 7) != NULL;
		size_t end = data_end(s, n, at + comma + 1, base64, at > 5 ? d[-5] : 0);
		if (end > at + comma + 1)
			r = drop(en, t->off + (uint32_t)(at - 5), end - (at - 5));
		i = end > at ? end : at;
	}
	return r;
}

/* A string that is one picture from its first byte to its last. */
static bool is_whole(const char *s, size_t n)
{
	size_t comma;

	while (n && *s == ' ') {
		s++;
		n--;
	}
	return n > 5 && !strncasecmp(s, "data:", 5) && is_picture(s + 5, n - 5, &comma) &&
	       comma + 6 < n;
}

static bool is_canvas(const struct engine *en, uint32_t node)
{
	uint32_t t = node ? dom_at(en->dom, node)->tag_tok : 0;

	return t && en->toks.v[t].len == 6 &&
	       !strncasecmp(en->text + en->toks.v[t].off, "canvas", 6);
}

static bool names(const struct engine *en, uint32_t key, const char *name)
{
	const struct jtok *k = &en->toks.v[key];
	size_t n = strlen(name);

	return (k->flags & JTOK_KEY) && k->len == n && !strncasecmp(en->text + k->off, name, n);
}

int pictures_item(struct scanner *sc, const struct item *it, bool *ret_done)
{
	struct engine *en = sc->en;
	const struct jtok *t = &en->toks.v[it->tok];
	bool images = en->policy->drop_images;
	uint32_t off;

	if (it->kind == IT_CANVAS) {
		*ret_done = true;
		size_t n = jtok_inside(en->text, en->toks.v, it->tok, &off);
		return spans_add(en, off, (uint32_t)n, CLASS_BLOCKED, FORM_EMPTY, HOW_MARK,
				 SPAN_DROP, 0);
	}
	if (t->type != JTOK_STRING || t->len < 8)
		return 0;
	/* a canvas that came with its pixels */
	if (it->kind == IT_ATTR && names(en, it->tok - 1, "rr_dataURL") && is_canvas(en, it->node))
		images = en->policy->drop_canvas;
	if (!images)
		return 0;
	bool set = it->kind == IT_ATTR && names(en, it->tok - 1, "srcset");
	if (!set && it->kind != IT_CSS && is_whole(en->text + t->off, t->len)) {
		*ret_done = true;
		return drop(en, t->off, t->len);
	}
	return inside(en, t);
}
