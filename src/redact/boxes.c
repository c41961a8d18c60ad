/* boxes.c: what several form controls hold together; see boxes.h. */
#include "boxes.h"

#include "beside.h"
#include "redactfs/detect.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>

#define BOX_BYTES  8u /* of a part: more is a value of its own */
#define DATE_BYTES 20u
#define CODE_BOXES 4u /* one character each: fewer are no code */

/* The latest value of a field, where it is short; empty for others. */
struct part {
	char s[BOX_BYTES];
	size_t n;
	bool digits; /* nothing else */
};

static void note_field(void *ctx, uint32_t node)
{
	struct boxes *b = ctx;
	uint32_t field = dom_at(b->en->dom, node)->field;

	if (field && dom_at(b->en->dom, node)->kind != DOM_UNKNOWN)
		b->order[b->n++] = field;
}

int boxes_open(struct boxes *b, struct engine *en, const uint32_t *last, struct buf *tmp)
{
	*b = (struct boxes){.en = en, .last = last, .tmp = tmp};
	if (en->nfields < 2)
		return 0;
	b->order = malloc(en->nfields * sizeof(*b->order));
	if (!b->order)
		return -ENOMEM;
	beside_walk(en->beside, note_field, b);
	/* controls that were spoken of and never seen, in the order in which they were */
	for (uint32_t f = 1; f < en->nfields; f++)
		if (dom_at(en->dom, en->fields[f].node)->kind == DOM_UNKNOWN &&
		    b->n < en->nfields - 1)
			b->order[b->n++] = f;
	return 0;
}

void boxes_done(struct boxes *b)
{
	free(b->order);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int part_of(struct boxes *b, size_t field, struct part *ret)
{
	const char *s;
	size_t n, k = 0;
	int r = 0;

	*ret = (struct part){0};
	if (!b->last[field])
		return 0;
	r = engine_plain(b->en, b->en->items[b->last[field] - 1].tok, b->tmp, &s, &n);
	if (r || !n || n > BOX_BYTES)
		return r;
	memcpy(ret->s, s, n);
	ret->n = n;
	while (k < n && is_digit(s[k]))
		k++;
	ret->digits = k == n;
	return 0;
}

static void field_is(struct field *f, enum redact_class c, enum span_how how)
{
	if (f->cls > c) {
		f->cls = (uint8_t)c;
		f->how = (uint8_t)how;
	}
}

#define CARD_PARTS 5

/* A card number typed into several inputs that nothing names: digits in neighbouring fields that
 * make a card number together. */
static int split_cards(struct boxes *b)
{
	struct part parts[CARD_PARTS];
	size_t run = 0; /* the latest fields in a row that hold only digits */
	int r = 0;

	for (size_t i = 0; i < b->n && !r; i++) {
		struct part *p = &parts[i % CARD_PARTS];

		r = part_of(b, b->order[i], p);
		if (r || p->n < 3 || p->n > 7 || !p->digits) {
			run = 0;
			continue;
		}
		run += run < CARD_PARTS;

		char all[CARD_PARTS * BOX_BYTES];
		size_t at = sizeof(all);
		for (size_t k = 0; k < run; k++) {
			const struct part *q = &parts[(i - k) % CARD_PARTS];

			at -= q->n;
			memcpy(all + at, q->s, q->n);
			if (k && sizeof(all) - at >= 13 &&
			    detect_card_at(all + at, sizeof(all) - at, 0) == sizeof(all) - at)
				for (size_t f = i - k; f <= i; f++)
					field_is(&b->en->fields[b->order[f]], CLASS_CARD,
						 HOW_DETECTOR);
		}
	}
	return r;
}

/* The i-th control goes on where the one before ends: it stands right behind it without a label, or
 * both take one character and stand on one page. */
static bool goes_on(const struct boxes *b, size_t i)
{
	const struct field *f = &b->en->fields[b->order[i]],
			   *before = &b->en->fields[b->order[i - 1]];

	return f->follows == b->order[i - 1] ||
	       (f->single && before->single &&
		dom_at(b->en->dom, f->node)->epoch == dom_at(b->en->dom, before->node)->epoch);
}

/* A box for each character: a code, whatever the page calls it. */
static int code_boxes(struct boxes *b)
{
	size_t run = 0;
	int r = 0;

	for (size_t i = 0; i <= b->n && !r; i++) {
		const struct field *f = i < b->n ? &b->en->fields[b->order[i]] : NULL;
		struct part p = {0};

		if (f)
			r = part_of(b, b->order[i], &p);
		bool one = f && p.n == 1 && (p.digits || f->single) && !f->choice;
		if (one && (!run || goes_on(b, i))) {
			run++;
			continue;
		}
		for (size_t k = i - run; run >= CODE_BOXES && k < i; k++)
			field_is(&b->en->fields[b->order[k]], CLASS_OTP, HOW_DETECTOR);
		run = one;
	}
	return r;
}

static bool comes_in_parts(enum redact_class c)
{
	return c == CLASS_CARD || c == CLASS_OTP || c == CLASS_IBAN || c == CLASS_NATIONAL_ID ||
	       c == CLASS_PHONE || c == CLASS_BIRTHDATE;
}

/* What a number's first group is, the next ones are; and a field that asks for a code and got
 * digits holds one. */
static int later_groups(struct boxes *b)
{
	int r = 0;

	for (size_t i = 0; i < b->n && !r; i++) {
		struct field *f = &b->en->fields[b->order[i]];
		struct part p;

		if (f->cls != CLASS_FORM || (!f->asks_code && !f->follows))
			continue;
		r = part_of(b, b->order[i], &p);
		if (r || !p.digits)
			continue;
		enum redact_class c = (enum redact_class)b->en->fields[f->follows].cls;
		if (f->asks_code && p.n >= 4)
			field_is(f, CLASS_OTP, HOW_FIELD);
		else if (f->follows && comes_in_parts(c) && p.n <= 6)
			field_is(f, c, HOW_FIELD);
	}
	return r;
}

int boxes_decide(struct boxes *b)
{
	int r = split_cards(b);

	if (!r)
		r = code_boxes(b);
	return r ? r : later_groups(b);
}

/* Values of one class in neighbouring fields, put together. */
static int joined_of(struct boxes *b, enum redact_class c)
{
	CLEANUP(buf_wipe_done) struct buf all = {0}, dashed = {0};
	struct engine *en = b->en;
	uint32_t event = 0;
	int r = 0, parts = 0;

	for (size_t i = 0; i <= b->n && !r; i++) {
		uint32_t field = i < b->n ? b->order[i] : 0;
		bool same = field && en->fields[field].cls == c, part = same && b->last[field];
		const char *s = "";
		size_t n = 0;

		if (part) {
			r = engine_plain(en, en->items[b->last[field] - 1].tok, b->tmp, &s, &n);
			part = n && n <= 6;
		}
		if (!r && part) {
			r = buf_add(&all, s, n);
			if (!r && dashed.len)
				r = buf_addc(&dashed, '-');
			if (!r)
				r = buf_add(&dashed, s, n);
			event = en->items[b->last[field] - 1].event;
			parts++;
		} else if (!r && !(same && n <= 6)) {
			struct taint_value v = {.cls = c, .event = event, .final = true};
			size_t least = class_always_dropped(c) ? 4 : 6;

			if (parts > 1 && all.len >= least)
				r = taint_add(en->taint, all.p, all.len, &v);
			/* what has seven digits is looked for with whatever is between them */
			if (!r && parts > 1 && all.len == 6)
				r = taint_add(en->taint, dashed.p, dashed.len, &v);
			all.len = dashed.len = 0;
			parts = 0;
		}
	}
	return r;
}

/* Three numbers of one date, in the order of the page: the year is the one of four digits, and
 * which of the others is the month isn't always told. */
static void add_date(struct boxes *b, const unsigned v[3], const size_t digits[3])
{
	struct taint *t = b->en->taint;

	if (digits[0] == 4) {
		taint_add_date(t, v[0], v[1], v[2]);
	} else if (digits[2] == 4) {
		taint_add_date(t, v[2], v[1], v[0]);
		taint_add_date(t, v[2], v[0], v[1]);
	}
}

#define MS_A_YEAR  INT64_C(31556952000)
#define BIRTH_AGES 10 /* years before the visit: dates of visits, deliveries, offers are nearer */

/* 1961-04-23, 23/04/1961, 23.04.1961: where the year is, 0 or 6; -1: no such date. */
static int year_at(const char *s, size_t n)
{
	int year = n == 10 && !is_digit(s[4]) ? 0 : 6;

	for (int i = 0; i < 10 && n == 10; i++) {
		bool sep = i == (year ? 2 : 4) || i == (year ? 5 : 7);

		if (sep ? !strchr("-/. ", s[i]) : !is_digit(s[i]))
			return -1;
	}
	return n == 10 ? year : -1;
}

bool boxes_is_date(const struct engine *en, const struct item *it, const char *s, size_t n,
		   bool *ret_long_ago)
{
	uint32_t time = it->event < en->nevents ? en->events[it->event].time : 0;
	int at = year_at(s, n);
	int64_t ms, year = 0;

	*ret_long_ago = false;
	if (at < 0)
		return false;
	for (int i = at; i < at + 4; i++)
		year = year * 10 + (s[i] - '0');
	if (time && jtok_int(en->text, &en->toks.v[time], &ms))
		*ret_long_ago = year <= 1970 + ms / MS_A_YEAR - BIRTH_AGES;
	return true;
}

/* Dates of birth, in one field or in three. */
static int dates(struct boxes *b)
{
	unsigned v[3] = {0};
	size_t digits[3] = {0}, n = 0;
	int r = 0;

	for (size_t i = 0; i < b->n && !r; i++) {
		uint32_t field = b->order[i];
		const char *s = "";
		size_t len = 0, had = n;

		const struct item *it = b->last[field] ? &b->en->items[b->last[field] - 1] : NULL;
		if (it)
			r = engine_plain(b->en, it->tok, b->tmp, &s, &len);
		bool long_ago = false;
		if (r || !it ||
		    (b->en->fields[field].cls != CLASS_BIRTHDATE &&
		     !(boxes_is_date(b->en, it, s, len, &long_ago) && long_ago))) {
			n = 0;
			continue;
		}
		for (size_t k = 0; k < len && len <= DATE_BYTES && n < 3;) {
			size_t from = k;
			unsigned x = 0;

			for (; k < len && k - from < 4 && is_digit(s[k]); k++)
				x = x * 10 + (unsigned)(s[k] - '0');
			if (k > from) {
				digits[n] = k - from;
				v[n++] = x;
			}
			k += k == from;
		}
		if (had && n - had != 1)
			n = 0; /* a part is one number */
		if (n == 3) {
			add_date(b, v, digits);
			n = 0;
		}
	}
	return r;
}

int boxes_joined(struct boxes *b)
{
	static const uint8_t classes[] = {CLASS_PASSWORD, CLASS_CARD,        CLASS_CVC,  CLASS_OTP,
					  CLASS_IBAN,     CLASS_NATIONAL_ID, CLASS_PHONE};
	int r = 0;

	for (size_t i = 0; i < sizeof(classes) && !r && b->n; i++)
		r = joined_of(b, (enum redact_class)classes[i]);
	return r ? r : dates(b);
}
