/* test-handle.c: an erasure finds the files that are open. */
#include "../../src/fs/handle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct fake {
	int revoked, closed;
};

static ssize_t fake_pread(void *file, void *buf, size_t n, uint64_t off)
{
	(void)file, (void)buf, (void)n, (void)off;
	return 0;
}

static void fake_revoke(void *file)
{
	((struct fake *)file)->revoked++;
}

static void fake_close(void *file)
{
	((struct fake *)file)->closed++;
}

static const struct file_ops ops = {
	.pread = fake_pread, .revoke = fake_revoke, .close = fake_close};

static struct handle *open_fake(struct handles *t, struct fake *f, uint64_t row, uint32_t rendering)
{
	struct handle *h = NULL;

	assert_int_equal(handle_open(t, row * 16, row, rendering, &ops, f, &h), 0);
	return h;
}

static void revoked_by_row(void **state)
{
	struct handles *t = handles_new();
	struct fake f[4] = {{0}};
	(void)state;

	assert_false(handles_any(t, 7));
	struct handle *a = open_fake(t, &f[0], 7, 0);
	struct handle *b = open_fake(t, &f[1], 7, 0);
	open_fake(t, &f[2], 7 + 1024, 0); /* the same bucket */
	open_fake(t, &f[3], 8, 0);
	assert_true(handles_any(t, 7));
	handles_revoke(t, 7);
	assert_int_equal(f[0].revoked, 1);
	assert_int_equal(f[1].revoked, 1);
	assert_int_equal(f[2].revoked, 0);
	assert_int_equal(f[3].revoked, 0);

	handle_close(t, a);
	assert_int_equal(f[0].closed, 1);
	assert_true(handles_any(t, 7));
	handle_close(t, b);
	assert_false(handles_any(t, 7));
	handles_revoke(t, 7);
	assert_int_equal(f[0].revoked, 1);
	(void)handles_free(t); /* closes what is left */
	for (int i = 0; i < 4; i++)
		assert_int_equal(f[i].closed, 1);
}

static void revoked_by_rendering(void **state)
{
	struct handles *t = handles_new();
	struct fake old = {0}, now = {0};
	(void)state;

	open_fake(t, &old, 7, 3);
	open_fake(t, &now, 7, 4);
	handles_revoke_rendering(t, 7, 4);
	assert_int_equal(old.revoked, 1);
	assert_int_equal(now.revoked, 0);
	(void)handles_free(t);
}

static void all_rows(void **state)
{
	struct handles *t = handles_new();
	struct fake f[300] = {{0}};
	uint64_t *rows = NULL, sum = 0, want = 0;
	size_t n = 1;
	(void)state;

	assert_int_equal(handles_rows(t, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	for (uint64_t i = 0; i < 300; i++) {
		open_fake(t, &f[i], i * 37, 0); /* the first one is a control file: row 0 */
		want += i * 37;
	}
	assert_int_equal(handles_rows(t, &rows, &n), 0);
	assert_int_equal(n, 299);
	for (size_t i = 0; i < n; i++)
		sum += rows[i];
	assert_int_equal(sum, want);
	free(rows);
	(void)handles_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revoked_by_row),
		cmocka_unit_test(revoked_by_rendering),
		cmocka_unit_test(all_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
