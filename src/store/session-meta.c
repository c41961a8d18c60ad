/* session-meta.c: see session-meta.h and FORMAT.md "Session row", "Plan", "Look-ups".
 *
 * Rows and plans are sealed under keys derived from the session's data key, with random nonces: a
 * session's row is rewritten a few times in its life, far from where random nonces meet. They are
 * tied to the row they stand in, so that rows can't change places. */
#include "session-meta.h"

#include "zpack.h"

#include "redactfs/le.h"

#define META_VERSION 1u
#define META_BYTES   448u /* one length for all, so that a row doesn't tell a name's */
#define AT_COUNTS    164u
#define AT_NAME      (AT_COUNTS + 8u * CLASS_COUNT_DISK)
#define AT_SCRIPT    (META_BYTES - 4u) /* bytes of the transcript: behind what has no fixed length */

/* The disk has 16 counts whatever CLASS_COUNT becomes. */
#define CLASS_COUNT_DISK 16u
_Static_assert(CLASS_COUNT <= CLASS_COUNT_DISK, "FORMAT.md: session row");
_Static_assert(META_BYTES + NONCE_BYTES + TAG_BYTES <= SESSION_ROW_MAX, "row fits");
_Static_assert(AT_NAME + 1 + sizeof(((struct session_row *)0)->name) + 1 + LIMIT_VISITOR_BYTES <=
		       AT_SCRIPT,
	       "names fit");
_Static_assert(sizeof(((struct session_row *)0)->visitor) == LIMIT_VISITOR_BYTES + 1, "visitor");

static int use_key(struct aead *a, const uint8_t data_key[KEY_BYTES], const char *label)
{
	uint8_t key[KEY_BYTES];
	int r = hkdf_expand(data_key, label, strlen(label), key, sizeof(key));

	if (r == 0)
		r = aead_rekey(a, key);
	wipe(key, sizeof(key));
	return r;
}

static const char row_label[] = "redactfs session row";
static const char plan_label[] = "redactfs plan";

#define ROW_AAD (3u + 8u + 8u + 8u + 16u)
static void row_aad(const struct catalog_session *cs, uint8_t aad[ROW_AAD])
{
	memcpy(aad, "row", 3);
	le64_put(aad + 3, cs->ino);
	le64_put(aad + 11, cs->day_id);
	le64_put(aad + 19, cs->kid);
	memcpy(aad + 27, cs->blob.b, 16);
}

#define PLAN_AAD (4u + 8u + 16u)
static void plan_aad(uint64_t ino, const struct blob_id *blob, uint8_t aad[PLAN_AAD])
{
	memcpy(aad, "plan", 4);
	le64_put(aad + 4, ino);
	memcpy(aad + 12, blob->b, 16);
}

static uint8_t *put_text(uint8_t *p, const char *s)
{
	size_t n = strlen(s);

	*p++ = (uint8_t)n;
	memcpy(p, s, n);
	return p + n;
}

static void encode(const struct session_meta *m, uint8_t out[META_BYTES])
{
	const struct session_row *r = &m->row;
	const uint64_t words[] = {
		(uint64_t)r->start_ms, (uint64_t)r->end_ms,   r->events, r->base_bytes, r->size,
		(uint64_t)r->mtime_ns, (uint64_t)r->ctime_ns,
	};

	memset(out, 0, META_BYTES);
	le32_put(out, META_VERSION);
	memcpy(out + 4, r->id.b, 16);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		le64_put(out + 20 + 8 * i, words[i]);
	le32_put(out + 76, r->rendering);
	le32_put(out + 80, r->policy_base);
	le32_put(out + 84, (uint32_t)r->policy_seq);
	le32_put(out + 88, r->engine | (uint32_t)r->engine_base << 16);
	le64_put(out + 92, (uint64_t)r->imported_ns);
	memcpy(out + 100, m->shape, HASH_BYTES);
	memcpy(out + 132, m->text_hash, HASH_BYTES);
	for (size_t i = 0; i < CLASS_COUNT; i++)
		le64_put(out + AT_COUNTS + 8 * i, r->counts[i]);
	(void)put_text(put_text(out + AT_NAME, r->name), r->visitor);
	le32_put(out + AT_SCRIPT, r->transcript_bytes);
}

static const uint8_t *get_text(const uint8_t *p, const uint8_t *end, char *out, size_t size)
{
	if (p == end || *p >= size || *p > end - p - 1 || memchr(p + 1, 0, *p))
		return NULL;
	memcpy(out, p + 1, *p);
	out[*p] = 0;
	return p + 1 + *p;
}

static int decode(const uint8_t *in, struct session_meta *m)
{
	struct session_row *r = &m->row;
	const uint8_t *end = in + AT_SCRIPT;

	if (le32_get(in) != META_VERSION)
		return -EPROTONOSUPPORT;
	memcpy(r->id.b, in + 4, 16);
	r->start_ms = (int64_t)le64_get(in + 20);
	r->end_ms = (int64_t)le64_get(in + 28);
	r->events = le64_get(in + 36);
	r->base_bytes = le64_get(in + 44);
	r->size = le64_get(in + 52);
	r->mtime_ns = (int64_t)le64_get(in + 60);
	r->ctime_ns = (int64_t)le64_get(in + 68);
	r->rendering = le32_get(in + 76);
	r->policy_base = le32_get(in + 80);
	r->policy_seq = le32_get(in + 84);
	r->engine = (uint16_t)le32_get(in + 88);
	r->engine_base = (uint16_t)(le32_get(in + 88) >> 16);
	r->imported_ns = (int64_t)le64_get(in + 92);
	r->transcript_bytes = le32_get(in + AT_SCRIPT);
	memcpy(m->shape, in + 100, HASH_BYTES);
	memcpy(m->text_hash, in + 132, HASH_BYTES);
	for (size_t i = 0; i < CLASS_COUNT; i++)
		r->counts[i] = le64_get(in + AT_COUNTS + 8 * i);
	const uint8_t *p = get_text(in + AT_NAME, end, r->name, sizeof(r->name));
	if (p)
		p = get_text(p, end, r->visitor, sizeof(r->visitor));
	/* written by ourselves and authenticated: a mistake of ours, but never a name with a / */
	return p && r->name[0] && !strchr(r->name, '/') ? 0 : -EBADMSG;
}

int session_meta_seal(struct aead *a, const uint8_t data_key[KEY_BYTES],
		      const struct session_meta *m, struct catalog_session *cs)
{
	uint8_t plain[META_BYTES], aad[ROW_AAD];
	int r = use_key(a, data_key, row_label);

	encode(m, plain);
	row_aad(cs, aad);
	if (r == 0)
		r = rng_bytes(cs->row, NONCE_BYTES);
	if (r == 0)
		r = aead_seal(a, cs->row, aad, sizeof(aad), plain, sizeof(plain),
			      cs->row + NONCE_BYTES);
	wipe(plain, sizeof(plain));
	if (r == 0)
		cs->row_len = NONCE_BYTES + META_BYTES + TAG_BYTES;
	return r;
}

int session_meta_open(struct aead *a, const uint8_t data_key[KEY_BYTES],
		      const struct catalog_session *cs, struct session_meta *ret)
{
	uint8_t plain[META_BYTES + TAG_BYTES], aad[ROW_AAD];

	if (cs->row_len != NONCE_BYTES + META_BYTES + TAG_BYTES)
		return -EBADMSG;
	int r = use_key(a, data_key, row_label);
	row_aad(cs, aad);
	if (r == 0)
		r = aead_open(a, cs->row, aad, sizeof(aad), cs->row + NONCE_BYTES,
			      META_BYTES + TAG_BYTES, plain);
	memset(ret, 0, sizeof(*ret));
	if (r == 0)
		r = decode(plain, ret);
	wipe(plain, sizeof(plain));
	if (r < 0)
		return r;
	ret->row.ino = cs->ino;
	ret->row.day_id = cs->day_id;
	ret->row.state = cs->erasing ? SESSION_ERASING : (enum session_state)cs->state;
	return 0;
}

int session_plan_seal(struct aead *a, const uint8_t data_key[KEY_BYTES], uint64_t ino,
		      const struct blob_id *blob, const struct plan *p, struct buf *out)
{
	CLEANUP(buf_done) struct buf plain = {0}, packed = {0};
	uint8_t nonce[NONCE_BYTES], aad[PLAN_AAD];
	int r = plan_encode(p, &plain);

	if (r == 0)
		r = zpack(plain.p, plain.len, &packed);
	if (r == 0)
		r = rng_bytes(nonce, sizeof(nonce));
	if (r == 0)
		r = use_key(a, data_key, plan_label);
	if (r == 0)
		r = buf_reserve(out, NONCE_BYTES + packed.len + TAG_BYTES);
	if (r < 0)
		return r;
	uint8_t *d = (uint8_t *)out->p + out->len;
	plan_aad(ino, blob, aad);
	memcpy(d, nonce, NONCE_BYTES);
	r = aead_seal(a, nonce, aad, sizeof(aad), packed.p, packed.len, d + NONCE_BYTES);
	if (r == 0)
		out->len += NONCE_BYTES + packed.len + TAG_BYTES;
	return r;
}

int session_plan_open(struct aead *a, const uint8_t data_key[KEY_BYTES], uint64_t ino,
		      const struct blob_id *blob, const struct buf *sealed, uint64_t base_bytes,
		      struct plan *ret)
{
	CLEANUP(buf_done) struct buf packed = {0}, plain = {0};
	const uint8_t *in = (const uint8_t *)sealed->p;
	uint8_t aad[PLAN_AAD];

	if (sealed->len < NONCE_BYTES + TAG_BYTES)
		return -EBADMSG;
	size_t n = sealed->len - NONCE_BYTES;
	int r = buf_reserve(&packed, n);
	if (r == 0)
		r = use_key(a, data_key, plan_label);
	plan_aad(ino, blob, aad);
	if (r == 0)
		r = aead_open(a, in, aad, sizeof(aad), in + NONCE_BYTES, n, packed.p);
	if (r == 0)
		r = zunpack(packed.p, n - TAG_BYTES, 16 + 16 * (size_t)LIMIT_SPANS, &plain);
	return r < 0 ? r : plan_decode(plain.p, plain.len, base_bytes, ret);
}

/* ---- look-ups and tombstones: HMAC over short strings that end with the only field of variable
 * length */

#define INPUT_MAX 512u

static int keyed(const uint8_t key[32], const void *input, size_t n, uint8_t *out, size_t outlen)
{
	uint8_t h[HASH_BYTES];
	int r = hmac_sha256(key, 32, input, n, h);

	if (r == 0)
		memcpy(out, h, outlen);
	return r;
}

/* "body" | site | 0 | hash; the site is a DNS name and so holds no NUL. */
static size_t body_input(const char *site, const uint8_t text_hash[HASH_BYTES], uint8_t *out)
{
	size_t n = strlen(site);

	memcpy(out, "body", 4);
	memcpy(out + 4, site, n + 1);
	memcpy(out + 5 + n, text_hash, HASH_BYTES);
	return 5 + n + HASH_BYTES;
}

int lookup_id(const struct store_keys *k, const struct session_id *id, uint8_t h[LOOKUP_BYTES])
{
	uint8_t in[2 + 16] = "id";

	memcpy(in + 2, id->b, 16);
	return keyed(k->lookup, in, sizeof(in), h, LOOKUP_BYTES);
}

int lookup_name(const struct store_keys *k, uint64_t day_id, const char *name, size_t len,
		uint8_t h[LOOKUP_BYTES])
{
	uint8_t in[INPUT_MAX] = "name";

	if (len > sizeof(in) - 12)
		return -ENAMETOOLONG;
	le64_put(in + 4, day_id);
	memcpy(in + 12, name, len);
	return keyed(k->lookup, in, 12 + len, h, LOOKUP_BYTES);
}

int lookup_body(const struct store_keys *k, const char *site, const uint8_t text_hash[HASH_BYTES],
		uint8_t h[LOOKUP_BYTES])
{
	uint8_t in[INPUT_MAX];

	if (strlen(site) > LIMIT_SITE_BYTES)
		return -ENAMETOOLONG;
	return keyed(k->lookup, in, body_input(site, text_hash, in), h, LOOKUP_BYTES);
}

int lookup_visitor(const struct store_keys *k, const char *visitor, uint8_t h[LOOKUP_BYTES])
{
	uint8_t in[INPUT_MAX] = "visitor";
	size_t n = strlen(visitor);

	if (n > LIMIT_VISITOR_BYTES)
		return -ENAMETOOLONG;
	memcpy(in + 7, visitor, n);
	return keyed(k->lookup, in, 7 + n, h, LOOKUP_BYTES);
}

int lookup_folder(const struct store_keys *k, const char *site, const char *date, uint8_t *ret)
{
	uint8_t in[INPUT_MAX] = "folder";
	size_t n = strlen(site), m = strlen(date);

	if (n > LIMIT_SITE_BYTES || m > sizeof(in) - 7 - LIMIT_SITE_BYTES)
		return -ENAMETOOLONG;
	memcpy(in + 6, site, n + 1);
	memcpy(in + 7 + n, date, m);
	return keyed(k->lookup, in, 7 + n + m, ret, 1);
}

static int add_tomb(const struct store_keys *k, enum tombstone_kind kind, uint8_t *in, size_t n,
		    struct tombstones *t)
{
	in[0] = (uint8_t)kind;
	t->v[t->n].kind = kind;
	int r = keyed(k->tombstone, in, n, t->v[t->n].h, HASH_BYTES);
	if (r == 0)
		t->n++;
	return r;
}

int tombstones_make(const struct store_keys *k, const struct session_id *id, const char *site,
		    const uint8_t text_hash[HASH_BYTES], const uint8_t shape[HASH_BYTES],
		    uint64_t events, struct tombstones *ret)
{
	uint8_t in[INPUT_MAX];
	int r = 0;

	ret->n = 0;
	if (strlen(site) > LIMIT_SITE_BYTES)
		return -ENAMETOOLONG;
	if (id) {
		memcpy(in + 1, "id", 2);
		memcpy(in + 3, id->b, 16);
		r = add_tomb(k, TOMB_ID, in, 3 + 16, ret);
	}
	if (r == 0)
		r = add_tomb(k, TOMB_TEXT, in, 1 + body_input(site, text_hash, in + 1), ret);
	if (r == 0 && events >= TOMB_SHAPE_EVENTS) {
		memcpy(in + 1, shape, HASH_BYTES);
		r = add_tomb(k, TOMB_SHAPE, in, 1 + HASH_BYTES, ret);
	}
	return r;
}
