/* selector.c: reads the CSS selectors of a policy; see selector.h.
 *
 * A recursive grammar, but not a recursive parser: the one thing that nests, :not(), holds a
 * compound without another :not(). Arrays are sized by the text before reading begins: no simple
 * selector has less than one byte, so nothing grows and nothing is checked twice.
 *
 * What a browser would accept and this doesn't (pseudo-classes, siblings, namespaces) is refused
 * where it stands. A policy must not look as if it hid something that it doesn't. */
#include "selector-priv.h"

#include "redactfs/hex.h"
#include "redactfs/limits.h"
#include "redactfs/utf8.h"

#include <stdlib.h>
#include <string.h>

struct parser {
	const char *s;
	size_t len, at;
	struct selector_list *l;
	struct errinfo *e;
};

static int bad(const struct parser *p, size_t at, const char *what)
{
	return err_set_at(p->e, -EINVAL, at, "%s", what);
}

static int peek(const struct parser *p)
{
	return p->at < p->len ? (uint8_t)p->s[p->at] : -1;
}

static bool space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool skip_space(struct parser *p)
{
	size_t from = p->at;

	while (space(peek(p)))
		p->at++;
	return p->at > from;
}

static bool name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool name_char(int c)
{
	return name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

static void put(struct parser *p, char c)
{
	p->l->pool[p->l->npool++] = c;
}

/* Never longer than what it was written as: "\1", two bytes, is one; the longest, four bytes, is
 * written in six or more. "\0" and surrogates are three bytes, hence the check. */
static int put_code_point(struct parser *p, size_t at, uint32_t cp)
{
	if (!cp || (cp >= 0xd800 && cp <= 0xdfff) || cp > 0x10ffff)
		return bad(p, at, "an escape that is no character");
	p->l->npool += utf8_put(p->l->pool + p->l->npool, cp);
	return 0;
}

/* At a backslash. */
static int escape(struct parser *p)
{
	size_t at = p->at++;
	int c = peek(p);

	if (c < 0 || c == '\n' || c == '\r' || c == '\f')
		return bad(p, at, "a backslash with nothing to escape");
	if (hex_digit(c) < 0) {
		put(p, (char)c);
		p->at++;
		return 0;
	}
	uint32_t cp = 0;
	for (int i = 0; i < 6 && hex_digit(peek(p)) >= 0; i++, p->at++)
		cp = cp << 4 | (uint32_t)hex_digit(peek(p));
	if (space(peek(p))) /* one white space ends the escape and belongs to it */
		p->at++;
	return put_code_point(p, at, cp);
}

static int identifier(struct parser *p, bool lower, uint32_t *ret_at, uint32_t *ret_len)
{
	size_t from = p->l->npool, at = p->at;

	if (peek(p) == '-')
		put(p, p->s[p->at++]);
	int c = peek(p);
	if (!name_start(c) && c != '\\' && !(c == '-' && p->at > at))
		return bad(p, at, "a name is missing");
	while ((c = peek(p)) >= 0) {
		if (c == '\\') {
			int r = escape(p);
			if (r < 0)
				return r;
		} else if (name_char(c)) {
			put(p, (char)(lower && c >= 'A' && c <= 'Z' ? c | 0x20 : c));
			p->at++;
		} else {
			break;
		}
	}
	*ret_at = (uint32_t)from;
	*ret_len = (uint32_t)(p->l->npool - from);
	return 0;
}

static int quoted(struct parser *p, uint32_t *ret_at, uint32_t *ret_len)
{
	size_t from = p->l->npool, at = p->at;
	int quote = peek(p), c;

	p->at++;
	while ((c = peek(p)) != quote) {
		if (c < 0 || c == '\n' || c == '\r' || c == '\f')
			return bad(p, at, "a string without an end");
		if (c == '\\') {
			int r = escape(p);
			if (r < 0)
				return r;
		} else {
			put(p, (char)c);
			p->at++;
		}
	}
	p->at++;
	*ret_at = (uint32_t)from;
	*ret_len = (uint32_t)(p->l->npool - from);
	return 0;
}

static struct simple *simple_new(struct parser *p, enum simple_kind kind)
{
	struct simple *m = &p->l->simples[p->l->nsimples++];

	*m = (struct simple){.kind = (uint8_t)kind};
	return m;
}

/* At '['. */
static int attribute(struct parser *p)
{
	size_t at = p->at++;
	struct simple *m = simple_new(p, SIMPLE_ATTR);

	(void)skip_space(p);
	int r = identifier(p, /* lower= */ true, &m->name, &m->namelen);
	if (r < 0)
		return r;
	(void)skip_space(p);
	int c = peek(p);
	if (c == ']') {
		p->at++;
		return 0;
	}
	if (c == '~' || c == '|' || c == '^' || c == '$' || c == '*') {
		m->op = (uint8_t)c;
		p->at++;
	} else {
		m->op = ATTR_EQUALS;
	}
	if (peek(p) != '=')
		return bad(p, peek(p) < 0 ? at : p->at,
			   peek(p) < 0 ? "a [ without ]" : "']' or an operator is missing");
	p->at++;
	(void)skip_space(p);
	c = peek(p);
	if (c != '"' && c != '\'' && c != '-' && c != '\\' && !name_start(c))
		return bad(p, c < 0 ? at : p->at,
			   c < 0 ? "a [ without ]" : "a value that is no name has to be in quotes");
	r = c == '"' || c == '\'' ? quoted(p, &m->value, &m->valuelen)
				  : identifier(p, /* lower= */ false, &m->value, &m->valuelen);
	if (r < 0)
		return r;
	(void)skip_space(p);
	if (peek(p) == 'i' || peek(p) == 'I') {
		m->fold = true;
		p->at++;
		(void)skip_space(p);
	}
	if (peek(p) != ']')
		return bad(p, peek(p) < 0 ? at : p->at,
			   peek(p) < 0 ? "a [ without ]" : "']' is missing");
	p->at++;
	return 0;
}

static int compound(struct parser *p, bool in_not);

/* At ':'. */
static int pseudo(struct parser *p, bool in_not)
{
	size_t at = p->at;

	if (p->len - at < 5 || strncasecmp(p->s + at, ":not(", 5) != 0)
		return bad(p, at, "of the pseudo-classes only :not() is supported");
	if (in_not)
		return bad(p, at, ":not() inside :not() is not supported");
	p->at += 5;
	size_t m = p->l->nsimples;
	(void)simple_new(p, SIMPLE_NOT);
	(void)skip_space(p);
	int r = compound(p, /* in_not= */ true);
	if (r < 0)
		return r;
	p->l->simples[m].inner = (uint32_t)(p->l->nsimples - m - 1);
	(void)skip_space(p);
	if (peek(p) != ')')
		return bad(p, peek(p) < 0 ? at : p->at,
			   peek(p) < 0 ? "a ( without )" : ":not() takes one compound selector");
	p->at++;
	return 0;
}

/* Adds the simples of one compound. */
static int compound(struct parser *p, bool in_not)
{
	size_t from = p->at;
	int r = 0;

	for (;;) {
		int c = peek(p);
		struct simple *m;

		if (c == '#' || c == '.') {
			p->at++;
			m = simple_new(p, c == '#' ? SIMPLE_ID : SIMPLE_CLASS);
			r = identifier(p, /* lower= */ false, &m->name, &m->namelen);
		} else if (c == '[') {
			r = attribute(p);
		} else if (c == ':') {
			r = pseudo(p, in_not);
		} else if (c == '*' && p->at == from) {
			p->at++;
			(void)simple_new(p, SIMPLE_ANY);
		} else if ((name_start(c) || c == '-' || c == '\\') && p->at == from) {
			m = simple_new(p, SIMPLE_TAG);
			r = identifier(p, /* lower= */ true, &m->name, &m->namelen);
		} else {
			break;
		}
		if (r < 0)
			return r;
	}
	return p->at > from ? 0 : bad(p, p->at, "a selector is missing");
}

static int selector(struct parser *p)
{
	struct selector_list *l = p->l;
	struct selector *sel = &l->selectors[l->nselectors++];
	int r;

	sel->first = (uint32_t)l->ncompounds;
	for (;;) {
		if (l->ncompounds - sel->first == SELECTOR_COMPOUNDS_MAX)
			return err_set_at(p->e, -E2BIG, p->at, "over %u compounds in a selector",
					  SELECTOR_COMPOUNDS_MAX);
		struct compound *c = &l->compounds[l->ncompounds++];
		c->first = (uint32_t)l->nsimples;
		r = compound(p, /* in_not= */ false);
		if (r < 0)
			return r;
		c->end = (uint32_t)l->nsimples;
		c->child = false;
		bool blank = skip_space(p);
		int next = peek(p);
		if (next < 0 || next == ',')
			break;
		if (next == '>') {
			c->child = true;
			p->at++;
			(void)skip_space(p);
		} else if (next == '+' || next == '~') {
			return bad(p, p->at, "sibling combinators are not supported");
		} else if (!blank) {
			return bad(p, p->at, "unexpected character");
		}
	}
	sel->end = (uint32_t)l->ncompounds;
	return 0;
}

static int parse(struct parser *p)
{
	for (;;) {
		if (p->l->nselectors == SELECTOR_LIST_MAX)
			return err_set_at(p->e, -E2BIG, p->at, "over %u selectors",
					  SELECTOR_LIST_MAX);
		(void)skip_space(p);
		size_t from = p->at;
		int r = selector(p);
		if (r < 0)
			return r;
		p->l->selectors[p->l->nselectors - 1].at = (uint32_t)from;
		p->l->selectors[p->l->nselectors - 1].len = (uint32_t)(p->at - from);
		if (peek(p) < 0)
			return 0;
		p->at++; /* the comma */
	}
}

int selector_parse(const char *s, size_t len, struct selector_list **ret, struct errinfo *e)
{
	if (len > SELECTOR_BYTES_MAX)
		return err_set(e, -E2BIG, "selectors of over %u bytes", SELECTOR_BYTES_MAX);
	CLEANUP_PTR(selector_free) struct selector_list *l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	l->simples = calloc(len + 1, sizeof(*l->simples));
	l->compounds = calloc(len + 1, sizeof(*l->compounds));
	/* one character and a comma each, at least */
	l->selectors = calloc(len / 2 + 1 < SELECTOR_LIST_MAX ? len / 2 + 1 : SELECTOR_LIST_MAX,
			      sizeof(*l->selectors));
	l->pool = malloc(len + 1);
	if (!l->simples || !l->compounds || !l->selectors || !l->pool)
		return err_set(e, -ENOMEM, "out of memory");
	struct parser p = {.s = s, .len = len, .l = l, .e = e};
	int r = parse(&p);
	if (r < 0)
		return r;
	*ret = TAKE(l);
	return 0;
}

struct selector_list *selector_free(struct selector_list *l)
{
	if (l) {
		free(l->simples);
		free(l->compounds);
		free(l->selectors);
		free(l->pool);
		free(l);
	}
	return NULL;
}

size_t selector_at(const struct selector_list *l, size_t i, size_t *ret_len)
{
	size_t n = l->selectors[i].len;

	*ret_len = n;
	return l->selectors[i].at;
}

size_t selector_count(const struct selector_list *l)
{
	return l ? l->nselectors : 0;
}

static bool same_string(const struct selector_list *a, uint32_t at, uint32_t n,
			const struct selector_list *b, uint32_t bt, uint32_t bn)
{
	return n == bn && !memcmp(a->pool + at, b->pool + bt, n);
}

static bool same_compound(const struct selector_list *a, const struct compound *x,
			  const struct selector_list *b, const struct compound *y)
{
	if (x->child != y->child || x->end - x->first != y->end - y->first)
		return false;
	for (uint32_t i = 0; i < x->end - x->first; i++) {
		const struct simple *m = &a->simples[x->first + i], *n = &b->simples[y->first + i];

		if (m->kind != n->kind || m->op != n->op || m->fold != n->fold ||
		    m->inner != n->inner ||
		    !same_string(a, m->name, m->namelen, b, n->name, n->namelen) ||
		    !same_string(a, m->value, m->valuelen, b, n->value, n->valuelen))
			return false;
	}
	return true;
}

bool selector_same(const struct selector_list *a, size_t i, const struct selector_list *b, size_t k)
{
	const struct selector *x = &a->selectors[i], *y = &b->selectors[k];

	if (x->end - x->first != y->end - y->first)
		return false;
	for (uint32_t c = 0; c < x->end - x->first; c++) {
		if (!same_compound(a, &a->compounds[x->first + c], b, &b->compounds[y->first + c]))
			return false;
	}
	return true;
}
