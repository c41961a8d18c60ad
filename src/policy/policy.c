/* policy.c: what a policy says when nobody has written one, and what changes loosen it; see
 * policy.h. */
#include "redactfs/policy.h"

#include <stdlib.h>
#include <string.h>

int policy_default(struct policy *p)
{
	*p = (struct policy){.timezone = "UTC"};
	for (int c = 1; c < CLASS_COUNT; c++)
		p->disp[c] = class_always_dropped((enum redact_class)c) || c == CLASS_BLOCKED
				     ? DISP_DROP
				     : DISP_SEAL;
	return 0;
}

void policy_done(struct policy *p)
{
	free(p->block);
	free(p->mask);
	free(p->unmask);
	*p = (struct policy){0};
}
