/* pii-ssn.c: the social security number (United States): nine digits without a check digit. With
 * its dashes (324) it counts anywhere but behind an order's or a telephone's words. */
#include "national-id.h"

bool ssn_is(const struct id_digits *x)
{
	if (!check_ssn(x->v->d))
		return false;
	return (x->alone && id_grouped(x->v, x->n, "324", SEP_DASH) &&
		!id_other_words(x->sc, x->i)) ||
	       id_announced(x, H_SSN);
}
