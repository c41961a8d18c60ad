/* chunk-file.h: a blob as bytes (docs/FORMAT.md "Blob"): written once from a recording and its
 * spans, read chunk by chunk. */
#ifndef CHUNK_FILE_H
#define CHUNK_FILE_H

#include "span-table.h"

#include "redactfs/blobstore.h"
#include "redactfs/crypto.h"

#define CHUNK_BYTES 32768u /* a random read costs one; see DESIGN.md */

/* What one thread needs to seal or open chunks. */
struct chunk_scratch {
	struct aead *aead;
	void *zc, *zd;  /* ZSTD_CCtx, ZSTD_DCtx: made when first needed */
	uint8_t *in;    /* room for stored chunks, CHUNK_STORED_BYTES */
	uint8_t *out;   /* room for one chunk, CHUNK_BYTES, that chunk_file_read may be given */
	size_t in_used; /* bytes of `in` that were written since it was last blank */
	bool out_used;
};
int chunk_scratch_new(struct chunk_scratch **ret);
struct chunk_scratch *chunk_scratch_free(struct chunk_scratch *s);
/* Leaves nothing of the last chunk in it, nor its key. */
void chunk_scratch_blank(struct chunk_scratch *s);
DEFINE_CLEANUP_PTR(struct chunk_scratch *, chunk_scratch_free)

/* Makes the whole blob in `out`. The text is canonical, `t` was made from `spans`; `findings` and
 * `script` (its places in the base) may be NULL. `to` seals to the store's reveal key; it makes one
 * blob of an id. */
int chunk_file_write(const struct blob_id *id, const uint8_t data_key[KEY_BYTES],
		     const struct sealbox_sender *to, const char *text, size_t len,
		     const struct span *spans, const struct span_table *t,
		     const struct buf *findings, const struct buf *script, struct chunk_scratch *s,
		     struct buf *out);

struct chunk_file;
/* Opens the blob and checks its header against the key. -EBADMSG: not this session's blob, or
 * damaged; -EUCLEAN: there is none; -EPROTONOSUPPORT: a newer suite. Any thread may read. */
int chunk_file_open(struct blobstore *bs, const struct blob_id *id,
		    const uint8_t data_key[KEY_BYTES], struct chunk_file **ret);
struct chunk_file *chunk_file_close(struct chunk_file *cf);
DEFINE_CLEANUP_PTR(struct chunk_file *, chunk_file_close)
uint64_t chunk_file_base_bytes(const struct chunk_file *cf);
uint32_t chunk_file_chunks(const struct chunk_file *cf);
/* The key of the chunks, borrowed until chunk_file_forget or close. */
const uint8_t *chunk_file_key(const struct chunk_file *cf);
/* Wipes the keys. Nobody reads any more. */
void chunk_file_forget(struct chunk_file *cf);
/* Chunks i to i + n - 1, n > 0, in full and one behind the other: CHUNK_BYTES each, what is left
 * for the last of the blob. Nothing is written behind them. -EBADMSG and -EIO leave nothing
 * readable in `out`. `key` is chunk_file_key's, or the caller's copy of it. */
int chunk_file_read(const struct chunk_file *cf, const uint8_t key[KEY_BYTES],
		    struct chunk_scratch *s, uint32_t i, uint32_t n, uint8_t *out, size_t *ret_len);
int chunk_file_spans(const struct chunk_file *cf, struct chunk_scratch *s, struct span_table *ret);
/* Do the sealed values, as they lie there, belong to this blob? What is inside is the reveal key's.
 */
int chunk_file_sealed_check(const struct chunk_file *cf, struct chunk_scratch *s,
			    const struct span_table *t);
/* Appends the findings; nothing where there are none. */
int chunk_file_findings(const struct chunk_file *cf, struct chunk_scratch *s, struct buf *out);
/* Appends the script of the transcript, likewise. */
int chunk_file_script(const struct chunk_file *cf, struct chunk_scratch *s, struct buf *out);
/* Appends the sealed values. */
int chunk_file_values(const struct chunk_file *cf, const uint8_t reveal_sk[32],
		      struct chunk_scratch *s, const struct span_table *t, struct buf *out);

#endif
