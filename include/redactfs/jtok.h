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

/* off and len are of the bytes between the quotes for strings, of the whole value for the others.
 * An object's children are key, value, key, value…; a key is a string with JTOK_KEY. */
struct jtok {
	uint32_t off;
	uint32_t len;
	uint32_t next; /* index of the token after this value and all inside it */
	uint8_t type;
	uint8_t flags;
	uint16_t depth;
};
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
/* One JSON value that fills text[0..len), white space around it allowed.
 * -EILSEQ with the byte offset in `e`; -E2BIG: LIMIT_DEPTH, LIMIT_STRING_BYTES, LIMIT_NUMBER_BYTES,
 * LIMIT_MEMBERS or len over 4 GiB; -ENOMEM. */
int jtok_parse(const char *text, size_t len, unsigned flags, struct jtok_vec *t, struct errinfo *e);

/* The value of `key` in the object v[obj], or 0 (never a value: token 0 is the root). Keys with
 * escapes are compared as written. */
uint32_t jtok_get(const char *text, const struct jtok *v, uint32_t obj, const char *key);
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
