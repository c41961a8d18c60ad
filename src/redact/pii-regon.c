/* pii-regon.c: REGON, the register of businesses, sole traders among them (Poland): nine digits or
 * fourteen, a check digit each. Announced only. */
#include "national-id.h"

bool regon_is(const struct id_digits *x)
{
	return check_regon(x->v->d, x->n) && id_announced(x, H_REGON);
}
