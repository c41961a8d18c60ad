/* selector-match.c: whether a node is one that a list of selectors means.
 *
 * Read from the right: most nodes fail at the last compound already. The ancestors of a node are a
 * line, so the compounds before the last are a pattern over that line in which a blank is a gap of
 * any length and > is none. As with * in file names only the latest gap ever has to be widened:
 * that the later compounds stood as near as possible to the node leaves the most room to the rest.
 * So a match costs compounds times depth, not a power of either. */
#include "selector-priv.h"

#include "redactfs/limits.h"

#include <string.h>

struct matcher {
	const struct selector_list *l;
	const struct selector_dom *dom;
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool same(const char *a, const char *b, size_t n, bool fold)
{
	if (!fold)
		return !n || !memcmp(a, b, n);
	for (size_t i = 0; i < n; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* One of the words of v, which white space parts. */
static bool has_word(const char *v, size_t n, const char *w, size_t wlen, bool fold)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;

		while (i < n && !space(v[i]))
			i++;
		if (i - from == wlen && wlen && same(v + from, w, wlen, fold))
			return true;
		i++;
	}
	return false;
}

static bool has(const char *v, size_t n, const char *w, size_t wlen, bool fold)
{
	for (size_t i = 0; i + wlen <= n; i++) {
		if (same(v + i, w, wlen, fold))
			return true;
	}
	return false;
}

static bool attribute_is(const struct matcher *m, unsigned node, const struct simple *c)
{
	const char *w = m->l->pool + c->value;
	size_t n = 0, wlen = c->valuelen;
	const char *v = m->dom->attr(m->dom->ctx, node, m->l->pool + c->name, c->namelen, &n);

	if (!v)
		return false;
	switch (c->op) {
	case ATTR_PRESENT:
		return true;
	case ATTR_EQUALS:
		return n == wlen && same(v, w, n, c->fold);
	case ATTR_WORD:
		return has_word(v, n, w, wlen, c->fold);
	case ATTR_DASH:
		return n >= wlen && same(v, w, wlen, c->fold) && (n == wlen || v[wlen] == '-');
	case ATTR_STARTS: /* an empty value is in nothing, for these three */
		return wlen && n >= wlen && same(v, w, wlen, c->fold);
	case ATTR_ENDS:
		return wlen && n >= wlen && same(v + n - wlen, w, wlen, c->fold);
	case ATTR_HAS:
		return wlen && has(v, n, w, wlen, c->fold);
	default:
		return false;
	}
}

/* Any simple but :not(). */
static bool simple_is(const struct matcher *m, unsigned node, const struct simple *c)
{
	const char *w = m->l->pool + c->name, *v;
	size_t n = 0;

	switch (c->kind) {
	case SIMPLE_TAG:
		v = m->dom->tag(m->dom->ctx, node, &n);
		return v && n == c->namelen && same(v, w, n, /* fold= */ true);
	case SIMPLE_ANY:
		return true;
	case SIMPLE_ID:
		v = m->dom->attr(m->dom->ctx, node, "id", 2, &n);
		return v && n == c->namelen && same(v, w, n, /* fold= */ false);
	case SIMPLE_CLASS:
		v = m->dom->attr(m->dom->ctx, node, "class", 5, &n);
		return v && has_word(v, n, w, c->namelen, /* fold= */ false);
	case SIMPLE_ATTR:
		return attribute_is(m, node, c);
	default:
		return false;
	}
}

static bool all_are(const struct matcher *m, unsigned node, uint32_t i, uint32_t end)
{
	while (i < end) {
		const struct simple *c = &m->l->simples[i++];

		if (c->kind == SIMPLE_NOT) {
			if (all_are(m, node, i, i + c->inner)) /* holds no other :not() */
				return false;
			i += c->inner;
		} else if (!simple_is(m, node, c)) {
			return false;
		}
	}
	return true;
}

static bool compound_is(const struct matcher *m, unsigned node, uint32_t c)
{
	return all_are(m, node, m->l->compounds[c].first, m->l->compounds[c].end);
}

static int selector_is(const struct matcher *m, unsigned node, const struct selector *s)
{
	const struct compound *c = m->l->compounds;
	uint32_t i = s->end - 1; /* compounds from here on have their node */
	uint32_t gap = 0;        /* the compound after the latest gap… */
	unsigned retry = 0;      /* …and where the one before the gap may still be tried */
	unsigned steps = 0;

	if (!compound_is(m, node, i))
		return 0;
	unsigned at = m->dom->parent(m->dom->ctx, node);
	while (i > s->first) {
		if (!at)
			return 0;
		if (steps++ == LIMIT_SELECTOR_STEPS)
			return -1;
		if (!c[i - 1].child) {
			gap = i;
			retry = m->dom->parent(m->dom->ctx, at);
		}
		if (compound_is(m, at, i - 1)) {
			i--;
			at = m->dom->parent(m->dom->ctx, at);
		} else if (gap) {
			i = gap;
			at = retry;
		} else {
			return 0;
		}
	}
	return 1;
}

int selector_match(const struct selector_list *l, const struct selector_dom *dom, unsigned node)
{
	const struct matcher m = {l, dom};
	int r = 0;

	for (size_t i = 0; i < l->nselectors && r <= 0; i++) {
		int x = selector_is(&m, node, &l->selectors[i]);
		if (x)
			r = x;
	}
	return r;
}
