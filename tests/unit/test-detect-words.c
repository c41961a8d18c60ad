/* test-detect-words.c: folding, and what the words before a number say. */
#include "../../src/redact/detect-priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *fold(const char *s)
{
	static char out[128];

	out[words_fold((const uint8_t *)s, strlen(s), out, sizeof(out) - 1)] = 0;
	return out;
}

static void test_fold(void **state)
{
	static const char *const t[][2] = {
		{"Rodné číslo:", "rodne cislo"},
		{"NumerTelefonu", "numer telefonu"},
		{"X-Api-Key", "x api key"},
		{"NHSNumber", "nhs number"},
		{"date_of__birth", "date of birth"},
		{"Hasło ŁÓDŹ ß", "haslo lodz s"},
		{"JSESSIONID", "jsessionid"},
		{"cafe\u0301", "cafe"},
		{"token2", "token2"},
		{"\u5bc6\u7801", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(fold(t[i][0]), t[i][1]);
	/* Never more than there is room for. */
	char small[5];

	assert_in_range(words_fold((const uint8_t *)"aBcDeFgH", 8, small, 5), 3, 5);
}

static bool says(const char *s, enum hint h, unsigned gap)
{
	struct hints x;

	words_hints((const uint8_t *)s, strlen(s), &x);
	if (!(x.mask >> h & 1))
		return false;
	if (x.gap[h] != gap)
		print_error("'%s': gap %u\n", s, x.gap[h]);
	return x.gap[h] == gap;
}

static void test_hints(void **state)
{
	(void)state;
	assert_true(says("Tel.: ", H_PHONE, 0));
	assert_true(says("Phone number: ", H_PHONE, 1));
	assert_true(says("mobilePhoneNumber", H_PHONE, 1));
	assert_true(says("Date of birth", H_BIRTH, 0));
	assert_true(says("dateOfBirth", H_BIRTH, 0));
	assert_true(says("dateofbirth", H_BIRTH, 0));
	assert_true(says("Rodné číslo (povinné)", H_RODNE, 1));
	assert_true(says("IČO", H_ICO, 0));
	assert_true(says("Steuer-Identifikationsnummer", H_STEUER, 0));
	assert_true(says("N° de sécurité sociale ", H_NIR, 0));
	/* The nearer word wins. */
	assert_false(says("phone order ", H_PHONE, 1));
	assert_true(says("order by phone ", H_PHONE, 0));
	assert_false(says("Date of birth must be before ", H_BIRTH, 3));
	/* Whole words only; two letters only nearby. */
	assert_false(says("iconic", H_ICO, 0));
	assert_false(says("headphones", H_PHONE, 0));
	assert_false(says("rc is the name of a", H_RODNE, 5));
	assert_true(says("R. č. ", H_RODNE, 0));
}

static void test_what_belongs_together(void **state)
{
	static const struct {
		const char *text;
		bool phone;
	} t[] = {
		{"Tel.: 602 123 456", true},
		{"tel. 222 333 444, 602 123 456", true},
		{"\"phone\":\"602 123 456\"", true},
		{"\"phone\":null,\"order\":\"602 123 456\"", false},
		{"phone=&x=602 123 456", false},
		{"phone: 700800900 id 602 123 456", false},
		{"phone\nnew line 602 123 456", false},
		{"telephone (see the list of all the offices that we have in towns): 602 123 456",
		 false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct detect_matches m = {0};
		size_t n = strlen(t[i].text);
		bool found = false;

		assert_int_equal(detect_scan(t[i].text, n, DETECT_TEXT, DETECTORS_ALL, NULL, 0, &m),
				 0);
		for (size_t k = 0; k < m.n; k++)
			found |= strstr(t[i].text, "602") == t[i].text + m.v[k].off;
		if (found != t[i].phone)
			print_error("'%s'\n", t[i].text);
		assert_int_equal(found, t[i].phone);
		detect_matches_done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_what_belongs_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
