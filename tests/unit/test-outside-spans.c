/* test-outside-spans.c: over every recording of the corpus and three policies, the redacted text is
 * the canonical one with tokens in place of spans and nothing else changed, byte for byte; and
 * spans are what span.h says of them. What a replacement looks like, and where JSON's strings begin
 * and end, is written down here once more: nothing of the engine's own writing is used. */
#include "redactfs/canon.h"
#include "redactfs/redact.h"
#include "redactfs/xfer.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = {
	"",      "password", "card", "cvc",       "otp", "blocked", "secret", "iban", "national-id",
	"email", "phone",    "ip",   "birthdate", "url", "masked",  "form"};

static void replacement(const struct span *s, char out[32])
{
	static const char *const others[] = {NULL, NULL, "", "false", "0", "#000000", "data:,"};

	if (s->form <= 1)
		(void)snprintf(out, 32, s->form ? "\"[%s]\"" : "[%s]", names[s->cls]);
	else
		(void)snprintf(out, 32, "%s", others[s->form]);
}

/* Where a walk over JSON text is. */
struct walk {
	const char *s;
	size_t at;
	bool string, escape; /* inside of a string; behind its backslash */
	unsigned hex;        /* of \uXXXX, still to come */
};

static void walk_to(struct walk *w, size_t to)
{
	for (; w->at < to; w->at++) {
		char c = w->s[w->at];

		if (w->hex)
			w->hex--;
		else if (w->escape) {
			w->escape = false;
			w->hex = c == 'u' ? 4 : 0;
		} else if (w->string && c == '\\')
			w->escape = true;
		else if (c == '"')
			w->string = !w->string;
	}
}

static void check_place(struct walk *w, const char *text, const struct span *s)
{
	size_t end = (size_t)s->off + s->len;

	walk_to(w, s->off);
	assert_false(w->escape || w->hex);
	assert_true(((uint8_t)text[s->off] & 0xc0) != 0x80 && ((uint8_t)text[end] & 0xc0) != 0x80);
	if (w->string) {
		for (size_t i = s->off; i < end; i++) {
			walk_to(w, i + 1);
			assert_true(w->string);
		}
		assert_false(w->escape || w->hex);
		return;
	}
	walk_to(w, end);
	assert_false(w->string || w->escape || w->hex);
	if (s->form == 2) { /* a member or what is inside of a container, with one comma at most */
		assert_true(strchr("\",[{", text[s->off]) || strchr("[{,", text[s->off - 1]));
		return;
	}
	assert_non_null(strchr(":,[", text[s->off - 1]));
	assert_non_null(strchr(",]}", text[end]));
}

static size_t check_outside(const struct canon *c, const struct redact_spans *spans,
			    const struct policy *p, const struct buf *out)
{
	struct walk w = {.s = c->text.p};
	size_t in = 0, at = 0, replaced = 0;

	for (size_t i = 0; i < spans->n; i++) {
		const struct span *s = &spans->v[i];
		bool always = s->cls >= 1 && s->cls <= 4, shown;
		enum disposition d = p->disp[s->cls];
		char token[32];

		assert_true(s->len && s->off >= in && s->off + s->len <= c->text.len);
		check_place(&w, c->text.p, s);
		if ((s->flags & 1) && p->disp[CLASS_FORM] > d)
			d = p->disp[CLASS_FORM];
		shown = d == DISP_SHOW && !(s->flags & 2) && !always;
		if (shown)
			continue;
		replacement(s, token);
		assert_true(out->len - at >= s->off - in + strlen(token));
		assert_memory_equal(out->p + at, c->text.p + in, s->off - in);
		at += s->off - in;
		assert_memory_equal(out->p + at, token, strlen(token));
		at += strlen(token);
		in = s->off + s->len;
		replaced++;
	}
	assert_int_equal(out->len - at, c->text.len - in);
	assert_memory_equal(out->p + at, c->text.p + in, c->text.len - in);
	return replaced;
}

static size_t check_file(const char *path)
{
	static const char *const policies[] = {
		"", "[record]\nforms = off\nimages = drop\ncanvas = drop\n[select]\nblock = p\n",
		"[record]\nforms = show\nemails = show\nphones = show\nsecrets = show\nurls = "
		"show\n"
		"masked = show\nnational-ids = show\nblocked = show\n[detect]\nips = off\n"};
	CLEANUP(buf_done) struct buf raw = {0};
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};
	size_t replaced = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ingest_stream(fd, &raw, &e), 0);
	(void)close(fd);
	const struct canon_piece piece = {.name = "", .p = raw.p, .n = raw.len};
	if (canon_recording(&piece, 1, &c, &e) < 0) /* one of several pieces */
		return 0;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		CLEANUP(policy_done) struct policy p = {0};
		CLEANUP(redact_spans_done) struct redact_spans spans = {0};
		CLEANUP(buf_done) struct buf out = {0};

		assert_int_equal(policy_parse(policies[i], strlen(policies[i]), &p, &e), 0);
		if (redact_run_tokens(c.text.p, c.text.len, &c.toks, &p, &spans, &e) < 0)
			fail_msg("%s: %s", path, e.msg);
		assert_int_equal(redact_render(c.text.p, c.text.len, &spans, &p, &out), 0);
		replaced += check_outside(&c, &spans, &p, &out);
	}
	return replaced;
}

static void test_corpus(void **state)
{
	static const char folder[] = TEST_DATA "/recordings";
	size_t files = 0, replaced = 0;
	struct dirent *x;
	DIR *d = opendir(folder);

	(void)state;
	assert_non_null(d);
	while ((x = readdir(d))) {
		char path[512];

		if (x->d_name[0] == '.' || strstr(x->d_name, ".truth.") ||
		    strstr(x->d_name, ".md") || !strcmp(x->d_name, "broken") ||
		    !strcmp(x->d_name, "public"))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, x->d_name);
		size_t n = check_file(path);
		files += n > 0;
		replaced += n;
	}
	(void)closedir(d);
	printf("%zu recordings, %zu spans\n", files, replaced);
	assert_true(files >= 15 && replaced > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
