/* audit.h: the audit log: append-only, hash-chained, signed (docs/FORMAT.md "audit"). No personal
 * data: who (operator), when, what kind, how many, why. */
#ifndef REDACTFS_AUDIT_H
#define REDACTFS_AUDIT_H

#include "redactfs/buf.h"
#include "redactfs/crypto.h"

#include <stdint.h>

struct audit_entry {
	uint64_t seq;   /* 1, 2, … without gaps */
	uint64_t epoch; /* of the commit that it is part of */
	int64_t at_ns;
	char kind[24]; /* "init", "import", "erase", "mount", "policy", … */
	char operator_email[256];
	char detail[1024];        /* a JSON object: counts, reasons; never names or values */
	uint8_t prev[HASH_BYTES]; /* hash of the entry before; the first: store id, zeros(16) */
	uint8_t hash[HASH_BYTES];
	uint8_t sig[SIGN_BYTES]; /* Ed25519 over hash */
};

/* What is signed. -EINVAL: a text without its NUL. */
int audit_hash(const struct audit_entry *a, const uint8_t prev[HASH_BYTES],
	       uint8_t out[HASH_BYTES]);
/* Fills prev, hash and sig of an entry whose other fields are set. -EINVAL as above. */
int audit_seal(struct audit_entry *a, const uint8_t prev[HASH_BYTES], struct signer *signer);
/* -EBADMSG: changed, or not the successor of `prev`. */
int audit_check(const struct audit_entry *a, const uint8_t prev[HASH_BYTES],
		const uint8_t sign_pk[32]);

/* A whole log, entry by entry. */
struct audit_chain {
	const uint8_t *sign_pk;   /* borrowed: the pinned one */
	uint64_t seq, epoch;      /* of the entry before; 0: none yet */
	uint8_t prev[HASH_BYTES]; /* its hash */
	const char *fault;        /* of a failed audit_chain_next: what is wrong, as text */
};
void audit_chain_init(struct audit_chain *c, const uint8_t store_id[16], const uint8_t sign_pk[32]);
/* Takes the next entry. -EBADMSG: one is missing before it, it was changed or moved, or it is
 * signed by another key: `fault` says which. After a fault the chain can't go on. */
int audit_chain_next(struct audit_chain *c, const struct audit_entry *a);

/* ---- details: one flat JSON object of texts and numbers, added in order. */
int audit_detail_text(struct buf *b, const char *key, const char *value);
int audit_detail_number(struct buf *b, const char *key, uint64_t value);
int audit_detail_hex(struct buf *b, const char *key, const void *p, size_t n);
int audit_detail_end(struct buf *b); /* an empty one is "{}" */
/* Takes the next member off *at (first: the whole text): 1 with key and value as text, 0 at the
 * end, -EBADMSG: not a text that the functions above make. */
int audit_detail_next(const char **at, struct buf *key, struct buf *value);

/* ---- the public key and receipts as other programs know them (docs/FORMAT.md "Receipt"). */
/* Appends the entry as a JSON object on one line, without its end (docs/SCRIPTING.md "audit show").
 */
int audit_entry_json(const struct audit_entry *a, struct buf *b);
/* SubjectPublicKeyInfo, PEM: what OpenSSL reads. Appends. */
int audit_key_pem(const uint8_t pk[32], struct buf *out);
/* What a receipt says of the erasure that `a` tells of: text, to be signed as it is. `session_hex`
 * (its id) may be NULL: of the whole batch. Appends. */
int audit_receipt_text(const struct audit_entry *a, const uint8_t store_id[16],
		       const uint8_t sign_pk[32], const char *session_hex, struct buf *out);
/* The signature below it, between lines of its own. Appends. */
int audit_receipt_seal(const uint8_t sig[SIGN_BYTES], struct buf *out);

#endif
