/* canon-json.c: strict JSON in, canonical JSON out, in one pass.
 *
 * jtok would make an array of tokens first; nothing here needs one, and a gigabyte of input would
 * pay for it twice. Strings are the bulk: their plain stretches are copied eight bytes at a time
 * while they are looked through, so text that is canonical already costs little more than a memcpy.
 *
 * Invariants:
 * (C1) what is written is canonical (docs/FORMAT.md) and jtok_parse accepts it: the same limits
 * hold (C2) a string has one canonical spelling, so keys are compared as written (C3) there are
 * always 16 bytes of room in dst when a character is handled: none writes more */
#include "canon-priv.h"

#include "redactfs/hex.h"
#include "redactfs/utf8.h"
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONES  0x0101010101010101ull
#define HIGHS 0x8080808080808080ull
#define PAD   CANON_PAD

/* Objects of up to so many members compare each key with those before; larger ones sort at the end,
 * so that no choice of keys costs more than n log n. */
#define FEW_MEMBERS 16u

static uint64_t line_of(const struct canon_src *s, const uint8_t *at)
{
	uint64_t n = 1;

	for (const uint8_t *p = s->start; p < at && (p = memchr(p, '\n', (size_t)(at - p))); p++)
		n++;
	return n;
}

int canon_fail(struct canon_cx *c, int code, const uint8_t *at, const char *fmt, ...)
{
	uint64_t off = c->nest ? c->outer_off : (uint64_t)(at - c->src.start);
	va_list ap;
	char msg[160];

	if (!c->e || c->e->code)
		return code;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap); /* all are short */
	va_end(ap);
	(void)err_set_at(c->e, code, off, "%s", msg);
	if (c->nest)
		err_prefix(c->e, "in its %s", c->part);
	if (c->in_event)
		err_prefix(c->e, "event %llu", (unsigned long long)c->events + 1);
	if (c->several && !c->nest)
		err_prefix(c->e, "line %llu", (unsigned long long)line_of(&c->src, at));
	if (c->in_segment)
		err_prefix(c->e, "in the inflated segment");
	if (c->piece)
		err_prefix(c->e, "'%s'", c->piece);
	return code;
}

int canon_nomem(struct canon_cx *c)
{
	return err_set(c->e, -ENOMEM, "out of memory");
}

int canon_grow(struct canon_cx *c, size_t n)
{
	struct buf *b = c->dst;

	if (b->len > LIMIT_RECORDING_BYTES)
		return canon_fail(c, -E2BIG, c->src.p, "recording too long (limit %u bytes)",
				  LIMIT_RECORDING_BYTES);
	return buf_reserve(b, n + CANON_PAD) < 0 ? canon_nomem(c) : 0;
}

static unsigned put_u_escape(uint8_t *o, uint32_t v)
{
	static const char hex[] = "0123456789abcdef";

	memcpy(o, "\\u", 2);
	for (unsigned i = 0; i < 4; i++)
		o[2 + i] = (uint8_t)hex[v >> (12 - 4 * i) & 15];
	return 6;
}

/* A \u escape, or (wtf8) a surrogate in three bytes: its value and length, or 0. */
static unsigned unit(const struct canon_src *s, const uint8_t *p, uint32_t *ret)
{
	size_t n = (size_t)(s->end - p);

	if (n >= 6 && p[0] == '\\' && p[1] == 'u') {
		int v = hex_four(p + 2);

		*ret = (uint32_t)v;
		return v < 0 ? 0 : 6;
	}
	if (s->wtf8 && utf8_is_surrogate(p, n)) {
		*ret = utf8_char(p, 3);
		return 3;
	}
	return 0;
}

/* A character that was escaped, as the canonical form writes it. `o` follows what the string has so
 * far, its quote included. */
static unsigned put_char(uint8_t *o, uint32_t v)
{
	static const char shorts[] = "btn\0fr"; /* U+0008… */

	if (v >= 0x20 && v != '"' && v != '\\' && (v != '/' || o[-1] != '<'))
		return utf8_put(o, v);
	o[0] = '\\';
	o[1] = (uint8_t)v;
	if (v >= 0x20)
		return 2;
	if (v < 8 || v > 13 || v == 11)
		return put_u_escape(o, v);
	o[1] = (uint8_t)shorts[v - 8];
	return 2;
}

/* One escape or surrogate at *pp, at *po. Returns what is wrong, or NULL. */
static const char *escape(const struct canon_src *s, const uint8_t **pp, uint8_t **po)
{
	const uint8_t *p = *pp;
	uint32_t v, w;
	unsigned n = unit(s, p, &v);

	if (n) {
		p += n;
		if (v < 0xd800 || v > 0xdfff) {
			*po += put_char(*po, v);
			if (v == '<' && p < s->end && *p == '/') {
				*po += put_char(*po, '/');
				p++;
			}
		} else {
			unsigned m = v < 0xdc00 ? unit(s, p, &w) : 0;

			if (m && w >= 0xdc00 && w <= 0xdfff) {
				p += m;
				*po += utf8_put(*po, 0x10000 + ((v - 0xd800) << 10) + (w - 0xdc00));
			} else {
				*po += put_u_escape(*po, v);
			}
		}
		*pp = p;
		return NULL;
	}
	if (*p != '\\')
		return "not UTF-8";
	if (s->end - p < 2)
		return "ends inside a string";
	switch (p[1]) {
	case '/':
		*po += put_char(*po, '/');
		break;
	case '"':
	case '\\':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		memcpy(*po, p, 2);
		*po += 2;
		break;
	default:
		return p[1] == 'u' ? "bad \\u escape" : "bad escape";
	}
	*pp = p + 2;
	return NULL;
}

/* Copies from p to o, in whole words, what needs no look: no quote, backslash, '<', control or
 * non-ASCII. At most n bytes of either. */
static size_t copy_plain(const uint8_t *p, uint8_t *o, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		memcpy(o + i, &w, 8);
		w = le64toh(w);
		uint64_t q = w ^ (ONES * '"'), b = w ^ (ONES * '\\'), l = w ^ (ONES * '<');
		uint64_t hit = (((q - ONES) & ~q) | ((b - ONES) & ~b) | ((l - ONES) & ~l) |
				(w - ONES * 0x20) | w) &
			       HIGHS;
		if (hit) /* a borrow marks only bytes above a true hit: the lowest is one */
			return i + (size_t)__builtin_ctzll(hit) / 8;
	}
	return i;
}

int canon_string(struct canon_cx *c, size_t *ret_off, size_t *ret_len)
{
	struct buf *b = c->dst;
	const uint8_t *p = c->src.p + 1, *end = c->src.end;

	int r = canon_room(c, 64);
	if (r < 0)
		return r;
	b->p[b->len++] = '"';
	size_t off = b->len;
	uint8_t *o = (uint8_t *)b->p + off, *oend = (uint8_t *)b->p + b->cap;

	for (;;) {
		if (oend - o < (ptrdiff_t)(2 * PAD)) {
			b->len = (size_t)(o - (uint8_t *)b->p);
			c->src.p = p;
			r = canon_room(c, 4096);
			if (r < 0)
				return r;
			o = (uint8_t *)b->p + b->len;
			oend = (uint8_t *)b->p + b->cap;
		}
		size_t n = (size_t)(end - p), room = (size_t)(oend - o) - PAD;
		size_t k = copy_plain(p, o, n < room ? n : room);
		p += k;
		o += k;
		/* the byte that stopped it, and the rest of a word before an end */
		for (unsigned i = 0; i < 8; i++) {
			if (p >= end)
				return canon_fail(c, -EILSEQ, end, "ends inside a string");
			uint8_t ch = *p;
			if (ch == '"')
				goto done;
			if (ch >= 0x20 && ch < 0x80 && ch != '\\' && ch != '<') {
				*o++ = ch;
				p++;
				continue;
			}
			if (ch < 0x20)
				return canon_fail(c, -EILSEQ, p, "control character in a string");
			unsigned u = ch >= 0x80 ? utf8_len(p, (size_t)(end - p)) : 0;
			if (u) {
				memcpy(o, p, u);
				o += u;
				p += u;
			} else if (ch == '<') {
				*o++ = ch;
				if (++p < end && *p == '/') {
					memcpy(o, "\\/", 2);
					o += 2;
					p++;
				}
			} else {
				const char *bad = escape(&c->src, &p, &o);
				if (bad)
					return canon_fail(c, -EILSEQ, p, "%s", bad);
			}
			if (oend - o < (ptrdiff_t)PAD)
				break;
		}
	}
done:
	b->len = (size_t)(o - (uint8_t *)b->p);
	size_t len = b->len - off;
	if (len > LIMIT_STRING_BYTES)
		return canon_fail(c, -E2BIG, c->src.p, "string too long (limit %u bytes)",
				  LIMIT_STRING_BYTES);
	*o = '"';
	b->len++;
	c->src.p = p + 1;
	*ret_off = off;
	*ret_len = len;
	return 0;
}

static const uint8_t *digits(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (uint8_t)(*p - '0') < 10)
		p++;
	return p;
}

static int number(struct canon_cx *c)
{
	const uint8_t *s = c->src.p, *p = s, *end = c->src.end, *from;

	if (*p == '-')
		p++;
	from = p;
	p = p < end && *p == '0' ? p + 1 : digits(p, end);
	if (p == from)
		return canon_fail(c, -EILSEQ, p, "bad number");
	if (p < end && *p == '.') {
		from = ++p;
		p = digits(p, end);
		if (p == from)
			return canon_fail(c, -EILSEQ, p, "bad number");
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		p = digits(p, end);
		if (p == from)
			return canon_fail(c, -EILSEQ, p, "bad number");
	}
	size_t n = (size_t)(p - s);
	if (n > LIMIT_NUMBER_BYTES)
		return canon_fail(c, -E2BIG, s, "number too long (limit %u bytes)",
				  LIMIT_NUMBER_BYTES);
	memcpy(c->dst->p + c->dst->len, s, n); /* the caller made room */
	c->dst->len += n;
	c->src.p = p;
	return 0;
}

static int literal(struct canon_cx *c, const char *word, size_t n)
{
	if ((size_t)(c->src.end - c->src.p) < n || memcmp(c->src.p, word, n) != 0)
		return canon_fail(c, -EILSEQ, c->src.p, "unexpected character");
	memcpy(c->dst->p + c->dst->len, word, n);
	c->dst->len += n;
	c->src.p += n;
	return 0;
}

/* A value that is no container. Room for PAD bytes and a number is there. */
static int scalar(struct canon_cx *c)
{
	size_t off, len;

	switch (*c->src.p) {
	case '"':
		return canon_string(c, &off, &len);
	case 't':
		return literal(c, "true", 4);
	case 'f':
		return literal(c, "false", 5);
	case 'n':
		return literal(c, "null", 4);
	case '-':
	case '0' ... '9':
		return number(c);
	default:
		return canon_fail(c, -EILSEQ, c->src.p, "unexpected character");
	}
}

static bool same_key(const struct buf *b, const struct canon_key *x, const struct canon_key *y)
{
	return x->h == y->h && x->len == y->len &&
	       (x->len <= 8 || !memcmp(b->p + x->off, b->p + y->off, x->len));
}

static void key_make(const struct buf *b, size_t off, size_t len, struct canon_key *ret)
{
	uint64_t first, last;

	ret->off = (uint32_t)off; /* dst stays under 4 GiB: its limit, and one string */
	ret->len = (uint32_t)len;
	memcpy(&first, b->p + off, 8); /* the padding makes 8 bytes of any string */
	first = le64toh(first);
	if (len < 8)
		first &= ~(~0ull << 8 * len);
	if (len <= 8) {
		ret->h = first;
		return;
	}
	memcpy(&last, b->p + off + len - 8, 8);
	ret->h = first * 0x9e3779b97f4a7c15ull ^ last;
}

static int key_add(struct canon_cx *c, struct canon_frame *f, size_t off, size_t len,
		   const uint8_t *at, struct canon_key *ret)
{
	struct canon_key k;

	key_make(c->dst, off, len, &k);
	if (++f->members > LIMIT_MEMBERS)
		return canon_fail(c, -E2BIG, at, "too many members (limit %u)", LIMIT_MEMBERS);
	if (f->members <= FEW_MEMBERS)
		for (size_t i = f->first; i < c->nkeys; i++)
			if (same_key(c->dst, &c->keys[i], &k))
				return canon_fail(c, -EILSEQ, at, "duplicate key");
	if (c->nkeys == c->keys_cap) {
		size_t cap = c->keys_cap ? c->keys_cap * 2 : 256;
		struct canon_key *v = realloc(c->keys, cap * sizeof(*v));
		if (!v)
			return canon_nomem(c);
		c->keys = v;
		c->keys_cap = cap;
	}
	c->keys[c->nkeys++] = k;
	*ret = k;
	return 0;
}

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct canon_key *x = a, *y = b;
	const char *text = ctx;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->h != y->h)
		return x->h < y->h ? -1 : 1;
	return x->len <= 8 ? 0 : memcmp(text + x->off, text + y->off, x->len);
}

/* At the end of an object: which one of two members of a name counts differs between readers, and
 * one that counts the other would show what was never looked at. */
static int keys_done(struct canon_cx *c, const struct canon_frame *f)
{
	size_t n = c->nkeys - f->first;

	c->nkeys = f->first;
	if (n <= FEW_MEMBERS)
		return 0;
	struct canon_key *k = c->keys + f->first;
	qsort_r(k, n, sizeof(*k), by_key, c->dst->p);
	for (size_t i = 1; i < n; i++)
		if (same_key(c->dst, &k[i - 1], &k[i]))
			return canon_fail(c, -EILSEQ, c->src.p,
					  "duplicate key in the object that ends");
	return 0;
}

/* A key and its colon, at src.p. */
static int key(struct canon_cx *c, struct canon_frame *f, bool skip, struct canon_key *ret)
{
	size_t off, len;

	canon_space(&c->src);
	const uint8_t *at = c->src.p;
	if (at >= c->src.end)
		return canon_fail(c, -EILSEQ, at, "ends too early");
	if (*at != '"')
		return canon_fail(c, -EILSEQ, at, "a key is missing");
	int r = canon_string(c, &off, &len);
	if (r < 0)
		return r;
	if (!skip) {
		r = key_add(c, f, off, len, at, ret);
		if (r < 0)
			return r;
	}
	canon_space(&c->src);
	if (c->src.p >= c->src.end || *c->src.p != ':')
		return canon_fail(c, -EILSEQ, c->src.p, "':' is missing");
	c->src.p++;
	c->dst->p[c->dst->len++] = ':'; /* canon_string left room */
	return 0;
}

static int value(struct canon_cx *c, unsigned base, bool skip)
{
	struct {
		struct canon_frame f;
		bool object;
	} open[LIMIT_DEPTH];
	unsigned depth = base;
	struct canon_key k;
	size_t mark = c->dst->len;
	int r;

	for (;;) {
		canon_space(&c->src);
		if (c->src.p >= c->src.end)
			return canon_fail(c, -EILSEQ, c->src.p, "ends too early");
		if (skip)
			c->dst->len = mark;
		r = canon_room(c, LIMIT_NUMBER_BYTES);
		if (r < 0)
			return r;

		uint8_t ch = *c->src.p;
		if (ch == '{' || ch == '[') {
			if (depth >= LIMIT_DEPTH)
				return canon_fail(c, -E2BIG, c->src.p,
						  "nested too deeply (limit %u)", LIMIT_DEPTH);
			open[depth].object = ch == '{';
			open[depth].f = (struct canon_frame){.first = c->nkeys};
			depth++;
			c->dst->p[c->dst->len++] = (char)ch;
			c->src.p++;
			canon_space(&c->src);
			if (c->src.p < c->src.end && *c->src.p == (ch == '{' ? '}' : ']'))
				goto close;
			if (ch == '{') {
				r = key(c, &open[depth - 1].f, skip, &k);
				if (r < 0)
					return r;
			}
			continue;
		}
		r = scalar(c);
		if (r < 0)
			return r;

		/* A value has ended: what may follow depends on what is open. */
		for (;;) {
			if (depth == base) {
				if (skip)
					c->dst->len = mark;
				return 0;
			}
			canon_space(&c->src);
			if (c->src.p >= c->src.end)
				return canon_fail(c, -EILSEQ, c->src.p, "ends too early");
			r = canon_room(c, PAD);
			if (r < 0)
				return r;
			bool object = open[depth - 1].object;
			ch = *c->src.p;
			if (ch == ',') {
				c->src.p++;
				c->dst->p[c->dst->len++] = ',';
				if (object) {
					r = key(c, &open[depth - 1].f, skip, &k);
					if (r < 0)
						return r;
				}
				break;
			}
			if (ch != (object ? '}' : ']'))
				return canon_fail(c, -EILSEQ, c->src.p, "',' or an end is missing");
		close:
			if (open[depth - 1].object) {
				r = keys_done(c, &open[depth - 1].f);
				if (r < 0)
					return r;
			}
			c->dst->p[c->dst->len++] = (char)*c->src.p++;
			depth--;
		}
	}
}

int canon_value(struct canon_cx *c, unsigned depth)
{
	return value(c, depth, /* skip= */ false);
}

int canon_skip(struct canon_cx *c, unsigned depth)
{
	return value(c, depth, /* skip= */ true);
}

int canon_object_begin(struct canon_cx *c, unsigned depth, struct canon_frame *f)
{
	if (depth >= LIMIT_DEPTH)
		return canon_fail(c, -E2BIG, c->src.p, "nested too deeply (limit %u)", LIMIT_DEPTH);
	int r = canon_room(c, PAD);
	if (r < 0)
		return r;
	*f = (struct canon_frame){.first = c->nkeys};
	c->src.p++;
	c->dst->p[c->dst->len++] = '{';
	return 0;
}

int canon_object_next(struct canon_cx *c, struct canon_frame *f, struct canon_key *ret)
{
	int r = canon_room(c, PAD);
	if (r < 0)
		return r;
	canon_space(&c->src);
	if (c->src.p >= c->src.end)
		return canon_fail(c, -EILSEQ, c->src.p, "ends too early");
	if (*c->src.p == '}') {
		r = keys_done(c, f);
		if (r < 0)
			return r;
		c->src.p++;
		c->dst->p[c->dst->len++] = '}';
		return 0;
	}
	if (f->members) {
		if (*c->src.p != ',')
			return canon_fail(c, -EILSEQ, c->src.p, "',' or an end is missing");
		c->src.p++;
		if (c->dst->p[c->dst->len - 1] !=
		    '{') /* the member before may have been taken out */
			c->dst->p[c->dst->len++] = ',';
	}
	r = key(c, f, /* skip= */ false, ret);
	return r < 0 ? r : 1;
}
