/* store-audit.c: the audit log of a store, and receipts.
 *
 * What is believed of the log rests on the root: the hash of the newest entry is in the secrets of
 * each epoch. A look at it must see catalog and root of one commit, without keeping writers out. */
#include "store-priv.h"

#define PAGE 64u

/* Of a commit that was cut off between its rows and its root (store-commit.c, K1). What needs the
 * new root never happened, and its entry goes with the rest: an import, an erasure (which is done
 * again, and says so again), a change of operators; what would have come after its entry, as an
 * export, hasn't come. But the rows of these hold without a root. Their entry is of the very epoch
 * that the next commit will have: it becomes part of that one, not a byte changed. Nobody can make
 * one who can't open the store: it is signed, and follows on the entry that the root knows. */
static bool holds_without_root(const char *kind)
{
	static const char *const kinds[] = {"hold",         "hold-end", "restrict",
					    "restrict-end", "policy",   "policy-apply"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kind, kinds[i]))
			return true;
	}
	return false;
}

int store_audit_unwind(struct store *s, struct catalog_conn *c, bool *ret_late)
{
	uint8_t head[HASH_BYTES], last_hash[HASH_BYTES];
	uint64_t seq = 0, last = 0;
	bool late = false;
	int r = catalog_audit_end(c, s->epoch, &seq);

	if (r == 0 || r == -ENOENT)
		r = catalog_audit_last(c, &last, last_hash);
	if (r < 0 && r != -ENOENT)
		return r;
	memcpy(head, s->seal.audit_head, sizeof(head));
	for (; seq < last; seq++) {
		struct audit_entry a;

		r = catalog_audit_get(c, seq + 1, &a);
		if (r == 0 && (a.epoch != s->epoch + 1 || !holds_without_root(a.kind)))
			break;
		if (r == 0)
			r = audit_check(&a, head, s->login.audit_pk);
		if (r == -ENOENT || r == -EUCLEAN || r == -EBADMSG)
			break;
		if (r < 0)
			return r;
		memcpy(head, a.hash, sizeof(head));
		late = true;
	}
	*ret_late = late;
	return seq < last ? catalog_audit_cut(c, seq) : 0;
}

static int late_once(struct store *s)
{
	struct store_txn t;
	int r = store_txn_begin(s, CATALOG_WRITE, &t, NULL);

	if (r < 0)
		return r;
	if (t.audited)
		return store_txn_commit(&t);
	store_txn_abort(&t); /* somebody else was faster */
	return 0;
}

int store_audit_late(struct store *s)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = late_once(s);
	while (room_more(&rm, r, NULL));
	return r;
}

static int audit_once(struct store *s, const char *kind, const char *detail)
{
	struct store_txn t;
	int r = store_txn_begin(s, CATALOG_WRITE, &t, NULL);

	if (r < 0)
		return r;
	r = store_txn_audit(&t, kind, s->op.email, detail);
	if (r == 0)
		return store_txn_commit(&t);
	store_txn_abort(&t);
	return r;
}

int store_audit(struct store *s, const char *kind, const char *detail)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = audit_once(s, kind, detail);
	while (room_more(&rm, r, NULL));
	return r;
}

int store_audit_time(struct store *s, int64_t *ret_ns)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : catalog_audit_time(c, ret_ns);
}

int store_audit_list(struct store *s, uint64_t after, struct audit_entry *rows, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : catalog_audit_list(c, after, rows, n);
}

void store_audit_key(const struct store *s, uint8_t ret_pk[32])
{
	memcpy(ret_pk, s->login.audit_pk, 32);
}

void store_id_get(const struct store *s, uint8_t ret[16])
{
	memcpy(ret, s->store_id, sizeof(s->store_id));
}

/* ---- checking */

int store_snapshot(struct store *s, struct catalog_conn *c, uint64_t *ret_epoch,
		   struct store_seal *ret_seal, struct errinfo *e)
{
	uint64_t newest;
	int r;

	for (;;) {
		r = catalog_begin(c, CATALOG_READ);
		if (r == 0) /* the snapshot is taken by the first read */
			r = catalog_secrets_newest(c, &newest);
		if (r < 0)
			return err_set_errno(e, r, "cannot read the catalog");
		r = store_root_refresh(s, e);
		if (r < 0)
			return r;
		pthread_mutex_lock(&s->root_mtx);
		pthread_mutex_lock(&s->keys_mtx);
		*ret_epoch = s->epoch;
		*ret_seal = s->seal;
		pthread_mutex_unlock(&s->keys_mtx);
		pthread_mutex_unlock(&s->root_mtx);
		if (newest >= *ret_epoch)
			return 0;
		catalog_rollback(c); /* a commit went between: look again */
	}
}

static int check_entries(struct store *s, struct catalog_conn *c, uint64_t epoch,
			 const struct store_seal *seal, struct audit_report *ret,
			 uint64_t *ret_lists, struct errinfo *e)
{
	struct audit_entry rows[PAGE];
	struct audit_chain chain;
	bool head = false, over = false;
	int n;

	audit_chain_init(&chain, s->store_id, s->login.audit_pk);
	do {
		n = catalog_audit_list(c, chain.seq, rows, PAGE);
		for (int i = 0; i < n && !over; i++) {
			over = rows[i].epoch > epoch; /* of a commit that isn't, or not yet */
			if (over)
				break;
			ret->bad = rows[i].seq;
			if (head)
				return err_set(e, -EBADMSG,
					       "audit log: entry %llu was added from outside: the "
					       "store's newest is %llu",
					       (unsigned long long)rows[i].seq,
					       (unsigned long long)chain.seq);
			int r = audit_chain_next(&chain, &rows[i]);
			if (r < 0)
				return err_set(e, r, "audit log: entry %llu: %s",
					       (unsigned long long)rows[i].seq,
					       chain.fault ? chain.fault : "cannot be checked");
			*ret_lists += store_proof_has_list(&rows[i]);
			ret->entries = chain.seq;
			memcpy(ret->head, chain.prev, sizeof(ret->head));
			head = !memcmp(chain.prev, seal->audit_head, HASH_BYTES);
		}
	} while (n == (int)PAGE && !over);
	if (n < 0)
		return err_set_errno(e, n, "cannot read the audit log");
	ret->bad = head ? 0 : chain.seq + 1;
	return head ? 0
		    : err_set(e, -EBADMSG,
			      "audit log: it ends with entry %llu, and the store knows a newer "
			      "one: "
			      "entries were cut off",
			      (unsigned long long)chain.seq);
}

int store_audit_verify(struct store *s, struct audit_report *ret, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct store_seal seal;
	uint64_t epoch, told = 0, lists = 0, bad = 0;
	int r = catalog_get(s->cat, &c);

	*ret = (struct audit_report){0};
	if (r < 0)
		return err_set_errno(e, r, "cannot read the catalog");
	r = store_snapshot(s, c, &epoch, &seal, e);
	if (r == 0)
		r = check_entries(s, c, epoch, &seal, ret, &told, e);
	if (r < 0)
		return r;
	r = store_proof_lists(c, 0, &lists, &bad);
	if (r == -EBADMSG) {
		ret->bad = bad;
		return err_set(e, r,
			       "erased sessions of entry %llu aren't those that it was signed "
			       "with",
			       (unsigned long long)bad);
	}
	if (r == 0 && lists != told)
		return err_set(e, -EBADMSG,
			       "the erased sessions of %lld entries of the audit log are missing",
			       (long long)(told - lists));
	if (r == 0)
		r = store_proof_tombstones(s, c);
	if (r == -EBADMSG)
		return err_set(e, r, "tombstones aren't those that the audit log was signed with");
	return r < 0 ? err_set_errno(e, r, "cannot check the audit log") : 0;
}

/* ---- receipts */

static int no_erasure(struct store *s, const struct session_id *id, struct errinfo *e)
{
	struct session_row row;

	/* which are restricted is for officers to know */
	if (id && store_session_by_id(s, id, &row) == 0 &&
	    (row.state != SESSION_RESTRICTED || (s->op.roles & ROLE_OFFICER)))
		return err_set(e, -EEXIST, "the session is there: it was not erased");
	return err_set(e, -ENOENT, "no erasure of that %s", id ? "session" : "number");
}

int store_receipt(struct store *s, uint64_t seq, const struct session_id *id, struct buf *ret_text,
		  uint8_t ret_sig[SIGN_BYTES], struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	char hex[SESSION_ID_HEX + 1];
	uint8_t id_h[LOOKUP_BYTES];
	struct audit_entry a;
	struct store_seal seal;
	uint64_t epoch, lists, bad;
	size_t from = ret_text->len;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = store_snapshot(s, c, &epoch, &seal, e);
	if (r == 0 && id) {
		session_id_format(id, hex);
		r = lookup_id(store_keys(s), id, id_h);
		if (r == 0)
			r = catalog_erased_find(c, id_h, &seq);
	}
	if (r == 0)
		r = catalog_audit_get(c, seq, &a);
	if (r == -ENOENT || (r == 0 && (strcmp(a.kind, "erase") != 0 || a.epoch > epoch)))
		return no_erasure(s, id, e);
	/* our own seal of a certificate is only as good as what it is made from */
	if (r == 0)
		r = audit_check(&a, a.prev, s->login.audit_pk);
	if (r == 0)
		r = store_proof_lists(c, seq, &lists, &bad);
	if (r == -EBADMSG)
		return err_set(e, r,
			       "entry %llu of the audit log, or its list of sessions, was "
			       "changed",
			       (unsigned long long)seq);
	if (r == 0)
		r = audit_receipt_text(&a, s->store_id, s->login.audit_pk, id ? hex : NULL,
				       ret_text);
	if (r == 0)
		r = ed25519_sign(store_keys(s)->audit_seed, ret_text->p + from,
				 ret_text->len - from, ret_sig);
	return r < 0 ? err_set_errno(e, r, "cannot make a receipt") : 0;
}

int store_receipt_newest(struct store *s, uint64_t epoch, uint64_t *ret_seq)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct audit_entry a;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_audit_newest(c, "erase", epoch, &a);
	*ret_seq = r == 0 ? a.seq : 0;
	return r == -ENOENT ? 0 : r;
}
