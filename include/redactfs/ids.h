/* ids.h: the identifiers that modules pass to one another. */
#ifndef REDACTFS_IDS_H
#define REDACTFS_IDS_H

#include <stdbool.h>
#include <stdint.h>

/* A session's 128-bit id. A UUID or 32 hex digits of a wrapper or of --id are taken as they are,
 * any other id text is hashed into it; without one it is drawn at import. The session's folder
 * shows the last 12 of its 32 hex digits (the first ones of a UUIDv7 are a clock). */
struct session_id {
	uint8_t b[16];
};

#define SESSION_ID_HEX 32

/* 32 lower-case hex digits and a NUL. */
void session_id_format(const struct session_id *id, char out[SESSION_ID_HEX + 1]);
/* 32 hex digits, or a UUID in its usual form, upper or lower case. */
bool session_id_parse(const char *s, struct session_id *ret);

#endif
