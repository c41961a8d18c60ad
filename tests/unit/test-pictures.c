/* test-pictures.c: a site that keeps no pictures keeps none, wherever they are inlined; and
 * detectors that a site switches off don't look. */
#include "redactfs/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void redact(const char *text, size_t len, const struct policy *p, struct buf *out)
{
	struct redact_spans s = {0};
	struct errinfo e = {0};

	if (redact_run(text, len, p, &s, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(redact_render(text, len, &s, p, out), 0);
	redact_spans_done(&s);
}

/* Events with ' for "; what a policy makes of them, which must be what it makes of that again. */
static void expect(const char *ini, const char *events, const char *want)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf in = {0}, out = {0}, again = {0}, w = {0};

	assert_int_equal(policy_parse(ini, strlen(ini), &p, NULL), 0);
	for (int i = 0; i < 2; i++) {
		struct buf *b = i ? &w : &in;

		assert_int_equal(buf_adds(b, "[\n"), 0);
		for (const char *c = i ? want : events; *c; c++)
			assert_int_equal(buf_addc(b, (char)(*c == '\'' ? '"' : *c)), 0);
		assert_int_equal(buf_adds(b, "\n]\n"), 0);
	}
	redact(in.p, in.len, &p, &out);
	assert_string_equal(out.p, w.p);
	redact(out.p, out.len, &p, &again);
	assert_string_equal(again.p, w.p);
}

#define EL(tag, attrs)                                                                             \
	"{'type':2,'timestamp':1,'data':{'node':{'type':2,'tagName':'" tag                         \
	"','attributes':{" attrs "},'childNodes':[],'id':1}}}"
#define PNG  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
#define FONT "data:font/woff2;base64,d09GMgABAAAAAAScABAAAAAACXgAAAQ7AAEAAAAAAAAAAAAAAAAA"
#define DROP "[record]\nimages = drop\n"

static void test_images(void **state)
{
	static const struct {
		const char *tag, *has, *keeps;
	} cases[] = {
		{"img", "'rr_dataURL':'" PNG "'", "'rr_dataURL':'data:,'"},
		{"img", "'src':'" PNG "','alt':'x'", "'src':'data:,','alt':'x'"},
		{"img", "'src':'data:image/svg+xml;utf8,<svg a=\\'b\\'> x, y</svg>'",
		 "'src':'data:,'"},
		{"img", "'src':'DATA:;base64,AAAABBBBCCCC'", "'src':'data:,'"},
		{"img", "'srcset':'" PNG " 1x, /b.png 2x, " PNG " 3x'",
		 "'srcset':'data:, 1x, /b.png 2x, data:, 3x'"},
		{"img", "'src':'https://a.example/x.png'", "'src':'https://a.example/x.png'"},
		{"link",
		 "'_cssText':'@font-face{src:url(" FONT ")} p{background:url(" PNG
		 ") top} q{background:url(\\'" PNG "\\')}'",
		 "'_cssText':'@font-face{src:url(" FONT
		 ")} p{background:url(data:,) top} q{background:url(\\'data:,\\')}'"},
		{"p", "'style':'background:url(data:image/svg+xml,%3Csvg a=1%3E) no-repeat'",
		 "'style':'background:url(data:,) no-repeat'"},
		{"p", "'title':'metadata:yes,no data: a, b'",
		 "'title':'metadata:yes,no data: a, b'"},
		{"canvas", "'rr_dataURL':'" PNG "'", "'rr_dataURL':'" PNG "'"},
	};
	char has[2048], keeps[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char frame[] =
			"{'type':2,'timestamp':1,'data':{'node':{'type':2,'tagName':'%s',"
			"'attributes':{%s},'childNodes':[],'id':1}}}";

		(void)snprintf(has, sizeof(has), frame, cases[i].tag, cases[i].has);
		(void)snprintf(keeps, sizeof(keeps), frame, cases[i].tag, cases[i].keeps);
		expect(DROP, has, keeps);
		expect("", has, has);
	}
}

#define CANVAS(rest) "{'type':3,'timestamp':1,'data':{'source':9,'id':7," rest "}}"

static void test_canvas(void **state)
{
	static const char drop[] = "[record]\ncanvas = drop\n";
	static const char two[] =
		CANVAS("'type':0,'commands':[{'property':'fillText','args':['Jane Doe',1,2]},"
		       "{'property':'lineTo','args':[10,20]}]");

	(void)state;
	expect(drop, two, CANVAS("'type':0,'commands':[]"));
	expect(DROP, two, two);
	expect("", two, two);
	expect(drop, CANVAS("'type':0,'property':'fillText','args':['Jane Doe',1,2]"),
	       CANVAS("'type':0,'property':'fillText','args':[]"));
	expect(drop, CANVAS("'type':0,'commands':[]"), CANVAS("'type':0,'commands':[]"));
	/* what is in it goes with it, found or not */
	expect(drop, CANVAS("'type':0,'commands':[{'args':['4111 1111 1111 1111']}]"),
	       CANVAS("'type':0,'commands':[]"));
	expect(drop, EL("canvas", "'rr_dataURL':'" PNG "','width':'10'"),
	       EL("canvas", "'rr_dataURL':'data:,','width':'10'"));
	expect(drop, EL("img", "'rr_dataURL':'" PNG "'"), EL("img", "'rr_dataURL':'" PNG "'"));
	/* a picture drawn is a picture, too */
	expect(DROP,
	       CANVAS("'type':0,'commands':[{'property':'drawImage','args':[{'rr_type':"
		      "'HTMLImageElement','src':'" PNG "'}]}]"),
	       CANVAS("'type':0,'commands':[{'property':'drawImage','args':[{'rr_type':"
		      "'HTMLImageElement','src':'data:,'}]}]"));
}

static void test_detectors_are_switched(void **state)
{
#define NOTE(text) "{'type':5,'timestamp':1,'data':{'tag':'note','payload':'" text "'}}"
	static const char said[] = NOTE("write to jane@shop.example or call +420 601 234 567");

	(void)state;
	expect("", said, NOTE("write to [email] or call [phone]"));
	expect("[detect]\nemails = off\n", said,
	       NOTE("write to jane@shop.example or call [phone]"));
	expect("[detect]\nphones = off\n", said, NOTE("write to [email] or call +420 601 234 567"));
	/* what a field says of itself isn't a detector's business */
	expect("[detect]\nemails = off\n",
	       "{'type':2,'timestamp':1,'data':{'node':{'type':2,'tagName':'input','attributes':"
	       "{'type':'email','value':'jane@shop.example'},'childNodes':[],'id':1}}}",
	       "{'type':2,'timestamp':1,'data':{'node':{'type':2,'tagName':'input','attributes':"
	       "{'type':'email','value':'[email]'},'childNodes':[],'id':1}}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_canvas),
		cmocka_unit_test(test_detectors_are_switched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
