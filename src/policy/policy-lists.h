/* policy-lists.h: a policy's lists of selectors, parsed. */
#ifndef REDACTFS_POLICY_LISTS_H
#define REDACTFS_POLICY_LISTS_H

#include "redactfs/policy.h"
#include "redactfs/selector.h"

struct policy_lists {
	struct selector_list *block, *mask, *unmask; /* owned; NULL: none */
};
/* -ENOMEM; a policy that was parsed has lists that parse. */
int policy_lists_parse(const struct policy *p, struct policy_lists *ret);
void policy_lists_done(struct policy_lists *l);
/* Is of[i] in the list, but for white space? */
bool policy_in_list(const struct selector_list *l, const struct selector_list *of, size_t i);

#endif
