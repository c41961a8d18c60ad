/* test-detector.c: names, classes and numbers of the detectors. Numbers are in stores, names in
 * policies: this table is the promise that they stay. */
#include "redactfs/detector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	int number;
	const char *name, *cls;
} promised[] = {
	{1, "password", "password"},
	{2, "card", "card"},
	{3, "cvc", "cvc"},
	{4, "otp", "otp"},
	{5, "jwt", "secret"},
	{6, "api-keys", "secret"},
	{7, "private-keys", "secret"},
	{8, "bearer", "secret"},
	{9, "cookies", "secret"},
	{10, "tokens", "secret"},
	{11, "url-secrets", "secret"},
	{12, "iban", "iban"},
	{13, "pesel", "national-id"},
	{14, "nip", "national-id"},
	{15, "regon", "national-id"},
	{16, "rodne-cislo", "national-id"},
	{17, "ico", "national-id"},
	{18, "nir", "national-id"},
	{19, "steuer-id", "national-id"},
	{20, "dni", "national-id"},
	{21, "codice-fiscale", "national-id"},
	{22, "bsn", "national-id"},
	{23, "ssn", "national-id"},
	{24, "nhs-number", "national-id"},
	{25, "nino", "national-id"},
	{26, "nif-pt", "national-id"},
	{27, "email", "email"},
	{28, "phone", "phone"},
	{29, "ipv4", "ip"},
	{30, "ipv6", "ip"},
	{31, "birthdate", "birthdate"},
	{32, "url", "url"},
};

static void test_numbers_names_and_classes(void **state)
{
	uint64_t of[CLASS_COUNT] = {0}, all = 0;

	(void)state;
	assert_int_equal(DETECTOR_COUNT, 33);
	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
		const enum detector d = (enum detector)promised[i].number;
		const enum redact_class c = detector_class(d);

		assert_string_equal(detector_name(d), promised[i].name);
		assert_string_equal(class_name(c), promised[i].cls);
		assert_int_equal(detector_parse(promised[i].name, strlen(promised[i].name)), d);
		assert_int_equal(DETECTORS_ALWAYS >> d & 1, class_always_dropped(c));
		of[c] |= DETECTOR_BIT(d);
		all |= DETECTOR_BIT(d);
	}
	for (int c = 0; c < CLASS_COUNT; c++)
		assert_true(detectors_of((enum redact_class)c) == of[c]);
	assert_true(all == DETECTORS_ALL);
	assert_true(of[CLASS_NATIONAL_ID] == DETECTORS_NATIONAL_ID);
	assert_null(detector_name(DETECTOR_NONE));
	assert_null(detector_name(DETECTOR_COUNT));
	assert_int_equal(detector_parse("", 0), DETECTOR_NONE);
	assert_int_equal(detector_parse("PESEL", 5), DETECTOR_NONE);
	assert_int_equal(detector_parse("pesels", 6), DETECTOR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_names_and_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
