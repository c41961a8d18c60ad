/* taint.c: one multi-pattern search over all that was entered; see taint.h for the rule.
 *
 * Every value of a field is a pattern, the unfinished ones too: a page that echoes what is typed so
 * far echoes exactly those. As they are prefixes of one another, a trie over folded characters
 * holds them in the space of the longest. A text is searched by a bit map over the first four bytes
 * of each pattern (in its spellings), so that a place where nothing can start costs a load, a
 * multiply and a test; the trie is walked only from the others and the longest pattern wins.
 *
 * Invariants:
 * (T1) the bit map has a bit for every pattern in the trie, whatever its case in the text
 * (T2) a walk in the trie is at most TRIE_DEPTH characters long; a longer value goes on by
 * comparison of its text, from the one pattern that the trie's end names */
#include "taint.h"

#include "engine-priv.h"
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#define TRIE_DEPTH      96u /* characters; what is longer is compared, not walked */
#define DIGITS_MIN      7u
#define DIGITS_MAX      40u
#define CARD_PREFIX_MIN 6u
#define VALUE_BYTES_MAX (256u << 10) /* of one value that is looked for */

struct pattern {
	uint32_t event;
	uint32_t text, textlen; /* in pool: the folded value; only for those longer than the trie */
	uint8_t cls;
	bool edges;    /* only between word edges */
	bool pages;    /* may turn out to be the page's own word */
	bool ordinary; /* did */
};

struct edge {
	uint64_t key; /* state << 21 | character, plus 1 */
	uint32_t to;
};

struct digit_pattern {
	uint64_t
		head; /* the first DIGITS_MIN (or CARD_PREFIX_MIN) digits, and how many there are */
	char d[DIGITS_MAX];
	uint8_t n;
	uint8_t cls;
	bool whole; /* only as a whole run of digits */
	uint32_t pattern;
};

struct exact {
	uint32_t off, len; /* in pool, folded; len 0: free */
	uint8_t cls;
	bool shorty; /* only where whole URL parameters and JSON leaves are asked for */
};

struct taint {
	struct pattern *patterns; /* [0] unused */
	size_t n, cap;
	uint32_t *accept; /* by state: pattern, 0 none */
	uint32_t *deep;   /* by state at TRIE_DEPTH: the longest pattern that goes on, 0 none */
	size_t states, states_cap, deep_cap;
	struct edge *edges; /* a power of two */
	size_t nedges, edges_cap;
	struct digit_pattern *digits;
	size_t ndigits, digits_cap;
	struct exact *exact;
	size_t nexact, exact_cap;
	struct buf pool; /* folded texts */
	struct buf tmp;
	uint64_t heads[1024];     /* 65,536 bits */
	uint64_t digit_heads[64]; /* 4,096 bits over digit heads */
	uint32_t *run;            /* scratch: offsets of a run's digits */
	size_t run_cap;
	bool failed; /* out of memory in a look-up */
};

struct taint *taint_new(void)
{
	struct taint *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->edges_cap = 1024;
	t->edges = calloc(t->edges_cap, sizeof(*t->edges));
	t->exact_cap = 256;
	t->exact = calloc(t->exact_cap, sizeof(*t->exact));
	t->n = 1;
	t->states = 1;
	if (!t->edges || !t->exact ||
	    engine_grow((void **)&t->patterns, &t->cap, 1, sizeof(*t->patterns)) < 0 ||
	    engine_grow((void **)&t->accept, &t->states_cap, 1, sizeof(*t->accept)) < 0 ||
	    engine_grow((void **)&t->deep, &t->deep_cap, 1, sizeof(*t->deep)) < 0)
		return taint_free(t);
	t->accept[0] = t->deep[0] = 0;
	return t;
}

struct taint *taint_free(struct taint *t)
{
	if (t) {
		free(t->patterns);
		free(t->accept);
		free(t->deep);
		free(t->edges);
		free(t->digits);
		free(t->exact);
		free(t->run);
		buf_wipe_done(&t->pool);
		buf_wipe_done(&t->tmp);
		free(t);
	}
	return NULL;
}

static size_t mix(uint64_t k)
{
	k *= 0x9e3779b97f4a7c15ull;
	return (size_t)(k ^ k >> 31);
}

static struct edge *edge_slot(const struct taint *t, uint64_t key)
{
	for (size_t i = mix(key);; i++) {
		struct edge *e = &t->edges[i & (t->edges_cap - 1)];
		if (!e->key || e->key == key)
			return e;
	}
}

static uint64_t edge_key(uint32_t state, uint32_t c)
{
	return ((uint64_t)state << 21 | c) + 1;
}

static uint32_t child(const struct taint *t, uint32_t state, uint32_t c)
{
	const struct edge *e = edge_slot(t, edge_key(state, c));

	return e->key ? e->to : 0;
}

static int make_child(struct taint *t, uint32_t state, uint32_t c, uint32_t *ret)
{
	struct edge *e = edge_slot(t, edge_key(state, c));

	if (e->key) {
		*ret = e->to;
		return 0;
	}
	if (t->nedges * 2 >= t->edges_cap) {
		struct edge *old = t->edges;
		size_t n = t->edges_cap;

		t->edges = calloc(n * 2, sizeof(*t->edges));
		if (!t->edges) {
			t->edges = old;
			return -ENOMEM;
		}
		t->edges_cap = n * 2;
		for (size_t i = 0; i < n; i++)
			if (old[i].key)
				*edge_slot(t, old[i].key) = old[i];
		free(old);
		e = edge_slot(t, edge_key(state, c));
	}
	if (engine_grow((void **)&t->accept, &t->states_cap, t->states + 1, sizeof(*t->accept)) <
		    0 ||
	    engine_grow((void **)&t->deep, &t->deep_cap, t->states + 1, sizeof(*t->deep)) < 0)
		return -ENOMEM;
	t->accept[t->states] = t->deep[t->states] = 0;
	*e = (struct edge){edge_key(state, c), (uint32_t)t->states};
	t->nedges++;
	*ret = (uint32_t)t->states++;
	return 0;
}

static uint32_t head_hash(const char *s)
{
	uint32_t w;

	memcpy(&w, s, 4);
	return ((w | 0x20202020u) * 0x9e3779b1u) >> 16;
}

/* Sets the bits of the first four bytes of every spelling (keeps T1). */
static void add_heads(struct taint *t, const char *raw, size_t n)
{
	for (int spelling = 0; spelling < 4; spelling++) {
		char head[16];
		size_t len = 0, i = 0;

		for (int k = 0; i < n && len < 4; k++) {
			size_t from = i;
			uint32_t c = fold_next(raw, n, &i);
			if (spelling == 0) { /* as it was typed */
				for (; from < i && len < 8; from++)
					head[len++] = raw[from];
			} else {
				bool up = spelling == 2 || (spelling == 3 && k == 0);
				len += fold_put(head + len, up ? fold_upper(c) : c);
			}
		}
		if (len >= 4) {
			uint32_t h = head_hash(head);
			t->heads[h >> 6] |= 1ull << (h & 63);
		}
	}
}

static uint64_t digit_head(const char *d, size_t n)
{
	uint64_t v = n;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (uint64_t)(d[i] - '0');
	return v;
}

static int add_digits(struct taint *t, const char *d, size_t n, size_t head, bool whole,
		      uint32_t pattern)
{
	struct digit_pattern p = {.head = digit_head(d, head),
				  .n = (uint8_t)n,
				  .whole = whole,
				  .cls = t->patterns[pattern].cls,
				  .pattern = pattern};

	if (engine_grow((void **)&t->digits, &t->digits_cap, t->ndigits + 1, sizeof(*t->digits)) <
	    0)
		return -ENOMEM;
	memcpy(p.d, d, n);
	t->digits[t->ndigits++] = p;
	size_t h = mix(p.head) & 4095;
	t->digit_heads[h >> 6] |= 1ull << (h & 63);
	return 0;
}

static size_t exact_hash(const char *s, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * 0x100000001b3ull;
	return mix(h);
}

static struct exact *exact_slot(const struct taint *t, const char *s, size_t n)
{
	for (size_t i = exact_hash(s, n);; i++) {
		struct exact *x = &t->exact[i & (t->exact_cap - 1)];
		if (!x->len || (x->len == n && !memcmp(t->pool.p + x->off, s, n)))
			return x;
	}
}

static int add_exact(struct taint *t, const char *s, size_t n, enum redact_class cls, bool shorty)
{
	if (t->nexact * 2 >= t->exact_cap) {
		struct exact *old = t->exact;
		size_t cap = t->exact_cap;

		t->exact = calloc(cap * 2, sizeof(*t->exact));
		if (!t->exact) {
			t->exact = old;
			return -ENOMEM;
		}
		t->exact_cap = cap * 2;
		for (size_t i = 0; i < cap; i++)
			if (old[i].len)
				*exact_slot(t, t->pool.p + old[i].off, old[i].len) = old[i];
		free(old);
	}
	struct exact *x = exact_slot(t, s, n);
	if (x->len) {
		x->cls = (uint8_t)(cls < x->cls ? cls : x->cls);
		x->shorty &= shorty;
		return 0;
	}
	size_t off = t->pool.len;
	int r = buf_add(&t->pool, s, n);
	if (r < 0)
		return r;
	*x = (struct exact){(uint32_t)off, (uint32_t)n, (uint8_t)cls, shorty};
	t->nexact++;
	return 0;
}

/* What there is to know of a value before a rule can be chosen. */
struct shape {
	size_t chars, digits, letters, words, signs; /* signs: other than punctuation of prose */
	bool cjk;
};

static struct shape shape_of(const char *s, size_t n)
{
	struct shape h = {0};
	uint32_t last = ' ';

	for (size_t i = 0; i < n;) {
		uint32_t c = fold_next(s, n, &i);
		h.chars++;
		if (c >= '0' && c <= '9')
			h.digits++;
		else if (fold_is_letter(c))
			h.letters++;
		else if (c >= 0x80 || !strchr(" .,;:!?'-", (int)c))
			h.signs++;
		if (c != ' ' && last == ' ')
			h.words++;
		h.cjk |= c >= 0x2e80 && fold_is_letter(c);
		last = c;
	}
	return h;
}

static int add_pattern(struct taint *t, const char *raw, size_t rawlen, const char *s, size_t n,
		       const struct taint_value *v, const struct shape *h)
{
	struct pattern p = {.event = v->event, .cls = (uint8_t)v->cls};
	bool plain = !h->digits && !h->signs;
	uint32_t state = 0, depth = 0;

	p.edges = !(h->chars >= 12 || (h->chars >= 8 && !plain) || h->cjk);
	p.pages = !class_always_dropped(v->cls) && plain && !h->cjk &&
		  ((h->words == 1 && h->chars <= 11) || !v->final);

	if (engine_grow((void **)&t->patterns, &t->cap, t->n + 1, sizeof(*t->patterns)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < n; depth++) {
		if (depth == TRIE_DEPTH) {
			p.text = (uint32_t)t->pool.len;
			p.textlen = (uint32_t)(n - i);
			if (buf_add(&t->pool, s + i, n - i) < 0)
				return -ENOMEM;
			break;
		}
		if (make_child(t, state, fold_next(s, n, &i), &state) < 0)
			return -ENOMEM;
	}

	uint32_t *where = depth == TRIE_DEPTH ? &t->deep[state] : &t->accept[state];
	if (*where) {
		struct pattern *q = &t->patterns[*where];

		/* The same value again (or, far down, one that may go on longer). */
		q->cls = p.cls < q->cls ? p.cls : q->cls;
		q->event = p.event < q->event ? p.event : q->event;
		q->edges &= p.edges;
		q->pages &= p.pages;
		if (p.textlen > q->textlen) {
			q->text = p.text;
			q->textlen = p.textlen;
		}
	} else {
		*where = (uint32_t)t->n;
		t->patterns[t->n++] = p;
		add_heads(t, raw, rawlen);
	}

	/* numbers, whatever stands between their digits */
	if (h->digits >= DIGITS_MIN && h->digits <= DIGITS_MAX && h->letters * 4 <= h->digits) {
		char d[DIGITS_MAX];
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (s[i] >= '0' && s[i] <= '9')
				d[k++] = s[i];
		if (add_digits(t, d, k, DIGITS_MIN, k < 8, *where) < 0)
			return -ENOMEM;
		if (d[0] == '0' && k > 9 &&
		    add_digits(t, d + 1, k - 1, DIGITS_MIN, false, *where) < 0)
			return -ENOMEM;
		if (v->cls == CLASS_CARD && k >= 12)
			for (size_t i = CARD_PREFIX_MIN; i < k; i++)
				if (add_digits(t, d, i, CARD_PREFIX_MIN, true, *where) < 0)
					return -ENOMEM;
	}
	return 0;
}

int taint_add(struct taint *t, const char *raw, size_t rawlen, const struct taint_value *v)
{
	while (rawlen && (uint8_t)raw[0] <= ' ') {
		raw++;
		rawlen--;
	}
	while (rawlen && (uint8_t)raw[rawlen - 1] <= ' ')
		rawlen--;
	if (!rawlen || rawlen > VALUE_BYTES_MAX)
		return 0;

	t->tmp.len = 0;
	int r = buf_reserve(&t->tmp, rawlen * 2);
	if (r < 0)
		return r;
	for (size_t i = 0; i < rawlen;)
		t->tmp.len += fold_put(t->tmp.p + t->tmp.len, fold_next(raw, rawlen, &i));

	const char *s = t->tmp.p;
	size_t n = t->tmp.len;
	struct shape h = shape_of(s, n);
	if (h.chars < 2)
		return 0;

	bool few_digits = h.digits == h.chars && h.chars <= 5;
	bool as_whole = v->choice || few_digits || (h.chars < 4 && !(h.cjk && n >= 6));
	/* An unfinished short value would make whole parameters of everything. */
	if (as_whole && !v->final)
		return 0;
	r = add_exact(t, s, n, v->cls, as_whole && !(class_always_dropped(v->cls) && h.chars >= 4));
	if (!r && !as_whole && n >= 4)
		r = add_pattern(t, raw, rawlen, s, n, v, &h);
	return r;
}

static int by_head(const void *a, const void *b)
{
	const struct digit_pattern *x = a, *y = b;

	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return (int)y->n - (int)x->n; /* longest first */
}

int taint_build(struct taint *t)
{
	if (t->ndigits)
		qsort(t->digits, t->ndigits, sizeof(*t->digits), by_head);
	return 0;
}

static bool edges_ok(const char *s, size_t n, size_t from, size_t to)
{
	uint32_t first = fold_at(s, n, from), last = fold_before(s, to);

	if (fold_is_word(first) && fold_is_word(fold_before(s, from)))
		return false;
	return !(fold_is_word(last) && fold_is_word(fold_at(s, n, to)));
}

/* The longest pattern at s[at]. */
static bool match_at(const struct taint *t, const char *s, size_t n, size_t at,
		     struct taint_hit *ret)
{
	uint32_t state = 0, depth = 0;
	size_t i = at;
	bool found = false;

	while (i < n && depth < TRIE_DEPTH) {
		uint32_t next = child(t, state, fold_next(s, n, &i));
		if (!next)
			return found;
		state = next;
		depth++;
		uint32_t p = t->accept[state];
		if (p && (!t->patterns[p].edges || edges_ok(s, n, at, i))) {
			*ret = (struct taint_hit){at, i - at, p, t->patterns[p].cls};
			found = true;
		}
	}
	if (depth == TRIE_DEPTH && t->deep[state]) {
		/* as far as the longest value goes on: 96 characters are nobody's coincidence */
		const struct pattern *p = &t->patterns[t->deep[state]];
		const char *q = t->pool.p + p->text;

		for (size_t k = 0, j = i; k < p->textlen && j < n; i = j)
			if (fold_next(s, n, &j) != fold_next(q, p->textlen, &k))
				break;
		*ret = (struct taint_hit){at, i - at, t->deep[state], p->cls};
		found = true;
	}
	return found;
}

bool taint_next(const struct taint *t, const char *s, size_t n, size_t *at, struct taint_hit *ret)
{
	if (t->n == 1 || n < 4)
		return false;
	for (size_t i = *at; i + 4 <= n; i++) {
		uint32_t h = head_hash(s + i);

		if (!(t->heads[h >> 6] >> (h & 63) & 1))
			continue;
		if (match_at(t, s, n, i, ret)) {
			*at = i + ret->len;
			return true;
		}
	}
	*at = n;
	return false;
}

/* How many bytes of separators stand at s, between two digits of one number. */
static size_t separator(const char *s, size_t n)
{
	static const char one[] = " -./()+_\t";
	size_t i = 0;

	for (int k = 0; k < 3 && i < n; k++) {
		if (s[i] && strchr(one, s[i]))
			i++;
		else if (n - i >= 2 && !memcmp(s + i, "\xc2\xa0", 2))
			i += 2;
		else if (n - i >= 3 &&
			 (!memcmp(s + i, "\xe2\x80\xaf", 3) || !memcmp(s + i, "\xe2\x80\x89", 3) ||
			  !memcmp(s + i, "\xe2\x80\x8b", 3)))
			i += 3;
		else
			break;
	}
	return i;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool digits_match(const struct taint *t, const char *s, const uint32_t *run, size_t len,
			 size_t k, size_t head, size_t *ret)
{
	uint64_t v = head;

	if (len - k < head)
		return false;
	for (size_t i = 0; i < head; i++)
		v = v * 10 + (uint64_t)(s[run[k + i]] - '0');
	size_t h = mix(v) & 4095;
	if (!(t->digit_heads[h >> 6] >> (h & 63) & 1))
		return false;

	size_t lo = 0, hi = t->ndigits;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (t->digits[mid].head < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < t->ndigits && t->digits[lo].head == v; lo++) {
		const struct digit_pattern *p = &t->digits[lo];
		size_t i = head;

		if (p->n > len - k || (p->whole && (k || p->n != len)))
			continue;
		while (i < p->n && s[run[k + i]] == p->d[i])
			i++;
		if (i == p->n) {
			*ret = lo;
			return true;
		}
	}
	return false;
}

bool taint_next_digits(struct taint *t, const char *s, size_t n, size_t *at, struct taint_hit *ret)
{
	if (!t->ndigits)
		return false;
	for (size_t i = *at; i < n;) {
		if (!is_digit(s[i])) {
			i++;
			continue;
		}
		size_t len = 0;
		while (i < n) {
			if (engine_grow((void **)&t->run, &t->run_cap, len + 1, sizeof(*t->run)) <
			    0) {
				t->failed = true;
				return false;
			}
			t->run[len++] = (uint32_t)i++;
			size_t sep = i < n && !is_digit(s[i]) ? separator(s + i, n - i) : 0;
			if (i + sep >= n || !is_digit(s[i + sep]))
				break;
			i += sep;
		}
		for (size_t k = 0, p; k + CARD_PREFIX_MIN <= len; k++) {
			if (!digits_match(t, s, t->run, len, k, DIGITS_MIN, &p) &&
			    !digits_match(t, s, t->run, len, k, CARD_PREFIX_MIN, &p))
				continue;
			const struct digit_pattern *d = &t->digits[p];
			size_t from = t->run[k], to = t->run[k + d->n - 1] + 1;
			*ret = (struct taint_hit){from, to - from, d->pattern, d->cls};
			*at = to;
			return true;
		}
	}
	*at = n;
	return false;
}

enum redact_class taint_exact(const struct taint *t, const char *s, size_t n, bool short_ones)
{
	char folded[512];
	size_t len = 0;

	if (!t->nexact || n < 2 || n > sizeof(folded) / 2)
		return CLASS_NONE;
	for (size_t i = 0; i < n;)
		len += fold_put(folded + len, fold_next(s, n, &i));
	const struct exact *x = exact_slot(t, folded, len);
	return x->len && (short_ones || !x->shorty) ? (enum redact_class)x->cls : CLASS_NONE;
}

void taint_seen_on_page(struct taint *t, uint32_t pattern, uint32_t event)
{
	struct pattern *p = &t->patterns[pattern];

	if (p->pages && event < p->event)
		p->ordinary = true;
}

bool taint_ordinary(const struct taint *t, uint32_t pattern)
{
	return t->patterns[pattern].ordinary;
}

bool taint_failed(const struct taint *t)
{
	return t->failed;
}
