/* test-taint.c: values that go on from one another are what they are by themselves. */
#include "../../src/redact/taint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Characters at which folding, tries and edges have something to think about. */
static const char *const chars[] = {
	"a",
	"b",
	"A",
	"B",
	"1",
	"2",
	" ",
	"\t",
	"-",
	".",
	"\xc2\xa0",
	"\xc5\x88",
	"\xc5\x87",
	"\xe6\x97\xa5",
	"\xe2\x80\x89",
	"\xf0\x9f\x98\x80",
	"\xc3",
	"\xbf",
	"\xcc\x81",
	"\x7f",
};

static unsigned draw(unsigned n)
{
	return (unsigned)rand() % n;
}

static size_t draw_text(char *out, unsigned most)
{
	size_t n = 0;

	for (unsigned k = 1 + draw(most); k; k--) {
		/* few of many, or nothing would be found twice */
		const char *c = chars[draw(4) ? draw(7) : draw(sizeof(chars) / sizeof(chars[0]))];
		memcpy(out + n, c, strlen(c));
		n += strlen(c);
	}
	return n;
}

static void assert_same(struct taint *x, struct taint *y, const char *s, size_t n)
{
	struct taint_hit a, b;

	for (int digits = 0; digits < 2; digits++) {
		for (size_t at = 0, to = 0;;) {
			bool f = digits ? taint_next_digits(x, s, n, &at, &a)
					: taint_next(x, s, n, &at, &a);
			bool g = digits ? taint_next_digits(y, s, n, &to, &b)
					: taint_next(y, s, n, &to, &b);
			assert_int_equal(f, g);
			if (!f)
				break;
			assert_int_equal(a.off, b.off);
			assert_int_equal(a.len, b.len);
			assert_int_equal(a.cls, b.cls);
		}
	}
	for (int shorts = 0; shorts < 2; shorts++)
		assert_int_equal(taint_exact(x, s, n, shorts), taint_exact(y, s, n, shorts));
}

/* One is given what was typed key by key. The other is given something else in between, so that no
 * value goes on from the one before. */
static void test_key_by_key(void **state)
{
	const char *seed = getenv("REDACTFS_SEED");
	unsigned first = seed ? (unsigned)strtoul(seed, NULL, 10) : 1;
	unsigned hits = 0;

	(void)state;
	for (unsigned round = first; round < first + 400; round++) {
		struct taint *x = taint_new(), *y = taint_new();
		char typed[4][400], text[2000];
		size_t len[4];

		srand(round);
		printf("seed %u\r", round);
		assert_non_null(x);
		assert_non_null(y);
		for (unsigned k = 0; k < 4; k++) {
			len[k] = draw_text(typed[k], k == 3 ? 130 : 14);
			for (size_t n = 1; n <= len[k]; n++) {
				struct taint_value v = {.cls = 1 + (draw(3) ? CLASS_FORM - 1 : 0),
							.event = (uint32_t)n,
							.final = n == len[k] || !draw(4)};
				struct taint_value other = {.cls = CLASS_FORM, .final = true};

				assert_int_equal(taint_add(x, typed[k], n, &v), 0);
				assert_int_equal(taint_add(y, typed[k], n, &v), 0);
				assert_int_equal(taint_add(y, "Q!zzzzzz#q", 10, &other), 0);
			}
		}
		for (unsigned k = 0; k < 40; k++) {
			size_t n = 0;

			for (unsigned parts = 1 + draw(3); parts; parts--) {
				unsigned w = draw(4);
				size_t cut = draw(3) ? len[w] : draw((unsigned)len[w] + 1);

				n += draw_text(text + n, 3);
				memcpy(text + n, typed[w], cut);
				n += cut;
			}
			assert_same(x, y, text, n);
			struct taint_hit h;
			size_t at = 0;
			hits += taint_next(x, text, n, &at, &h);
		}
		for (unsigned k = 0; k < 4; k++)
			assert_same(x, y, typed[k], len[k]);
		(void)taint_free(x);
		(void)taint_free(y);
	}
	assert_true(hits > 1000);
}

/* What a URL's parameter decodes to may be any bytes: each that is no UTF-8 folds to three. */
static void test_no_utf8(void **state)
{
	struct taint *t = taint_new();
	const struct taint_value v = {.cls = CLASS_FORM, .final = true};
	char s[256];

	(void)state;
	assert_non_null(t);
	assert_int_equal(taint_add(t, "ab", 2, &v), 0);
	memset(s, 0xff, sizeof(s));
	memcpy(s, "ab", 2);
	assert_int_equal(taint_exact(t, s, sizeof(s), true), CLASS_NONE);
	assert_int_equal(taint_add(t, s, sizeof(s), &v), 0);
	assert_int_equal(taint_exact(t, s, sizeof(s), true), CLASS_FORM);
	(void)taint_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_by_key),
		cmocka_unit_test(test_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
