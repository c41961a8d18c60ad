/* test-mountpoint.c: who is mounted where, as the kernel writes it. What mountpoint_check refuses
 * is tested through the program. */
#include "../../src/fs/mountpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define REST " rw,nosuid,nodev - fuse.redactfs /srv/store rw,user_id=0\n"

static void lines(void **state)
{
	static const struct {
		const char *line, *path;
		bool is;
	} cases[] = {
		{"84 29 0:45 / /mnt" REST, "/mnt", true},
		{"84 29 0:45 / /mnt" REST, "/mn", false},
		{"84 29 0:45 / /mnt" REST, "/mnt/x", false},
		{"84 29 0:45 / /mnt" REST, "/", false},
		{"84 29 0:45 / /a\\040b\\134c\\011" REST, "/a b\\c\t", true},
		{"84 29 0:45 / /a\\040b" REST, "/a\\040b", false},
		{"84 29 0:45 / /a\\b" REST, "/a\\b", true},
		{"84 29 0:45 / /mnt shared:3 rw - fuse.redactfs s rw\n", "/mnt", true},
		{"84 29 0:45 / /mnt rw - fuse.other /srv rw\n", "/mnt", false},
		{"84 29 0:45 / /mnt rw - ext4 fuse.redactfs rw\n", "/mnt", false},
		{"84 29 0:45 / /mnt rw\n", "/mnt", false},
		{"84 29 - fuse.redactfs s rw\n", "/mnt", false},
		{"", "/mnt", false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mountinfo_says_redactfs(cases[i].line, cases[i].path),
				 cases[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
