/* erase-steps.c: the way from "intended" to "rows gone"; see erase-job.c for what must hold. */
#include "erase-priv.h"

int erase_steps_finish(struct store *s, const struct erase_item *items, size_t n,
		       uint64_t *ret_epoch, struct errinfo *e)
{
	int r = store_erase_keys(s, items, n, ret_epoch, e); /* keeps X2 */

	return r < 0 ? r : store_erase_rows(s, items, n, e); /* keeps X3 */
}
