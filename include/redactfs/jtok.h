/* jtok.h: JSON as tokens with offsets into the caller's bytes.
 *
 * The whole text becomes one array of tokens in document order; a container's token says where the
 * token after it is, so that a walk skips what it doesn't need. Strict RFC 8259: valid UTF-8, valid
 * escapes, numbers as the grammar has them, no duplicate keys in an object, no trailing text. */
#ifndef REDACTFS_JTOK_H
#define REDACTFS_JTOK_H

#include "redactfs/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum jtok_type {
	JTOK_OBJECT = 1,
	JTOK_ARRAY,
	JTOK_STRING,
	JTOK_NUMBER,
	JTOK_TRUE,
	JTOK_FALSE,
	JTOK_NULL,
};

/* Eight bytes a token: a recording has one every six bytes or so, and they are kept for as long as
 * it is looked at. off is of the byte behind the quote for strings, of the first one for the
 * others; len (not of containers) counts the bytes between the quotes, or of the whole value. An
 * object's children are key, value, key, value…; a key is a string with JTOK_KEY. */
struct jtok {
	uint32_t off;
	union {
		struct {
			uint32_t type : 3, flags : 3, len : 26;
		};
		struct {                               /* of containers */
			uint32_t type_ : 3, skip : 29; /* tokens from it to what comes after it */
		};
	};
};
_Static_assert(sizeof(struct jtok) == 8, "tokens are half of the engine's memory");
#define JTOK_KEY     (1u << 0)
#define JTOK_ESCAPED (1u << 1) /* holds at least one backslash */
#define JTOK_LONE    (1u << 2) /* holds a \u escape of a lone surrogate */

struct jtok_vec {
	struct jtok *v; /* owned; reused by the next parse */
	size_t n, cap;
};
void jtok_done(struct jtok_vec *t);

enum jtok_flags {
	JTOK_ALLOW_DUP_KEYS =
		1u << 0, /* text that is only looked at, never shown (JSON in a string) */
};
#define JTOK_TEXT_MAX (1u << 30) /* bytes of one text: its tokens' numbers fit `skip` */

/* The token after the value v[i] and all inside it. */
static inline uint32_t jtok_next(const struct jtok *v, uint32_t i)
{
	return i + (v[i].type <= JTOK_ARRAY ? v[i].skip : 1);
}

/* The bytes of any value, brackets or quotes not counted; of a container they are looked through.
 */
size_t jtok_inside(const char *text, const struct jtok *v, uint32_t i, uint32_t *ret_off);

/* One JSON value that fills text[0..len), white space around it allowed.
 * -EILSEQ with the byte offset in `e`; -E2BIG: LIMIT_DEPTH, LIMIT_STRING_BYTES, LIMIT_NUMBER_BYTES,
 * LIMIT_MEMBERS or JTOK_TEXT_MAX; -ENOMEM. */
int jtok_parse(const char *text, size_t len, unsigned flags, struct jtok_vec *t, struct errinfo *e);

/* One JSON value at the start of p[0..n), inside of `depth` containers, its tokens put behind those
 * of t; what follows it is the caller's business. Their offsets are those in p plus `add`. 1:
 * *ret_len bytes were read; 0: it isn't JSON, is over a limit or, with `canonical`, isn't written
 * as canon.h says, and t is as it was; -ENOMEM. */
int jtok_append(const char *p, size_t n, unsigned depth, bool canonical, uint32_t add,
		struct jtok_vec *t, size_t *ret_len);

/* The value of `key` in the object v[obj], or 0 (never a value: token 0 is the root). Keys with
 * escapes are compared as written. */
uint32_t jtok_get_n(const char *text, const struct jtok *v, uint32_t obj, const char *key,
		    size_t n);
/* Inline: the length of a literal is a constant. */
static inline uint32_t jtok_get(const char *text, const struct jtok *v, uint32_t obj,
				const char *key)
{
	return jtok_get_n(text, v, obj, key, strlen(key));
}
/* A string equal to s, as written. Inline: with a literal, length and comparison are constants. */
static inline bool jtok_is(const char *text, const struct jtok *t, const char *s)
{
	size_t n = strlen(s);

	return t->len == n && t->type == JTOK_STRING && !memcmp(text + t->off, s, n);
}
/* An integer in the range of a double's exact ones: false for anything else. */
bool jtok_int(const char *text, const struct jtok *t, int64_t *ret);

/* Undo the escapes of s[0..n) into out (room for n bytes); returns the length. Lone surrogates
 * become three bytes each (WTF-8), so that nothing is lost. `map`, where given, gets for each byte
 * of out the offset in s of the character or escape that made it, and one more entry, n, for the
 * end. */
size_t jtok_unescape(const char *s, size_t n, char *out, uint32_t *map);

#endif
