/* pii-cvc.c: check numbers of cards by their name. Those beside a card number are pii-card.c's. */
#include "keyvalue.h"

void cvc_value(struct scan *sc, const struct value *v)
{
	if (value_digits(sc, v, 3, 4))
		scan_claim(sc, v->from, v->to, DETECTOR_CVC);
}
