/* test-labels.c: which text is the label of a form control. */
#include "engine-fixture.h"

#define ADDS(adds)                 EV(3, "{'source':0,'texts':[],'attributes':[],'removes':[],'adds':[" adds "]}")
#define BEFORE(parent, next, node) "{'parentId':" #parent ",'nextId':" #next ",'node':" node "}"

#define REMOVE(parent, id)                                                                         \
	EV(3, "{'source':0,'texts':[],'attributes':[],'adds':[],'removes':[{'parentId':" #parent   \
	      ",'id':" #id "}]}")

/* Pages that scripts build: recorders tell the later sibling first. */
#define PASSWORD BEFORE(2, null, EL("input", "", "", 9))
#define ITS_NAME BEFORE(2, 9, EL("div", "", TEXT("Password", 8), 7))
#define NICKNAME BEFORE(2, 7, EL("input", "", "", 6))
#define ITS_TOO  BEFORE(2, 6, EL("div", "", TEXT("Nickname", 5), 4))
#define PAGE     SNAP(EL("div", "", "", 2)) "," ADDS(PASSWORD "," ITS_NAME "," NICKNAME "," ITS_TOO)
#define TYPED    PAGE "," INPUT(6, "wombat") "," INPUT(9, "Zx9-zebra")

static void test_the_order_of_the_page(void **state)
{
	static const char right[] = "'text':'[form]','isChecked':false,'id':6|"
				    "'text':'[password]','isChecked':false,'id':9";
	static const char label[] =
		SNAP(EL("div", "", EL("label", "", EL("input", "", "", 9), 3), 2)) "," ADDS(
			BEFORE(3, 9, TEXT("number", 6)) "," BEFORE(
				3, 6, TEXT("Card ", 5))) "," INPUT(9, "42");

	(void)state;
	check(TYPED, right, "wombat|zebra");
	/* the page is gone by the end */
	check(TYPED "," REMOVE(2, 6) "," REMOVE(2, 7) "," REMOVE(2, 9), right, "wombat|zebra");
	/* a label of several texts */
	check(label, "'text':'[card]'", "'42'");
}

static void test_a_mark_between(void **state)
{
	(void)state;
	check(SNAP(EL("div", "",
		      EL("b", "", TEXT("Security code", 4), 3) "," EL("i", "", TEXT("*", 6),
								      5) "," EL("input", "", "", 9),
		      2)) "," INPUT(9, "123"),
	      "'text':'[cvc]'", "'123'");
}

static void test_labels_that_float(void **state)
{
	(void)state;
	check(SNAP(EL("div", "",
		      EL("input", "", "", 9) "," EL("button", "", TEXT("Show", 5), 4) "," EL(
			      "label", "", TEXT("Your password", 7), 6),
		      2)) "," INPUT(9, "Zx9-zebra"),
	      "'text':'[password]'", "zebra");
	/* around the box it stands in */
	check(SNAP(EL("div", "",
		      EL("div", "", EL("input", "", "", 9), 8) "," EL("span", "",
								      TEXT("Card number", 7), 6),
		      2)) "," INPUT(9, "42"),
	      "'text':'[card]'", "'42'");
	/* what stands before it counts first, and a remark behind it hides nothing before */
	check(SNAP(EL("div", "",
		      TEXT("Nickname", 3) "," EL("input", "", "", 9) "," TEXT("Password", 7),
		      2)) "," INPUT(9, "wombat"),
	      "'text':'[form]'", "wombat");
	check(SNAP(EL("div", "",
		      EL("div", "", TEXT("Password", 4),
			 3) "," EL("div", "",
				   EL("input", "", "", 9) "," EL("span", "",
								 TEXT("8 letters or more", 7), 6),
				   8),
		      2)) "," INPUT(9, "Zx9-zebra"),
	      "'text':'[password]'", "zebra");
	/* the next control's label, an error, a link */
	check(SNAP(EL("div", "",
		      EL("input", "", "", 9) "," TEXT("Password", 7) "," EL("input", "", "", 8),
		      2)) "," INPUT(9, "wombat"),
	      "'text':'[form]'", "wombat");
	check(SNAP(EL("div", "",
		      EL("input", "", "", 9) "," EL("p", "'class':'field-error'",
						    TEXT("Wrong user or password", 7), 6),
		      2)) "," INPUT(9, "wombat"),
	      "'text':'[form]'", "wombat");
	check(SNAP(EL("div", "",
		      EL("input", "", "", 9) "," EL("a", "", TEXT("Reset password", 7), 6),
		      2)) "," INPUT(9, "wombat"),
	      "'text':'[form]'", "wombat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_order_of_the_page),
		cmocka_unit_test(test_a_mark_between),
		cmocka_unit_test(test_labels_that_float),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
