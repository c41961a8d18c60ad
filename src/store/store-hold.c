/* store-hold.c: what keeps a session from being erased until somebody who may say so says
 * otherwise: legal hold (Art. 17(3) GDPR), and restriction (Art. 18), which keeps it from being
 * read too.
 *
 * (H1) such a session gets no intent: the transaction that would give it one asks, under the writer
 *      lock, so that a hold that was acknowledged is never overtaken by an erasure
 * (H2) the reason is in the log, by the same commit as the hold
 * (H3) `state` follows from the rows, by the same commit; a restriction goes before a hold */
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

/* 1: changed; 0: it was so, or isn't there. */
static int set_one(struct store_txn *t, uint64_t ino, enum hold_kind kind, bool held,
		   const char *reason)
{
	struct catalog_hold h = {.ino = ino, .kind = kind, .at_ns = t->now_ns};
	struct catalog_session cs;
	struct catalog_day day;
	struct catalog_site site;
	int r = catalog_session_get(t->c, ino, &cs);

	if (r < 0 || cs.erasing)
		return r == -ENOENT ? 0 : r;
	(void)snprintf(h.operator_email, sizeof(h.operator_email), "%s", t->s->op.email);
	(void)snprintf(h.reason, sizeof(h.reason), "%s", reason);
	r = held ? catalog_hold_add(t->c, &h) : catalog_hold_remove(t->c, ino, kind);
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

static int audit_hold(struct store_txn *t, const char *entry, size_t n, const char *reason)
{
	CLEANUP(buf_done) struct buf detail = {0};
	int r = audit_detail_text(&detail, "reason", reason);

	if (r == 0)
		r = audit_detail_number(&detail, "sessions", n);
	if (r == 0)
		r = audit_detail_end(&detail);
	return r < 0 ? r : store_txn_audit(t, entry, t->s->op.email, detail.p);
}

static int set_once(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n, bool held,
		    const char *reason, size_t *ret_changed, struct errinfo *e)
{
	struct store_txn t;
	size_t changed = 0;

	int r = store_hold_may(s, kind, e);
	if (r == 0)
		r = store_reason_check(reason, e);
	if (r == 0)
		r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = set_one(&t, inos[i], kind, held, reason);
		changed += r == 1;
	}
	if (r >= 0 && changed)
		r = audit_hold(&t, held ? kinds[kind].set : kinds[kind].end, changed, reason);
	if (r >= 0 && changed)
		r = store_txn_commit(&t); /* keeps H2 */
	else
		store_txn_abort(&t);
	if (r < 0)
		return err_set_errno(e, r, "%s", kinds[kind].failed);
	*ret_changed = changed;
	return 0;
}

int store_hold_set(struct store *s, enum hold_kind kind, const uint64_t *inos, size_t n, bool held,
		   const char *reason, size_t *ret_changed, struct errinfo *e)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_HALF);
	int r;

	do
		r = set_once(s, kind, inos, n, held, reason, ret_changed, e);
	while (room_more(&rm, r, e));
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
