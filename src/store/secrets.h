/* secrets.h: the store secrets of an epoch (docs/FORMAT.md "Store secrets"), and who the operators
 * are that they vouch for. */
#ifndef SECRETS_H
#define SECRETS_H

#include "redactfs/catalog.h"
#include "redactfs/crypto.h"

/* The same in every epoch. Lies in a `struct secret`. */
struct store_keys {
	uint8_t slot_seed[32];
	uint8_t audit_seed[32];
	uint8_t lookup[32];
	uint8_t tombstone[32];
	uint8_t reveal_pk[32];
	uint8_t catalog[32];
};
/* What each commit writes anew. */
struct store_seal {
	uint8_t operators[HASH_BYTES];
	uint8_t audit_head[HASH_BYTES];
};

int store_secrets_seal(const uint8_t store_id[16], uint64_t epoch, const struct secret *root_key,
		       const struct store_keys *k, const struct store_seal *seal,
		       uint8_t out[SECRETS_ROW_BYTES]);
/* *ret_keys holds a struct store_keys. -EBADMSG. */
int store_secrets_open(const uint8_t store_id[16], uint64_t epoch, const struct secret *root_key,
		       const uint8_t in[SECRETS_ROW_BYTES], struct secret **ret_keys,
		       struct store_seal *ret_seal);

/* The hash over the operators, who are sorted by id. */
int operators_hash(const struct catalog_operator *ops, size_t n, uint8_t out[HASH_BYTES]);

#endif
