/* test-canon.c: each form a recording comes in gives the same canonical text; what is refused, and
 * where. */
#include "redactfs/canon.h"

#include "redactfs/jtok.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#define T1   "1700000000001"
#define T2   "1700000000002"
#define E1   "{\"type\":4,\"data\":{\"href\":\"https://a.example/\"},\"timestamp\":" T1 "}"
#define E2   "{\"type\":3,\"data\":{\"source\":5,\"text\":\"x\"},\"timestamp\":" T2 "}"
#define BOTH "[\n" E1 ",\n" E2 "\n]\n"

/* From exact copies, so that the sanitizer sees a read past an end. */
static int run(const char *const *p, const size_t *len, size_t n, struct canon *c,
	       struct errinfo *e)
{
	struct canon_piece v[4];
	char *copy[4];

	for (size_t i = 0; i < n; i++) {
		copy[i] = malloc(len[i] ? len[i] : 1);
		assert_non_null(copy[i]);
		memcpy(copy[i], p[i], len[i]);
		v[i] = (struct canon_piece){
			.name = i ? "second" : "first", .p = copy[i], .n = len[i]};
	}
	int r = canon_recording(v, n, c, e);
	for (size_t i = 0; i < n; i++)
		free(copy[i]);
	return r;
}

static int run1(const char *p, size_t len, struct canon *c, struct errinfo *e)
{
	return run(&p, &len, 1, c, e);
}

/* The same again out of what came out, and jtok takes it. */
static void check_fixpoint(const struct canon *c)
{
	CLEANUP(canon_done) struct canon again = {0};
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	struct errinfo e = {0};

	assert_int_equal(run1(c->text.p, c->text.len, &again, &e), 0);
	assert_int_equal(again.text.len, c->text.len);
	assert_memory_equal(again.text.p, c->text.p, c->text.len);
	assert_string_equal(again.shape.p, c->shape.p);
	assert_int_equal(again.events, c->events);
	assert_int_equal(again.start_ms, c->start_ms);
	assert_int_equal(again.end_ms, c->end_ms);
	assert_int_equal(jtok_parse(c->text.p, c->text.len, 0, &t, &e), 0);
	assert_int_equal(t.n, c->toks.n);
	assert_memory_equal(t.v, c->toks.v, t.n * sizeof(*t.v));
	/* a fixpoint is copied as it is; any other spelling goes the long way, to the same end */
	CLEANUP(buf_done) struct buf spaced = {0};
	CLEANUP(canon_done) struct canon slow = {0};
	for (size_t i = 0; i < c->text.len; i++)
		if (buf_addc(&spaced, c->text.p[i]) < 0 ||
		    (i + 2 < c->text.len && c->text.p[i] == '\n' && c->text.p[i + 1] == '{' &&
		     (i++, buf_adds(&spaced, "{ ") < 0)))
			fail_msg("out of memory");
	assert_int_equal(run1(spaced.p, spaced.len, &slow, &e), 0);
	assert_int_equal(slow.text.len, c->text.len);
	assert_memory_equal(slow.text.p, c->text.p, c->text.len);
	assert_int_equal(slow.toks.n, c->toks.n);
	assert_memory_equal(slow.toks.v, c->toks.v, t.n * sizeof(*t.v));
	assert_string_equal(slow.shape.p, c->shape.p);
}

static void expect_n(const char *in, size_t len, const char *out)
{
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};

	int r = run1(in, len, &c, &e);
	if (r < 0)
		fail_msg("refused: %s at %" PRIu64 ": %s", e.msg, e.offset, in);
	assert_string_equal(c.text.p, out);
	assert_int_equal(c.text.len, strlen(out));
	check_fixpoint(&c);
}

static void expect(const char *in, const char *out)
{
	expect_n(in, strlen(in), out);
}

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

/* ---- compressed text */

static void add_latin1(struct buf *b, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = p[i] < 0x20 || p[i] == '"' || p[i] == '\\' ? buf_addf(b, "\\u%04x", p[i])
			: p[i] < 0x80                              ? buf_addc(b, (char)p[i])
				      : buf_addf(b, "%c%c", 0xc0 | p[i] >> 6, 0x80 | (p[i] & 63));
		assert_int_equal(r, 0);
	}
}

/* window_bits 15: zlib; 31: gzip */
static void deflated(const void *p, size_t n, int window_bits, struct buf *ret)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(buf_reserve(ret, deflateBound(&z, n)), 0);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)ret->p;
	z.avail_out = (uInt)(ret->cap - 1);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	ret->len = z.total_out;
	(void)deflateEnd(&z);
}

/* Adds p, compressed, as a JSON string. */
static void add_compressed(struct buf *b, const char *p, size_t n, int window_bits)
{
	CLEANUP(buf_done) struct buf z = {0};

	deflated(p, n, window_bits, &z);
	assert_int_equal(buf_addc(b, '"'), 0);
	add_latin1(b, (const uint8_t *)z.p, z.len);
	assert_int_equal(buf_addc(b, '"'), 0);
}

#define ADD(b, s)        assert_int_equal(buf_adds(b, s), 0)
#define PACK(b, s, bits) add_compressed(b, s, strlen(s), bits)

#define V1                                                                                         \
	"{\"type\":4,\"data\":{\"href\":\"https://a.example/\"},\"timestamp\":" T1 ",\"v\":"       \
	"\"v1\"}"
#define V2 "{\"v\":\"v1\",\"type\":3,\"data\":{\"source\":5,\"text\":\"x\"},\"timestamp\":" T2 "}"

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

/* ---- refusals */

struct refusal {
	const char *in;
	int code;
	int64_t at; /* -1: anywhere */
	const char *msg;
};

static void check_refused(const char *p, size_t n, const struct refusal *want)
{
	struct canon c = {.events = 77};
	struct errinfo e = {0};

	int r = run1(p, n, &c, &e);
	if (r != want->code)
		fail_msg("%d instead of %d: %s", r, want->code, want->msg);
	if (strcmp(e.msg, want->msg) != 0 || (want->at >= 0 && (int64_t)e.offset != want->at))
		print_error("in: %.*s\n", n < 300 ? (int)n : 300, p);
	assert_int_equal(c.events, 77); /* untouched */
	assert_int_equal(e.code, want->code);
	assert_string_equal(e.msg, want->msg);
	assert_true(e.has_offset);
	if (want->at >= 0)
		assert_int_equal(e.offset, want->at);
}

static void test_refused(void **state)
{
#define NONE "not a recording: no rrweb events in it"
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
		{"[" E1 " " E2 "]", -EILSEQ, -1, "',' or an end is missing"},
		{"[" E1 ",]", -EILSEQ, -1,
		 "what follows event 1 is neither an event nor a wrapper of events"},
		{"[\"w 1\"," E1 "," E2 "]", -EILSEQ, -1,
		 "more than one event beside a window's id"},
		{"[{\"type\":4,\"timestamp\":\"" T1 "\"}]", -EILSEQ, 23,
		 "event 1: time stamp is no number"},
		{"[{\"type\":4,\"timestamp\":null}]", -EILSEQ, 23,
		 "event 1: time stamp is no number"},
#define RANGE "event 1: time stamp out of range (1990 to 2099, in milliseconds)"
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

/* ---- the recordings */

static void slurp(const char *name, struct buf *ret)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), TEST_DATA "/recordings/%s", name);
	gzFile f = gzopen(path, "rb"); /* plain files as they are */
	assert_non_null(f);
	ret->len = 0;
	for (int n = 1; n > 0; ret->len += (size_t)n) {
		assert_int_equal(buf_reserve(ret, 1 << 20), 0);
		n = gzread(f, ret->p + ret->len, 1 << 20);
		assert_true(n >= 0);
	}
	assert_int_equal(gzclose(f), Z_OK);
	ret->p[ret->len] = 0;
}

static void load(const char *name, struct canon *ret)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct errinfo e = {0};

	slurp(name, &b);
	if (run1(b.p, b.len, ret, &e) < 0)
		fail_msg("%s: %s", name, e.msg);
}

static void test_recordings(void **state)
{
	static const struct {
		const char *name;
		unsigned events;
	} files[] = {
		{"account-settings.json", 228},    {"admin-table.jsonl", 68},
		{"article-reading.ndjson.gz", 34}, {"canvas-css-fonts.json", 99},
		{"chat-widget.json", 232},         {"contact-newsletter.json", 270},
		{"large-dashboard.json.gz", 81},   {"legacy-v1-shop.json", 405},
		{"login-2fa.ndjson", 190},         {"medical-marks.json.gz", 228},
		{"mobile-voucher.ndjson", 46},     {"packed-shop.json", 405},
		{"recorder-masked.json", 161},     {"register-react.json", 637},
		{"search-people.json", 164},       {"sentry-pay-invoice.json", 121},
		{"shop-checkout.json", 401},       {"unicode-escapes-ascii.json", 126},
		{"unicode-escapes.json", 126},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CLEANUP(canon_done) struct canon c = {0};
		size_t lines = 0;

		load(files[i].name, &c);
		assert_int_equal(c.events, files[i].events);
		for (const char *p = c.text.p; (p = strchr(p, '\n')); p++)
			lines++;
		assert_int_equal(lines, c.events + 2);
		assert_true(c.start_ms <= c.end_ms);
		check_fixpoint(&c);
	}
}

static void test_same_recording_in_other_clothes(void **state)
{
	CLEANUP(canon_done) struct canon utf8 = {0}, ascii = {0}, download = {0}, packed = {0};

	(void)state;
	load("unicode-escapes.json", &utf8);
	load("unicode-escapes-ascii.json", &ascii);
	assert_string_equal(utf8.text.p, ascii.text.p);

	load("sentry-pay-invoice.json", &download);
	static const char *const ends[] = {"txt", "bin"};
	for (size_t k = 0; k < 2; k++) {
		CLEANUP(canon_done) struct canon c = {0};
		CLEANUP(buf_done) struct buf b0 = {0}, b1 = {0}, b2 = {0};
		struct buf *seg[] = {&b0, &b1, &b2};
		const char *p[3];
		size_t len[3];

		for (int i = 0; i < 3; i++) {
			char name[64];
			(void)snprintf(name, sizeof(name), "sentry-pay-invoice.segment-%d.%s", i,
				       ends[k]);
			slurp(name, seg[i]);
			p[i] = seg[i]->p;
			len[i] = seg[i]->len;
		}
		assert_int_equal(run(p, len, 3, &c, NULL), 0);
		assert_string_equal(c.text.p, download.text.p);
	}

	load("packed-shop.json", &packed);
	assert_null(strstr(packed.text.p, "\"v\":\"v1\""));
	assert_memory_equal(packed.text.p, "[\n{\"type\":", 9);
}

static void test_broken_recordings(void **state)
{
	static const struct refusal files[] = {
		{"bad-line-in-the-middle.ndjson", -EILSEQ, 4057,
		 "line 5: what follows event 4 is neither an event nor a wrapper of events"},
		{"bad-timestamp.json", -EILSEQ, 81, RANGE},
		{"bad-utf8.ndjson", -EILSEQ, 4047, "line 4: event 4: not UTF-8"},
		{"deep.json", -E2BIG, 1062, "event 1: nested too deeply (limit 1000)"},
		{"duplicate-keys.json", -EILSEQ, 51, "event 1: duplicate key"},
		{"empty-array.json", -EILSEQ, 0, NONE},
		{"empty.json", -EILSEQ, 0, NONE},
		{"not-a-recording.json", -EILSEQ, 0, NONE},
		{"packed-corrupt.json", -EILSEQ, 1, "event 1: compressed text does not inflate"},
		{"truncated.json", -EILSEQ, 20000, "event 31: ends inside a string"},
		{"../shop-checkout.truth.json", -EILSEQ, 0, NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		char name[64];

		(void)snprintf(name, sizeof(name), "broken/%s", files[i].in);
		slurp(name, &b);
		check_refused(b.p, b.len, &files[i]);
	}
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
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_compressed),
		cmocka_unit_test(test_piece_is_named),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_same_recording_in_other_clothes),
		cmocka_unit_test(test_broken_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
