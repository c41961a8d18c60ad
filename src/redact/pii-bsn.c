/* pii-bsn.c: BSN, the citizens' number (Netherlands): nine digits with a check digit. Announced
 * only. */
#include "national-id.h"

bool bsn_is(const struct id_digits *x)
{
	return check_bsn(x->v->d) && id_announced(x, H_BSN);
}
