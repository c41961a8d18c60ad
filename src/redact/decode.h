/* decode.h: what is encoded in a string, with the way back: for each byte of a layer, the bytes of
 * the layer above that made it. */
#ifndef REDACTFS_DECODE_H
#define REDACTFS_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layer {
	const char *s;
	size_t n;
	const uint32_t *map;    /* of n + 1 entries into the layer above; NULL: one to one */
	uint32_t off;           /* one to one: of s in the layer above */
	const struct layer *up; /* NULL: this is the recording's own text */
	bool whole;             /* a match anywhere stands for all of it (base64) */
};

/* A layer that a decoder wrote: text and map in one block. */
struct decoded {
	char *s;
	uint32_t *map;
	size_t n;
};

/* Each fills d, which has room for as many bytes as the layer has, and tells whether there was
 * anything to undo. */
/* %XX, and + as a space where the text is a form's or a query's. */
bool decode_percent(const struct layer *l, struct decoded *d);
bool decode_entities(const struct layer *l, struct decoded *d);
/* Backslash escapes outside a whole JSON text. */
bool decode_escapes(const struct layer *l, struct decoded *d);

/* The value of a base64 or base64url character, or -1. */
extern const int8_t decode_b64[256];
static inline int decode_b64val(char c)
{
	return decode_b64[(uint8_t)c];
}
/* Decodes a run up to `max` bytes; 0 where it isn't text. */
size_t decode_base64(const char *s, size_t n, size_t max, char *out);
bool decode_is_utf8(const char *s, size_t n);

#endif
