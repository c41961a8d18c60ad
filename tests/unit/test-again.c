/* test-again.c: what is only to be found once something else is replaced. That twice is once,
 * engine-fixture.h asks of each of these. */
#include "engine-fixture.h"

#define PASSWORD        SNAP(EL("input", "'type':'password'", "", 5)) "," INPUT(5, "Zq9~Kw4!mB") ","
#define PLUGIN(payload) EV(5, "{'tag':'x','payload':'" payload "'}")

static void test_what_a_token_ends(void **state)
{
	(void)state;
	/* an address goes on, until what goes on is replaced */
	check(PASSWORD PLUGIN("to jane@example.orgZq9~Kw4!mB now"), "'to [email][password] now'",
	      "jane|Zq9");
	/* a number is too long to be one */
	check(PASSWORD PLUGIN("+44 20 7946 0958Zq9~Kw4!mB8"), "[phone][password]8", "7946|Zq9");
	/* in one string of many, each of them looked at for itself */
	check(PASSWORD EV(5, "{'tag':'x','payload':{'a':'Zq9~Kw4!mB','b':'one','c':'to "
			     "jane@example.orgZq9~Kw4!mB','d':'Zq9~Kw4!mB two'}}"),
	      "'a':'[password]','b':'one','c':'to [email][password]','d':'[password] two'",
	      "jane|Zq9");
	/* a shown value is no end */
	struct policy p;
	assert_int_equal(policy_default(&p), 0);
	p.disp[CLASS_PHONE] = DISP_SHOW;
	check_under(&p, PASSWORD PLUGIN("x@y.example/+44 20 7946 0958"), "+44 20 7946 0958",
		    "[phone]");
	policy_done(&p);
}

static void test_what_mutations_end(void **state)
{
	(void)state;
	/* the items of a mutation come in an order of their own */
	check(PASSWORD EV(
		      3, "{'source':0,'texts':[{'id':91,'value':'to "
			 "jane@example.orgZq9~Kw4!mB'},{'id':92,'value':'ann@example.orgZq9~Kw4!mB'"
			 "}],'attributes':[{'id':93,'attributes':{'title':'bob@example.orgZq9~Kw4!"
			 "mB'}}],'removes':[],'adds':[{'parentId':1,'nextId':null,'node':" EL(
				 "p", "'title':'eve@example.orgZq9~Kw4!mB'",
				 TEXT("kim@example.orgZq9~Kw4!mB", 95), 94) "}]}"),
	      "[email][password]", "jane|ann@|bob@|eve@|kim@|Zq9");
}

static void test_values_inside_json(void **state)
{
	(void)state;
	/* short ones count as whole leaves, not as names and not in prose */
	check(SNAP(EL("select", "'name':'c'", "", 5)) "," INPUT(5, "IE") "," PLUGIN(
		      "{\\'country\\':\\'IE\\',\\'IE\\':1,\\'t\\':\\'IE 11\\',\\'l\\':[\\'IE\\']}"),
	      "{\\'country\\':\\'[form]\\',\\'IE\\':1,\\'t\\':\\'IE 11\\',\\'l\\':[\\'[form]\\']}",
	      "");
	/* the pair may be all there is */
	check(PLUGIN("[\\'x-api-key\\',\\'9f8d7c6b5a4e3f2d\\']"),
	      "[\\'x-api-key\\',\\'[secret]\\']", "3f2d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_token_ends),
		cmocka_unit_test(test_what_mutations_end),
		cmocka_unit_test(test_values_inside_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
