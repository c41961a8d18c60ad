/* test-origin.c: which paths are a mount's, and what session.json may add. */
#include "../../src/xfer/origin.h"

#include "redactfs/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S "140322-7f3a9c21d0b4"
#define D "2026-11-23"

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		enum origin_kind kind;
		const char *site, *date;
	} cases[] = {
		{"/mnt/shop.example/" D "/" S "/events.json", ORIGIN_EVENTS, "shop.example", D},
		{"shop.example/" D "/" S "/session.json", ORIGIN_SESSION, "shop.example", D},
		{"./shop.example//" D "/./" S "/events.json", ORIGIN_EVENTS, "shop.example", D},
		{D "/" S "/events.json", ORIGIN_EVENTS, "", D},
		{S "/events.json", ORIGIN_EVENTS, "", ""},
		{"/home/2026/" S "/events.json", ORIGIN_EVENTS, "", ""},
		{"Shop/" D "/" S "/events.json", ORIGIN_EVENTS, "", D},
		{"../" D "/" S "/events.json", ORIGIN_EVENTS, "", D},
		{"shop.example/2026-02-29/" S "/events.json", ORIGIN_EVENTS, "", ""},
		{"shop.example/2024-02-29/" S "/events.json", ORIGIN_EVENTS, "shop.example",
		 "2024-02-29"},
		{"shop.example/" D "/" S "/transcript.txt", ORIGIN_DERIVED, "", ""},
		{"shop.example/" D "/" S "/replay.html", ORIGIN_DERIVED, "", ""},
		{".redactfs/status.json", ORIGIN_DERIVED, "", ""},
		{"index.html", ORIGIN_DERIVED, "", ""},
		{"mnt/.redactfs/policy/a.example.ini", ORIGIN_DERIVED, "", ""},
		{"shop.example/" D "/" S "/other.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/" S, ORIGIN_NONE, "", ""},
		{"shop.example/" D "/events.json", ORIGIN_NONE, "", ""},
		{"events.json", ORIGIN_NONE, "", ""},
		{"transcript.txt", ORIGIN_NONE, "", ""},
		{"x.redactfs/y.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/140322-7f3a9c21d0b/events.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/140322-7F3A9C21D0B4/events.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/240322-7f3a9c21d0b4/events.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/146022-7f3a9c21d0b4/events.json", ORIGIN_NONE, "", ""},
		{"shop.example/" D "/1403x2-7f3a9c21d0b4/events.json", ORIGIN_NONE, "", ""},
		{"", ORIGIN_NONE, "", ""},
		{"/", ORIGIN_NONE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct origin o = {0};
		size_t folder = 0;

		assert_int_equal(origin_of_path(cases[i].path, &o, &folder), cases[i].kind);
		assert_string_equal(o.site, cases[i].site);
		assert_string_equal(o.date, cases[i].date);
		if (cases[i].kind != ORIGIN_EVENTS && cases[i].kind != ORIGIN_SESSION)
			continue;
		assert_string_equal(o.time, "140322");
		assert_memory_equal(o.tail, "\x7f\x3a\x9c\x21\xd0\xb4", 6);
		assert_memory_equal(cases[i].path + folder - strlen(S), S, strlen(S));
	}
}

#define ID "0123456789abcdef01237f3a9c21d0b4"

static int add(const char *path, const char *json, struct origin *o, struct errinfo *e)
{
	size_t folder;

	*o = (struct origin){0};
	*e = (struct errinfo){0};
	assert_int_equal(origin_of_path(path, o, &folder), ORIGIN_EVENTS);
	return origin_add_session(o, json, strlen(json), e);
}

static void test_session_file(void **state)
{
	struct origin o;
	struct errinfo e;
	char id[SESSION_ID_HEX + 1];

	(void)state;
	assert_int_equal(
		add(S "/events.json",
		    "{\"id\": \"" ID "\", \"site\": \"shop.example\", \"date\": \"" D "\","
		    " \"events\": 3, \"visitor\": \"v-\\u00e9\", \"redacted\": {\"email\": 2}}\n",
		    &o, &e),
		0);
	session_id_format(&o.id, id);
	assert_true(o.has_id);
	assert_string_equal(id, ID);
	assert_string_equal(o.site, "shop.example");
	assert_string_equal(o.date, D);
	assert_string_equal(o.visitor, "v-\xc3\xa9");

	assert_int_equal(add("a.example/" D "/" S "/events.json", "{}", &o, &e), 0);
	assert_false(o.has_id);
	assert_string_equal(o.site, "a.example");
	assert_string_equal(o.visitor, "");
}

static void test_bad_session_files(void **state)
{
	static const struct {
		const char *json, *msg;
	} cases[] = {
		{"", "session.json: ends too early"},
		{"[1]", "session.json is no JSON object"},
		{"{\"id\":\"" ID "\"} x", "session.json: text after the end"},
		{"{\"id\":\"7\"}", "session.json has no proper id"},
		{"{\"id\":\"0123456789abcdef01237f3a9c21d0b5\"}",
		 "session.json and the folder's path name different sessions"},
		{"{\"site\":\"b.example\"}",
		 "session.json and the folder's path name different sites"},
		{"{\"site\":\"../b\"}", "session.json: the site's name has an empty label"},
		{"{\"date\":\"2026-11-24\"}",
		 "session.json and the folder's path name different dates"},
		{"{\"date\":\"2026-13-24\"}", "session.json has no proper date"},
		{"{\"visitor\":\"a\\nb\"}", "session.json has a member that can't be read"},
		{"{\"visitor\":\"a\\ud800b\"}", "session.json has a member that can't be read"},
		{"{\"visitor\":"
		 "\"0123456789012345678901234567890123456789012345678901234567890123456789"
		 "012345678901234567890123456789012345678901234567890123456789\"}",
		 "session.json has a member that can't be read"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct origin o;
		struct errinfo e;
		assert_int_equal(add("a.example/" D "/" S "/events.json", cases[i].json, &o, &e),
				 -EILSEQ);
		assert_string_equal(e.msg, cases[i].msg);
	}
}

static void test_long_session_file(void **state)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct origin o = {0};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(buf_adds(&b, "{}"), 0);
	while (b.len < LIMIT_SESSION_JSON)
		assert_int_equal(buf_addc(&b, ' '), 0);
	assert_int_equal(origin_add_session(&o, b.p, b.len, &e), 0);
	assert_int_equal(buf_addc(&b, ' '), 0);
	assert_int_equal(origin_add_session(&o, b.p, b.len, &e), -E2BIG);
	assert_string_equal(e.msg, "session.json is too long (limit 65536 bytes)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_session_file),
		cmocka_unit_test(test_bad_session_files),
		cmocka_unit_test(test_long_session_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
