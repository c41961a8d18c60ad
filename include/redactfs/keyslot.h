/* keyslot.h: one root slot as bytes (docs/FORMAT.md "root"). Pure: no files, no clock.
 *
 * A slot carries the root key of one epoch, sealed to each operator, signed by the store's slot
 * key, and committed to by a hash under the root key. */
#ifndef REDACTFS_KEYSLOT_H
#define REDACTFS_KEYSLOT_H

#include "redactfs/crypto.h"
#include "redactfs/limits.h"

#define SLOT_BYTES 4096u

struct slot_recipient {
	uint8_t pk[32]; /* X25519 */
};

struct slot_info {
	uint8_t store_id[16];
	uint64_t epoch;      /* grows by one with every commit; slot number is epoch & 1 */
	uint32_t height;     /* levels of the key tree, leaf level included; 0: empty tree */
	uint32_t recipients; /* set by peek; encode takes its `n` */
};

/* Seals `root_key` to all recipients. -E2BIG: more than LIMIT_OPERATORS; -EINVAL: none, epoch 0, or
 * a height over LIMIT_TREE_HEIGHT; -EBADMSG: a public key that is none. */
int keyslot_encode(const struct slot_info *info, const uint8_t root_key[KEY_BYTES],
		   const struct slot_recipient *rcpt, size_t n, struct signer *signer,
		   uint8_t out[SLOT_BYTES]);
/* Checks magic, version, signature and bounds: what can be said without a private key.
 * -ENODATA: not a slot (overwritten, never written); -EBADMSG: torn or forged; -EPROTONOSUPPORT: of
 * a newer format. */
int keyslot_peek(const uint8_t slot[SLOT_BYTES], const uint8_t sign_pk[32], struct slot_info *ret);
/* After a peek: opens the root key for one operator and checks the commitment.
 * -EKEYREJECTED: not a recipient; -EBADMSG: sealed part or commitment wrong. */
int keyslot_open(const uint8_t slot[SLOT_BYTES], const uint8_t op_sk[32],
		 struct secret **ret_root_key);

#endif
