/* detect.c: one pass over a text, a detector at each anchor, and one answer where several claim the
 * same bytes.
 *
 * (D1) matches are sorted, don't overlap, lie inside the text and never split a character
 * (D2) every byte that some detector claimed stays covered: where two overlap, the lower class
 *      takes the common part and the other keeps the rest
 * (D3) the cost is linear in the text: look-behind and look-ahead are bounded by constants, and
 * what lies inside a match of unbounded length isn't looked at again */
#include "detect-priv.h"

#include "redactfs/limits.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void detect_matches_done(struct detect_matches *m)
{
	free(m->v);
	*m = (struct detect_matches){0};
}

static int matches_push(struct detect_matches *m, size_t off, size_t end, unsigned cls)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 16;
		struct detect_match *v = realloc(m->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct detect_match){
		.off = (uint32_t)off, .len = (uint32_t)(end - off), .cls = (uint8_t)cls};
	return 0;
}

void scan_add(struct scan *sc, size_t off, size_t end, enum redact_class c)
{
	assert(off < end && end <= sc->n);
	if (!scan_wants(sc, c) || sc->r < 0)
		return;
	sc->r = matches_push(sc->m, off, end, c);
}

/* Adds [off, end), joined to the match before it where they touch and are of one class. */
static int emit(struct detect_matches *m, size_t base, size_t off, size_t end, unsigned cls)
{
	struct detect_match *last = m->n > base ? &m->v[m->n - 1] : NULL;

	if (last && last->cls == cls && last->off + last->len == off) {
		last->len += (uint32_t)(end - off);
		return 0;
	}
	return matches_push(m, off, end, cls);
}

/* Keeps D1 and D2. Matches come nearly in order (a match starts a bounded stretch before its
 * anchor), so insertion sort is linear here. Then a sweep that knows for each class how far it
 * reaches; the answer grows behind the matches it is made from, and takes their place. */
static int resolve(struct detect_matches *m, size_t base)
{
	bool overlap = false;
	size_t n = m->n, pos = 0;
	size_t reach[CLASS_COUNT] = {0};

	for (size_t i = base + 1; i < n; i++) {
		struct detect_match x = m->v[i];
		size_t k = i;

		for (; k > base && m->v[k - 1].off > x.off; k--)
			m->v[k] = m->v[k - 1];
		m->v[k] = x;
	}
	for (size_t i = base + 1; i < n && !overlap; i++)
		overlap = m->v[i - 1].off + m->v[i - 1].len > m->v[i].off;
	if (!overlap)
		return 0;
	for (size_t i = base; i <= n; i++) {
		size_t to = i < n ? m->v[i].off : SIZE_MAX;

		while (pos < to) {
			unsigned c = 1;
			size_t end;

			while (c < CLASS_COUNT && reach[c] <= pos)
				c++;
			if (c == CLASS_COUNT) {
				pos = to;
				break;
			}
			end = reach[c] < to ? reach[c] : to;
			if (emit(m, n, pos, end, c) < 0)
				return -ENOMEM;
			pos = end;
		}
		if (i < n) {
			size_t end = to + m->v[i].len;

			if (end > reach[m->v[i].cls])
				reach[m->v[i].cls] = end;
		}
	}
	memmove(m->v + base, m->v + n, (m->n - n) * sizeof(*m->v));
	m->n = base + (m->n - n);
	return 0;
}

/* The first digit of a run at i. */
static void at_number(struct scan *sc, size_t i)
{
	size_t end = scan_wants(sc, CLASS_CARD) ? card_end(sc, i) : 0;

	if (end) {
		scan_add(sc, i, end, CLASS_CARD);
		sc->resume = end;
	}
}

static void at_other(struct scan *sc, size_t i)
{
	switch (sc->s[i]) {
	case '@':
		email_at(sc, i, 1);
		break;
	case '%':
		if (byte_at(sc, i + 1) == '4' && byte_at(sc, i + 2) == '0')
			email_at(sc, i, 3);
		break;
	}
}

static void scan_text(struct scan *sc)
{
	uint64_t carry = 0; /* the block before ended in a digit */
	uint8_t tail[64];

	for (size_t base = 0; base < sc->n && sc->r == 0; base += 64) {
		const uint8_t *p = sc->s + base;
		struct anchors a;
		uint64_t starts, todo;

		if (sc->n - base < sizeof(tail)) {
			memset(tail, 0, sizeof(tail));
			memcpy(tail, p, sc->n - base);
			p = tail;
		}
		anchors_find(p, &a);
		starts = a.digit & ~(a.digit << 1 | carry);
		carry = a.digit >> 63;
		for (todo = starts | a.other; todo; todo &= todo - 1) {
			unsigned bit = (unsigned)__builtin_ctzll(todo);

			if (base + bit < sc->resume)
				continue;
			if (starts >> bit & 1)
				at_number(sc, base + bit);
			else
				at_other(sc, base + bit);
		}
	}
}

int detect_scan(const char *s, size_t n, enum detect_context ctx, uint32_t enabled,
		const char *label, size_t labellen, struct detect_matches *m)
{
	struct scan sc = {.s = (const uint8_t *)s,
			  .n = n,
			  .ctx = ctx,
			  .enabled = enabled,
			  .label = label,
			  .labellen = labellen,
			  .m = m};
	size_t base = m->n;

	if (n > LIMIT_STRING_BYTES)
		return -E2BIG;
	scan_text(&sc);
	if (sc.r == 0)
		sc.r = resolve(m, base);
	if (sc.r < 0)
		m->n = base;
	return sc.r;
}
