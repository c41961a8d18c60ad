/* audit-verify.c: a whole log: nothing changed, missing, moved or signed by somebody else. What it
 * can't see by itself is a log that ends too early: the store keeps the hash of the newest entry
 * under its root (docs/FORMAT.md "Store secrets"). */
#include "redactfs/audit.h"

#include <string.h>

void audit_chain_init(struct audit_chain *c, const uint8_t store_id[16], const uint8_t sign_pk[32])
{
	*c = (struct audit_chain){.sign_pk = sign_pk};
	memcpy(c->prev, store_id, 16);
}

static int broken(struct audit_chain *c, const char *fault)
{
	c->fault = fault;
	return -EBADMSG;
}

int audit_chain_next(struct audit_chain *c, const struct audit_entry *a)
{
	/* numbers first: they say it best when entries were taken out or put in another order */
	if (a->seq != c->seq + 1)
		return broken(c, a->seq > c->seq + 1 ? "entries are missing before it"
						     : "it is out of order");
	if (memcmp(a->prev, c->prev, HASH_BYTES) != 0)
		return broken(c, "it doesn't follow on the entry before it");
	int r = audit_check(a, c->prev, c->sign_pk);
	if (r == -EBADMSG) {
		uint8_t hash[HASH_BYTES];

		r = audit_hash(a, c->prev, hash);
		return r == 0 && !memcmp(hash, a->hash, HASH_BYTES)
			       ? broken(c, "it is signed by another key than the store's")
			       : broken(c, "it was changed");
	}
	if (r < 0)
		return r;
	if (a->epoch < c->epoch)
		return broken(c, "it is of an older commit than the entry before it");
	c->seq = a->seq;
	c->epoch = a->epoch;
	memcpy(c->prev, a->hash, HASH_BYTES);
	return 0;
}
