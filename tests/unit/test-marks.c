/* test-marks.c: every recorder's marks, in the forms that pages use, and what only looks like one.
 */
#include "redactfs/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define B  MARK_BLOCK
#define M  MARK_MASK
#define MI MARK_MASK_INPUT
#define I  MARK_IGNORE
#define IT MARK_IGNORE_TREE
#define P  MARK_PASSWORD

static unsigned marks(const char *name, const char *value)
{
	return marks_of_attribute(name, strlen(name), value, strlen(value));
}

struct mark_case {
	const char *name, *value;
	unsigned want;
};

static void check(const struct mark_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned got = marks(c[i].name, c[i].value);

		if (got != c[i].want)
			fail_msg("%s=\"%s\": %#x, not %#x", c[i].name, c[i].value, got, c[i].want);
	}
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_classes(void **state)
{
	static const struct mark_case cases[] = {
		{"class", "rr-block", B},
		{"class", "rr-mask", M},
		{"class", "rr-ignore", I},
		{"class", "ph-no-capture", B},
		{"class", "ph-mask", M},
		{"class", "ph-ignore-input", I},
		{"class", "ph-sensitive", M},
		{"class", "sentry-block", B},
		{"class", "sentry-mask", M},
		{"class", "sentry-ignore", I},
		{"class", "fs-exclude", B},
		{"class", "fs-exclude-without-consent", B},
		{"class", "fs-mask", M},
		{"class", "fs-mask-without-consent", M},
		{"class", "fs-block", B},
		{"class", "fs-hide", B},
		{"class", "dd-privacy-hidden", B},
		{"class", "dd-privacy-mask", M},
		{"class", "dd-privacy-mask-user-input", MI},
		{"class", "dd-privacy-mask-unless-allowlisted", M},
		{"class", "data-hj-suppress", B},
		{"class", "hj-suppress", B},
		{"class", "_lr-hide", B},
		{"class", "lr-hide", B},
		{"class", "highlight-block", B},
		{"class", "highlight-mask", M},
		{"class", "highlight-ignore", I},
		{"class", "nr-block", B},
		{"class", "nr-mask", M},
		{"class", "nr-ignore", I},
		{"class", "amp-block", B},
		{"class", "amp-mask", M},
		{"class", "mp-block", B},
		{"class", "mp-mask", M},
		{"class", "mp-sensitive", M},
		{"class", "heap-ignore", I},
		{"class", "mf-excluded", B},
		{"class", "mf-masked", B},
		{"class", "lo-sensitive", B},
		{"class", "losensitive", B},
		{"class", "inspectlet-sensitive", M},
		{"class", "inspectletIgnore", M},
		{"class", "__ipt_sensitive__", M},
		{"class", "cls_mask", M},
		{"class", "userback-block", B},
		{"class", "userback-ignore", I},
		{"class", "zipy-block", B},
		{"class", "sessionstack-sensitive", B},
		{"class", "matomo-mask", M},
		{"class", "hw-not-allow", B},
		{"class", "ym-hide-content", B},
		{"class", "ym-disable-keys", IT},
		{"class", "-metrika-nokeys", I},
		{"class", "nls_protected", M},
		{"class", "data-recording-sensitive", M | IT},
		{"class", "smartlook-hide", B},
		/* tokens among others, any white space, any case */
		{"class", "card  rr-mask\tbig\n", M},
		{"class", " \f rr-ignore rr-block", B | I},
		{"CLASS", "RR-Block", B},
	};

	(void)state;
	CHECK(cases);
}

static void test_attributes(void **state)
{
	static const struct mark_case cases[] = {
		{"data-rr-is-password", "true", P},
		{"data-rr-is-password", "", P},
		{"data-rr-block", "", B},
		{"data-rr-mask", "", M},
		{"data-rr-ignore", "", I},
		{"data-sentry-block", "", B},
		{"data-sentry-mask", "true", M},
		{"data-sentry-ignore", "", I},
		{"data-fs-exclude", "", B},
		{"data-fs-mask", "", M},
		{"data-hj-suppress", "", B},
		{"data-hj-masked", "", M},
		{"data-clarity-mask", "true", B},
		{"data-clarity-mask", "True", B},
		{"data-openreplay-obscured", "", M},
		{"data-openreplay-masked", "", M},
		{"data-openreplay-hidden", "", B},
		{"data-openreplay-htmlmasked", "", B},
		{"data-asayer-obscured", "", M},
		{"data-recording-disable", "", B},
		{"data-recording-disable", "true", B},
		{"data-recording-sensitive", "", M | IT},
		{"data-nr-block", "", B},
		{"data-nr-mask", "", M},
		{"data-amp-mask", "", M},
		{"data-cs-mask", "", B},
		{"data-cs-encrypt", "", M},
		{"data-heap-redact-text", "", B},
		{"data-heap-redact-attributes", "href,title", B},
		{"heap-ignore", "true", I},
		{"data-mf-replace", "***", B},
		{"data-mf-replace-inner", "***", M},
		{"data-dtrum-mask", "", B},
		{"data-qm-encrypt", "", M},
		{"data-qm-block", "", B},
		{"data-qm-freeze-exclude", "", B},
		{"data-sr-redact", "", B},
		{"data-matomo-mask", "", M},
		{"data-piwik-mask", "", M},
		{"data-birdeatsbug", "ignore", M | IT},
		{"data-ss-mask", "", M},
		{"data-ss-exclude", "", B},
		{"data-hw-not-allow", "", B},
		{"data-lr-exclude", "", B},
		{"data-sensitive", "", M},
		{"ph-no-capture", "", B},
		{"data-ph-no-capture", "", B},
		{"DATA-SENTRY-MASK", "", M},
	};

	(void)state;
	CHECK(cases);
}

static void test_values(void **state)
{
	static const struct mark_case cases[] = {
		{"data-dd-privacy", "hidden", B},
		{"data-dd-privacy", " Hidden ", B},
		{"data-dd-privacy", "mask", M},
		{"data-dd-privacy", "mask-user-input", MI},
		{"data-dd-privacy", "mask-unless-allowlisted", M},
		{"data-dd-privacy", "input-ignored", MI | IT},
		{"data-dd-privacy", "allow", 0},
		{"data-dd-privacy", "", M},
		{"data-dd-privacy", "alow", M},
		{"data-privacy", "unmask", 0},
		{"data-privacy", "mask", M},
		{"data-privacy", "ignore", M | IT},
		{"data-privacy", "block", B},
		{"data-privacy", "", M},
		{"data-privacy", "hide-it", M},
		{"data-private", "", B},
		{"data-private", "delete", B},
		{"data-private", "lipsum", M},
		{"data-private", "redact", M},
		{"data-private", "what?", B},
		{"data-recording-ignore", "mask", M},
		{"data-recording-ignore", "events", IT},
		{"data-recording-ignore", "", IT},
		{"data-recording-ignore", "everything", M | IT},
		{"data-sl", "mask", M},
		{"data-sl", "exclude", B},
		{"data-sl", "7", M},
	};

	(void)state;
	CHECK(cases);
}

static void test_foreign_unmasks_say_nothing(void **state)
{
	static const struct mark_case cases[] = {
		{"class", "rr-unmask", 0},
		{"class", "ph-include", 0},
		{"class", "sentry-unmask sentry-unblock", 0},
		{"data-sentry-unmask", "", 0},
		{"class", "fs-unmask", 0},
		{"class", "fs-unmask-with-consent", 0},
		{"class", "dd-privacy-allow", 0},
		{"data-hj-allow", "", 0},
		{"class", "data-hj-allow", 0},
		{"data-clarity-unmask", "true", 0},
		{"data-openreplay-unmask", "", 0},
		{"data-recording-gdpr-safe", "", 0},
		{"class", "nr-unmask", 0},
		{"class", "amp-unmask", 0},
		{"data-amp-unmask", "", 0},
		{"data-cs-capture", "", 0},
		{"class", "lo-not-sensitive", 0},
		{"data-matomo-unmask", "", 0},
		{"data-dtrum-allow", "", 0},
		{"class", "ym-show-content", 0},
		/* beside a mask, the mask stays */
		{"class", "rr-unmask rr-mask", M},
	};

	(void)state;
	CHECK(cases);
}

static void test_lookalikes(void **state)
{
	static const struct mark_case cases[] = {
		{"id", "rr-block", 0},
		{"title", "ph-no-capture", 0},
		{"class", "", 0},
		{"class", "   ", 0},
		{"class", "private", 0},
		{"class", "sensitive privacy sl", 0},
		{"class", "rr-blocked", 0},
		{"class", "xrr-block", 0},
		{"class", "rr-bloc k", 0},
		{"class", "block mask ignore", 0},
		{"class", "data-private", 0},
		{"class", "amp-img", 0},
		{"class", "data-", 0},
		{"class", "rr-is-password", 0},
		{"classname", "rr-block", 0},
		{"private", "", 0},
		{"privacy", "", 0},
		{"sensitive", "", 0},
		{"sl", "mask", 0},
		{"data-", "", 0},
		{"data-x", "", 0},
		{"data-testid", "rr-block", 0},
		{"data-slot", "mask", 0},
		{"data-private-key", "", 0},
		{"data-mask", "00/00/0000", 0},
		{"data-data-sentry-mask", "", 0},
		{"", "", 0},
		{"\xc4\x8d", "", 0},
	};

	(void)state;
	CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_foreign_unmasks_say_nothing),
		cmocka_unit_test(test_lookalikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
