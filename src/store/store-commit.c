/* store-commit.c: how anything in a store changes.
 *
 * A change of rows is one transaction. A change of keys is four durable steps, because the catalog
 * and the root slots can't commit together:
 *   1. one transaction: the new nodes and secrets beside the old ones, and the rows that belong to
 *      the change; the old root still holds, so nothing of it counts yet
 *   2. the new root slot: the point of no return
 *   3. the old root slot is overwritten: what only it led to is gone
 *   4. superseded nodes and secrets go, with whatever transaction comes next: of the next change,
 *      or of store_tidy, relaxed; lost, it is done again at open
 *
 * (K1) before 2 a crash leaves the old root, and rows of an epoch beyond it are removed by the next
 *      transaction that gets the lock (catalog_unwind); entries of the audit log about rows that
 *      hold nevertheless become part of the next commit (store_audit_unwind)
 * (K2) after 2 a crash leaves the new root, and store_open does 3 and 4 again
 * (K3) the root key is sealed to exactly the operators that the store secrets vouch for, and to
 *      those that this very transaction added
 * (K4) the change counter is raised after what it tells of is durable
 * (K5) an entry of the audit log is of the epoch that it is committed with, and the newest one's
 * hash is in that epoch's secrets: no entry can be cut off, and none tells of what never happened
 */
#include "store-priv.h"

#include <stdio.h>

/* ---- transactions */

static void txn_end(struct store_txn *t)
{
	t->s->wconn = NULL;
	t->c = catalog_put(t->c); /* rolls back what wasn't committed */
	store_unlock_write(t->s->lock);
}

void store_txn_abort(struct store_txn *t)
{
	if (t->c)
		txn_end(t);
}

int store_shred_due(struct store *s, struct errinfo *e)
{
	if (!s->shred_due)
		return 0;
	int r = rootholder_shred(s->root, (unsigned)((s->epoch + 1) & 1));
	if (r < 0)
		return err_set_errno(e, r, "cannot overwrite the old root slot");
	s->shred_due = false;
	return 0;
}

/* Step 4 of the commit before. What fails here is tried again by the next transaction, and is no
 * reason to fail this one. */
static void settle(struct store_txn *t)
{
	struct store *s = t->s;
	int r = catalog_settle(t->c, s->epoch);

	if (r == 0)
		r = store_epoch_seen(s, t->c, s->epoch);
	t->settles = r == 0;
}

static int begin(struct store_txn *t, enum catalog_mode mode, struct errinfo *e)
{
	struct store *s = t->s;
	uint64_t counter = 0, newest = 0;
	bool late = false;
	int r = rootholder_ready(s->root, e);

	if (r == 0)
		r = store_root_same(s, e);
	if (r == 0)
		r = store_root_refresh_locked(s, e);
	if (r < 0)
		return r;
	r = store_wtree_follow(s);
	if (r == 0)
		r = store_shred_due(s, e);
	if (r == 0)
		r = catalog_get_writer(s->cat, &t->c);
	if (r == 0)
		r = catalog_begin(t->c, mode);
	if (r == 0)
		r = catalog_unwind(t->c, s->epoch); /* keeps K1 */
	if (r == 0)
		r = store_audit_unwind(s, t->c, &late);
	if (r == 0 && s->settle_due)
		settle(t);
	if (r == 0)
		r = store_counter_get(s->lock, &counter);
	if (r == 0)
		r = catalog_change_newest(t->c, &newest);
	if (r < 0)
		return err_set_errno(e, r, "cannot begin a change of the store");
	t->seq = counter > newest ? counter : newest;
	t->now_ns = store_now_ns();
	t->audited = late && mode == CATALOG_WRITE; /* a root needs rows that are durable */
	s->wconn = t->c;
	return 0;
}

int store_txn_begin(struct store *s, enum catalog_mode mode, struct store_txn *ret,
		    struct errinfo *e)
{
	struct store_txn t = {.s = s};
	int r = store_lock_write(s->lock);

	if (r < 0)
		return err_set_errno(e, r, "cannot lock the store");
	r = begin(&t, mode, e);
	if (r < 0) {
		txn_end(&t);
		return r;
	}
	*ret = t;
	return 0;
}

/* Keeps K4. A sign that isn't given is made good by the next one: no reason to fail a commit. */
void store_txn_announce(struct store_txn *t)
{
	(void)store_counter_set(t->s->lock, ++t->seq);
}

static int commit_rows(struct store_txn *t)
{
	struct store *s = t->s;
	int r = catalog_change_trim(t->c);

	if (r == 0)
		r = catalog_commit(t->c);
	if (r < 0)
		return r;
	if (t->settles)
		s->settle_due = false;
	s->n_done -= t->takes_done;
	atomic_store(&s->untidy, s->settle_due || s->n_done);
	return 0;
}

int store_txn_commit(struct store_txn *t)
{
	uint64_t epoch;

	if (t->audited)
		return store_txn_commit_keys(t, NULL, 0, &epoch, NULL);
	int r = commit_rows(t);
	if (r == 0)
		store_txn_announce(t);
	txn_end(t);
	return r;
}

int store_txn_change(struct store_txn *t, enum change_kind kind, uint64_t ino, uint64_t day_id,
		     uint64_t site_id)
{
	const struct catalog_change ch = {
		.seq = ++t->seq,
		.kind = kind,
		.ino = ino,
		.day_id = day_id,
		.site_id = site_id,
	};

	return catalog_change_add(t->c, &ch);
}

static int make_signers(struct store *s)
{
	int r = 0;

	if (!s->audit_signer)
		r = signer_new(store_keys(s)->audit_seed, &s->audit_signer);
	if (r == 0 && !s->slot_signer)
		r = signer_new(store_keys(s)->slot_seed, &s->slot_signer);
	return r;
}

int store_txn_audit(struct store_txn *t, const char *kind, const char *email, const char *detail)
{
	struct audit_entry a = {.at_ns = t->now_ns, .epoch = t->s->epoch + 1};
	uint8_t prev[HASH_BYTES] = {0};
	int r = catalog_audit_last(t->c, &a.seq, prev);

	if (r == -ENOENT) {
		memcpy(prev, t->s->store_id, sizeof(t->s->store_id));
		r = 0;
	}
	if (r < 0)
		return r;
	a.seq++;
	if ((size_t)snprintf(a.kind, sizeof(a.kind), "%s", kind) >= sizeof(a.kind) ||
	    (size_t)snprintf(a.operator_email, sizeof(a.operator_email), "%s", email) >=
		    sizeof(a.operator_email) ||
	    (size_t)snprintf(a.detail, sizeof(a.detail), "%s", detail) >= sizeof(a.detail))
		return -E2BIG;
	r = make_signers(t->s);
	if (r == 0)
		r = audit_seal(&a, prev, t->s->audit_signer);
	if (r == 0)
		r = catalog_audit_add(t->c, &a);
	t->audited |= r == 0;
	return r;
}

/* ---- keys */

/* Operators of an epoch, all of them. */
static int operators_of(struct catalog_conn *c, uint64_t epoch, struct catalog_operator *ops,
			size_t *ret_n, uint8_t hash[HASH_BYTES])
{
	int n = catalog_operator_list(c, epoch, 0, ops, LIMIT_OPERATORS + 1);

	if (n < 0)
		return n;
	if (n == 0 || n > (int)LIMIT_OPERATORS)
		return -EUCLEAN;
	*ret_n = (size_t)n;
	return operators_hash(ops, (size_t)n, hash);
}

/* Keeps K3. begin() removed every row that says it begins with an epoch to come, so those of the
 * next epoch that weren't there before are this transaction's own. */
static int recipients(struct store_txn *t, uint64_t epoch, struct slot_recipient *rcpt,
		      size_t *ret_n, uint8_t hash[HASH_BYTES], struct errinfo *e)
{
	CLEANUP_FREE struct catalog_operator *ops = calloc(LIMIT_OPERATORS + 1, sizeof(*ops));
	uint8_t now[HASH_BYTES];

	if (!ops)
		return -ENOMEM;
	int r = operators_of(t->c, epoch - 1, ops, ret_n, now);
	if (r == 0 && !equal_ct(now, t->s->seal.operators, sizeof(now)))
		r = -EBADMSG;
	if (r < 0)
		return err_set(e, r, "the operators in catalog.db aren't those the store knows");
	r = operators_of(t->c, epoch, ops, ret_n, hash);
	for (size_t i = 0; r == 0 && i < *ret_n; i++)
		memcpy(rcpt[i].pk, operator_record_pk(ops[i].record), sizeof(rcpt[i].pk));
	return r;
}

/* The rows and the slot of the epoch that wtree now stands at. */
static int prepare(struct store_txn *t, struct store_seal *seal, uint8_t slot[SLOT_BYTES],
		   struct errinfo *e)
{
	struct store *s = t->s;
	const struct secret *root = keytree_root_key(s->wtree);
	struct slot_recipient rcpt[LIMIT_OPERATORS];
	struct slot_info info = {
		.epoch = keytree_epoch(s->wtree),
		.height = keytree_height(s->wtree),
	};
	uint8_t row[SECRETS_ROW_BYTES];
	uint64_t seq;
	size_t n = 0;
	int r = recipients(t, info.epoch, rcpt, &n, seal->operators, e);

	if (r == 0)
		r = catalog_audit_last(t->c, &seq, seal->audit_head);
	if (r == 0)
		r = store_secrets_seal(s->store_id, info.epoch, root, store_keys(s), seal, row);
	if (r == 0)
		r = catalog_secrets_put(t->c, info.epoch, row);
	if (r == 0)
		r = make_signers(s);
	info.recipients = (uint32_t)n;
	memcpy(info.store_id, s->store_id, sizeof(info.store_id));
	if (r == 0)
		r = keyslot_encode(&info, root->b, rcpt, n, s->slot_signer, slot);
	return r;
}

int store_epoch_seen(struct store *s, struct catalog_conn *c, uint64_t epoch)
{
	struct catalog_operator op;
	int r = catalog_operator_list(c, epoch, s->op.id - 1, &op, 1);

	/* removed meanwhile, or with another key: not ours to write to */
	if (r <= 0 || op.id != s->op.id ||
	    memcmp(operator_record_pk(op.record), operator_record_pk(s->op.record), 32) != 0)
		return r < 0 ? r : 0;
	r = operator_record_see(op.record, s->login.epoch_key, epoch);
	return r < 0 ? r : catalog_operator_update(c, op.id, op.record);
}

/* The new slot could not be made durable: whatever it holds now must not count. */
static int give_up_slot(struct store_txn *t, unsigned slot, int why, struct errinfo *e)
{
	struct store *s = t->s;
	int r = keytree_rollback(s->wtree);

	s->shred_due = true; /* until this succeeded, nothing else is written */
	if (r == 0 && rootholder_shred(s->root, slot) == 0)
		s->shred_due = false;
	return err_set_errno(e, why, "cannot write the root slot");
}

/* What the slots hold now is what this commit has written: the next look at them needn't verify it
 * again. Under [W], which keeps others from writing. */
static void remember_slots(struct store *s)
{
	uint8_t now[ROOT_SLOTS][SLOT_BYTES];

	for (unsigned i = 0; i < ROOT_SLOTS; i++) {
		if (rootholder_read(s->root, i, now[i]) < 0)
			return; /* then it is verified */
	}
	pthread_mutex_lock(&s->root_mtx);
	memcpy(s->slots, now, sizeof(s->slots));
	pthread_mutex_unlock(&s->root_mtx);
}

/* Steps 2 and 3. */
static int write_slots(struct store_txn *t, const struct store_seal *seal,
		       const uint8_t slot[SLOT_BYTES], struct errinfo *e)
{
	struct store *s = t->s;
	unsigned mine = (unsigned)(s->wepoch & 1);
	int r = rootholder_write(s->root, mine, slot);

	if (r < 0)
		return give_up_slot(t, mine, r, e);
	store_step("slot written");
	keytree_settle(s->wtree);
	s->shred_due = s->settle_due = true;
	atomic_store(&s->untidy, true);
	pthread_mutex_lock(&s->root_mtx);
	pthread_mutex_lock(&s->keys_mtx);
	r = keytree_advance(s->tree, keytree_root_key(s->wtree), s->wepoch,
			    keytree_height(s->wtree));
	if (r == 0) {
		s->epoch = s->wepoch;
		s->seal = *seal;
	}
	pthread_mutex_unlock(&s->keys_mtx);
	pthread_mutex_unlock(&s->root_mtx);
	if (r < 0)
		return err_set_errno(e, r, "cannot take over the new root");
	r = store_shred_due(s, e);
	if (r == 0)
		remember_slots(s);
	return r;
}

int store_txn_commit_keys(struct store_txn *t, struct keytree_change *changes, size_t n,
			  uint64_t *ret_epoch, struct errinfo *e)
{
	struct store *s = t->s;
	struct store_seal seal;
	uint8_t slot[SLOT_BYTES];

	s->wepoch = s->epoch + 1;
	int r = keytree_commit(s->wtree, changes, n);
	if (r == 0) {
		r = prepare(t, &seal, slot, e);
		if (r == 0)
			r = commit_rows(t);
		if (r < 0)
			(void)keytree_rollback(s->wtree); /* or else the next transaction's
							   * store_wtree_follow puts it right */
	}
	if (r < 0) {
		txn_end(t);
		return err_set_errno(e, r, "cannot write the new keys");
	}
	if (t->durable)
		t->durable(t, t->ctx);
	store_step("nodes written");
	r = write_slots(t, &seal, slot, e);
	if (r == 0) {
		store_step("old slot overwritten");
		*ret_epoch = s->wepoch;
		store_txn_announce(t);
	}
	txn_end(t);
	return r;
}
