/* operator-record.c: see operator-record.h.
 *
 * (O1) nothing of a record is used before the seal over it verified: the pinned verification keys
 *      are what a forged root slot is told by
 * (O2) the reveal key is opened only when the login asks for it, and scrypt's output, which could
 *      open it later, is wiped before operator_record_open returns */
#include "operator-record.h"

#include "redactfs/le.h"
#include "redactfs/limits.h"
#include "redactfs/line.h"

#define MAGIC      "RFSOPER1"
#define AT_PK      8u
#define AT_SALT    40u
#define AT_LOG2N   72u
#define AT_R       76u
#define AT_P       80u
#define AT_SLOT_PK 88u
#define AT_AUDIT   120u
#define AT_SEALED  152u
#define AT_REVEAL  200u
#define AT_EPOCH   248u
#define AT_MAC     256u

#define SEALED_BYTES (KEY_BYTES + TAG_BYTES)
#define AAD_MAX      (AT_SEALED + 16u + LIMIT_EMAIL_BYTES)

static const char label_key[] = "redactfs operator key";
static const char label_reveal[] = "redactfs reveal key";
static const char label_epoch[] = "redactfs operator epoch";

void operator_keys_done(struct operator_keys *k)
{
	k->sk = secret_free(k->sk);
	k->epoch_key = secret_free(k->epoch_key);
	k->reveal_sk = secret_free(k->reveal_sk);
}

static size_t make_aad(const uint8_t *record, const uint8_t store_id[16], const char *email,
		       uint8_t aad[AAD_MAX])
{
	size_t n = strlen(email);

	if (n > LIMIT_EMAIL_BYTES)
		n = LIMIT_EMAIL_BYTES;
	memcpy(aad, record, AT_SEALED);
	memcpy(aad + AT_SEALED, store_id, 16);
	memcpy(aad + AT_SEALED + 16, email, n);
	return AT_SEALED + 16 + n;
}

static int cipher(const struct secret *p, const char *label, struct aead **ret)
{
	uint8_t key[KEY_BYTES];
	int r = hkdf_expand(p->b, label, strlen(label), key, sizeof(key));

	if (r == 0)
		r = aead_new(key, ret);
	wipe(key, sizeof(key));
	return r;
}

static int seal(const struct secret *p, const char *label, const uint8_t *aad, size_t aadlen,
		const uint8_t sk[32], uint8_t *out)
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	int r = cipher(p, label, &a);

	return r < 0 ? r : aead_seal(a, zeros, aad, aadlen, sk, KEY_BYTES, out);
}

static int open_sealed(const struct secret *p, const char *label, const uint8_t *aad, size_t aadlen,
		       const uint8_t *in, struct secret **ret)
{
	static const uint8_t zeros[NONCE_BYTES];
	CLEANUP_PTR(aead_free) struct aead *a = NULL;
	CLEANUP_PTR(secret_free) struct secret *tmp = secret_new(SEALED_BYTES);
	int r = tmp ? cipher(p, label, &a) : -ENOMEM;

	if (r == 0)
		r = aead_open(a, zeros, aad, aadlen, in, SEALED_BYTES, tmp->b);
	if (r == 0 && !(*ret = secret_from(tmp->b, KEY_BYTES)))
		r = -ENOMEM;
	return r;
}

static int epoch_key_of(const struct secret *sk, struct secret **ret)
{
	struct secret *k = secret_new(KEY_BYTES);
	int r = k ? hkdf_expand(sk->b, label_epoch, sizeof(label_epoch) - 1, k->b, KEY_BYTES)
		  : -ENOMEM;

	if (r < 0)
		(void)secret_free(k);
	else
		*ret = k;
	return r;
}

int operator_email_check(const char *email, struct errinfo *e)
{
	const char *at = strchr(email, '@');

	if (strlen(email) > LIMIT_EMAIL_BYTES)
		return err_set(e, -EINVAL, "e-mail address over %u bytes", LIMIT_EMAIL_BYTES);
	if (!line_is_plain(email) || strchr(email, ' ') || !at || at == email || !at[1] ||
	    strchr(at + 1, '@'))
		return err_set(e, -EINVAL, "not an e-mail address");
	return 0;
}

int operator_record_see(uint8_t record[OPERATOR_RECORD_BYTES], const struct secret *epoch_key,
			uint64_t epoch)
{
	le64_put(record + AT_EPOCH, epoch);
	return hmac_sha256(epoch_key->b, epoch_key->len, record + AT_EPOCH, 8, record + AT_MAC);
}

int operator_record_make(const struct operator_new *n, uint8_t record[OPERATOR_RECORD_BYTES])
{
	CLEANUP_PTR(secret_free) struct secret *sk = secret_new(KEY_BYTES);
	CLEANUP_PTR(secret_free) struct secret *p = NULL;
	CLEANUP_PTR(secret_free) struct secret *ek = NULL;
	uint8_t aad[AAD_MAX];

	if (!sk)
		return -ENOMEM;
	memset(record, 0, OPERATOR_RECORD_BYTES);
	memcpy(record, MAGIC, 8);
	le32_put(record + AT_LOG2N, n->scrypt->log2_n);
	le32_put(record + AT_R, n->scrypt->r);
	le32_put(record + AT_P, n->scrypt->p);
	memcpy(record + AT_SLOT_PK, n->slot_pk, 32);
	memcpy(record + AT_AUDIT, n->audit_pk, 32);
	int r = x25519_keypair(record + AT_PK, sk->b);
	if (r == 0)
		r = rng_bytes(record + AT_SALT, 32);
	if (r == 0)
		r = scrypt_derive(n->passphrase, record + AT_SALT, n->scrypt, &p);
	if (r < 0)
		return r;
	size_t aadlen = make_aad(record, n->store_id, n->email, aad);
	r = seal(p, label_key, aad, aadlen, sk->b, record + AT_SEALED);
	if (r == 0 && n->reveal_sk)
		r = seal(p, label_reveal, aad, aadlen, n->reveal_sk, record + AT_REVEAL);
	if (r == 0)
		r = epoch_key_of(sk, &ek);
	return r < 0 ? r : operator_record_see(record, ek, n->epoch);
}

static bool all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	while (n--)
		any |= *p++;
	return !any;
}

int operator_record_open(const uint8_t record[OPERATOR_RECORD_BYTES], const char *email,
			 const uint8_t store_id[16], const struct secret *passphrase, bool reveal,
			 struct operator_keys *ret)
{
	CLEANUP(operator_keys_done) struct operator_keys k = {0};
	CLEANUP_PTR(secret_free) struct secret *p = NULL; /* wiped on every way out: keeps O2 */
	uint8_t aad[AAD_MAX], pk[32], mac[HASH_BYTES];

	if (memcmp(record, MAGIC, 8) || le32_get(record + AT_LOG2N) > UINT8_MAX)
		return -EBADMSG;
	struct scrypt_params sp = {
		.log2_n = (uint8_t)le32_get(record + AT_LOG2N),
		.r = le32_get(record + AT_R),
		.p = le32_get(record + AT_P),
	};
	int r = scrypt_derive(passphrase, record + AT_SALT, &sp, &p);
	if (r < 0)
		return r;
	size_t aadlen = make_aad(record, store_id, email, aad);
	r = open_sealed(p, label_key, aad, aadlen, record + AT_SEALED, &k.sk);
	if (r < 0)
		return r == -EBADMSG ? -EKEYREJECTED : r;
	/* from here on it is the operator, and what is wrong was done to the record (O1) */
	r = x25519_public(k.sk->b, pk);
	if (r == 0 && memcmp(pk, record + AT_PK, sizeof(pk)))
		r = -EBADMSG;
	if (r == 0)
		r = epoch_key_of(k.sk, &k.epoch_key);
	if (r == 0)
		r = hmac_sha256(k.epoch_key->b, KEY_BYTES, record + AT_EPOCH, 8, mac);
	if (r == 0 && !equal_ct(mac, record + AT_MAC, sizeof(mac)))
		r = -EBADMSG;
	if (r == 0 && reveal && all_zero(record + AT_REVEAL, SEALED_BYTES))
		r = -EACCES;
	if (r == 0 && reveal)
		r = open_sealed(p, label_reveal, aad, aadlen, record + AT_REVEAL, &k.reveal_sk);
	if (r < 0)
		return r;
	memcpy(k.slot_pk, record + AT_SLOT_PK, 32);
	memcpy(k.audit_pk, record + AT_AUDIT, 32);
	k.epoch_seen = le64_get(record + AT_EPOCH);
	*ret = k;
	k = (struct operator_keys){0};
	return 0;
}
