/* taint-find.c: where in a text stands what was entered; see taint.h. */
#include "redactfs/utf8.h"
#include "taint-priv.h"

#define RUN_MAX (4u * DIGITS_MAX) /* digits looked at in one go */

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
