/* test-plan.c: random recordings, spans and policies, cut, planned and rendered piece by piece,
 * against the plain rendering that walks the text once. */
#include "../../src/store/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static uint32_t seed = 1;
static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(seed >> 8) * n) >> 24);
}

#define TEXT 3000
#define MAX  400

struct world {
	char text[TEXT];
	struct span spans[MAX];
	size_t n;
	struct policy at_import, now;
};

static void random_policy(struct policy *p)
{
	assert_int_equal(policy_default(p), 0);
	for (int c = 1; c < CLASS_COUNT; c++)
		p->disp[c] = (enum disposition)rnd(3); /* also for those that are always dropped */
}

static void random_world(struct world *w)
{
	size_t off = 0;

	for (size_t i = 0; i < TEXT; i++)
		w->text[i] = (char)('a' + rnd(26));
	w->n = 0;
	uint32_t gap = 1 + rnd(60), len = 1 + rnd(30);
	while (w->n < MAX) {
		off += rnd(gap);
		uint32_t k = 1 + rnd(len);
		if (off + k > TEXT)
			break;
		w->spans[w->n++] = (struct span){
			.off = (uint32_t)off,
			.len = k,
			.cls = (uint8_t)(1 + rnd(CLASS_COUNT - 1)),
			.form = (uint8_t)rnd(FORM_COUNT),
			.how = (uint8_t)rnd(4),
			.flags = (uint8_t)rnd(2),
		};
		off += k;
	}
	random_policy(&w->at_import);
	random_policy(&w->now);
}

static enum disposition decide(const struct policy *p, const struct span *s)
{
	return class_always_dropped((enum redact_class)s->cls)
		       ? DISP_DROP
		       : policy_disposition(p, (enum redact_class)s->cls, s->flags);
}

/* What DESIGN section 4 says, without base, plan or cursor. */
static void render_plainly(const struct world *w, bool reveal, struct buf *out)
{
	size_t pos = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct span *s = &w->spans[i];
		enum disposition then = decide(&w->at_import, s), now = decide(&w->now, s);
		bool value;

		if (then == DISP_DROP)
			value = false;
		else if (reveal)
			value = now != DISP_DROP;
		else
			value = then == DISP_SHOW && now == DISP_SHOW;
		size_t n;
		const char *tok =
			class_token((enum redact_class)s->cls, (enum token_form)s->form, &n);
		assert_int_equal(buf_add(out, w->text + pos, s->off - pos), 0);
		assert_int_equal(
			value ? buf_add(out, w->text + s->off, s->len) : buf_add(out, tok, n), 0);
		pos = s->off + s->len;
	}
	assert_int_equal(buf_add(out, w->text + pos, TEXT - pos), 0);
}

static void read_slice(const struct plan *p, const struct buf *base, const struct buf *values,
		       uint64_t off, uint64_t n, struct buf *out)
{
	struct plan_cursor c;
	struct plan_piece piece;

	plan_seek(p, off, n, &c);
	while (plan_next(&c, &piece)) {
		assert_true(piece.len > 0);
		const char *from = piece.token;
		if (piece.from == PIECE_BASE) {
			assert_true(piece.off + piece.len <= base->len);
			from = base->p + piece.off;
		} else if (piece.from == PIECE_VALUES) {
			assert_true(piece.off + piece.len <= values->len);
			from = values->p + piece.off;
		}
		assert_int_equal(buf_add(out, from, piece.len), 0);
	}
}

/* Nothing before `off` is made of base from there on, nothing behind it of base before. */
static void check_base_at(const struct plan *p, uint64_t off)
{
	uint64_t at = plan_base_at(p, off);
	struct plan_cursor c;
	struct plan_piece piece;

	assert_true(at <= p->base_bytes);
	plan_seek(p, 0, off, &c);
	while (plan_next(&c, &piece))
		assert_true(piece.from != PIECE_BASE || piece.off + piece.len <= at);
	plan_seek(p, off, UINT64_MAX, &c);
	if (plan_next(&c, &piece) && piece.from == PIECE_BASE)
		assert_int_equal(piece.off, at);
	while (plan_next(&c, &piece))
		assert_true(piece.from != PIECE_BASE || piece.off >= at);
}

static void check_plan(const struct world *w, const struct plan *p, const struct buf *base,
		       const struct buf *values, bool reveal)
{
	CLEANUP(buf_done) struct buf want = {0};

	render_plainly(w, reveal, &want);
	assert_int_equal(p->size, want.len);
	for (int i = 0; i < 60; i++) {
		CLEANUP(buf_done) struct buf got = {0};
		uint64_t off = i ? rnd((uint32_t)want.len + 20) : 0;
		uint64_t n = i ? rnd(i % 2 ? 40 : (uint32_t)want.len + 20) : want.len;
		uint64_t first = off < want.len ? off : want.len;
		uint64_t k = n < want.len - first ? n : want.len - first;

		check_base_at(p, off);
		read_slice(p, base, values, off, n, &got);
		assert_int_equal(got.len, k);
		if (k)
			assert_memory_equal(got.p, want.p + first, k);
	}
}

static void test_slices_equal_the_whole(void **state)
{
	static struct world w;

	(void)state;
	for (int round = 0; round < 300; round++) {
		CLEANUP(span_table_done) struct span_table t = {0}, t2 = {0};
		CLEANUP(plan_done) struct plan p = {0}, p2 = {0}, rev = {0};
		CLEANUP(buf_done) struct buf base = {0}, values = {0}, enc = {0}, penc = {0};
		char tmp[97];

		random_world(&w);
		assert_int_equal(span_table_make(TEXT, w.spans, w.n, &w.at_import, &t, NULL), 0);
		struct base_cursor c = {.text = w.text, .len = TEXT, .spans = w.spans, .t = &t};
		for (size_t k; (k = base_cursor_read(&c, tmp, 1 + rnd(97))) > 0;)
			assert_int_equal(buf_add(&base, tmp, k), 0);
		assert_int_equal(base.len, t.base_bytes);
		assert_int_equal(span_values(w.text, w.spans, &t, &values), 0);
		assert_int_equal(values.len, t.value_bytes);

		/* the table survives its disk form */
		assert_int_equal(span_table_encode(&t, &enc), 0);
		assert_int_equal(span_table_decode(enc.p, enc.len, t.base_bytes, &t2), 0);
		assert_int_equal(t2.n, t.n);
		assert_int_equal(t2.value_bytes, t.value_bytes);

		assert_int_equal(plan_make(&t2, &w.now, false, &p), 0);
		check_plan(&w, &p, &base, &values, false);
		assert_int_equal(plan_make(&t2, &w.now, true, &rev), 0);
		check_plan(&w, &rev, &base, &values, true);

		/* and so does the plan */
		assert_int_equal(plan_encode(&p, &penc), 0);
		assert_int_equal(plan_decode(penc.p, penc.len, t.base_bytes, &p2), 0);
		check_plan(&w, &p2, &base, &values, false);

		uint64_t counts[CLASS_COUNT], sum = 0;
		plan_counts(&p, counts);
		for (int k = 0; k < CLASS_COUNT; k++)
			sum += counts[k];
		assert_int_equal(sum, p.n);
	}
}

/* S1, S2: what isn't shown is in the base nowhere; what is dropped isn't in the values either. */
static void test_cut_text_is_nowhere(void **state)
{
	static const char text[] = "x=PASSWORD1;y=MAILADDR2;z=FORMTEXT3;";
	static const struct span spans[] = {
		{.off = 2, .len = 9, .cls = CLASS_PASSWORD},
		{.off = 14, .len = 9, .cls = CLASS_EMAIL},
		{.off = 26, .len = 9, .cls = CLASS_FORM, .flags = SPAN_ENTERED},
	};
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(buf_done) struct buf values = {0};
	struct policy p;
	char base[64] = "";

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	p.disp[CLASS_PASSWORD] = DISP_SHOW; /* S3: not even then */
	assert_int_equal(span_table_make(sizeof(text) - 1, spans, 3, &p, &t, NULL), 0);
	struct base_cursor c = {.text = text, .len = sizeof(text) - 1, .spans = spans, .t = &t};
	size_t n = base_cursor_read(&c, base, sizeof(base));
	assert_int_equal(n, t.base_bytes);
	assert_string_equal(base, "x=;y=;z=;");
	assert_int_equal(span_values(text, spans, &t, &values), 0);
	assert_string_equal(values.p, "MAILADDR2FORMTEXT3");
}

static void test_bad_spans_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct span v[2];
	} cases[] = {
		{"empty", {{.off = 1, .len = 0, .cls = 1}, {.off = 5, .len = 1, .cls = 1}}},
		{"overlap", {{.off = 1, .len = 5, .cls = 1}, {.off = 5, .len = 1, .cls = 1}}},
		{"unsorted", {{.off = 8, .len = 1, .cls = 1}, {.off = 5, .len = 1, .cls = 1}}},
		{"past the end", {{.off = 1, .len = 1, .cls = 1}, {.off = 95, .len = 6, .cls = 1}}},
		{"far past", {{.off = 1, .len = 1, .cls = 1}, {.off = 4, .len = ~0u, .cls = 1}}},
		{"no class", {{.off = 1, .len = 1, .cls = 0}, {.off = 5, .len = 1, .cls = 1}}},
		{"class",
		 {{.off = 1, .len = 1, .cls = CLASS_COUNT}, {.off = 5, .len = 1, .cls = 1}}},
		{"form",
		 {{.off = 1, .len = 1, .cls = 1, .form = FORM_COUNT},
		  {.off = 5, .len = 1, .cls = 1}}},
	};
	struct policy p;

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct span_table t;
		struct errinfo e = {0};

		assert_int_equal(span_table_make(100, cases[i].v, 2, &p, &t, &e), -EINVAL);
		assert_true(e.msg[0]);
	}
}

/* Whatever bytes stand there: an error, or a table whose arithmetic holds. */
static void test_decoders_take_any_bytes(void **state)
{
	static struct world w;
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(plan_done) struct plan p = {0};
	CLEANUP(buf_done) struct buf enc = {0}, penc = {0};
	int accepted = 0, refused = 0;

	(void)state;
	do
		random_world(&w);
	while (w.n < 10);
	assert_int_equal(span_table_make(TEXT, w.spans, w.n, &w.at_import, &t, NULL), 0);
	assert_int_equal(span_table_encode(&t, &enc), 0);
	assert_int_equal(plan_make(&t, &w.now, false, &p), 0);
	assert_int_equal(plan_encode(&p, &penc), 0);
	for (int i = 0; i < 20000; i++) {
		struct buf *b = i % 2 ? &enc : &penc;
		size_t at = rnd((uint32_t)(b->len < 200 ? b->len : 200));
		char old = b->p[at];
		size_t len = i % 7 ? b->len : rnd((uint32_t)b->len);

		b->p[at] = (char)(old ^ (1 << rnd(8)));
		CLEANUP(span_table_done) struct span_table t2 = {0};
		CLEANUP(plan_done) struct plan p2 = {0};
		if (i % 2 && span_table_decode(b->p, len, t.base_bytes, &t2) == 0) {
			CLEANUP(plan_done) struct plan any = {0};
			struct plan_cursor c;
			struct plan_piece piece;
			uint64_t sum = 0;

			accepted++;
			assert_int_equal(plan_make(&t2, &w.now, true, &any), 0);
			plan_seek(&any, 0, UINT64_MAX, &c);
			while (plan_next(&c, &piece)) {
				sum += piece.len;
				if (piece.from == PIECE_BASE)
					assert_true(piece.off + piece.len <= t.base_bytes);
				if (piece.from == PIECE_VALUES)
					assert_true(piece.off + piece.len <= t2.value_bytes);
			}
			assert_int_equal(sum, any.size);
		} else if (!(i % 2) && plan_decode(b->p, len, t.base_bytes, &p2) == 0) {
			accepted++;
		} else {
			refused++;
		}
		b->p[at] = old;
	}
	assert_true(accepted > 100 && refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices_equal_the_whole),
		cmocka_unit_test(test_cut_text_is_nowhere),
		cmocka_unit_test(test_bad_spans_are_refused),
		cmocka_unit_test(test_decoders_take_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
