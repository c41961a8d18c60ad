/* chunk-file-write.c: a recording becomes a blob; see chunk-file.h. The blob is made in memory
 * (it is smaller than the recording, which is there anyway), because its header holds the lengths
 * of all chunks and a blob store takes it whole. */
#include "chunk-file-priv.h"

#include "transcript.h"
#include "zpack.h"

#include "redactfs/le.h"
#include "redactfs/limits.h"

#include <zstd.h>

#define LEVEL 1 /* 3 is slower, and on large recordings 10 % longer */

/* Seals p[0..n) in place at the end of `out`, which holds it already. */
static int seal_tail(struct chunk_scratch *s, const uint8_t key[KEY_BYTES],
		     const uint8_t nonce[NONCE_BYTES], const uint8_t *aad, size_t aadlen, size_t n,
		     struct buf *out)
{
	int r = buf_reserve(out, TAG_BYTES);

	if (r < 0)
		return r;
	uint8_t *p = (uint8_t *)out->p + out->len - n;
	r = aead_rekey(s->aead, key);
	if (r == 0)
		r = aead_seal(s->aead, nonce, aad, aadlen, p, n, p);
	if (r == 0)
		out->len += TAG_BYTES;
	return r;
}

/* Compresses all chunks of the base into `out`, unsealed, each with room for its tag: the tags
 * need the header's, and that needs all lengths. */
static int pack_chunks(struct base_cursor *cur, struct chunk_scratch *s, uint32_t chunks,
		       uint8_t *table, struct buf *out)
{
	char plain[CHUNK_BYTES];
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < chunks; i++) {
		size_t n = base_cursor_read(cur, plain, sizeof(plain));

		r = buf_reserve(out, chunk_bound());
		if (r < 0)
			break;
		size_t k = ZSTD_compressCCtx(s->zc, out->p + out->len, chunk_bound() - TAG_BYTES,
					     plain, n, LEVEL);
		if (ZSTD_isError(k)) {
			r = -ENOMEM; /* there is room, and the level is valid */
			break;
		}
		out->len += k + TAG_BYTES;
		le32_put(table + 4 * (size_t)i, (uint32_t)(k + TAG_BYTES));
	}
	wipe(plain, sizeof(plain));
	return r;
}

/* Sealed stream, unsealed on the outside: sealed box | AEAD(S, values). */
static int pack_values(const struct blob_id *id, const struct sealbox_sender *to, const char *text,
		       const struct span *spans, const struct span_table *t,
		       struct chunk_scratch *s, struct buf *out)
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP(buf_wipe_done) struct buf values = {0};
	uint8_t key[KEY_BYTES];
	char info[REVEAL_INFO_BYTES];
	size_t box = KEY_BYTES + SEALBOX_OVERHEAD, start;

	reveal_info(id, info);
	int r = span_values(text, spans, t, &values);

	if (r == 0)
		r = rng_bytes(key, sizeof(key));
	if (r == 0)
		r = buf_reserve(out, box);
	if (r == 0)
		r = sealbox_sender_seal(to, s->aead, info, id, sizeof(*id), key, sizeof(key),
					out->p + out->len);
	if (r == 0) {
		out->len += box;
		start = out->len;
		r = zpack(values.p, values.len, out);
		if (r == 0)
			r = seal_tail(s, key, zeros, id->b, sizeof(*id), out->len - start, out);
	}
	wipe(key, sizeof(key));
	return r;
}

/* What comes behind the chunks, packed but not sealed. */
struct tails {
	struct buf spans, sealed, findings, script;
};
static void tails_done(struct tails *t)
{
	buf_wipe_done(&t->spans);
	buf_wipe_done(&t->sealed);
	buf_wipe_done(&t->findings);
	buf_done(&t->script);
}

static int pack_tails(const struct blob_id *id, const struct sealbox_sender *to, const char *text,
		      const struct span *spans, const struct span_table *t,
		      const struct buf *findings, const struct buf *script, struct chunk_scratch *s,
		      struct tails *ret)
{
	CLEANUP(buf_done) struct buf plain = {0};
	int r = span_table_encode(t, &plain);

	if (r == 0)
		r = zpack(plain.p, plain.len, &ret->spans);
	if (r == 0 && t->value_bytes)
		r = pack_values(id, to, text, spans, t, s, &ret->sealed);
	if (r == 0 && findings && findings->len > FINDINGS_BYTES_MAX)
		r = -E2BIG;
	if (r == 0 && findings && findings->len)
		r = zpack(findings->p, findings->len, &ret->findings);
	if (r == 0 && script && script->len > SCRIPT_BYTES_MAX)
		r = -E2BIG;
	if (r == 0 && script && script->len)
		r = zpack(script->p, script->len, &ret->script);
	return r;
}

/* Seals what lies packed behind the header, now that its tag is known. */
static int seal_chunks(const struct blob_keys *k, const uint8_t tag[HASH_BYTES], uint32_t chunks,
		       size_t at, struct chunk_scratch *s, struct buf *out)
{
	int r = aead_rekey(s->aead, k->k[KEY_CHUNK]);

	for (uint32_t i = 0; r == 0 && i < chunks; i++) {
		uint8_t nonce[NONCE_BYTES];
		uint8_t *p = (uint8_t *)out->p + at;
		size_t n = le32_get((uint8_t *)out->p + HEAD_BYTES + 4 * (size_t)i);

		chunk_nonce(i, i + 1 == chunks, nonce);
		r = aead_seal(s->aead, nonce, tag, HASH_BYTES, p, n - TAG_BYTES, p);
		at += n;
	}
	return r;
}

static int seal_section(struct chunk_scratch *s, const uint8_t key[KEY_BYTES],
			const uint8_t tag[HASH_BYTES], const struct buf *plain, struct buf *out)
{
	static const uint8_t zeros[NONCE_BYTES];
	int r = buf_add(out, plain->p, plain->len);

	return r < 0 ? r : seal_tail(s, key, zeros, tag, HASH_BYTES, plain->len, out);
}

static int write_with(const struct blob_id *id, struct blob_keys *k,
		      const uint8_t data_key[KEY_BYTES], const struct sealbox_sender *to,
		      const char *text, size_t len, const struct span *spans,
		      const struct span_table *t, const struct buf *findings,
		      const struct buf *script, struct chunk_scratch *s, struct buf *out)
{
	CLEANUP(tails_done) struct tails tails = {0};
	uint32_t chunks = chunk_count(t->base_bytes);
	size_t table = 4 * (size_t)chunks;
	struct base_cursor cur = {.text = text, .len = len, .spans = spans, .t = t};
	uint8_t salt[32], tag[HASH_BYTES];
	int r = rng_bytes(salt, sizeof(salt));

	if (r == 0)
		r = blob_keys_derive(salt, data_key, k);
	if (r == 0)
		r = pack_tails(id, to, text, spans, t, findings, script, s, &tails);
	if (r == 0)
		r = buf_reserve(out, HEAD_BYTES + table);
	if (r < 0)
		return r;
	uint8_t *h = (uint8_t *)out->p;
	memset(h, 0, HEAD_BYTES + table);
	out->len = HEAD_BYTES + table;
	/* the table must not move while it is filled */
	CLEANUP_FREE uint8_t *lens = malloc(table);
	if (!lens)
		return -ENOMEM;
	r = pack_chunks(&cur, s, chunks, lens, out);
	if (r < 0)
		return r;
	h = (uint8_t *)out->p;
	memcpy(h, BLOB_MAGIC, 8);
	le32_put(h + 8, BLOB_SUITE);
	le32_put(h + 12, CHUNK_LOG2);
	memcpy(h + 16, id->b, sizeof(id->b));
	le64_put(h + 32, t->base_bytes);
	le32_put(h + 40, chunks);
	le32_put(h + 44, tails.findings.len ? (uint32_t)(tails.findings.len + TAG_BYTES) : 0);
	le32_put(h + 48, (uint32_t)(tails.spans.len + TAG_BYTES));
	le32_put(h + 52, tails.script.len ? (uint32_t)(tails.script.len + TAG_BYTES) : 0);
	le64_put(h + 56, tails.sealed.len ? tails.sealed.len + TAG_BYTES : 0);
	memcpy(h + 64, salt, sizeof(salt));
	memcpy(h + 96, k->commit, sizeof(k->commit));
	memcpy(h + HEAD_BYTES, lens, table);
	r = blob_header_tag(k, h, lens, chunks, tag);
	if (r < 0)
		return r;
	memcpy(h + HEAD_SIGNED, tag, sizeof(tag));
	r = seal_chunks(k, tag, chunks, HEAD_BYTES + table, s, out);
	if (r == 0)
		r = seal_section(s, k->k[KEY_SPANS], tag, &tails.spans, out);
	if (r == 0 && tails.sealed.len)
		r = seal_section(s, k->k[KEY_SEALED], tag, &tails.sealed, out);
	if (r == 0 && tails.findings.len)
		r = seal_section(s, k->k[KEY_FINDINGS], tag, &tails.findings, out);
	if (r == 0 && tails.script.len)
		r = seal_section(s, k->k[KEY_SCRIPT], tag, &tails.script, out);
	return r;
}

int chunk_file_write(const struct blob_id *id, const uint8_t data_key[KEY_BYTES],
		     const struct sealbox_sender *to, const char *text, size_t len,
		     const struct span *spans, const struct span_table *t,
		     const struct buf *findings, const struct buf *script, struct chunk_scratch *s,
		     struct buf *out)
{
	struct blob_keys k;

	if (!s->zc && !(s->zc = ZSTD_createCCtx()))
		return -ENOMEM;
	int r = write_with(id, &k, data_key, to, text, len, spans, t, findings, script, s, out);
	wipe(&k, sizeof(k));
	return r;
}
