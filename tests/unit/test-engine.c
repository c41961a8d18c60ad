/* test-engine.c: what the engine hides and what it leaves, by small recordings made for one thing
 * each. */
#include "engine-fixture.h"

static void test_plain_page_stays(void **state)
{
	(void)state;
	check(SNAP(EL("h1", "'class':'title'", TEXT("Order 4711 of 2026", 3), 2) "," EL(
		      "button", "'type':'submit','value':'Pay now'", TEXT("Pay now", 5), 4)),
	      "Order 4711 of 2026|'value':'Pay now'|Pay now", NO_TOKENS);
}

static void test_password_sticks_both_ways(void **state)
{
	(void)state;
	/* shown as text first, a password for one event, text again */
	check(SNAP(EL("input", "'type':'text'", "", 5)) "," INPUT(5, "hunter2!") "," ATTR(
		      5, "'type':'password'") "," ATTR(5, "'type':'text'") "," INPUT(5,
										     "hunter22!"),
	      "'text':'[password]'", "hunter");
	check(SNAP(EL("input", "'type':'text'", "", 5)) "," INPUT(5, "hunter2!") "," ATTR(
		      5, "'data-rr-is-password':'true'"),
	      "'text':'[password]'", "hunter");
	/* the same control on the next page, by its name */
	check(SNAP(EL("input", "'type':'password','name':'login_pw'", "", 5)) "," SNAP(
		      EL("input", "'type':'text','name':'login_pw','value':'correcthorse'", "", 9)),
	      "'value':'[password]'", "correcthorse");
	/* a second input that takes the value over */
	check(SNAP(EL("input", "'type':'password'", "", 5) "," EL(
		      "input", "'type':'text'", "",
		      6)) "," INPUT(5, "Zx9-zebra") "," INPUT(6,
							      "Zx9-zebra") "," INPUT(6,
										     "Zx9-zebra1"),
	      "[password]", "zebra|[form]");
}

static void test_fields_by_tokens_and_labels(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'autocomplete':'section-a billing CC-number'", "", 5)) "," INPUT(
		      5, "1234"),
	      "[card]", "1234");
	check(SNAP(EL("label", "'for':'x1'", TEXT("Security code (CVC)", 4),
		      3) "," EL("p", "", EL("input", "'id':'x1'", "", 5), 6)) "," INPUT(5, "123"),
	      "[cvc]|Security code (CVC)", "'123'");
	check(SNAP(EL("label", "", TEXT("One-time code", 4) "," EL("input", "", "", 5),
		      3)) "," INPUT(5, "991188"),
	      "[otp]", "991188");
	check(SNAP(EL("tr", "",
		      EL("td", "", TEXT("Card number", 4), 3) "," EL("td", "",
								     EL("input", "", "", 5), 7),
		      6)) "," INPUT(5, "42"),
	      "[card]|Card number", "'42'");
	/* by the ids of others, wherever they stand; not by what only looks so */
	check(SNAP(EL("input", "'aria-labelledby':'l1'", "",
		      5) "," EL("p", "", EL("span", "'id':'l1'", TEXT("Security code (CVC)", 4), 3),
				6)) "," INPUT(5, "123"),
	      "[cvc]|Security code (CVC)", "'123'");
	check(SNAP(EL("input", "'aria-labelledby':'l1'", "",
		      5) "," EL("p", "", EL("span", "'id':'l2'", TEXT("Security code (CVC)", 4), 3),
				6)) "," INPUT(5, "123"),
	      "[form]|Security code (CVC)", "[cvc]");
	check(SNAP(EL("section", "'for':'x1'", TEXT("Security code (CVC)", 4), 3) "," EL(
		      "p", "", TEXT("Notes", 8), 7) "," EL("p", "", EL("input", "'id':'x1'", "", 5),
							   6)) "," INPUT(5, "123"),
	      "[form]|Security code (CVC)", "[cvc]");
}

static void test_typed_inputs_take_no_tokens(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'type':'date','value':'1961-04-23'", "",
		      5) "," EL("input", "'type':'color','value':'#c0ffee'", "",
				6) "," EL("input", "'type':'number','value':77123", "", 7)),
	      "'type':'date','value':''|'value':'#000000'", "1961|c0ffee|77123");
	check(SNAP(EL("input", "'type':'file'", "", 5)) "," INPUT(
		      5,
		      "C:\\\\fakepath\\\\tax-return-"
		      "brightwater.pdf") "," ADD(1,
						 EL("p", "",
						    TEXT("Selected: tax-return-brightwater.pdf", 8),
						    7)),
	      "'text':''|Selected: [form]", "brightwater");
}

static void test_choices_leave_no_trace(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'type':'radio','name':'g','checked':true,'value':'other'", "",
		      5) "," EL("input", "'type':'radio','checked':true", "",
				6) "," EL("option", "'value':'x','selected':true", "",
					  7)) "," EV(3,
						     "{'source':5,'text':'other','isChecked':"
						     "true,'id':5}") "," ATTR(6, "'checked':true"),
	      "{'type':'radio','name':'g','value':'other'}|{'type':'radio'}|{'value':'x'}|'"
	      "attributes':{}}|"
	      "'text':'[form]','isChecked':false",
	      "'checked'|'selected'|'isChecked':true");
}

static void test_blocked_and_masked(void **state)
{
	(void)state;
	check(SNAP(EL("section", "'class':'a rr-block b'",
		      EL("p", "'title':'ward 7'", TEXT("penicillin", 4),
			 3) "," EL("input", "'value':'note'", "", 5),
		      2)) "," INPUT(5, "more"),
	      "'class':'a rr-block "
	      "b'|'textContent':'[blocked]'|'title':'[blocked]'|'text':'[blocked]'",
	      "penicillin|ward 7|note|more");
	check(SNAP(EL("p", "'data-sentry-mask':''",
		      TEXT("Octavia P", 4) "," EL("b", "", TEXT("Penhallow", 6), 5), 3)),
	      "'textContent':'[masked]'", "Octavia|Penhallow");
	/* a mark that comes later holds for what came before */
	check(SNAP(EL("div", "", TEXT("Jocasta", 4), 3)) "," ATTR(3, "'class':'fs-exclude'"),
	      "[blocked]", "Jocasta");
	/* and a foreign unmask for nothing */
	check(SNAP(EL("div", "'class':'rr-mask'",
		      EL("p", "'class':'fs-unmask'", TEXT("Jocasta", 4), 3), 2)),
	      "[masked]", "Jocasta");
	/* text added below, and changed */
	check(SNAP(EL("div", "'class':'ph-no-capture'", "", 3)) "," ADD(
		      3, TEXT("methadone", 9)) "," SETTEXT(9, "dose two"),
	      "[blocked]", "methadone|dose two");
	/* any attribute may name somebody; the mark itself stays */
	check(SNAP(EL("div", "'data-dd-privacy':'hidden','data-p':'Jocasta','id':'Jocasta'", "",
		      3)),
	      "'data-dd-privacy':'hidden'|'data-p':'[blocked]'|'id':'[blocked]'", "Jocasta");
	/* a box that the recorder itself blocked */
	check(SNAP(EL("div", "'rr_width':'10px','rr_height':'5px','alt':'Jocasta'", "", 3)),
	      "10px|[blocked]", "Jocasta");
}

static void test_frames_and_shadow_roots(void **state)
{
	(void)state;
	check(SNAP(EL("div", "'class':'rr-block'", EL("iframe", "", "", 9), 3)) "," EV(
		      3,
		      "{'source':0,'adds':[{'parentId':9,'nextId':null,'node':{'type':0,'"
		      "childNodes':[" TEXT("inside", 12) "],'id':11}}],'removes':[],'texts':[],'"
							 "attributes':[],'isAttachIframe':true}"),
	      "[blocked]", "inside");
	check(SNAP("{'type':2,'tagName':'my-el','attributes':{'class':'rr-mask'},'childNodes':[{'"
		   "type':3,'textContent':"
		   "'inside','id':7,'isShadow':true}],'id':6,'isShadowHost':true}"),
	      "[masked]", "inside");
}

static void test_unknown_nodes_are_fields(void **state)
{
	(void)state;
	check(INPUT(77, "typed before any snapshot"), "'text':'[form]'", "snapshot'");
	check(ATTR(5, "'type':'password'") "," ATTR(5, "'value':'opensesame'"), "[password]",
	      "sesame");
	check(EV(3, "{'source':5,'text':12345678,'isChecked':false,'id':5}"), "'text':'[form]'",
	      "12345678");
}

static void test_editable(void **state)
{
	(void)state;
	check(SNAP(EL("div", "'contenteditable':'true'", TEXT("Tell us", 4), 3)) "," SETTEXT(
		      4, "M") "," SETTEXT(4, "My secret tale"),
	      "'textContent':'Tell us'|[form]", "tale|'M'");
	/* never edited: who knows who wrote it */
	check(SNAP(EL("div", "'contenteditable':''", TEXT("A draft", 4), 3)), "[form]", "draft");
	check(SNAP(EL("div", "'contenteditable':'false'", TEXT("A page", 4), 3)), "A page",
	      NO_TOKENS);
	/* its start is kept by the edit: it was the visitor's */
	check(SNAP(EL("div", "'contenteditable':'true'", TEXT("Dear doctor", 4), 3)) "," SETTEXT(
		      4, "Dear doctor, I"),
	      "[form]", "doctor");
	/* a card in a message that is only sealed is dropped */
	check(SNAP(EL("div", "'contenteditable':'true'", TEXT("x", 4), 3)) "," SETTEXT(
		      4, "My card is 4111 1111 1111 1111, thanks"),
	      "[form][card][form]", "4111|thanks");
	/* a token in the hint itself: what was typed is a token the second time */
	check(SNAP(EL("div", "'contenteditable':'true'", TEXT("a [form] b", 6), 5)) "," SETTEXT(
		      6, "new"),
	      "'a [form] b'|'value':'[form]'", "new");
}

static void test_taint_finds_echoes(void **state)
{
	static const char *const form = SNAP(EL("input", "'name':'n'", "", 5));
	char ev[2000];
	static const struct {
		const char *value, *echo, *want, *not ;
	} cases[] = {
		{"Crankshaw", "Dear MR CRANKSHAW, welcome", "Dear MR [form], welcome", "CRANK"},
		{"Thaddeus Wrenfield", "/send?name=Thaddeus+Wrenfield&x=1", "?name=[form]&x=1",
		 "Wren"},
		{"caf\xc3\xa9 noir 7", "/s?q=caf%C3%A9%20noir%207", "?q=[form]", "caf%"},
		{"Tom & Jerry 5", "<b>Tom &amp; Jerry 5</b>", "<b>[form]<\\/b>|<b>[form]</b>",
		 "Jerry"},
		{"0412345678", "no 04 12-34 56.78 ok", "no [form] ok", "12-34"},
		{"Otley Bridge", "Otley\\n  Bridge", "[form]", "Bridge"},
		{"Zwarovsky", "eyJuIjoiWndhcm92c2t5In0=", "[form]", "eyJuIjoiWndhcm92c2t5In0"},
		{"IE", "/order?country=IE&n=2", "country=[form]&n=2", "=IE"},
		/* a number without the nought that only stands at home, a whole one in groups */
		{"0412345678", "id 412345678 ok", "id [form] ok", "4123"},
		{"1234567", "no 12 345-67 ok", "no [form] ok", "345"},
		{"1234567", "no 91234567 ok", "no 91234567 ok", "["},
		{"1234567", "no 12 345-67 8 ok", "no 12 345-67 8 ok", "["},
		{"12345", "/order?code=12345&n=2", "code=[form]&n=2", "=12345"},
		{"12345", "room 12345", "room 12345", "["},
		/* long enough, or of more than letters: inside of words too */
		{"Wrenfieldsen", "xwrenfieldsenx", "x[form]x", "wren"},
		{"Zwarov21", "azwarov21b", "a[form]b", "zwar"},
		{"Wrenfieldse", "xwrenfieldsex", "xwrenfieldsex", "["},
		{"Zwaro21", "azwaro21b", "azwaro21b", "["},
		/* too short, too ordinary, or only a part of a word */
		{"IE", "Made in IE today", "Made in IE today", "["},
		{"Bridge", "Bridgewater street", "Bridgewater street", "["},
		{"123", "room 123", "room 123", "["},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(
			ev, sizeof(ev), "%s,%s%s%s,%s%s%s", form,
			"{'type':3,'data':{'source':5,'text':'", cases[i].value,
			"','isChecked':false,'id':5},'timestamp':1700000000000}",
			"{'type':3,'data':{'source':0,'texts':[],'attributes':[],'removes':[],'"
			"adds':[{'parentId':1,"
			"'nextId':null,'node':{'type':2,'tagName':'a','attributes':{'data-x':'",
			cases[i].echo, "'},'childNodes':[],'id':9}}]},'timestamp':1700000000001}");
		const char *want = cases[i].want;
		if (!strcmp(cases[i].not, "["))
			check(ev, want, "'[form]'},'childNodes'");
		else if (strchr(want, '|'))
			check(ev, strchr(want, '|') + 1, cases[i].not );
		else
			check(ev, want, cases[i].not );
	}
	/* in the middle of what a detector takes: tokens only are no user's name */
	check(SNAP(EL("input", "'type':'password'", "", 5)) "," INPUT(5, "Zq9~Kw4!mB") "," EV(
		      5, "{'tag':'x','payload':'https://anZq9~Kw4!mBna:x9q@a.example/'}"),
	      "https://[secret][password][secret]:[password]@a.example/", "Zq9");
	/* it works backwards too, and in titles, sheets and numbers */
	check(EV(5, "{'tag':'t','payload':{'who':'Ostrander','n':4670623851}}") "," SNAP(EL(
		      "input", "", "", 5)) "," INPUT(5, "Ostrander") "," INPUT(5, "467-062-3851"),
	      "'who':'[form]'|'n':'[", "Ostrander|4670623851");
	/* but not when it is the page's own word */
	check(SNAP(EL("input", "", "", 5) "," EL("p", "", TEXT("Summary", 8), 7)) "," INPUT(
		      5, "Summary"),
	      "'Summary'", "");
}

#define SAYS(what) EV(5, "{'tag':'t','payload':'" what "'}")

/* What a page puts into a field was entered as well; what else it says of the field wasn't. */
static void test_what_counts_as_entered(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'value':'Ostrander'", "", 5)) "," SAYS("for Ostrander"),
	      "for [form]", "Ostrander");
	check(SNAP(EL("input", "'title':'Ostrander','label':'Wrenfield'", "", 5)) "," SAYS(
		      "for Ostrander and Wrenfield"),
	      "for Ostrander and Wrenfield", NO_TOKENS);
	check(SNAP(EL("input", "'type':'submit'", "", 5)) "," INPUT(5, "Ostrander") "," SAYS(
		      "for Ostrander"),
	      "for Ostrander", "for [form]");
	/* a short value counts when it wasn't typed on */
	check(SNAP(EL("input", "", "", 5)) "," INPUT(5, "I") "," INPUT(5, "IE") "," SAYS(
		      "/order?country=IE&n=2"),
	      "country=[form]&n=2", "=IE");
	check(SNAP(EL("input", "", "", 5)) "," INPUT(5, "I") "," INPUT(5, "IE") "," INPUT(
		      5, "IErne") "," SAYS("/order?country=IE&n=2"),
	      "country=IE&n=2", "=[form]");
}

static void test_attributes_that_say_no_value(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'value':451234,'maxlength':12", "", 5)), "'maxlength':12", "4512");
	check(SNAP(EL("p", "'class':'rr-block','width':120,'data-n':451234", "", 3)), "'width':120",
	      "4512");
	/* what is masked is still the same element to scripts and labels; what is blocked isn't */
	check(SNAP(EL("p", "'class':'rr-mask','id':'who','title':'Jocasta'", "", 3)),
	      "'id':'who'|'title':'[masked]'", "Jocasta");
	check(SNAP(EL("p", "'class':'rr-block','id':'who','title':'Jocasta'", "", 3)),
	      "'id':'[blocked]'|'title':'[blocked]'", "Jocasta");
	/* a recorder's mark for what isn't to be recorded, on a field or around it */
	check(SNAP(EL("input", "'class':'rr-ignore','value':'Jocasta'", "", 5)),
	      "'value':'[blocked]'", "Jocasta");
	check(SNAP(EL("form", "'class':'rr-ignore'", EL("input", "'value':'Jocasta'", "", 5), 4)),
	      "'value':'[", "Jocasta");
}

static void test_parts_of_numbers(void **state)
{
	(void)state;
	check(SNAP(EL("input", "", "", 5) "," EL("input", "", "", 6) "," EL("input", "", "", 7) "," EL("input", "", "", 8)) "," INPUT(5, "4111") "," INPUT(
		      6,
		      "1111") "," INPUT(7,
					"1111") "," INPUT(8,
							  "1111") "," ADD(1,
									  EL("b", "",
									     TEXT("4111", 21),
									     20)) "," ADD(1,
											  EL("b",
											     "",
											     TEXT("2026",
												  23),
											     22)),
	      "'textContent':'[card]'|2026", "1111|[form]");
	check(SNAP(EL("input", "'autocomplete':'one-time-code'", "", 5) "," EL(
		      "input", "'autocomplete':'one-time-code'", "",
		      6)) "," INPUT(5, "771") "," INPUT(6, "882") "," EV(5, "{'tag':'x','payload':'"
									    "code 771882 sent'}"),
	      "code [otp] sent", "771");
}

static void test_json_in_json(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'type':'password'", "", 5)) "," INPUT(5, "a\\\\\\\"b9<c!") "," EV(
		      6, "{'plugin':'rrweb/network@1','payload':{'requests':[{'name':'/"
			 "login','requestBody':"
			 "'{\\\"pw\\\":\\\"a\\\\\\\\\\\\\\\"b9<c!\\\",\\\"k\\\":1}'}]}}"),
	      "\\'pw\\':\\'[password]\\',\\'k\\':1", "b9<c!");
}

/* A value's name may stand beside it rather than before it. */
static void test_names_beside_values(void **state)
{
	(void)state;
	check(EV(5, "{'tag':'x','payload':{'h':[{'name':'Cookie','value':'sid=9f8d7c6b5a4e3f2d'},"
		    "{'value':'k9f8d7c6b5a4e3f2e','name':'X-Api-Key'},{'name':'color','value':"
		    "'k9f8d7c6b5a4e3f2f'}]}}"),
	      "'sid=[secret]'|'value':'[secret]','name':'X-Api-Key'|'k9f8d7c6b5a4e3f2f'",
	      "3f2d|3f2e");
	check(EV(5,
		 "{'tag':'x','payload':'{\\'name\\':\\'password\\',\\'value\\':\\'hunter2\\'}'}"),
	      "[password]", "hunter2");
	check(SNAP(EL("meta", "'name':'csrf-token','content':'9f8d7c6b5a4e3f2d'", "", 5) "," EL(
		      "meta", "'name':'description','content':'9f8d7c6b5a4e3f2e'", "", 6)),
	      "'content':'[secret]'|3f2e", "3f2d");
	/* pairs: a header's name says it, a list of words doesn't */
	check(EV(5, "{'tag':'x','payload':[['x-api-key','9f8d7c6b5a4e3f2d'],['password','email'],["
		    "'token','a','9f8d7c6b5a4e3f2e']]}"),
	      "['x-api-key','[secret]']|['password','email']|3f2e", "3f2d");
	/* two members of one object only */
	check(EV(5, "{'tag':'x','payload':[{'value':'k9f8d7c6b5a4e3f2d'},{'name':'token'}]}"),
	      "3f2d", "[secret]");
	/* a name that a token went into says nothing, or redacting twice would find more */
	check(SNAP(EL("input", "'type':'password'", "", 5)) "," INPUT(5, "Zq9~Kw4!mB") "," EV(
		      5, "{'tag':'x','payload':{'forZq9~Kw4!mBnew':'janex'}}"),
	      "'for[password]new':'janex'", "Zq9");
}

static void test_markup_and_parts_in_text(void **state)
{
	(void)state;
	check(EV(5, "{'tag':'x','payload':'<form><input name=a value=\\'Anna\\'><input "
		    "type=\\'password\\' value=\\'Hunter2x\\'><INPUT value=Hunter3x "
		    "TYPE=password></form>'}"),
	      "Anna|value=\\'[password]\\'|value=[password]", "Hunter");
	check(SNAP(EL("iframe", "'srcdoc':'<input type=password value=Hunter2x>'", "", 5)),
	      "value=[password]", "Hunter2x");
	check(EV(5, "{'tag':'x','payload':'<input type=\\'submit\\' value=\\'Hunter2x\\'> <p "
		    "value=\\'Hunter3x\\'>password</p>'}"),
	      "Hunter2x|Hunter3x", "[password]");
	check(EV(5,
		 "{'tag':'x','payload':'<a:Password "
		 "Type=\\'t\\'>Hunter2x<\\/a:Password><Password>Enter "
		 "your password<\\/Password><Token>9f8d7c6b5a4e3f2d<\\/Token><b>Hunter3x<\\/b>'}"),
	      ">[password]<|Enter your password|>[secret]<|Hunter3x", "Hunter2x|3f2d");
	check(EV(5, "{'tag':'x','payload':'--b\\r\\nContent-Disposition: form-data; "
		    "name=\\'password\\'\\r\\n\\r\\nHunter2x\\r\\n--b\\r\\nContent-Disposition: "
		    "form-data; name=\\'color\\'\\r\\n\\r\\nHunter3x\\r\\n--b--'}"),
	      "name=\\'password\\'\\r\\n\\r\\n[password]\\r\\n--b|Hunter3x", "Hunter2x");
}

/* What says a control's value besides its value; controls of a site's own making. */
static void test_values_elsewhere(void **state)
{
	(void)state;
	check(SNAP(EL("input", "'type':'range','aria-valuetext':'45 kg','aria-valuenow':45", "",
		      5)) "," ATTR(5, "'aria-valuetext':'46 "
				      "kg','aria-valuenow':'46','data-value':'46'"),
	      "'aria-valuetext':''|'data-value':''", "45|46");
	check(SNAP(EL("div", "'role':'progressbar','aria-valuenow':'45','aria-valuetext':'45 %'",
		      "", 5)),
	      "'45'|'45 %'", NO_TOKENS);
	check(SNAP(EL("x-text-field", "'value':'Anna Crankshaw'", "",
		      5) "," EL("x-login", "'type':'password','value':'Hunter2x'", "", 6)),
	      "'value':'[form]'|'value':'[password]'", "Anna|Hunter");
	check(SNAP(EL("x-card", "'value':'Blue Mug'", "", 5)), "'value':'Blue Mug'", NO_TOKENS);
	/* an editor that takes the keys itself */
	check(SNAP(EL("div", "'role':'textbox'", TEXT("-", 6), 5) "," EL(
		      "div", "'role':'note'", TEXT("-", 8),
		      7)) "," SETTEXT(6, "my knee hurts") "," SETTEXT(8, "saved just now"),
	      "[form]|saved just now", "knee");
}

static void test_dispositions_split_what_is_shown(void **state)
{
	struct policy p;

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	p.disp[CLASS_FORM] = DISP_SHOW;
	check_under(&p,
		    SNAP(EL("textarea", "", "", 5)) "," INPUT(
			    5, "write to a.b@example.org or 4111 1111 1111 1111 please"),
		    "write to [email] or [card] please", "example.org|4111");
	p.disp[CLASS_EMAIL] = DISP_SHOW;
	check_under(&p,
		    SNAP(EL("textarea", "", "", 5)) "," INPUT(5, "write to a.b@example.org please"),
		    "write to a.b@example.org please", NO_TOKENS);
	policy_done(&p);
}

static void test_windows_keep_their_own_nodes(void **state)
{
	(void)state;
	check("{'windowId':'w1','type':2,'data':{'node':{'type':0,'childNodes':[" EL(
		      "input", "'type':'password'", "",
		      5) "],'id':1}},'timestamp':1},{'windowId':'w2','type':2,'data':{'node':{'"
			 "type':0,'childNodes':[" EL("p", "", TEXT("w2 text", 6),
						     5) "],'id':1}},'timestamp':1},"
							"{'windowId':'w1','type':3,'data':{'source'"
							":5,'text':'hunter2','isChecked':false,'id'"
							":5},'timestamp':1}",
	      "[password]|w2 text", "hunter2");
}

static void test_hostile_shapes(void **state)
{
	(void)state;
	/* cycles, duplicate and odd ids, wrong types, unknown events: no crash, nothing entered
	 * shows */
	check(ADD(9, EL("div", "", "", 8)) "," ADD(8, EL("div", "", "", 9)) "," ADD(
		      9, EL("div", "'class':'rr-block'", TEXT("zebra", 7), 9)),
	      "[blocked]", "zebra");
	check(SNAP(EL("input", "'type':'password'", "", -5)) "," INPUT(-5, "zebra-9!"),
	      "[password]", "zebra");
	check(EV(3, "{'source':0,'texts':{'x':1},'attributes':[1,'two'],'adds':'three','removes':"
		    "null}"),
	      "two|three", "[form]");
	check(EV(2, "{'node':['x',{'type':2}]}") "," EV(2, "'str'") "," EV(3, "7") "," EV(4, "[]"),
	      "str", "[form]");
	check(SNAP(EL("p", "'style':{'--x':['a','important'],'y':false}", "", 5)), "important",
	      "[form]");
	check("{'type':99,'data':{'deep':[{'card':'4111 1111 1111 "
	      "1111'}]},'extra':'a.b@example.org','timestamp':1}",
	      "[card]|[email]", "4111|example.org");
}

static void test_refuses_what_is_not_canonical(void **state)
{
	static const char *const bad[] = {
		"", "[", "{}", "[1]", "[{\"type\":3}", "[{\"a\":1,\"a\":2}]", "[{}]x"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct redact_spans s = {0};
		struct errinfo e = {0};
		struct policy p;

		assert_int_equal(policy_default(&p), 0);
		assert_int_equal(redact_run(bad[i], strlen(bad[i]), &p, &s, &e), -EILSEQ);
		assert_true(e.msg[0] && !s.v);
	}
}

#define SELECT(a, from, b, to)                                                                     \
	EV(3, "{'source':14,'ranges':[{'start':" #a ",'startOffset':" #from ",'end':" #b           \
	      ",'endOffset':" #to "}]}")
#define SCROLL(id, x) EV(3, "{'source':3,'id':" #id ",'x':" #x ",'y':0}")

static void test_positions_tell_no_length(void **state)
{
	(void)state;
	/* in what a detector, a mark or a field hides, before it is known as well */
	check(SNAP(EL("p", "", TEXT("Write to jane@example.org", 6), 5) "," EL("p", "'class':'rr-mask'", TEXT("seventeen letters", 8), 7) "," EL(
		      "input", "'type':'password'", "",
		      9) "," EL("p", "", TEXT("An ordinary sentence", 11),
				10) "," EL("div", "'contenteditable':'true'", TEXT("", 13),
					   12) "," EL("p", "", TEXT("later", 15),
						      14)) "," SELECT(6, 25, 6,
								      25) "," SELECT(8, 17, 11,
										     20) "," SCROLL(9,
												    143) "," SELECT(15,
														    31,
														    15,
														    32) "," SETTEXT(13,
																    "my words here") "," SELECT(13,
																				13,
																				13,
																				13) "," SETTEXT(15,
																						"now it holds mail to joe@example.org") "," SCROLL(5,
																												   77),
	      "'start':6,'startOffset':0,'end':6,'endOffset':0|'start':8,'startOffset':0,'end':11,"
	      "'endOffset':20|'id':9,'x':0,'y':0|'start':13,'startOffset':0,'end':13,'endOffset':0|"
	      "'start':15,'startOffset':0,'end':15,'endOffset':0|'id':5,'x':77",
	      ":25|:17,|143|:13,'endOffset':13|:31|:32");
	/* what is shown keeps them */
	check(SNAP(EL("p", "", TEXT("An ordinary sentence", 11), 10)) "," SELECT(11, 3, 11, 20),
	      "'startOffset':3|'endOffset':20", NO_TOKENS);
}

/* Two keys that would be one: readers differ on which one counts, and canon refuses it. */
static void test_keys_stay_apart(void **state)
{
	(void)state;
	check(EV(5, "{'tag':'t','payload':{'jane@example.org':{'joe@example.net':'x','k':1},"
		    "'joe@example.org':2},'more':{'jane@example.org':'kept'}}"),
	      "'tag':'t','payload':{},'more':{'[email]':'kept'}", "jane|joe");
	check(EV(5, "{'tag':'t','payload':{'[email]':1,'joe@example.org':2}}"),
	      "'tag':'t','payload':{}}", "joe");
	/* an event stays one */
	check("{'type':5,'jane@example.org':[{'joe@example.net':1,'jim@example.net':2}],"
	      "'joe@example.org':{'a':[1,2]},'timestamp':1700000000000,'jim@example.org':'x'}",
	      "{'type':5,'[email]':[{}],'timestamp':1700000000000}", "joe|jim|jane|'a'");
}

static void type(const char *value, struct buf *out)
{
	char events[2048];

	(void)snprintf(events, sizeof(events),
		       SNAP(EL("input", "'type':'password','value':'%s'", "", 5)) "," INPUT(
			       5, "%s") "," ATTR(5, "'value':'%s'"),
		       value, value, value);
	run(events, NULL, out);
}

/* However long what was typed, and however the recorder masked it: the text says nothing of it. */
static void test_typing_leaves_no_length_in_the_text(void **state)
{
	static const char *const typed[] = {"swordfish-and-more", "*", "******************",
					    "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2", "[password]"};
	CLEANUP(buf_done) struct buf one = {0};

	(void)state;
	type("s", &one);
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		CLEANUP(buf_done) struct buf out = {0};

		type(typed[i], &out);
		assert_string_equal(out.p, one.p);
	}
}

/* Lists and tables of two columns: what a number is, the cell before it says. */
static void test_captions(void **state)
{
	static const char list[] =
		SNAP(EL("dl", "",
			EL("dt", "", EL("b", "", TEXT("Date of birth", 4), 3),
			   2) "," EL("dd", "", TEXT("3 August 1979", 6),
				     5) "," EL("dt", "", TEXT("Opened", 8),
					       7) "," EL("dd", "", TEXT("4 August 1979", 10), 9),
			11));
	static const char table[] = SNAP(EL(
		"tr", "",
		EL("td", "", TEXT("Telefon", 4), 3) "," EL("td", "", TEXT("612 88 40", 6), 5), 2));
	static const char others[] = SNAP(EL(
		"tr", "",
		EL("td", "", TEXT("Password", 4), 3) "," EL("td", "", TEXT("changed 2026", 6), 5),
		2) "," EL("tr", "",
			  EL("td", "", TEXT("Order", 9), 8) "," EL("td", "", TEXT("612 88 40", 11),
								   10),
			  7));

	(void)state;
	check(list, "Date of birth|'textContent':'[birthdate]'|4 August 1979", "3 August");
	check(table, "'textContent':'[phone]'", "612");
	check(others, "changed 2026|612 88 40", "'textContent':'['");
}

/* What equals an entered value is still looked into, under its label. */
static void test_entered_leaves_are_looked_into(void **state)
{
	static const char ini[] = "[record]\nforms = show\n";
	struct policy p;

	(void)state;
	assert_int_equal(policy_parse(ini, sizeof(ini) - 1, &p, NULL), 0);
	check_under(
		&p,
		SNAP(EL("input", "", "", 5)) "," INPUT(5, "jane@example.org") "," INPUT(
			5, "Q7vLx2Rk9TzW4mNb") "," EV(5,
						      "{'tag':'a','payload':{'who':'jane@example."
						      "org','access_token':"
						      "'Q7vLx2Rk9TzW4mNb'}}") "," EV(5,
										     "{'tag':'b','"
										     "payload':'{"
										     "\\\"who\\\":"
										     "\\\"jane@"
										     "example."
										     "org\\\"}'}"),
		"'who':'[email]','access_token':'[secret]'", "jane");
	policy_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_captions),
		cmocka_unit_test(test_entered_leaves_are_looked_into),
		cmocka_unit_test(test_plain_page_stays),
		cmocka_unit_test(test_password_sticks_both_ways),
		cmocka_unit_test(test_fields_by_tokens_and_labels),
		cmocka_unit_test(test_typed_inputs_take_no_tokens),
		cmocka_unit_test(test_choices_leave_no_trace),
		cmocka_unit_test(test_blocked_and_masked),
		cmocka_unit_test(test_frames_and_shadow_roots),
		cmocka_unit_test(test_unknown_nodes_are_fields),
		cmocka_unit_test(test_editable),
		cmocka_unit_test(test_taint_finds_echoes),
		cmocka_unit_test(test_what_counts_as_entered),
		cmocka_unit_test(test_attributes_that_say_no_value),
		cmocka_unit_test(test_parts_of_numbers),
		cmocka_unit_test(test_json_in_json),
		cmocka_unit_test(test_names_beside_values),
		cmocka_unit_test(test_markup_and_parts_in_text),
		cmocka_unit_test(test_values_elsewhere),
		cmocka_unit_test(test_dispositions_split_what_is_shown),
		cmocka_unit_test(test_windows_keep_their_own_nodes),
		cmocka_unit_test(test_hostile_shapes),
		cmocka_unit_test(test_keys_stay_apart),
		cmocka_unit_test(test_positions_tell_no_length),
		cmocka_unit_test(test_typing_leaves_no_length_in_the_text),
		cmocka_unit_test(test_refuses_what_is_not_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
