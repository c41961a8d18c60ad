/* test-transcript.c: the lines that a recording's transcript has, and that it shows what the
 * rendering shows and nothing else. */
#include "../../src/store/transcript.h"

#include "redactfs/redact.h"
#include "redactfs/script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A recording, its spans and script. */
struct rec {
	struct buf text, script, base;
	struct redact_spans spans;
	struct span_table t;
};

static void rec_done(struct rec *r)
{
	buf_done(&r->text);
	buf_done(&r->script);
	buf_done(&r->base);
	redact_spans_done(&r->spans);
	span_table_done(&r->t);
}

/* Events with ' for "; `at_import` decides what is cut out. */
static void rec_make(struct rec *r, const char *events, const struct policy *at_import)
{
	CLEANUP(jtok_done) struct jtok_vec toks = {0};
	CLEANUP(buf_done) struct buf script = {0};
	struct errinfo e = {0};

	*r = (struct rec){0};
	assert_int_equal(buf_adds(&r->text, "[\n"), 0);
	for (const char *c = events; *c; c++)
		assert_int_equal(buf_addc(&r->text, (char)(*c == '\'' ? '"' : *c)), 0);
	assert_int_equal(buf_adds(&r->text, "\n]\n"), 0);
	if (jtok_parse(r->text.p, r->text.len, 0, &toks, &e) < 0 ||
	    redact_run_report(r->text.p, r->text.len, &toks, at_import, &r->spans, NULL, &script,
			      &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(span_table_make(r->text.len, r->spans.v, r->spans.n, at_import, &r->t, &e),
			 0);
	assert_int_equal(script_to_base(&script, r->text.len, r->spans.v, &r->t, &r->script), 0);
	struct base_cursor c = {
		.text = r->text.p, .len = r->text.len, .spans = r->spans.v, .t = &r->t};
	assert_int_equal(buf_reserve(&r->base, r->text.len + 1), 0);
	r->base.len = base_cursor_read(&c, r->base.p, r->text.len);
}

struct shown {
	const struct rec *r;
	const struct plan *p;
};

/* Out of the base, as a reader of the blob does. */
static int copy(void *ctx, char *out, uint64_t off, uint64_t n)
{
	const struct shown *x = ctx;
	struct plan_cursor cur;
	struct plan_piece piece;

	plan_seek(x->p, off, n, &cur);
	while (plan_next(&cur, &piece)) {
		memcpy(out, piece.from == PIECE_BASE ? x->r->base.p + piece.off : piece.token,
		       (size_t)piece.len);
		out += piece.len;
		n -= piece.len;
	}
	assert_int_equal(n, 0);
	return 0;
}

/* The transcript under a policy, made of the text and of the base: they are the same. */
static void transcript(const struct rec *r, const struct policy *p, struct buf *out)
{
	CLEANUP(plan_done) struct plan plan = {0};
	CLEANUP(buf_done) struct buf again = {0};

	assert_int_equal(plan_make(&r->t, p, false, &plan), 0);
	struct shown x = {r, &plan};
	assert_int_equal(transcript_render(&r->script, &plan, copy, &x, out), 0);
	assert_int_equal(transcript_of_text(&r->script, &plan, r->text.p, r->text.len, r->spans.v,
					    &r->t, &again),
			 0);
	assert_int_equal(out->len, again.len);
	assert_memory_equal(out->p, again.p, out->len);
	assert_int_equal(buf_addc(out, 0), 0);
}

static void parse(const char *ini, struct policy *p)
{
	assert_int_equal(policy_parse(ini, strlen(ini), p, NULL), 0);
}

/* Under one policy from import on; `want` without the first two lines. */
static void expect_under(const char *ini, const char *events, const char *want)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(rec_done) struct rec r;
	CLEANUP(buf_done) struct buf got = {0};

	parse(ini, &p);
	rec_make(&r, events, &p);
	transcript(&r, &p, &got);
	const char *body = strstr(got.p, "\n\n");
	assert_non_null(body);
	assert_string_equal(body + 2, want);
}

static void expect(const char *events, const char *want)
{
	expect_under("", events, want);
}

/* Each event but the first has its comma with it. */
#define FIRST(ms, type, data) "{'type':" #type ",'timestamp':" #ms ",'data':{" data "}}"
#define EV(ms, type, data)    ",\n" FIRST(ms, type, data)
#define HREF(href)            "'href':'" href "','width':1280,'height':720"
#define META(ms, href)        EV(ms, 4, HREF(href))
#define SNAPSHOT(inner)                                                                            \
	"'node':{'type':0,'id':1,'childNodes':[{'type':2,'tagName':'html','attributes':{},'id':2," \
	"'childNodes':[" inner "]}]}"
#define PAGE(ms, inner)     EV(ms, 2, SNAPSHOT(inner))
#define START               FIRST(1700000000000, 4, HREF("https://a.example/"))
#define OPENS               "  0:00:00  opens https://a.example/\n"
#define INC(ms, data)       EV(ms, 3, data)
#define CLICK(ms, id)       INC(ms, "'source':2,'type':2,'id':" #id)
#define SCROLL(ms, id)      INC(ms, "'source':3,'id':" #id ",'x':0,'y':10")
#define ENTER(ms, id, text) INC(ms, "'source':5,'id':" #id ",'text':'" text "','isChecked':false")
#define EL(tag, attrs, kids, id)                                                                   \
	"{'type':2,'tagName':'" tag "','attributes':{" attrs "},'childNodes':[" kids "],'id':" #id \
	"}"
#define TEXT(text, id) "{'type':3,'textContent':'" text "','id':" #id "}"

static void pages(void **state)
{
	(void)state;
	static const char head[] = EL("head", "", EL("title", "", TEXT("Shop", 5), 4), 3);
	static const char icon[] = EL("svg", "", EL("title", "", TEXT("Icon", 8), 7), 6);
	char events[1000];

	(void)snprintf(events, sizeof(events),
		       START PAGE(1700000000010, "%s,%s")
			       META(1700000061000, "https://a.example/b"),
		       icon, head);
	expect(events, "  0:00:00  opens https://a.example/ \"Shop\"\n"
		       "           (nothing for 0:01:01)\n"
		       "  0:01:01  opens https://a.example/b\n"
		       "  0:01:01  ends\n");
	/* a checkpoint is no visit */
	expect(START PAGE(1700000000010, "") META(1700000001000, "https://a.example/")
		       PAGE(1700000001001, ""),
	       OPENS "  0:00:01  ends\n");
	/* no address, tabs */
	expect("{'type':2,'timestamp':1700000000000,'windowId':'w1','data':{'node':{'type':0,'id':"
	       "1,'childNodes':[]}}},\n{'type':4,'timestamp':1700000003000,'windowId':'w2','data':"
	       "{'href':'https://a.example/2'}}",
	       "  0:00:00  tab 1: opens a page\n"
	       "  0:00:03  tab 2: opens https://a.example/2\n"
	       "  0:00:03  ends\n");
	/* time stamps out of order */
	expect(FIRST(1700000009000, 4, HREF("https://a.example/"))
		       META(1700000000000, "https://a.example/b"),
	       "  0:00:09  opens https://a.example/\n"
	       "  0:00:00  opens https://a.example/b\n"
	       "  0:00:09  ends\n");
}

static const char form[] =
	EL("label", "", TEXT("Your name ", 11) "," EL("input", "'id':'n'", "", 12), 10) "," EL(
		"label", "'for':'p'", TEXT("Secret", 14),
		13) "," EL("input", "'id':'p','type':'password'", "",
			   15) "," EL("input", "'placeholder':'Search'", "",
				      16) "," EL("input", "'type':'checkbox','name':'agree'", "",
						 17) "," EL("select", "'aria-label':'Country'",
							    EL("option", "", TEXT("Norway", 20),
							       19),
							    18);
static const char rest[] =
	EL("button", "",
	   EL("b", "", TEXT("Pay", 23), 22) "," EL("style", "", TEXT("b{}", 25), 24) "," TEXT("now",
											      26),
	   21) "," EL("input", "'type':'submit','value':'Send it'", "",
		      27) "," EL("div", "'role':'button','title':'Close'", EL("i", "", "", 29),
				 28) "," EL("p", "", TEXT(" \\n ", 31) "," TEXT("Hello", 32),
					    30) "," EL("textarea", "'name':'msg'",
						       TEXT("draft of a letter", 34), 33);

static void elements(void **state)
{
	char events[4000];
	int n = snprintf(events, sizeof(events), START PAGE(1700000000000, "%s,%s"), form, rest);
	(void)state;

	(void)snprintf(
		events + n, sizeof(events) - (size_t)n, "%s%s%s%s",
		CLICK(1700000001000, 12) ENTER(1700000002000, 12, "A") SCROLL(1700000002500, 12)
			ENTER(1700000003000, 12, "Ada Q. Lovelace"),
		ENTER(1700000004000, 15, "hunter2xyz") ENTER(1700000005000, 15, "")
			ENTER(1700000006000, 16, "boots size 43") ENTER(1700000006000, 17, "on"),
		ENTER(1700000007000, 18, "Norway") CLICK(1700000008000, 23) CLICK(1700000008001, 27)
			CLICK(1700000008002, 29),
		CLICK(1700000008003, 32) CLICK(1700000008004, 32) CLICK(1700000008005, 33)
			CLICK(1700000008006, 99) CLICK(1700000008007, 1));
	expect(events, OPENS "  0:00:01  clicks field \"Your name\"\n"
			     "  0:00:02  enters \"[form]\" in field \"Your name\"\n"
			     "  0:00:04  enters \"[password]\" in field \"Secret\"\n"
			     "  0:00:05  empties field \"Secret\"\n"
			     "  0:00:06  enters \"[form]\" in field \"Search\"\n"
			     "  0:00:06  changes check box \"agree\"\n"
			     "  0:00:07  chooses \"[form]\" in list \"Country\"\n"
			     "  0:00:08  clicks button \"Pay now\"\n"
			     "  0:00:08  clicks button \"Send it\"\n"
			     "  0:00:08  clicks button \"Close\"\n"
			     "  0:00:08  clicks <p> \"Hello\", 2 times\n"
			     "  0:00:08  clicks text area \"msg\"\n"
			     "  0:00:08  clicks something\n"
			     "  0:00:08  clicks the page\n"
			     "  0:00:08  ends\n");
}

#define CONSOLE(level, text)                                                                       \
	EV(1700000005000, 6,                                                                       \
	   "'plugin':'rrweb/console@1','payload':{'level':'" level "','payload':['" text "']}")
#define CUSTOM(tag) EV(1700000004000, 5, "'tag':'" tag "','payload':{}")

static void other_events(void **state)
{
	char events[3000];
	(void)state;

	(void)snprintf(events, sizeof(events), "%s%s%s%s%s",
		       START PAGE(1700000000000, EL("video", "'title':'Tour'", "", 3)),
		       SCROLL(1700000001000, 1) SCROLL(1700000001100, 2)
			       INC(1700000002000, "'source':4,'width':800,'height':600")
				       INC(1700000002100, "'source':4,'width':801,'height':600"),
		       INC(1700000003000, "'source':7,'type':0,'id':3")
			       INC(1700000003000, "'source':7,'type':1,'id':3")
				       INC(1700000003000, "'source':7,'type':2,'id':3"),
		       CUSTOM("checkout") CUSTOM("performanceSpan") CUSTOM("$pageview")
			       CONSOLE("error", "Oh no") CONSOLE("log", "quiet"),
		       INC(1700000006000, "'source':2,'type':3,'id':3")
			       INC(1700000006000, "'source':14,'ranges':[]"));
	expect(events, OPENS "  0:00:01  scrolls\n"
			     "  0:00:02  resizes the window to 801 x 600\n"
			     "  0:00:03  plays video \"Tour\"\n"
			     "  0:00:03  pauses video \"Tour\"\n"
			     "  0:00:04  event \"checkout\"\n"
			     "  0:00:05  error on the page: Oh no\n"
			     "  0:00:06  opens the context menu of video \"Tour\"\n"
			     "  0:00:06  selects text\n"
			     "  0:00:06  ends\n");
	/* what isn't as rrweb writes it */
	expect("{'type':3,'timestamp':1700000000000,'data':[]},{'type':4,'timestamp':1700000000000}"
	       ",{'type':2,'timestamp':1700000000000,'data':{'node':[]}},"
	       "{'type':6,'timestamp':1700000000000,'data':{'plugin':'rrweb/console@1','payload':"
	       "{'level':'error','payload':'x'}}},{'type':5,'timestamp':1700000000000,'data':{"
	       "'tag':7}},{'type':3,'timestamp':1700000000000,'data':{'source':4,'width':'x'}}",
	       "  0:00:00  opens a page\n"
	       "  0:00:00  error on the page\n"
	       "  0:00:00  resizes the window\n"
	       "  0:00:00  ends\n");
}

/* Blocked stays blocked, and what stands in names of fields is redacted there as well. */
static void hidden(void **state)
{
	static const char doctor[] =
		EL("div", "'class':'rr-block'", EL("button", "", TEXT("Dr. Ada", 5), 4), 3);
	static const char mail[] = EL("button", "", TEXT("Mail ada.lovelace@example.org", 7), 6);
	static const char field[] =
		EL("input", "'type':'password','placeholder':'hunter2xyz'", "", 8);
	char events[2000];
	(void)state;

	(void)snprintf(events, sizeof(events),
		       START PAGE(1700000000000, "%s,%s,%s") CLICK(1700000000000, 4)
			       CLICK(1700000000000, 6) CLICK(1700000000000, 8)
				       ENTER(1700000000000, 8, "hunter2xyz"),
		       doctor, mail, field);
	expect(events, OPENS "  0:00:00  clicks a blocked element\n"
			     "  0:00:00  clicks button \"Mail [email]\"\n"
			     "  0:00:00  clicks field \"[password]\"\n"
			     "  0:00:00  enters \"[password]\" in field \"[password]\"\n"
			     "  0:00:00  ends\n");
}

/* It follows the policy without being made anew, where what is hidden is in the base. */
static void follows_the_policy(void **state)
{
	static const char events[] =
		START PAGE(1700000000000, EL("input", "'placeholder':'Name'", "", 3))
			ENTER(1700000000000, 3, "Ada Q. Lovelace");
	CLEANUP(policy_done) struct policy shows = {0}, seals = {0};
	CLEANUP(rec_done) struct rec r;
	CLEANUP(buf_done) struct buf open = {0}, shut = {0};
	(void)state;

	parse("[record]\nforms = show\n", &shows);
	parse("", &seals);
	rec_make(&r, events, &shows);
	transcript(&r, &shows, &open);
	transcript(&r, &seals, &shut);
	assert_non_null(strstr(open.p, "enters \"Ada Q. Lovelace\" in field \"Name\"\n"));
	assert_non_null(strstr(shut.p, "enters \"[form]\" in field \"Name\"\n"));
	assert_null(strstr(shut.p, "Ada"));
}

/* Choices that are hidden look alike, whatever was chosen. */
static void choices_look_alike(void **state)
{
	static const char *const values[] = {"true", "false"};
	CLEANUP(policy_done) struct policy off = {0};
	struct buf got[2] = {{0}};
	(void)state;

	parse("[record]\nforms = off\n", &off);
	for (int i = 0; i < 2; i++) {
		CLEANUP(rec_done) struct rec r;
		char events[700];

		(void)snprintf(events, sizeof(events),
			       START PAGE(1700000000000, "%s")
				       INC(1700000000000,
					   "'source':5,'id':3,'text':'gold','isChecked':%s"),
			       EL("input", "'type':'radio','name':'plan'", "", 3), values[i]);
		rec_make(&r, events, &off);
		transcript(&r, &off, &got[i]);
	}
	assert_string_equal(got[0].p, got[1].p);
	assert_non_null(strstr(got[0].p, "changes radio button \"plan\"\n"));
	buf_done(&got[0]);
	buf_done(&got[1]);
}

static void at_most_so_many_lines(void **state)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf events = {0}, got = {0};
	CLEANUP(rec_done) struct rec r;
	size_t lines = 0;
	(void)state;

	assert_int_equal(buf_addf(&events, START PAGE(1700000000000, "%s"), rest), 0);
	for (int i = 0; i < 10010; i++)
		assert_int_equal(buf_addf(&events,
					  ",\n{'type':3,'timestamp':17000000%05d,'data':{'source':"
					  "2,'type':2,'id':%d}}",
					  i, i % 2 ? 23 : 32),
				 0);
	assert_int_equal(buf_addc(&events, 0), 0);
	parse("", &p);
	rec_make(&r, events.p, &p);
	transcript(&r, &p, &got);
	for (const char *c = got.p; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2 + 10000 + 1 + 1);
	assert_non_null(strstr(got.p, "\n           (11 more)\n"));
}

/* A script that isn't of this text is refused, not read beyond it. */
static void wrong_scripts(void **state)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(rec_done) struct rec r;
	CLEANUP(plan_done) struct plan plan = {0};
	CLEANUP(buf_done) struct buf script = {0}, out = {0};
	(void)state;

	parse("", &p);
	rec_make(&r, START, &p);
	assert_int_equal(plan_make(&r.t, &p, false, &plan), 0);
	struct shown x = {&r, &plan};
	assert_int_equal(script_place(&script, SCRIPT_STRING, 9, 3, (uint32_t)r.text.len), 0);
	assert_int_equal(transcript_render(&script, &plan, copy, &x, &out), -EBADMSG);
	assert_int_equal(script_to_base(&script, r.text.len, r.spans.v, &r.t, &out), -EBADMSG);
	script.len--;
	assert_int_equal(transcript_render(&script, &plan, copy, &x, &out), -EBADMSG);
	assert_int_equal(script_to_base(&script, r.text.len, r.spans.v, &r.t, &out), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(elements),
		cmocka_unit_test(other_events),
		cmocka_unit_test(hidden),
		cmocka_unit_test(follows_the_policy),
		cmocka_unit_test(choices_look_alike),
		cmocka_unit_test(at_most_so_many_lines),
		cmocka_unit_test(wrong_scripts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
