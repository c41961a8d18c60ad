/* store-list.c: the tree: sites, days and sessions found, got and listed.
 *
 * A session whose key is gone (erased, or of an import that never was) is not there. One whose row
 * doesn't verify is shown as damaged rather than left out: what vanishes silently looks erased. */
#include "store-priv.h"

#include <stdio.h>

#define PAGE 64u

/* ---- sites and days */

static void site_out(const struct catalog_site *in, struct site_row *out)
{
	out->id = in->id;
	out->mtime_ns = in->mtime_ns;
	memcpy(out->name, in->name, sizeof(out->name));
}

static void day_out(const struct catalog_day *in, struct day_row *out)
{
	out->id = in->id;
	out->site_id = in->site_id;
	out->mtime_ns = in->mtime_ns;
	memcpy(out->name, in->name, sizeof(out->name));
}

int store_site_find(struct store *s, const char *name, size_t len, struct site_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_site row;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_site_find(c, name, len, &row);
	if (r == 0)
		site_out(&row, ret);
	return r;
}

int store_site_get(struct store *s, uint64_t id, struct site_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_site row;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_site_get(c, id, &row);
	if (r == 0)
		site_out(&row, ret);
	return r;
}

int store_sites_mtime(struct store *s, int64_t *ret_ns)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	uint64_t ns;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_meta_get(c, META_ROOT_MTIME, &ns);
	if (r == 0)
		*ret_ns = (int64_t)ns;
	return r;
}

int store_site_list(struct store *s, uint64_t after, struct site_row *rows, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_site page[PAGE];
	size_t done = 0;
	int r = catalog_get(s->cat, &c);

	while (r == 0 && done < n) {
		size_t want = n - done < PAGE ? n - done : PAGE;
		int k = catalog_site_list(c, after, page, want);

		for (int i = 0; i < k; i++)
			site_out(&page[i], &rows[done++]);
		if (k < (int)want) {
			r = k < 0 ? k : 1;
			break;
		}
		after = page[k - 1].id;
	}
	return r < 0 ? r : (int)done;
}

int store_day_find(struct store *s, uint64_t site_id, const char *name, size_t len,
		   struct day_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_day row;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_day_find(c, site_id, name, len, &row);
	if (r == 0)
		day_out(&row, ret);
	return r;
}

int store_day_get(struct store *s, uint64_t id, struct day_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_day row;
	int r = catalog_get(s->cat, &c);

	if (r == 0)
		r = catalog_day_get(c, id, &row);
	if (r == 0)
		day_out(&row, ret);
	return r;
}

int store_day_list(struct store *s, uint64_t site_id, uint64_t after, struct day_row *rows,
		   size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_day page[PAGE];
	size_t done = 0;
	int r = catalog_get(s->cat, &c);

	while (r == 0 && done < n) {
		size_t want = n - done < PAGE ? n - done : PAGE;
		int k = catalog_day_list(c, site_id, after, page, want);

		for (int i = 0; i < k; i++)
			day_out(&page[i], &rows[done++]);
		if (k < (int)want) {
			r = k < 0 ? k : 1;
			break;
		}
		after = page[k - 1].id;
	}
	return r < 0 ? r : (int)done;
}

static int remove_folder_once(struct store *s, uint64_t day_id, uint64_t site_id)
{
	struct store_txn t;
	struct catalog_day day;
	int r = store_txn_begin(s, CATALOG_WRITE, &t, NULL);

	if (r < 0)
		return r;
	if (day_id) {
		r = catalog_day_get(t.c, day_id, &day);
		if (r == 0)
			r = catalog_day_remove(t.c, day_id);
		if (r == 0)
			r = catalog_site_touch(t.c, day.site_id, t.now_ns);
		site_id = day.site_id;
	} else {
		r = catalog_site_remove(t.c, site_id);
		if (r == 0)
			r = catalog_meta_set(t.c, META_ROOT_MTIME, (uint64_t)t.now_ns);
	}
	if (r == 0)
		r = store_txn_change(&t, CHANGE_FOLDER, 0, day_id, site_id);
	if (r == 0)
		return store_txn_commit(&t);
	store_txn_abort(&t);
	return r;
}

static int remove_folder(struct store *s, uint64_t day_id, uint64_t site_id)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = remove_folder_once(s, day_id, site_id);
	while (room_more(&rm, r, NULL));
	return r;
}

int store_day_remove(struct store *s, uint64_t id)
{
	return remove_folder(s, id, 0);
}

int store_site_remove(struct store *s, uint64_t id)
{
	return remove_folder(s, 0, id);
}

/* ---- sessions */

/* What a page's rows have in common, looked up once. */
struct place {
	struct catalog_day day;
	struct catalog_site site;
	uint64_t policy_seq;
};

static int place_of(struct store *s, struct catalog_conn *c, uint64_t day_id, struct place *p)
{
	if (p->day.id == day_id)
		return 0;
	p->day.id = 0;
	int r = store_session_site(c, day_id, &p->day, &p->site);
	if (r == 0)
		r = store_policy_seq(s, c, p->site.name, &p->policy_seq);
	if (r < 0)
		p->day.id = 0;
	return r;
}

static void damaged_out(const struct catalog_session *cs, const struct place *p,
			struct session_row *ret)
{
	*ret = (struct session_row){
		.ino = cs->ino,
		.day_id = cs->day_id,
		.site_id = p->site.id,
		.state = cs->erasing ? SESSION_ERASING : SESSION_DAMAGED,
		/* a state of the folder's: what must not change while nothing changes */
		.mtime_ns = p->day.mtime_ns,
		.ctime_ns = p->day.mtime_ns,
	};
	(void)snprintf(ret->name, sizeof(ret->name), "damaged-%llu",
		       (unsigned long long)(cs->ino % 100000000000));
}

/* 1: filled; 0: not there; 2: made under another policy, or by an older engine. */
static int session_out(struct store *s, struct aead *a, const struct catalog_session *cs,
		       const struct place *p, struct session_row *ret)
{
	struct session_meta m;
	int r = store_session_open(s, a, cs, &m, NULL);

	if (r == -ENOKEY)
		return 0;
	if (r == -EBADMSG || r == -EUCLEAN || r == -EPROTONOSUPPORT) {
		damaged_out(cs, p, ret);
		return 1;
	}
	if (r < 0)
		return r;
	*ret = m.row;
	ret->site_id = p->site.id;
	return session_is_current(s, &m.row, p->policy_seq) ? 1 : 2;
}

/* Rows of a page into `rows`; those made under another policy are brought up to date first, in one
 * commit, and read again. `c` is outside of a transaction: each look sees the newest rows. */
static int sessions_out(struct store *s, struct catalog_conn *c, struct catalog_session *page,
			size_t n, struct session_row *rows)
{
	struct scratch_item *scratch;
	struct place p = {0};
	uint64_t stale[PAGE];
	size_t n_stale = 0, done = 0;
	int r = store_scratch_get(s, &scratch);

	if (r < 0)
		return r;
	for (int pass = 0; r >= 0 && pass < 2; pass++) {
		n_stale = done = 0;
		for (size_t i = 0; i < n; i++) {
			r = place_of(s, c, page[i].day_id, &p);
			if (r == 0)
				r = session_out(s, scratch->cs->aead, &page[i], &p, &rows[done]);
			if (r < 0)
				break;
			if (r == 2)
				stale[n_stale++] = page[i].ino;
			if (r)
				done++;
		}
		if (r < 0 || !n_stale || pass)
			break;
		/* what can't be made anew is answered with as it is: reading it will say why */
		(void)store_sessions_rerender(s, stale, n_stale);
		p.day.id = 0;
		size_t kept = 0;
		for (size_t i = 0; i < n; i++) {
			r = catalog_session_get(c, page[i].ino, &page[kept]);
			if (r == 0 && !page[kept].erasing)
				kept++;
			else if (r < 0 && r != -ENOENT)
				break;
			r = 0;
		}
		n = kept;
	}
	store_scratch_put(s, scratch);
	return r < 0 ? r : (int)done;
}

static int list_sessions(struct store *s, uint64_t day_id, const uint8_t *visitor_h, uint64_t after,
			 struct session_row *rows, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_FREE struct catalog_session *page = malloc(PAGE * sizeof(*page));
	size_t done = 0;
	uint64_t at = 0;
	int r = page ? store_rows_look(s, &at) : -ENOMEM;

	if (r == 0)
		r = catalog_get(s->cat, &c);

	while (r == 0 && done < n) {
		size_t want = n - done < PAGE ? n - done : PAGE;
		int k = visitor_h ? catalog_session_list_visitor(c, visitor_h, after, page, want)
				  : catalog_session_list(c, day_id, after, page, want);

		if (k <= 0) {
			r = k;
			break;
		}
		after = page[k - 1].ino;
		int m = sessions_out(s, c, page, (size_t)k, rows + done);
		if (m < 0)
			return m;
		store_rows_keep(s->rows, at, rows + done, (size_t)m);
		done += (size_t)m;
		if (k < (int)want)
			break;
	}
	return r < 0 ? r : (int)done;
}

int store_session_list(struct store *s, uint64_t day_id, uint64_t after, struct session_row *rows,
		       size_t n)
{
	return list_sessions(s, day_id, NULL, after, rows, n);
}

int store_session_list_visitor(struct store *s, const char *visitor, uint64_t after,
			       struct session_row *rows, size_t n)
{
	uint8_t h[LOOKUP_BYTES];
	int r = lookup_visitor(store_keys(s), visitor, h);

	return r < 0 ? r : list_sessions(s, 0, h, after, rows, n);
}

static int one_out(struct store *s, struct catalog_conn *c, uint64_t at, struct catalog_session *cs,
		   struct session_row *ret)
{
	if (cs->erasing)
		return -ENOENT;
	int r = sessions_out(s, c, cs, 1, ret);
	if (r == 1)
		store_rows_keep(s->rows, at, ret, 1);
	return r < 0 ? r : r == 1 ? 0 : -ENOENT;
}

int store_session_get(struct store *s, uint64_t ino, struct session_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_session cs;
	uint64_t at;
	int r = store_rows_look(s, &at);

	if (r == 0 && store_rows_find(s->rows, at, ino, ret))
		return 0;
	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_session_get(c, ino, &cs);
	return r < 0 ? r : one_out(s, c, at, &cs, ret);
}

/* "damaged-12": the number of a row that can't say its name. */
static int find_damaged(struct store *s, uint64_t day_id, const char *name, size_t len,
			struct session_row *ret)
{
	static const char head[] = "damaged-";
	uint64_t ino = 0;

	if (len <= sizeof(head) - 1 || len >= sizeof(ret->name) ||
	    memcmp(name, head, sizeof(head) - 1) != 0)
		return -ENOENT;
	for (size_t i = sizeof(head) - 1; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -ENOENT;
		ino = ino * 10 + (uint64_t)(name[i] - '0');
	}
	int r = store_session_get(s, ino, ret);
	if (r == 0 && (ret->state != SESSION_DAMAGED || ret->day_id != day_id))
		r = -ENOENT;
	return r;
}

int store_session_find(struct store *s, uint64_t day_id, const char *name, size_t len,
		       struct session_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_session cs;
	uint8_t h[LOOKUP_BYTES];
	uint64_t at = 0;

	if (len >= sizeof(ret->name))
		return -ENOENT;
	int r = lookup_name(store_keys(s), day_id, name, len, h);
	if (r == 0)
		r = store_rows_look(s, &at);
	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_session_named(c, day_id, h, &cs);
	if (r == -ENOENT)
		return find_damaged(s, day_id, name, len, ret);
	return r < 0 ? r : one_out(s, c, at, &cs, ret);
}

int store_session_by_id(struct store *s, const struct session_id *id, struct session_row *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_session cs;
	uint8_t h[LOOKUP_BYTES];
	uint64_t at = 0;
	int r = lookup_id(store_keys(s), id, h);

	if (r == 0)
		r = store_rows_look(s, &at);
	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_session_find(c, BY_ID, h, &cs);
	return r < 0 ? r : one_out(s, c, at, &cs, ret);
}
