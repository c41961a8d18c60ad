/* test-findings.c: what the field report is told: unmarked fields and places, by a path that holds
 * nothing of what was found. */
#include "redactfs/redact.h"

#include "redactfs/jtok.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct lines {
	struct buf b;
};

static int each(void *ctx, const struct finding *f)
{
	struct lines *l = ctx;

	return buf_addf(&l->b, "%s %s %u %lld-%lld %.*s %.*s\n",
			class_name((enum redact_class)f->cls), redact_finding_kind(f->kind),
			f->count, (long long)f->first_ms, (long long)f->last_ms, (int)f->page_len,
			f->page, (int)f->path_len, f->path);
}

/* Events with ' for ". */
static void expect(const char *events, const char *want)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf in = {0}, found = {0};
	CLEANUP(jtok_done) struct jtok_vec toks = {0};
	struct redact_spans spans = {0};
	struct lines l = {{0}};
	struct errinfo e = {0};

	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(buf_adds(&in, "[\n"), 0);
	for (const char *c = events; *c; c++)
		assert_int_equal(buf_addc(&in, (char)(*c == '\'' ? '"' : *c)), 0);
	assert_int_equal(buf_adds(&in, "\n]\n"), 0);
	assert_int_equal(jtok_parse(in.p, in.len, 0, &toks, &e), 0);
	if (redact_run_report(in.p, in.len, &toks, &p, &spans, &found, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(redact_findings_each(found.p, found.len, each, &l), 0);
	assert_string_equal(l.b.p ? l.b.p : "", want);
	/* cut short, or with something behind, it is refused */
	for (size_t n = 1; n < found.len; n++)
		assert_int_equal(redact_findings_each(found.p, n, each, &l), -EBADMSG);
	if (found.len) {
		assert_int_equal(buf_addc(&found, 0), 0);
		assert_int_equal(redact_findings_each(found.p, found.len, each, &l), -EBADMSG);
	}
	buf_done(&l.b);
	redact_spans_done(&spans);
}

#define META(ms, href) "{'type':4,'timestamp':" #ms ",'data':{'href':'" href "'}},"
#define PAGE(ms, inner)                                                                            \
	"{'type':2,'timestamp':" #ms ",'data':{'node':{'type':0,'id':1,'childNodes':[{'type':2,"   \
	"'tagName':'html','attributes':{},'id':2,'childNodes':[" inner "]}]}}}"
#define EL(tag, attrs, kids, id)                                                                   \
	"{'type':2,'tagName':'" tag "','attributes':{" attrs "},'childNodes':[" kids "],'id':" #id \
	"}"
#define TEXT(text, id) "{'type':3,'textContent':'" text "','id':" #id "}"
#define INPUT(ms, id, text)                                                                        \
	",{'type':3,'timestamp':" #ms ",'data':{'source':5,'id':" #id ",'text':'" text             \
	"','isChecked':false}}"

static void test_fields(void **state)
{
	(void)state;
	/* a card number where nothing says card; the same where the page said so */
	expect(META(10, "https://a.example/pay?x=1#y") PAGE(
		       11, EL("form", "'id':'buy'", EL("input", "'class':'wide field'", "", 5), 4))
		       INPUT(20, 5, "4111") INPUT(30, 5, "4111 1111 1111 1111"),
	       "card field 2 20-30 /pay form#buy > input.wide.field\n");
	expect(META(10, "https://a.example/pay")
		       PAGE(11, EL("input", "'autocomplete':'cc-number','id':'n'", "", 5))
			       INPUT(20, 5, "4111 1111 1111 1111"),
	       "");
	/* known by its words only */
	expect(PAGE(11, EL("input", "'name':'password'", "", 5)) INPUT(20, 5, "zebra-9!x"),
	       "password field 1 20-20  html > input[name=password]\n");
	expect(PAGE(11, EL("input", "'type':'password','name':'password'", "", 5))
		       INPUT(20, 5, "zebra-9!x"),
	       "");
	/* marked by a recorder's mark; an ordinary field */
	expect(PAGE(11, EL("div", "'class':'ph-no-capture'", EL("input", "'name':'pin'", "", 5), 4))
		       INPUT(20, 5, "8241"),
	       "");
	expect(PAGE(11, EL("input", "'name':'city'", "", 5)) INPUT(20, 5, "Warsaw"), "");
}

static void test_places(void **state)
{
	(void)state;
	expect(META(10, "https://a.example/team/")
		       PAGE(11, EL("p", "'class':'x'",
				   TEXT("jane@shop.example, joe@shop.example", 6), 5)),
	       "email text 2 11-11 /team/ html > p.x\n");
	expect("{'type':6,'timestamp':5,'data':{'plugin':'rrweb/console@1','payload':{'x':"
	       "'mail jane@shop.example'}}}",
	       "email event 1 5-5  \n");
}

/* Names that hold what was found or entered, or look like data, aren't told. */
static void test_names_hold_nothing(void **state)
{
	(void)state;
	expect(META(10, "https://a.example/user/jane%40shop.example/order/829104/x-1")
		       PAGE(11, EL("div", "'id':'row-829104','class':'jane-doe ok'",
				   EL("input", "'name':'q'", "", 8) "," EL(
					   "p", "'id':'jane'", TEXT("jane@shop.example", 6), 5),
				   4)) INPUT(20, 8, "Jane") INPUT(21, 8, ""),
	       "email event 1 10-10 /user/*/order/*/x-1 \n"
	       "email text 1 11-11 /user/*/order/*/x-1 html > div.ok > p\n");
	expect(PAGE(11, EL("p", "'class':'jane@shop.example a4f09bc81e7d'",
			   TEXT("a@shop.example", 6), 5)),
	       "email attribute 1 11-11  html > p\nemail text 1 11-11  html > p\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_names_hold_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
