/* keytree-node.c: one node of the key tree as bytes; docs/FORMAT.md "Key tree".
 *
 * (N1) a node's key seals one node, once: whoever calls node_seal has just drawn it. That is what
 * makes the constant nonce safe. */
#include "keytree-priv.h"

#include "redactfs/le.h"

#include <string.h>

/* Offsets of docs/FORMAT.md. */
enum {
	AT_LEVEL = 4,
	AT_INDEX = 8,
	AT_EPOCH = 16,
	AT_STORE_ID = 32,
	HEADER_BYTES = 48,
	BITMAP_BYTES = 16, /* of the plaintext; the entries follow */
	LEAF_ENTRY = KEY_BYTES,
	INNER_ENTRY = KEY_BYTES + 8,
};
_Static_assert(HEADER_BYTES + NODE_PLAIN_BYTES + TAG_BYTES == NODE_BYTES, "a node is full");
_Static_assert(BITMAP_BYTES + LEAF_KEYS * LEAF_ENTRY == NODE_PLAIN_BYTES, "a leaf is full");
_Static_assert(BITMAP_BYTES + NODE_CHILDREN * INNER_ENTRY == NODE_PLAIN_BYTES,
	       "an inner node is full");

static const uint8_t zero_nonce[NONCE_BYTES];

static void header_put(uint8_t out[HEADER_BYTES], const uint8_t store_id[16],
		       const struct node_id *id)
{
	memset(out, 0, HEADER_BYTES);
	memcpy(out, "RFN1", 4);
	out[AT_LEVEL] = (uint8_t)id->level; /* at most LIMIT_TREE_HEIGHT - 1 */
	le64_put(out + AT_INDEX, id->index);
	le64_put(out + AT_EPOCH, id->epoch);
	memcpy(out + AT_STORE_ID, store_id, 16);
}

int node_seal(struct aead *a, const uint8_t store_id[16], const struct node_id *id,
	      const uint8_t key[KEY_BYTES], const uint8_t plain[NODE_PLAIN_BYTES],
	      uint8_t out[NODE_BYTES])
{
	int r = aead_rekey(a, key);
	if (r < 0)
		return r;
	header_put(out, store_id, id);
	return aead_seal(a, zero_nonce, out, HEADER_BYTES, plain, NODE_PLAIN_BYTES,
			 out + HEADER_BYTES);
}

int node_open(struct aead *a, const uint8_t store_id[16], const struct node_id *id,
	      const uint8_t key[KEY_BYTES], const uint8_t in[NODE_BYTES],
	      uint8_t plain[NODE_PLAIN_BYTES])
{
	const unsigned entries = id->level ? NODE_CHILDREN : LEAF_KEYS;
	uint8_t want[HEADER_BYTES];

	header_put(want, store_id, id);
	wipe(plain, NODE_PLAIN_BYTES);
	if (memcmp(in, want, HEADER_BYTES) != 0)
		return -EBADMSG;
	int r = aead_rekey(a, key);
	if (r < 0)
		return r;
	r = aead_open(a, zero_nonce, want, HEADER_BYTES, in + HEADER_BYTES,
		      NODE_PLAIN_BYTES + TAG_BYTES, plain);
	if (r < 0)
		return r;
	for (unsigned i = entries; i < BITMAP_BYTES * 8; i++) {
		if (node_has(plain, i)) { /* sealed by us, but no node of this format */
			wipe(plain, NODE_PLAIN_BYTES);
			return -EBADMSG;
		}
	}
	return 0;
}

bool node_has(const uint8_t *plain, unsigned i)
{
	return plain[i >> 3] >> (i & 7) & 1;
}

static void bit_set(uint8_t *plain, unsigned i, bool on)
{
	const uint8_t bit = (uint8_t)(1u << (i & 7));

	plain[i >> 3] = (uint8_t)(on ? plain[i >> 3] | bit : plain[i >> 3] & ~bit);
}

bool node_is_empty(const uint8_t *plain)
{
	static const uint8_t none[BITMAP_BYTES];

	return memcmp(plain, none, BITMAP_BYTES) == 0;
}

void leaf_get(const uint8_t *plain, unsigned i, uint8_t out[KEY_BYTES])
{
	memcpy(out, plain + BITMAP_BYTES + (size_t)i * LEAF_ENTRY, KEY_BYTES);
}

void leaf_put(uint8_t *plain, unsigned i, const uint8_t key[KEY_BYTES])
{
	memcpy(plain + BITMAP_BYTES + (size_t)i * LEAF_ENTRY, key, KEY_BYTES);
	bit_set(plain, i, true);
}

void leaf_clear(uint8_t *plain, unsigned i)
{
	wipe(plain + BITMAP_BYTES + (size_t)i * LEAF_ENTRY, LEAF_ENTRY);
	bit_set(plain, i, false);
}

void inner_get(const uint8_t *plain, unsigned i, struct node_link *ret)
{
	const uint8_t *at = plain + BITMAP_BYTES + (size_t)i * INNER_ENTRY;

	ret->there = node_has(plain, i);
	memcpy(ret->key, at, KEY_BYTES);
	ret->epoch = le64_get(at + KEY_BYTES);
}

void inner_set(uint8_t *plain, unsigned i, const struct node_link *l)
{
	uint8_t *at = plain + BITMAP_BYTES + (size_t)i * INNER_ENTRY;

	if (l->there) {
		memcpy(at, l->key, KEY_BYTES);
		le64_put(at + KEY_BYTES, l->epoch);
	} else {
		wipe(at, INNER_ENTRY);
	}
	bit_set(plain, i, l->there);
}
