/* policy-edit.h: a policy in the user's editor. */
#ifndef POLICY_EDIT_H
#define POLICY_EDIT_H

#include "redactfs/buf.h"
#include "redactfs/err.h"

/* Opens an editor on `text` until what comes out is a policy, or the user gives up. 1: *ret is
 * another text than `text`, and a policy; 0: unchanged. -ECANCELED: it isn't one and nobody wants
 * to go on, all is said; else an error in `e`. */
int policy_edit(const char *site, const struct buf *text, struct buf *ret, struct errinfo *e);

#endif
