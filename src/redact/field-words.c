/* field-words.c: finds the vocabulary's words in identifiers and labels; see field.h.
 *
 * A text is folded to a stream of letters and digits without separators, and each place in the
 * stream knows whether a word may begin there. So one entry, "card number", matches "Card number",
 * "card-number", "cardNumber" and "cardnumber", and doesn't match inside "discard numbers".
 *
 *   hard border   a separator stood there: a match may cross it only where the entry has a blank
 *   soft border   camelCase, or letters meet digits: a word may begin or end there, needn't
 *   wall          a blank in an identifier (a list of classes), a comma or the like in a label:
 *                 nothing crosses it
 *
 * The text is read from the left; of the entries that match at a place the longest counts and what
 * it covers is done with, so that near misses hide the words in them.
 *
 * The index over the vocabulary is built once, at the first call, and never changes: the tables
 * stay readable, and there is no generated source. */
#include "redactfs/field.h"

#include "field-priv.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

/* A label that is longer isn't a label (a <label> around a whole article); its start counts. */
#define TEXT_MAX 1024u

#define ENTRIES_MAX 3072u
#define POOL_MAX    65536u
#define WORD_MAX    63u /* one bit a byte in `blanks` */
#define BUCKETS     4096u
#define KEY_MAX     4u /* bytes of an entry that choose its bucket */

enum {
	ANY_BEGINNING = 1u << 0, /* *word */
	ANY_ENDING = 1u << 1,    /* word* */
	FIRST = 1u << 2,         /* ^word */
	LAST = 1u << 3,          /* word$ */
	CAPITALS = 1u << 4,      /* WORD */
	STOP = 1u << 5,
	FILLER = 1u << 6,
};

struct entry {
	uint64_t blanks; /* bit i: a separator may stand before byte i */
	uint16_t at;     /* in pool */
	uint16_t next;   /* of the same bucket, plus one; 0: none */
	uint8_t len;
	uint8_t cls;
	uint8_t where;
	uint8_t flags;
};

/* Immutable after build(). */
static struct {
	struct entry v[ENTRIES_MAX];
	char pool[POOL_MAX];
	uint16_t bucket[BUCKETS]; /* plus one; 0: none */
	uint32_t pairs[2][32];    /* some entry begins with these two letters; [1]: inside a word */
	unsigned n, used;
} vocab;
static pthread_once_t vocab_once = PTHREAD_ONCE_INIT;

enum { WALL = ' ' }; /* in the stream; no entry has it */

enum {
	HARD = 1u << 0,
	SOFT = 1u << 1,
	UPPER = 1u << 2,    /* was a capital */
	IS_FIRST = 1u << 3, /* a word here would have nothing but fillers before it */
	IS_LAST = 1u << 4,  /* a word that ends here would have nothing but fillers after it */
};

struct stream {
	enum field_words_in where;
	unsigned n;
	bool lower; /* has a lower-case letter: capitals mean something */
	char c[TEXT_MAX + 1];
	uint8_t f[TEXT_MAX + 1]; /* f[i]: of the place before c[i] */
};

/* By the first bytes and their number. Entries that may begin inside a word have buckets of their
 * own, because most places of a text are inside words. */
static unsigned bucket_of(const char *s, unsigned key, bool inside)
{
	uint32_t h = key * 2u + inside;

	for (unsigned i = 0; i < key; i++)
		h = h * 31u + (uint8_t)s[i];
	return (h * 2654435761u) >> 20; /* 12 bits: BUCKETS */
}

/* A bit for two bytes by their low five bits: z and : fall together, which costs a look. */
static bool pair_begins(const char *s, bool inside)
{
	return vocab.pairs[inside][s[0] & 31] >> (s[1] & 31) & 1;
}

static unsigned key_of(unsigned len)
{
	return len < KEY_MAX ? len : KEY_MAX;
}

/* --- the index --- */

static void entry_add(const char *s, unsigned len, uint64_t blanks, const struct entry *as)
{
	/* Our own tables: what doesn't fit is a bug that any test of this file shows. */
	assert(len >= 2 && len <= WORD_MAX);
	assert(vocab.n < ENTRIES_MAX && vocab.used + len <= POOL_MAX);
	struct entry *e = &vocab.v[vocab.n++];
	uint16_t *b = &vocab.bucket[bucket_of(s, key_of(len), as->flags & ANY_BEGINNING)];

	vocab.pairs[!!(as->flags & ANY_BEGINNING)][s[0] & 31] |= 1u << (s[1] & 31);
	*e = *as;
	e->at = (uint16_t)vocab.used;
	e->len = (uint8_t)len;
	e->blanks = blanks;
	e->next = *b;
	*b = (uint16_t)vocab.n;
	memcpy(vocab.pool + vocab.used, s, len);
	vocab.used += len;
}

static const struct entry *entry_exact(const char *s, unsigned len, unsigned flags)
{
	if (len < 2)
		return NULL;
	for (unsigned i = vocab.bucket[bucket_of(s, key_of(len), false)]; i;
	     i = vocab.v[i - 1].next) {
		const struct entry *e = &vocab.v[i - 1];

		if ((e->flags & flags) && e->len == len && !memcmp(vocab.pool + e->at, s, len))
			return e;
	}
	return NULL;
}

/* As above, without the words that a text has been rid of, where at least two others stay. */
static void entry_add_without_stops(const char *s, unsigned len, uint64_t blanks,
				    const struct entry *as)
{
	char out[WORD_MAX] = {0};
	uint64_t out_blanks = 0;
	unsigned n = 0, words = 0, stops = 0;

	for (unsigned from = 0; from < len;) {
		unsigned to = from + 1;

		while (to < len && !(blanks >> to & 1))
			to++;
		if (entry_exact(s + from, to - from, STOP)) {
			stops++;
		} else {
			if (words++)
				out_blanks |= 1ull << n;
			memcpy(out + n, s + from, to - from);
			n += to - from;
		}
		from = to;
	}
	if (stops && words >= 2)
		entry_add(out, n, out_blanks, as);
}

/* One word or phrase of a row, in its own spelling; umlauts as two letters where `transcribe`.
 * Returns whether it has an umlaut. */
static bool phrase_add(const char *s, size_t n, const struct entry *as, bool transcribe)
{
	struct entry e = *as;
	char out[WORD_MAX + 2] = {0};
	uint64_t blanks = 0;
	unsigned len = 0;
	bool umlaut = false, blank = false;

	for (size_t i = 0; i < n;) {
		struct folded f;

		if (s[i] == '*')
			e.flags |= len ? ANY_ENDING : ANY_BEGINNING;
		else if (s[i] == '^')
			e.flags |= FIRST;
		else if (s[i] == '$')
			e.flags |= LAST;
		size_t used = field_fold(s + i, n - i, &f);
		bool uml = used == 2 && (!memcmp(s + i, "ä", 2) || !memcmp(s + i, "ö", 2) ||
					 !memcmp(s + i, "ü", 2));
		if (f.separates)
			blank = s[i] == ' ' || s[i] == '\'' || blank;
		else if (blank && len)
			blanks |= 1ull << len;
		if (f.len)
			blank = false;
		assert(len + f.len <= WORD_MAX);
		memcpy(out + len, f.c, f.len);
		len += f.len;
		if (f.upper)
			e.flags |= CAPITALS;
		if (uml && transcribe)
			out[len++] = 'e';
		umlaut |= uml;
		i += used;
	}
	entry_add(out, len, blanks, &e);
	if (!(e.flags & (STOP | FILLER)))
		entry_add_without_stops(out, len, blanks, &e);
	return umlaut;
}

static void words_add(const char *words, const struct entry *as, bool german)
{
	for (const char *s = words; *s;) {
		size_t n = strcspn(s, ",");

		if (phrase_add(s, n, as, /* transcribe= */ false) && german)
			(void)phrase_add(s, n, as, /* transcribe= */ true);
		s += n;
		s += strspn(s, ", ");
	}
}

static void build(void)
{
	words_add(field_stop_words, &(struct entry){.flags = STOP}, false);
	words_add(field_filler_words, &(struct entry){.flags = FILLER}, false);
	for (const struct vocab_row *r = field_vocab; r->words; r++)
		words_add(r->words, &(struct entry){.cls = r->cls, .where = r->where},
			  !strcmp(r->lang, "de"));
}

/* --- the text --- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A word ended by a separator is there: [from, s->n). Stop words go. */
static void word_end(struct stream *s, unsigned from)
{
	if (s->n > from && entry_exact(s->c + from, s->n - from, STOP)) {
		s->n = from;
		s->f[from] = HARD;
	}
}

static void wall(struct stream *s)
{
	if (s->n && s->c[s->n - 1] != WALL) {
		s->c[s->n] = WALL;
		s->f[s->n] |= HARD;
		s->f[++s->n] = HARD;
	}
}

static bool is_wall(char c, enum field_words_in where)
{
	if (where == WORDS_IN_NAME)
		return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
	return c == ',' || c == ';' || c == '!' || c == '?' || c == '\n';
}

static void fold_text(struct stream *s, const char *text, size_t len)
{
	unsigned from = 0; /* of the word being read */
	bool prev_upper = false;

	s->n = 0;
	s->lower = false;
	s->f[0] = HARD;
	for (size_t i = 0; i < len && s->n + 4 < TEXT_MAX;) {
		struct folded f;
		size_t used = field_fold(text + i, len - i, &f);

		if (f.separates) {
			word_end(s, from);
			s->f[s->n] |= HARD;
			if (is_wall(text[i], s->where))
				wall(s);
			from = s->n;
			prev_upper = false;
		} else if (f.len) {
			bool letter = !digit(f.c[0]), in_word = s->n > from;

			if (in_word && (letter == digit(s->c[s->n - 1]) || f.c[0] == '#' ||
					s->c[s->n - 1] == '#'))
				s->f[s->n] |= SOFT;
			if (in_word && s->where == WORDS_IN_NAME) {
				if (f.upper && !prev_upper)
					s->f[s->n] |= SOFT;
				/* NHSNumber: after the capitals, or before their last one */
				if (letter && !f.upper && prev_upper && s->n - from >= 2) {
					s->f[s->n] |= SOFT;
					s->f[s->n - 1] |= SOFT;
				}
			}
			if (f.upper)
				s->f[s->n] |= UPPER;
			else if (letter)
				s->lower = true;
			for (unsigned k = 0; k < f.len; k++) {
				if (k && f.upper)
					s->f[s->n] |= UPPER;
				s->c[s->n] = f.c[k];
				s->f[++s->n] = 0;
			}
			prev_upper = f.upper;
		}
		i += used;
	}
	word_end(s, from);
	s->f[s->n] |= HARD;
}

/* Whether the token [a, b) counts for nothing when a word has to stand alone. */
static bool filler(const struct stream *s, unsigned a, unsigned b)
{
	return b - a < 2 || digit(s->c[a]) || s->c[a] == '#' || s->c[a] == WALL ||
	       entry_exact(s->c + a, b - a, FILLER);
}

/* Sets IS_FIRST and IS_LAST: in a label between walls; a class among others is never alone. */
static void find_edges(struct stream *s)
{
	bool edge = true;

	for (unsigned a = 0, b; a < s->n; a = b) {
		for (b = a + 1; !(s->f[b] & (HARD | SOFT)); b++)
			;
		edge |= s->c[a] == WALL && s->where == WORDS_IN_LABEL;
		if (edge)
			s->f[a] |= IS_FIRST;
		edge = edge && filler(s, a, b);
	}
	edge = true;
	for (unsigned b = s->n, a; b; b = a) {
		for (a = b - 1; !(s->f[a] & (HARD | SOFT)); a--)
			;
		edge |= s->c[a] == WALL && s->where == WORDS_IN_LABEL;
		if (edge)
			s->f[b] |= IS_LAST;
		edge = edge && filler(s, a, b);
	}
}

/* --- matching --- */

static bool fits(const struct stream *s, unsigned i, const struct entry *e)
{
	unsigned end = i + e->len;
	uint8_t border = HARD | SOFT;

	if (end > s->n || memcmp(s->c + i, vocab.pool + e->at, e->len) != 0)
		return false;
	if (!(e->flags & ANY_BEGINNING) && !(s->f[i] & border))
		return false;
	if (!(e->flags & ANY_ENDING) && !(s->f[end] & border))
		return false;
	if ((e->flags & FIRST) && !(s->f[i] & IS_FIRST))
		return false;
	if ((e->flags & LAST) && !(s->f[end] & IS_LAST))
		return false;
	for (unsigned k = 1; k < e->len; k++) {
		if ((s->f[i + k] & HARD) && !(e->blanks >> k & 1))
			return false;
	}
	if ((e->flags & CAPITALS) && s->where == WORDS_IN_LABEL) {
		/* in a text all in capitals they mean nothing, unless it is the whole text */
		if (!s->lower && !((s->f[i] & IS_FIRST) && (s->f[end] & IS_LAST)))
			return false;
		for (unsigned k = i; k < end; k++) {
			if (!(s->f[k] & UPPER))
				return false;
		}
	}
	return true;
}

/* When several classes are said: what is never kept comes first, and among it what the others
 * qualify ("code on the back of the card", "card PIN"). */
static unsigned rank(uint8_t cls)
{
	static const uint8_t order[] = {
		CLASS_CVC,         CLASS_OTP,       CLASS_PASSWORD, CLASS_CARD,  CLASS_IBAN,
		CLASS_NATIONAL_ID, CLASS_BIRTHDATE, CLASS_EMAIL,    CLASS_PHONE,
	};
	unsigned i = 0;

	while (i < sizeof(order) && order[i] != cls)
		i++;
	return i;
}

static bool better(const struct entry *e, const struct entry *than)
{
	if (!than || e->len != than->len)
		return !than || e->len > than->len;
	/* as long: the one that says something, because in doubt it is sensitive */
	return e->cls && (!than->cls || rank(e->cls) < rank(than->cls));
}

/* The entry that counts at place i, of those that count `in` such a text, or NULL. */
static const struct entry *match_at(const struct stream *s, unsigned i, uint8_t in)
{
	const struct entry *best = NULL;

	for (int inside = !(s->f[i] & (HARD | SOFT)); inside < 2; inside++) {
		if (i + 2 > s->n || !pair_begins(s->c + i, inside))
			continue;
		for (unsigned key = 2; key <= KEY_MAX && i + key <= s->n; key++) {
			unsigned k = vocab.bucket[bucket_of(s->c + i, key, inside)];

			for (const struct entry *e; k; k = e->next) {
				e = &vocab.v[k - 1];
				if ((e->where & in) && better(e, best) && fits(s, i, e))
					best = e;
			}
		}
	}
	return best;
}

static void read_text(struct stream *s, const char *text, size_t len, enum field_words_in where)
{
	(void)pthread_once(&vocab_once, build); /* can't fail with a static control */
	s->where = where;
	fold_text(s, text, len);
	find_edges(s);
}

enum redact_class field_by_words(const char *text, size_t len, enum field_words_in where)
{
	struct stream s;
	uint8_t best = field_by_script(text, len);

	read_text(&s, text, len, where);
	for (unsigned i = 0; i < s.n;) {
		const struct entry *m =
			match_at(&s, i, where == WORDS_IN_NAME ? VOCAB_NAME : VOCAB_LABEL);

		if (m && m->cls && (!best || rank(m->cls) < rank(best)))
			best = m->cls;
		i += m ? m->len : 1;
	}
	return (enum redact_class)best;
}

bool field_asks_code(const char *text, size_t len, enum field_words_in where)
{
	struct stream s;

	/* each such word has one of these: code, kod, código, token */
	if (!memchr(text, 'd', len) && !memchr(text, 'D', len) && !memchr(text, 'k', len) &&
	    !memchr(text, 'K', len))
		return false;
	read_text(&s, text, len, where);
	for (unsigned i = 0; i < s.n; i++)
		if (match_at(&s, i, where == WORDS_IN_NAME ? VOCAB_CODE_NAME : VOCAB_CODE_LABEL))
			return true;
	return false;
}
