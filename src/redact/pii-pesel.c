/* pii-pesel.c: PESEL (Poland): eleven digits, a date of birth and a check digit. In one piece it
 * counts anywhere but behind an order's or a telephone's words. */
#include "national-id.h"

bool pesel_is(const struct id_digits *x)
{
	if (!check_pesel(x->v->d))
		return false;
	return (x->alone && id_bare(x->v, x->n) && !id_other_words(x->sc, x->i)) ||
	       id_announced(x, H_PESEL);
}
