/* store-hold.c: legal hold (Art. 17(3) GDPR): a session that must not be erased until somebody who
 * may say so says otherwise.
 *
 * (H1) a held session gets no intent: the transaction that would give it one asks, under the writer
 *      lock, so that a hold that was acknowledged is never overtaken by an erasure
 * (H2) the reason is in the log, by the same commit as the hold */
#include "store-priv.h"

#include <stdio.h>

#define MAY_HOLD (ROLE_OFFICER | ROLE_ADMIN)

int store_hold_get(struct catalog_conn *c, const struct catalog_session *cs)
{
	return cs->state == SESSION_HELD ? 1 : catalog_hold_has(c, cs->ino);
}

/* 1: changed; 0: it was so, or isn't there. */
static int set_one(struct store_txn *t, uint64_t ino, bool held, const char *reason)
{
	struct catalog_hold h = {.ino = ino, .at_ns = t->now_ns};
	struct catalog_session cs;
	struct catalog_day day;
	struct catalog_site site;
	int r = catalog_session_get(t->c, ino, &cs);

	if (r < 0 || cs.erasing)
		return r == -ENOENT ? 0 : r;
	(void)snprintf(h.operator_email, sizeof(h.operator_email), "%s", t->s->op.email);
	(void)snprintf(h.reason, sizeof(h.reason), "%s", reason);
	r = held ? catalog_hold_add(t->c, &h) : catalog_hold_remove(t->c, ino);
	if (r < 0)
		return r == -EEXIST || r == -ENOENT ? 0 : r;
	/* a restricted one stays so: held or not, nobody reads it */
	if (cs.state != SESSION_RESTRICTED)
		r = catalog_session_set_state(t->c, ino, held ? SESSION_HELD : SESSION_LIVE);
	if (r == 0)
		r = store_session_site(t->c, cs.day_id, &day, &site);
	if (r == 0)
		r = store_txn_change(t, CHANGE_RENDERED, ino, day.id, site.id);
	return r < 0 ? r : 1;
}

static int audit_hold(struct store_txn *t, bool held, size_t n, const char *reason)
{
	CLEANUP(buf_done) struct buf detail = {0};
	int r = audit_detail_text(&detail, "reason", reason);

	if (r == 0)
		r = audit_detail_number(&detail, "sessions", n);
	if (r == 0)
		r = audit_detail_end(&detail);
	return r < 0 ? r : store_txn_audit(t, held ? "hold" : "hold-end", t->s->op.email, detail.p);
}

int store_hold_set(struct store *s, const uint64_t *inos, size_t n, bool held, const char *reason,
		   size_t *ret_changed, struct errinfo *e)
{
	struct store_txn t;
	size_t changed = 0;

	if (!(s->op.roles & MAY_HOLD))
		return err_set(e, -EACCES, "only an officer or admin may hold sessions");
	int r = store_reason_check(reason, e);
	if (r == 0)
		r = store_txn_begin(s, CATALOG_WRITE, &t, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = set_one(&t, inos[i], held, reason);
		changed += r == 1;
	}
	if (r >= 0 && changed)
		r = audit_hold(&t, held, changed, reason);
	if (r >= 0 && changed)
		r = store_txn_commit(&t); /* keeps H2 */
	else
		store_txn_abort(&t);
	if (r < 0)
		return err_set_errno(e, r, "cannot change what is on hold");
	*ret_changed = changed;
	return 0;
}

int store_hold_list(struct store *s, uint64_t after, struct hold_row *rows, size_t n)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_hold page[16];
	size_t done = 0;
	int r = catalog_get(s->cat, &c);

	while (r == 0 && done < n) {
		size_t want = n - done < 16 ? n - done : 16;
		int k = catalog_hold_list(c, after, page, want);

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
