/* policy.c: what a policy says when nobody has written one, and what changes loosen it; see
 * policy.h. */
#include "redactfs/policy.h"

#include "policy-lists.h"

#include <stdlib.h>
#include <string.h>

int policy_default(struct policy *p)
{
	*p = (struct policy){.timezone = "UTC", .detect = DETECTORS_ALL};
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

/* What p does with what the selector of[i] hides: nothing is as good as showing it. */
static enum disposition hides(const struct policy *p, const struct policy_lists *l,
			      const struct selector_list *of, size_t i)
{
	enum disposition d = DISP_SHOW;

	if (policy_in_list(l->block, of, i) && p->disp[CLASS_BLOCKED] > d)
		d = p->disp[CLASS_BLOCKED];
	if (policy_in_list(l->mask, of, i) && p->disp[CLASS_MASKED] > d)
		d = p->disp[CLASS_MASKED];
	return d;
}

static bool list_loosens(const struct policy *a, const struct policy_lists *la,
			 const struct policy *b, const struct policy_lists *lb,
			 const struct selector_list *of)
{
	for (size_t i = 0; i < selector_count(of); i++) {
		if (hides(b, lb, of, i) < hides(a, la, of, i))
			return true;
	}
	return false;
}

bool policy_loosens(const struct policy *a, const struct policy *b)
{
	CLEANUP(policy_lists_done) struct policy_lists la = {0};
	CLEANUP(policy_lists_done) struct policy_lists lb = {0};

	for (int c = 1; c < CLASS_COUNT; c++) {
		if (b->disp[c] < a->disp[c])
			return true;
	}
	if ((a->detect & ~b->detect) || (a->drop_images && !b->drop_images) ||
	    (a->drop_canvas && !b->drop_canvas))
		return true;
	/* lists that can't be read (memory) may hold anything: ask for the officer */
	if (policy_lists_parse(a, &la) < 0 || policy_lists_parse(b, &lb) < 0)
		return true;
	if (list_loosens(a, &la, b, &lb, la.block) || list_loosens(a, &la, b, &lb, la.mask))
		return true;
	for (size_t i = 0; i < selector_count(lb.unmask); i++) {
		if (!policy_in_list(la.unmask, lb.unmask, i))
			return true;
	}
	return false;
}
