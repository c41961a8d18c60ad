/* test-plan-compose.c: reading by a composed plan gives what replacing the spans in the rendering
 * gives; whatever the plan below was, and wherever the spans cut it. */
#include "../../src/store/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed = 1;
static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void read_by(const struct plan *p, const char *base, const char *values, struct buf *out)
{
	struct plan_cursor c;
	struct plan_piece piece;

	plan_seek(p, 0, p->size, &c);
	while (plan_next(&c, &piece)) {
		const char *from = piece.from == PIECE_BASE     ? base + piece.off
				   : piece.from == PIECE_VALUES ? values + piece.off
								: piece.token;

		assert_int_equal(buf_add(out, from, (size_t)piece.len), 0);
	}
	assert_int_equal(out->len, p->size);
}

/* A base of n letters under a plan that skips some and puts in tokens, values or nothing. */
static void random_plan(struct plan *p, uint64_t n)
{
	static const uint8_t forms[] = {FORM_TOKEN, FORM_EMPTY, FORM_ZERO};
	uint64_t at = 0, val = 0;

	*p = (struct plan){.base_bytes = n, .v = calloc(n + 1, sizeof(*p->v))};
	while (at + 4 < n && p->n < 12) {
		struct plan_seg *s = &p->v[p->n];

		at += rnd(6);
		if (at > n)
			break;
		s->base_off = at;
		s->skip = rnd(3) ? rnd(4) : 0;
		if (at + s->skip > n)
			break;
		at += s->skip;
		s->cls = (uint8_t)(1 + rnd(CLASS_COUNT - 1));
		s->form = forms[rnd(3)];
		s->from_values = !rnd(3);
		size_t len;
		(void)class_token((enum redact_class)s->cls, (enum token_form)s->form, &len);
		s->len = s->from_values ? 1 + rnd(4) : (uint32_t)len;
		s->val_off = val;
		val += s->from_values ? s->len : 0;
		p->n++;
	}
	plan_lay_out(p);
}

static size_t random_spans(struct span *v, size_t most, uint64_t size)
{
	uint64_t at = 0;
	size_t n = 0;

	while (n < most) {
		at += rnd(9);
		uint32_t len = 1 + rnd(9);
		if (at + len > size)
			break;
		v[n++] = (struct span){.off = (uint32_t)at,
				       .len = len,
				       .cls = (uint8_t)(CLASS_BLOCKED + rnd(3)),
				       .form = rnd(4) ? FORM_TOKEN : FORM_EMPTY};
		at += len;
	}
	return n;
}

/* Spans that cut into a replacement take all of it: how far they reach then. */
static void widen(const struct plan *p, struct span *s, uint64_t *from, uint64_t *to)
{
	*from = s->off;
	*to = (uint64_t)s->off + s->len;
	for (size_t i = 0; i < p->n; i++) {
		uint64_t a = p->v[i].out_off, b = a + p->v[i].len;

		if (a < *to && b > *from) {
			*from = a < *from ? a : *from;
			*to = b > *to ? b : *to;
		}
	}
}

static void test_like_replacing_twice(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123";
	static const char values[] = "<1><2><3><4><5><6><7><8><9><10><11><12><13><14><15><16>";
	struct policy policy;

	(void)state;
	assert_int_equal(policy_default(&policy), 0);
	for (int round = 0; round < 20000; round++) {
		CLEANUP(plan_done) struct plan under;
		CLEANUP(plan_done) struct plan both = {0};
		CLEANUP(buf_done) struct buf text = {0}, want = {0}, got = {0}, enc = {0};
		struct span v[8];
		uint64_t at = 0;

		random_plan(&under, 10 + rnd(40));
		read_by(&under, letters, values, &text);
		size_t n = random_spans(v, 8, under.size);
		assert_int_equal(plan_compose(&under, v, n, &policy, DISP_SEAL, &both), 0);
		for (size_t i = 0; i < n; i++) {
			uint64_t from, to;
			size_t len;
			const char *token = class_token((enum redact_class)v[i].cls,
							(enum token_form)v[i].form, &len);

			widen(&under, &v[i], &from, &to);
			if ((uint64_t)v[i].off + v[i].len <= at)
				continue; /* went with the one before */
			if (from < at)
				from = at;
			assert_int_equal(buf_add(&want, text.p + at, (size_t)(from - at)), 0);
			assert_int_equal(buf_add(&want, token, len), 0);
			at = to > at ? to : at;
		}
		assert_int_equal(buf_add(&want, text.p + at, text.len - (size_t)at), 0);
		read_by(&both, letters, values, &got);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.p, want.p, want.len);
		for (size_t i = 1; i < both.n; i++)
			assert_true(both.v[i].base_off >=
				    both.v[i - 1].base_off + both.v[i - 1].skip);
		/* and it can be stored where it names no value */
		bool plain = true;
		for (size_t i = 0; i < both.n; i++)
			plain &= !both.v[i].from_values;
		if (plain) {
			CLEANUP(plan_done) struct plan back = {0};

			assert_int_equal(plan_encode(&both, &enc), 0);
			assert_int_equal(plan_decode(enc.p, enc.len, both.base_bytes, &back), 0);
			assert_int_equal(back.size, both.size);
		}
	}
}

static void test_only_what_is_strict_enough(void **state)
{
	struct plan under = {.base_bytes = 20, .v = calloc(1, sizeof(*under.v))};
	const struct span v[] = {
		{.off = 2, .len = 3, .cls = CLASS_EMAIL},
		{.off = 7, .len = 3, .cls = CLASS_BLOCKED},
		{.off = 11, .len = 2, .cls = CLASS_IP, .flags = SPAN_ENTERED},
		{.off = 14, .len = 2, .cls = CLASS_IP, .flags = SPAN_DROP},
	};
	struct policy policy;
	struct plan p = {0};

	(void)state;
	plan_lay_out(&under);
	assert_int_equal(policy_default(&policy), 0);
	policy.disp[CLASS_IP] = DISP_SHOW;
	assert_int_equal(plan_compose(&under, v, 4, &policy, DISP_SEAL, &p), 0);
	assert_int_equal(p.n, 4);
	plan_done(&p);
	assert_int_equal(plan_compose(&under, v, 4, &policy, DISP_DROP, &p), 0);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.v[0].base_off, 7);
	assert_int_equal(p.v[1].base_off, 14);
	plan_done(&p);
	/* what an engine must not say */
	struct span bad[] = {{.off = 5, .len = 3, .cls = CLASS_IP},
			     {.off = 6, .len = 3, .cls = CLASS_IP}};
	assert_int_equal(plan_compose(&under, bad, 2, &policy, DISP_SEAL, &p), -EINVAL);
	bad[0] = (struct span){.off = 15, .len = 6, .cls = CLASS_IP};
	assert_int_equal(plan_compose(&under, bad, 1, &policy, DISP_SEAL, &p), -EINVAL);
	bad[0] = (struct span){.off = 15, .len = 2, .cls = CLASS_NONE};
	assert_int_equal(plan_compose(&under, bad, 1, &policy, DISP_SEAL, &p), -EINVAL);
	plan_done(&under);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_like_replacing_twice),
		cmocka_unit_test(test_only_what_is_strict_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
