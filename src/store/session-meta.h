/* session-meta.h: the sealed parts of a session's row, and the keyed hashes it is found by. */
#ifndef SESSION_META_H
#define SESSION_META_H

#include "plan.h"
#include "secrets.h"

#include "redactfs/catalog.h"
#include "redactfs/store.h"

struct session_meta {
	struct session_row row; /* ino, day_id, site_id and state are the catalog's to fill */
	uint8_t shape[HASH_BYTES], text_hash[HASH_BYTES];
};

/* `cs` gives what the seal is tied to (ino, day, kid, blob) and takes the sealed row. */
int session_meta_seal(struct aead *a, const uint8_t data_key[KEY_BYTES],
		      const struct session_meta *m, struct catalog_session *cs);
/* -EBADMSG: not this session's row, or damaged. site_id is left 0. */
int session_meta_open(struct aead *a, const uint8_t data_key[KEY_BYTES],
		      const struct catalog_session *cs, struct session_meta *ret);

/* Appends the sealed plan. */
int session_plan_seal(struct aead *a, const uint8_t data_key[KEY_BYTES], uint64_t ino,
		      const struct blob_id *blob, const struct plan *p, struct buf *out);
int session_plan_open(struct aead *a, const uint8_t data_key[KEY_BYTES], uint64_t ino,
		      const struct blob_id *blob, const struct buf *sealed, uint64_t base_bytes,
		      struct plan *ret);

/* Look-ups: FORMAT.md "Look-ups", cut to LOOKUP_BYTES. */
int lookup_id(const struct store_keys *k, const struct session_id *id, uint8_t h[LOOKUP_BYTES]);
int lookup_name(const struct store_keys *k, uint64_t day_id, const char *name, size_t len,
		uint8_t h[LOOKUP_BYTES]);
int lookup_body(const struct store_keys *k, const char *site, const uint8_t text_hash[HASH_BYTES],
		uint8_t h[LOOKUP_BYTES]);
int lookup_visitor(const struct store_keys *k, const char *visitor, uint8_t h[LOOKUP_BYTES]);
/* The first byte of the blobs of a site's date, which is their folder (FORMAT.md "Store"). */
int lookup_folder(const struct store_keys *k, const char *site, const char *date, uint8_t *ret);

/* Tombstones of a recording: up to 3, the shape's only where there are events enough to tell
 * recordings apart. */
enum tombstone_kind { TOMB_ID = 1, TOMB_TEXT = 2, TOMB_SHAPE = 3 };
#define TOMB_SHAPE_EVENTS 8u
struct tombstones {
	struct {
		enum tombstone_kind kind;
		uint8_t h[HASH_BYTES];
	} v[3];
	size_t n;
};
/* id NULL: without the first (it isn't known yet). */
int tombstones_make(const struct store_keys *k, const struct session_id *id, const char *site,
		    const uint8_t text_hash[HASH_BYTES], const uint8_t shape[HASH_BYTES],
		    uint64_t events, struct tombstones *ret);

#endif
