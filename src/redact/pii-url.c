/* pii-url.c: names and addresses in a URL's query, by the parameter's name. */
#include "keyvalue.h"

void person_value(struct scan *sc, const struct value *v, const struct make *m)
{
	if (v->query && (m->lower || m->upper || m->other) && !value_is_word(sc, v))
		scan_add(sc, v->from, v->to, DETECTOR_URL);
}
