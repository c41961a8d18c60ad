/* store-choose.c: which sessions of a site hide more than its newest policy, or were rendered
 * before it was set; and bringing the latter up to date before anybody asks. */
#include "store-apply.h"

#include <stdlib.h>

#define PAGE 64u

static int inos_add(struct store_inos *l, uint64_t ino)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		uint64_t *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = ino;
	return 0;
}

void store_inos_done(struct store_inos *l)
{
	free(l->v);
}

void store_choice_done(struct store_choice *w)
{
	policy_done(&w->newest);
}

/* Does the newest policy show what a session made under policy `base` keeps hidden? */
static int is_pending(struct store *s, struct catalog_conn *c, struct store_choice *w,
		      uint64_t base)
{
	CLEANUP(policy_done) struct policy holds = {0};

	if (w->known && w->asked == base)
		return w->pending;
	int r = store_policy_since(s, c, w->site, base, w->seq, &holds);
	if (r < 0)
		return r;
	w->asked = base;
	w->known = true;
	w->pending = policy_loosens(&holds, &w->newest);
	return w->pending;
}

int store_choice_new(struct store *s, struct catalog_conn *c, const char *site,
		     struct store_choice *ret)
{
	*ret = (struct store_choice){.site = site};
	int r = store_policy_seq(s, c, site, &ret->seq);
	return r < 0 ? r : store_policy_at(s, c, site, ret->seq, &ret->newest);
}

/* 1: it is one of those. */
typedef int (*wanted_fn)(struct store *s, struct catalog_conn *c, struct store_choice *w,
			 const struct session_row *row);

static int wants_apply(struct store *s, struct catalog_conn *c, struct store_choice *w,
		       const struct session_row *row)
{
	/* restricted ones are kept as they are, and no more (Art. 18); they wait till that ends */
	return row->policy_base == w->seq || row->state == SESSION_RESTRICTED
		       ? 0
		       : is_pending(s, c, w, row->policy_base);
}

static int wants_refresh(struct store *s, struct catalog_conn *c, struct store_choice *w,
			 const struct session_row *row)
{
	(void)c;
	return !session_is_current(s, row, w->seq);
}

static int choose_of_day(struct store *s, struct catalog_conn *c, struct aead *a, uint64_t day_id,
			 struct store_choice *w, wanted_fn wanted, struct store_inos *ret)
{
	CLEANUP_FREE struct catalog_session *page = malloc(PAGE * sizeof(*page));
	uint64_t after = 0;
	int r = page ? 0 : -ENOMEM;

	while (r == 0) {
		int n = catalog_session_list(c, day_id, after, page, PAGE);

		for (int i = 0; i < n && r == 0; i++) {
			struct session_meta m;

			after = page[i].ino;
			r = store_session_open(s, a, &page[i], &m, NULL);
			if (r < 0) { /* damaged ones are for others to tell */
				r = session_own_fault(r) ? 0 : r;
				continue;
			}
			r = wanted(s, c, w, &m.row);
			if (r == 1)
				r = inos_add(ret, page[i].ino);
		}
		if (n < (int)PAGE)
			return n < 0 ? n : r;
	}
	return r;
}

static int choose(struct store *s, struct catalog_conn *c, struct store_choice *w, wanted_fn wanted,
		  struct store_inos *ret)
{
	struct scratch_item *scratch;
	struct catalog_site site;
	struct catalog_day days[PAGE];
	uint64_t after = 0;
	int n = PAGE;
	int r = catalog_site_find(c, w->site, strlen(w->site), &site);

	if (r < 0)
		return r == -ENOENT ? 0 : r; /* a policy without a session */
	r = store_scratch_get(s, &scratch);
	if (r < 0)
		return r;
	while (r == 0 && n == PAGE) {
		n = catalog_day_list(c, site.id, after, days, PAGE);
		for (int i = 0; i < n && r == 0; i++) {
			after = days[i].id;
			r = choose_of_day(s, c, scratch->cs->aead, after, w, wanted, ret);
		}
		r = n < 0 ? n : r;
	}
	store_scratch_put(s, scratch);
	return r;
}

int store_choice_pending(struct store *s, struct catalog_conn *c, struct store_choice *w,
			 struct store_inos *ret)
{
	return choose(s, c, w, wants_apply, ret);
}

int store_policy_pending(struct store *s, const char *site, uint64_t *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP(store_choice_done) struct store_choice w = {0};
	CLEANUP(store_inos_done) struct store_inos l = {0};
	int r = catalog_get(s->cat, &c);
	bool any = false;

	if (r == 0)
		r = store_choice_new(s, c, site, &w);
	/* a million rows are only looked at where one may be pending */
	for (uint64_t base = 0; r == 0 && !any && base < w.seq; base++) {
		r = is_pending(s, c, &w, base);
		any = r == 1;
		r = r < 0 ? r : 0;
	}
	if (r == 0 && any)
		r = choose(s, c, &w, wants_apply, &l);
	if (r == 0)
		*ret = l.n;
	return r;
}

int store_policy_refresh(struct store *s, const char *site, store_progress_fn progress, void *ctx,
			 uint64_t *ret_failed, struct errinfo *e)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP(store_choice_done) struct store_choice w = {0};
	CLEANUP(store_inos_done) struct store_inos l = {0};
	uint64_t failed = 0;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = store_choice_new(s, c, site, &w);
	if (r == 0)
		r = choose(s, c, &w, wants_refresh, &l);
	c = catalog_put(c);
	for (size_t i = 0; r == 0 && i < l.n;) {
		size_t n = l.n - i < 16 ? l.n - i : 16;

		r = store_sessions_rerender(s, l.v + i, n);
		if (session_own_fault(r)) {
			/* one of them: each by itself tells which */
			for (size_t k = 0; k < n; k++)
				failed += session_own_fault(
					store_sessions_rerender(s, l.v + i + k, 1));
			r = 0;
		}
		i += n;
		if (progress)
			progress(ctx, i, l.n);
	}
	if (r < 0)
		return err_set_errno(e, r, "cannot bring the sessions up to date");
	*ret_failed = failed;
	return 0;
}
