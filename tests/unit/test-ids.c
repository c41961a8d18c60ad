/* test-ids.c: session ids to text and back. */
#include "redactfs/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bytes[16] = {0x01, 0x94, 0x5c, 0x3d, 0x00, 0x7f, 0x7a, 0xbc,
				  0x8d, 0xef, 0x7f, 0x3a, 0x9c, 0x21, 0xd0, 0xb4};

static void test_round_trip(void **state)
{
	struct session_id id, back;
	char hex[SESSION_ID_HEX + 1];

	(void)state;
	memcpy(id.b, bytes, sizeof(id.b));
	session_id_format(&id, hex);
	assert_string_equal(hex, "01945c3d007f7abc8def7f3a9c21d0b4");
	assert_true(session_id_parse(hex, &back));
	assert_memory_equal(back.b, bytes, sizeof(bytes));
}

static void test_uuid_forms(void **state)
{
	struct session_id id;

	(void)state;
	assert_true(session_id_parse("01945c3d-007f-7abc-8def-7f3a9c21d0b4", &id));
	assert_memory_equal(id.b, bytes, sizeof(bytes));
	assert_true(session_id_parse("01945C3D-007F-7ABC-8DEF-7F3A9C21D0B4", &id));
	assert_memory_equal(id.b, bytes, sizeof(bytes));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"01945c3d007f7abc8def7f3a9c21d0b",
		"01945c3d007f7abc8def7f3a9c21d0b40",
		"01945c3d007f7abc8def7f3a9c21d0bg",
		"0194-5c3d007f7abc8def7f3a9c21d0b4",
		"01945c3d--007f-7abc-8def-7f3a9c21d0b4",
		"01945c3d-007f-7abc-8def-7f3a9c21d0b4-",
		" 01945c3d007f7abc8def7f3a9c21d0b4",
		"../../../../../../../../etc/passwd",
	};
	struct session_id id;

	(void)state;
	memset(&id, 0xee, sizeof(id));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(session_id_parse(bad[i], &id));
	for (size_t i = 0; i < sizeof(id.b); i++)
		assert_int_equal(id.b[i], 0xee); /* written only on success */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_uuid_forms),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
