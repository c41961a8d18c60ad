/* test-import.c: recordings into a real store: what is stored, under which site, date and id, what
 * is refused by name, and that nothing is stored twice or brought back. */
#include "redactfs/xfer.h"

#include "redactfs/canon.h"
#include "redactfs/crypto.h"
#include "redactfs/erase.h"
#include "redactfs/redact.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

static char *root;          /* the folder of all tests */
static struct store *store; /* one for all: each test has its own site */

#define PASSPHRASE "correct horse battery staple 42"
#define HOUR       3600000ull
#define T0         1795442602000ull /* 2026-11-23 14:03:22 UTC */

/* ---- helpers */

struct log {
	struct buf refused; /* "NAME: MESSAGE" lines */
	struct session_id last;
	unsigned stored, same, tombstoned, progress;
	unsigned no_room_after; /* so many stored, no file can grow any more; 0: never */
};

static void on_refused(void *ctx, const char *name, const struct errinfo *why)
{
	struct log *l = ctx;
	const char *slash = strrchr(name, '/');

	assert_true(why->code < 0);
	assert_int_equal(buf_addf(&l->refused, "%s: %s\n", slash ? slash + 1 : name, why->msg), 0);
}

static void on_stored(void *ctx, const char *name, enum put_result res, const struct session_id *id)
{
	struct log *l = ctx;

	assert_non_null(name);
	l->stored += res == PUT_STORED;
	l->same += res == PUT_SAME;
	l->tombstoned += res == PUT_TOMBSTONED;
	l->last = *id;
	if (l->no_room_after && l->stored == l->no_room_after) {
		struct rlimit none;

		assert_int_equal(getrlimit(RLIMIT_FSIZE, &none), 0);
		none.rlim_cur = 0;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	}
}

static void on_progress(void *ctx, const struct import_stats *now)
{
	struct log *l = ctx;

	assert_true(now->stored + now->same + now->tombstoned + now->refused <= now->files);
	l->progress++;
}

static int import(const char *site, const struct import_opts *more, struct log *l, const char *path,
		  struct import_stats *st)
{
	struct import_opts o = more ? *more : (struct import_opts){0};
	char *paths[1];
	struct errinfo e = {0};

	o.site = site;
	o.refused = on_refused;
	o.stored = on_stored;
	o.progress = on_progress;
	o.ctx = l;
	assert_true(asprintf(&paths[0], path[0] == '/' ? "%.0s%s" : "%s/%s", root, path) > 0);
	int r = import_paths(store, &o, paths, 1, st, &e);
	if (r < 0)
		print_message("import of '%s' ended: %s\n", path, e.msg);
	free(paths[0]);
	/* the callbacks said what the numbers say */
	if (r >= 0)
		assert_int_equal(st->files, st->stored + st->same + st->tombstoned + st->refused);
	assert_int_equal(l->same, st->same);
	assert_int_equal(l->tombstoned, st->tombstoned);
	if (r >= 0)
		assert_int_equal(l->stored, st->stored);
	return r;
}

static void put(const char *name, const char *text)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void folder(const char *name)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* A small recording that is like no other. */
static void recording(struct buf *b, unsigned n, uint64_t ms)
{
	b->len = 0;
	assert_int_equal(buf_addf(b,
				  "{\"type\":4,\"data\":{\"href\":\"https://a.example/"
				  "%u\",\"width\":1,\"height\":1},\"timestamp\":%llu}\n"
				  "{\"type\":3,\"data\":{\"source\":5,\"id\":1,\"text\":\"typed "
				  "%u\"},\"timestamp\":%llu}\n",
				  n, (unsigned long long)ms, n, (unsigned long long)ms + 1000),
			 0);
}

static void put_recording(const char *name, unsigned n, uint64_t ms)
{
	CLEANUP(buf_done) struct buf b = {0};

	recording(&b, n, ms);
	put(name, b.p);
}

/* All sessions of a site, with their dates. */
static size_t sessions(const char *site, struct session_row *rows, char (*dates)[11], size_t max)
{
	struct site_row s;
	struct day_row d;
	size_t n = 0;
	int k;

	if (store_site_find(store, site, strlen(site), &s) < 0)
		return 0;
	for (uint64_t after = 0; (k = store_day_list(store, s.id, after, &d, 1)) == 1;
	     after = d.id) {
		struct session_row row;

		for (uint64_t last = 0; store_session_list(store, d.id, last, &row, 1) == 1;
		     last = row.ino) {
			if (n < max && rows)
				rows[n] = row;
			if (n < max && dates)
				memcpy(dates[n], d.name, sizeof(d.name));
			n++;
		}
	}
	assert_int_equal(k, 0);
	return n;
}

static void read_session(const struct session_row *row, struct buf *ret)
{
	CLEANUP_PTR(reader_close) struct reader *r = NULL;
	struct errinfo e = {0};

	assert_int_equal(store_reader_open(store, row->ino, /* reveal= */ false, &r, &e), 0);
	size_t n = (size_t)reader_size(r);
	ret->len = 0;
	assert_int_equal(buf_reserve(ret, n), 0);
	assert_int_equal(reader_pread(r, ret->p, n, 0), (ssize_t)n);
	ret->len = n;
	ret->p[n] = 0;
}

/* ---- tests */

/* A thousand files with three bad ones: 997 stored, three named; and once more changes nothing. */
static void test_a_thousand_files(void **state)
{
	struct import_stats st;

	(void)state;
	folder("many");
	for (unsigned i = 0; i < 1000; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "many/r%03u.ndjson", i);
		put_recording(name, i, T0 + i * HOUR / 10);
	}
	put("many/r017.ndjson", "[{\"type\":4,\"timestamp\":17}]");
	put("many/r500.ndjson", "{\"no\":\"recording\"}");
	put("many/r999.ndjson", "[{\"type\":4,\"data\":{\"href\":\"https://canary.example/\"");
	for (int round = 0; round < 2; round++) {
		struct log l = {0};

		assert_int_equal(import("many.example", NULL, &l, "many", &st), 0);
		assert_int_equal(st.files, 1000);
		assert_int_equal(st.stored, round ? 0 : 997);
		assert_int_equal(st.same, round ? 997 : 0);
		assert_int_equal(st.refused, 3);
		assert_string_equal(l.refused.p,
				    "r017.ndjson: event 1: time stamp out of range (1990 to 2099, "
				    "in milliseconds)\n"
				    "r500.ndjson: not a recording: no rrweb events in it\n"
				    "r999.ndjson: event 1: ends too early\n");
		assert_true(l.progress >= 1000);
		assert_int_equal(st.bytes_read, st.bytes_total);
		buf_done(&l.refused);
	}
	assert_int_equal(sessions("many.example", NULL, NULL, 0), 997);
}

static void test_times_are_the_sites(void **state)
{
	static const char ini[] = "[site]\ntimezone = Asia/Tokyo\n";
	struct session_row row;
	struct import_stats st;
	char date[1][11];
	struct log l = {0};
	struct errinfo e = {0};

	(void)state;
	assert_int_equal(store_policy_set(store, "tokyo.example", ini, strlen(ini), &e), 0);
	put_recording("late.json", 1, T0 + 2 * HOUR);
	assert_int_equal(import("tokyo.example", NULL, &l, "late.json", &st), 0);
	assert_int_equal(sessions("tokyo.example", &row, date, 1), 1);
	assert_string_equal(date[0], "2026-11-24");
	assert_memory_equal(row.name, "010322-", 7);
	assert_int_equal(row.start_ms, T0 + 2 * HOUR);
	assert_int_equal(row.end_ms, T0 + 2 * HOUR + 1000);
	assert_int_equal(row.events, 2);
	assert_string_equal(row.visitor, "");
}

static void test_ids_and_visitors(void **state)
{
	struct import_opts o = {.visitor = "v-1"};
	struct session_row row;
	struct import_stats st;
	struct session_id id;
	struct log l = {0};

	(void)state;
	/* the wrapper's, a UUID */
	put("v2.json", "{\"data\":{\"id\":\"0192A3D7-0000-7e6f-9b0a-4d2f5c6b7a99\",\"snapshots\":[{"
		       "\"type\":4,\"data\":{},\"timestamp\":1795442602000}]}}");
	assert_int_equal(import("ids.example", &o, &l, "v2.json", &st), 0);
	assert_true(session_id_parse("0192a3d700007e6f9b0a4d2f5c6b7a99", &id));
	assert_int_equal(store_session_by_id(store, &id, &row), 0);
	assert_string_equal(row.visitor, "v-1");
	assert_memory_equal(row.name, "140322-4d2f5c6b7a99", 20);

	/* the wrapper's, any text: the same each time */
	put("text-id.json",
	    "{\"session_id\":\"session no. 4711 of "
	    "shop\",\"data\":[{\"type\":4,\"data\":{\"x\":1},\"timestamp\":1795442602000}]}");
	l = (struct log){0};
	assert_int_equal(import("ids.example", NULL, &l, "text-id.json", &st), 0);
	uint8_t h[HASH_BYTES];
	assert_int_equal(sha256_once("session no. 4711 of shop", 24, h), 0);
	assert_memory_equal(l.last.b, h, sizeof(l.last.b));
	/* another recording under that id */
	put("text-id.json",
	    "{\"session_id\":\"session no. 4711 of "
	    "shop\",\"data\":[{\"type\":4,\"data\":{\"x\":2},\"timestamp\":1795442602000}]}");
	l = (struct log){0};
	assert_int_equal(import("ids.example", NULL, &l, "text-id.json", &st), 0);
	assert_int_equal(st.refused, 1);
	buf_done(&l.refused);

	/* one that is given, for one recording */
	folder("two");
	put_recording("two/a.json", 1, T0);
	put_recording("two/b.json", 2, T0);
	assert_true(session_id_parse("000102030405060708090a0b0c0d0e0f", &id));
	o = (struct import_opts){.id = &id};
	l = (struct log){0};
	assert_int_equal(import("ids.example", &o, &l, "two", &st), 0);
	assert_int_equal(st.stored, 1);
	assert_int_equal(st.refused, 1);
	assert_string_equal(l.refused.p,
			    "b.json: an id was given, and it isn't the only recording\n");
	assert_int_equal(store_session_by_id(store, &id, &row), 0);
	buf_done(&l.refused);

	/* none: drawn */
	put_recording("drawn.json", 3, T0);
	l = (struct log){0};
	assert_int_equal(import("ids.example", NULL, &l, "drawn.json", &st), 0);
	assert_int_equal(st.stored, 1);
	assert_int_equal(store_session_by_id(store, &l.last, &row), 0);
}

static void test_no_site(void **state)
{
	struct import_stats st;
	struct log l = {0};

	(void)state;
	put_recording("nosite.json", 1, T0);
	assert_int_equal(import(NULL, NULL, &l, "nosite.json", &st), 0);
	assert_int_equal(st.refused, 1);
	assert_string_equal(l.refused.p, "nosite.json: no site is known for it\n");
	l.refused.len = 0;
	assert_int_equal(import("../x", NULL, &l, "nosite.json", &st), 0);
	assert_int_equal(st.refused, 1);
	buf_done(&l.refused);
}

/* What a mount shows, copied off it: its own site, date and id; into the store that still has it,
 * and into one that has erased it. */
static void test_a_tree_off_a_mount(void **state)
{
	static const char *const name = "tree/s.example/2025-01-02/030405-0a0b0c0d0e0f";
	CLEANUP(buf_done) struct buf b = {0}, redacted = {0};
	struct session_row row, rows[3];
	struct import_stats st;
	struct session_id id;
	char path[256], date[3][11];
	struct log l = {0};
	struct errinfo e = {0};

	(void)state;
	folder("tree");
	folder("tree/.redactfs");
	put("tree/.redactfs/status.json", "{}");
	folder("tree/s.example");
	folder("tree/s.example/2025-01-02");
	folder(name);
	recording(&b, 7, T0);
	(void)snprintf(path, sizeof(path), "%s/events.json", name);
	put(path, b.p);
	(void)snprintf(path, sizeof(path), "%s/session.json", name);
	put(path, "{\"id\":\"0102030405060708090a0a0b0c0d0e0f\",\"site\":\"s.example\",\"date\":"
		  "\"2025-01-02\",\"visitor\":\"v-9\"}");
	(void)snprintf(path, sizeof(path), "%s/transcript.txt", name);
	put(path, "typed");
	(void)snprintf(path, sizeof(path), "%s/replay.html", name);
	put(path, "<html>");

	assert_int_equal(import(NULL, NULL, &l, "tree", &st), 0);
	assert_null(l.refused.p);
	assert_int_equal(st.stored, 1);
	assert_true(session_id_parse("0102030405060708090a0a0b0c0d0e0f", &id));
	assert_int_equal(store_session_by_id(store, &id, &row), 0);
	assert_string_equal(row.name, "030405-0a0b0c0d0e0f");
	assert_string_equal(row.visitor, "v-9");
	assert_int_equal(sessions("s.example", rows, date, 3), 1);
	assert_string_equal(date[0], "2025-01-02");

	/* again, as it was and as the mount shows it: with tokens */
	l = (struct log){0};
	assert_int_equal(import(NULL, NULL, &l, "tree", &st), 0);
	assert_int_equal(st.same, 1);
	read_session(&row, &redacted);
	assert_non_null(strstr(redacted.p, "[form]"));
	(void)snprintf(path, sizeof(path), "%s/events.json", name);
	put(path, redacted.p);
	l = (struct log){0};
	assert_int_equal(import(NULL, NULL, &l, "tree", &st), 0);
	assert_int_equal(st.same, 1);
	assert_int_equal(sessions("s.example", NULL, NULL, 0), 1);
	/* without session.json: the place still tells which one it is */
	(void)snprintf(path, sizeof(path), "%s/%s/session.json", root, name);
	assert_int_equal(unlink(path), 0);
	l = (struct log){0};
	assert_int_equal(import(NULL, NULL, &l, "tree", &st), 0);
	assert_int_equal(st.same, 1);
	assert_memory_equal(&l.last, &id, sizeof(id));
	/* and where the store has no such session, the end of its id stays */
	folder("part");
	folder("part/030405-0a0b0c0d0e0f");
	put("part/030405-0a0b0c0d0e0f/events.json", redacted.p);
	for (int round = 0; round < 2; round++) {
		l = (struct log){0};
		assert_int_equal(import("other.example", NULL, &l, "part", &st), 0);
		assert_int_equal(round ? st.same : st.stored, 1);
		assert_memory_equal(l.last.b + 10, "\x0a\x0b\x0c\x0d\x0e\x0f", 6);
		assert_int_equal(sessions("other.example", rows, date, 3), 1);
		assert_string_equal(date[0], "2026-11-23");
		assert_string_equal(rows[0].name, "030405-0a0b0c0d0e0f");
	}

	/* erased: no copy brings it back */
	struct erase_result res;
	assert_int_equal(erase_run(store, &row.ino, 1, "test", &res, &e), 0);
	assert_int_equal(res.erased, 1);
	(void)snprintf(path, sizeof(path), "%s/session.json", name);
	put(path, "{\"id\":\"0102030405060708090a0a0b0c0d0e0f\"}");
	l = (struct log){0};
	assert_int_equal(import(NULL, NULL, &l, "tree", &st), 0);
	assert_int_equal(st.tombstoned, 1);
	assert_int_equal(store_session_by_id(store, &id, &row), -ENOENT);
}

static void test_recordings_of_every_form(void **state)
{
	struct import_stats st;
	struct session_row rows[32];
	struct log l = {0};
	size_t n, truths = 0;

	(void)state;
	/* 23 sessions; the escaped one and the two sets of segments are the same as others */
	assert_int_equal(import("all.example", NULL, &l, TEST_DATA "/recordings", &st), 0);
	assert_int_equal(st.stored, 23);
	assert_int_equal(st.same, 3);
	for (const char *p = l.refused.p;
	     (p = strstr(p, ".truth.json: not a recording: no rrweb events in it\n")); p++)
		truths++;
	assert_int_equal(truths, 24);
	assert_int_equal(st.refused, truths + 10 /* broken */ + 1 /* README.md */);
	assert_null(strstr(l.refused.p, "segment"));
	buf_done(&l.refused);

	n = sessions("all.example", rows, NULL, 32);
	assert_int_equal(n, 23);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf text = {0};
		CLEANUP(canon_done) struct canon c = {0};
		struct errinfo e = {0};

		read_session(&rows[i], &text);
		assert_int_equal(text.len, rows[i].size);
		struct canon_piece piece = {"", text.p, text.len};
		if (canon_recording(&piece, 1, &c, &e) < 0)
			fail_msg("what is shown is no recording: %s", e.msg);
		assert_int_equal(c.text.len, text.len);
		assert_memory_equal(c.text.p, text.p, text.len);
		assert_int_equal(c.events, rows[i].events);
		assert_int_equal(c.start_ms, rows[i].start_ms);
		assert_int_equal(c.end_ms, rows[i].end_ms);
	}

	l = (struct log){0};
	assert_int_equal(import("all.example", NULL, &l, TEST_DATA "/recordings", &st), 0);
	assert_int_equal(st.stored, 0);
	assert_int_equal(st.same, 26);
	buf_done(&l.refused);
}

/* What is shown is what the engine makes of the recording. */
static void test_what_is_stored_is_redacted(void **state)
{
	CLEANUP(canon_done) struct canon c = {0};
	CLEANUP(redact_spans_done) struct redact_spans spans = {0};
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf want = {0}, raw = {0}, got = {0};
	struct session_row row;
	struct import_stats st;
	struct log l = {0};
	struct errinfo e = {0};

	(void)state;
	CLEANUP_FD int fd = open(TEST_DATA "/recordings/shop-checkout.json", O_RDONLY | O_CLOEXEC);
	assert_int_equal(ingest_stream(fd, &raw, &e), 0);
	struct canon_piece piece = {"", raw.p, raw.len};
	assert_int_equal(canon_recording(&piece, 1, &c, &e), 0);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(redact_run(c.text.p, c.text.len, &p, &spans, &e), 0);
	assert_int_equal(redact_render(c.text.p, c.text.len, &spans, &p, &want), 0);
	assert_int_equal(
		import("shown.example", NULL, &l, TEST_DATA "/recordings/shop-checkout.json", &st),
		0);
	assert_int_equal(sessions("shown.example", &row, NULL, 1), 1);
	read_session(&row, &got);
	assert_string_equal(got.p, want.p);
}

/* The store fails in the middle: the run ends, what was committed is kept and counted, nothing
 * else. */
static void test_a_store_that_fails(void **state)
{
	struct import_stats st;
	struct rlimit was;
	struct log l = {.no_room_after = 280};

	(void)state;
	folder("fails");
	for (unsigned i = 0; i < 300; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "fails/%03u", i);
		put_recording(name, i, T0);
	}
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	(void)signal(SIGXFSZ, SIG_IGN); /* a write fails with EFBIG then */
	int r = import("fails.example", NULL, &l, "fails", &st);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_true(r < 0);
	assert_null(l.refused.p);
	assert_int_equal(l.stored, 280);
	assert_int_equal(st.stored, 256);
	assert_int_equal(sessions("fails.example", NULL, NULL, 0), 256);

	/* with room again, the rest */
	l = (struct log){0};
	assert_int_equal(import("fails.example", NULL, &l, "fails", &st), 0);
	assert_int_equal(st.same, 256);
	assert_int_equal(st.stored, 44);
}

static int set_up(void **state)
{
	static char name[] = "/tmp/test-import-XXXXXX";
	char path[4096];
	struct errinfo e = {0};

	(void)state;
	root = mkdtemp(name);
	if (!root || secmem_init(1 << 20) < 0)
		return -1;
	CLEANUP_PTR(secret_free) struct secret *pass = secret_from(PASSPHRASE, strlen(PASSPHRASE));
	(void)snprintf(path, sizeof(path), "%s/store", root);
	struct store_login login = {.path = path, .passphrase = pass};
	int r = store_init(path, "admin@shop.example", pass, NULL, 0, NULL, &e);
	if (r >= 0)
		r = store_open(&login, &store, &e);
	if (r < 0)
		print_message("no store: %s\n", e.msg);
	return r;
}

static int tear_down(void **state)
{
	char cmd[128];

	(void)state;
	store = store_close(store);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thousand_files),
		cmocka_unit_test(test_times_are_the_sites),
		cmocka_unit_test(test_ids_and_visitors),
		cmocka_unit_test(test_no_site),
		cmocka_unit_test(test_a_tree_off_a_mount),
		cmocka_unit_test(test_recordings_of_every_form),
		cmocka_unit_test(test_what_is_stored_is_redacted),
		cmocka_unit_test(test_a_store_that_fails),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
