/* pii-nino.c: the national insurance number (United Kingdom): QQ 12 34 56 C, letters of few kinds
 * around six digits, no check digit. Announced only. */
#include "national-id.h"

#include <string.h>

size_t nino_end(struct scan *sc, size_t start, size_t i, size_t run)
{
	int c = sc->s[start] | 0x20, c1 = sc->s[start + 1] | 0x20;
	struct num v;
	size_t end;

	if (byte_before(sc, i) == '-' || (run != 6 && run != 2) || strchr("dfiuv", c) ||
	    strchr("dfiouv", c1))
		return 0;
	num_collect(sc, i, SEP_SPACE, &v);
	if (v.n != 6 || !(id_bare(&v, 6) || id_grouped(&v, 6, "222", SEP_SPACE)))
		return 0;
	end = v.end[5];
	if (byte_at(sc, end) == ' ')
		end++;
	c = byte_at(sc, end) | 0x20;
	return c >= 'a' && c <= 'd' && id_free_after(sc, end + 1) &&
			       scan_hinted(sc, start, H_NINO, ID_NEAR)
		       ? end + 1
		       : 0;
}
