/* pii-nip.c: NIP, the tax number (Poland): ten digits with a check digit. Announced only. */
#include "national-id.h"

bool nip_is(const struct id_digits *x)
{
	return check_nip(x->v->d) && id_announced(x, H_NIP);
}
