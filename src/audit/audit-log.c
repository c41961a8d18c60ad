/* audit-log.c: one entry of the audit log: its place in the chain and its signature; see audit.h.
 */
#include "redactfs/audit.h"

#include "redactfs/le.h"

#include <string.h>

static int add_text(struct sha256 *h, const char *s, size_t size)
{
	size_t n = strnlen(s, size);
	uint8_t len[4];

	le32_put(len, (uint32_t)n);
	int r = sha256_add(h, len, sizeof(len));
	return r < 0 ? r : sha256_add(h, s, n);
}

/* The hash of docs/FORMAT.md "Audit". */
static int hash_of(const struct audit_entry *a, const uint8_t prev[HASH_BYTES],
		   uint8_t out[HASH_BYTES])
{
	static const char label[] = "redactfs audit";
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();
	uint8_t numbers[16];
	int r = h ? 0 : -ENOMEM;

	le64_put(numbers, a->seq);
	le64_put(numbers + 8, (uint64_t)a->at_ns);
	if (!r)
		r = sha256_add(h, label, sizeof(label) - 1);
	if (!r)
		r = sha256_add(h, numbers, sizeof(numbers));
	if (!r)
		r = add_text(h, a->kind, sizeof(a->kind));
	if (!r)
		r = add_text(h, a->operator_email, sizeof(a->operator_email));
	if (!r)
		r = add_text(h, a->detail, sizeof(a->detail));
	if (!r)
		r = sha256_add(h, prev, HASH_BYTES);
	return r ? r : sha256_end(h, out);
}

int audit_seal(struct audit_entry *a, const uint8_t prev[HASH_BYTES], const uint8_t sign_seed[32])
{
	uint8_t hash[HASH_BYTES], sig[SIGN_BYTES];

	int r = hash_of(a, prev, hash);
	if (!r)
		r = ed25519_sign(sign_seed, hash, sizeof(hash), sig);
	if (r < 0)
		return r;
	memcpy(a->prev, prev, sizeof(a->prev));
	memcpy(a->hash, hash, sizeof(a->hash));
	memcpy(a->sig, sig, sizeof(a->sig));
	return 0;
}

int audit_check(const struct audit_entry *a, const uint8_t prev[HASH_BYTES],
		const uint8_t sign_pk[32])
{
	uint8_t hash[HASH_BYTES];

	int r = hash_of(a, prev, hash);
	if (r < 0)
		return r;
	if (!equal_ct(prev, a->prev, HASH_BYTES) || !equal_ct(hash, a->hash, HASH_BYTES))
		return -EBADMSG;
	return ed25519_verify(sign_pk, hash, sizeof(hash), a->sig);
}
