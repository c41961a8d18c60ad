/* store-operators.c: who may log in.
 *
 * An operator is a row of the epochs from `since` to before `until`. A change of them is a commit
 * of a new epoch, whose root key is sealed to those that are left and to nobody else, and whose old
 * slot is overwritten: from then on neither a removed operator nor a passphrase that was given up
 * opens the store, or any copy of its files that is made later (with the root of before they open
 * what that root opened: docs/ERASURE.md).
 *
 * (P1) there is always an admin, and always an officer: without them nobody could add operators, or
 *      open what is sealed, ever again
 * (P2) the reveal key goes from officer to officer only
 * (P3) a new passphrase comes with a new key pair */
#include "store-priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define ROLES_ALL (ROLE_VIEWER | ROLE_ERASER | ROLE_OFFICER | ROLE_ADMIN)

/* The operators of now, in a transaction of ours. */
struct change {
	struct store_txn t;
	struct catalog_operator *ops; /* owned */
	size_t n;
};

static void change_done(struct change *ch)
{
	store_txn_abort(&ch->t); /* does nothing after a commit */
	free(ch->ops);
}

static int change_begin(struct store *s, struct change *ch, struct errinfo *e)
{
	ch->ops = calloc(LIMIT_OPERATORS + 1, sizeof(*ch->ops));
	if (!ch->ops)
		return -ENOMEM;
	int r = store_txn_begin(s, CATALOG_WRITE, &ch->t, e);
	if (r < 0)
		return r;
	int n = catalog_operator_list(ch->t.c, s->epoch, 0, ch->ops, LIMIT_OPERATORS + 1);
	if (n < 0)
		return n;
	ch->n = (size_t)n;
	return 0;
}

/* As who logs in is found: capitals don't count. */
static struct catalog_operator *find(const struct change *ch, const char *email)
{
	for (size_t i = 0; i < ch->n; i++)
		if (!strcasecmp(ch->ops[i].email, email))
			return &ch->ops[i];
	return NULL;
}

/* Would the store be without an operator of this role, were it not for this one? */
static bool only_one(const struct change *ch, const struct catalog_operator *op, uint32_t role)
{
	size_t others = 0;

	for (size_t i = 0; i < ch->n; i++)
		others += ch->ops[i].id != op->id && (ch->ops[i].roles & role);
	return (op->roles & role) && !others;
}

void store_roles_format(uint32_t roles, char out[STORE_ROLES_BYTES])
{
	static const struct {
		enum role role;
		const char *name;
	} names[] = {{ROLE_VIEWER, "viewer"},
		     {ROLE_ERASER, "eraser"},
		     {ROLE_OFFICER, "officer"},
		     {ROLE_ADMIN, "admin"}};
	size_t at = 0;

	out[0] = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (roles & names[i].role)
			at += (size_t)snprintf(out + at, STORE_ROLES_BYTES - at, "%s%s",
					       at ? "," : "", names[i].name);
}

static int audit(struct change *ch, const char *kind, const char *email, uint32_t roles)
{
	CLEANUP(buf_done) struct buf detail = {0};
	char named[STORE_ROLES_BYTES];
	int r = audit_detail_text(&detail, "address", email);

	store_roles_format(roles, named);
	if (r == 0 && roles)
		r = audit_detail_text(&detail, "roles", named);
	if (r == 0)
		r = audit_detail_end(&detail);
	return r < 0 ? r : store_txn_audit(&ch->t, kind, ch->t.s->op.email, detail.p);
}

/* Scrypt takes half a second: before the store is locked. */
static int make(struct store *s, const char *email, uint32_t roles, const struct secret *passphrase,
		const struct scrypt_params *sp, struct catalog_operator *op, struct errinfo *e)
{
	const struct secret *reveal = s->login.reveal_sk;
	const struct operator_new n = {
		.email = email,
		.passphrase = passphrase,
		.scrypt = sp,
		.store_id = s->store_id,
		.slot_pk = s->login.slot_pk,
		.audit_pk = s->login.audit_pk,
		.reveal_sk = (roles & ROLE_OFFICER) && reveal ? reveal->b : NULL,
		.epoch = s->epoch,
	};
	int r = passphrase_check(passphrase, email, e);

	if (r < 0)
		return r;
	*op = (struct catalog_operator){.roles = roles};
	(void)snprintf(op->email, sizeof(op->email), "%s", email);
	r = operator_record_make(&n, op->record);
	return r < 0 ? err_set_errno(e, r, "cannot make the operator's keys") : 0;
}

int store_operator_add_with(struct store *s, const char *email, uint32_t roles,
			    const struct secret *passphrase, const struct scrypt_params *sp,
			    struct errinfo *e)
{
	CLEANUP(change_done) struct change ch = {0};
	struct catalog_operator op;

	if (!(s->op.roles & ROLE_ADMIN))
		return err_set(e, -EACCES, "only an admin may add operators");
	if (!roles || (roles & ~(uint32_t)ROLES_ALL))
		return err_set(e, -EINVAL,
			       "an operator has one or more of the roles viewer, eraser, "
			       "officer, admin");
	if ((roles & ROLE_OFFICER) && !s->login.reveal_sk) /* keeps P2 */
		return err_set(e, -EACCES,
			       "only an officer can make somebody an officer: the key "
			       "to what is sealed is theirs to hand on");
	int r = operator_email_check(email, e);
	if (r == 0)
		r = make(s, email, roles, passphrase, sp, &op, e);
	if (r == 0)
		r = change_begin(s, &ch, e);
	if (r == 0 && find(&ch, email))
		r = err_set(e, -EEXIST, "there is an operator %s already", find(&ch, email)->email);
	if (r == 0 && ch.n >= LIMIT_OPERATORS)
		r = err_set(e, -E2BIG, "over LIMIT_OPERATORS (%u) operators", LIMIT_OPERATORS);
	op.since = s->epoch + 1;
	if (r == 0)
		r = catalog_operator_add(ch.t.c, &op);
	if (r == 0)
		r = audit(&ch, "operator-add", email, roles);
	if (r == 0)
		r = store_txn_commit(&ch.t);
	return r < 0 ? err_set_errno(e, r, "cannot add the operator") : 0;
}

int store_operator_add(struct store *s, const char *email, uint32_t roles,
		       const struct secret *passphrase, struct errinfo *e)
{
	return store_operator_add_with(s, email, roles, passphrase, &scrypt_default, e);
}

static int remove_once(struct store *s, const char *email, char *ret_email, struct errinfo *e)
{
	CLEANUP(change_done) struct change ch = {0};
	const struct catalog_operator *op;

	if (!(s->op.roles & ROLE_ADMIN))
		return err_set(e, -EACCES, "only an admin may remove operators");
	int r = change_begin(s, &ch, e);
	if (r < 0)
		return err_set_errno(e, r, "cannot remove the operator");
	op = find(&ch, email);
	if (!op)
		return err_set(e, -ENOENT, "there is no operator %s", email);
	if (only_one(&ch, op, ROLE_ADMIN)) /* keeps P1 */
		return err_set(e, -EBUSY, "%s is the only admin", op->email);
	if (only_one(&ch, op, ROLE_OFFICER))
		return err_set(e, -EBUSY,
			       "%s is the only officer: nobody could open what is sealed",
			       op->email);
	r = catalog_operator_end(ch.t.c, op->id, s->epoch + 1);
	if (r == 0)
		r = audit(&ch, "operator-remove", op->email, 0);
	if (r == 0)
		r = store_txn_commit(&ch.t);
	if (r < 0)
		return err_set_errno(e, r, "cannot remove the operator");
	if (ret_email)
		memcpy(ret_email, op->email, sizeof(op->email));
	return 0;
}

int store_operator_remove(struct store *s, const char *email, char ret_email[LIMIT_EMAIL_BYTES + 1],
			  struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = remove_once(s, email, ret_email, e);
	while (room_more(&rm, r, e));
	return r;
}

static int passwd_once(struct store *s, const struct secret *passphrase,
		       const struct scrypt_params *sp, struct errinfo *e)
{
	CLEANUP(change_done) struct change ch = {0};
	struct catalog_operator op;

	if ((s->op.roles & ROLE_OFFICER) && !s->login.reveal_sk)
		return err_set(e, -EACCES,
			       "an officer's passphrase is changed by a login that opens "
			       "the reveal key");
	int r = make(s, s->op.email, s->op.roles, passphrase, sp, &op, e); /* keeps P3 */
	if (r == 0)
		r = change_begin(s, &ch, e);
	if (r < 0)
		return r;
	const struct catalog_operator *was = find(&ch, s->op.email);
	if (!was || was->id != s->op.id)
		return err_set(e, -EKEYREJECTED, "the operator was removed meanwhile");
	op.roles = was->roles;
	op.since = s->epoch + 1;
	r = catalog_operator_end(ch.t.c, was->id, s->epoch + 1);
	if (r == 0)
		r = catalog_operator_add(ch.t.c, &op);
	if (r == 0)
		r = audit(&ch, "operator-passwd", s->op.email, 0);
	if (r == 0)
		r = store_txn_commit(&ch.t);
	return r < 0 ? err_set_errno(e, r, "cannot change the passphrase") : 0;
}

int store_operator_passwd_with(struct store *s, const struct secret *passphrase,
			       const struct scrypt_params *sp, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = passwd_once(s, passphrase, sp, e);
	while (room_more(&rm, r, e));
	return r;
}

int store_operator_passwd(struct store *s, const struct secret *passphrase, struct errinfo *e)
{
	return store_operator_passwd_with(s, passphrase, &scrypt_default, e);
}

int store_operator_list(struct store *s, struct operator_row rows[LIMIT_OPERATORS])
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_FREE struct catalog_operator *ops = calloc(LIMIT_OPERATORS, sizeof(*ops));
	int r = ops ? store_refresh(s, NULL) : -ENOMEM;

	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r < 0)
		return r;
	int n = catalog_operator_list(c, s->epoch, 0, ops, LIMIT_OPERATORS);
	for (int i = 0; i < n; i++) {
		memcpy(rows[i].email, ops[i].email, sizeof(rows[i].email));
		rows[i].roles = ops[i].roles;
		rows[i].self = ops[i].id == s->op.id;
	}
	return n;
}
