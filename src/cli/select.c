/* select.c: which sessions a listing or an erasure means.
 *
 * Rows come in pages by id (store.h), so that a store of any size costs the same memory. Dates are
 * the names of day folders: the site's own time zone, fixed at import; as text they sort as days.
 */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 64 };

struct walk {
	struct store *s;
	const struct selection *sel;
	int (*each)(void *ctx, const struct selected *x);
	void *ctx;
	bool officer;
};

static bool day_fits(const struct selection *sel, const char *day)
{
	return !(sel->since && strcmp(day, sel->since) < 0) &&
	       !(sel->until && strcmp(day, sel->until) > 0) &&
	       !(sel->before && strcmp(day, sel->before) >= 0);
}

/* Art. 18: kept, and nobody's business but an officer's. */
static bool hidden(const struct walk *w, const struct session_row *row)
{
	return row->state == SESSION_RESTRICTED && !w->officer && !w->sel->unseen;
}

static int walk_day(const struct walk *w, const struct site_row *site, const struct day_row *day)
{
	CLEANUP_FREE struct session_row *rows = calloc(PAGE, sizeof(*rows));
	uint64_t after = 0;
	int n;

	if (!rows)
		return -ENOMEM;
	while ((n = store_session_list(w->s, day->id, after, rows, PAGE)) > 0) {
		for (int i = 0; i < n; i++) {
			const struct session_row *row = &rows[i];
			const struct selected x = {.site = site, .day = day, .row = row};

			after = row->ino;
			if (hidden(w, row))
				continue;
			int r = w->each(w->ctx, &x);
			if (r)
				return r;
		}
	}
	return n;
}

static int walk_site(const struct walk *w, const struct site_row *site)
{
	struct day_row rows[PAGE];
	uint64_t after = 0;
	int n;

	while ((n = store_day_list(w->s, site->id, after, rows, PAGE)) > 0) {
		for (int i = 0; i < n; i++) {
			after = rows[i].id;
			if (!day_fits(w->sel, rows[i].name))
				continue;
			int r = walk_day(w, site, &rows[i]);
			if (r)
				return r;
		}
	}
	return n;
}

/* By the store's own index of visitors: it costs what the visitor has, not what there is. */
static int walk_visitor(const struct walk *w)
{
	CLEANUP_FREE struct session_row *rows = calloc(PAGE, sizeof(*rows));
	struct site_row site = {0};
	struct day_row day = {0};
	uint64_t after = 0;
	int n, r;

	if (!rows)
		return -ENOMEM;
	while ((n = store_session_list_visitor(w->s, w->sel->visitor, after, rows, PAGE)) > 0) {
		for (int i = 0; i < n; i++) {
			const struct session_row *row = &rows[i];
			const struct selected x = {.site = &site, .day = &day, .row = row};

			after = row->ino;
			r = site.id == row->site_id ? 0 : store_site_get(w->s, row->site_id, &site);
			if (r >= 0 && day.id != row->day_id)
				r = store_day_get(w->s, row->day_id, &day);
			if (r == -ENOENT) { /* erased meanwhile, folders and all */
				site.id = day.id = 0;
				continue;
			}
			if (r < 0)
				return r;
			if (w->sel->site && strcmp(site.name, w->sel->site) != 0)
				continue;
			if (!day_fits(w->sel, day.name) || hidden(w, row))
				continue;
			r = w->each(w->ctx, &x);
			if (r)
				return r;
		}
	}
	return n;
}

static int walk_all(const struct walk *w)
{
	CLEANUP_FREE struct site_row *rows = calloc(PAGE, sizeof(*rows));
	uint64_t after = 0;
	int n;

	if (!rows)
		return -ENOMEM;
	while ((n = store_site_list(w->s, after, rows, PAGE)) > 0) {
		for (int i = 0; i < n; i++) {
			after = rows[i].id;
			int r = walk_site(w, &rows[i]);
			if (r)
				return r;
		}
	}
	return n;
}

int select_walk(struct store *s, const struct selection *sel,
		int (*each)(void *ctx, const struct selected *x), void *ctx, struct errinfo *e)
{
	const struct walk w = {.s = s,
			       .sel = sel,
			       .each = each,
			       .ctx = ctx,
			       .officer = store_roles(s) & ROLE_OFFICER};
	struct site_row site;
	int r;

	if (sel->site) { /* with a visitor too: a wrong name is said rather than nothing found */
		r = store_site_find(s, sel->site, strlen(sel->site), &site);
		if (r == -ENOENT)
			return err_set(e, r, "no such site '%s'", sel->site);
	} else {
		r = 0;
	}
	if (r >= 0 && sel->visitor)
		r = walk_visitor(&w);
	else if (r >= 0)
		r = sel->site ? walk_site(&w, &site) : walk_all(&w);
	if (r < 0)
		return err_set_errno(e, r, "cannot list the store's sessions");
	return r;
}

bool date_check(const char *s)
{
	struct tm tm = {0}, same;
	char again[16];

	for (int i = 0; i < 10; i++) {
		if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return false;
	}
	if (s[10])
		return false;
	tm.tm_year =
		(s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0') - 1900;
	tm.tm_mon = (s[5] - '0') * 10 + (s[6] - '0') - 1;
	tm.tm_mday = (s[8] - '0') * 10 + (s[9] - '0');

	/* a day that doesn't exist comes back as another one */
	time_t t = timegm(&tm);
	return gmtime_r(&t, &same) && strftime(again, sizeof(again), "%Y-%m-%d", &same) == 10 &&
	       strcmp(again, s) == 0;
}
