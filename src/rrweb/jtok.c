/* jtok.c: the strict JSON tokenizer; see jtok.h.
 *
 * One loop with a stack of open containers, no recursion: a depth bomb costs nothing but its bytes.
 * Recordings are dense (a token every six bytes), so what a token costs is what matters: strings
 * are looked through 16 bytes at a time, most keys in one step, and whether an object's keys differ
 * is told by two bits for each, with a closer look only where two have the same bits.
 *
 * Invariants:
 * (J1) tokens are in document order and jtok_next > own index; a walk along it ends
 * (J2) no offset lies outside the text
 * (J3) on failure nothing of the token array is to be used
 * (J4) no choice of keys makes an object of n members cost more than n log n */
#include "redactfs/jtok.h"

#include "redactfs/hex.h"
#include "redactfs/limits.h"
#include "redactfs/utf8.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct parser {
	const uint8_t *s, *p, *end;
	uint32_t add;   /* to every token's offset */
	bool dups;      /* duplicate keys are allowed */
	struct jtok *v; /* the caller's array, while it grows here */
	uint32_t n, cap;
	struct errinfo *e;
	struct key *keys; /* owned: scratch of check_keys */
	size_t keys_cap;
};

void jtok_done(struct jtok_vec *t)
{
	free(t->v);
	*t = (struct jtok_vec){0};
}

static int fail(struct parser *p, const uint8_t *at, const char *what)
{
	return err_set_at(p->e, -EILSEQ, (uint64_t)(at - p->s), "%s", what);
}

static int limit(struct parser *p, const uint8_t *at, const char *what, unsigned long long max)
{
	return err_set_at(p->e, -E2BIG, (uint64_t)(at - p->s), "%s (limit %llu)", what, max);
}

static int grow(struct parser *p)
{
	uint32_t cap = p->cap < 256 ? 256 : p->cap + p->cap / 2;

	struct jtok *v = realloc(p->v, cap * sizeof(*v));
	if (!v)
		return err_set(p->e, -ENOMEM, "out of memory");
	p->v = v;
	p->cap = cap;
	return 0;
}

/* Where the next byte is that needs a look: a quote, backslash, control or non-ASCII, and `<` where
 * that is asked for. May stop early, at a byte that needs none. */
static inline const uint8_t *plain_end(const uint8_t *p, const uint8_t *end, const bool lt)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'),
		      space = _mm_set1_epi8(0x20), less = _mm_set1_epi8('<');

	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* as signed bytes, non-ASCII is below zero */
		__m128i hit = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
			_mm_cmplt_epi8(v, space));
		if (lt)
			hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, less));
		unsigned m = (unsigned)_mm_movemask_epi8(hit);
		if (m)
			return p + __builtin_ctz(m);
		p += 16;
	}
#else
	static const uint64_t ones = 0x0101010101010101ull, highs = 0x8080808080808080ull;

	while (end - p >= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		w = le64toh(w);
		uint64_t q = w ^ (ones * '"'), b = w ^ (ones * '\\'), l = w ^ (ones * '<');
		uint64_t hit = ((q - ones) & ~q) | ((b - ones) & ~b) | (w - ones * 0x20) | w;
		if (lt)
			hit |= (l - ones) & ~l;
		hit &= highs;
		if (hit) /* a borrow marks only bytes above a true hit: the lowest is one */
			return p + __builtin_ctzll(hit) / 8;
		p += 8;
	}
#endif
	return p;
}

/* At the backslash at *pp. Flags of the escape, or what is wrong. */
static int escape(struct parser *p, const uint8_t **pp, const bool canonical)
{
	const uint8_t *s = *pp;
	size_t n = (size_t)(p->end - s);

	if (n < 2)
		return fail(p, p->end, "ends inside a string");
	switch (s[1]) {
	case '"':
	case '\\':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		*pp = s + 2;
		return JTOK_ESCAPED;
	case '/':
		if (canonical && s[-1] != '<')
			return -EILSEQ;
		*pp = s + 2;
		return JTOK_ESCAPED;
	case 'u':
		break;
	default:
		return fail(p, s, "bad escape");
	}
	/* few of these are canonical: canon.c takes the long way to tell */
	int v = n < 6 || canonical ? -1 : hex_four(s + 2);
	if (v < 0)
		return fail(p, s, "bad \\u escape");
	bool high = v >= 0xd800 && v < 0xdc00, low = v >= 0xdc00 && v < 0xe000;
	if (high && n >= 12 && s[6] == '\\' && s[7] == 'u') {
		int w = hex_four(s + 8);
		if (w >= 0xdc00 && w < 0xe000) {
			*pp = s + 12;
			return JTOK_ESCAPED;
		}
	}
	*pp = s + 6;
	return JTOK_ESCAPED | (high || low ? (int)JTOK_LONE : 0);
}

/* At the byte after the opening quote; leaves p->p behind the closing one. */
static inline __attribute__((always_inline)) int string(struct parser *p, unsigned flags,
							const bool canonical)
{
	const uint8_t *from = p->p, *s = from, *end = p->end;

	for (;;) {
		s = plain_end(s, end, canonical);
		if (s == end)
			return fail(p, end, "ends inside a string");
		uint8_t c = *s;
		if (c == '"')
			break;
		if (c >= 0x80) {
			do {
				unsigned k = utf8_len(s, (size_t)(end - s));
				if (!k)
					return fail(p, s, "not UTF-8");
				s += k;
			} while (s < end && *s >= 0x80);
		} else if (c == '\\') {
			int r = escape(p, &s, canonical);
			if (r < 0)
				return r;
			flags |= (unsigned)r;
		} else if (c < 0x20) {
			return fail(p, s, "control character in a string");
		} else {
			s++;
			if (canonical && c == '<' && s < end && *s == '/')
				return -EILSEQ;
		}
	}
	size_t n = (size_t)(s - from);
	if (n > LIMIT_STRING_BYTES)
		return limit(p, from, "string too long", LIMIT_STRING_BYTES);
	struct jtok *t = &p->v[p->n++];
	t->off = (uint32_t)(from - p->s) + p->add;
	t->type = JTOK_STRING;
	t->flags = flags & 7;
	t->len = n & 0x3ffffff;
	p->p = s + 1;
	return 0;
}

static inline const uint8_t *digits(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (uint8_t)(*p - '0') < 10)
		p++;
	return p;
}

static inline void put(struct parser *p, enum jtok_type type, size_t n)
{
	struct jtok *t = &p->v[p->n++];

	t->off = (uint32_t)(p->p - p->s) + p->add;
	t->type = type;
	t->flags = 0;
	t->len = n & 0x3ffffff;
	p->p += n;
}

static inline int number(struct parser *p)
{
	const uint8_t *s = p->p, *end = p->end, *from;

	if (*s == '-')
		s++;
	from = s;
	s = s < end && *s == '0' ? s + 1 : digits(s, end);
	if (s == from)
		return fail(p, s, "bad number");
	if (s < end && *s == '.') {
		from = ++s;
		s = digits(s, end);
		if (s == from)
			return fail(p, s, "bad number");
	}
	if (s < end && (*s | 0x20) == 'e') {
		s++;
		if (s < end && (*s == '+' || *s == '-'))
			s++;
		from = s;
		s = digits(s, end);
		if (s == from)
			return fail(p, s, "bad number");
	}
	size_t n = (size_t)(s - p->p);
	if (n > LIMIT_NUMBER_BYTES)
		return limit(p, p->p, "number too long", LIMIT_NUMBER_BYTES);
	put(p, JTOK_NUMBER, n);
	return 0;
}

static inline int literal(struct parser *p, const char *word, size_t n, enum jtok_type type)
{
	if ((size_t)(p->end - p->p) < n || memcmp(p->p, word, n) != 0)
		return fail(p, p->p, "unexpected character");
	put(p, type, n);
	return 0;
}

static inline void space(struct parser *p, const bool canonical)
{
	if (canonical)
		return;
	while (p->p < p->end && *p->p <= ' ') {
		uint8_t c = *p->p;
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			break;
		p->p++;
	}
}

struct key {
	uint64_t h; /* up to 8 bytes: the name itself */
	const uint8_t *s;
	uint32_t len;
};

static int by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->h != y->h)
		return x->h < y->h ? -1 : 1;
	return x->len <= 8 ? 0 : memcmp(x->s, y->s, x->len);
}

static uint64_t key_head(const uint8_t *s, size_t len, const uint8_t *end)
{
	uint64_t h = 0;

	if (end - s >= 8) {
		memcpy(&h, s, 8);
		h = le64toh(h);
		return len < 8 ? h & ~(~0ull << 8 * len) : h;
	}
	for (size_t i = len < 8 ? len : 8; i-- > 0;)
		h = h << 8 | s[i];
	return h;
}

/* Two members of one name have no one meaning: which one counts differs between readers, and a
 * reader that counts the other one would show what was never looked at. (J4): sorted. */
static int check_keys(struct parser *p, uint32_t obj, uint32_t members)
{
	const struct jtok *v = p->v;
	struct key few[16], *keys = few;
	uint32_t end = p->n, n = 0;

	if (members > 16) {
		if (members > p->keys_cap) {
			keys = realloc(p->keys, members * sizeof(*keys));
			if (!keys)
				return err_set(p->e, -ENOMEM, "out of memory");
			p->keys = keys;
			p->keys_cap = members;
		}
		keys = p->keys;
	}
	for (uint32_t k = obj + 1; k < end; k = jtok_next(v, k + 1)) {
		const uint8_t *s = p->s + (v[k].off - p->add);
		uint32_t len = v[k].len;
		uint64_t first = key_head(s, len, p->end);
		uint64_t last = len > 8 ? key_head(s + len - 8, 8, p->end) : 0;

		keys[n++] = (struct key){len > 8 ? first * 0x9e3779b97f4a7c15ull ^ last : first, s,
					 len};
		for (uint32_t i = 0; members <= 16 && i + 1 < n; i++)
			if (!by_key(&keys[i], &keys[n - 1]))
				return fail(p, s, "duplicate key");
	}
	if (members <= 16)
		return 0;
	qsort(keys, n, sizeof(*keys), by_key);
	const uint8_t *at = NULL;
	for (uint32_t i = 1; i < n; i++)
		if (!by_key(&keys[i - 1], &keys[i])) {
			const uint8_t *later =
				keys[i - 1].s > keys[i].s ? keys[i - 1].s : keys[i].s;
			if (!at || later < at)
				at = later;
		}
	return at ? fail(p, at, "duplicate key") : 0;
}

struct open {
	uint32_t tok, members;
	uint64_t seen[2]; /* two bits for each key: two of them may be the same */
	bool object, twice;
};

/* A key and its colon. */
static inline __attribute__((always_inline)) int key(struct parser *p, struct open *o,
						     const bool canonical)
{
	uint32_t at = p->n;
	int r;

	space(p, canonical);
	if (p->p >= p->end)
		return fail(p, p->p, "ends too early");
	if (*p->p != '"')
		return fail(p, p->p, "a key is missing");
	const uint8_t *s = ++p->p;
	if (p->n == p->cap && (r = grow(p)) < 0)
		return r;
	r = string(p, JTOK_KEY, canonical);
	if (r < 0)
		return r;
	uint32_t len = p->v[at].len;
	uint64_t h = (key_head(s, len, p->end) ^ (uint64_t)len << 56) * 0x9e3779b97f4a7c15ull;
	uint64_t bit = 1ull << (h >> 58), other = 1ull << (h >> 52 & 63);
	o->twice |= (o->seen[0] & bit) && (o->seen[1] & other);
	o->seen[0] |= bit;
	o->seen[1] |= other;
	if (++o->members > LIMIT_MEMBERS)
		return limit(p, s, "too many members", LIMIT_MEMBERS);
	space(p, canonical);
	if (p->p >= p->end || *p->p != ':')
		return fail(p, p->p, "':' is missing");
	p->p++;
	return 0;
}

/* One value, whatever follows. Inline, so that each of its two callers is made for its `canonical`.
 */
static inline __attribute__((always_inline)) int value(struct parser *p, unsigned base,
						       const bool canonical)
{
	struct open open[LIMIT_DEPTH];
	unsigned depth = base;
	int r;

	for (;;) {
		space(p, canonical);
		if (p->p >= p->end)
			return fail(p, p->p, "ends too early");
		if (p->n == p->cap && (r = grow(p)) < 0)
			return r;

		uint8_t c = *p->p;
		switch (c) {
		case '"':
			p->p++;
			r = string(p, 0, canonical);
			break;
		case '{':
		case '[':
			if (depth == LIMIT_DEPTH)
				return limit(p, p->p, "nested too deeply", LIMIT_DEPTH);
			open[depth++] = (struct open){.tok = p->n, .object = c == '{'};
			put(p, c == '{' ? JTOK_OBJECT : JTOK_ARRAY, 1);
			space(p, canonical);
			if (p->p < p->end && *p->p == c + 2) /* } or ] */
				goto close;
			if (c == '{') {
				r = key(p, &open[depth - 1], canonical);
				if (r < 0)
					return r;
			}
			continue;
		case 't':
			r = literal(p, "true", 4, JTOK_TRUE);
			break;
		case 'f':
			r = literal(p, "false", 5, JTOK_FALSE);
			break;
		case 'n':
			r = literal(p, "null", 4, JTOK_NULL);
			break;
		case '-':
		case '0' ... '9':
			r = number(p);
			break;
		default:
			return fail(p, p->p, "unexpected character");
		}
		if (r < 0)
			return r;

		/* A value has ended: what may follow depends on what is open. */
		for (;;) {
			if (depth == base)
				return 0;
			struct open *o = &open[depth - 1];
			space(p, canonical);
			if (p->p >= p->end)
				return fail(p, p->p, "ends too early");
			c = *p->p;
			if (c == ',') {
				p->p++;
				r = o->object ? key(p, o, canonical) : 0;
				if (r < 0)
					return r;
				break;
			}
			if (c != (o->object ? '}' : ']'))
				return fail(p, p->p, "',' or an end is missing");
		close:
			o = &open[--depth];
			p->p++;
			p->v[o->tok].skip = (p->n - o->tok) & 0x1fffffff;
			if (o->twice && !p->dups) {
				r = check_keys(p, o->tok, o->members);
				if (r < 0)
					return r;
			}
		}
	}
}

static int value_json(struct parser *p, unsigned depth)
{
	return value(p, depth, /* canonical= */ false);
}

static int value_canonical(struct parser *p, unsigned depth)
{
	return value(p, depth, /* canonical= */ true);
}

static void give_back(struct parser *p, struct jtok_vec *t)
{
	free(p->keys);
	*t = (struct jtok_vec){p->v, p->n, p->cap};
}

int jtok_parse(const char *text, size_t len, unsigned flags, struct jtok_vec *t, struct errinfo *e)
{
	const uint8_t *s = (const uint8_t *)text;
	struct parser p = {.s = s,
			   .p = s,
			   .end = s + len,
			   .dups = flags & JTOK_ALLOW_DUP_KEYS,
			   .v = t->v,
			   .cap = (uint32_t)t->cap,
			   .e = e};

	if (len > JTOK_TEXT_MAX)
		return err_set(e, -E2BIG, "text too long (limit %u)", JTOK_TEXT_MAX);
	int r = value_json(&p, 0);
	if (!r) {
		space(&p, /* canonical= */ false);
		if (p.p < p.end)
			r = fail(&p, p.p, "text after the end");
	}
	give_back(&p, t);
	return r;
}

int jtok_append(const char *text, size_t n, unsigned depth, bool canonical, uint32_t add,
		struct jtok_vec *t, size_t *ret_len)
{
	const uint8_t *s = (const uint8_t *)text;
	struct parser p = {.s = s,
			   .p = s,
			   .end = s + n,
			   .add = add,
			   .v = t->v,
			   .n = (uint32_t)t->n,
			   .cap = (uint32_t)t->cap};
	size_t mark = t->n;

	int r = canonical ? value_canonical(&p, depth) : value_json(&p, depth);
	give_back(&p, t);
	if (r < 0) {
		t->n = mark;
		return r == -ENOMEM ? r : 0;
	}
	*ret_len = (size_t)(p.p - s);
	return 1;
}
