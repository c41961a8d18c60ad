/* test-counters.c: a page that writes down how long a password is, and pages that only count. */
#include "engine-fixture.h"

/* A field, a counter (element 6, text 7) and a clock (8, 9); then a key after the other, each with
 * what the counter says (%d: `start` and `step` for each key). */
static void typed(const char *field, const char *says, int start, int step, bool anew,
		  struct buf *out)
{
	CLEANUP(buf_done) struct buf ev = {0};
	static const char value[] = "walrus&carp";

	assert_int_equal(buf_addf(&ev,
				  "{'type':2,'data':{'node':{'type':0,'childNodes':[{'type':2,'"
				  "tagName':'input',"
				  "'attributes':{%s},'childNodes':[],'id':5},{'type':2,'tagName':'"
				  "i','attributes':"
				  "{},'childNodes':[{'type':3,'textContent':'0/"
				  "20','id':7}],'id':6},{'type':2,"
				  "'tagName':'b','attributes':{},'childNodes':[{'type':3,'"
				  "textContent':'12:00:40',"
				  "'id':9}],'id':8}],'id':1}},'timestamp':1700000000000}",
				  field),
			 0);
	for (int i = 1; i < (int)sizeof(value); i++) {
		const char *number = strstr(says, "%d");
		char text[64];

		if (number)
			(void)snprintf(text, sizeof(text), "%.*s%d%s", (int)(number - says), says,
				       start + i * step, number + 2);
		else
			(void)snprintf(text, sizeof(text), "%s", says);
		assert_int_equal(buf_addf(&ev,
					  ",{'type':3,'data':{'source':5,'text':'%.*s','isChecked':"
					  "false,'id':5},"
					  "'timestamp':1700000000000}",
					  i, value),
				 0);
		if (anew)
			assert_int_equal(
				buf_addf(&ev,
					 ",{'type':3,'data':{'source':0,'texts':[],'attributes':[],"
					 "'removes':[],'adds':[{'parentId':6,'nextId':null,'node':{"
					 "'type':"
					 "3,'textContent':'%s','id':%d}}]},'timestamp':"
					 "1700000000000}",
					 text, 100 + i),
				0);
		else
			assert_int_equal(
				buf_addf(
					&ev,
					",{'type':3,'data':{'source':0,'texts':[{'id':7,'value':'%"
					"s'},"
					"{'id':9,'value':'12:00:%d'}],'attributes':[],'removes':[],"
					"'adds':[]},'timestamp':1700000000000}",
					text, 40 + i),
				0);
	}
	run(ev.p, NULL, out);
}

static size_t count(const struct buf *b, const char *what)
{
	size_t n = 0;

	for (const char *p = b->p; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

#define PASSWORD "'type':'password'"
#define KEYS     11u

static void test_counters(void **state)
{
	static const struct {
		const char *says;
		int start, step;
		const char *left; /* of each text */
	} cases[] = {
		{"%d/20", 0, 1, "\"[password]/20\""},
		{"%d", 0, 1, "\"[password]\""},
		{"0 < %d of 20", 0, 1, "\"0 < [password] of 20\""},
		{"%d characters left", 20, -1, "\"[password] characters left\""},
		{"12 / %d", 30, -1, "\"12 / [password]\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int anew = 0; anew < 2; anew++) {
			CLEANUP(buf_done) struct buf out = {0};

			typed(PASSWORD, cases[i].says, cases[i].start, cases[i].step, anew, &out);
			/* "[password]" alone is what the keys themselves say, too */
			size_t keys = strcmp(cases[i].left, "\"[password]\"") ? 0 : KEYS;
			if (count(&out, cases[i].left) != KEYS + keys)
				fail_msg("%s: %s", cases[i].says, out.p);
			if (!anew)
				assert_int_equal(count(&out, "\"12:00:"), KEYS + 1);
		}
	}
}

static void test_dots(void **state)
{
	CLEANUP(buf_done) struct buf ev = {0}, out = {0};

	(void)state;
	assert_int_equal(
		buf_adds(&ev, SNAP(EL("input", PASSWORD, "", 5) "," EL("i", "", TEXT("-", 7), 6))),
		0);
	for (int i = 1; i < 5; i++) {
		static const char dots[] = "\u2022\u2022\u2022\u2022";

		assert_int_equal(buf_addf(&ev, "," INPUT(5, "%.*s") "," SETTEXT(7, "%.*s"), i,
					  "walrus", 3 * i, dots),
				 0);
	}
	run(ev.p, NULL, &out);
	assert_null(strstr(out.p, "\u2022"));
}

/* A password nobody types is no reason, nor is another field, nor what isn't in step. */
static void test_what_only_counts(void **state)
{
	static const struct {
		const char *field, *says;
		int start, step;
		const char *kept;
	} cases[] = {
		{"'type':'text','name':'nickname'", "%d/20", 0, 1, "\"5/20\""},
		{PASSWORD, "%d s", 7, 1, "\"12 s\""},
		{PASSWORD, "%d items", 0, 2, "\"10 items\""},
		{PASSWORD, "Attempt %d of 3", 2, 0, "\"Attempt 2 of 3\""},
		{PASSWORD, "at least 8", 0, 0, "\"at least 8\""},
		{PASSWORD, "good", 0, 0, "\"good\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(buf_done) struct buf out = {0};

		typed(cases[i].field, cases[i].says, cases[i].start, cases[i].step, false, &out);
		if (!strstr(out.p, cases[i].kept))
			fail_msg("%s: %s", cases[i].says, out.p);
	}
}

/* Two lengths are chance. */
static void test_too_few_keys(void **state)
{
	(void)state;
	check(SNAP(EL("input", PASSWORD, "", 5) "," EL("i", "", TEXT("0 items", 7), 6)) "," INPUT(
		      5, "w") "," SETTEXT(7, "1 items") "," INPUT(5, "wa") "," SETTEXT(7,
										       "2 items"),
	      "'1 items'|'2 items'", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_dots),
		cmocka_unit_test(test_what_only_counts),
		cmocka_unit_test(test_too_few_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
