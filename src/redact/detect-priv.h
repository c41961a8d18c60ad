/* detect-priv.h: what the detectors share. A detector is asked at an anchor, looks a bounded
 * stretch back and ahead, and adds its matches; it keeps no state of its own. */
#ifndef REDACTFS_DETECT_PRIV_H
#define REDACTFS_DETECT_PRIV_H

#include "redactfs/detect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far a detector looks. Every one of them is a constant, so that a text of n bytes costs O(n)
 * whatever is in it. */
#define LOOK_LOCAL_BYTES  64u   /* an e-mail's local part: RFC 5321 4.5.3.1.1 */
#define LOOK_DOMAIN_BYTES 253u  /* its domain: RFC 1035 */
#define LOOK_WORDS_BYTES  64u   /* keywords before a number */
#define LOOK_KEY_BYTES    48u   /* the key of key=value */
#define LOOK_VALUE_BYTES  4096u /* its value */
#define LOOK_TAG_BYTES    512u  /* the tag around an attribute, each way */
#define LOOK_USER_BYTES   256u  /* user:password before the @ of a URL */

/* ---- keywords: what the words beside a value say about it (detect-words.c). */
enum hint {
	H_PHONE,
	H_CALL, /* words that say phone only directly before one: call, cell, ring */
	H_BIRTH,
	H_OTP,
	H_IP,
	H_PESEL,
	H_NIP,
	H_REGON,
	H_RODNE, /* rodné číslo, and DIČ, which holds it for people */
	H_ICO,
	H_NIR,
	H_STEUER,
	H_DNI,
	H_FISCALE,
	H_BSN,
	H_SSN,
	H_NHS,
	H_NINO,
	H_PTNIF,
	H_ORDER,   /* an order, an article, a price: not a phone */
	H_VERSION, /* a version: not an address */
	H_PRODUCT, /* a product or a section, directly before a number: the same */
	H_SHAPE,   /* "must be", "e.g.": what follows is no value */
	H_COUNT
};
#define H_NATIONAL ((1u << (H_PTNIF + 1)) - (1u << H_PESEL))
struct hints {
	uint32_t mask;        /* 1 << enum hint */
	uint8_t gap[H_COUNT]; /* words between the keyword and the value */
};
/* Words of s[0..n) in lower case without accents, one space between, camelCase taken apart. */
size_t words_fold(const uint8_t *s, size_t n, char *out, size_t cap);
void words_hints(const uint8_t *s, size_t n, struct hints *ret);

struct scan {
	const uint8_t *s;
	size_t n;
	enum detect_context ctx;
	uint64_t enabled;  /* DETECTOR_BIT */
	const char *label; /* NULL: none */
	size_t labellen;
	uint64_t block; /* letters of the block that is looked at, which starts at block_at */
	size_t block_at;
	size_t letter;    /* behind the last letter of the blocks before; 0: none */
	size_t list;      /* end of a list of numbers longer than any number */
	size_t authority; /* behind the last "://"; 0: none yet */
	size_t no_jwt;    /* no JWT starts before it */
	size_t resume;    /* anchors before it lie in a match already made */
	size_t hints_at;  /* what `hints` is about; SIZE_MAX: nothing yet */
	struct hints hints;
	struct detect_matches *m;
	int r; /* 0, or -ENOMEM: what was found can't be kept */
};

static inline bool scan_wants(const struct scan *sc, enum detector d)
{
	return sc->enabled >> d & 1;
}
/* What the words before s[i] say, or, where i is near the start, the label. Borrowed until the next
 * call. */
const struct hints *scan_hints(struct scan *sc, size_t i);
/* True when hint h stands before s[i], with `most` words between at most. */
bool scan_hinted(struct scan *sc, size_t i, enum hint h, unsigned most);
/* [from, to) is a token, or several, that stand where a value stood: the text was redacted before.
 */
bool is_token(const struct scan *sc, size_t from, size_t to);
/* [off, end) is what d looks for; nothing where d is off. */
void scan_add(struct scan *sc, size_t off, size_t end, enum detector d);
/* The same, and what lies inside isn't looked at again. */
void scan_claim(struct scan *sc, size_t off, size_t end, enum detector d);

/* ---- bytes */
static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}
static inline bool is_alpha(int c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
static inline bool is_alnum(int c)
{
	return is_digit(c) || is_alpha(c);
}
static inline int hex_of(int c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
/* The byte at i, or 0 outside of the text. */
static inline int byte_at(const struct scan *sc, size_t i)
{
	return i < sc->n ? sc->s[i] : 0;
}
static inline int byte_before(const struct scan *sc, size_t i)
{
	return i > 0 && i <= sc->n ? sc->s[i - 1] : 0;
}
/* The code point that ends before i (i > 0), and its length in bytes. Broken UTF-8 is U+FFFD of
 * one byte. */
uint32_t cp_before(const uint8_t *s, size_t i, size_t *ret_len);
uint32_t cp_at(const uint8_t *s, size_t n, size_t i, size_t *ret_len);
/* A letter of the alphabets in which addresses are written: Latin, Greek, Cyrillic. */
bool cp_is_letter(uint32_t cp);

/* ---- anchors: where in 64 bytes a detector might have something to say (detect-anchor.c). Bit i
 * is byte i. */
struct bytes {
	uint64_t digit;   /* 0-9 */
	uint64_t alpha;   /* A-Z a-z */
	uint64_t escape;  /* backslash */
	uint64_t join;    /* _ - */
	uint64_t capital; /* A S E J B b: of the first letters of keys and schemes */
	uint64_t punct;   /* : = @ % */
};
/* The first n bytes of p; the rest are zeros. */
void bytes_find(const uint8_t p[64], size_t n, struct bytes *ret);
/* The same by a table: for machines without SSE2, and to check the other against. */
void bytes_find_table(const uint8_t p[64], size_t n, struct bytes *ret);
/* What the blocks before leave for the next. */
struct anchor_state {
	uint64_t digit, word; /* masks of the block before */
	uint64_t join, escape;
};
struct anchors {
	uint64_t number; /* first digits of runs */
	uint64_t other;
};
/* The anchors of a block; `state` starts as zeros. A refused place is one where no detector's
 * boundaries can hold, whatever follows in the next block. */
void anchors_find(const struct bytes *b, struct anchor_state *state, struct anchors *ret);

/* ---- numbers: digits with single separators between them. */
#define NUM_DIGITS 24u /* more than any number that we know has */
#define NUM_GROUPS 24u
enum num_sep {
	SEP_NONE = 0,
	SEP_SPACE = 1u << 0, /* space, no-break, thin and figure spaces; %20, and + in a URL */
	SEP_DASH = 1u << 1,  /* hyphens, dashes, minus; _ */
	SEP_DOT = 1u << 2,   /* full stop, middle dot */
	SEP_SLASH = 1u << 3,
	SEP_OPEN = 1u << 4, /* ( */
	SEP_CLOSE = 1u << 5,
};
struct num {
	uint8_t n;                 /* digits collected */
	uint8_t ngroups;           /* runs of digits */
	uint8_t d[NUM_DIGITS];     /* values 0-9 */
	size_t end[NUM_DIGITS];    /* offset behind digit i */
	uint8_t first[NUM_GROUPS]; /* index of each group's first digit */
	uint8_t sep[NUM_GROUPS];   /* enum num_sep: what stands before each group; [0] is 0 */
	uint8_t nsep[NUM_GROUPS];  /* how many characters that is */
	bool cut;                  /* more digits follow than are kept */
};
/* Collects from the digit at s[i], stopping at NUM_DIGITS or at anything that isn't in `seps`
 * (SEP_* ored), or at more than three separators in a row. */
void num_collect(const struct scan *sc, size_t i, unsigned seps, struct num *ret);
/* The separator at s[i]: its kind and length in bytes; SEP_NONE and 0 when it is none. Characters
 * of no width (U+200B, U+00AD, …) have SEP_NONE and a length. */
unsigned num_sep_at(const struct scan *sc, size_t i, size_t *ret_len);
/* True when digit `last` ends a group. */
bool num_ends_group(const struct num *v, unsigned last);

/* ---- detectors: each asked at its anchor. Those that return a size give the end of their match,
 * or 0; num is what num_collect found at i with NUM_SEPS. */
#define NUM_SEPS (SEP_SPACE | SEP_DASH | SEP_DOT | SEP_SLASH | SEP_OPEN | SEP_CLOSE)
void email_at(struct scan *sc, size_t at, size_t at_len);
/* s[i] is behind "://". */
void url_at(struct scan *sc, size_t i);
/* The path of a URL, or its host and that, starts at s[i]. */
void url_path_at(struct scan *sc, size_t i);
/* True when the @ at s[at] ends the user:password of a URL (RFC 3986 3.2.1): it is no e-mail's. */
bool userinfo_at(struct scan *sc, size_t at);
size_t card_end(const struct scan *sc, size_t i, const struct num *num);
/* What is printed beside a card number that ends at `end`: expiry date and check number. */
void card_rest(struct scan *sc, size_t end);
size_t iban_at(struct scan *sc, size_t i);
size_t ipv4_at(struct scan *sc, size_t i);
/* The end of a dotted quad at s[i], or 0; *ret is the address. */
size_t ipv4_quad_end(const struct scan *sc, size_t i, uint32_t *ret);
size_t ipv6_at(struct scan *sc, size_t colon);
size_t phone_at(struct scan *sc, size_t i, const struct num *num);
size_t national_id_at(struct scan *sc, size_t i, const struct num *num);
/* Ids that have letters (and a dash or a space) before their first digit, which is s[i]; `run`
 * digits stand there. */
size_t national_id_letters_at(struct scan *sc, size_t i, size_t run);
size_t birthdate_at(struct scan *sc, size_t i, const struct num *num);
size_t otp_at(struct scan *sc, size_t i, const struct num *num);
/* Key formats, by the anchor in their prefix; JWT; PEM; Bearer and Basic. */
void secret_prefix_at(struct scan *sc, size_t i);
void secret_bot_at(struct scan *sc, size_t colon);
void secret_jwt_at(struct scan *sc, size_t i);
void secret_scheme_at(struct scan *sc, size_t i);
void secret_pem_at(struct scan *sc, size_t i);
/* key=value and "key":"value": the = or the : is at [i, i + len). */
void keyvalue_at(struct scan *sc, size_t i, size_t len);
/* The whole text is the value of sc->label. */
void keyvalue_label(struct scan *sc);
/* <Password>value</Password>, wherever it stands. */
void keyvalue_elements(struct scan *sc);

/* What a key says about its value (detect-key.c). */
enum key_kind {
	KEY_NONE = 0,
	KEY_PASSWORD,
	KEY_PIN,
	KEY_OTP,
	KEY_CVC,
	KEY_SECRET,
	KEY_COOKIE,
	KEY_WEAK,   /* a secret in a URL's query, any word elsewhere: code, key, state */
	KEY_PERSON, /* in a URL's query: a name, an address */
	KEY_PART,   /* name="password" of a form's part: what stands below it */
	KEY_MARKUP, /* value=: what its tag says */
};
enum key_kind key_kind_of(const uint8_t *s, size_t n);
/* True when some key ends in these two letters: most colons are refused by this look. */
bool key_may_end(int a, int b);

/* The checksums of national ids, over digits 0-9 (pii-checksum.c). */
bool check_pesel(const uint8_t d[11]);
bool check_nip(const uint8_t d[10]);
bool check_regon(const uint8_t *d, unsigned n); /* 9 or 14 */
bool check_rodne(const uint8_t *d, unsigned n); /* 9 or 10 */
bool check_ico(const uint8_t d[8]);
bool check_nir(const uint8_t d[15], bool corsica_a, bool corsica_b);
bool check_steuer_id(const uint8_t d[11]);
bool check_bsn(const uint8_t d[9]);
bool check_nhs(const uint8_t d[10]);
bool check_pt_nif(const uint8_t d[9]);
bool check_ssn(const uint8_t d[9]);
char dni_letter(uint32_t number);
bool check_fiscale(const uint8_t s[16]);

#endif
