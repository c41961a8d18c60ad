/* test-canon-refused.c: what is no recording, or over a limit, is refused, and the message says
 * where. */
#include "canon-fixture.h"

static void test_refused(void **state)
{
	static const struct refusal cases[] = {
		{"", -EILSEQ, 0, NONE},
		{" \n", -EILSEQ, 0, NONE},
		{"[]", -EILSEQ, 0, NONE},
		{"{}", -EILSEQ, 0, NONE},
		{"null", -EILSEQ, 0, NONE},
		{"plain text", -EILSEQ, 0, NONE},
		{"\x1f\x8b\x08", -EILSEQ, 0, NONE},
		{"17", -EILSEQ, 0, NONE},
		{"{\"events\":[]}", -EILSEQ, 0, NONE},
		{"{\"segment_id\":0}\n", -EILSEQ, 0, NONE},
		{"{\"name\":\"x\",\"items\":[1]}", -EILSEQ, 0, NONE},
		{"{\"type\":4,\"data\":{}}", -EILSEQ, 17, NONE},
		{"[{\"timestamp\":" T1 "}]", -EILSEQ, 1, NONE},
		{"[[[[[[[[[[[[" E1 "]]]]]]]]]]]]", -EILSEQ, -1, NONE},
		{"[\"a window\"]", -EILSEQ, 11, NONE},
		{"[\"a window\",7]", -EILSEQ, 12, NONE},
		{"[" E1 ",7]", -EILSEQ, -1,
		 "what follows event 1 is neither an event nor a wrapper of events"},
		{"[" E1 ",{\"a\":1}]", -EILSEQ, -1,
		 "what follows event 1 is neither an event nor a wrapper of events"},
		{E1 "\n{\"a\":1}", -EILSEQ, -1,
		 "line 2: what follows event 1 is neither an event nor a wrapper of events"},
		{E1 "\n" E2 "\nx", -EILSEQ, -1,
		 "line 3: what follows event 2 is neither an event nor a wrapper of events"},
		{"[" E1, -EILSEQ, -1, "ends too early"},
		{"[" E1 "," E2, -EILSEQ, -1, "ends too early"},
		/* an object under data is passed over by its brackets, and read nevertheless */
		{"{\"data\":{\"snapshots\":[" E1 "}]}", -EILSEQ, -1, "',' or an end is missing"},
		{"{\"data\":[" E1 "}}", -EILSEQ, -1, "',' or an end is missing"},
		{"{\"data\":[" E1 ",[" E2 "}],\"x\":1}", -EILSEQ, -1, "',' or an end is missing"},
		{"{\"data\":{\"a\":tru,\"snapshots\":[" E1 "]}}", -EILSEQ, -1,
		 "unexpected character"},
		{"{\"data\":{\"a\":[1 2],\"snapshots\":[" E1 "]}}", -EILSEQ, -1,
		 "',' or an end is missing"},
		{"{\"data\":{\"snapshots\":[" E1 "],\"a\":\"\\", -EILSEQ, -1,
		 "ends inside a string"},
		{"{\"data\":{\"snapshots\":[" E1 "],\"a\":\"\\\"]}}", -EILSEQ, -1,
		 "ends inside a string"},
		{"{\"data\":[" E1 "]", -EILSEQ, -1, "ends too early"},
		{"{\"data\":{\"events\":[" E1 "],\"a\":1,\"a\":2}}", -EILSEQ, -1, "duplicate key"},
		{"{\"data\":[7],\"snapshots\":[" E1 "]}", -EILSEQ, -1,
		 "what follows event 1 is neither an event nor a wrapper of events"},
		{"[" E1 " " E2 "]", -EILSEQ, -1, "',' or an end is missing"},
		{"[" E1 ",]", -EILSEQ, -1,
		 "what follows event 1 is neither an event nor a wrapper of events"},
		{"[\"w 1\"," E1 "," E2 "]", -EILSEQ, -1,
		 "more than one event beside a window's id"},
		{"[{\"type\":4,\"timestamp\":\"" T1 "\"}]", -EILSEQ, 23,
		 "event 1: time stamp is no number"},
		{"[{\"type\":4,\"timestamp\":null}]", -EILSEQ, 23,
		 "event 1: time stamp is no number"},
		{"[{\"type\":4,\"timestamp\":1e308}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":-5}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":0}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":1700000000}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":1700000000000000}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":631151999999.9}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":4102444800001}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":1.7e-12}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":1e999999999999999999999999}]", -EILSEQ, 23, RANGE},
		{"[{\"type\":4,\"timestamp\":0e12}]", -EILSEQ, 23, RANGE},
#define TYPE "event 2: type is no integer from 0 to 63"
		{"[" E1 ",{\"type\":\"4\",\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":64,\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":100,\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":-1,\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":3.0,\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":null,\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
		{"[" E1 ",{\"type\":{},\"timestamp\":" T1 "}]", -EILSEQ, -1, TYPE},
#define EV(s) "[{\"type\":5,\"timestamp\":" T1 ",\"d\":" s "}]" /* d's value is at 41 */
		{EV("01"), -EILSEQ, 42, "event 1: ',' or an end is missing"},
		{EV("1."), -EILSEQ, 43, "event 1: bad number"},
		{EV("-"), -EILSEQ, 42, "event 1: bad number"},
		{EV("1e+"), -EILSEQ, 44, "event 1: bad number"},
		{EV("+1"), -EILSEQ, 41, "event 1: unexpected character"},
		{EV("NaN"), -EILSEQ, 41, "event 1: unexpected character"},
		{EV("nul"), -EILSEQ, 41, "event 1: unexpected character"},
		{EV("truE"), -EILSEQ, 41, "event 1: unexpected character"},
		{EV("'x'"), -EILSEQ, 41, "event 1: unexpected character"},
		{EV("\"\t\""), -EILSEQ, 42, "event 1: control character in a string"},
		{EV("\"\\x\""), -EILSEQ, 42, "event 1: bad escape"},
		{EV("\"\\u12\""), -EILSEQ, 42, "event 1: bad \\u escape"},
		{EV("\"\\u12g4\""), -EILSEQ, 42, "event 1: bad \\u escape"},
		{EV("\"\xff\""), -EILSEQ, 42, "event 1: not UTF-8"},
		{EV("\"\xc3\""), -EILSEQ, 42, "event 1: not UTF-8"},
		{EV("\"\xc0\x80\""), -EILSEQ, 42, "event 1: not UTF-8"},
		{EV("\"\xed\xa0\x80\""), -EILSEQ, 42, "event 1: not UTF-8"},
		{EV("\"\xf4\x90\x80\x80\""), -EILSEQ, 42, "event 1: not UTF-8"},
		{EV("\"0123456789abcdef\xe0\x80\x80\""), -EILSEQ, 58, "event 1: not UTF-8"},
		{EV("[1 2]"), -EILSEQ, 44, "event 1: ',' or an end is missing"},
		{EV("[1,]"), -EILSEQ, 44, "event 1: unexpected character"},
		{EV("[1}"), -EILSEQ, 43, "event 1: ',' or an end is missing"},
		{EV("{1:2}"), -EILSEQ, 42, "event 1: a key is missing"},
		{EV("{\"a\" 1}"), -EILSEQ, 46, "event 1: ':' is missing"},
		{EV("{\"a\":1,}"), -EILSEQ, 48, "event 1: a key is missing"},
		{EV("{\"a\":1,\"a\":2}"), -EILSEQ, 48, "event 1: duplicate key"},
		{EV("{\"a\":1,\"\\u0061\":2}"), -EILSEQ, 48, "event 1: duplicate key"},
		{EV("{\"12345678\":1,\"12345678\":2}"), -EILSEQ, 55, "event 1: duplicate key"},
		{EV("{\"123456789\":1,\"123456789\":2}"), -EILSEQ, 56, "event 1: duplicate key"},
		{EV("1,\"d\":2"), -EILSEQ, 43, "event 1: duplicate key"},
		{EV("1,\"type\":2"), -EILSEQ, 43, "event 1: duplicate key"},
		{EV("1,\"data\":{\"source\":0,\"source\":5}"), -EILSEQ, 62,
		 "event 1: duplicate key"},
		{"{\"events\":[" E1 "],\"events\":[" E2 "]}", -EILSEQ, -1, "duplicate key"},
		{"{\"data\":[],\"data\":[" E2 "]}", -EILSEQ, 11, "duplicate key"},
		{"{\"snapshotsByWindowId\":{\"w\":[" E1 "],\"w\":[" E2 "]}}", -EILSEQ, -1,
		 "duplicate key"},
		{"{\"session_id\":\"0123456789abcdef\",\"data\":[" E1 "]}\n"
		 "{\"session_id\":\"0123456789abcdeX\",\"data\":[" E2 "]}",
		 -EILSEQ, -1, "line 2: more than one session in one recording"},
		{"[\"x^ is no zlib\"]", -EILSEQ, 1, "event 1: compressed text does not inflate"},
		{"[\"x\\u009c\\u0100\"]", -EILSEQ, 1,
		 "event 1: packed text has characters that are no bytes"},
		{"[" E1 ",\"{ }\"]", -EILSEQ, -1, "event 2: in its text: no event"},
		{"[\"{\\\"type\\\":4,\\\"timestamp\\\":" T1 "} x\"]", -EILSEQ, 1,
		 "event 1: in its text: text after the end"},
		{"[\"{\\\"type\\\":4,\\\"timestamp\\\":tru}\"]", -EILSEQ, 1,
		 "event 1: in its text: unexpected character"},
		{"[{\"type\":2,\"timestamp\":" T1 ",\"cv\":\"2030\",\"data\":\"?\"}]", -EILSEQ, -1,
		 "event 1: compressed in a way that is not known"},
		{"[{\"type\":2,\"timestamp\":" T1 ",\"data\":\"\\u001f\\u008bx\"}]", -EILSEQ, 44,
		 "event 1: compressed text does not inflate"},
		{"{\"segment_id\":0}\nx\x9cgarbage", -EILSEQ, 17,
		 "line 2: the segment does not inflate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_refused(cases[i].in, strlen(cases[i].in), &cases[i]);
}

static void test_refused_compressed(void **state)
{
	static const struct {
		const char *inner, *msg;
		int bits, cut, more;
	} cases[] = {
		{V1, "event 1: compressed text does not inflate", 15, 1, 0},
		{V1, "event 1: compressed text does not inflate", 15, 20, 0},
		{V1, "event 1: compressed text does not inflate", 15, 0, 1},
		{"7", "event 1: in its packed text: no event", 15, 0, 0},
		{"", "event 1: in its packed text: no event", 15, 0, 0},
		{"{\"type\":1}", "event 1: in its packed text: no event", 15, 0, 0},
		{"\"x\"", "event 1: in its packed text: no event", 15, 0, 0},
		{V1 V1, "event 1: in its packed text: text after the end", 15, 0, 0},
		{"{\"type\":1,", "event 1: in its packed text: ends too early", 15, 0, 0},
		{"{\"type\":1,\"type\":2}", "event 1: in its packed text: duplicate key", 15, 0, 0},
		{"{\"a\":\"\xed\xa0\x80\"}", "event 1: in its packed text: not UTF-8", 15, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(buf_done) struct buf z = {0}, b = {0};
		struct refusal want = {.code = -EILSEQ, .at = 1, .msg = cases[i].msg};

		deflated(cases[i].inner, strlen(cases[i].inner), cases[i].bits, &z);
		z.len -= (size_t)cases[i].cut;
		ADD(&b, "[\"");
		add_latin1(&b, (const uint8_t *)z.p, z.len);
		ADD(&b, cases[i].more ? "x\"]" : "\"]");
		check_refused(b.p, b.len, &want);
	}
}

static void test_piece_is_named(void **state)
{
	const char *p[] = {"[" E1 "]", "[" E2 ",!"};
	size_t len[] = {strlen(p[0]), strlen(p[1])};
	struct canon c = {0};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(run(p, len, 2, &c, &e), -EILSEQ);
	assert_string_equal(
		e.msg,
		"'second': what follows event 2 is neither an event nor a wrapper of events");
	assert_int_equal(e.offset, len[1] - 1);
}

/* ---- limits */

static void test_limits(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct refusal want = {.code = -E2BIG, .at = -1};

	(void)state;
	/* nesting: the array, the event, and 998 more are allowed */
	for (int over = 0; over < 2; over++) {
		b.len = 0;
		ADD(&b, "[{\"type\":5,\"timestamp\":" T1 ",\"data\":");
		for (unsigned i = 0; i < LIMIT_DEPTH - 2 + (unsigned)over; i++)
			ADD(&b, "[");
		for (unsigned i = 0; i < LIMIT_DEPTH - 2 + (unsigned)over; i++)
			ADD(&b, "]");
		ADD(&b, "}]");
		want.msg = "event 1: nested too deeply (limit 1000)";
		if (over) {
			check_refused(b.p, b.len, &want);
		} else {
			CLEANUP(canon_done) struct canon c = {0};
			assert_int_equal(run1(b.p, b.len, &c, NULL), 0);
			check_fixpoint(&c);
		}
	}

	/* a number */
	b.len = 0;
	ADD(&b, "[{\"type\":5,\"timestamp\":" T1 ",\"n\":");
	for (unsigned i = 0; i <= LIMIT_NUMBER_BYTES; i++)
		ADD(&b, "1");
	ADD(&b, "}]");
	want.msg = "event 1: number too long (limit 64 bytes)";
	check_refused(b.p, b.len, &want);

	/* members, with and without a duplicate among many */
	for (int k = 0; k < 4; k++) {
		unsigned n = k == 3 ? LIMIT_MEMBERS + 1 : k == 2 ? LIMIT_MEMBERS : 40;

		b.len = 0;
		ADD(&b, "[{\"type\":5,\"timestamp\":" T1 ",\"d\":{");
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(buf_addf(&b, "%s\"a long key %u\":0", i ? "," : "",
						  k == 1 && i == 39 ? 3 : i),
					 0);
		ADD(&b, "}}]");
		if (k == 3) {
			want = (struct refusal){.code = -E2BIG,
						.at = -1,
						.msg = "event 1: too many members (limit 100000)"};
			check_refused(b.p, b.len, &want);
		} else if (k == 1) {
			want = (struct refusal){
				.code = -EILSEQ,
				.at = -1,
				.msg = "event 1: duplicate key in the object that ends"};
			check_refused(b.p, b.len, &want);
		} else {
			CLEANUP(canon_done) struct canon c = {0};
			assert_int_equal(run1(b.p, b.len, &c, NULL), 0);
		}
	}

	/* a window's id */
	b.len = 0;
	ADD(&b, "{\"window_id\":\"");
	for (unsigned i = 0; i <= LIMIT_WINDOW_BYTES; i++)
		ADD(&b, "w");
	ADD(&b, "\",\"data\":[" E1 "]}");
	want = (struct refusal){
		.code = -E2BIG, .at = 13, .msg = "a window's id is too long (limit 256 bytes)"};
	check_refused(b.p, b.len, &want);
}

static void test_bombs(void **state)
{
	CLEANUP(buf_done) struct buf big = {0}, b = {0}, z = {0}, one = {0};
	struct refusal want = {.code = -E2BIG, .at = -1};

	(void)state;
	/* one packed event of more than a string may have */
	ADD(&big, "{\"type\":5,\"timestamp\":" T1 ",\"d\":[");
	while (big.len <= LIMIT_STRING_BYTES)
		ADD(&big, "                                                                        "
			  "       ");
	ADD(&big, "]}");
	ADD(&b, "[");
	PACK(&b, big.p, 15);
	ADD(&b, "]");
	assert_true(b.len < 200000);
	want.msg = "event 1: compressed text is too long (limits 67108863 and, in all, 536870912 "
		   "bytes)";
	want.at = 1;
	check_refused(b.p, b.len, &want);

	/* many that are each allowed */
	big.len = LIMIT_STRING_BYTES - 100;
	ADD(&big, "]}");
	b.len = 0;
	PACK(&one, big.p, 15);
	for (int i = 0; i < 9; i++) {
		ADD(&b, i ? "," : "[");
		ADD(&b, one.p);
	}
	ADD(&b, "]");
	want.msg = "event 9: compressed text is too long (limits 67108863 and, in all, 536870912 "
		   "bytes)";
	want.at = -1;
	check_refused(b.p, b.len, &want);

	/* a string over the limit, in a segment */
	big.len = 0;
	ADD(&big, "[{\"type\":5,\"timestamp\":" T1 ",\"d\":\"");
	while (big.len <= LIMIT_STRING_BYTES + 100)
		ADD(&big, "0123456789012345678901234567890123456789012345678901234567890123456789");
	ADD(&big, "\"}]");
	deflated(big.p, big.len, 15, &z);
	b.len = 0;
	ADD(&b, "{\"segment_id\":0}\n");
	assert_int_equal(buf_add(&b, z.p, z.len), 0);
	want.msg = "in the inflated segment: event 1: string too long (limit 67108863 bytes)";
	check_refused(b.p, b.len, &want);
}

/* Cut anywhere, a small recording is refused (or, at the end of a line, is a shorter one); never
 * more. */
static void test_every_cut(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	ADD(&b, "{\"version\":\"2023-04-28\",\"data\":{\"id\":\"x\",\"snapshots\":[" E1 ",");
	PACK(&b, V2, 15);
	ADD(&b, ",{\"type\":2,\"data\":");
	PACK(&b, "{\"node\":{}}", 31);
	ADD(&b, ",\"timestamp\":" T1 ",\"cv\":\"2024-10\"}]}}");
	for (size_t n = 0; n < b.len; n++) {
		struct canon c = {0};
		struct errinfo e = {0};

		assert_int_equal(run1(b.p, n, &c, &e), -EILSEQ);
		assert_true(e.offset <= n);
	}
	CLEANUP(canon_done) struct canon c = {0};
	assert_int_equal(run1(b.p, b.len, &c, NULL), 0);
	assert_int_equal(c.events, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),        cmocka_unit_test(test_refused_compressed),
		cmocka_unit_test(test_piece_is_named), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bombs),          cmocka_unit_test(test_every_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
