/* test-select.c: a site's selectors over elements as they came and as they were at the end. */
#include "engine-fixture.h"

enum { BLOCK, MASK, UNMASK };

static void under(int which, const char *css, const char *events, const char *want,
		  const char * not )
{
	struct policy p;

	assert_int_equal(policy_default(&p), 0);
	char **at = which == BLOCK ? &p.block : which == MASK ? &p.mask : &p.unmask;
	free(*at);
	*at = strdup(css);
	assert_non_null(*at);
	check_under(&p, events, want, not );
	policy_done(&p);
}

#define PARA(attrs) SNAP(EL("p", attrs, TEXT("Jocasta", 8), 7))

static void test_hiding_once_is_hiding(void **state)
{
	(void)state;
	under(BLOCK, "[data-p]", PARA("'data-p':'x'"), "[blocked]", "Jocasta");
	under(BLOCK, "[data-p]", PARA("'data-q':'x'"), "Jocasta", "[blocked]");
	under(BLOCK, "[data-p=x]", PARA("'a':'x','data-p':'x'"), "[blocked]", "Jocasta");
	under(BLOCK, "[data-p=x]", PARA("'data-p':'y','a':'x'"), "Jocasta", "[blocked]");
	/* without a value it is there, and empty; false and null are no attribute */
	under(BLOCK, "[data-p]", PARA("'data-p':true"), "[blocked]", "Jocasta");
	under(BLOCK, "[data-p='']", PARA("'data-p':true"), "[blocked]", "Jocasta");
	under(BLOCK, "[data-p]", PARA("'data-p':false"), "Jocasta", "[blocked]");
	under(BLOCK, "[data-p]", PARA("'data-p':null"), "Jocasta", "[blocked]");
	/* it went, it came, it changed */
	under(BLOCK, "[data-p]", PARA("'data-p':'x'") "," ATTR(7, "'data-p':null"), "[blocked]",
	      "Jocasta");
	under(BLOCK, "[data-p]", PARA("'data-q':'x'") "," ATTR(7, "'data-p':'x'"), "[blocked]",
	      "Jocasta");
	under(BLOCK, "[data-p=y]",
	      PARA("'data-p':'x'") "," ATTR(7, "'data-p':'y'") "," ATTR(7, "'title':'t'"),
	      "[blocked]", "Jocasta");
	under(MASK, "p.who", PARA("'class':'a who'"), "[masked]", "Jocasta");
	under(MASK, "p.who", PARA("'class':'whose'"), "Jocasta", "[masked]");
	/* text beside it stays, text below it doesn't */
	under(MASK, "b > i",
	      SNAP(EL("p", "",
		      TEXT("before", 3) "," EL("b", "", EL("i", "", TEXT("Jocasta", 6), 5), 4), 2)),
	      "before|[masked]", "Jocasta");
}

#define MASKED(attrs) SNAP(EL("div", "'class':'rr-mask'", EL("p", attrs, TEXT("Jocasta", 8), 7), 6))

static void test_showing_must_hold_both_times(void **state)
{
	(void)state;
	under(UNMASK, "[data-open]", MASKED("'data-open':'1'"), "Jocasta", "[masked]");
	under(UNMASK, "[data-open]", MASKED("'data-shut':'1'"), "[masked]", "Jocasta");
	under(UNMASK, "[data-open]", MASKED("'data-open':'1'") "," ATTR(7, "'data-open':null"),
	      "[masked]", "Jocasta");
	under(UNMASK, "[data-open]", MASKED("'data-open':'1'") "," ATTR(7, "'data-open':false"),
	      "[masked]", "Jocasta");
	under(UNMASK, "[data-open]", MASKED("'id':'p'") "," ATTR(7, "'data-open':'1'"), "[masked]",
	      "Jocasta");
	under(UNMASK, "[data-open]", MASKED("'data-open':'1'") "," ATTR(7, "'data-open':'2'"),
	      "Jocasta", "[masked]");
	/* never a block, never a field */
	under(UNMASK, "p",
	      SNAP(EL("div", "'class':'rr-block'", EL("p", "", TEXT("Jocasta", 8), 7), 6)),
	      "[blocked]", "Jocasta");
	under(UNMASK, "input", SNAP(EL("input", "'value':'Jocasta'", "", 5)), "[form]", "Jocasta");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hiding_once_is_hiding),
		cmocka_unit_test(test_showing_must_hold_both_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
