/* audit.h: the audit log: append-only, hash-chained, signed (docs/FORMAT.md "audit"). No personal
 * data: who (operator), when, what kind, how many, why. */
#ifndef REDACTFS_AUDIT_H
#define REDACTFS_AUDIT_H

#include "redactfs/crypto.h"

#include <stdint.h>

struct audit_entry {
	uint64_t seq; /* 1, 2, … without gaps */
	int64_t at_ns;
	char kind[24]; /* "init", "import", "erase", "mount", "policy", … */
	char operator_email[256];
	char detail[512];         /* a JSON object: counts, epoch, reason; never names or values */
	uint8_t prev[HASH_BYTES]; /* hash of the entry before; the first: store id, zeros(16) */
	uint8_t hash[HASH_BYTES];
	uint8_t sig[SIGN_BYTES]; /* Ed25519 over hash */
};

/* Fills prev, hash and sig of an entry whose other fields are set. -EINVAL: a text without its NUL.
 */
int audit_seal(struct audit_entry *a, const uint8_t prev[HASH_BYTES], const uint8_t sign_seed[32]);
/* -EBADMSG: changed, or not the successor of `prev`. That seq grows by one is the caller's to see,
 * and that the last entry is the newest one (docs/FORMAT.md "Store secrets"). */
int audit_check(const struct audit_entry *a, const uint8_t prev[HASH_BYTES],
		const uint8_t sign_pk[32]);

#endif
