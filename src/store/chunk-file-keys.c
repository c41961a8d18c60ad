/* chunk-file-keys.c: how a blob's keys, nonces and header tag come about; see chunk-file-priv.h.
 *
 * GCM alone doesn't commit to its key: the commitment, compared before anything is opened, is what
 * ties a blob to one data key. Nonces are chunk numbers: a blob is written once under a salt of
 * its own, so a key never sees one twice, and the last-chunk flag makes a cut visible. */
#include "chunk-file-priv.h"

#include "redactfs/le.h"

#include <stdlib.h>
#include <zstd.h>

int blob_keys_derive(const uint8_t salt[32], const uint8_t data_key[KEY_BYTES],
		     struct blob_keys *ret)
{
	static const struct {
		const char *label;
		int at;
	} labels[] = {
		{"redactfs blob chunk", KEY_CHUNK},   {"redactfs blob spans", KEY_SPANS},
		{"redactfs blob sealed", KEY_SEALED}, {"redactfs blob findings", KEY_FINDINGS},
		{"redactfs blob script", KEY_SCRIPT}, {"redactfs blob header", KEY_HEADER},
	};
	static const char commit[] = "redactfs blob commit";
	uint8_t prk[HASH_BYTES];
	int r = hkdf_extract(salt, 32, data_key, KEY_BYTES, prk);

	for (size_t i = 0; r == 0 && i < KEY_COUNT; i++)
		r = hkdf_expand(prk, labels[i].label, strlen(labels[i].label), ret->k[labels[i].at],
				KEY_BYTES);
	if (r == 0)
		r = hkdf_expand(prk, commit, sizeof(commit) - 1, ret->commit, HASH_BYTES);
	wipe(prk, sizeof(prk));
	return r;
}

int blob_header_tag(const struct blob_keys *k, const uint8_t *head, const uint8_t *table,
		    uint32_t chunks, uint8_t tag[HASH_BYTES])
{
	size_t n = 4 * (size_t)chunks;
	CLEANUP_FREE uint8_t *all = malloc(HEAD_SIGNED + n);

	if (!all)
		return -ENOMEM;
	memcpy(all, head, HEAD_SIGNED);
	memcpy(all + HEAD_SIGNED, table, n);
	return hmac_sha256(k->k[KEY_HEADER], KEY_BYTES, all, HEAD_SIGNED + n, tag);
}

void reveal_info(const struct blob_id *id, char out[REVEAL_INFO_BYTES])
{
	static const char label[] = "redactfs reveal ", hex[] = "0123456789abcdef";
	char *p = out + sizeof(label) - 1;

	memcpy(out, label, sizeof(label) - 1);
	for (size_t i = 0; i < sizeof(id->b); i++) {
		*p++ = hex[id->b[i] >> 4];
		*p++ = hex[id->b[i] & 15];
	}
	*p = 0;
}

void chunk_nonce(uint32_t i, bool last, uint8_t nonce[NONCE_BYTES])
{
	be64_put(nonce, i);
	memset(nonce + 8, 0, 3);
	nonce[11] = last;
}

uint32_t chunk_count(uint64_t base_bytes)
{
	return base_bytes ? (uint32_t)((base_bytes + CHUNK_BYTES - 1) / CHUNK_BYTES) : 1;
}

size_t chunk_bound(void)
{
	return ZSTD_COMPRESSBOUND(CHUNK_BYTES) + TAG_BYTES;
}

int chunk_scratch_new(struct chunk_scratch **ret)
{
	static const uint8_t none[KEY_BYTES];
	CLEANUP_PTR(chunk_scratch_free) struct chunk_scratch *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->in = calloc(1, CHUNK_STORED_BYTES);
	s->out = calloc(1, CHUNK_BYTES);
	if (!s->in || !s->out)
		return -ENOMEM;
	int r = aead_new(none, &s->aead);
	if (r < 0)
		return r;
	*ret = TAKE(s);
	return 0;
}

void chunk_scratch_blank(struct chunk_scratch *s)
{
	static const uint8_t none[KEY_BYTES];

	(void)aead_rekey(s->aead, none); /* fails only when OpenSSL has no memory left */
	/* thousands of erasures in a row must not wipe zeros */
	wipe(s->in, s->in_used);
	if (s->out_used)
		wipe(s->out, CHUNK_BYTES);
	s->in_used = 0;
	s->out_used = false;
}

struct chunk_scratch *chunk_scratch_free(struct chunk_scratch *s)
{
	if (s) {
		(void)aead_free(s->aead);
		(void)ZSTD_freeCCtx(s->zc);
		(void)ZSTD_freeDCtx(s->zd);
		if (s->in)
			wipe(s->in, s->in_used);
		if (s->out_used)
			wipe(s->out, CHUNK_BYTES);
		free(s->in);
		free(s->out);
		free(s);
	}
	return NULL;
}
