/* ids.c: session ids as text; see ids.h. */
#include "redactfs/ids.h"

#include "redactfs/hex.h"

#include <stddef.h>

void session_id_format(const struct session_id *id, char out[SESSION_ID_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(id->b); i++) {
		out[2 * i] = hex[id->b[i] >> 4];
		out[2 * i + 1] = hex[id->b[i] & 15];
	}
	out[SESSION_ID_HEX] = 0;
}

bool session_id_parse(const char *s, struct session_id *ret)
{
	struct session_id id;

	for (size_t i = 0; i < sizeof(id.b); i++) {
		/* a UUID's hyphens stand before bytes 4, 6, 8 and 10 */
		if (*s == '-' && (i == 4 || i == 6 || i == 8 || i == 10))
			s++;
		int hi = hex_digit(s[0]), lo = hi < 0 ? -1 : hex_digit(s[1]);
		if (lo < 0)
			return false;
		id.b[i] = (uint8_t)(hi << 4 | lo);
		s += 2;
	}
	if (*s)
		return false;
	*ret = id;
	return true;
}
