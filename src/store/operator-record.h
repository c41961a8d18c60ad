/* operator-record.h: what an operator's passphrase opens (docs/FORMAT.md "Operators"). */
#ifndef OPERATOR_RECORD_H
#define OPERATOR_RECORD_H

#include "redactfs/catalog.h"
#include "redactfs/crypto.h"
#include "redactfs/err.h"

/* The parts of a record that are in the clear. */
static inline const uint8_t *operator_record_pk(const uint8_t record[OPERATOR_RECORD_BYTES])
{
	return record + 8;
}

/* One @ with something on both sides, nothing that a terminal or a log would trip over. -EINVAL. */
int operator_email_check(const char *email, struct errinfo *e);

struct operator_new {
	const char *email;
	const struct secret *passphrase;
	const struct scrypt_params *scrypt;
	const uint8_t *store_id;
	const uint8_t *slot_pk, *audit_pk;
	const uint8_t *reveal_sk; /* NULL: no officer */
	uint64_t epoch;           /* seen so far */
};
int operator_record_make(const struct operator_new *n, uint8_t record[OPERATOR_RECORD_BYTES]);

/* What a login yields. */
struct operator_keys {
	struct secret *sk;        /* owned: X25519 */
	struct secret *epoch_key; /* owned: seals the epoch last seen */
	struct secret *reveal_sk; /* owned: only when asked for */
	uint8_t slot_pk[32], audit_pk[32];
	uint64_t epoch_seen;
};
void operator_keys_done(struct operator_keys *k);
/* -EKEYREJECTED: the passphrase doesn't open it; -EBADMSG: damaged or forged; -EACCES: reveal of
 * somebody who has no reveal key; -E2BIG: scrypt parameters out of bounds. */
int operator_record_open(const uint8_t record[OPERATOR_RECORD_BYTES], const char *email,
			 const uint8_t store_id[16], const struct secret *passphrase, bool reveal,
			 struct operator_keys *ret);
/* Writes down that `epoch` was seen. */
int operator_record_see(uint8_t record[OPERATOR_RECORD_BYTES], const struct secret *epoch_key,
			uint64_t epoch);

#endif
