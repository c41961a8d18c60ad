/* test-canon-recordings.c: the recordings of the corpus, whole, in other clothes and broken. */
#include "canon-fixture.h"

/* ---- the recordings */

static void slurp(const char *name, struct buf *ret)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), TEST_DATA "/recordings/%s", name);
	gzFile f = gzopen(path, "rb"); /* plain files as they are */
	assert_non_null(f);
	ret->len = 0;
	for (int n = 1; n > 0; ret->len += (size_t)n) {
		assert_int_equal(buf_reserve(ret, 1 << 20), 0);
		n = gzread(f, ret->p + ret->len, 1 << 20);
		assert_true(n >= 0);
	}
	assert_int_equal(gzclose(f), Z_OK);
	ret->p[ret->len] = 0;
}

static void load(const char *name, struct canon *ret)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct errinfo e = {0};

	slurp(name, &b);
	if (run1(b.p, b.len, ret, &e) < 0)
		fail_msg("%s: %s", name, e.msg);
}

static void test_recordings(void **state)
{
	static const struct {
		const char *name;
		unsigned events;
	} files[] = {
		{"account-settings.json", 228},    {"admin-table.jsonl", 68},
		{"article-reading.ndjson.gz", 34}, {"canvas-css-fonts.json", 99},
		{"chat-widget.json", 232},         {"contact-newsletter.json", 270},
		{"large-dashboard.json.gz", 81},   {"legacy-v1-shop.json", 405},
		{"login-2fa.ndjson", 190},         {"medical-marks.json.gz", 228},
		{"mobile-voucher.ndjson", 46},     {"packed-shop.json", 405},
		{"recorder-masked.json", 161},     {"register-react.json", 637},
		{"search-people.json", 164},       {"sentry-pay-invoice.json", 121},
		{"shop-checkout.json", 401},       {"unicode-escapes-ascii.json", 126},
		{"unicode-escapes.json", 126},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CLEANUP(canon_done) struct canon c = {0};
		size_t lines = 0;

		load(files[i].name, &c);
		assert_int_equal(c.events, files[i].events);
		for (const char *p = c.text.p; (p = strchr(p, '\n')); p++)
			lines++;
		assert_int_equal(lines, c.events + 2);
		assert_true(c.start_ms <= c.end_ms);
		check_fixpoint(&c);
	}
}

static void test_same_recording_in_other_clothes(void **state)
{
	CLEANUP(canon_done) struct canon utf8 = {0}, ascii = {0}, download = {0}, packed = {0};

	(void)state;
	load("unicode-escapes.json", &utf8);
	load("unicode-escapes-ascii.json", &ascii);
	assert_string_equal(utf8.text.p, ascii.text.p);

	load("sentry-pay-invoice.json", &download);
	static const char *const ends[] = {"txt", "bin"};
	for (size_t k = 0; k < 2; k++) {
		CLEANUP(canon_done) struct canon c = {0};
		CLEANUP(buf_done) struct buf b0 = {0}, b1 = {0}, b2 = {0};
		struct buf *seg[] = {&b0, &b1, &b2};
		const char *p[3];
		size_t len[3];

		for (int i = 0; i < 3; i++) {
			char name[64];
			(void)snprintf(name, sizeof(name), "sentry-pay-invoice.segment-%d.%s", i,
				       ends[k]);
			slurp(name, seg[i]);
			p[i] = seg[i]->p;
			len[i] = seg[i]->len;
		}
		assert_int_equal(run(p, len, 3, &c, NULL), 0);
		assert_string_equal(c.text.p, download.text.p);
	}

	load("packed-shop.json", &packed);
	assert_null(strstr(packed.text.p, "\"v\":\"v1\""));
	assert_memory_equal(packed.text.p, "[\n{\"type\":", 9);
}

static void test_broken_recordings(void **state)
{
	static const struct refusal files[] = {
		{"bad-line-in-the-middle.ndjson", -EILSEQ, 4057,
		 "line 5: what follows event 4 is neither an event nor a wrapper of events"},
		{"bad-timestamp.json", -EILSEQ, 81, RANGE},
		{"bad-utf8.ndjson", -EILSEQ, 4047, "line 4: event 4: not UTF-8"},
		{"deep.json", -E2BIG, 1062, "event 1: nested too deeply (limit 1000)"},
		{"duplicate-keys.json", -EILSEQ, 51, "event 1: duplicate key"},
		{"empty-array.json", -EILSEQ, 0, NONE},
		{"empty.json", -EILSEQ, 0, NONE},
		{"not-a-recording.json", -EILSEQ, 0, NONE},
		{"packed-corrupt.json", -EILSEQ, 1, "event 1: compressed text does not inflate"},
		{"truncated.json", -EILSEQ, 20000, "event 31: ends inside a string"},
		{"../shop-checkout.truth.json", -EILSEQ, 0, NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		char name[64];

		(void)snprintf(name, sizeof(name), "broken/%s", files[i].in);
		slurp(name, &b);
		check_refused(b.p, b.len, &files[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_same_recording_in_other_clothes),
		cmocka_unit_test(test_broken_recordings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
