/* audit-receipt.c: an erasure's certificate, and the key to check it by, in forms that need no
 * program of ours: lines of text, an Ed25519 signature over exactly these bytes, a public key in
 * PEM.
 *
 * The text begins with a line that no audit hash can be taken for (32 bytes): one key signs both.
 */
#include "redactfs/audit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* RFC 8410 section 4: SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } around the key. */
static const uint8_t spki_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
				    0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
#define SPKI_BYTES (sizeof(spki_head) + 32)

static void spki(const uint8_t pk[32], uint8_t out[SPKI_BYTES])
{
	memcpy(out, spki_head, sizeof(spki_head));
	memcpy(out + sizeof(spki_head), pk, 32);
}

int audit_key_pem(const uint8_t pk[32], struct buf *out)
{
	uint8_t der[SPKI_BYTES];
	int r = buf_adds(out, "-----BEGIN PUBLIC KEY-----\n");

	spki(pk, der);
	if (r == 0)
		r = buf_add_base64(out, der, sizeof(der)); /* 60 characters: one line */
	return r < 0 ? r : buf_adds(out, "\n-----END PUBLIC KEY-----\n");
}

static int add_hex_line(struct buf *out, const char *name, const void *p, size_t n)
{
	int r = buf_addf(out, "%s: ", name);

	if (r == 0)
		r = buf_add_hex(out, p, n);
	return r < 0 ? r : buf_addc(out, '\n');
}

static int add_time(struct buf *out, int64_t at_ns)
{
	time_t t = (time_t)(at_ns / 1000000000);
	char s[32];
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(s, sizeof(s), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return -EBADMSG;
	return buf_addf(out, "erased: %s\n", s);
}

/* The entry's own words, a line each. */
static int add_details(struct buf *out, const char *detail)
{
	CLEANUP(buf_done) struct buf key = {0}, value = {0};
	int r;

	while ((r = audit_detail_next(&detail, &key, &value)) > 0) {
		r = buf_addf(out, "%s: %s\n", key.p, value.p);
		if (r < 0)
			break;
	}
	return r;
}

int audit_receipt_text(const struct audit_entry *a, const uint8_t store_id[16],
		       const uint8_t sign_pk[32], const char *session_hex, struct buf *out)
{
	uint8_t der[SPKI_BYTES], h[HASH_BYTES];
	int r = buf_adds(out, "redactfs certificate of erasure\n");

	if (r == 0)
		r = add_hex_line(out, "store", store_id, 16);
	if (r == 0 && session_hex) {
		/* who has the id can check that it is meant; nobody else learns it */
		r = sha256_once(session_hex, strlen(session_hex), h);
		if (r == 0)
			r = add_hex_line(out, "session-sha256", h, sizeof(h));
	}
	if (r == 0)
		r = add_time(out, a->at_ns);
	if (r == 0)
		r = buf_addf(out, "operator: %s\n", a->operator_email);
	if (r == 0)
		r = add_details(out, a->detail);
	if (r == 0)
		r = buf_addf(out, "epoch: %llu\nentry: %llu\n", (unsigned long long)a->epoch,
			     (unsigned long long)a->seq);
	if (r == 0)
		r = add_hex_line(out, "entry-hash", a->hash, sizeof(a->hash));
	spki(sign_pk, der);
	if (r == 0)
		r = sha256_once(der, sizeof(der), h);
	return r < 0 ? r : add_hex_line(out, "audit-key-sha256", h, sizeof(h));
}

int audit_receipt_seal(const uint8_t sig[SIGN_BYTES], struct buf *out)
{
	int r = buf_adds(out, "-----BEGIN REDACTFS SIGNATURE-----\n");

	if (r == 0)
		r = buf_add_base64(out, sig, SIGN_BYTES);
	return r < 0 ? r : buf_adds(out, "\n-----END REDACTFS SIGNATURE-----\n");
}
