/* test-jtok.c: the tokenizer against what RFC 8259 allows and what it doesn't, and its limits. */
#include "redactfs/jtok.h"

#include "redactfs/buf.h"
#include "redactfs/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int parse(const char *s, struct jtok_vec *t, struct errinfo *e)
{
	/* an exact copy, so that the sanitizer sees a read past the end */
	size_t n = strlen(s);
	char *p = malloc(n ? n : 1);
	memcpy(p, s, n);
	int r = jtok_parse(p, n, 0, t, e);
	free(p);
	return r;
}

static void test_accepts(void **state)
{
	static const char *const good[] = {
		"0",
		"-0",
		"1e5",
		"-1.5E+10",
		" null ",
		"true",
		"false",
		"\"\"",
		"[]",
		"{}",
		"[[],{}]",
		"{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
		"\"\\ud83d\"",
		"\"\\udc00 \\ud800x\"",
		"\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
		"[1,\n\t2 , 3 ]",
		"{\"\":1}",
		"\"0123456789012345678901234567890\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CLEANUP(jtok_done) struct jtok_vec t = {0};
		struct errinfo e = {0};
		if (parse(good[i], &t, &e) != 0)
			fail_msg("%s: %s", good[i], e.msg);
	}
}

static void test_refuses_with_offset(void **state)
{
	static const struct {
		const char *s;
		uint64_t at;
		const char *why;
	} bad[] = {
		{"", 0, "ends too early"},
		{"[", 1, "ends too early"},
		{"[1", 2, "ends too early"},
		{"[1,]", 3, "unexpected character"},
		{"[1 2]", 3, "',' or an end is missing"},
		{"{1:2}", 1, "a key is missing"},
		{"{\"a\" 1}", 5, "':' is missing"},
		{"{\"a\":1,}", 7, "a key is missing"},
		{"{\"a\":1]", 6, "',' or an end is missing"},
		{"01", 1, "text after the end"},
		{"1.", 2, "bad number"},
		{"-", 1, "bad number"},
		{"1e", 2, "bad number"},
		{"+1", 0, "unexpected character"},
		{"nul", 0, "unexpected character"},
		{"1 1", 2, "text after the end"},
		{"\"abc", 4, "ends inside a string"},
		{"\"\\", 2, "ends inside a string"},
		{"\"\\x\"", 1, "bad escape"},
		{"\"\\u12g4\"", 1, "bad \\u escape"},
		{"\"\\u12", 1, "bad \\u escape"},
		{"\"a\nb\"", 2, "control character in a string"},
		{"\"\xff\"", 1, "not UTF-8"},
		{"\"\xc0\x80\"", 1, "not UTF-8"},
		{"\"\xed\xa0\x80\"", 1, "not UTF-8"},
		{"\"\xf4\x90\x80\x80\"", 1, "not UTF-8"},
		{"\"12345678\xe2\x82", 9, "not UTF-8"},
		{"{\"a\":1,\"b\":2,\"a\":3}", 14, "duplicate key"},
		{"\xef\xbb\xbf[]", 0, "unexpected character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CLEANUP(jtok_done) struct jtok_vec t = {0};
		struct errinfo e = {0};
		if (parse(bad[i].s, &t, &e) != -EILSEQ || e.offset != bad[i].at ||
		    strcmp(e.msg, bad[i].why))
			fail_msg("%s: '%s' at %llu", bad[i].s, e.msg, (unsigned long long)e.offset);
	}
}

static void test_duplicate_among_many(void **state)
{
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	CLEANUP(buf_done) struct buf b = {0};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(buf_adds(&b, "{"), 0);
	for (int i = 0; i < 500; i++)
		assert_int_equal(buf_addf(&b, "\"k%d\":0,", i), 0);
	size_t len = b.len;
	assert_int_equal(buf_adds(&b, "\"x\":0}"), 0);
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, &e), 0);
	b.len = len;
	assert_int_equal(buf_adds(&b, "\"k250\":0}"), 0);
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, &e), -EILSEQ);
	assert_string_equal(e.msg, "duplicate key");
	assert_int_equal(jtok_parse(b.p, b.len, JTOK_ALLOW_DUP_KEYS, &t, NULL), 0);
}

static void test_limits(void **state)
{
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	CLEANUP(buf_done) struct buf b = {0};
	struct errinfo e = {0};

	(void)state;
	for (unsigned i = 0; i < LIMIT_DEPTH; i++)
		assert_int_equal(buf_addc(&b, '['), 0);
	for (unsigned i = 0; i < LIMIT_DEPTH; i++)
		assert_int_equal(buf_addc(&b, ']'), 0);
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, &e), 0);
	b.p[0] = '[';
	assert_int_equal(buf_addc(&b, ' '), 0);
	memmove(b.p + 1, b.p, b.len - 1);
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, &e), -E2BIG);
	assert_int_equal(e.offset, LIMIT_DEPTH);

	b.len = 0;
	e = (struct errinfo){0};
	for (unsigned i = 0; i <= LIMIT_NUMBER_BYTES; i++)
		assert_int_equal(buf_addc(&b, '9'), 0);
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, &e), -E2BIG);
	b.len--;
	assert_int_equal(jtok_parse(b.p, b.len, 0, &t, NULL), 0);
}

static void test_tokens_and_lookup(void **state)
{
	static const char s[] = "{\"a\":[1,{\"x\":true}],\"b\":\"q\\\"\",\"n\":-12,\"f\":1.5}";
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	int64_t n;

	(void)state;
	assert_int_equal(jtok_parse(s, strlen(s), 0, &t, NULL), 0);
	assert_int_equal(jtok_next(t.v, 0), t.n);
	uint32_t b = jtok_get(s, t.v, 0, "b");
	assert_int_equal(t.v[b].len, 3);
	assert_true(t.v[b].flags & JTOK_ESCAPED);
	assert_true(jtok_int(s, &t.v[jtok_get(s, t.v, 0, "n")], &n));
	assert_int_equal(n, -12);
	assert_false(jtok_int(s, &t.v[jtok_get(s, t.v, 0, "f")], &n));
	assert_int_equal(jtok_get(s, t.v, 0, "x"), 0);
	uint32_t a = jtok_get(s, t.v, 0, "a");
	assert_int_equal(t.v[a].type, JTOK_ARRAY);
	assert_int_equal(jtok_next(t.v, a), a + 5);
	uint32_t off;
	assert_int_equal(jtok_inside(s, t.v, a, &off), strlen("1,{\"x\":true}"));
	assert_int_equal(off, t.v[a].off + 1);
	assert_int_equal(jtok_inside(s, t.v, 0, &off), strlen(s) - 2);
	assert_int_equal(jtok_inside(s, t.v, b, &off), 3);
	assert_int_equal(off, t.v[b].off);
}

static void test_unescape_maps(void **state)
{
	static const char s[] = "a\\n\\u00e9\\ud83d\\ude00\\ud800<\\/";
	char out[sizeof(s)];
	uint32_t map[sizeof(s)];

	(void)state;
	size_t n = jtok_unescape(s, strlen(s), out, map);
	assert_int_equal(n, 1 + 1 + 2 + 4 + 3 + 2);
	assert_memory_equal(out, "a\n\xc3\xa9\xf0\x9f\x98\x80\xed\xa0\x80</", n);
	assert_int_equal(map[2], 3);
	assert_int_equal(map[3], 3);
	assert_int_equal(map[4], 9);
	assert_int_equal(map[8], 21);
	assert_int_equal(map[n], strlen(s));
}

static void test_every_truncation_fails_cleanly(void **state)
{
	static const char s[] =
		"[{\"type\":3,\"t\":\"\\u00e9\xc3\xa9\\n\",\"n\":[-1.5e3,true,null,false]}]";

	(void)state;
	for (size_t n = 0; n < strlen(s); n++) {
		CLEANUP(jtok_done) struct jtok_vec t = {0};
		char *p = malloc(n ? n : 1);
		memcpy(p, s, n);
		assert_int_equal(jtok_parse(p, n, 0, &t, NULL), -EILSEQ);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses_with_offset),
		cmocka_unit_test(test_duplicate_among_many),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_tokens_and_lookup),
		cmocka_unit_test(test_unescape_maps),
		cmocka_unit_test(test_every_truncation_fails_cleanly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
