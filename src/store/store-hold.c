/* store-hold.c: what keeps a session from being erased until somebody who may say so says
 * otherwise: legal hold (Art. 17(3) GDPR), and restriction (Art. 18), which keeps it from being
 * read too.
 *
 * (H1) such a session gets no intent: the transaction that would give it one asks, under the writer
 *      lock, so that a hold that was acknowledged is never overtaken by an erasure
 * (H2) the reason is in the log, by the same commit as the hold
 * (H3) `state` follows from the rows, by the same commit; a restriction goes before a hold
 * (H4) who isn't an officer isn't told of restricted sessions: not by a count, not by whether there
 *      is an entry, not by what it says. Yet a hold of a site is one of all that is there and
 *      outlasts the restriction */
#include "store-priv.h"

#include <stdio.h>

static const struct {
	uint32_t roles;
	enum change_kind change;
	const char *denied, *failed, *set, *end; /* the last two: kinds of audit entries */
} kinds[] = {
	[HOLD_LEGAL] = {ROLE_OFFICER | ROLE_ADMIN, CHANGE_RENDERED,
			"only an officer or admin may hold sessions",
			"cannot change what is on hold", "hold", "hold-end"},
	[HOLD_RESTRICTION] = {ROLE_OFFICER, CHANGE_HIDDEN, "only an officer may restrict sessions",
			      "cannot change what is restricted", "restrict", "restrict-end"},
};

int store_hold_may(const struct store *s, enum hold_kind kind, struct errinfo *e)
{
	return s->op.roles & kinds[kind].roles ? 0 : err_set(e, -EACCES, "%s", kinds[kind].denied);
}

int store_hold_state(struct catalog_conn *c, uint64_t ino)
{
	int r = catalog_hold_has(c, ino, HOLD_RESTRICTION);

	if (r)
		return r < 0 ? r : SESSION_RESTRICTED;
	r = catalog_hold_has(c, ino, HOLD_LEGAL);
	return r < 0 ? r : r ? SESSION_HELD : SESSION_LIVE;
}

int store_hold_get(struct catalog_conn *c, const struct catalog_session *cs)
{
	if (cs->state == SESSION_HELD || cs->state == SESSION_RESTRICTED)
		return 1;
	int r = store_hold_state(c, cs->ino);
	return r < 0 ? r : r != SESSION_LIVE;
}

/* Who lists the day sees another one. A hold shows in no folder. */
static int touch(struct store_txn *t, enum hold_kind kind, uint64_t day, uint64_t site)
{
	int r = 0;

	if (kind == HOLD_RESTRICTION) {
		r = catalog_day_touch(t->c, day, t->now_ns);
		if (r == 0)
			r = catalog_site_touch(t->c, site, t->now_ns);
	}
	return r;
}

/* What is asked for. */
struct order {
	enum hold_kind kind;
	const uint64_t *inos;
	size_t n;
	bool held;
	bool blind; /* who asks isn't told which of them are restricted */
	const char *reason;
};

/* 1: changed; 0: it was so, or isn't there. */
static int set_one(struct store_txn *t, uint64_t ino, const struct order *o, bool *ret_unseen)
{
	const enum hold_kind kind = o->kind;
	struct catalog_hold h = {.ino = ino, .kind = kind, .at_ns = t->now_ns};
	struct catalog_session cs;
	struct catalog_day day;
	struct catalog_site site;
	int r = catalog_session_get(t->c, ino, &cs);

	*ret_unseen = r == 0 && o->blind && cs.state == SESSION_RESTRICTED;
	if (r < 0 || cs.erasing)
		return r == -ENOENT ? 0 : r;
	(void)snprintf(h.operator_email, sizeof(h.operator_email), "%s", t->s->op.email);
	(void)snprintf(h.reason, sizeof(h.reason), "%s", o->reason);
	r = o->held ? catalog_hold_add(t->c, &h) : catalog_hold_remove(t->c, ino, kind);
	if (r < 0)
		return r == -EEXIST || r == -ENOENT ? 0 : r;
	r = store_hold_state(t->c, ino); /* keeps H3 */
	if (r >= 0)
		r = catalog_session_set_state(t->c, ino, (uint32_t)r);
	if (r == 0)
		r = store_session_site(t->c, cs.day_id, &day, &site);
	if (r == 0)
		r = touch(t, kind, day.id, site.id);
	if (r == 0)
		r = store_txn_change(t, kinds[kind].change, ino, day.id, site.id);
	return r < 0 ? r : 1;
}

static int audit_hold(struct store_txn *t, const struct order *o, size_t n)
{
	CLEANUP(buf_done) struct buf detail = {0};
	const char *entry = o->held ? kinds[o->kind].set : kinds[o->kind].end;
	int r = audit_detail_text(&detail, "reason", o->reason);

	if (r == 0)
		r = audit_detail_number(&detail, "sessions", n);
	if (r == 0 && o->blind)
		r = audit_detail_text(&detail, "restricted", "included");
	if (r == 0)
		r = audit_detail_end(&detail);
	return r < 0 ? r : store_txn_audit(t, entry, t->s->op.email, detail.p);
}

static int set_all(struct store_txn *t, const struct order *o, struct hold_counts *ret)
{
	size_t changed = 0, told = 0;
	int r = 0;

	*ret = (struct hold_counts){0};
	for (size_t i = 0; r >= 0 && i < o->n; i++) {
		bool unseen;

		r = set_one(t, o->inos[i], o, &unseen);
		changed += r == 1;
		told += !unseen; /* keeps H4 */
		ret->changed += r == 1 && !unseen;
	}
	ret->before = told - ret->changed;
	if (r >= 0 && (changed || o->blind)) /* keeps H4 */
		r = audit_hold(t, o, ret->changed);
	return r;
}

static int set_once(struct store *s, const struct order *o, struct hold_counts *ret,
		    struct errinfo *e)
{
	struct store_txn t;

	int r = store_hold_may(s, o->kind, e);
	if (r == 0)
		r = store_reason_check(o->reason, e);
	if (r == 0)
		r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	r = set_all(&t, o, ret);
	if (r >= 0 && t.audited)
		r = store_txn_commit(&t); /* keeps H2 */
	else
		store_txn_abort(&t);
	return r < 0 ? err_set_errno(e, r, "%s", kinds[o->kind].failed) : 0;
}

static int set(struct store *s, const struct order *o, struct hold_counts *ret, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = set_once(s, o, ret, e);
	while (room_more(&rm, r, e));
	return r;
}

int store_hold_set(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n, bool held,
		   const char *reason, size_t *ret_changed, struct errinfo *e)
{
	const struct order o = {.kind = kind, .inos = inos, .n = n, .held = held, .reason = reason};
	struct hold_counts counts;
	int r = set(s, &o, &counts, e);

	if (r == 0)
		*ret_changed = counts.changed;
	return r;
}

int store_hold_set_found(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n,
			 bool held, const char *reason, struct hold_counts *ret, struct errinfo *e)
{
	const struct order o = {.kind = kind,
				.inos = inos,
				.n = n,
				.held = held,
				.blind = !(s->op.roles & ROLE_OFFICER),
				.reason = reason};
	struct hold_counts counts;
	int r = set(s, &o, &counts, e);

	if (r == 0)
		*ret = counts;
	return r;
}

int store_hold_list(struct store *s, enum hold_kind kind, uint64_t after, struct hold_row *rows,
		    size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_hold page[16];
	size_t done = 0;

	int r = kind == HOLD_RESTRICTION ? store_hold_may(s, kind, NULL) : 0;
	if (r == 0)
		r = catalog_get(s->cat, &c);
	while (r == 0 && done < n) {
		size_t want = n - done < 16 ? n - done : 16;
		int k = catalog_hold_list(c, kind, after, page, want);

		if (k < 0)
			return k;
		for (int i = 0; i < k; i++) {
			struct hold_row *h = &rows[done++];

			after = h->ino = page[i].ino;
			h->at_ns = page[i].at_ns;
			memcpy(h->operator_email, page[i].operator_email,
			       sizeof(h->operator_email));
			memcpy(h->reason, page[i].reason, sizeof(h->reason));
		}
		if (k < (int)want)
			break;
	}
	return r < 0 ? r : (int)done;
}
