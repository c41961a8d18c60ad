/* fuzz-engine.c: whatever stands between them, a password that was typed is in no output.
 *
 * The input is a list of events, put between a page with a password field and its input events,
 * each of a value that a fuzzer can't make by chance. What the engine accepts, it must render
 * without the value, in the same events, and rendering that again must change nothing. */
#include "fuzz.h"

#include "redactfs/canon.h"
#include "redactfs/jtok.h"
#include "redactfs/redact.h"
#include "redactfs/script.h"

#include <string.h>

#define CANARY "Zq9~Kw4!mB7xT"

static const char before[] =
	"[{\"type\":2,\"data\":{\"node\":{\"type\":0,\"childNodes\":[{\"type\":2,\"tagName\":"
	"\"input\","
	"\"attributes\":{\"type\":\"password\",\"name\":\"pw\",\"value\":\"" CANARY
	"\"},\"childNodes\":[],\"id\":5}],\"id\":1}},\"timestamp\":1700000000000},";
/* The password once more, over two neighbouring texts and through elements. */
static const char after[] =
	",{\"type\":2,\"data\":{\"node\":{\"type\":0,\"childNodes\":[{\"type\":2,\"tagName\":\"p\","
	"\"attributes\":{},\"childNodes\":[{\"type\":3,\"textContent\":\"Zq9~Kw\",\"id\":7},{"
	"\"type\":3,"
	"\"textContent\":\"4!mB7xT\",\"id\":8}],\"id\":6},{\"type\":2,\"tagName\":\"input\","
	"\"attributes\":{"
	"\"type\":\"password\"},\"childNodes\":[],\"id\":5}],\"id\":1}},\"timestamp\":"
	"1700000000001}"
	",{\"type\":3,\"data\":{\"source\":5,\"text\":\"" CANARY
	"\",\"isChecked\":false,\"id\":5},\"timestamp\":1700000000001},"
	"{\"type\":5,\"data\":{\"tag\":\"x\",\"payload\":{\"a\":\"" CANARY "\",\"b\":\"{\\\"" CANARY
	"\\\":[\\\"q=" CANARY "\\\"]}\"}},\"timestamp\":"
	"1700000000002}]";

static int has_names(void *ctx, const struct finding *f)
{
	(void)ctx;
	CHECK(f->count && f->first_ms <= f->last_ms && redact_finding_kind(f->kind));
	return 0;
}

/* Words of our own, and places that are whole strings or numbers of the text. */
static void check_script(const char *text, size_t len, const struct buf *script)
{
	struct script_op op;
	size_t at = 0;
	int r;

	CHECK(!script->len || !memmem(script->p, script->len, CANARY, sizeof(CANARY) - 1));
	while ((r = script_next(script->p, script->len, &at, &op)) == 1) {
		if (op.kind == SCRIPT_WORDS)
			continue;
		CHECK(op.behind < len);
		CHECK((op.kind == SCRIPT_STRING) == (text[op.before] == '"'));
		CHECK(op.kind != SCRIPT_STRING || text[op.behind] == '"');
	}
	CHECK(r == 0);
}

static void check(const char *text, size_t len, const struct policy *p, struct buf *out)
{
	struct redact_spans s = {0};
	struct jtok_vec toks = {0};
	struct buf found = {0}, script = {0};
	struct errinfo e = {0};
	size_t end = 0;

	int r = jtok_parse(text, len, 0, &toks, &e);
	if (r == 0)
		r = redact_run_report(text, len, &toks, p, &s, &found, &script, &e);
	jtok_done(&toks);
	CHECK(r == 0 || r == -E2BIG || r == -ENOMEM);
	if (r < 0) {
		buf_done(&found);
		buf_done(&script);
		return;
	}
	CHECK(redact_findings_each(found.p, found.len, has_names, NULL) == 0);
	CHECK(!found.len || !memmem(found.p, found.len, CANARY, sizeof(CANARY) - 1));
	buf_done(&found);
	check_script(text, len, &script);
	buf_done(&script);
	for (size_t i = 0; i < s.n; i++) {
		CHECK(s.v[i].len && s.v[i].off >= end && s.v[i].off + s.v[i].len <= len);
		CHECK(s.v[i].cls && s.v[i].cls < CLASS_COUNT && s.v[i].form < FORM_COUNT);
		end = s.v[i].off + s.v[i].len;
	}
	CHECK(redact_render(text, len, &s, p, out) == 0);
	CHECK(!memmem(out->p, out->len, CANARY, sizeof(CANARY) - 1));
	CHECK(!memmem(out->p, out->len, "\"4!mB7xT\"", 10));
	redact_spans_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = {0}, once = {0}, twice = {0};
	struct canon c = {0}, d = {0};
	struct policy p;

	CHECK(policy_default(&p) == 0);
	CHECK(buf_adds(&in, before) == 0 && buf_add(&in, data, size) == 0 &&
	      buf_adds(&in, after) == 0);
	struct canon_piece piece = {"", in.p, in.len};
	if (canon_recording(&piece, 1, &c, NULL) == 0) {
		check(c.text.p, c.text.len, &p, &once);
		if (once.len) {
			struct canon_piece again = {"", once.p, once.len};
			CHECK(canon_recording(&again, 1, &d, NULL) == 0);
			CHECK(d.events == c.events && d.shape.len == c.shape.len);
			check(once.p, once.len, &p, &twice);
			CHECK(!twice.len ||
			      (twice.len == once.len && !memcmp(once.p, twice.p, once.len)));
		}
	}
	canon_done(&c);
	canon_done(&d);
	buf_done(&in);
	buf_done(&once);
	buf_done(&twice);
	policy_done(&p);
	return 0;
}
