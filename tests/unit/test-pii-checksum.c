/* test-pii-checksum.c: published examples of each number, and every one-digit error in them. */
#include "../../src/redact/detect-priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool pesel(const uint8_t *d)
{
	return check_pesel(d);
}
static bool nip(const uint8_t *d)
{
	return check_nip(d);
}
static bool regon9(const uint8_t *d)
{
	return check_regon(d, 9);
}
static bool regon14(const uint8_t *d)
{
	return check_regon(d, 14);
}
static bool rodne(const uint8_t *d)
{
	return check_rodne(d, 10);
}
static bool ico(const uint8_t *d)
{
	return check_ico(d);
}
static bool nir(const uint8_t *d)
{
	return check_nir(d, false, false);
}
static bool steuer(const uint8_t *d)
{
	return check_steuer_id(d);
}
static bool bsn(const uint8_t *d)
{
	return check_bsn(d);
}
static bool nhs(const uint8_t *d)
{
	return check_nhs(d);
}
static bool pt_nif(const uint8_t *d)
{
	return check_pt_nif(d);
}

/* `caught`: of the one-digit errors, how many of a hundred must be noticed. A modulus of ten or
 * eleven notices all; where a remainder of ten is written 0, or a weight isn't prime to ten, some
 * pass. */
static const struct {
	const char *number;
	bool (*check)(const uint8_t *);
	unsigned caught;
} t[] = {
	{"44051401359", pesel, 100}, {"02070803628", pesel, 100}, {"5261040828", nip, 100},
	{"1234563218", nip, 100},    {"123456785", regon9, 85},   {"12345678512347", regon14, 85},
	{"8001011238", rodne, 95},   {"27074358", ico, 90},       {"255081416802538", nir, 100},
	{"86095742719", steuer, 95}, {"111222333", bsn, 100},     {"9434765919", nhs, 100},
	{"123456789", pt_nif, 90},
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t n = strlen(t[i].number);
		unsigned wrong = 0, noticed = 0;
		uint8_t d[16];

		for (size_t k = 0; k < n; k++)
			d[k] = (uint8_t)(t[i].number[k] - '0');
		if (!t[i].check(d))
			print_error("%s\n", t[i].number);
		assert_true(t[i].check(d));
		for (size_t k = 0; k < n; k++) {
			uint8_t was = d[k];

			for (uint8_t x = 0; x < 10; x++) {
				if (x == was)
					continue;
				d[k] = x;
				wrong++;
				noticed += !t[i].check(d);
			}
			d[k] = was;
		}
		if (noticed * 100 < wrong * t[i].caught)
			print_error("%s: %u of %u\n", t[i].number, noticed, wrong);
		assert_true(noticed * 100 >= wrong * t[i].caught);
	}
}

static void test_letters(void **state)
{
	(void)state;
	assert_int_equal(dni_letter(12345678), 'Z');
	assert_int_equal(dni_letter(1234567), 'L'); /* NIE X1234567L */
	assert_true(check_fiscale((const uint8_t *)"RSSMRA85T10A562S"));
	assert_true(check_fiscale((const uint8_t *)"rssmra85t10a562s"));
	assert_false(check_fiscale((const uint8_t *)"RSSMRA85T10A562T"));
	assert_false(check_fiscale((const uint8_t *)"RSSMRA85T99A562S"));
	assert_false(check_fiscale((const uint8_t *)"1SSMRA85T10A562S"));
}

static void test_rules(void **state)
{
	static const uint8_t ssn[][9] = {
		{0, 0, 0, 1, 2, 3, 4, 5, 6}, {6, 6, 6, 1, 2, 3, 4, 5, 6},
		{9, 1, 2, 1, 2, 3, 4, 5, 6}, {1, 2, 3, 0, 0, 3, 4, 5, 6},
		{1, 2, 3, 4, 5, 0, 0, 0, 0},
	};
	static const uint8_t good[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t old[9] = {5, 3, 1, 2, 3, 1, 1, 2, 3};
	static const uint8_t new9[9] = {6, 3, 1, 2, 3, 1, 1, 2, 3};

	(void)state;
	assert_true(check_ssn(good));
	for (size_t i = 0; i < sizeof(ssn) / sizeof(ssn[0]); i++)
		assert_false(check_ssn(ssn[i]));
	assert_true(check_rodne(old, 9));
	assert_false(check_rodne(new9, 9)); /* nine digits ended with 1953 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
