/* engine-fixture.h: small recordings, and what the engine must and must not leave of them. */
#ifndef ENGINE_FIXTURE_H
#define ENGINE_FIXTURE_H

#include "redactfs/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#include <cmocka.h>

/* Events are written with ' for " and put into the canonical frame. */
static inline void make(struct buf *b, const char *events)
{
	assert_int_equal(buf_adds(b, "[\n"), 0);
	for (const char *p = events; *p; p++)
		assert_int_equal(buf_addc(b, (char)(*p == '\'' ? '"' : *p)), 0);
	assert_int_equal(buf_adds(b, "\n]\n"), 0);
}

static inline void run(const char *events, const struct policy *p, struct buf *out)
{
	CLEANUP(buf_done) struct buf in = {0}, again = {0};
	struct redact_spans s = {0};
	struct errinfo e = {0};
	struct policy def;

	assert_int_equal(policy_default(&def), 0);
	if (!p)
		p = &def;
	make(&in, events);
	/* an exact copy, so that the sanitizer sees a read past the end */
	char *text = malloc(in.len);
	memcpy(text, in.p, in.len);
	if (redact_run(text, in.len, p, &s, &e) != 0)
		fail_msg("%s at %llu", e.msg, (unsigned long long)e.offset);
	for (size_t i = 0; i < s.n; i++) {
		assert_true(s.v[i].len > 0 && s.v[i].off + s.v[i].len <= in.len);
		assert_true(!i || s.v[i].off >= s.v[i - 1].off + s.v[i - 1].len);
	}
	assert_int_equal(redact_render(text, in.len, &s, p, out), 0);
	free(text);
	redact_spans_done(&s);

	/* twice is once */
	assert_int_equal(redact_run(out->p, out->len, p, &s, &e), 0);
	assert_int_equal(redact_render(out->p, out->len, &s, p, &again), 0);
	assert_string_equal(out->p, again.p);
	redact_spans_done(&s);
	policy_done(&def);
}

/* `want` and `not` are |-separated lists of what the result must hold and must not hold. */
static inline void check_under(const struct policy *p, const char *events, const char *want,
			       const char * not )
{
	CLEANUP(buf_done) struct buf out = {0};
	char piece[256];

	run(events, p, &out);
	for (int wanted = 1; wanted >= 0; wanted--) {
		for (const char *s = wanted ? want : not ; *s;) {
			size_t n = strcspn(s, "|");
			for (size_t i = 0; i < n; i++)
				piece[i] = (char)(s[i] == '\'' ? '"' : s[i]);
			piece[n] = 0;
			if (!!strstr(out.p, piece) != wanted)
				fail_msg("'%s' should%s be in %s", piece, wanted ? "" : "n't",
					 out.p);
			s += n + (s[n] == '|');
		}
	}
}

static inline void check(const char *events, const char *want, const char * not )
{
	check_under(NULL, events, want, not );
}

#define NO_TOKENS "[form]|[masked]|[blocked]|[email]|[card]|[phone]|[secret]"

#define EV(type, data) "{'type':" #type ",'data':" data ",'timestamp':1700000000000}"
#define SNAP(nodes)                                                                                \
	EV(2, "{'node':{'type':0,'childNodes':[" nodes                                             \
	      "],'id':1},'initialOffset':{'left':0,'top':0}}")
#define EL(tag, attrs, kids, id)                                                                   \
	"{'type':2,'tagName':'" tag "','attributes':{" attrs "},'childNodes':[" kids "],'id':" #id \
	"}"
#define TEXT(s, id)  "{'type':3,'textContent':'" s "','id':" #id "}"
#define INPUT(id, s) EV(3, "{'source':5,'text':'" s "','isChecked':false,'id':" #id "}")
#define ATTR(id, attrs)                                                                            \
	EV(3, "{'source':0,'texts':[],'attributes':[{'id':" #id ",'attributes':{" attrs            \
	      "}}],'removes':[],'adds':[]}")
#define SETTEXT(id, s)                                                                             \
	EV(3, "{'source':0,'texts':[{'id':" #id ",'value':'" s                                     \
	      "'}],'attributes':[],'removes':[],'adds':[]}")
#define ADD(parent, node)                                                                          \
	EV(3, "{'source':0,'texts':[],'attributes':[],'removes':[],'adds':[{'parentId':" #parent   \
	      ",'nextId':null,'node':" node "}]}")

#endif
