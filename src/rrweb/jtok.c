/* jtok.c: the strict JSON tokenizer; see jtok.h.
 *
 * One loop with a stack of open containers, no recursion: a depth bomb costs nothing but its bytes.
 * Strings are the bulk of a recording, so their plain stretches are skipped eight bytes at a time.
 *
 * Invariants:
 * (J1) tokens are in document order and next > own index; a walk along next ends
 * (J2) no offset lies outside the text
 * (J3) on failure nothing of the token array is to be used */
#include "redactfs/jtok.h"

#include "redactfs/limits.h"

#include <stdlib.h>
#include <string.h>

#define ONES  0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

struct parser {
	const uint8_t *s;
	uint32_t len, pos;
	unsigned flags;
	struct jtok_vec *t;
	struct errinfo *e;
	uint32_t *seen; /* owned: scratch of the duplicate-key table */
	uint32_t seen_cap;
};

void jtok_done(struct jtok_vec *t)
{
	free(t->v);
	*t = (struct jtok_vec){0};
}

static int fail(struct parser *p, uint32_t at, const char *what)
{
	return err_set_at(p->e, -EILSEQ, at, "%s", what);
}

static int limit(struct parser *p, uint32_t at, const char *what, unsigned long long max)
{
	return err_set_at(p->e, -E2BIG, at, "%s (limit %llu)", what, max);
}

static int grow(struct parser *p)
{
	struct jtok_vec *t = p->t;
	size_t cap = t->cap + t->cap / 2;

	if (cap < 256)
		cap = 256;
	if (cap < p->len / 16 && !t->cap)
		cap = p->len / 16;
	struct jtok *v = realloc(t->v, cap * sizeof(*v));
	if (!v)
		return err_set(p->e, -ENOMEM, "out of memory");
	t->v = v;
	t->cap = cap;
	return 0;
}

/* The length of the UTF-8 character at s, of at most n bytes, or 0 (Unicode 15, table 3-7). */
static uint32_t utf8_len(const uint8_t *s, uint32_t n)
{
	uint8_t c = s[0];

	if (c < 0x80)
		return 1;
	if (c < 0xc2 || n < 2 || (s[1] & 0xc0) != 0x80)
		return 0;
	if (c < 0xe0)
		return 2;
	if (n < 3 || (s[2] & 0xc0) != 0x80)
		return 0;
	if (c < 0xf0) {
		if ((c == 0xe0 && s[1] < 0xa0) || (c == 0xed && s[1] > 0x9f))
			return 0;
		return 3;
	}
	if (c > 0xf4 || n < 4 || (s[3] & 0xc0) != 0x80)
		return 0;
	if ((c == 0xf0 && s[1] < 0x90) || (c == 0xf4 && s[1] > 0x8f))
		return 0;
	return 4;
}

static int hex4(const uint8_t *s)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t c = s[i];
		int d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (c | 0x20) - 'a' + 10;
		else
			return -1;
		v = v << 4 | d;
	}
	return v;
}

/* How many bytes from s, in whole words, need no look: no quote, backslash, control or non-ASCII.
 */
static uint32_t plain_run(const uint8_t *s, uint32_t n)
{
	uint32_t i = 0;

	while (i + 8 <= n) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		uint64_t q = w ^ (ONES * '"'), b = w ^ (ONES * '\\');
		uint64_t hit = ((q - ONES) & ~q) | ((b - ONES) & ~b) | (w - ONES * 0x20) | w;
		if (hit & HIGHS)
			break;
		i += 8;
	}
	return i;
}

/* At the byte after the opening quote; leaves pos behind the closing one. */
static int string(struct parser *p, struct jtok *t)
{
	const uint8_t *s = p->s;
	uint32_t i = p->pos, n = p->len;

	t->off = i;
	for (;;) {
		i += plain_run(s + i, n - i);
		/* the rest of a word, byte by byte */
		for (uint32_t stop = n - i < 8 ? n : i + 8; i < stop;) {
			uint8_t c = s[i];

			if (c == '"')
				goto end;
			if (c < 0x20)
				return fail(p, i, "control character in a string");
			if (c >= 0x80) {
				uint32_t k = utf8_len(s + i, n - i);
				if (!k)
					return fail(p, i, "not UTF-8");
				i += k;
				continue;
			}
			if (c != '\\') {
				i++;
				continue;
			}
			t->flags |= JTOK_ESCAPED;
			if (n - i < 2)
				return fail(p, n, "ends inside a string");
			switch (s[i + 1]) {
			case '"':
			case '\\':
			case '/':
			case 'b':
			case 'f':
			case 'n':
			case 'r':
			case 't':
				i += 2;
				break;
			case 'u': {
				int v = n - i < 6 ? -1 : hex4(s + i + 2);

				if (v < 0)
					return fail(p, i, "bad \\u escape");
				bool high = v >= 0xd800 && v < 0xdc00,
				     low = v >= 0xdc00 && v < 0xe000;
				if (high && n - i >= 12 && s[i + 6] == '\\' && s[i + 7] == 'u') {
					int w = hex4(s + i + 8);
					if (w >= 0xdc00 && w < 0xe000) {
						i += 12;
						break;
					}
				}
				if (high || low)
					t->flags |= JTOK_LONE;
				i += 6;
				break;
			}
			default:
				return fail(p, i, "bad escape");
			}
		}
		if (i >= n)
			return fail(p, n, "ends inside a string");
	}
end:
	t->len = i - t->off;
	if (t->len > LIMIT_STRING_BYTES)
		return limit(p, t->off, "string too long", LIMIT_STRING_BYTES);
	p->pos = i + 1;
	return 0;
}

static bool is_digit(const struct parser *p, uint32_t i)
{
	return i < p->len && p->s[i] >= '0' && p->s[i] <= '9';
}

static int number(struct parser *p, struct jtok *t)
{
	uint32_t i = p->pos;

	t->off = i;
	t->type = JTOK_NUMBER;
	if (p->s[i] == '-')
		i++;
	if (!is_digit(p, i))
		return fail(p, i, "bad number");
	if (p->s[i] == '0')
		i++;
	else
		while (is_digit(p, i))
			i++;
	if (i < p->len && p->s[i] == '.') {
		if (!is_digit(p, ++i))
			return fail(p, i, "bad number");
		while (is_digit(p, i))
			i++;
	}
	if (i < p->len && (p->s[i] | 0x20) == 'e') {
		i++;
		if (i < p->len && (p->s[i] == '+' || p->s[i] == '-'))
			i++;
		if (!is_digit(p, i))
			return fail(p, i, "bad number");
		while (is_digit(p, i))
			i++;
	}
	t->len = i - t->off;
	if (t->len > LIMIT_NUMBER_BYTES)
		return limit(p, t->off, "number too long", LIMIT_NUMBER_BYTES);
	p->pos = i;
	return 0;
}

static int literal(struct parser *p, struct jtok *t, const char *word, enum jtok_type type)
{
	uint32_t n = (uint32_t)strlen(word);

	if (p->len - p->pos < n || memcmp(p->s + p->pos, word, n) != 0)
		return fail(p, p->pos, "unexpected character");
	t->off = p->pos;
	t->len = n;
	t->type = (uint8_t)type;
	p->pos += n;
	return 0;
}

static void space(struct parser *p)
{
	while (p->pos < p->len) {
		uint8_t c = p->s[p->pos];
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			break;
		p->pos++;
	}
}

static bool same_key(const struct parser *p, const struct jtok *a, const struct jtok *b)
{
	return a->len == b->len && !memcmp(p->s + a->off, p->s + b->off, a->len);
}

static uint32_t key_hash(const struct parser *p, const struct jtok *k)
{
	uint64_t h = 0x9e3779b97f4a7c15ull ^ k->len;

	for (uint32_t i = 0; i < k->len; i++)
		h = (h ^ p->s[k->off + i]) * 0x100000001b3ull;
	return (uint32_t)(h ^ h >> 29);
}

/* Two members of one name have no one meaning: which one counts differs between readers, and a
 * reader that counts the other one would show what was never looked at. */
static int check_keys(struct parser *p, uint32_t obj, uint32_t members)
{
	const struct jtok *v = p->t->v;
	uint32_t end = v[obj].next;

	if (members <= 12) {
		uint32_t keys[12], n = 0;

		for (uint32_t k = obj + 1; k < end; k = v[k + 1].next) {
			for (uint32_t i = 0; i < n; i++)
				if (same_key(p, &v[keys[i]], &v[k]))
					return fail(p, v[k].off, "duplicate key");
			keys[n++] = k;
		}
		return 0;
	}

	uint32_t cap = 32;
	while (cap < members * 2)
		cap *= 2;
	if (cap > p->seen_cap) {
		uint32_t *seen = realloc(p->seen, cap * sizeof(*seen));
		if (!seen)
			return err_set(p->e, -ENOMEM, "out of memory");
		p->seen = seen;
		p->seen_cap = cap;
	}
	memset(p->seen, 0, cap * sizeof(*p->seen));
	for (uint32_t k = obj + 1; k < end; k = v[k + 1].next) {
		uint32_t at = key_hash(p, &v[k]) & (cap - 1);

		for (; p->seen[at]; at = (at + 1) & (cap - 1))
			if (same_key(p, &v[p->seen[at]], &v[k]))
				return fail(p, v[k].off, "duplicate key");
		p->seen[at] = k;
	}
	return 0;
}

static int parse(struct parser *p)
{
	struct {
		uint32_t tok, members;
	} open[LIMIT_DEPTH];
	uint32_t depth = 0;
	bool key = false; /* a key comes next */
	int r;

	p->t->n = 0;
	for (;;) {
		space(p);
		if (p->pos >= p->len)
			return fail(p, p->pos, "ends too early");
		if (p->t->n == p->t->cap) {
			r = grow(p);
			if (r < 0)
				return r;
		}

		uint32_t at = (uint32_t)p->t->n;
		struct jtok *t = &p->t->v[at];
		uint8_t c = p->s[p->pos];
		*t = (struct jtok){.depth = (uint16_t)depth, .next = at + 1};

		if (key && c != '"')
			return fail(p, p->pos, "a key is missing");
		switch (c) {
		case '"':
			p->pos++;
			t->type = JTOK_STRING;
			r = string(p, t);
			break;
		case '{':
		case '[':
			if (depth == LIMIT_DEPTH)
				return limit(p, p->pos, "nested too deeply", LIMIT_DEPTH);
			t->type = c == '{' ? JTOK_OBJECT : JTOK_ARRAY;
			t->off = p->pos++;
			p->t->n++;
			open[depth].tok = at;
			open[depth].members = 0;
			depth++;
			space(p);
			if (p->pos < p->len && p->s[p->pos] == (c == '{' ? '}' : ']')) {
				key = false;
				goto close;
			}
			key = c == '{';
			continue;
		case 't':
			r = literal(p, t, "true", JTOK_TRUE);
			break;
		case 'f':
			r = literal(p, t, "false", JTOK_FALSE);
			break;
		case 'n':
			r = literal(p, t, "null", JTOK_NULL);
			break;
		default:
			r = c == '-' || (c >= '0' && c <= '9')
				    ? number(p, t)
				    : fail(p, p->pos, "unexpected character");
		}
		if (r < 0)
			return r;
		p->t->n++;

		if (key) {
			t->flags |= JTOK_KEY;
			space(p);
			if (p->pos >= p->len || p->s[p->pos] != ':')
				return fail(p, p->pos, "':' is missing");
			p->pos++;
			if (++open[depth - 1].members > LIMIT_MEMBERS)
				return limit(p, t->off, "too many members", LIMIT_MEMBERS);
			key = false;
			continue;
		}

		/* A value has ended: what may follow depends on what is open. */
		for (;;) {
			if (!depth) {
				space(p);
				return p->pos == p->len ? 0 : fail(p, p->pos, "text after the end");
			}
			struct jtok *o = &p->t->v[open[depth - 1].tok];
			space(p);
			if (p->pos >= p->len)
				return fail(p, p->pos, "ends too early");
			c = p->s[p->pos];
			if (c == ',') {
				p->pos++;
				key = o->type == JTOK_OBJECT;
				break;
			}
			if (c != (o->type == JTOK_OBJECT ? '}' : ']'))
				return fail(p, p->pos, "',' or an end is missing");
		close:
			o = &p->t->v[open[depth - 1].tok];
			p->pos++;
			o->len = p->pos - o->off;
			o->next = (uint32_t)p->t->n;
			depth--;
			if (o->type == JTOK_OBJECT && open[depth].members > 1 &&
			    !(p->flags & JTOK_ALLOW_DUP_KEYS)) {
				r = check_keys(p, open[depth].tok, open[depth].members);
				if (r < 0)
					return r;
			}
		}
	}
}

int jtok_parse(const char *text, size_t len, unsigned flags, struct jtok_vec *t, struct errinfo *e)
{
	struct parser p = {.s = (const uint8_t *)text, .flags = flags, .t = t, .e = e};

	if (len >= UINT32_MAX)
		return err_set(e, -E2BIG, "text too long (limit %u)", UINT32_MAX);
	p.len = (uint32_t)len;
	int r = parse(&p);
	free(p.seen);
	return r;
}

uint32_t jtok_get(const char *text, const struct jtok *v, uint32_t obj, const char *key)
{
	size_t n = strlen(key);

	if (v[obj].type != JTOK_OBJECT)
		return 0;
	for (uint32_t k = obj + 1; k < v[obj].next; k = v[k + 1].next)
		if (v[k].len == n && !memcmp(text + v[k].off, key, n))
			return k + 1;
	return 0;
}

bool jtok_int(const char *text, const struct jtok *t, int64_t *ret)
{
	int64_t v = 0;
	uint32_t i = 0;

	if (t->type != JTOK_NUMBER || t->len > 17)
		return false;
	bool neg = text[t->off] == '-';
	for (i = neg; i < t->len; i++) {
		char c = text[t->off + i];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	if (v > 1ll << 53)
		return false;
	*ret = neg ? -v : v;
	return true;
}

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

size_t jtok_unescape(const char *s, size_t n, char *out, uint32_t *map)
{
	size_t o = 0;

	for (size_t i = 0; i < n;) {
		size_t from = i, k = 1;

		if (s[i] != '\\' || n - i < 2) {
			out[o] = s[i++];
		} else if (s[i + 1] == 'u' && n - i >= 6) {
			int v = hex4((const uint8_t *)s + i + 2);
			uint32_t c = v < 0 ? 0xfffd : (uint32_t)v;

			i += 6;
			if (c >= 0xd800 && c < 0xdc00 && n - i >= 6 && s[i] == '\\' &&
			    s[i + 1] == 'u') {
				int w = hex4((const uint8_t *)s + i + 2);
				if (w >= 0xdc00 && w < 0xe000) {
					c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)w - 0xdc00);
					i += 6;
				}
			}
			k = put_utf8(out + o, c);
		} else {
			static const char from_esc[] = "bfnrt", to[] = "\b\f\n\r\t";
			const char *f = strchr(from_esc, s[i + 1]);

			out[o] = f && s[i + 1] ? to[f - from_esc] : s[i + 1];
			i += 2;
		}
		if (map)
			for (size_t j = 0; j < k; j++)
				map[o + j] = (uint32_t)from;
		o += k;
	}
	if (map)
		map[o] = (uint32_t)n;
	return o;
}
