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
#include "redactfs/utf8.h"
#include "taint-trie.h"

#include <stdlib.h>
#include <string.h>

#define TRIE_DEPTH      96u /* characters; what is longer is compared, not walked */
#define DIGITS_MIN      7u
#define DIGITS_MAX      40u
#define CARD_PREFIX_MIN 6u
#define DIGIT_ROOT      1u
#define RUN_MAX         (4u * DIGITS_MAX) /* digits looked at in one go */
#define FOLDED_MAX      3u /* bytes that one byte folds to: one that is no UTF-8 to U+FFFD */
#define VALUE_BYTES_MAX (256u << 10) /* of one value that is looked for */

struct pattern {
	uint32_t event;
	uint32_t text, textlen; /* in pool: the folded value; only for those longer than the trie */
	uint8_t cls;
	bool edges;    /* only between word edges */
	bool pages;    /* may turn out to be the page's own word */
	bool ordinary; /* did */
};

struct step {
	uint32_t state, end; /* end: bytes of the folded text up to here */
};

struct exact {
	uint32_t off, len; /* in pool, folded; len 0: free */
	uint8_t cls;
	bool shorty; /* only where whole URL parameters and JSON leaves are asked for */
};

/* What there is to know of a value before a rule can be chosen. */
struct shape {
	size_t chars, digits, letters, words, signs; /* signs: other than punctuation of prose */
	uint32_t last;                               /* character */
	bool cjk;
};

struct taint {
	struct pattern *patterns; /* [0] unused */
	size_t n, cap;
	/* A state's `accept` is the pattern that ends there, `deep`, at TRIE_DEPTH, the longest
	 * that goes on. In the trie of digits: one that counts anywhere, and one that counts as a
	 * whole run. */
	struct trie trie;
	size_t ndigits;
	uint32_t classes; /* bits of those that patterns have */
	uint64_t seed;
	struct exact *exact;
	size_t nexact, exact_cap;
	struct buf pool;      /* folded texts */
	struct buf tmp, prev; /* folded: the value at hand; the one before, of which `path` is */
	struct buf prev_raw;  /* the one before, as it was typed */
	struct shape prev_shape;
	/* The way of the latest pattern in the trie: mostly the next one only goes on from it. */
	struct step path[TRIE_DEPTH];
	size_t npath;
	uint64_t heads[1024];     /* 65,536 bits */
	uint64_t exact_heads[64]; /* 4,096 bits: the first two characters of what is in `exact` */
	uint64_t digit_heads[64]; /* 4,096 bits over the first six digits */
};

struct taint *taint_new(void)
{
	struct taint *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->exact_cap = 64;
	t->exact = calloc(t->exact_cap, sizeof(*t->exact));
	t->n = 1;
	/* where it lies in memory: no recording knows it, so none can choose what collides */
	t->seed = (uint64_t)(uintptr_t)t * 0xd6e8feb86659fd93ull;
	if (trie_init(&t->trie, /* roots= */ 2, t->seed) < 0 || !t->exact ||
	    engine_grow((void **)&t->patterns, &t->cap, 1, sizeof(*t->patterns)) < 0)
		return taint_free(t);
	return t;
}

struct taint *taint_free(struct taint *t)
{
	if (t) {
		free(t->patterns);
		trie_done(&t->trie);
		free(t->exact);
		buf_wipe_done(&t->pool);
		buf_wipe_done(&t->tmp);
		buf_wipe_done(&t->prev);
		buf_wipe_done(&t->prev_raw);
		free(t);
	}
	return NULL;
}

static uint32_t head_hash(const char *s)
{
	uint32_t w;

	memcpy(&w, s, 4);
	return ((w | 0x20202020u) * 0x9e3779b1u) >> 16;
}

static void add_head(struct taint *t, const char *head)
{
	uint32_t h = head_hash(head);

	t->heads[h >> 6] |= 1ull << (h & 63);
}

static bool is_plain_ascii(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)s[i] <= ' ' || (uint8_t)s[i] >= 0x7f)
			return false;
	return true;
}

/* Sets the bits of the first four bytes of every spelling (keeps T1). */
static void add_heads(struct taint *t, const char *raw, size_t n)
{
	if (n >= 4 && is_plain_ascii(raw, 4)) {
		add_head(t, raw); /* they differ in the bit that the hash leaves out */
		return;
	}
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
				len += utf8_put(head + len, up ? fold_upper(c) : c);
			}
		}
		if (len >= 4)
			add_head(t, head);
	}
}

static unsigned digit_head(const char *d)
{
	unsigned v = 0;

	for (size_t i = 0; i < CARD_PREFIX_MIN; i++)
		v = v * 10 + (unsigned)(d[i] - '0');
	return (v * 0x9e3779b1u) >> 20;
}

/* n >= CARD_PREFIX_MIN digits. */
static int add_digits(struct taint *t, const char *d, size_t n, bool whole, uint32_t pattern)
{
	uint32_t state = DIGIT_ROOT;

	for (size_t i = 0; i < n; i++)
		if (trie_make_child(&t->trie, state, (uint32_t)d[i], &state) < 0)
			return -ENOMEM;
	uint32_t *where = whole ? &t->trie.v[state].deep : &t->trie.v[state].accept;
	if (!*where || t->patterns[pattern].cls < t->patterns[*where].cls)
		*where = pattern;
	unsigned h = digit_head(d);
	t->digit_heads[h >> 6] |= 1ull << (h & 63);
	t->ndigits++;
	return 0;
}

static size_t exact_hash(const char *s, size_t n, uint64_t seed)
{
	uint64_t h = n ^ seed, w;

	for (; n >= sizeof(w); s += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, s, sizeof(w));
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, s, n);
	return trie_mix(h ^ w, seed);
}

/* Of the first two characters. */
static uint32_t exact_head(uint32_t a, uint32_t b)
{
	return ((a << 11 ^ b) * 0x9e3779b1u) >> 20;
}

static struct exact *exact_slot(const struct taint *t, const char *s, size_t n)
{
	for (size_t i = exact_hash(s, n, t->seed);; i++) {
		struct exact *x = &t->exact[i & (t->exact_cap - 1)];
		if (!x->len || (x->len == n && !memcmp(t->pool.p + x->off, s, n)))
			return x;
	}
}

/* s: at least two characters. */
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
	size_t i = 0;
	uint32_t first = fold_next(s, n, &i), h = exact_head(first, fold_next(s, n, &i));
	t->exact_heads[h >> 6] |= 1ull << (h & 63);
	return 0;
}

static inline void shape_add(struct shape *h, uint32_t c)
{
	h->chars++;
	if (c >= '0' && c <= '9')
		h->digits++;
	else if (fold_is_letter(c))
		h->letters++;
	else if (c >= 0x80 || !strchr(" .,;:!?'-", (int)c))
		h->signs++;
	h->words += c != ' ' && h->last == ' ';
	h->cjk |= c >= 0x2e80 && fold_is_letter(c);
	h->last = c;
}

/* Does the value go on from the one before, at a character that has nothing to do with its last? */
static bool goes_on(const struct taint *t, const char *raw, size_t n)
{
	size_t k = t->prev_raw.len;

	return k && k < n && !memcmp(t->prev_raw.p, raw, k) && ((uint8_t)raw[k] & 0xc0) != 0x80 &&
	       t->prev_shape.last != ' ' && t->prev_shape.last != 0xfffd;
}

/* Folds a value into t->tmp. Mostly it is the one before and a key more. */
static int fold_value(struct taint *t, const char *raw, size_t n, struct shape *ret)
{
	struct shape h = {.last = ' '};
	size_t i = 0;

	t->tmp.len = 0;
	int r = buf_reserve(&t->tmp, n * FOLDED_MAX);
	if (r < 0)
		return r;
	if (goes_on(t, raw, n)) {
		h = t->prev_shape;
		i = t->prev_raw.len;
		memcpy(t->tmp.p, t->prev.p, t->prev.len);
		t->tmp.len = t->prev.len;
	}
	char *out = t->tmp.p + t->tmp.len;
	while (i < n) {
		uint32_t c = fold_next(raw, n, &i);

		out += utf8_put(out, c);
		shape_add(&h, c);
	}
	t->tmp.len = (size_t)(out - t->tmp.p);
	*ret = h;
	return 0;
}

/* The value at hand is the one before from now on. */
static int keep_value(struct taint *t, const char *raw, size_t n, const struct shape *h)
{
	struct buf was = t->prev;

	t->prev = t->tmp;
	t->tmp = was;
	t->prev_shape = *h;
	t->prev_raw.len = 0;
	return buf_add(&t->prev_raw, raw, n);
}

/* How many steps of the latest pattern's way are this one's too. (A run of white space is folded
 * already, so that a character is what its own bytes say.) */
static size_t path_shared(const struct taint *t, const char *s, size_t n)
{
	size_t most = t->npath ? t->path[t->npath - 1].end : 0, same = 0, k = t->npath;

	if (most > n)
		most = n;
	while (same < most && t->prev.p[same] == s[same])
		same++;
	if (k > same)
		k = same;
	while (k && t->path[k - 1].end > same)
		k--;
	return k;
}

/* Walks the trie along s, as deep as it goes, and makes what is missing. */
static int add_path(struct taint *t, const char *s, size_t n, size_t *ret_end)
{
	size_t depth = path_shared(t, s, n), i = depth ? t->path[depth - 1].end : 0;
	uint32_t state = depth ? t->path[depth - 1].state : 0;

	for (; i < n && depth < TRIE_DEPTH; depth++) {
		if (trie_make_child(&t->trie, state, fold_next(s, n, &i), &state) < 0) {
			t->npath = 0;
			return -ENOMEM;
		}
		t->path[depth] = (struct step){state, (uint32_t)i};
	}
	t->npath = depth;
	*ret_end = i;
	return 0;
}

static int add_pattern(struct taint *t, const char *raw, size_t rawlen, const char *s, size_t n,
		       const struct taint_value *v, const struct shape *h)
{
	struct pattern p = {.event = v->event, .cls = (uint8_t)v->cls};
	bool plain = !h->digits && !h->signs;
	size_t end;

	p.edges = !(h->chars >= 12 || (h->chars >= 8 && !plain) || h->cjk);
	p.pages = !class_always_dropped(v->cls) && plain && !h->cjk &&
		  ((h->words == 1 && h->chars <= 11) || !v->final);

	if (engine_grow((void **)&t->patterns, &t->cap, t->n + 1, sizeof(*t->patterns)) < 0)
		return -ENOMEM;
	if (add_path(t, s, n, &end) < 0)
		return -ENOMEM;
	t->classes |= 1u << v->cls;
	if (end < n) {
		p.text = (uint32_t)t->pool.len;
		p.textlen = (uint32_t)(n - end);
		if (buf_add(&t->pool, s + end, n - end) < 0)
			return -ENOMEM;
	}

	uint32_t state = t->path[t->npath - 1].state;
	uint32_t *where =
		t->npath == TRIE_DEPTH ? &t->trie.v[state].deep : &t->trie.v[state].accept;
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
		uint32_t found = *where; /* the array of `where` may move */
		char d[DIGITS_MAX];
		size_t k = 0;

		for (size_t i = 0; i < n; i++)
			if (s[i] >= '0' && s[i] <= '9')
				d[k++] = s[i];
		if (add_digits(t, d, k, k < 8, found) < 0)
			return -ENOMEM;
		if (d[0] == '0' && k > 9 && add_digits(t, d + 1, k - 1, false, found) < 0)
			return -ENOMEM;
		if (v->cls == CLASS_CARD && k >= 12)
			for (size_t i = CARD_PREFIX_MIN; i < k; i++)
				if (add_digits(t, d, i, true, found) < 0)
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

	struct shape h;
	int r = fold_value(t, raw, rawlen, &h);
	if (r < 0 || h.chars < 2)
		return r;
	const char *s = t->tmp.p;
	size_t n = t->tmp.len;

	bool few_digits = h.digits == h.chars && h.chars <= 5;
	bool as_whole = v->choice || few_digits || (h.chars < 4 && !(h.cjk && n >= 6));
	/* An unfinished short value would make whole parameters of everything. */
	if (as_whole && !v->final)
		return 0;
	r = add_exact(t, s, n, v->cls, as_whole && !(class_always_dropped(v->cls) && h.chars >= 4));
	if (!r && !as_whole && n >= 4)
		r = add_pattern(t, raw, rawlen, s, n, v, &h);
	else
		t->npath = 0;
	return r ? r : keep_value(t, raw, rawlen, &h);
}

static bool edge_before(const char *s, size_t n, size_t at)
{
	return !(fold_is_word(fold_at(s, n, at)) && fold_is_word(fold_before(s, at)));
}

static bool edge_behind(const char *s, size_t n, size_t at)
{
	return !(fold_is_word(fold_before(s, at)) && fold_is_word(fold_at(s, n, at)));
}

/* The longest pattern at s[at]. */
static bool match_at(const struct taint *t, const char *s, size_t n, size_t at,
		     struct taint_hit *ret)
{
	uint32_t state = 0, depth = 0;
	size_t i = at, nends = 0;
	struct step ends[TRIE_DEPTH]; /* where patterns end, the shortest first */

	while (i < n && depth < TRIE_DEPTH) {
		state = trie_child(&t->trie, state, fold_next(s, n, &i));
		if (!state)
			break;
		depth++;
		if (t->trie.v[state].accept)
			ends[nends++] = (struct step){state, (uint32_t)(i - at)};
	}
	if (state && depth == TRIE_DEPTH && t->trie.v[state].deep) {
		/* as far as the longest value goes on: 96 characters are nobody's coincidence */
		const struct pattern *p = &t->patterns[t->trie.v[state].deep];
		const char *q = t->pool.p + p->text;

		for (size_t k = 0, j = i; k < p->textlen && j < n; i = j)
			if (fold_next(s, n, &j) != fold_next(q, p->textlen, &k))
				break;
		*ret = (struct taint_hit){at, i - at, t->trie.v[state].deep, p->cls};
		return true;
	}
	bool before = nends && edge_before(s, n, at);
	while (nends) {
		const struct step *e = &ends[--nends];
		uint32_t p = t->trie.v[e->state].accept;

		if (t->patterns[p].edges && !(before && edge_behind(s, n, at + e->end)))
			continue;
		*ret = (struct taint_hit){at, e->end, p, t->patterns[p].cls};
		return true;
	}
	return false;
}

uint32_t taint_classes(const struct taint *t)
{
	return t->classes;
}

bool taint_is_empty(const struct taint *t)
{
	return t->n == 1 && !t->ndigits;
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

/* Digits of one number, or of a stretch of one that is longer than any value. */
struct run {
	uint32_t at[RUN_MAX]; /* offsets */
	size_t n;
	bool first, last; /* the number's first and last digits are in it */
};

/* At the first digit. Returns where the next run is looked for. */
static size_t run_collect(const char *s, size_t n, size_t i, bool first, struct run *ret)
{
	ret->n = 0;
	ret->first = first;
	ret->last = true;
	for (;;) {
		if (ret->n == RUN_MAX) {
			ret->last = false;
			return ret->at[RUN_MAX - DIGITS_MAX];
		}
		ret->at[ret->n++] = (uint32_t)i++;
		size_t sep = i < n && !is_digit(s[i]) ? separator(s + i, n - i) : 0;
		if (i + sep >= n || !is_digit(s[i + sep]))
			return i;
		i += sep;
	}
}

/* The longest pattern that the run's digits from the k-th on start with, and its length. */
static uint32_t digits_match(const struct taint *t, const char *s, const struct run *run, size_t k,
			     size_t *ret_n)
{
	uint32_t state = DIGIT_ROOT, found = 0;
	char head[CARD_PREFIX_MIN];

	for (size_t i = 0; i < CARD_PREFIX_MIN; i++)
		head[i] = s[run->at[k + i]];
	unsigned h = digit_head(head);
	if (!(t->digit_heads[h >> 6] >> (h & 63) & 1))
		return 0;
	for (size_t i = k; i < run->n; i++) {
		state = trie_child(&t->trie, state, (uint32_t)s[run->at[i]]);
		if (!state)
			break;
		uint32_t p = t->trie.v[state].accept;
		if (!p && !k && i + 1 == run->n && run->first && run->last)
			p = t->trie.v[state].deep;
		if (p) {
			found = p;
			*ret_n = i + 1 - k;
		}
	}
	return found;
}

bool taint_next_digits(const struct taint *t, const char *s, size_t n, size_t *at,
		       struct taint_hit *ret)
{
	struct run run;

	if (!t->ndigits)
		return false;
	run.last = true; /* the rest is run_collect's */
	for (size_t i = *at; i < n;) {
		if (!is_digit(s[i])) {
			i++;
			continue;
		}
		i = run_collect(s, n, i, /* first= */ run.last, &run);
		size_t starts = !run.last                  ? RUN_MAX - DIGITS_MAX
				: run.n >= CARD_PREFIX_MIN ? run.n - CARD_PREFIX_MIN + 1
							   : 0;
		for (size_t k = 0, d = 0; k < starts; k++) {
			uint32_t p = digits_match(t, s, &run, k, &d);

			if (!p)
				continue;
			size_t from = run.at[k], to = run.at[k + d - 1] + 1;
			*ret = (struct taint_hit){from, to - from, p, t->patterns[p].cls};
			*at = to;
			return true;
		}
	}
	*at = n;
	return false;
}

enum redact_class taint_exact(const struct taint *t, const char *s, size_t n, bool short_ones)
{
	char folded[256 * FOLDED_MAX];
	size_t len = 0, i = 0;

	if (!t->nexact || n < 2 || n > sizeof(folded) / FOLDED_MAX)
		return CLASS_NONE;
	uint32_t first = fold_next(s, n, &i), h = i < n ? fold_next(s, n, &i) : 0;
	h = exact_head(first, h);
	if (!(t->exact_heads[h >> 6] >> (h & 63) & 1))
		return CLASS_NONE; /* as nearly always */
	for (i = 0; i < n;)
		len += utf8_put(folded + len, fold_next(s, n, &i));
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
