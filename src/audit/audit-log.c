/* audit-log.c: one entry of the audit log; see audit.h and docs/FORMAT.md "Audit".
 *
 * The hash covers every field and the hash before, so that no entry can be changed, taken out or
 * moved without all later ones changing; the signature is over the hash alone, so that a receipt
 * can show one entry's hash and signature and be checked without the log. */
#include "redactfs/audit.h"

#include "redactfs/le.h"

#include <string.h>

/* Adds a text with its length before it. -EINVAL: it has no end within its field. */
static int add_text(struct sha256 *h, const char *s, size_t room)
{
	const size_t n = strnlen(s, room);
	uint8_t len[4];

	if (n == room)
		return -EINVAL;
	le32_put(len, (uint32_t)n);
	int r = sha256_add(h, len, sizeof(len));
	return r < 0 ? r : sha256_add(h, s, n);
}

int audit_hash(const struct audit_entry *a, const uint8_t prev[HASH_BYTES], uint8_t out[HASH_BYTES])
{
	static const char label[] = "redactfs audit";
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();
	uint8_t numbers[24];

	if (!h)
		return -ENOMEM;
	le64_put(numbers, a->seq);
	le64_put(numbers + 8, a->epoch);
	le64_put(numbers + 16, (uint64_t)a->at_ns);
	int r = sha256_add(h, label, sizeof(label) - 1);
	if (r == 0)
		r = sha256_add(h, numbers, sizeof(numbers));
	if (r == 0)
		r = add_text(h, a->kind, sizeof(a->kind));
	if (r == 0)
		r = add_text(h, a->operator_email, sizeof(a->operator_email));
	if (r == 0)
		r = add_text(h, a->detail, sizeof(a->detail));
	if (r == 0)
		r = sha256_add(h, prev, HASH_BYTES);
	return r < 0 ? r : sha256_end(h, out);
}

int audit_seal(struct audit_entry *a, const uint8_t prev[HASH_BYTES], struct signer *signer)
{
	uint8_t hash[HASH_BYTES], sig[SIGN_BYTES];
	int r = audit_hash(a, prev, hash);
	if (r < 0)
		return r;
	r = signer_sign(signer, hash, sizeof(hash), sig);
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

	if (memcmp(a->prev, prev, HASH_BYTES) != 0)
		return -EBADMSG;
	int r = audit_hash(a, prev, hash);
	if (r < 0)
		return r == -EINVAL ? -EBADMSG : r;
	if (memcmp(a->hash, hash, sizeof(hash)) != 0)
		return -EBADMSG;
	return ed25519_verify(sign_pk, hash, sizeof(hash), a->sig);
}
