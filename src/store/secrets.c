/* secrets.c: see secrets.h. The plaintext is 256 bytes with every field at its offset of FORMAT.md,
 * so the structs are laid over it. */
#include "secrets.h"

#include "operator-record.h"
#include "redactfs/le.h"

#define PLAIN_BYTES 256u
_Static_assert(sizeof(struct store_keys) == 192, "FORMAT.md: offset of operators");
_Static_assert(sizeof(struct store_keys) + sizeof(struct store_seal) == PLAIN_BYTES, "FORMAT.md");
_Static_assert(PLAIN_BYTES + TAG_BYTES == SECRETS_ROW_BYTES, "row");

static const char label[] = "redactfs store secrets";

static int cipher(const struct secret *root_key, const uint8_t store_id[16], uint64_t epoch,
		  struct aead **ret, uint8_t aad[24])
{
	uint8_t key[KEY_BYTES];
	int r = hkdf_expand(root_key->b, label, sizeof(label) - 1, key, sizeof(key));

	if (r == 0)
		r = aead_new(key, ret);
	wipe(key, sizeof(key));
	memcpy(aad, store_id, 16);
	le64_put(aad + 16, epoch);
	return r;
}

int store_secrets_seal(const uint8_t store_id[16], uint64_t epoch, const struct secret *root_key,
		       const struct store_keys *k, const struct store_seal *seal,
		       uint8_t out[SECRETS_ROW_BYTES])
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP_PTR(secret_free) struct secret *plain = secret_new(PLAIN_BYTES);
	uint8_t aad[24];

	if (!plain)
		return -ENOMEM;
	int r = cipher(root_key, store_id, epoch, &a, aad);
	if (r < 0)
		return r;
	memcpy(plain->b, k, sizeof(*k));
	memcpy(plain->b + sizeof(*k), seal, sizeof(*seal));
	return aead_seal(a, zeros, aad, sizeof(aad), plain->b, PLAIN_BYTES, out);
}

int store_secrets_open(const uint8_t store_id[16], uint64_t epoch, const struct secret *root_key,
		       const uint8_t in[SECRETS_ROW_BYTES], struct secret **ret_keys,
		       struct store_seal *ret_seal)
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	/* as long as the row: the tag is overwritten in passing */
	CLEANUP_PTR(secret_free) struct secret *plain = secret_new(SECRETS_ROW_BYTES);
	uint8_t aad[24];

	if (!plain)
		return -ENOMEM;
	int r = cipher(root_key, store_id, epoch, &a, aad);
	if (r == 0)
		r = aead_open(a, zeros, aad, sizeof(aad), in, SECRETS_ROW_BYTES, plain->b);
	if (r < 0)
		return r;
	struct secret *keys = secret_from(plain->b, sizeof(struct store_keys));
	if (!keys)
		return -ENOMEM;
	memcpy(ret_seal, plain->b + sizeof(struct store_keys), sizeof(*ret_seal));
	*ret_keys = keys;
	return 0;
}

int operators_hash(const struct catalog_operator *ops, size_t n, uint8_t out[HASH_BYTES])
{
	static const char head[] = "redactfs operators";
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();

	if (!h)
		return -ENOMEM;
	int r = sha256_add(h, head, sizeof(head) - 1);
	for (size_t i = 0; r == 0 && i < n; i++) {
		size_t len = strlen(ops[i].email);
		uint8_t fixed[8 + 4 + 32 + 4];

		le64_put(fixed, ops[i].id);
		le32_put(fixed + 8, ops[i].roles);
		memcpy(fixed + 12, operator_record_pk(ops[i].record), 32);
		le32_put(fixed + 44, (uint32_t)len);
		r = sha256_add(h, fixed, sizeof(fixed));
		if (r == 0)
			r = sha256_add(h, ops[i].email, len);
	}
	return r < 0 ? r : sha256_end(h, out);
}
