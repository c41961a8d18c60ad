/* chunk-file-priv.h: what writing and reading a blob share: offsets, labels, nonces. */
#ifndef CHUNK_FILE_PRIV_H
#define CHUNK_FILE_PRIV_H

#include "chunk-file.h"

#define BLOB_MAGIC  "RFSBLOB1"
#define BLOB_SUITE  1u
#define CHUNK_LOG2  15u
#define HEAD_BYTES  160u /* without the table of chunk lengths */
#define HEAD_SIGNED 128u /* covered by the header tag, with the table */

/* The info of a blob's sealed box: its name is in it, because one sender makes the boxes of many.
 */
#define REVEAL_INFO_BYTES 64u
void reveal_info(const struct blob_id *id, char out[REVEAL_INFO_BYTES]);

/* The keys of one blob, in this order in one secret. */
enum { KEY_CHUNK, KEY_SPANS, KEY_SEALED, KEY_FINDINGS, KEY_SCRIPT, KEY_HEADER, KEY_COUNT };

#define FINDINGS_BYTES_MAX (4u << 20) /* unpacked: a thousand places of a kilobyte */
struct blob_keys {
	uint8_t k[KEY_COUNT][KEY_BYTES];
	uint8_t commit[HASH_BYTES];
};
int blob_keys_derive(const uint8_t salt[32], const uint8_t data_key[KEY_BYTES],
		     struct blob_keys *ret);
int blob_header_tag(const struct blob_keys *k, const uint8_t *head, const uint8_t *table,
		    uint32_t chunks, uint8_t tag[HASH_BYTES]);
void chunk_nonce(uint32_t i, bool last, uint8_t nonce[NONCE_BYTES]);
uint32_t chunk_count(uint64_t base_bytes);
size_t chunk_bound(void); /* the longest that a stored chunk gets */

/* Stored chunks that are fetched at once: what a READ of the largest size takes, as a rule. At
 * least chunk_bound(). */
#define CHUNK_STORED_BYTES (256u << 10)

#endif
