/* test-detect.c: what detect_scan promises whatever the text is; what each class finds is in
 * test-detect-sets.c and its tables. */
#include "redactfs/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL DETECTORS_ALL

/* "class:text|class:text…" of what is found. */
static const char *found(const char *s, enum detect_context ctx, const char *label)
{
	static char out[4096];
	struct detect_matches m = {0};
	size_t k = 0;

	assert_int_equal(detect_scan(s, strlen(s), ctx, ALL, label, label ? strlen(label) : 0, &m),
			 0);
	out[0] = 0;
	for (size_t i = 0; i < m.n; i++)
		k += (size_t)snprintf(out + k, sizeof(out) - k, "%s%s:%.*s", i ? "|" : "",
				      class_name(m.v[i].cls), (int)m.v[i].len, s + m.v[i].off);
	detect_matches_done(&m);
	return out;
}

static void test_cards(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{"4111 1184 5395 2341", "card:4111 1184 5395 2341"},
		{"pay with 5555558053118845 now", "card:5555558053118845"},
		{"378282480494630", "card:378282480494630"},
		{"3782-824804-94630.", "card:3782-824804-94630"},
		{"6011\u00a00018\u00a09271\u00a09123", "card:6011\u00a00018\u00a09271\u00a09123"},
		{"4000\u20090082\u20094729\u20090997", "card:4000\u20090082\u20094729\u20090997"},
		{"4000.0082.4729.0997", "card:4000.0082.4729.0997"},
		{"pay 4242 4242 4242 4242", "card:4242 4242 4242 4242"},
		{"card=4000%200082%204729%200997&x", "card:4000%200082%204729%200997"},
		{"VISA4000008247290997", "card:4000008247290997"},
		{"\\n4000008247290997\\n", "card:4000008247290997"},
		{"4000008247290998", ""},
		{"0.4000008247290997", ""},
		{"a4000008247290997f", ""},
		{"4006381333931", ""},
		{"978-3-16-148410-0", ""},
		{"1795223717604", ""},
		{"SKU-1758-3037-173", ""},
		{"4711-2290-88", ""},
		{"Card ending in 4242, expires 04/29", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(found(t[i].text, DETECT_TEXT, NULL), t[i].want);
	assert_string_equal(found("q=4000+0082+4729+0997&", DETECT_URL, NULL),
			    "card:4000+0082+4729+0997");
	assert_int_equal(detect_card_at("x 4000008247290997", 18, 2), 16);
	assert_int_equal(detect_card_at("x 4000008247290997", 18, 3), 0);
	assert_int_equal(detect_card_at("x 4000008247290997", 18, 18), 0);
}

static void test_emails(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{"write to jane.doe+x@example.org.", "email:jane.doe+x@example.org"},
		{"<a@b.example>", "email:a@b.example"},
		{"ref=eva%40mail.example&x", "email:eva%40mail.example"},
		{"?to%3Deva%40mail.example", "email:eva%40mail.example"},
		{"'o'neil@example.com'", "email:o'neil@example.com"},
		{"\u201ežofie@pošta.example\u201c", "email:žofie@pošta.example"},
		{"{\\\"m\\\":\\\"a.b@c.example\\\\nx", "email:a.b@c.example"},
		{"@media print", ""},
		{"logo@2x.png", ""},
		{"lodash@4.17.21", ""},
		{"a@b", ""},
		{"git@github.com:org/repo.git", ""},
		{"foo @ bar.com", ""},
		{"foo@-bar", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(found(t[i].text, DETECT_TEXT, NULL), t[i].want);
}

static void test_disabled_and_limits(void **state)
{
	const char *s = "a@b.example 4000008247290997";
	struct detect_matches m = {0};

	(void)state;
	assert_int_equal(detect_scan(s, strlen(s), DETECT_TEXT, 0, NULL, 0, &m), 0);
	assert_int_equal(m.n, 0);
	assert_int_equal(
		detect_scan(s, strlen(s), DETECT_TEXT, DETECTOR_BIT(DETECTOR_CARD), NULL, 0, &m),
		0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.v[0].cls, CLASS_CARD);
	/* A second text's matches come behind the first's. */
	assert_int_equal(detect_scan(s, strlen(s), DETECT_TEXT, ALL, NULL, 0, &m), 0);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.v[1].off, 0);
	assert_int_equal(detect_scan(s, (size_t)1 << 33, DETECT_TEXT, ALL, NULL, 0, &m), -7);
	assert_int_equal(m.n, 3);
	detect_matches_done(&m);
}

/* Random text of the bytes that detectors care for. */
static void test_properties(void **state)
{
	static const char *const bits[] = {
		"4111",
		"4000008247290997",
		" ",
		"-",
		"@",
		".",
		"example.org",
		"jane",
		"%40",
		"%20",
		"\u010d",
		"\u00a0",
		"\n",
		":",
		"=",
		"&",
		"+44",
		"7700 900123",
		"\"",
		"\\",
		"Bearer ",
		"eyJ",
		"token",
		"password",
		"2001",
		"::",
		"db8",
		"/",
		"(",
		")",
		"GB16NWBK39592225640734",
		"12",
		"1.2.3.4",
		"?",
		"#",
		"\u5bc6",
	};
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char s[600];
		size_t n = 0;
		struct detect_matches m = {0};
		unsigned words = 1 + (unsigned)round % 40;

		while (words--) {
			const char *b;

			seed = seed * 1103515245u + 12345u;
			b = bits[(seed >> 16) % (sizeof(bits) / sizeof(bits[0]))];
			memcpy(s + n, b, strlen(b));
			n += strlen(b);
		}
		char *copy = malloc(n); /* exact, so that ASan sees a read behind it */

		assert_non_null(copy);
		memcpy(copy, s, n);
		assert_int_equal(
			detect_scan(copy, n, (enum detect_context)(round & 3), ALL, NULL, 0, &m),
			0);
		for (size_t i = 0; i < m.n; i++) {
			size_t end = m.v[i].off + m.v[i].len;

			assert_true(m.v[i].len > 0 && end <= n);
			assert_true(m.v[i].cls > CLASS_NONE && m.v[i].cls < CLASS_COUNT);
			assert_true(i == 0 || m.v[i - 1].off + m.v[i - 1].len <= m.v[i].off);
			assert_true((copy[m.v[i].off] & 0xc0) != 0x80);
			assert_true(end == n || (copy[end] & 0xc0) != 0x80);
		}
		free(copy);
		detect_matches_done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cards),
		cmocka_unit_test(test_emails),
		cmocka_unit_test(test_disabled_and_limits),
		cmocka_unit_test(test_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
