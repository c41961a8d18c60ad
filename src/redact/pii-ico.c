/* pii-ico.c: IČO, the number of businesses, sole traders among them (Czechia, Slovakia), and DIČ,
 * which holds it for those that aren't people: eight digits with a check digit. Announced only. */
#include "national-id.h"

bool ico_is(const struct id_digits *x)
{
	return check_ico(x->v->d) && (id_announced(x, H_ICO) || id_announced(x, H_RODNE));
}
