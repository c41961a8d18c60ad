/* fuzz-canon.c: whatever the input, canon refuses it with a message or makes text that is
 * canonical: the tokenizer takes it, and it comes out of canon as it went in. */
#include "fuzz.h"

#include "redactfs/canon.h"
#include "redactfs/jtok.h"

#include <string.h>

static void check_refusal(const struct errinfo *e, int r, size_t size)
{
	CHECK(r == -EILSEQ || r == -E2BIG || r == -ENOMEM);
	CHECK(e->code == r);
	CHECK(e->msg[0]);
	CHECK(!e->has_offset || e->offset <= size);
	/* nothing of the input: what a message says is ours, and ASCII */
	for (const char *s = e->msg; *s; s++)
		CHECK(*s >= 0x20 && *s < 0x7f);
}

static size_t lines(const struct buf *b)
{
	size_t n = 0;

	for (const char *p = b->p; (p = memchr(p, '\n', (size_t)(b->p + b->len - p))); p++)
		n++;
	return n;
}

static void check_text(const struct canon *c)
{
	struct canon_piece piece = {"", c->text.p, c->text.len};
	struct jtok_vec t = {0};
	struct canon again = {0};

	CHECK(c->events > 0);
	CHECK(c->start_ms <= c->end_ms);
	CHECK(c->text.p[c->text.len] == 0);
	CHECK(lines(&c->text) == c->events + 2);
	CHECK(lines(&c->shape) == c->events);
	CHECK(strlen(c->id) <= LIMIT_ID_BYTES);

	CHECK(jtok_parse(c->text.p, c->text.len, 0, &t, NULL) == 0);
	CHECK(t.n == c->toks.n && !memcmp(t.v, c->toks.v, t.n * sizeof(*t.v)));
	jtok_done(&t);
	CHECK(canon_recording(&piece, 1, &again, NULL) == 0);
	CHECK(again.text.len == c->text.len && !memcmp(again.text.p, c->text.p, c->text.len));
	CHECK(again.shape.len == c->shape.len && !memcmp(again.shape.p, c->shape.p, c->shape.len));
	CHECK(again.events == c->events && again.start_ms == c->start_ms &&
	      again.end_ms == c->end_ms);
	canon_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct canon_piece piece = {"", (const char *)data, size};
	struct canon c = {0};
	struct errinfo e = {0};

	int r = canon_recording(&piece, 1, &c, &e);
	if (r < 0)
		check_refusal(&e, r, size);
	else
		check_text(&c);
	canon_done(&c);
	return 0;
}
