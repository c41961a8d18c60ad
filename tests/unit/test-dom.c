/* test-dom.c: node identity, inheritance of flags, and trees that are none. */
#include "redactfs/dom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define DOWN 1u
#define SELF 2u

static void test_ids_restart_with_an_epoch(void **state)
{
	struct dom *d = dom_new(DOWN);

	(void)state;
	uint32_t a = dom_node(d, 0, 7);
	assert_int_equal(dom_node(d, 0, 7), a);
	assert_int_not_equal(dom_node(d, 1, 7), a);
	dom_epoch(d, 0);
	assert_int_equal(dom_find(d, 0, 7), 0);
	assert_int_not_equal(dom_node(d, 0, 7), a);
	assert_int_not_equal(dom_node(d, 0, -9007199254740992), 0);
	/* ids that are far out when they come, and within the array later */
	uint32_t far = dom_node(d, 3, 3000), near = 0;
	for (int64_t i = 0; i < 3000; i++)
		near = dom_node(d, 3, i);
	assert_int_equal(dom_node(d, 3, 3000), far);
	assert_int_equal(dom_find(d, 3, 2999), near);
	assert_int_equal(dom_find(d, 3, 9007199254740992), 0);
	dom_free(d);
}

static void test_flags_come_down(void **state)
{
	struct dom *d = dom_new(DOWN);
	uint32_t p = dom_node(d, 0, 1), c = dom_node(d, 0, 2), g = dom_node(d, 0, 3);

	(void)state;
	assert_int_equal(dom_link(d, g, c), 0);
	assert_int_equal(dom_link(d, c, p), 0);
	dom_at(d, p)->own = DOWN | SELF;
	assert_int_equal(dom_propagate(d), 0);
	assert_int_equal(dom_at(d, g)->eff, DOWN);
	assert_int_equal(dom_at(d, p)->eff, DOWN | SELF);
	dom_free(d);
}

static void test_a_former_parent_still_counts(void **state)
{
	struct dom *d = dom_new(DOWN);
	uint32_t marked = dom_node(d, 0, 1), plain = dom_node(d, 0, 2), c = dom_node(d, 0, 3);

	(void)state;
	dom_at(d, marked)->own = DOWN;
	assert_int_equal(dom_link(d, c, marked), 0);
	assert_int_equal(dom_link(d, c, plain), 0);
	assert_int_equal(dom_propagate(d), 0);
	assert_int_equal(dom_at(d, c)->eff, DOWN);
	assert_int_equal(dom_at(d, plain)->eff, 0);
	dom_free(d);
}

static void test_cycles_end(void **state)
{
	struct dom *d = dom_new(DOWN);
	uint32_t a = dom_node(d, 0, 1), b = dom_node(d, 0, 2), c = dom_node(d, 0, 3);

	(void)state;
	assert_int_equal(dom_link(d, a, b), 0);
	assert_int_equal(dom_link(d, b, c), 0);
	assert_int_equal(dom_link(d, c, a), 0);
	assert_int_equal(dom_link(d, a, a), 0);
	dom_at(d, c)->own = DOWN;
	assert_int_equal(dom_propagate(d), 0);
	assert_int_equal(dom_at(d, a)->eff, DOWN);
	assert_int_equal(dom_at(d, b)->eff, DOWN);
	dom_free(d);
}

static void test_children_in_order(void **state)
{
	struct dom *d = dom_new(DOWN);
	uint32_t p = dom_node(d, 0, 1), q = dom_node(d, 0, 2);
	size_t n;

	(void)state;
	for (int64_t i = 10; i < 5000; i++)
		assert_int_equal(dom_link(d, dom_node(d, 0, i), i % 2 ? p : q), 0);
	assert_int_equal(dom_propagate(d), 0);
	const uint32_t *kids = dom_children(d, q, &n);
	assert_int_equal(n, 2495);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(kids[i], dom_find(d, 0, 10 + 2 * (int64_t)i));
	(void)dom_children(d, kids[0], &n);
	assert_int_equal(n, 0);
	dom_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_restart_with_an_epoch),
		cmocka_unit_test(test_flags_come_down),
		cmocka_unit_test(test_a_former_parent_still_counts),
		cmocka_unit_test(test_cycles_end),
		cmocka_unit_test(test_children_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
