/* store-fixture.h: a store in a folder of its own, and sessions to put into it. Cheap scrypt. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "../../src/store/store-priv.h"

#include "redactfs/erase.h"
#include "redactfs/script.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#define FIX_EMAIL      "ada@example.org"
#define FIX_PASSPHRASE "plum-Orbit9 lantern veranda"

static char fix_dir[64];   /* the test's own folder */
static char fix_path[128]; /* the store in it */

static inline int fix_rm(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline struct secret *fix_secret(const char *text)
{
	struct secret *p = secret_from(text, strlen(text));

	assert_non_null(p);
	return p;
}

static inline int fix_make_dir(void **state)
{
	(void)state;
	(void)snprintf(fix_dir, sizeof(fix_dir), "/tmp/redactfs-unit-XXXXXX");
	assert_non_null(mkdtemp(fix_dir));
	(void)snprintf(fix_path, sizeof(fix_path), "%s/store", fix_dir);
	return 0;
}

static inline int fix_remove_dir(void **state)
{
	(void)state;
	return nftw(fix_dir, fix_rm, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int fix_make_store(void **state)
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct secret *pp = fix_secret(FIX_PASSPHRASE);
	struct errinfo e = {0};

	(void)fix_make_dir(state);
	int r = store_init_with(fix_path, FIX_EMAIL, pp, &cheap, &e);
	if (r < 0)
		print_error("%s\n", e.msg);
	assert_int_equal(r, 0);
	(void)secret_free(pp);
	return 0;
}

static inline int fix_try_open(const char *passphrase, bool reveal, struct store **ret)
{
	struct secret *pp = fix_secret(passphrase);
	const struct store_login login = {.path = fix_path, .passphrase = pp, .reveal = reveal};
	struct errinfo e = {0};
	int r = store_open(&login, ret, &e);

	(void)secret_free(pp);
	assert_true(r == 0 || e.msg[0]);
	return r;
}

static inline struct store *fix_open(bool reveal)
{
	struct store *s = NULL;

	assert_int_equal(fix_try_open(FIX_PASSPHRASE, reveal, &s), 0);
	return s;
}

/* A recording that is nothing but text, with a value of three classes in each line. */
struct fix_rec {
	struct buf text, script;
	struct span *spans;
	size_t n;
	uint8_t id[16];
	bool own_id;
	const char *site, *date;
	int tag;
};

static inline void fix_rec_done(struct fix_rec *r)
{
	buf_done(&r->text);
	buf_done(&r->script);
	free(r->spans);
}

/* A script that tells each line. */
static inline void fix_script(const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0, end; i < len; i = end + 1) {
		const char *nl = memchr(text + i, '\n', len - i);

		end = nl ? (size_t)(nl - text) : len;
		assert_int_equal(script_words(out, "- "), 0);
		assert_int_equal(
			script_place(out, SCRIPT_STRING, 250, (uint32_t)i, (uint32_t)end - 1), 0);
		assert_int_equal(script_words(out, "\n"), 0);
	}
}

/* What it makes of a rendering. */
static inline void fix_transcript(const struct buf *shown, struct buf *out)
{
	for (size_t i = 0; i < shown->len;) {
		const char *nl = memchr(shown->p + i, '\n', shown->len - i);
		size_t n = (size_t)(nl - shown->p) - i;

		assert_int_equal(buf_addf(out, "- %.*s\n", (int)n - 2, shown->p + i + 1), 0);
		i += n + 1;
	}
}

static inline void fix_rec_make(struct fix_rec *r, int tag, int lines)
{
	static const struct {
		enum redact_class cls;
		uint8_t flags;
		const char *before, *after;
	} kinds[] = {
		{CLASS_PASSWORD, 0, "pw", "SECRET"},
		{CLASS_EMAIL, 0, "mail", "@example.org"},
		{CLASS_FORM, SPAN_ENTERED, "typed", ""},
	};

	*r = (struct fix_rec){.site = "shop.example.com", .date = "2026-11-23", .tag = tag};
	r->spans = calloc((size_t)lines * 3 + 1, sizeof(*r->spans));
	assert_non_null(r->spans);
	for (int i = 0; i < lines; i++) {
		assert_int_equal(buf_addf(&r->text, "[session %d, line %d of text ", tag, i), 0);
		for (size_t k = 0; k < 3; k++) {
			size_t at = r->text.len;

			assert_int_equal(buf_addf(&r->text, "%s%d.%d%s", kinds[k].before, tag, i,
						  kinds[k].after),
					 0);
			r->spans[r->n++] = (struct span){
				.off = (uint32_t)at,
				.len = (uint32_t)(r->text.len - at),
				.cls = (uint8_t)kinds[k].cls,
				.flags = kinds[k].flags,
			};
			assert_int_equal(buf_adds(&r->text, ", and more"), 0);
		}
		assert_int_equal(buf_adds(&r->text, "]\n"), 0);
	}
	fix_script(r->text.p, r->text.len, &r->script);
}

/* What an ordinary (reveal: a revealing) reader must give under the default policy. */
static inline void fix_rendering(const struct fix_rec *r, const struct policy *p, bool reveal,
				 struct buf *out)
{
	size_t pos = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct span *s = &r->spans[i];
		enum disposition d =
			s->cls == CLASS_PASSWORD
				? DISP_DROP
				: policy_disposition(p, (enum redact_class)s->cls, s->flags);
		bool value = d == DISP_SHOW || (reveal && d == DISP_SEAL);
		size_t n;
		const char *tok = class_token((enum redact_class)s->cls, FORM_TOKEN, &n);

		assert_int_equal(buf_add(out, r->text.p + pos, s->off - pos), 0);
		assert_int_equal(
			value ? buf_add(out, r->text.p + s->off, s->len) : buf_add(out, tok, n), 0);
		pos = s->off + s->len;
	}
	assert_int_equal(buf_add(out, r->text.p + pos, r->text.len - pos), 0);
}

static inline int fix_put(struct store_batch *b, const struct fix_rec *r, const struct policy *p,
			  uint64_t policy_seq, enum put_result *res, struct session_id *id)
{
	struct session_id own;
	struct session_new n = {
		.site = r->site,
		.visitor = r->tag % 2 ? "visitor-odd" : "",
		.text = r->text.p,
		.len = r->text.len,
		.spans = r->spans,
		.nspans = r->n,
		.script = &r->script,
		.policy = p,
		.policy_seq = policy_seq,
		.engine = 1,
		.start_ms = 1795442602000 + r->tag,
		.end_ms = 1795442702000 + r->tag,
		.events = 100,
		.date = r->date,
		.name_time = "140322",
	};
	struct errinfo e = {0};

	memcpy(own.b, r->id, sizeof(own.b));
	if (r->own_id)
		n.id = &own;
	memset(n.shape, r->tag, sizeof(n.shape));
	n.shape[0] = (uint8_t)(r->tag >> 8);
	int x = store_batch_put(b, &n, res, id, &e);
	assert_true(x == 0 || e.msg[0]);
	return x;
}

/* One session of its own, committed. Returns its number. */
static inline uint64_t fix_add(struct store *s, int tag, int lines, struct session_id *ret_id)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	enum put_result res;
	struct session_id id;
	struct session_row row;
	struct errinfo e = {0};

	fix_rec_make(&r, tag, lines);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &r, &p, 0, &res, &id), 0);
	assert_int_equal(res, PUT_STORED);
	assert_int_equal(store_batch_commit(b, &e), 0);
	(void)store_batch_abort(b);
	assert_int_equal(store_session_by_id(s, &id, &row), 0);
	if (ret_id)
		*ret_id = id;
	return row.ino;
}

/* Everything a reader gives. */
static inline int fix_read(struct store *s, uint64_t ino, bool reveal, struct buf *out)
{
	struct reader *r = NULL;
	int x = store_reader_open(s, ino, reveal, &r, NULL);

	if (x < 0)
		return x;
	assert_int_equal(buf_reserve(out, reader_size(r) + 100), 0);
	ssize_t k = reader_pread(r, out->p, reader_size(r) + 100, 0);
	if (k >= 0) {
		assert_int_equal(k, reader_size(r));
		out->len = (size_t)k;
	}
	(void)reader_close(r);
	return k < 0 ? (int)k : 0;
}

/* Its transcript is what the rendering makes of its script, as long as its row says. */
static inline void fix_expect_transcript(struct store *s, uint64_t ino, bool reveal,
					 const struct buf *rendering)
{
	CLEANUP(buf_done) struct buf want = {0}, got = {0};
	struct reader *r = NULL;

	fix_transcript(rendering, &want);
	assert_int_equal(store_reader_open(s, ino, reveal, &r, NULL), 0);
	assert_int_equal(reader_transcript(r, &got), 0);
	assert_int_equal(got.len, want.len);
	if (got.len)
		assert_memory_equal(got.p, want.p, want.len);
	if (!reveal)
		assert_int_equal(reader_row(r)->transcript_bytes, want.len);
	(void)reader_close(r);
}

/* The session of this tag is there in full, as rendered under the default policy. */
static inline void fix_expect(struct store *s, uint64_t ino, int tag, int lines)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf want = {0}, got = {0};

	fix_rec_make(&r, tag, lines);
	assert_int_equal(policy_default(&p), 0);
	fix_rendering(&r, &p, false, &want);
	assert_int_equal(fix_read(s, ino, false, &got), 0);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
	fix_expect_transcript(s, ino, false, &want);
}

static inline int fix_count_blob(void *ctx, const struct blob_id *id)
{
	(void)id;
	++*(int *)ctx;
	return 0;
}

/* How many blobs there are. */
static inline int fix_blobs(struct store *s)
{
	int n = 0;

	assert_int_equal(s->blobs->ops->list(s->blobs, fix_count_blob, &n), 0);
	return n;
}

/* Files of the store, whole. */
static inline void fix_load_file(const char *name, struct buf *out)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", fix_path, name);
	FILE *f = fopen(path, "rb");
	char tmp[4096];
	size_t k;
	assert_non_null(f);
	while ((k = fread(tmp, 1, sizeof(tmp), f)) > 0)
		assert_int_equal(buf_add(out, tmp, k), 0);
	assert_int_equal(fclose(f), 0);
}

static inline void fix_save_file(const char *name, const struct buf *in)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", fix_path, name);
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fwrite(in->p, 1, in->len, f), in->len);
	assert_int_equal(fclose(f), 0);
}

#endif
