/* policy.c: what a policy says when nobody has written one, and what changes loosen it; see
 * policy.h. */
#include "redactfs/policy.h"

#include "redactfs/selector.h"

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

/* A policy's lists, parsed. */
struct lists {
	struct selector_list *block, *mask, *unmask; /* owned */
};

static void lists_done(struct lists *l)
{
	selector_free(l->block);
	selector_free(l->mask);
	selector_free(l->unmask);
}

static int list_parse(const char *s, struct selector_list **ret)
{
	return s && *s ? selector_parse(s, strlen(s), ret, NULL) : 0;
}

static int lists_parse(const struct policy *p, struct lists *l)
{
	int r = list_parse(p->block, &l->block);

	if (!r)
		r = list_parse(p->mask, &l->mask);
	return r ? r : list_parse(p->unmask, &l->unmask);
}

static bool in_list(const struct selector_list *l, const struct selector_list *of, size_t i)
{
	for (size_t k = 0; k < selector_count(l); k++) {
		if (selector_same(l, k, of, i))
			return true;
	}
	return false;
}

/* What p does with what the selector of[i] hides: nothing is as good as showing it. */
static enum disposition hides(const struct policy *p, const struct lists *l,
			      const struct selector_list *of, size_t i)
{
	enum disposition d = DISP_SHOW;

	if (in_list(l->block, of, i) && p->disp[CLASS_BLOCKED] > d)
		d = p->disp[CLASS_BLOCKED];
	if (in_list(l->mask, of, i) && p->disp[CLASS_MASKED] > d)
		d = p->disp[CLASS_MASKED];
	return d;
}

static bool list_loosens(const struct policy *a, const struct lists *la, const struct policy *b,
			 const struct lists *lb, const struct selector_list *of)
{
	for (size_t i = 0; i < selector_count(of); i++) {
		if (hides(b, lb, of, i) < hides(a, la, of, i))
			return true;
	}
	return false;
}

bool policy_loosens(const struct policy *a, const struct policy *b)
{
	CLEANUP(lists_done) struct lists la = {0};
	CLEANUP(lists_done) struct lists lb = {0};

	for (int c = 1; c < CLASS_COUNT; c++) {
		if (b->disp[c] < a->disp[c])
			return true;
	}
	/* lists that can't be read (memory) may hold anything: ask for the officer */
	if (lists_parse(a, &la) < 0 || lists_parse(b, &lb) < 0)
		return true;
	if (list_loosens(a, &la, b, &lb, la.block) || list_loosens(a, &la, b, &lb, la.mask))
		return true;
	for (size_t i = 0; i < selector_count(lb.unmask); i++) {
		if (!in_list(la.unmask, lb.unmask, i))
			return true;
	}
	return false;
}
