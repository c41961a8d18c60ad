/* pii-nif-pt.c: NIF, the tax number (Portugal): nine digits with a check digit. Announced only; the
 * word NIF is Spain's as well, where other forms follow it. */
#include "national-id.h"

bool nif_pt_is(const struct id_digits *x)
{
	return check_pt_nif(x->v->d) && (id_announced(x, H_PTNIF) || id_announced(x, H_DNI));
}
