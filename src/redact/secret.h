/* secret.h: what the detectors of secrets share (secret.c). */
#ifndef SECRET_H
#define SECRET_H

#include "detect-priv.h"

enum charset { ALNUM, TOKEN /* A-Z a-z 0-9 _ - */, DOTTED /* and . */, HEX, UPPER /* A-Z 0-9 */ };
bool secret_in_set(int c, enum charset set);
/* What may stand before a key: nothing that would make it part of a longer word. */
bool secret_boundary(const struct scan *sc, size_t i);
/* Decodes base64 or base64url, until something else or until out is full. Returns the bytes. */
size_t secret_base64(const uint8_t *s, size_t n, uint8_t *out, size_t cap);

#endif
