/* test-utf8.c: every character there is to bytes and back, and everything else refused. */
#include "redactfs/hex.h"
#include "redactfs/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c < 0xe000;
}

static void test_there_and_back(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		uint8_t s[UTF8_MAX + 1] = {0};
		unsigned n = utf8_put(s, c),
			 expected = 1u + (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
		uint32_t back;

		assert_int_equal(n, expected);
		assert_int_equal(utf8_len(s, n), is_surrogate(c) ? 0 : n);
		assert_int_equal(utf8_is_surrogate(s, n), is_surrogate(c));
		assert_int_equal(wtf8_next(s, n, &back), n);
		assert_int_equal(back, c);
		assert_int_equal(utf8_char(s, n), c);
		/* cut off */
		if (n > 1) {
			assert_int_equal(utf8_len(s, n - 1), 0);
			assert_int_equal(wtf8_next(s, n - 1, &back), 0);
			assert_int_equal(back, UTF8_WRONG);
		}
	}
}

/* All there is of two bytes and of three, and of four at the edges: what is taken is what utf8_put
 * writes, so nothing overlong and nothing beyond U+10FFFF. */
static void test_nothing_else(void **state)
{
	static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
	size_t ends = sizeof(edges), taken = 0;

	(void)state;
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++)
			for (unsigned k = 0; k < 256 + ends * ends; k++) {
				bool four = k >= 256;
				uint8_t s[UTF8_MAX] = {(uint8_t)a, (uint8_t)b,
						       four ? edges[(k - 256) / ends] : (uint8_t)k,
						       four ? edges[(k - 256) % ends] : 0x80};
				uint8_t again[UTF8_MAX];
				unsigned n = utf8_len(s, four ? 4 : 3);

				if (!n)
					continue;
				taken++;
				assert_false(is_surrogate(utf8_char(s, n)));
				assert_true(utf8_char(s, n) <= 0x10ffff);
				assert_int_equal(utf8_put(again, utf8_char(s, n)), n);
				assert_memory_equal(again, s, n);
			}
	assert_true(taken > 0x10000);
}

static void test_hex(void **state)
{
	(void)state;
	for (int c = -1; c < 256; c++) {
		const char *low = c > 0 ? strchr("0123456789abcdef", c) : NULL;
		const char *up = c > 0 ? strchr("0123456789ABCDEF", c) : NULL;
		long v = low ? low - strchr(low, 0) + 16 : -1, w = up ? up - strchr(up, 0) + 16 : v;

		assert_int_equal(hex_lower(c), v);
		assert_int_equal(hex_digit(c), w);
	}
	assert_int_equal(hex_four((const uint8_t *)"00fF"), 255);
	assert_int_equal(hex_four((const uint8_t *)"D83d"), 0xd83d);
	assert_int_equal(hex_four((const uint8_t *)"00g0"), -1);
	assert_int_equal(hex_four((const uint8_t *)"000\""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_nothing_else),
		cmocka_unit_test(test_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
