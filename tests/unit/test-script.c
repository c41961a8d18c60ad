/* test-script.c: scripts are read as they were written, and what a place shows fits a line. */
#include "redactfs/script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void read_as_written(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	char longer[300];
	struct script_op op;
	size_t at = 0;
	(void)state;

	memset(longer, 'x', sizeof(longer));
	longer[299] = 0;
	assert_int_equal(script_words(&b, ""), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 0);
	assert_int_equal(script_words(&b, longer), 0);
	assert_int_equal(script_place(&b, SCRIPT_STRING, 80, 7, 0x1fffffff), 0);
	assert_int_equal(script_place(&b, SCRIPT_PLAIN, 20, 8, 9), 0);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 1);
	assert_int_equal(op.n, 255);
	assert_memory_equal(op.words, longer, 255);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 1);
	assert_int_equal(op.n, 44);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 1);
	assert_int_equal(op.kind, SCRIPT_STRING);
	assert_int_equal(op.n, 80);
	assert_int_equal(op.before, 7);
	assert_int_equal(op.behind, 0x1fffffff);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 1);
	assert_int_equal(op.kind, SCRIPT_PLAIN);
	assert_int_equal(script_next(b.p, b.len, &at, &op), 0);
	assert_int_equal(at, b.len);
}

static void no_script(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{"\0", 1},                              /* cut off */
		{"\0\3ab", 4},                          /* words cut off */
		{"\0\0", 2},                            /* no words */
		{"\3\1a", 3},                           /* no such kind */
		{"\1\120\7\0\0\0\11\0\0", 9},           /* place cut off */
		{"\1\120\7\0\0\0\7\0\0\0", 10},         /* behind isn't behind */
		{"\1\0\7\0\0\0\11\0\0\0", 10},          /* no room */
		{"\2\120\377\377\377\377\7\0\0\0", 10}, /* the wrong way round */
	};
	struct script_op op;
	(void)state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t at = 0;

		assert_int_equal(script_next(bad[i].bytes, bad[i].n, &at, &op), -EBADMSG);
		assert_int_equal(at, 0);
	}
}

static void on_a_line(void **state)
{
	static const struct {
		enum script_kind kind;
		uint32_t room;
		bool cut;
		const char *text, *shown;
	} t[] = {
		{SCRIPT_STRING, 80, false, "Add to cart", "Add to cart"},
		{SCRIPT_STRING, 80, false, "  Add\\n\\t to   cart ", "Add to cart"},
		{SCRIPT_STRING, 80, false, "a \\\"b\\\" \\\\ c", "a \"b\" \\ c"},
		{SCRIPT_STRING, 80, false, "<\\/b>", "</b>"},
		{SCRIPT_STRING, 80, false, "\\u001b[2J\\u0007bell\xc2\x9b", "[2J bell"},
		{SCRIPT_STRING, 80, false, "\x1b[31m", "[31m"},
		{SCRIPT_STRING, 80, false,
		 "abc\xe2\x80\xae"
		 "fed\xe2\x81\xa6\xd8\x9c.",
		 "abcfed."},
		{SCRIPT_STRING, 80, false, "one\xe2\x80\xa8two\xc2\xa0three", "one two three"},
		{SCRIPT_STRING, 80, false, "\\ud800 lone",
		 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd lone"},
		{SCRIPT_STRING, 80, false, "\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
		{SCRIPT_STRING, 80, false, "", "\xe2\x80\xa6"},
		{SCRIPT_STRING, 5, false, "abcde", "abcde"},
		{SCRIPT_STRING, 5, false, "abcde  ", "abcde"},
		{SCRIPT_STRING, 5, false, "abcdef", "abcde\xe2\x80\xa6"},
		{SCRIPT_STRING, 5, false, "abcd ef", "abcd\xe2\x80\xa6"},
		{SCRIPT_STRING, 3, false, "\xc5\xbe\xc5\xbe\xc5\xbe\xc5\xbe",
		 "\xc5\xbe\xc5\xbe\xc5\xbe\xe2\x80\xa6"},
		{SCRIPT_STRING, 80, true, "cut", "cut\xe2\x80\xa6"},
		{SCRIPT_STRING, 80, true, "cut \xc5", "cut\xe2\x80\xa6"},
		{SCRIPT_STRING, 80, true, "cut \\ud83d\\ude00 \\ud8",
		 "cut \xf0\x9f\x98\x80\xe2\x80\xa6"},
		{SCRIPT_STRING, 80, true, "cut \\u00", "cut\xe2\x80\xa6"},
		{SCRIPT_PLAIN, 20, false, "1280", "1280"},
		{SCRIPT_PLAIN, 20, false, "-1.5e3", "-1.5e3"},
		{SCRIPT_PLAIN, 20, false, "\"[phone]\"", "\"[phone]\""},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		const struct script_op op = {.kind = t[i].kind, .n = t[i].room};

		assert_int_equal(script_show(&op, t[i].text, strlen(t[i].text), !t[i].cut, &b), 0);
		assert_int_equal(buf_addc(&b, 0), 0);
		assert_string_equal(b.p, t[i].shown);
	}
}

/* Whoever fetches script_enough bytes sees what who fetches all of them sees. */
static void enough_is_enough(void **state)
{
	static const char *const texts[] = {"\\ud83d\\ude00", "\\u00e9", "x", "\xc5\xbe", "\\\""};
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		CLEANUP(buf_done) struct buf all = {0}, part = {0}, text = {0};
		const struct script_op op = {.kind = SCRIPT_STRING, .n = 40};

		for (int k = 0; k < 200; k++)
			assert_int_equal(buf_adds(&text, texts[i]), 0);
		assert_int_equal(script_show(&op, text.p, text.len, true, &all), 0);
		size_t n = script_enough(&op) < text.len ? script_enough(&op) : text.len;
		assert_int_equal(script_show(&op, text.p, n, n == text.len, &part), 0);
		assert_int_equal(all.len, part.len);
		assert_memory_equal(all.p, part.p, all.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_as_written),
		cmocka_unit_test(no_script),
		cmocka_unit_test(on_a_line),
		cmocka_unit_test(enough_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
