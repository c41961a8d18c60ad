/* test-beside.c: what stands beside one another is read as one text. */
#include "engine-fixture.h"

#define FIELD       EL("input", "'type':'password'", "", 5)
#define SPAN(s, id) EL("span", "", TEXT(s, 1##id), id) /* a text alone in an element of its own */

static void test_texts_of_one_parent(void **state)
{
	(void)state;
	/* as frameworks write "Signed in as {user}@{domain} (owner)" */
	check(SNAP(EL("p", "",
		      TEXT("Signed in as ", 3) "," TEXT("jane", 4) "," TEXT("@", 5) "," TEXT(
			      "example.org", 6) "," TEXT(" (owner)", 7),
		      2)),
	      "'Signed in as '|' (owner)'|'[email]'", "jane|example.org|'@'");
	check(SNAP(EL("p", "", TEXT("Card 4000 0082 ", 3) "," TEXT("4729 0997.", 4), 2)),
	      "'Card [card]'|'[card].'", "4000|0997");
	/* the words before a number are in another node */
	check(SNAP(EL("p", "", TEXT("BSN: ", 3) "," TEXT("111222333", 4), 2)),
	      "'BSN: '|'[national-id]'", "111222333");
	/* escapes, and comments that frameworks put between */
	check(SNAP(EL("p", "",
		      TEXT("\\\"jane",
			   3) ",{'type':5,'textContent':' ','id':9}," TEXT("@example.org\\n", 4),
		      2)),
	      "'\\\"[email]'|'[email]\\n'", "jane|example.org");
	check(SNAP(EL("p", "", TEXT("jane@", 3) "," EL("wbr", "", "", 4) "," TEXT("example.org", 5),
		      2)),
	      "[email]", "jane|example");
}

static void test_texts_that_only_look_so(void **state)
{
	(void)state;
	check(SNAP(EL("p", "",
		      TEXT("Page ", 3) "," TEXT("12", 4) "," TEXT(" of ", 5) "," TEXT("3456", 6),
		      2)),
	      "'12'|'3456'", NO_TOKENS);
	check(SNAP(EL("p", "", TEXT("Total ", 3) "," TEXT("1 299", 4) "," TEXT(",00 Kč", 5), 2)),
	      "'1 299'", NO_TOKENS);
	/* cells of a table, and what an element stands between */
	check(SNAP(EL("tr", "",
		      EL("td", "", TEXT("602", 6), 3) "," EL("td", "", TEXT("123", 7),
							     4) "," EL("td", "", TEXT("456", 8), 5),
		      2)),
	      "'602'|'123'|'456'", NO_TOKENS);
	check(SNAP(EL("p", "", TEXT("jane", 3) "," EL("br", "", "", 4) "," TEXT("@example.org", 5),
		      2)),
	      "'jane'|'@example.org'", NO_TOKENS);
	/* of two pages, and of two parents */
	check(SNAP(EL("p", "", TEXT("jane", 3), 2)) "," SNAP(
		      EL("p", "", TEXT("@example.org", 3), 2)),
	      "'jane'|'@example.org'", NO_TOKENS);
}

static void test_cards_in_pieces(void **state)
{
	(void)state;
	check(SNAP(EL("p", "",
		      SPAN("4000", 3) "," SPAN("0082", 4) "," SPAN("4729", 5) "," SPAN("0997", 6),
		      2)),
	      "[card]", "4000|0082|4729|0997");
	check(SNAP(EL("p", "", SPAN("3782", 3) "," SPAN("824804", 4) "," SPAN("94630", 5), 2)),
	      "[card]", "3782|824804");
	/* a text of the page ends them; with one number more they are a list */
	check(SNAP(EL("p", "",
		      SPAN("Card", 7) "," SPAN("4000", 3) "," SPAN("0082", 4) "," SPAN(
			      "4729", 5) "," SPAN("0997", 6) "," SPAN("Change", 8),
		      2)),
	      "'Card'|'Change'|[card]", "4000|0997");
	check(SNAP(EL("p", "",
		      SPAN("4000", 3) "," SPAN("0082", 4) "," SPAN("4729", 5) "," SPAN(
			      "0997", 6) "," SPAN("0998", 7),
		      2)),
	      "'4000'", NO_TOKENS);
	/* no card; cells of a table; odd groups */
	check(SNAP(EL("p", "",
		      SPAN("4000", 3) "," SPAN("0082", 4) "," SPAN("4729", 5) "," SPAN("0998", 6),
		      2)),
	      "'4000'", NO_TOKENS);
	check(SNAP(EL("tr", "",
		      EL("td", "", TEXT("4000", 7), 3) "," EL("td", "", TEXT("0082", 8), 4) "," EL(
			      "td", "", TEXT("4729", 9), 5) "," EL("td", "", TEXT("0997", 10), 6),
		      2)),
	      "'4000'", NO_TOKENS);
	check(SNAP(EL("p", "", SPAN("40000", 3) "," SPAN("08247290", 4) "," SPAN("997", 5), 2)),
	      "'40000'", NO_TOKENS);
}

#define ROW(a, b) EL("dl", "", EL("dt", "", TEXT(a, 3), 4) "," EL("dd", "", TEXT(b, 5), 6), 2)

static void test_what_a_neighbour_says(void **state)
{
	(void)state;
	check(SNAP(ROW("Date of birth", "22.10.1990")), "'Date of birth'|'[birthdate]'", "1990");
	check(SNAP(ROW("Geburtsdatum:", "3. Mai 1990 (35)")), "'[birthdate] (35)'", "1990");
	check(SNAP(ROW("Password", "hunter2plus")), "'Password'|'[password]'", "hunter2");
	check(SNAP(ROW("CVC", "771")), "[cvc]", "'771'");
	check(SNAP(ROW("API key", "q8Zr4mVx1LkT7pBn2WsY")), "[secret]", "q8Zr");
	check(SNAP(ROW("BSN", "111222333")), "[national-id]", "111222333");
	/* the label in an element, the value beside it, and the other way round */
	check(SNAP(EL("p", "", SPAN("Born", 3) "," TEXT(" 1981-04-13", 4), 2)), "' [birthdate]'",
	      "1981");
	check(SNAP(EL("p", "", TEXT("Password: ", 4) "," SPAN("hunter2plus", 3), 2)), "[password]",
	      "hunter2");
	/* what such a text often stands over */
	check(SNAP(ROW("Password", "Must be at least 8 characters")), "at least 8", NO_TOKENS);
	check(SNAP(ROW("Password", "Required")), "'Required'", NO_TOKENS);
	check(SNAP(ROW("Birth rate", "12.05.2026")), "12.05.2026", NO_TOKENS);
	check(SNAP(ROW("Session", "Room B2-101")), "B2-101", NO_TOKENS);
	check(SNAP(ROW("Session", "B2-1015")), "B2-1015", NO_TOKENS);
	check(SNAP(ROW("Published", "23.11.2026")), "23.11.2026", NO_TOKENS);
	check(SNAP(ROW("PIN", "Show")), "'Show'", NO_TOKENS);
	/* beside it, not below it, nor two further on */
	check(SNAP(EL("dl", "",
		      SPAN("Date of birth", 3) "," SPAN("unknown", 4) "," SPAN("22.10.1990", 5),
		      2)),
	      "22.10.1990", NO_TOKENS);
}

static void test_entered_values_through_elements(void **state)
{
	(void)state;
	check(SNAP(FIELD "," EL("p", "", SPAN("walrus-", 3) "," SPAN("and-sea", 4), 2)) "," INPUT(
		      5, "walrus-and-sea"),
	      "[password]", "walrus|sea");
	/* a letter in each, as animations show them */
	check(SNAP(FIELD "," EL("p", "",
				SPAN("Q", 3) "," SPAN("z", 4) "," SPAN("9", 6) "," SPAN(
					"~", 7) "," SPAN("K", 8) "," SPAN("w", 9),
				2)) "," INPUT(5, "Qz9~Kw"),
	      "[password]", "'Q'|'z'|'9'|'~'|'K'|'w'");
	/* digits in groups; deeper than one element */
	check(SNAP(EL("input", "'autocomplete':'cc-number'", "",
		      5) "," EL("p", "",
				SPAN("4000", 3) "," EL("b", "", SPAN("0082", 4),
						       6) "," SPAN("4729", 7) "," SPAN("0997", 8),
				2)) "," INPUT(5, "4000008247290997"),
	      "[card]", "4729|0082");
	/* shorter ones are put together by chance; a word of the page between them ends it */
	check(SNAP(EL("input", "'name':'q'", "", 5) "," EL("p", "", SPAN("re", 3) "," SPAN("do", 4),
							   2)) "," INPUT(5, "redo"),
	      "'re'|'do'", "");
	check(SNAP(FIELD
		   "," EL("p", "", SPAN("walrus-", 3) "," SPAN("or", 6) "," SPAN("and-sea", 4),
			  2)) "," INPUT(5, "walrus-and-sea"),
	      "'walrus-'|'and-sea'", "");
}

#define ENTERS_ADA EL5 "," INPUT(5, "Ada Lovelace")
#define EL5        SNAP(EL("input", "", "", 5))

/* Every stage of a text that is being typed is one that was entered: with the first letters of the
 * button beside it some stage is what will be typed next. */
static void test_a_button_beside_what_is_typed(void **state)
{
	(void)state;
	check(SNAP(EL("div", "'contenteditable':'true'", TEXT("Tell us", 4), 3) "," EL(
		      "button", "", TEXT("Save changes", 7),
		      6)) "," SETTEXT(4,
				      "I volunteer on") "," SETTEXT(4,
								    "I volunteer on ") "," SETTEXT(4,
												   "I volunteer on S") "," SETTEXT(4,
																   "I volunteer on Sundays"),
	      "'Save changes'|[form]", "volunteer|Sundays");
	/* whole words of one value in several elements are still that value */
	check(SNAP(EL("input", "", "", 5) "," EL(
		      "p", "", SPAN("Ada", 3) "," SPAN(" Lovelace", 4) "," SPAN(", London", 6),
		      2)) "," INPUT(5, "Ada Lovelace"),
	      "', London'|[form]", "Ada|Lovelace");
	/* within a word on either side alone, of letters, digits or others' letters */
	check(ENTERS_ADA "," SNAP(EL("p", "", SPAN("Nevada", 3) "," SPAN(" Lovelace", 4), 2)),
	      "'Nevada'|' Lovelace'", "");
	check(ENTERS_ADA "," SNAP(EL("p", "", SPAN("Ada", 3) "," SPAN(" Lovelaces", 4), 2)),
	      "'Ada'|' Lovelaces'", "");
	check(ENTERS_ADA "," SNAP(EL("p", "", SPAN("Ada", 3) "," SPAN(" Lovelace0", 4), 2)),
	      "'Ada'|' Lovelace0'", "");
	check(ENTERS_ADA "," SNAP(EL("p", "",
				     SPAN("\xc3\xa9"
					  "Ada",
					  3) "," SPAN(" Lovelace", 4),
				     2)),
	      "Ada'|' Lovelace'", "");
	check(ENTERS_ADA "," SNAP(EL("p", "", SPAN("(Ada", 3) "," SPAN(" Lovelace)", 4), 2)),
	      "'([form]'|)'", "Ada|Lovelace");
	/* a password goes wherever it could be */
	check(SNAP(FIELD "," EL("p", "", SPAN("walrus-", 3) "," SPAN("and-seaside", 4),
				2)) "," INPUT(5, "walrus-and-sea"),
	      "[password]side", "walrus");
}

/* As it is at each moment. */
static void test_changes(void **state)
{
	(void)state;
	check(SNAP(EL("p", "", TEXT("Mail: ", 3) "," TEXT("-", 4) "," TEXT("@example.org", 6),
		      2)) "," SETTEXT(4, "jana.nov"),
	      "'Mail: '|'value':'[email]'", "jana|example");
	/* a recorder adds the last one first, each before the one it names */
	check(SNAP(EL("p", "", "", 2)) "," EV(
		      3,
		      "{'source':0,'texts':[],'attributes':[],'removes':[],'adds':["
		      "{'parentId':2,'nextId':null,'node':" TEXT(
			      "example.org", 5) "},{'parentId':2,'nextId':5,'node'"
						":" TEXT("@", 4) "},{'parentId':2,'nextId':4,"
								 "'node':" TEXT("petr.s", 3) "}]}"),
	      "[email]", "petr|example");
	/* what is taken away isn't between any more */
	check(SNAP(EL("p", "", TEXT("jane", 3) "," EL("i", "", "", 4) "," TEXT("@example.org", 5),
		      2)) "," EV(3, "{'source':0,'texts':[],'attributes':[],'removes':[{'parentId':"
				    "2,'id':4}],'adds':[]}") "," SETTEXT(3, "jana"),
	      "[email]|'jane'", "jana|example");
	/* nor is it beside anything */
	check(SNAP(EL("p", "", TEXT("jane", 3) "," TEXT("x", 4), 2)) "," EV(
		      3, "{'source':0,'texts':[],'attributes':[],'removes':[{'parentId':2,'id':3}],"
			 "'adds':[]}") "," SETTEXT(4, "@example.org"),
	      "'jane'|'@example.org'", NO_TOKENS);
}

/* Of long texts only the ends stand beside others, and what is in their middle stays. */
static void test_long_texts(void **state)
{
	CLEANUP(buf_done) struct buf ev = {0}, words = {0}, kept = {0};

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(buf_addf(&words, "w\\\"%d ", i), 0);
	assert_int_equal(buf_addf(&ev,
				  "{'type':2,'data':{'node':{'type':0,'childNodes':[{'type':2,"
				  "'tagName':'p','attributes':{},'childNodes':["
				  "{'type':3,'textContent':'%swrite to jane','id':3},"
				  "{'type':3,'textContent':'@example.org %s','id':4}],'id':2}],"
				  "'id':1},'initialOffset':{'left':0,'top':0}},"
				  "'timestamp':1700000000000}",
				  words.p, words.p),
			 0);
	assert_int_equal(buf_addf(&kept, "write to [email]'|'[email] %s'", words.p), 0);
	CLEANUP(buf_done) struct buf out = {0};
	run(ev.p, NULL, &out);
	assert_non_null(strstr(out.p, "write to [email]\""));
	assert_non_null(strstr(out.p, "\"[email] w\\\"0 w\\\"1 "));
	assert_null(strstr(out.p, "jane"));
	for (int i = 0; i < 200; i++) {
		char w[16];

		(void)snprintf(w, sizeof(w), "w\\\"%d ", i);
		assert_non_null(strstr(out.p, w));
	}
}

/* Nodes below themselves, twice, before what isn't there; ids of anything. */
static void test_hostile_lists(void **state)
{
	CLEANUP(buf_done) struct buf out = {0};

	(void)state;
	run(
		SNAP(EL("p", "", TEXT("a", 3) "," TEXT("b", 4), 2)) "," EV(
			3, "{'source':0,'texts':[],'attributes':[],'removes':[{'id':2},{'"
			   "id':-1},{'id':"
			   "99},7,'x'],'adds':[{'parentId':2,'nextId':2,'node':" EL("p", "", "", 2) "},{'parentId':3,'nextId':4,'node':" EL(
				   "p", "", "",
				   2) "},{'parentId':4,'nextId':3,'node'"
				      ":" TEXT("c",
					       3) "},{'parentId':3,'"
						  "nextId':77,'node'"
						  ":" TEXT("d",
							   4) "},{'"
							      "parentId':"
							      "2,'nextId'"
							      ":'4','"
							      "node'"
							      ":" TEXT("e",
								       3) "}]}") "," SETTEXT(3,
											     "f"),
		NULL, &out);
	assert_non_null(strstr(out.p, "\"f\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_of_one_parent),
		cmocka_unit_test(test_texts_that_only_look_so),
		cmocka_unit_test(test_cards_in_pieces),
		cmocka_unit_test(test_what_a_neighbour_says),
		cmocka_unit_test(test_entered_values_through_elements),
		cmocka_unit_test(test_a_button_beside_what_is_typed),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_hostile_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
