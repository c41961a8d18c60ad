/* pii-rodne-cislo.c: rodné číslo (Czechia, Slovakia), and DIČ, which holds it for people: a date of
 * birth and three digits, since 1954 with a check digit. With its slash the long form counts
 * anywhere. */
#include "national-id.h"

bool rodne_is(const struct id_digits *x)
{
	const struct num *v = x->v;

	if (!check_rodne(v->d, x->n))
		return false;
	if (x->n == 10 && x->alone && v->ngroups > 1 && v->first[1] == 6 &&
	    (v->sep[1] & SEP_SLASH) && !(v->sep[1] & ~(SEP_SLASH | SEP_SPACE)))
		return true;
	return id_announced(x, H_RODNE);
}
