/* pii-steuer-id.c: the tax id (Germany): eleven digits, of which one occurs twice or three times,
 * and a check digit. In one piece or grouped 2333 it counts anywhere. */
#include "national-id.h"

bool steuer_id_is(const struct id_digits *x)
{
	if (!check_steuer_id(x->v->d))
		return false;
	if (x->alone && (id_bare(x->v, x->n) ? !id_other_words(x->sc, x->i)
					     : id_grouped(x->v, x->n, "2333", SEP_SPACE)))
		return true;
	return id_announced(x, H_STEUER);
}
