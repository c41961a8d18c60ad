/* test-detect-anchor.c: the vector code finds what the table finds, and no shift across a block
 * loses a place where a number or a key may start. */
#include "../../src/redact/detect-priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_vector_is_table(void **state)
{
	unsigned seed = 3;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t p[64] = {0};
		size_t n = (unsigned)round % 65;
		struct bytes a, b;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			p[i] = (uint8_t)(round & 1 ? seed >> 16 : ' ' + (seed >> 16) % 95);
		}
		bytes_find(p, n, &a);
		bytes_find_table(p, n, &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

/* Each text is moved over the border of a block, one byte after the other. */
static void test_found_at_any_offset(void **state)
{
	static const char *const texts[] = {
		"jane@example.org",
		"4000008247290997",
		"4000 0082 4729 0997",
		"VISA4000008247290997",
		"+44 7700 900123",
		"07700 900123",
		"GB55 NWBK 4077 1228 7394 48",
		"GB55NWBK40771228739448",
		"203.0.113.7",
		"2001:db8::c859",
		"44051401359",
		"RSSMRA85T10A562S",
		"X1234567L",
		"DOB: 23/04/1961",
		"born 23 April 1961",
		"born April 23, 1961",
		"password=hunter2",
		"\"sid\":\"297c1f7368e91d9e\"",
		"eyJhbGciOiJIUzI1NiJ9.eyJ1IjoxfQ.abcdefghijk",
		"ghp_abcdefghijklmnopqrstuvwxyzABCDEFGH01",
		"AKIAJAJSLTZCAZ4SRI5Q",
		"xoxb-123456789012-abcdefghijkl",
		"Bearer LYFb5FGXhdT4x6NUC7wpgGZ2RKEuf",
		"https://u:hunter2@a.example/",
		"your code is 371990",
	};

	(void)state;
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		size_t len = strlen(texts[t]);

		for (size_t shift = 0; shift < 130; shift++) {
			struct detect_matches m = {0};
			char s[256];

			memset(s, ' ', sizeof(s));
			memcpy(s + shift, texts[t], len);
			assert_int_equal(detect_scan(s, shift + len + 2, DETECT_TEXT, DETECTORS_ALL,
						     NULL, 0, &m),
					 0);
			if (m.n == 0)
				print_error("'%s' at %zu\n", texts[t], shift);
			assert_true(m.n > 0);
			assert_true(m.v[0].off >= shift && m.v[0].off + m.v[0].len <= shift + len);
			detect_matches_done(&m);
		}
	}
}

static void test_refused_inside_words(void **state)
{
	/* base64 and hashes: hardly a place in them */
	static const char text[] =
		"d249a33628572a23533804cf662696a1Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdo";
	struct anchor_state st = {0};
	struct anchors a;
	struct bytes b;

	(void)state;
	assert_int_equal(sizeof(text) - 1, 64);
	bytes_find((const uint8_t *)text, 64, &b);
	anchors_find(&b, &st, &a);
	assert_true(__builtin_popcountll(a.number | a.other) <= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector_is_table),
		cmocka_unit_test(test_found_at_any_offset),
		cmocka_unit_test(test_refused_inside_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
