/* store-batch-priv.h: sessions on their way into a store, from store-batch.c, which takes them, to
 * store-batch-commit.c. */
#ifndef REDACTFS_STORE_BATCH_PRIV_H
#define REDACTFS_STORE_BATCH_PRIV_H

#include "store-priv.h"

#define NAMES_MAX 256u /* of blobs, written down at a time */

struct entry {
	struct session_meta m; /* but for what the commit decides */
	struct blob_id blob;
	struct secret *key; /* owned */
	struct plan p;      /* owned; sealed once the session has its number */
	uint8_t id_h[LOOKUP_BYTES], body_h[LOOKUP_BYTES];
	char site[LIMIT_SITE_BYTES + 1];
	char date[11];
};
struct store_batch {
	struct store *s; /* borrowed */
	int import_fd;   /* owned: keeps A2 */
	struct entry *v; /* owned */
	size_t n, cap;
	struct blob_id names[NAMES_MAX]; /* written down, not yet used */
	size_t n_names, next_names;
	size_t unlooked;           /* bytes of blobs put since the reserve was seen whole */
	struct sealbox_sender *to; /* owned: to the reveal key; anew with each commit */
};

/* Was one of these erased? *ret_err: 0, or why it can't be told; then yes is the answer. */
bool batch_tombstoned(struct catalog_conn *c, const struct tombstones *t, int *ret_err);
/* Is a session of this hash there, and which? 1: yes; its id in *ret. A row without a key is none.
 */
int batch_already(struct store *s, struct catalog_conn *c, struct aead *a, enum catalog_by by,
		  const uint8_t h[LOOKUP_BYTES], struct session_id *ret);
/* Forgets the sessions that wait, not the names. */
void batch_drop(struct store_batch *b);

#endif
