/* store-policy.c: a site's policy as a sealed row. Policies belong to names, not to site rows: a
 * site that was emptied and removed keeps its rules for the next recording.
 *
 * All that were ever set are kept, by number: a session says under which one it was made, and what
 * holds for it is the strictest of that one and all since. A row that is missing is an error: what
 * it hid must not show because of it. */
#include "store-priv.h"

#include "redactfs/le.h"
#include "redactfs/site.h"

#include <stdio.h>

static const char label[] = "redactfs policy";

static int cipher(struct store *s, uint64_t seq, const char *site, struct aead **ret,
		  struct buf *aad)
{
	uint8_t key[KEY_BYTES], le[8];
	int r = hkdf_expand(store_keys(s)->catalog, label, sizeof(label) - 1, key, sizeof(key));

	if (r == 0)
		r = aead_new(key, ret);
	wipe(key, sizeof(key));
	le64_put(le, seq);
	if (r == 0)
		r = buf_add(aad, "policy", 6);
	if (r == 0)
		r = buf_add(aad, le, sizeof(le));
	return r < 0 ? r : buf_adds(aad, site);
}

/* Opens the text of policy `seq`, which is sealed in `body`. */
static int open_policy(struct store *s, const char *site, uint64_t seq, const struct buf *body,
		       struct buf *ini)
{
	CLEANUP(buf_done) struct buf aad = {0};
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	int r = body->len < NONCE_BYTES + TAG_BYTES ? -EBADMSG : 0;

	if (r == 0)
		r = cipher(s, seq, site, &a, &aad);
	if (r == 0)
		r = buf_reserve(ini, body->len - NONCE_BYTES);
	if (r == 0)
		r = aead_open(a, (const uint8_t *)body->p, aad.p, aad.len, body->p + NONCE_BYTES,
			      body->len - NONCE_BYTES, ini->p + ini->len);
	if (r < 0)
		return r;
	ini->len += body->len - NONCE_BYTES - TAG_BYTES;
	ini->p[ini->len] = 0;
	return 0;
}

static int policy_text(struct store *s, struct catalog_conn *c, const char *site, struct buf *ini,
		       uint64_t *ret_seq)
{
	CLEANUP(buf_done) struct buf body = {0};
	uint64_t seq;
	int r = catalog_policy_get(c, site, &seq, &body);

	if (r == -ENOENT) {
		*ret_seq = 0;
		return 0;
	}
	if (r == 0)
		r = open_policy(s, site, seq, &body, ini);
	if (r == 0)
		*ret_seq = seq;
	return r;
}

int store_policy_seq(struct store *s, struct catalog_conn *c, const char *site, uint64_t *ret)
{
	(void)s;
	int r = catalog_policy_get(c, site, ret, NULL);

	if (r == -ENOENT) {
		*ret = 0;
		return 0;
	}
	return r;
}

int store_policy_at(struct store *s, struct catalog_conn *c, const char *site, uint64_t seq,
		    struct policy *ret)
{
	CLEANUP(buf_done) struct buf body = {0}, ini = {0};

	if (!seq)
		return policy_default(ret);
	int r = catalog_policy_at(c, site, seq, &body);
	if (r == -ENOENT)
		return -EUCLEAN;
	if (r == 0)
		r = open_policy(s, site, seq, &body, &ini);
	return r < 0 ? r : policy_parse(ini.p, ini.len, ret, NULL);
}

int store_policy_since(struct store *s, struct catalog_conn *c, const char *site, uint64_t base,
		       uint64_t seq, struct policy *ret)
{
	CLEANUP(policy_done) struct policy p = {0};
	int r = store_policy_at(s, c, site, base, &p);

	for (uint64_t i = base + 1; r == 0 && i <= seq; i++) {
		CLEANUP(policy_done) struct policy next = {0};
		struct policy both;

		r = store_policy_at(s, c, site, i, &next);
		if (r == 0)
			r = policy_merge(&p, &next, &both);
		if (r == 0) {
			policy_done(&p);
			p = both;
		}
	}
	if (r < 0)
		return r;
	*ret = p;
	p = (struct policy){0}; /* moved */
	return 0;
}

int store_policy_get(struct store *s, const char *site, struct buf *ret_ini, uint64_t *ret_seq)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : policy_text(s, c, site, ret_ini, ret_seq);
}

int store_policy_time(struct store *s, const char *site, int64_t *ret_ns)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : catalog_policy_time(c, site, ret_ns);
}

static int seal_policy(struct store *s, uint64_t seq, const char *site, const char *ini, size_t len,
		       struct buf *out)
{
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP(buf_done) struct buf aad = {0};
	int r = cipher(s, seq, site, &a, &aad);

	if (r == 0)
		r = buf_reserve(out, NONCE_BYTES + len + TAG_BYTES);
	if (r == 0)
		r = rng_bytes(out->p, NONCE_BYTES);
	if (r == 0)
		r = aead_seal(a, (const uint8_t *)out->p, aad.p, aad.len, ini, len,
			      out->p + NONCE_BYTES);
	if (r == 0)
		out->len = NONCE_BYTES + len + TAG_BYTES;
	return r;
}

/* What the change does to what is there already. */
static int check_change(struct store *s, struct catalog_conn *c, const char *site, uint64_t seq,
			const struct policy *next, struct errinfo *e)
{
	CLEANUP(policy_done) struct policy was = {0};
	CLEANUP(policy_done) struct policy all = {0};
	CLEANUP(policy_done) struct policy both = {0};
	int r = store_policy_at(s, c, site, seq, &was);

	if (r < 0 && !session_own_fault(r))
		return r;
	/* one that can't be read may hide anything */
	if ((r < 0 || policy_loosens(&was, next)) && !(s->op.roles & ROLE_OFFICER))
		return err_set(e, -EACCES, "a policy that keeps or shows more needs an officer");
	r = store_policy_since(s, c, site, 0, seq, &all);
	if (r == 0)
		r = policy_merge(&all, next, &both);
	if (r == -E2BIG)
		return err_set(e, r, "with the policies before, too many selectors for one site");
	/* a damaged one keeps its sessions unreadable, but not the site without a policy */
	return session_own_fault(r) ? 0 : r;
}

static int store_row(struct store_txn *t, const char *site, uint64_t seq, const char *ini,
		     size_t len)
{
	CLEANUP(buf_done) struct buf body = {0};
	struct catalog_site row;
	char detail[LIMIT_SITE_BYTES + 64];
	int r = seal_policy(t->s, seq, site, ini, len, &body);

	if (r == 0)
		r = catalog_policy_set(t->c, site, seq, t->now_ns, body.p, body.len);
	if (r == 0)
		r = catalog_site_find(t->c, site, strlen(site), &row);
	if (r == 0)
		r = store_txn_change(t, CHANGE_POLICY, 0, 0, row.id);
	else if (r == -ENOENT)
		r = 0; /* nothing of it is there yet */
	(void)snprintf(detail, sizeof(detail), "{\"site\":\"%s\",\"policy\":%llu}", site,
		       (unsigned long long)seq);
	return r < 0 ? r : store_txn_audit(t, "policy", t->s->op.email, detail);
}

static int set_once(struct store *s, const char *site, const uint64_t *if_seq, const char *ini,
		    size_t len, struct errinfo *e)
{
	CLEANUP(policy_done) struct policy p = {0};
	struct store_txn t;
	uint64_t seq = 0;

	if (!(s->op.roles & ROLE_ADMIN))
		return err_set(e, -EACCES, "only an admin may change a policy");
	int r = site_name_check(site, strlen(site), e);
	if (r == 0)
		r = policy_parse(ini, len, &p, e);
	if (r == 0)
		r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	r = store_policy_seq(s, t.c, site, &seq);
	if (r == 0 && if_seq && *if_seq != seq)
		r = err_set(e, -ESTALE, "the policy was changed by somebody else meanwhile");
	if (r == 0 && seq == UINT32_MAX)
		r = -EOVERFLOW; /* what a session's row has room for */
	if (r == 0)
		r = check_change(s, t.c, site, seq, &p, e);
	if (r == 0)
		r = store_row(&t, site, seq + 1, ini, len);
	if (r == 0)
		r = store_txn_commit(&t);
	else
		store_txn_abort(&t);
	return r < 0 ? err_set_errno(e, r, "cannot store the policy") : 0;
}

static int set(struct store *s, const char *site, const uint64_t *if_seq, const char *ini,
	       size_t len, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = set_once(s, site, if_seq, ini, len, e);
	while (room_more(&rm, r, e));
	return r;
}

int store_policy_set(struct store *s, const char *site, const char *ini, size_t len,
		     struct errinfo *e)
{
	return set(s, site, NULL, ini, len, e);
}

int store_policy_replace(struct store *s, const char *site, uint64_t seq, const char *ini,
			 size_t len, struct errinfo *e)
{
	return set(s, site, &seq, ini, len, e);
}
