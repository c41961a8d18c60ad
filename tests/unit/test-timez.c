/* test-timez.c: dates in zones, at their edges, and names that are no zones. */
#include "redactfs/timez.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_dates(void **state)
{
	static const struct {
		const char *zone;
		int64_t ms;
		const char *date, *time;
	} cases[] = {
		{"UTC", 0, "1970-01-01", "000000"},
		{"UTC", -1, "1969-12-31", "235959"},
		{"UTC", 1795442602999, "2026-11-23", "140322"},
		/* the hour before and after Prague's clocks go back: 2026-10-25 01:00 UTC */
		{"Europe/Prague", 1792889999000, "2026-10-25", "025959"},
		{"Europe/Prague", 1792890000000, "2026-10-25", "020000"},
		{"Europe/Prague", 1782863999000, "2026-07-01", "015959"},
		{"America/New_York", 1795442602999, "2026-11-23", "090322"},
		{"Asia/Kathmandu", 1795442602999, "2026-11-23", "194822"},
		{"Pacific/Kiritimati", 1795442602999, "2026-11-24", "040322"},
		{"Etc/GMT+12", 0, "1969-12-31", "120000"},
		/* past the table of transitions, where the rule in the file's footer holds */
		{"Europe/Prague", 4102444800000, "2100-01-01", "010000"},
		{"Europe/Prague", 4087238400000, "2099-07-09", "020000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char date[TIMEZ_DATE_BYTES], clock[TIMEZ_TIME_BYTES];

		assert_int_equal(timez_format(cases[i].zone, cases[i].ms, date, clock), 0);
		assert_string_equal(date, cases[i].date);
		assert_string_equal(clock, cases[i].time);
	}
}

static void test_unknown_zones(void **state)
{
	static const char *const bad[] = {
		"",          "Mars/Olympus",     "/etc/localtime",  "../zoneinfo/UTC",
		"Europe",    "CET-1CEST,M3.5.0", "Europe/Prague\n", ":UTC",
		"tzdata.zi", "posixrules/x",
	};
	char date[TIMEZ_DATE_BYTES] = "unchanged", clock[TIMEZ_TIME_BYTES] = "same";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(timez_format(bad[i], 0, date, clock), -EINVAL);
		assert_int_equal(timez_check(bad[i]), -EINVAL);
	}
	assert_string_equal(date, "unchanged");
	assert_string_equal(clock, "same");
	assert_int_equal(timez_format("UTC", INT64_MAX, date, clock), -EINVAL);
}

static void test_own_zone_comes_back(void **state)
{
	char date[TIMEZ_DATE_BYTES], clock[TIMEZ_TIME_BYTES];

	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	assert_int_equal(timez_format("Europe/Prague", 0, date, clock), 0);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_int_equal(unsetenv("TZ"), 0);
	assert_int_equal(timez_format("Europe/Prague", 0, date, clock), 0);
	assert_null(getenv("TZ"));
}

static void test_utc(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{1795867402123, "2026-11-28T12:03:22.123Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00.000Z"},
	};
	char text[UTC_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		utc_format(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_unknown_zones),
		cmocka_unit_test(test_own_zone_comes_back),
		cmocka_unit_test(test_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
