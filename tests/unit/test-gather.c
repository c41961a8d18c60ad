/* test-gather.c: which files make one recording: segments, folders off a mount, and everything
 * else. */
#include "../../src/xfer/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Every call is a line: "NAME [SITE DATE VISITOR ID?]: PIECE+PIECE", "refused NAME: MESSAGE". */
static int on_recording(void *ctx, const struct recording *r)
{
	struct buf *b = ctx;
	const struct origin *o = r->origin;

	assert_int_equal(buf_adds(b, r->name), 0);
	if (o)
		assert_int_equal(
			buf_addf(b, " [%s %s %s %d]", o->site, o->date, o->visitor, o->has_id), 0);
	for (size_t i = 0; i < r->n; i++) {
		const char *p = strchr(r->pieces[i].p, '\n');
		assert_int_equal(buf_addf(b, "%s%s", i ? "+" : ": ", p ? p + 1 : r->pieces[i].p),
				 0);
	}
	return buf_addc(b, '\n');
}

static int on_refused(void *ctx, const char *name, const struct errinfo *why)
{
	return buf_addf(ctx, "refused %s: %s\n", name, why->msg);
}

struct in {
	unsigned scope;
	const char *path, *data; /* path NULL: the scope ends */
};

static void expect(const struct in *v, size_t n, const char *want)
{
	CLEANUP(buf_done) struct buf out = {0};
	struct gather_ops ops = {on_recording, on_refused, &out};
	CLEANUP_PTR(gather_free) struct gather *g = NULL;

	assert_int_equal(buf_adds(&out, ""), 0);
	assert_int_equal(gather_new(&ops, &g), 0);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf data = {0};

		if (!v[i].path) {
			assert_int_equal(gather_scope_end(g, v[i].scope), 0);
			continue;
		}
		assert_int_equal(buf_adds(&data, v[i].data), 0);
		struct ingest_file f = {v[i].path, v[i].path, v[i].scope, &data};
		assert_int_equal(gather_file(g, &f), 0);
	}
	assert_string_equal(out.p, want);
}
#define EXPECT(v, want) expect(v, sizeof(v) / sizeof((v)[0]), want)

#define SEG(n, text) "{\"segment_id\":" #n "}\n" text

static void test_single_files(void **state)
{
	static const struct in v[] = {
		{0, "/a.json", "[a]"}, {0, "/b.json", "[b]"}, {3, "x", "[c]"},
		{3, NULL, NULL},       {0, NULL, NULL},
	};

	(void)state;
	EXPECT(v, "/a.json: [a]\n/b.json: [b]\nx: [c]\n");
}

static void test_segments_in_order_of_numbers(void **state)
{
	static const struct in v[] = {
		{0, "/d/s2-seg-0.txt", SEG(0, "a0")}, {0, "/d/s2-seg-1.bin", SEG(1, "x1")},
		{0, "/d/s2-seg-1.txt", SEG(1, "a1")}, {0, "/d/s2-seg-10.txt", SEG(10, "a10")},
		{0, "/d/s2-seg-2.txt", SEG(2, "a2")}, {0, "/d/s2-seg-3.txt", SEG(3, "a3")},
		{0, "/d/s2-seg-4.txt", SEG(4, "a4")}, {0, "/d/s2-seg-5.txt", SEG(5, "a5")},
		{0, "/d/s2-seg-6.txt", SEG(6, "a6")}, {0, "/d/s2-seg-7.txt", SEG(7, "a7")},
		{0, "/d/s2-seg-8.txt", SEG(8, "a8")}, {0, "/d/s2-seg-9.txt", SEG(9, "a9")},
		{0, "/d/s3-seg-0.txt", SEG(0, "b0")}, {0, "/d/t.json", "[t]"},
		{0, "/d/u0.json", SEG(0, "u0")},      {0, NULL, NULL},
	};

	(void)state;
	/* given as soon as a name comes that can't belong to them */
	EXPECT(v, "refused /d/s2-seg-1.bin: segment 0 of the session is missing\n"
		  "/d/s2-seg-0.txt: a0+a1+a2+a3+a4+a5+a6+a7+a8+a9+a10\n"
		  "/d/s3-seg-0.txt: b0\n"
		  "/d/t.json: [t]\n"
		  "/d/u0.json: u0\n");
}

static void test_segments_in_archives_come_in_any_order(void **state)
{
	static const struct in v[] = {
		{1, "b/1.txt", SEG(1, "b1")},
		{1, "a/0.txt", SEG(0, "a0")},
		{1, "x.json", "[x]"},
		{1, "a/1.txt", SEG(1, "a1")},
		{1, "b/0.txt", SEG(0, "b0")},
		{1, NULL, NULL},
		{2, "a/0.txt", SEG(0, "c0")},
		{2, NULL, NULL},
		{0, NULL, NULL},
	};

	(void)state;
	EXPECT(v, "x.json: [x]\na/0.txt: a0+a1\nb/0.txt: b0+b1\na/0.txt: c0\n");
}

static void test_segments_missing_or_doubled(void **state)
{
	static const struct in v[] = {
		{0, "/a-0", SEG(0, "a")},  {0, "/a-2", SEG(2, "a")}, {0, "/b-0", SEG(0, "b")},
		{0, "/b-00", SEG(0, "b")}, {0, "/c-1", SEG(1, "c")}, {0, "/d", SEG(7, "d")},
		{0, "/e-5", SEG(7, "e")},  {0, NULL, NULL},
	};

	(void)state;
	EXPECT(v, "refused /a-0: segment 1 of the session is missing\n"
		  "refused /b-0: segment 0 of the session is there twice\n"
		  "refused /c-1: segment 0 of the session is missing\n"
		  "/d: d\n" /* no number in its name: alone */
		  "/e-5: e\n");
}

#define S1 "s.example/2026-11-23/140322-7f3a9c21d0b4"
#define S2 "s.example/2026-11-23/140323-000000000001"
#define J1 "{\"id\":\"000000000000000000007f3a9c21d0b4\",\"visitor\":\"v\"}"

static void test_folders_off_a_mount(void **state)
{
	static const struct in folder[] = {
		{0, "/m/" S1 "/events.json", "[1]"}, {0, "/m/" S1 "/session.json", J1},
		{0, "/m/" S2 "/events.json", "[2]"}, {0, "/m/x.json", "[x]"},
		{0, "/m/y/" S1 "/session.json", J1}, {0, NULL, NULL},
	};
	static const struct in archive[] = {
		{1, S1 "/session.json", J1},
		{1, S1 "/events.json", "[1]"},
		{1, S2 "/events.json", "[old]"},
		{1, S2 "/events.json", "[new]"},
		{1, NULL, NULL},
		{2, S2 "/events.json", "[3]"},
		{2, NULL, NULL},
		{0, NULL, NULL},
	};
	static const struct in bad[] = {
		{0, S1 "/events.json", "[1]"},
		{0, S1 "/session.json", "{"},
		{0, S2 "/events.json", "[2]"},
		{0, NULL, NULL},
	};

	(void)state;
	EXPECT(folder, "/m/" S1 "/events.json [s.example 2026-11-23 v 1]: [1]\n"
		       "/m/" S2 "/events.json [s.example 2026-11-23  0]: [2]\n"
		       "/m/x.json: [x]\n");
	EXPECT(archive, S1 "/events.json [s.example 2026-11-23 v 1]: [1]\n" S2
			   "/events.json [s.example 2026-11-23  0]: [new]\n" S2
			   "/events.json [s.example 2026-11-23  0]: [3]\n");
	EXPECT(bad, "refused " S1 "/session.json: session.json: ends too early\n" S2
		    "/events.json [s.example 2026-11-23  0]: [2]\n");

	assert_true(gather_wants(S1 "/events.json"));
	assert_true(gather_wants("transcript.txt"));
	assert_false(gather_wants(S1 "/transcript.txt"));
	assert_false(gather_wants(S1 "/replay.html"));
	assert_false(gather_wants(".redactfs/status.json"));
}

/* What is kept for segments is bounded; the session they are of is refused whole, once. */
static void test_too_many_segments(void **state)
{
	CLEANUP(buf_done) struct buf out = {0};
	struct gather_ops ops = {on_recording, on_refused, &out};
	CLEANUP_PTR(gather_free) struct gather *g = NULL;

	(void)state;
	assert_int_equal(buf_adds(&out, ""), 0);
	assert_int_equal(gather_new(&ops, &g), 0);
	for (int i = 0; i < 12; i++) {
		CLEANUP(buf_done) struct buf data = {0};
		char name[32];
		size_t big = LIMIT_SEGMENTS_BYTES / 8;

		/* the pages behind the header are never touched */
		assert_int_equal(buf_reserve(&data, big), 0);
		assert_int_equal(buf_addf(&data, "{\"segment_id\":%d}\n", i), 0);
		data.p[data.len] = 0;
		data.len = big;
		(void)snprintf(name, sizeof(name), "s-%d", i);
		struct ingest_file f = {name, name, 1, &data};
		assert_int_equal(gather_file(g, &f), 0);
		if (data.p)
			data.cap = data.len = 0;
	}
	assert_int_equal(gather_scope_end(g, 1), 0);
	assert_string_equal(
		out.p,
		"refused s-8: too many segments of unfinished sessions (limit 1073741824 bytes)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_files),
		cmocka_unit_test(test_segments_in_order_of_numbers),
		cmocka_unit_test(test_segments_in_archives_come_in_any_order),
		cmocka_unit_test(test_segments_missing_or_doubled),
		cmocka_unit_test(test_folders_off_a_mount),
		cmocka_unit_test(test_too_many_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
