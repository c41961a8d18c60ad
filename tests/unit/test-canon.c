/* test-canon.c: each form a recording comes in gives the same canonical text. */
#include "canon-fixture.h"

static void test_arrays_and_lines(void **state)
{
	static const char *const same[] = {
		BOTH,
		"[" E1 "," E2 "]",
		"\xef\xbb\xbf[" E1 "," E2 "]",
		"\r\n [ " E1 " ,\t" E2 " ] \n",
		E1 "\n" E2,
		E1 "\r\n" E2 "\r\n",
		E1 "\n\n\n" E2 "\n",
		E1 E2,
		"[" E1 "]\n[" E2 "]",
		"[[" E1 "],[" E2 "]]",
		"[[],[" E1 "],[],[" E2 "],[]]",
		"[\n  {\n    \"type\": 4,\n    \"data\": {\n      \"href\": "
		"\"https:\\/\\/a.example\\/\"\n    },\n"
		"    \"timestamp\": " T1 "\n  },\n " E2 "]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		expect(same[i], BOTH);
}

static void test_wrappers(void **state)
{
#define W1                                                                                         \
	"{\"type\":4,\"data\":{\"href\":\"https://a.example/\"},\"timestamp\":" T1                 \
	",\"windowId\":\"w 1\"}"
#define W2                                                                                         \
	"{\"type\":3,\"data\":{\"source\":5,\"text\":\"x\"},\"timestamp\":" T2                     \
	",\"windowId\":\"w\xc3\xa9\"}"
#define IN1 "{\"windowId\":\"w 1\",\"type\":4,\"data\":{},\"timestamp\":" T1 "}"
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"{\"events\":[" E1 "," E2 "]}", BOTH},
		{"{\"version\":1,\"events\":[" E1 "," E2 "],\"end\":null}", BOTH},
		{"{\"events\":{\"events\":[" E1 "," E2 "]},\"errors\":[]}", BOTH},
		{"{\"data\":{\"snapshots\":[" E1 "," E2 "]}}", BOTH},
		{"{\"snapshots\":[" E1 "," E2 "]}", BOTH},
		{"{\"data\":[" E1 "," E2 "]}", BOTH},
		/* PostHog export, first version: a window's events under its id */
		{"{\"version\":\"2022-12-02\",\"data\":{\"person\":{\"name\":\"Nobody\"},"
		 "\"snapshotsByWindowId\":{\"w 1\":[" E1 "],\"w\\u00e9\":[" E2 "]}}}",
		 "[\n" W1 ",\n" W2 "\n]\n"},
		/* second version: the id is a field of the event and stays where it is */
		{"{\"version\":\"2023-04-28\",\"data\":{\"person\":{\"x\":[1,{\"y\":\"z\"}]},"
		 "\"snapshots\":[" IN1 "," E2 "]}}",
		 "[\n" IN1 ",\n" E2 "\n]\n"},
		/* blob lines, both forms, and the id behind what it names */
		{"{\"window_id\":\"w 1\",\"data\":[" E1 "]}\n{\"data\":[" E2
		 "],\"window_id\":\"w\\u00E9\"}\n",
		 "[\n" W1 ",\n" W2 "\n]\n"},
		{"[\"w 1\"," E1 "]\n[\"w\xc3\xa9\"," E2 "]\n", "[\n" W1 ",\n" W2 "\n]\n"},
		{"[[\"w 1\"," E1 "],[\"w\xc3\xa9\"," E2 "]]", "[\n" W1 ",\n" W2 "\n]\n"},
		{"{\"window_id\":\"w 2\",\"data\":[" IN1 "]}", "[\n" IN1 "\n]\n"},
		{"{\"window_id\":null,\"data\":[" E1 "," E2 "]}", BOTH},
		/* Sentry */
		{"{\"segment_id\":0}\n[" E1 "," E2 "]", BOTH},
		{"{ \"segment_id\" : 12 }\r\n[" E1 "," E2 "]", BOTH},
		{"{\"segment_id\":0}\n[" E1 "]\n{\"segment_id\":1}\n[" E2 "]\n", BOTH},
		{"{\"segment_id\":0}\n[" E1 "]{\"segment_id\":1}\n[" E2 "]", BOTH},
		/* data is passed over first: strings with brackets and quotes in them, nothing,
		   much */
		{"{\"data\":{\"person\":{\"a\":\"]}\",\"b\":\"\\\"}\",\"c\":\"\\\\\",\"d\":"
		 "\"\\\\\\\"[\","
		 "\"{\":\"\",\"e\":[{},[],[[\"[\"]]]},\"snapshots\":[" E1 "," E2
		 "]},\"z\":[\"]\"]}",
		 BOTH},
		{"{\"data\":{\"text\":\"{\\\"[\"},\"delay\":\"}\",\"timestamp\":" T1 ",\"type\":5}",
		 "[\n{\"data\":{\"text\":\"{\\\"[\"},\"delay\":\"}\",\"timestamp\":" T1
		 ",\"type\":5}\n]\n"},
		/* mixtures */
		{"{\"events\":[" E1 "]}\n" E2, BOTH},
		{E1 "\n{\"data\":[" E2 "]}", BOTH},
		{"[" E1 ",{\"events\":[" E2 "]}]", BOTH},
		/* members in any order, also when a wrapper might have the same ones */
		{"{\"data\":{\"events\":[1]},\"timestamp\":" T1 ",\"type\":5}",
		 "[\n{\"data\":{\"events\":[1]},\"timestamp\":" T1 ",\"type\":5}\n]\n"},
		{"{\"delay\":3,\"windowId\":\"w 1\",\"data\":{},\"timestamp\":" T1 ",\"type\":5}",
		 "[\n{\"delay\":3,\"windowId\":\"w 1\",\"data\":{},\"timestamp\":" T1
		 ",\"type\":5}\n]\n"},
		{"[{\"type\":\"export\",\"events\":[" E1 "," E2 "]}]", BOTH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].in, cases[i].out);
}

static void test_nothing_of_a_person_stays(void **state)
{
	static const char in[] =
		"{\"version\":\"2023-04-28\",\"data\":{\"id\":\"0192a3d7-5c1e-7e6f-9b0a-"
		"4d2f5c6b7a81\",\"person\":{\"email\":\"canary@a.example\"},"
		"\"distinct_id\":\"canary\",\"snapshots\":[" E1 "]},\"user\":\"canary\"}";
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(run1(in, strlen(in), &c, &e), 0);
	assert_string_equal(c.text.p, "[\n" E1 "\n]\n");
	assert_null(strstr(c.shape.p, "canary"));
	assert_string_equal(c.id, "0192a3d7-5c1e-7e6f-9b0a-4d2f5c6b7a81");
}

static void test_session_ids(void **state)
{
	static const struct {
		const char *in, *id;
	} cases[] = {
		{"{\"id\":\"0123456789abcdef\",\"events\":[" E1 "]}", "0123456789abcdef"},
		{"{\"events\":[" E1 "],\"id\":\"0123456789abcdef\"}", "0123456789abcdef"},
		{"{\"session_id\":\"0123456789abcdef\",\"data\":[" E1 "]}", "0123456789abcdef"},
		{"{\"session_id\":\"0123456789abcdef\",\"data\":[" E1 "]}\n"
		 "{\"session_id\":\"0123456789abcdef\",\"data\":[" E2 "]}",
		 "0123456789abcdef"},
		/* an id of a line or a row */
		{"{\"id\":\"0123456789abcdef\",\"data\":[" E1 "]}", ""},
		{"{\"id\":\"17\",\"events\":[" E1 "]}", ""},
		{"{\"id\":17,\"events\":[" E1 "]}", ""},
		{"[" E1 "]", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(canon_done) struct canon c = {0};
		struct errinfo e = {0};
		assert_int_equal(run1(cases[i].in, strlen(cases[i].in), &c, &e), 0);
		assert_string_equal(c.id, cases[i].id);
	}
}

static void test_strings(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""},
		{"plain / text", "plain / text"},
		{"\\u0041\\u00e9\\u20AC\\ud83d\\ude00", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"\\/ \\u002f / <\\/a> </b> \\u003c/c <\\u002Fd \\u003c\\/e <<//",
		 "/ / / <\\/a> <\\/b> <\\/c <\\/d <\\/e <<\\//"},
		{"\\u0022 \\u005c \\\" \\\\", "\\\" \\\\ \\\" \\\\"},
		{"\\b\\f\\n\\r\\t\\u0008\\u000C\\u000a\\u000d\\u0009",
		 "\\b\\f\\n\\r\\t\\b\\f\\n\\r\\t"},
		{"\\u0000\\u000B\\u001F\\u007f", "\\u0000\\u000b\\u001f\x7f"},
		{"\\uD83D \\udE00 \\ud83d\\ud83d\\ude00",
		 "\\ud83d \\ude00 \\ud83d\xf0\x9f\x98\x80"},
		{"\xe2\x80\xa8\\u2028", "\xe2\x80\xa8\xe2\x80\xa8"},
		{"0123456789012345\\n0123456\xc3\xa9"
		 "01234567<01234567890</x",
		 "0123456789012345\\n0123456\xc3\xa9"
		 "01234567<01234567890<\\/x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* at every place of a word, as a value and as a key */
		for (int pad = 0; pad < 9; pad++) {
			char in[400], out[400];
			(void)snprintf(in, sizeof(in),
				       "[{\"type\":5,\"timestamp\":" T1 ",\"%.*s%s\":\"%.*s%s\"}]",
				       pad, "12345678", cases[i].in, pad, "abcdefgh", cases[i].in);
			(void)snprintf(
				out, sizeof(out),
				"[\n{\"type\":5,\"timestamp\":" T1 ",\"%.*s%s\":\"%.*s%s\"}\n]\n",
				pad, "12345678", cases[i].out, pad, "abcdefgh", cases[i].out);
			expect(in, out);
		}
	}
}

/* Every string of any two characters, escaped in each way there is, comes out in one spelling. */
static void test_one_spelling(void **state)
{
	static const char *const ways[][4] = {
		{"/", "\\/", "\\u002f", "\\u002F"},
		{"<", "\\u003c", "\\u003C", NULL},
		{"\\\"", "\\u0022", NULL, NULL},
		{"\\\\", "\\u005c", "\\u005C", NULL},
		{"\\n", "\\u000a", "\\u000A", NULL},
		{"a", "\\u0061", NULL, NULL},
		{"\xc3\xbf", "\\u00ff", "\\u00FF", NULL},
		{"\xf0\x9f\x98\x80", "\\ud83d\\ude00", "\\uD83D\\uDE00", NULL},
		{"\\ud83d", "\\uD83D", NULL, NULL},
		{"\\ude00", "\\uDE00", NULL, NULL},
		{"\\u0001", "\\u0001", NULL, NULL},
	};
	const size_t n = sizeof(ways) / sizeof(ways[0]);

	(void)state;
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++) {
			CLEANUP(canon_done) struct canon first = {0};
			for (int i = 0; i < 4 && ways[a][i]; i++)
				for (int j = 0; j < 4 && ways[b][j]; j++) {
					CLEANUP(canon_done) struct canon c = {0};
					struct errinfo e = {0};
					char in[200];

					(void)snprintf(in, sizeof(in),
						       "{\"type\":5,\"timestamp\":" T1
						       ",\"d\":\"%s%s\"}",
						       ways[a][i], ways[b][j]);
					assert_int_equal(run1(in, strlen(in), &c, &e), 0);
					if (!first.text.p) {
						first = c;
						c = (struct canon){0};
					} else {
						assert_string_equal(c.text.p, first.text.p);
					}
				}
			check_fixpoint(&first);
		}
}

static void test_numbers_stay(void **state)
{
	static const char in[] = "[{\"type\":5,\"timestamp\":" T1
				 ",\"n\":[0,-0,1.50,1E5,-2.5e-07,12345678901234567890123]}]";

	(void)state;
	expect(in, "[\n{\"type\":5,\"timestamp\":" T1
		   ",\"n\":[0,-0,1.50,1E5,-2.5e-07,12345678901234567890123]}\n]\n");
}

static void test_times_and_shape(void **state)
{
	static const struct {
		const char *ts;
		int64_t ms;
	} cases[] = {
		{"1700000000000", 1700000000000},
		{"1700000000000.999", 1700000000000},
		{"1.7e12", 1700000000000},
		{"1.7E+12", 1700000000000},
		{"17e11", 1700000000000},
		{"0.0017e15", 1700000000000},
		{"1700000000123456e-3", 1700000000123},
		{"631152000000", 631152000000},
		{"4102444800000", 4102444800000},
	};
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(canon_done) struct canon one = {0};
		char in[200], shape[100];

		(void)snprintf(in, sizeof(in), "[{\"type\":5,\"timestamp\":%s}]", cases[i].ts);
		(void)snprintf(shape, sizeof(shape), "5 %s -\n", cases[i].ts);
		assert_int_equal(run1(in, strlen(in), &one, &e), 0);
		assert_int_equal(one.start_ms, cases[i].ms);
		assert_int_equal(one.end_ms, cases[i].ms);
		assert_string_equal(one.shape.p, shape);
	}

	static const char in[] =
		"[" E2 "," E1
		",{\"type\":3,\"data\":{\"source\":\"x\"},\"timestamp\":1700000000000.5},"
		"{\"type\":3,\"data\":{\"source\":4111111111111111},\"timestamp\":1700000000000},"
		"{\"type\":63,\"data\":7,\"timestamp\":1700000000000}]";
	assert_int_equal(run1(in, strlen(in), &c, &e), 0);
	assert_int_equal(c.start_ms, 1700000000000);
	assert_int_equal(c.end_ms, 1700000000002);
	assert_int_equal(c.events, 5);
	assert_string_equal(c.shape.p, "3 " T2 " 5\n4 " T1 " -\n3 1700000000000.5 -\n"
				       "3 1700000000000 -\n63 1700000000000 -\n");
}

static void test_packed(void **state)
{
	(void)state;
	for (int form = 0; form < 6; form++) {
		CLEANUP(buf_done) struct buf b = {0};
		static const char *const before[] = {
			"[", "", "{\"events\":[", "[[\"w 1\",", "{\"data\":[{\"events\":[", "["};
		static const char *const between[] = {
			",", "\n", ",", "],[\"w\xc3\xa9\",", "]},{\"events\":[", ","};
		static const char *const after[] = {"]", "", "]}", "]]", "]}]}", "]"};

		ADD(&b, before[form]);
		PACK(&b, V1, 15);
		ADD(&b, between[form]);
		if (form == 5)
			ADD(&b, E2); /* one packed, one not */
		else
			PACK(&b, V2, 15);
		ADD(&b, after[form]);
		expect_n(b.p, b.len, form == 3 ? "[\n" W1 ",\n" W2 "\n]\n" : BOTH);
	}

	/* only the packer's mark goes */
	CLEANUP(buf_done) struct buf b = {0};
	ADD(&b, "[");
	PACK(&b, "{\"type\":5,\"data\":{\"v\":\"v1\"},\"timestamp\":" T1 ",\"v\":\"v2\"}", 15);
	ADD(&b, ",{\"type\":5,\"timestamp\":" T1 ",\"v\":\"v1\"}]");
	expect_n(b.p, b.len,
		 "[\n{\"type\":5,\"data\":{\"v\":\"v1\"},\"timestamp\":" T1 ",\"v\":\"v2\"},\n"
		 "{\"type\":5,\"timestamp\":" T1 ",\"v\":\"v1\"}\n]\n");
}

static void test_events_as_strings(void **state)
{
	(void)state;
	expect("[\"{\\\"type\\\":4,\\\"data\\\":{\\\"href\\\":\\\"https://a.example/"
	       "\\\"},\\\"timestamp\\\":" T1 "}\"," E2 "]",
	       BOTH);
	/* a lone surrogate in the outer string is one in the inner; two halves meet */
	expect("[\"{\\\"type\\\":5,\\\"timestamp\\\":" T1
	       ",\\\"d\\\":\\\"\\ud83d \\\\ud83d\\ude00\\\"}\"]",
	       "[\n{\"type\":5,\"timestamp\":" T1 ",\"d\":\"\\ud83d \xf0\x9f\x98\x80\"}\n]\n");
}

static void test_partly_gzipped(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	ADD(&b, "[\"w 1\",{\"type\":2,\"data\":");
	PACK(&b, "{\"node\": {\"type\": 0, \"x\": \"<\\/p>\"}}", 31);
	ADD(&b, ",\"timestamp\":" T1 ",\"cv\":\"2024-10\"}]\n");
	ADD(&b, "[\"w 1\",{\"cv\":\"2024-10\",\"type\":3,\"data\":{\"source\":0,\"texts\":");
	PACK(&b, "[ ]", 31);
	ADD(&b, ",\"adds\":");
	PACK(&b, "[{\"node\":1}]", 31);
	ADD(&b, ",\"removes\":[]},\"timestamp\":" T2 "}]");
	expect_n(
		b.p, b.len,
		"[\n{\"type\":2,\"data\":{\"node\":{\"type\":0,\"x\":\"<\\/p>\"}},\"timestamp\":" T1
		",\"windowId\":\"w "
		"1\"},\n{\"type\":3,\"data\":{\"source\":0,\"texts\":[],\"adds\":[{\"node\":1}],"
		"\"removes\":[]},\"timestamp\":" T2 ",\"windowId\":\"w 1\"}\n]\n");

	/* in a packed event, data and its part */
	CLEANUP(buf_done) struct buf part = {0}, event = {0}, all = {0};
	ADD(&part, "{\"source\":8,\"adds\":");
	PACK(&part, "[{\"rule\":\"a{}\"}]", 31);
	ADD(&part, "}");
	ADD(&event, "{\"type\":3,\"cv\":\"2024-10\",\"v\":\"v1\",\"timestamp\":" T1 ",\"data\":");
	PACK(&event, part.p, 31);
	ADD(&event, "}");
	PACK(&all, event.p, 15);
	expect_n(all.p, all.len,
		 "[\n{\"type\":3,\"timestamp\":" T1
		 ",\"data\":{\"source\":8,\"adds\":[{\"rule\":\"a{}\"}]}}\n]\n");

	/* strings that were never compressed, and a `cv` that means something else */
	expect("[{\"type\":3,\"data\":{\"adds\":\"text\"},\"timestamp\":" T1
	       "},{\"type\":5,\"cv\":1,\"data\":{},\"timestamp\":" T1 "}]",
	       "[\n{\"type\":3,\"data\":{\"adds\":\"text\"},\"timestamp\":" T1
	       "},\n{\"type\":5,\"cv\":1,\"data\":{},\"timestamp\":" T1 "}\n]\n");
}

static void test_zlib_segments(void **state)
{
	CLEANUP(buf_done) struct buf a = {0}, b = {0}, z = {0};
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};

	(void)state;
	ADD(&a, "{\"segment_id\":0}\n");
	deflated("[" E1 "]", strlen("[" E1 "]"), 15, &z);
	assert_int_equal(buf_add(&a, z.p, z.len), 0);
	ADD(&b, "{\"segment_id\":1}\n[" E2 "]");

	const char *p[] = {a.p, b.p};
	size_t len[] = {a.len, b.len};
	assert_int_equal(run(p, len, 2, &c, &e), 0);
	assert_string_equal(c.text.p, BOTH);

	uint64_t id = 99;
	assert_true(canon_is_segment(a.p, a.len, &id));
	assert_int_equal(id, 0);
	assert_true(canon_is_segment("{\"segment_id\":12}", 17, &id));
	assert_int_equal(id, 12);
	assert_false(canon_is_segment("{\"segment_id\":12", 16, &id));
	assert_false(canon_is_segment("{\"segment_id\":\"1\"}\n", 19, &id));
	assert_false(canon_is_segment("{\"segment_id\":1,\"x\":2}\n", 23, &id));
	assert_false(canon_is_segment("[]", 2, &id));
	assert_false(canon_is_segment("", 0, &id));
	assert_int_equal(id, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrays_and_lines),
		cmocka_unit_test(test_wrappers),
		cmocka_unit_test(test_nothing_of_a_person_stays),
		cmocka_unit_test(test_session_ids),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_one_spelling),
		cmocka_unit_test(test_numbers_stay),
		cmocka_unit_test(test_times_and_shape),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_events_as_strings),
		cmocka_unit_test(test_partly_gzipped),
		cmocka_unit_test(test_zlib_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
