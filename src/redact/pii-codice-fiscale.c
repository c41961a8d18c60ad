/* pii-codice-fiscale.c: the tax code (Italy): sixteen letters and digits with a check letter. */
#include "national-id.h"

size_t fiscale_end(const struct scan *sc, size_t start)
{
	size_t end = start + 16;

	return sc->n - start >= 16 && id_free_after(sc, end) && check_fiscale(sc->s + start) ? end
											     : 0;
}
