/* policy-merge.c: two policies that hold at once, and what one hides more than the other; see
 * policy.h.
 *
 * (G1) whatever either of the two hides is hidden by the merged one: policy_loosens(a, merged) and
 *      policy_loosens(b, merged) are false
 * (G2) merging the same policy again adds nothing, so that a site whose policy changes often
 *      doesn't collect selectors without end */
#include "policy-lists.h"

#include <stdlib.h>
#include <string.h>

static int list_parse(const char *s, struct selector_list **ret)
{
	return s && *s ? selector_parse(s, strlen(s), ret, NULL) : 0;
}

int policy_lists_parse(const struct policy *p, struct policy_lists *ret)
{
	struct policy_lists l = {0};
	int r = list_parse(p->block, &l.block);

	if (!r)
		r = list_parse(p->mask, &l.mask);
	if (!r)
		r = list_parse(p->unmask, &l.unmask);
	if (r < 0)
		policy_lists_done(&l);
	else
		*ret = l;
	return r;
}

void policy_lists_done(struct policy_lists *l)
{
	selector_free(l->block);
	selector_free(l->mask);
	selector_free(l->unmask);
}

bool policy_in_list(const struct selector_list *l, const struct selector_list *of, size_t i)
{
	for (size_t k = 0; k < selector_count(l); k++) {
		if (selector_same(l, k, of, i))
			return true;
	}
	return false;
}

/* Appends the selectors of `text` (parsed: l) that are in `other`, or those that aren't. */
static int add_those(struct buf *out, const char *text, const struct selector_list *l,
		     const struct selector_list *other, bool in)
{
	int r = 0;

	for (size_t i = 0; i < selector_count(l) && !r; i++) {
		size_t len, at = selector_at(l, i, &len);

		if (policy_in_list(other, l, i) != in)
			continue;
		if (out->len)
			r = buf_adds(out, ", ");
		if (!r)
			r = buf_add(out, text + at, len);
	}
	return r;
}

/* The list as a policy keeps it. It must parse: what holds later rests on it. */
static int take(struct buf *b, char **ret)
{
	CLEANUP_PTR(selector_free) struct selector_list *l = NULL;

	if (!b->len)
		return 0;
	int r = selector_parse(b->p, b->len, &l, NULL);
	if (r < 0)
		return r;
	*ret = strndup(b->p, b->len);
	return *ret ? 0 : -ENOMEM;
}

/* (G2) a's, and b's that aren't among them. */
static int both(const char *a, const struct selector_list *la, const char *b,
		const struct selector_list *lb, char **ret)
{
	CLEANUP(buf_done) struct buf out = {0};
	int r = la ? buf_adds(&out, a) : 0;

	if (!r)
		r = add_those(&out, b, lb, la, /* in= */ false);
	return r ? r : take(&out, ret);
}

int policy_merge(const struct policy *a, const struct policy *b, struct policy *ret)
{
	CLEANUP(policy_lists_done) struct policy_lists la = {0};
	CLEANUP(policy_lists_done) struct policy_lists lb = {0};
	CLEANUP(buf_done) struct buf unmask = {0};
	CLEANUP(policy_done) struct policy m = *b;
	int r;

	m.block = m.mask = m.unmask = NULL;
	for (int c = 1; c < CLASS_COUNT; c++)
		m.disp[c] = a->disp[c] > b->disp[c] ? a->disp[c] : b->disp[c];
	m.detect |= a->detect;
	m.drop_images |= a->drop_images;
	m.drop_canvas |= a->drop_canvas;
	r = policy_lists_parse(a, &la);
	if (!r)
		r = policy_lists_parse(b, &lb);
	if (!r)
		r = both(a->block, la.block, b->block, lb.block, &m.block);
	if (!r)
		r = both(a->mask, la.mask, b->mask, lb.mask, &m.mask);
	if (!r)
		r = add_those(&unmask, b->unmask, lb.unmask, la.unmask, /* in= */ true);
	if (!r)
		r = take(&unmask, &m.unmask);
	if (r < 0)
		return r;
	*ret = m;
	m = (struct policy){0}; /* moved out */
	return 0;
}

static bool has_all(const struct selector_list *l, const struct selector_list *of)
{
	for (size_t i = 0; i < selector_count(of); i++) {
		if (!policy_in_list(l, of, i))
			return false;
	}
	return true;
}

bool policy_hides_more(const struct policy *than, const struct policy *p)
{
	CLEANUP(policy_lists_done) struct policy_lists was = {0};
	CLEANUP(policy_lists_done) struct policy_lists now = {0};

	for (int c = 1; c < CLASS_COUNT; c++) {
		if (than->disp[c] == DISP_SHOW && p->disp[c] != DISP_SHOW)
			return true;
	}
	if ((p->detect & ~than->detect) || (p->drop_images && !than->drop_images) ||
	    (p->drop_canvas && !than->drop_canvas))
		return true;
	if (policy_lists_parse(than, &was) < 0 || policy_lists_parse(p, &now) < 0)
		return true; /* look again rather than miss something */
	return !has_all(was.block, now.block) || !has_all(was.mask, now.mask) ||
	       !has_all(now.unmask, was.unmask);
}
