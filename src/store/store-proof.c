/* store-proof.c: what stays known of an erasure: the audit entry, which sessions it was, that no
 * tombstone was taken away.
 *
 * (P1) an audit entry is of the same commit as the new root: it tells of what has happened, always
 * (P2) which sessions an entry speaks of is in `erased`, as keyed hashes of their ids; the entry
 * has the hash over them, so that none can be added, removed or filed under another entry (P3) an
 * entry has the sum over all tombstones there were, each counted through a keyed hash: who can
 * write to the catalog, but not open the store, can't take one away and balance it */
#include "store-priv.h"

#include "redactfs/le.h"

#include <stdlib.h>

int tombstone_sum_add(const struct store_keys *k, const uint8_t h[HASH_BYTES],
		      struct tombstone_sum *sum)
{
	uint8_t in[3 + HASH_BYTES] = "sum", d[HASH_BYTES];
	unsigned carry = 0;

	memcpy(in + 3, h, HASH_BYTES);
	int r = hmac_sha256(k->tombstone, sizeof(k->tombstone), in, sizeof(in), d);
	for (size_t i = 0; r == 0 && i < HASH_BYTES; i++) {
		carry += (unsigned)sum->v[i] + d[i];
		sum->v[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return r;
}

/* ---- the hash over the sessions of an entry */

static const char list_label[] = "redactfs erased";

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, LOOKUP_BYTES);
}

static int list_hash(const uint8_t (*ids)[LOOKUP_BYTES], size_t n, uint8_t out[HASH_BYTES])
{
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();

	if (!h)
		return -ENOMEM;
	int r = sha256_add(h, list_label, sizeof(list_label) - 1);
	if (r == 0 && n)
		r = sha256_add(h, ids, n * LOOKUP_BYTES);
	return r < 0 ? r : sha256_end(h, out);
}

/* ---- writing */

/* Sessions erased by one operator for one reason. */
struct run {
	char email[LIMIT_EMAIL_BYTES + 1];
	char reason[LIMIT_REASON_BYTES + 1];
	uint8_t (*ids)[LOOKUP_BYTES]; /* owned; room for all items */
	size_t n_ids;                 /* fewer than n where a row is missing */
	uint64_t n;
};

static void run_done(struct run *run)
{
	free(run->ids);
}

static int end_run(struct store_txn *t, struct run *run, uint64_t *seq)
{
	CLEANUP(buf_done) struct buf detail = {0};
	uint8_t hash[HASH_BYTES], sum[HASH_BYTES];

	if (!run->n)
		return 0;
	qsort(run->ids, run->n_ids, LOOKUP_BYTES, by_bytes);
	int r = list_hash((const uint8_t(*)[LOOKUP_BYTES])run->ids, run->n_ids, hash);
	if (r == 0)
		r = catalog_meta_hash_get(t->c, META_TOMBSTONES, sum);
	if (r == 0)
		r = audit_detail_text(&detail, "reason", run->reason);
	if (r == 0)
		r = audit_detail_number(&detail, "sessions", run->n);
	if (r == 0)
		r = audit_detail_text(&detail, "root", t->s->assurance.level);
	if (r == 0 && t->s->assurance.warnings[0])
		r = audit_detail_text(&detail, "root-warnings", t->s->assurance.warnings);
	if (r == 0)
		r = audit_detail_hex(&detail, "list", hash, sizeof(hash));
	if (r == 0)
		r = audit_detail_hex(&detail, "tombstones", sum, sizeof(sum));
	if (r == 0)
		r = audit_detail_end(&detail);
	if (r == 0)
		r = store_txn_audit(t, "erase", run->email, detail.p);
	if (r == 0)
		r = catalog_audit_last(t->c, seq, hash);
	for (size_t i = 0; r == 0 && i < run->n_ids; i++)
		r = catalog_erased_add(t->c, run->ids[i], *seq); /* keeps P2 */
	run->n = run->n_ids = 0;
	return r;
}

int store_proof_add(struct store_txn *t, const struct erase_item *items, size_t n,
		    uint64_t *ret_seq)
{
	CLEANUP(run_done) struct run run = {.ids = calloc(n ? n : 1, LOOKUP_BYTES)};
	struct catalog_intent in;
	int r = 0;

	if (!run.ids)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++) {
		bool there;

		r = catalog_intent_get(t->c, items[i].ino, &in);
		if (r < 0)
			return r == -ENOENT ? -EUCLEAN : r;
		if (run.n &&
		    (strcmp(run.email, in.operator_email) || strcmp(run.reason, in.reason)))
			r = end_run(t, &run, ret_seq);
		if (r == 0)
			r = catalog_session_id_h(t->c, items[i].ino, run.ids[run.n_ids]);
		there = r == 0;
		if (r == -ENOENT) /* damage: erased it is, but nobody can ask for it by its id */
			r = 0;
		memcpy(run.email, in.operator_email, sizeof(run.email));
		memcpy(run.reason, in.reason, sizeof(run.reason));
		run.n_ids += there;
		run.n++;
	}
	return r < 0 ? r : end_run(t, &run, ret_seq);
}

/* ---- reading */

/* The member `key` of an entry's detail, as text. -EBADMSG: it has none. */
static int detail_get(const struct audit_entry *a, const char *key, struct buf *value)
{
	CLEANUP(buf_done) struct buf k = {0};
	const char *at = a->detail;
	int r;

	while ((r = audit_detail_next(&at, &k, value)) > 0) {
		if (!strcmp(k.p, key))
			return 0;
	}
	return r < 0 ? r : -EBADMSG;
}

bool store_proof_has_list(const struct audit_entry *a)
{
	CLEANUP(buf_done) struct buf list = {0}, none = {0};
	uint8_t hash[HASH_BYTES];

	return !strcmp(a->kind, "erase") && detail_get(a, "list", &list) == 0 &&
	       list_hash(NULL, 0, hash) == 0 && buf_add_hex(&none, hash, sizeof(hash)) == 0 &&
	       strcmp(list.p, none.p) != 0;
}

struct listing {
	struct catalog_conn *c; /* borrowed */
	struct sha256 *h;       /* owned */
	uint64_t seq;           /* whose list is being added up; 0: none */
	uint64_t entries;       /* that have a list */
};

static void listing_done(struct listing *l)
{
	(void)sha256_free(l->h);
}

/* The list that was added up is the one that its entry was signed with. */
static int listing_end(struct listing *l)
{
	CLEANUP(buf_done) struct buf want = {0}, is = {0};
	struct audit_entry a;
	uint8_t hash[HASH_BYTES];

	if (!l->seq)
		return 0;
	int r = sha256_end(l->h, hash);
	if (r == 0)
		r = buf_add_hex(&is, hash, sizeof(hash));
	if (r == 0) {
		r = catalog_audit_get(l->c, l->seq, &a);
		r = r == -ENOENT ? -EBADMSG : r;
	}
	if (r == 0)
		r = detail_get(&a, "list", &want);
	l->entries++;
	return r < 0 ? r : strcmp(want.p, is.p) ? -EBADMSG : 0;
}

static int listing_begin(struct listing *l, uint64_t seq)
{
	l->seq = seq;
	if (!l->h && !(l->h = sha256_new()))
		return -ENOMEM;
	return sha256_add(l->h, list_label, sizeof(list_label) - 1);
}

static int listing_each(void *ctx, uint64_t seq, const uint8_t id_h[LOOKUP_BYTES])
{
	struct listing *l = ctx;
	int r = seq == l->seq ? 0 : listing_end(l);

	if (r == 0 && seq != l->seq)
		r = listing_begin(l, seq);
	return r < 0 ? r : sha256_add(l->h, id_h, LOOKUP_BYTES);
}

int store_proof_lists(struct catalog_conn *c, uint64_t seq, uint64_t *ret_entries,
		      uint64_t *ret_bad)
{
	CLEANUP(listing_done) struct listing l = {.c = c};
	int r = catalog_erased_walk(c, seq, listing_each, &l);

	if (r == 0)
		r = listing_end(&l);
	if (r == -EBADMSG)
		*ret_bad = l.seq;
	*ret_entries = l.entries;
	return r;
}

struct summing {
	const struct store_keys *k;
	struct tombstone_sum sum;
};

static int sum_each(void *ctx, const uint8_t h[HASH_BYTES], uint32_t kind)
{
	struct summing *x = ctx;

	(void)kind;
	return tombstone_sum_add(x->k, h, &x->sum);
}

int store_proof_tombstones(struct store *s, struct catalog_conn *c)
{
	CLEANUP(buf_done) struct buf want = {0}, is = {0};
	struct summing x = {.k = store_keys(s)};
	struct catalog_intent pending;
	struct audit_entry a;
	int r = catalog_tombstone_walk(c, sum_each, &x);

	if (r < 0)
		return r;
	r = catalog_intent_list(c, 0, &pending, 1);
	if (r != 0) /* tombstones of what no entry tells of yet */
		return r < 0 ? r : 1;
	r = catalog_audit_newest(c, "erase", 0, &a);
	if (r == 0)
		r = detail_get(&a, "tombstones", &want);
	if (r == -ENOENT) {
		static const struct tombstone_sum none;

		return memcmp(x.sum.v, none.v, sizeof(none.v)) ? -EBADMSG : 0;
	}
	if (r == 0)
		r = buf_add_hex(&is, x.sum.v, sizeof(x.sum.v));
	return r < 0 ? r : strcmp(want.p, is.p) ? -EBADMSG : 0;
}
