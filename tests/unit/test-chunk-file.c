/* test-chunk-file.c: blobs written and read back, then damaged in every place there is. */
#include "store-fixture.h"

#include "redactfs/io.h"
#include "redactfs/le.h"

struct world {
	int dirfd;
	struct blobstore *bs;
	struct chunk_scratch *cs;
	uint8_t reveal_sk[32], key[KEY_BYTES];
	struct sealbox_sender *to;
	struct blob_id id;
	struct span_table t;
	struct buf base, values, findings;
};

static void world_new(struct world *w)
{
	uint8_t reveal_pk[32];

	*w = (struct world){.dirfd = open(fix_dir, O_DIRECTORY | O_RDONLY)};
	assert_int_equal(blobstore_dir_create(w->dirfd, "blobs"), 0);
	assert_int_equal(blobstore_dir_open(w->dirfd, "blobs", &w->bs), 0);
	assert_int_equal(chunk_scratch_new(&w->cs), 0);
	assert_int_equal(x25519_keypair(reveal_pk, w->reveal_sk), 0);
	assert_int_equal(sealbox_sender_new(reveal_pk, &w->to), 0);
	assert_int_equal(rng_bytes(w->key, sizeof(w->key)), 0);
}

static void world_done(struct world *w)
{
	span_table_done(&w->t);
	buf_done(&w->base);
	buf_done(&w->values);
	buf_done(&w->findings);
	(void)chunk_scratch_free(w->cs);
	(void)sealbox_sender_free(w->to);
	(void)blobstore_close(w->bs);
	(void)close(w->dirfd);
}

static void write_rec(struct world *w, const struct fix_rec *r)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf blob = {0};
	char tmp[1000];

	span_table_done(&w->t);
	w->base.len = w->values.len = w->findings.len = 0;
	/* now and then a recording has none */
	if (r->n != 1)
		assert_int_equal(buf_addf(&w->findings, "found %zu", r->n), 0);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(rng_bytes(&w->id, sizeof(w->id)), 0);
	assert_int_equal(span_table_make(r->text.len, r->spans, r->n, &p, &w->t, NULL), 0);
	struct base_cursor c = {
		.text = r->text.p, .len = r->text.len, .spans = r->spans, .t = &w->t};
	for (size_t k; (k = base_cursor_read(&c, tmp, sizeof(tmp))) > 0;)
		assert_int_equal(buf_add(&w->base, tmp, k), 0);
	assert_int_equal(span_values(r->text.p, r->spans, &w->t, &w->values), 0);
	assert_int_equal(chunk_file_write(&w->id, w->key, w->to, r->text.p, r->text.len, r->spans,
					  &w->t, &w->findings, NULL, w->cs, &blob),
			 0);
	struct iovec v = {blob.p, blob.len};
	assert_int_equal(w->bs->ops->put(w->bs, &w->id, &v, 1), 0);
}

/* Reads all there is of the blob; every piece that is given is right. 0: nothing was wrong. */
static int read_all(struct world *w, const struct blob_id *id, const uint8_t *key)
{
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	CLEANUP(span_table_done) struct span_table t = {0};
	CLEANUP(buf_done) struct buf values = {0};
	static uint8_t out[CHUNK_BYTES];
	int bad = 0;
	int r = chunk_file_open(w->bs, id, key, &cf);

	if (r < 0)
		return r;
	assert_int_equal(chunk_file_base_bytes(cf), w->base.len);
	for (uint32_t i = 0; i < chunk_file_chunks(cf); i++) {
		size_t len = 0;

		r = chunk_file_read(cf, chunk_file_key(cf), w->cs, i, 1, out, &len);
		if (r < 0) {
			bad = r;
			continue;
		}
		size_t at = (size_t)i * CHUNK_BYTES;
		assert_int_equal(len,
				 w->base.len - at < CHUNK_BYTES ? w->base.len - at : CHUNK_BYTES);
		if (len)
			assert_memory_equal(out, w->base.p + at, len);
	}
	r = chunk_file_spans(cf, w->cs, &t);
	if (r < 0)
		return r;
	assert_int_equal(t.n, w->t.n);
	for (size_t i = 0; i < t.n; i++) {
		assert_int_equal(t.v[i].base_off, w->t.v[i].base_off);
		assert_int_equal(t.v[i].value_len, w->t.v[i].value_len);
		assert_int_equal(t.v[i].cls, w->t.v[i].cls);
		assert_int_equal(t.v[i].disp, w->t.v[i].disp);
	}
	CLEANUP(buf_done) struct buf findings = {0};
	r = chunk_file_findings(cf, w->cs, &findings);
	if (r < 0)
		bad = r;
	else if (findings.len != w->findings.len ||
		 (findings.len && memcmp(findings.p, w->findings.p, findings.len) != 0))
		fail_msg("other findings than were put");
	r = chunk_file_values(cf, w->reveal_sk, w->cs, &t, &values);
	if (r < 0)
		return r;
	assert_int_equal(values.len, w->values.len);
	if (values.len)
		assert_memory_equal(values.p, w->values.p, values.len);
	return bad;
}

static void test_round_trip(void **state)
{
	static const size_t sizes[] = {0, 1, 32767, 32768, 32769, 131072, 400000};
	struct world w;

	(void)state;
	world_new(&w);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct fix_rec r = {0};

		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(buf_addc(&r.text, (char)('a' + (k * k >> 3) % 26)), 0);
		write_rec(&w, &r);
		assert_int_equal(read_all(&w, &w.id, w.key), 0);
		fix_rec_done(&r);
	}
	for (int lines = 1; lines < 4000; lines *= 7) {
		CLEANUP(fix_rec_done) struct fix_rec r;

		fix_rec_make(&r, lines, lines);
		write_rec(&w, &r);
		assert_int_equal(read_all(&w, &w.id, w.key), 0);
	}
	world_done(&w);
}

/* Several chunks in one call: those that came with the header, those that are fetched with it, and
 * more than are fetched at once; nothing is written behind them. */
static void test_runs(void **state)
{
	static const size_t bytes = 20 * (size_t)CHUNK_BYTES + 77;
	struct fix_rec r = {0};
	CLEANUP_FREE uint8_t *out = malloc(bytes + 1);
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	struct world w;

	(void)state;
	assert_non_null(out);
	world_new(&w);
	/* 2 chunks that are small when stored, then such as zstd can't shorten */
	assert_int_equal(buf_reserve(&r.text, bytes), 0);
	memset(r.text.p, 'x', bytes);
	assert_int_equal(rng_bytes(r.text.p + 2 * CHUNK_BYTES, bytes - 3 * CHUNK_BYTES), 0);
	r.text.len = bytes;
	write_rec(&w, &r);
	assert_int_equal(chunk_file_open(w.bs, &w.id, w.key, &cf), 0);
	uint32_t all = chunk_file_chunks(cf);
	assert_int_equal(all, 21);
	for (uint32_t i = 0; i < all; i++) {
		for (uint32_t n = 1; n <= all - i; n++) {
			size_t at = (size_t)i * CHUNK_BYTES, len = 0;
			size_t want = i + n < all ? (size_t)n * CHUNK_BYTES : bytes - at;

			out[want] = 0x5a;
			assert_int_equal(
				chunk_file_read(cf, chunk_file_key(cf), w.cs, i, n, out, &len), 0);
			assert_int_equal(len, want);
			assert_memory_equal(out, w.base.p + at, want);
			assert_int_equal(out[want], 0x5a);
		}
	}
	size_t len;
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 0, 0, out, &len), -EINVAL);
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, all, 1, out, &len), -EINVAL);
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 1, all, out, &len), -EINVAL);
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 2, UINT32_MAX, out, &len),
			 -EINVAL);
	fix_rec_done(&r);
	world_done(&w);
}

static void blob_name(const struct blob_id *id, char out[64])
{
	int n = snprintf(out, 64, "blobs/%02x/", id->b[0]);

	for (size_t i = 0; i < 16; i++)
		n += snprintf(out + n, 64 - (size_t)n, "%02x", id->b[i]);
}

/* A damaged chunk leaves nothing of those before it either. */
static void test_damaged_run(void **state)
{
	static const size_t bytes = 12 * (size_t)CHUNK_BYTES;
	static const uint8_t zeros[64];
	struct fix_rec r = {0};
	CLEANUP_FREE uint8_t *out = malloc(bytes);
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	struct world w;
	struct stat st;
	char name[64];
	size_t len;

	(void)state;
	assert_non_null(out);
	world_new(&w);
	assert_int_equal(buf_reserve(&r.text, bytes), 0);
	assert_int_equal(rng_bytes(r.text.p, bytes), 0);
	r.text.len = bytes;
	write_rec(&w, &r);
	blob_name(&w.id, name);
	int fd = openat(w.dirfd, name, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(chunk_file_open(w.bs, &w.id, w.key, &cf), 0);
	/* in the tenth chunk, as far as that can be told: they are of equal length */
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), st.st_size * 19 / 24), sizeof(zeros));
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 0, 12, out, &len), -EBADMSG);
	for (size_t i = 0; i < 9; i++)
		assert_memory_equal(out + i * CHUNK_BYTES, zeros, sizeof(zeros));
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 0, 9, out, &len), 0);
	assert_int_equal(chunk_file_read(cf, chunk_file_key(cf), w.cs, 10, 2, out, &len), 0);
	(void)close(fd);
	fix_rec_done(&r);
	world_done(&w);
}

/* What was decrypted with a scratch isn't in it any more when it is blank. */
static void test_blank(void **state)
{
	struct fix_rec r = {0};
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	struct world w;
	size_t len;

	(void)state;
	world_new(&w);
	assert_int_equal(buf_reserve(&r.text, 4 * (size_t)CHUNK_BYTES), 0);
	memset(r.text.p, 'S', 4 * (size_t)CHUNK_BYTES);
	assert_int_equal(rng_bytes(r.text.p + 2 * CHUNK_BYTES, CHUNK_BYTES), 0);
	r.text.len = 4 * (size_t)CHUNK_BYTES;
	write_rec(&w, &r);
	assert_int_equal(chunk_file_open(w.bs, &w.id, w.key, &cf), 0);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(
			chunk_file_read(cf, chunk_file_key(cf), w.cs, i, 1, w.cs->out, &len), 0);
		chunk_scratch_blank(w.cs);
		for (size_t k = 0; k < CHUNK_BYTES; k++)
			assert_int_equal(w.cs->in[k] | w.cs->out[k], 0);
	}
	fix_rec_done(&r);
	world_done(&w);
}

static void test_wrong_keys(void **state)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	struct world w;
	uint8_t other[KEY_BYTES], pk[32];

	(void)state;
	world_new(&w);
	fix_rec_make(&r, 1, 20);
	write_rec(&w, &r);
	memcpy(other, w.key, sizeof(other));
	other[31] ^= 1;
	assert_int_equal(read_all(&w, &w.id, other), -EBADMSG);
	/* the reveal key alone opens the values, and no other one does */
	assert_int_equal(x25519_keypair(pk, w.reveal_sk), 0);
	assert_int_equal(read_all(&w, &w.id, w.key), -EBADMSG);
	w.id.b[3] ^= 1;
	assert_int_equal(read_all(&w, &w.id, w.key), -EUCLEAN);
	world_done(&w);
}

static void test_every_flipped_bit(void **state)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	struct world w;
	char name[64];
	struct stat st;

	(void)state;
	world_new(&w);
	fix_rec_make(&r, 1, 12);
	write_rec(&w, &r);
	assert_int_equal(read_all(&w, &w.id, w.key), 0);
	blob_name(&w.id, name);
	int fd = openat(w.dirfd, name, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size > 500);
	for (off_t at = 0; at < st.st_size; at++) {
		uint8_t b, x;

		assert_int_equal(pread(fd, &b, 1, at), 1);
		x = b ^ (uint8_t)(1u << (at % 8));
		assert_int_equal(pwrite(fd, &x, 1, at), 1);
		int e = read_all(&w, &w.id, w.key);
		if (e == 0)
			print_error("byte %lld: not noticed\n", (long long)at);
		assert_true(e == -EBADMSG || e == -EPROTONOSUPPORT);
		assert_int_equal(pwrite(fd, &b, 1, at), 1);
	}
	assert_int_equal(read_all(&w, &w.id, w.key), 0);
	/* longer, and shorter at every length */
	assert_int_equal(pwrite(fd, "x", 1, st.st_size), 1);
	assert_int_equal(read_all(&w, &w.id, w.key), -EBADMSG);
	for (off_t n = st.st_size - 1; n >= 0; n--) {
		assert_int_equal(ftruncate(fd, n), 0);
		assert_int_equal(read_all(&w, &w.id, w.key), -EBADMSG);
	}
	(void)close(fd);
	world_done(&w);
}

/* Two chunks of equal length change places; two blobs of one key do. */
static void test_swapped(void **state)
{
	struct fix_rec r = {0};
	CLEANUP(buf_done) struct buf b = {0};
	struct world w;
	char name[64], other[64];

	(void)state;
	world_new(&w);
	/* random text, so that zstd stores it and all chunks are of one length */
	assert_int_equal(buf_reserve(&r.text, 4 * CHUNK_BYTES), 0);
	assert_int_equal(rng_bytes(r.text.p, 4 * CHUNK_BYTES), 0);
	r.text.len = 4 * CHUNK_BYTES;
	write_rec(&w, &r);
	assert_int_equal(read_all(&w, &w.id, w.key), 0);
	blob_name(&w.id, name);
	assert_int_equal(io_read_file_at(w.dirfd, name, 1u << 20, &b), 0);
	uint32_t len = le32_get((uint8_t *)b.p + 160);
	assert_int_equal(len, le32_get((uint8_t *)b.p + 164));
	CLEANUP(buf_done) struct buf swapped = {0};
	assert_int_equal(buf_add(&swapped, b.p, b.len), 0);
	memcpy(swapped.p + 176, b.p + 176 + len, len);
	memcpy(swapped.p + 176 + len, b.p + 176, len);
	assert_int_equal(io_replace_at(w.dirfd, name, swapped.p, swapped.len, 0600), 0);
	assert_int_equal(read_all(&w, &w.id, w.key), -EBADMSG);
	assert_int_equal(io_replace_at(w.dirfd, name, b.p, b.len, 0600), 0);
	assert_int_equal(read_all(&w, &w.id, w.key), 0);

	/* the same recording under the same key: another blob all the same */
	struct blob_id first = w.id;
	write_rec(&w, &r);
	blob_name(&w.id, other);
	assert_int_equal(read_all(&w, &w.id, w.key), 0);
	assert_int_equal(io_replace_at(w.dirfd, other, b.p, b.len, 0600), 0);
	assert_int_equal(read_all(&w, &w.id, w.key), -EBADMSG);
	assert_int_equal(read_all(&w, &first, w.key), 0);
	fix_rec_done(&r);
	world_done(&w);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_dir, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_round_trip), T(test_runs),       T(test_damaged_run),
		T(test_blank),      T(test_wrong_keys), T(test_every_flipped_bit),
		T(test_swapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
