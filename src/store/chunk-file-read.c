/* chunk-file-read.c: reading a blob; see chunk-file.h.
 *
 * (B1) nothing behind the header is believed before the key commitment and the header tag verified
 * (B2) the header says how long everything is, and the blob is exactly that long
 * (B3) no byte of a section that didn't verify leaves this file */
#include "chunk-file-priv.h"

#include "transcript.h"
#include "zpack.h"

#include "redactfs/le.h"
#include "redactfs/limits.h"

#include <zstd.h>

#define EARLY_BYTES (32u << 10) /* read at once: most blobs of short sessions are shorter */

struct chunk_file {
	struct blob *blob; /* owned */
	struct blob_id id;
	uint64_t base_bytes;
	uint32_t chunks;
	uint64_t *at;   /* owned: where chunk i starts; at[chunks] is the span table */
	uint8_t *early; /* owned: the blob's first bytes, as stored: whole chunks; or NULL */
	size_t early_len;
	uint64_t sealed_len; /* stored bytes; 0: none */
	uint32_t spans_len, findings_len, script_len;
	uint8_t tag[HASH_BYTES];
	struct secret *keys; /* owned: KEY_COUNT keys; NULL once forgotten */
};

static const uint8_t *key_of(const struct chunk_file *cf, int which)
{
	return cf->keys->b + (size_t)which * KEY_BYTES;
}

uint64_t chunk_file_base_bytes(const struct chunk_file *cf)
{
	return cf->base_bytes;
}

uint32_t chunk_file_chunks(const struct chunk_file *cf)
{
	return cf->chunks;
}

const uint8_t *chunk_file_key(const struct chunk_file *cf)
{
	return key_of(cf, KEY_CHUNK);
}

void chunk_file_forget(struct chunk_file *cf)
{
	cf->keys = secret_free(cf->keys);
}

struct chunk_file *chunk_file_close(struct chunk_file *cf)
{
	if (cf) {
		(void)blob_close(cf->blob);
		(void)secret_free(cf->keys);
		free(cf->at);
		free(cf->early);
		free(cf);
	}
	return NULL;
}

/* What the storage says when there is less of a blob than its header or its row claims. */
static int cut_short(int r)
{
	return r == -ENODATA ? -EBADMSG : r;
}

/* Keeps B1: keys, commitment and tag, over the header and the table that stand in `head`. */
static int check_header(struct chunk_file *cf, const uint8_t *head,
			const uint8_t data_key[KEY_BYTES])
{
	struct blob_keys k;
	int r = blob_keys_derive(head + 64, data_key, &k);

	if (r == 0 && !equal_ct(k.commit, head + 96, HASH_BYTES))
		r = -EBADMSG;
	if (r == 0)
		r = blob_header_tag(&k, head, head + HEAD_BYTES, cf->chunks, cf->tag);
	if (r == 0 && !equal_ct(cf->tag, head + HEAD_SIGNED, HASH_BYTES))
		r = -EBADMSG;
	if (r == 0 && !(cf->keys = secret_from(k.k, sizeof(k.k))))
		r = -ENOMEM;
	wipe(&k, sizeof(k));
	return r;
}

/* Keeps B2. */
static int lay_out(struct chunk_file *cf, const uint8_t *table)
{
	uint64_t at = HEAD_BYTES + 4 * (uint64_t)cf->chunks;

	cf->at = calloc((size_t)cf->chunks + 1, sizeof(*cf->at));
	if (!cf->at)
		return -ENOMEM;
	for (uint32_t i = 0; i < cf->chunks; i++) {
		uint32_t n = le32_get(table + 4 * (size_t)i);

		if (n <= TAG_BYTES || n > chunk_bound())
			return -EBADMSG;
		cf->at[i] = at;
		at += n;
	}
	cf->at[cf->chunks] = at;
	uint64_t size = cf->blob->ops->size(cf->blob);
	uint64_t tails = (uint64_t)cf->spans_len + cf->findings_len + cf->script_len;
	if (size < at || tails > size - at || cf->sealed_len != size - at - tails)
		return -EBADMSG;
	return 0;
}

/* The header and its table, with what comes after them in one read, into *ret; *ret_n bytes. */
static int read_head(struct chunk_file *cf, uint8_t **ret, size_t *ret_n)
{
	uint64_t size = cf->blob->ops->size(cf->blob);
	size_t n = size < EARLY_BYTES ? (size_t)size : EARLY_BYTES;
	CLEANUP_FREE uint8_t *head = malloc(EARLY_BYTES);

	if (!head)
		return -ENOMEM;
	if (n < HEAD_BYTES)
		return -EBADMSG;
	int r = cut_short(cf->blob->ops->read(cf->blob, head, n, 0));
	if (r < 0)
		return r;
	if (memcmp(head, BLOB_MAGIC, 8) || memcmp(head + 16, cf->id.b, sizeof(cf->id.b)))
		return -EBADMSG;
	if (le32_get(head + 8) != BLOB_SUITE)
		return -EPROTONOSUPPORT;
	cf->base_bytes = le64_get(head + 32);
	cf->chunks = le32_get(head + 40);
	cf->findings_len = le32_get(head + 44);
	cf->spans_len = le32_get(head + 48);
	cf->script_len = le32_get(head + 52);
	cf->sealed_len = le64_get(head + 56);
	if (le32_get(head + 12) != CHUNK_LOG2 || cf->base_bytes > LIMIT_RECORDING_BYTES ||
	    cf->chunks != chunk_count(cf->base_bytes))
		return -EBADMSG;
	size_t all = HEAD_BYTES + 4 * (size_t)cf->chunks;
	if (all > n) {
		uint8_t *more = realloc(head, all);

		if (!more)
			return -ENOMEM;
		head = more;
		r = cut_short(cf->blob->ops->read(cf->blob, head + n, all - n, n));
		if (r < 0)
			return r;
		n = all;
	}
	*ret = TAKE(head);
	*ret_n = n;
	return 0;
}

int chunk_file_open(struct blobstore *bs, const struct blob_id *id,
		    const uint8_t data_key[KEY_BYTES], struct chunk_file **ret)
{
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = calloc(1, sizeof(*cf));
	CLEANUP_FREE uint8_t *head = NULL;
	size_t n = 0;

	if (!cf)
		return -ENOMEM;
	cf->id = *id;
	int r = bs->ops->open(bs, id, &cf->blob);
	if (r < 0)
		return r == -ENOENT ? -EUCLEAN : r;
	r = read_head(cf, &head, &n);
	if (r == 0)
		r = check_header(cf, head, data_key);
	if (r == 0)
		r = lay_out(cf, head + HEAD_BYTES);
	if (r < 0)
		return r;
	uint32_t whole = 0;
	while (whole < cf->chunks && cf->at[whole + 1] <= n)
		whole++;
	if (whole) {
		cf->early = TAKE(head);
		cf->early_len = (size_t)cf->at[whole];
		uint8_t *less = realloc(cf->early, cf->early_len);
		if (less)
			cf->early = less;
	}
	*ret = TAKE(cf);
	return 0;
}

/* Stored chunks in a scratch's `in`: the blob's bytes [from, to). */
struct fetched {
	uint64_t from, to;
};

/* Chunk i as it is stored, and where it may be decrypted to. What is read for it takes those behind
 * it along, up to `end`, as far as there is room. */
static int fetch(const struct chunk_file *cf, struct chunk_scratch *s, uint32_t i, uint32_t end,
		 struct fetched *f, const uint8_t **ret_stored, uint8_t **ret_packed)
{
	uint64_t at = cf->at[i];
	uint32_t upto = i + 1;

	if (cf->at[i + 1] <= cf->early_len) { /* they come before all that is fetched */
		*ret_stored = cf->early + at;
		*ret_packed = s->in;
		if (s->in_used < cf->at[i + 1] - at)
			s->in_used = (size_t)(cf->at[i + 1] - at);
		return 0;
	}
	if (at < f->from || cf->at[i + 1] > f->to) {
		while (upto < end && cf->at[upto + 1] - at <= CHUNK_STORED_BYTES)
			upto++;
		/* lay_out: one is at most chunk_bound() */
		size_t n = (size_t)(cf->at[upto] - at);
		int r = cut_short(cf->blob->ops->read(cf->blob, s->in, n, at));
		if (r < 0)
			return r;
		*f = (struct fetched){.from = at, .to = at + n};
		if (s->in_used < n)
			s->in_used = n;
	}
	*ret_stored = *ret_packed = s->in + (at - f->from);
	return 0;
}

/* One chunk of known length, under the key that the cipher has. */
static int open_chunk(const struct chunk_file *cf, struct chunk_scratch *s, uint32_t i,
		      const uint8_t *stored, uint8_t *packed, uint8_t *out, size_t want)
{
	uint8_t nonce[NONCE_BYTES];
	size_t n = (size_t)(cf->at[i + 1] - cf->at[i]);

	chunk_nonce(i, i + 1 == cf->chunks, nonce);
	int r = aead_open(s->aead, nonce, cf->tag, HASH_BYTES, stored, n, packed);
	if (r < 0)
		return r;
	size_t k = ZSTD_decompressDCtx(s->zd, out, want, packed, n - TAG_BYTES);
	return ZSTD_isError(k) || k != want ? -EBADMSG : 0;
}

int chunk_file_read(const struct chunk_file *cf, const uint8_t key[KEY_BYTES],
		    struct chunk_scratch *s, uint32_t i, uint32_t n, uint8_t *out, size_t *ret_len)
{
	struct fetched f = {0};
	uint32_t end = i + n;
	size_t done = 0;

	if (!n || i >= cf->chunks || n > cf->chunks - i)
		return -EINVAL;
	if (!s->zd && !(s->zd = ZSTD_createDCtx()))
		return -ENOMEM;
	s->out_used |= out == s->out;
	int r = aead_rekey(s->aead, key);
	for (; r == 0 && i < end; i++) {
		uint64_t left = cf->base_bytes - (uint64_t)i * CHUNK_BYTES;
		size_t want = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		const uint8_t *stored;
		uint8_t *packed;

		r = fetch(cf, s, i, end, &f, &stored, &packed);
		if (r < 0)
			break;
		r = open_chunk(cf, s, i, stored, packed, out + done, want);
		done += want;
	}
	if (r < 0) {
		wipe(out, done); /* keeps B3 */
		return r;
	}
	*ret_len = done;
	return 0;
}

/* A whole section, opened. */
static int read_section(const struct chunk_file *cf, int key, struct chunk_scratch *s, uint64_t at,
			uint64_t len, struct buf *out)
{
	static const uint8_t zeros[NONCE_BYTES];

	if (len < TAG_BYTES)
		return -EBADMSG;
	int r = buf_reserve(out, len);
	if (r == 0)
		r = cut_short(cf->blob->ops->read(cf->blob, out->p, len, at));
	if (r == 0)
		r = aead_rekey(s->aead, key_of(cf, key));
	if (r == 0)
		r = aead_open(s->aead, zeros, cf->tag, HASH_BYTES, out->p, len, out->p);
	if (r == 0)
		out->len = len - TAG_BYTES;
	return r;
}

int chunk_file_spans(const struct chunk_file *cf, struct chunk_scratch *s, struct span_table *ret)
{
	CLEANUP(buf_done) struct buf packed = {0}, plain = {0};
	int r = read_section(cf, KEY_SPANS, s, cf->at[cf->chunks], cf->spans_len, &packed);

	if (r == 0)
		r = zunpack(packed.p, packed.len, 8 + 24 * (size_t)LIMIT_SPANS, &plain);
	if (r == 0)
		r = span_table_decode(plain.p, plain.len, cf->base_bytes, ret);
	return r;
}

int chunk_file_findings(const struct chunk_file *cf, struct chunk_scratch *s, struct buf *out)
{
	CLEANUP(buf_done) struct buf packed = {0};

	if (!cf->findings_len)
		return 0;
	int r = read_section(cf, KEY_FINDINGS, s,
			     cf->at[cf->chunks] + cf->spans_len + cf->sealed_len, cf->findings_len,
			     &packed);
	return r < 0 ? r : zunpack(packed.p, packed.len, FINDINGS_BYTES_MAX, out);
}

int chunk_file_script(const struct chunk_file *cf, struct chunk_scratch *s, struct buf *out)
{
	CLEANUP(buf_done) struct buf packed = {0};

	if (!cf->script_len)
		return 0;
	int r = read_section(cf, KEY_SCRIPT, s,
			     cf->at[cf->chunks] + cf->spans_len + cf->sealed_len + cf->findings_len,
			     cf->script_len, &packed);
	return r < 0 ? r : zunpack(packed.p, packed.len, SCRIPT_BYTES_MAX, out);
}

int chunk_file_sealed_check(const struct chunk_file *cf, struct chunk_scratch *s,
			    const struct span_table *t)
{
	CLEANUP(buf_done) struct buf outer = {0};

	if (!t->value_bytes)
		return cf->sealed_len ? -EBADMSG : 0;
	return read_section(cf, KEY_SEALED, s, cf->at[cf->chunks] + cf->spans_len, cf->sealed_len,
			    &outer);
}

int chunk_file_values(const struct chunk_file *cf, const uint8_t reveal_sk[32],
		      struct chunk_scratch *s, const struct span_table *t, struct buf *out)
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP(buf_wipe_done) struct buf outer = {0};
	uint8_t key[KEY_BYTES];
	char info[REVEAL_INFO_BYTES];
	size_t box = KEY_BYTES + SEALBOX_OVERHEAD;

	if (!t->value_bytes)
		return cf->sealed_len ? -EBADMSG : 0;
	int r = read_section(cf, KEY_SEALED, s, cf->at[cf->chunks] + cf->spans_len, cf->sealed_len,
			     &outer);
	if (r < 0)
		return r;
	if (outer.len < box + TAG_BYTES)
		return -EBADMSG;
	uint8_t *p = (uint8_t *)outer.p;
	reveal_info(&cf->id, info);
	r = sealbox_open(reveal_sk, info, &cf->id, sizeof(cf->id), p, box, key);
	if (r < 0)
		return r;
	r = aead_rekey(s->aead, key);
	wipe(key, sizeof(key));
	if (r == 0)
		r = aead_open(s->aead, zeros, &cf->id, sizeof(cf->id), p + box, outer.len - box,
			      p + box);
	size_t had = out->len;
	if (r == 0)
		r = zunpack(p + box, outer.len - box - TAG_BYTES, t->value_bytes, out);
	if (r == 0 && out->len - had != t->value_bytes)
		r = -EBADMSG;
	return r;
}
