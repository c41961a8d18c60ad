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
#include "engine-priv.h"
#include "field-priv.h"
#include "redactfs/utf8.h"
#include "taint-priv.h"

#include <stdlib.h>

#define VALUE_BYTES_MAX (256u << 10) /* of one value that is looked for */
#define NAME_BYTES      64u          /* of a value whose letters are told without accents */
#define ID_BYTES        24u          /* of a number with letters in it */

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
	p.pages |= v->common;

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

static int add_value(struct taint *t, const char *raw, size_t rawlen, const struct taint_value *v)
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

static bool joins(char c)
{
	return c && strchr(" -./", c);
}

/* Numbers of papers, places and cars: letters and digits, four digits at least and no more letters
 * than digits. How often the kind changes; -1: it is none, or its kinds change too often. */
static int id_changes(const char *s, size_t n, bool *ret_seps)
{
	size_t letters = 0, digits = 0, seps = 0;
	int changes = 0;
	char last = 0;

	for (size_t i = 0; i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9', sep = joins(s[i]);
		char kind = digit ? '0' : 'a';

		if (!digit && !sep && ((s[i] | 32) < 'a' || (s[i] | 32) > 'z'))
			return -1;
		digits += digit;
		seps += sep;
		letters += !digit && !sep;
		if (sep)
			continue;
		changes += last && kind != last;
		last = kind;
	}
	*ret_seps = seps > 0;
	return digits >= 4 && letters && letters <= digits && letters + digits >= 6 && changes <= 2
		       ? changes
		       : -1;
}

/* The id without what stands between its groups, and with a space at those changes of kind that
 * `spaces` has a bit for. Returns its length; out has room for n + 2. */
static size_t id_spell(const char *s, size_t n, unsigned spaces, char *out)
{
	size_t len = 0;
	char last = 0;

	for (size_t i = 0; i < n; i++) {
		char kind = s[i] >= '0' && s[i] <= '9' ? '0' : 'a';

		if (joins(s[i]))
			continue;
		if (last && kind != last) {
			if (spaces & 1)
				out[len++] = ' ';
			spaces >>= 1;
		}
		last = kind;
		out[len++] = s[i];
	}
	return len;
}

static int add_id_spellings(struct taint *t, const char *raw, size_t n, const struct taint_value *v)
{
	bool seps;
	int changes = n <= ID_BYTES ? id_changes(raw, n, &seps) : -1, r = 0;

	for (unsigned k = changes > 0 && seps ? 0 : 1; changes > 0 && k < 1u << changes && !r;
	     k++) {
		char other[ID_BYTES + 2];

		r = add_value(t, other, id_spell(raw, n, k, other), v);
	}
	return r;
}

/* Latin letters without what is on them, as addresses and bank statements have them ("hajkova" for
 * "Hájková"); umlauts as two letters when `umlauts`. 0: nothing is on any, or it isn't Latin. */
static size_t plain_letters(const char *s, size_t n, bool umlauts, char *out)
{
	size_t len = 0;
	bool changed = false;

	for (size_t i = 0; i < n;) {
		struct folded f;
		size_t used = field_fold(s + i, n - i, &f);
		bool other = (uint8_t)s[i] >= 0x80;

		if (other && f.len && f.c[0] == FOLD_OTHER)
			return 0;
		bool uml = umlauts && used == 2 && memmem("äöüÄÖÜ", 12, s + i, 2);
		if (other && f.len) {
			memcpy(out + len, f.c, f.len);
			len += f.len;
			if (uml)
				out[len++] = 'e';
			changed |= uml || !umlauts;
		} else {
			memcpy(out + len, s + i, used);
			len += used;
		}
		i += used;
	}
	return changed ? len : 0;
}

static int add_plain_letters(struct taint *t, const char *raw, size_t n,
			     const struct taint_value *v)
{
	char plain[NAME_BYTES * 2];
	size_t len;
	int r = 0;

	for (int umlauts = 0; umlauts < 2 && n <= NAME_BYTES && !r; umlauts++) {
		len = plain_letters(raw, n, umlauts, plain);
		if (len)
			r = add_value(t, plain, len, v);
	}
	return r;
}

int taint_add(struct taint *t, const char *raw, size_t rawlen, const struct taint_value *v)
{
	int r = add_value(t, raw, rawlen, v);

	if (!r && v->final && !v->choice)
		r = add_id_spellings(t, raw, rawlen, v);
	if (!r && v->final && !v->choice)
		r = add_plain_letters(t, raw, rawlen, v);
	return r;
}
