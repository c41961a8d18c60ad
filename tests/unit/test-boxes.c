/* test-boxes.c: what several form controls hold together. */
#include "engine-fixture.h"

#define BOX(id)         EL("input", "", "", id)
#define SAYS(cls, id)   "'text':'[" cls "]','isChecked':false,'id':" #id
#define ANYWHERE(value) EV(5, "{'tag':'t','payload':{'said':'" value "'}}")

static void test_a_box_for_each_character(void **state)
{
	static const char boxes[] =
		SNAP(EL("p", "", BOX(2) "," BOX(3) "," BOX(4) "," BOX(5), 9)) "," INPUT(
			2, "7") "," INPUT(3,
					  "3") "," INPUT(4,
							 "0") "," INPUT(5,
									"4") "," ANYWHERE("7304");
	static const char few[] =
		SNAP(EL("p", "", BOX(2) "," BOX(3), 9)) "," INPUT(2, "7") "," INPUT(3, "3");
	/* how many of each are ordered: every control has its label */
	static const char amounts[] = SNAP(EL("p", "", TEXT("Adults", 12) "," BOX(2), 9) "," EL(
		"p", "", TEXT("Boys", 13) "," BOX(3),
		10) "," EL("p", "", TEXT("Girls", 14) "," BOX(4),
			   11) "," EL("p", "", TEXT("Dogs", 15) "," BOX(5),
				      16)) "," INPUT(2,
						     "2") "," INPUT(3,
								    "1") "," INPUT(4,
										   "1") "," INPUT(5,
												  "1");

	(void)state;
	check(boxes, SAYS("otp", 2) "|" SAYS("otp", 5) "|'said':'[otp]'", "7304");
	check(few, SAYS("form", 2) "|" SAYS("form", 3), "[otp]");
	check(amounts, SAYS("form", 2) "|" SAYS("form", 5), "[otp]");
}

static void test_later_groups(void **state)
{
	static const char ssn[] = SNAP(EL(
		"p", "",
		TEXT("Social security number",
		     8) "," BOX(2) "," TEXT("-", 6) "," BOX(3) "," TEXT("-", 7) "," BOX(4),
		9)) "," INPUT(2, "219") "," INPUT(3,
						  "48") "," INPUT(4,
								  "7163") "," ANYWHERE("219487163");
	static const char not_digits[] =
		SNAP(EL("p", "", TEXT("Phone number", 8) "," BOX(2) "," BOX(3), 9)) "," INPUT(
			2, "615") "," INPUT(3, "Leeds");

	(void)state;
	check(ssn,
	      SAYS("national-id", 2) "|" SAYS("national-id", 3) "|" SAYS(
		      "national-id", 4) "|'said':'[national-id]'",
	      "219487163|7163");
	check(not_digits, SAYS("phone", 2) "|" SAYS("form", 3), "Leeds");
}

static void test_a_field_called_code(void **state)
{
	static const char code[] =
		SNAP(EL("p", "", TEXT("Enter the code", 8) "," BOX(2), 9)) "," INPUT(2, "58204");
	static const char promo[] =
		SNAP(EL("p", "", TEXT("Code", 8) "," BOX(2), 9)) "," INPUT(2, "SUMMER");

	(void)state;
	check(code, SAYS("otp", 2), "58204");
	check(promo, SAYS("form", 2), "SUMMER");
}

static void test_elements_with_a_control_inside(void **state)
{
	static const char host[] = SNAP(EL("x-field", "'label':'Security code','value':'739'",
					   EL("span", "", BOX(2), 3), 4)) "," INPUT(2, "739");

	(void)state;
	check(host, "'value':'[cvc]'|" SAYS("cvc", 2), "739");
}

/* Dates of birth, however the page writes them. */
static void test_dates_of_birth(void **state)
{
	static const char typed[] =
		SNAP(EL("p", "", TEXT("Date of birth", 8) "," BOX(2), 9)) "," INPUT(
			2, "11/03/1968") "," ADD(9,
						 TEXT("so 11 marzo 1968, 1968-03-11; March 11th, "
						      "1968 or 11. 3. 1968 and 19680311",
						      30));
	static const char selects[] = SNAP(EL(
		"p", "",
		TEXT("Born on", 8) "," EL("select", "", "", 2) "," EL("select", "", "",
								      3) "," BOX(4),
		9)) "," INPUT(2,
			      "11") "," INPUT(3,
					      "27") "," INPUT(4,
							      "1953") "," ADD(9,
									      TEXT("Nov. 27, 1953 "
										   "1953年11月27日",
										   30));
	/* asked for in words that nobody knows, and no date of birth but one of delivery */
	static const char unnamed[] = SNAP(EL(
		"p", "",
		EL("input", "'type':'date'", "", 2) "," EL("input", "'type':'date'", "", 3),
		9)) "," INPUT(2,
			      "1979-08-03") "," INPUT(3,
						      "2023-12-04") "," ADD(9,
									    TEXT("Born 3 August "
										 "1979, or "
										 "03/08/1979; on 4 "
										 "December 2023",
										 30));
	/* another day, another year, a number like it, a month and a year */
	static const char others[] =
		SNAP(EL("p", "", TEXT("Date of birth", 8) "," BOX(2), 9)) "," INPUT(
			2, "11/03/1968") "," ADD(9,
						 TEXT("12 marzo 1968, 11 marzo 1969, marzo 1968, "
						      "order 1968-3, 4711 1968 03",
						      30));

	(void)state;
	check(typed, "so [birthdate], [birthdate]; [birthdate] or [birthdate] and [birthdate]",
	      "1968");
	check(selects, "[birthdate] [birthdate]", "1953");
	check(unnamed, "Born [birthdate], or [birthdate]; on 4 December 2023", "1979");
	check(others, "12 marzo 1968, 11 marzo 1969, marzo 1968, order 1968-3, 4711 1968 03",
	      "'textContent':'[birthdate]");
}

static void test_ids_with_letters(void **state)
{
	static const char spaced[] = SNAP(EL("p", "", BOX(2), 9)) "," INPUT(
		2, "CFR 418273") "," ADD(9, TEXT("paper CFR418273, not CFR418274", 30));
	static const char bare[] = SNAP(EL("p", "", BOX(2), 9)) "," INPUT(2, "22K0093471") "," ADD(
		9, TEXT("meter 22K 0093471 or 22 K 0093471", 30));
	static const char sort_code[] = SNAP(EL(
		"p", "", TEXT("Sort code", 8) "," BOX(2) "," BOX(3) "," BOX(4),
		9)) "," INPUT(2, "40") "," INPUT(3,
						 "47") "," INPUT(4,
								 "84") "," ADD(9,
									       TEXT("at 40-47-84 "
										    "or 404784",
										    30));

	(void)state;
	check(spaced, "paper [form], not CFR418274", "CFR418273");
	check(bare, "meter [form] or [form]", "0093471");
	check(sort_code, "at [iban] or [iban]", "404784");
}

/* A day of this year is the page's where the page showed it before; a date of birth is nobody's. */
static void test_days_that_the_page_shows(void **state)
{
	static const char days[] = SNAP(EL(
		"p", "", TEXT("since 2023-07-01, first 1998-04-12", 4) "," BOX(2) "," BOX(3),
		9)) "," INPUT(2,
			      "2023-07-01") "," INPUT(3,
						      "1998-04-12") "," ADD(9,
									    TEXT("from 2023-07-01",
										 30));
	static const char after[] = SNAP(EL("p", "", BOX(2), 9)) "," INPUT(2, "2023-07-01") "," ADD(
		9, TEXT("from 2023-07-01", 30));

	(void)state;
	check(days, "since 2023-07-01, first [birthdate]|from 2023-07-01|'text':'[form]'", "1998");
	check(after, "from [form]", "2023");
}

static void test_letters_without_accents(void **state)
{
	static const char names[] = SNAP(EL("p", "", BOX(2) "," BOX(3), 9)) "," INPUT(
		2,
		"Květoslava Hájková") "," INPUT(3,
						"Jürgen Weiß-Möhring") "," ADD(9,
									       TEXT("for "
										    "KVETOSLAVA "
										    "HAJKOVA, "
										    "juergen "
										    "weiss-"
										    "moehring, "
										    "Jurgen "
										    "Weiss-Mohring",
										    30));

	(void)state;
	check(names, "for [form], [form], [form]", "HAJKOVA|moehring|Mohring");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_box_for_each_character),
		cmocka_unit_test(test_later_groups),
		cmocka_unit_test(test_a_field_called_code),
		cmocka_unit_test(test_elements_with_a_control_inside),
		cmocka_unit_test(test_dates_of_birth),
		cmocka_unit_test(test_ids_with_letters),
		cmocka_unit_test(test_letters_without_accents),
		cmocka_unit_test(test_days_that_the_page_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
