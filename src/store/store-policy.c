/* store-policy.c: a site's policy as a sealed row. Policies belong to names, not to site rows: a
 * site that was emptied and removed keeps its rules for the next recording. */
#include "store-priv.h"

#include "redactfs/le.h"
#include "redactfs/site.h"

#define POLICY_INI_MAX (256u << 10)

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

static int policy_text(struct store *s, struct catalog_conn *c, const char *site, struct buf *ini,
		       uint64_t *ret_seq)
{
	CLEANUP(buf_done) struct buf body = {0}, aad = {0};
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	uint64_t seq;
	int r = catalog_policy_get(c, site, &seq, &body);

	if (r == -ENOENT) {
		*ret_seq = 0;
		return 0;
	}
	if (r == 0 && body.len < NONCE_BYTES + TAG_BYTES)
		r = -EBADMSG;
	if (r == 0)
		r = cipher(s, seq, site, &a, &aad);
	if (r == 0)
		r = buf_reserve(ini, body.len - NONCE_BYTES);
	if (r == 0)
		r = aead_open(a, (const uint8_t *)body.p, aad.p, aad.len, body.p + NONCE_BYTES,
			      body.len - NONCE_BYTES, ini->p + ini->len);
	if (r < 0)
		return r;
	ini->len += body.len - NONCE_BYTES - TAG_BYTES;
	ini->p[ini->len] = 0;
	*ret_seq = seq;
	return 0;
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

int store_policy_load(struct store *s, struct catalog_conn *c, const char *site, struct policy *ret,
		      uint64_t *ret_seq)
{
	CLEANUP(buf_done) struct buf ini = {0};
	int r = policy_text(s, c, site, &ini, ret_seq);

	if (r < 0)
		return r;
	return *ret_seq ? policy_parse(ini.p, ini.len, ret, NULL) : policy_default(ret);
}

int store_policy_get(struct store *s, const char *site, struct buf *ret_ini, uint64_t *ret_seq)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : policy_text(s, c, site, ret_ini, ret_seq);
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

int store_policy_set(struct store *s, const char *site, const char *ini, size_t len,
		     struct errinfo *e)
{
	CLEANUP(buf_done) struct buf body = {0};
	struct policy p;
	struct store_txn t;
	struct catalog_site row;
	uint64_t seq = 0;

	if (!(s->op.roles & ROLE_ADMIN))
		return err_set(e, -EACCES, "only an admin may change a policy");
	int r = site_name_check(site, strlen(site), e);
	if (r < 0)
		return r;
	if (len > POLICY_INI_MAX)
		return err_set(e, -E2BIG, "policy over %u bytes", POLICY_INI_MAX);
	r = policy_parse(ini, len, &p, e);
	if (r < 0)
		return r;
	policy_done(&p);
	r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	r = store_policy_seq(s, t.c, site, &seq);
	if (r == 0)
		r = seal_policy(s, seq + 1, site, ini, len, &body);
	if (r == 0)
		r = catalog_policy_set(t.c, site, seq + 1, body.p, body.len);
	if (r == 0) {
		r = catalog_site_find(t.c, site, strlen(site), &row);
		if (r == 0)
			r = store_txn_change(&t, CHANGE_POLICY, 0, 0, row.id);
		else if (r == -ENOENT)
			r = 0; /* nothing of it is there yet */
	}
	if (r == 0)
		r = store_txn_audit(&t, "policy", s->op.email, "{}");
	if (r == 0)
		r = store_txn_commit(&t);
	else
		store_txn_abort(&t);
	return r < 0 ? err_set_errno(e, r, "cannot store the policy") : 0;
}
