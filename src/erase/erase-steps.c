/* erase-steps.c: the way from "intended" to "rows gone"; see erase-job.c for what must hold. */
#include "erase-priv.h"

int erase_steps_finish(struct store *s, const struct erase_item *items, size_t n,
		       uint64_t *ret_epoch, struct errinfo *e)
{
	int r = store_erase_keys(s, items, n, ret_epoch, e), r2 = 0;

	/* -EBADMSG is about some of them: they are left as they are, the others go on */
	if (r == 0 || r == -EBADMSG)
		r2 = store_erase_rows(s, items, n, e); /* keeps X2 */
	return r2 < 0 ? r2 : r;                        /* keeps X3 */
}
