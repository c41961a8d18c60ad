/* pii-nhs-number.c: the NHS number (England, Wales): ten digits with a check digit. Announced
 * only. */
#include "national-id.h"

bool nhs_is(const struct id_digits *x)
{
	return check_nhs(x->v->d) && id_announced(x, H_NHS);
}
