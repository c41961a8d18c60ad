/* keyslot.c: one root slot as bytes; see keyslot.h and docs/FORMAT.md "root".
 *
 * Three proofs, each against another fault: the signature, under a key that only the root leads to,
 * says that the store wrote these bytes (a box can be sealed to a public key by anybody); each
 * box's tag says that its root key belongs to this header; the commitment says that every recipient
 * gets the same root key (GCM alone can be made to open under two).
 *
 * (L1) a root key leaves keyslot_open only after the commitment was checked under it */
#include "redactfs/keyslot.h"

#include "crypto-priv.h"
#include "redactfs/le.h"

#include <string.h>

/* Offsets of docs/FORMAT.md. */
enum {
	AT_MAGIC = 0,
	AT_STORE_ID = 8,
	AT_EPOCH = 24,
	AT_HEIGHT = 32,
	AT_RECIPIENTS = 36,
	AT_ZEROS = 40,
	AT_COMMIT = 48,
	AT_BOXES = 80,
	AT_SIG = 4032,
	HEADER_BYTES = AT_COMMIT, /* what boxes and commitment are bound to */
	KEY_ID_BYTES = 8,
	BOX_BYTES = KEY_BYTES + SEALBOX_OVERHEAD,
	RCPT_BYTES = KEY_ID_BYTES + BOX_BYTES,
};
_Static_assert(AT_BOXES + LIMIT_OPERATORS * RCPT_BYTES <= AT_SIG, "all operators fit a slot");
_Static_assert(AT_SIG + SIGN_BYTES == SLOT_BYTES, "the signature ends the slot");

static const char magic[8] = "RFSROOT1"; /* the last digit is the format's number */
static const char box_info[] = "redactfs root";

static int key_id(const uint8_t pk[32], uint8_t out[KEY_ID_BYTES])
{
	uint8_t hash[HASH_BYTES];
	int r = sha256_once(pk, 32, hash);
	if (r < 0)
		return r;
	memcpy(out, hash, KEY_ID_BYTES);
	return 0;
}

static int commitment(const uint8_t root_key[KEY_BYTES], const uint8_t header[HEADER_BYTES],
		      uint8_t out[HASH_BYTES])
{
	CLEANUP(key_wipe) uint8_t k[KEY_BYTES];
	int r = derive(root_key, "redactfs slot commit", k);
	if (r < 0)
		return r;
	return hmac_sha256(k, sizeof(k), header, HEADER_BYTES, out);
}

int keyslot_encode(const struct slot_info *info, const uint8_t root_key[KEY_BYTES],
		   const struct slot_recipient *rcpt, size_t n, struct signer *signer,
		   uint8_t out[SLOT_BYTES])
{
	uint8_t slot[SLOT_BYTES] = {0};
	int r;

	if (n > LIMIT_OPERATORS)
		return -E2BIG;
	if (n == 0 || info->epoch == 0 || info->height > LIMIT_TREE_HEIGHT)
		return -EINVAL; /* a slot that nobody could open, or that peek refuses */
	memcpy(slot + AT_MAGIC, magic, sizeof(magic));
	memcpy(slot + AT_STORE_ID, info->store_id, sizeof(info->store_id));
	le64_put(slot + AT_EPOCH, info->epoch);
	le32_put(slot + AT_HEIGHT, info->height);
	le32_put(slot + AT_RECIPIENTS, (uint32_t)n);
	r = commitment(root_key, slot, slot + AT_COMMIT);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		uint8_t *at = slot + AT_BOXES + i * RCPT_BYTES;

		r = key_id(rcpt[i].pk, at);
		if (r < 0)
			return r;
		r = sealbox_seal(rcpt[i].pk, box_info, slot, HEADER_BYTES, root_key, KEY_BYTES,
				 at + KEY_ID_BYTES);
		if (r < 0)
			return r;
	}
	r = signer_sign(signer, slot, AT_SIG, slot + AT_SIG);
	if (r < 0)
		return r;
	memcpy(out, slot, SLOT_BYTES);
	return 0;
}

int keyslot_peek(const uint8_t slot[SLOT_BYTES], const uint8_t sign_pk[32], struct slot_info *ret)
{
	static const uint8_t zeros[AT_COMMIT - AT_ZEROS];
	struct slot_info info;

	if (memcmp(slot + AT_MAGIC, magic, sizeof(magic) - 1) != 0)
		return -ENODATA;
	if (slot[AT_MAGIC + sizeof(magic) - 1] != (uint8_t)magic[sizeof(magic) - 1])
		return -EPROTONOSUPPORT;
	int r = ed25519_verify(sign_pk, slot, AT_SIG, slot + AT_SIG);
	if (r < 0)
		return r;
	/* From here on the store itself wrote it: what we don't know is newer than us. */
	if (memcmp(slot + AT_ZEROS, zeros, sizeof(zeros)) != 0)
		return -EPROTONOSUPPORT;
	memcpy(info.store_id, slot + AT_STORE_ID, sizeof(info.store_id));
	info.epoch = le64_get(slot + AT_EPOCH);
	info.height = le32_get(slot + AT_HEIGHT);
	info.recipients = le32_get(slot + AT_RECIPIENTS);
	if (info.epoch == 0 || info.height > LIMIT_TREE_HEIGHT || info.recipients == 0 ||
	    info.recipients > LIMIT_OPERATORS)
		return -EBADMSG;
	*ret = info;
	return 0;
}

int keyslot_open(const uint8_t slot[SLOT_BYTES], const uint8_t op_sk[32],
		 struct secret **ret_root_key)
{
	CLEANUP_PTR(secret_free) struct secret *key = secret_new(KEY_BYTES);
	const uint32_t n = le32_get(slot + AT_RECIPIENTS);
	uint8_t pk[32], id[KEY_ID_BYTES], commit[HASH_BYTES];
	bool found = false;
	int r;

	if (!key)
		return -ENOMEM;
	if (n > LIMIT_OPERATORS)
		return -EBADMSG;
	r = x25519_public(op_sk, pk);
	if (r < 0)
		return r;
	r = key_id(pk, id);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *at = slot + AT_BOXES + i * RCPT_BYTES;

		if (memcmp(at, id, KEY_ID_BYTES) != 0)
			continue;
		found = true; /* a short id may be another's as well: go on when it doesn't open */
		r = sealbox_open(op_sk, box_info, slot, HEADER_BYTES, at + KEY_ID_BYTES, BOX_BYTES,
				 key->b);
		if (r == -EBADMSG)
			continue;
		if (r < 0)
			return r;
		r = commitment(key->b, slot, commit);
		if (r < 0)
			return r;
		if (!equal_ct(commit, slot + AT_COMMIT, sizeof(commit)))
			return -EBADMSG;
		*ret_root_key = TAKE(key); /* keeps L1 */
		return 0;
	}
	return found ? -EBADMSG : -EKEYREJECTED;
}
