/* verify.c: the check of a whole store: whether all of it is there, is what was written, and fits
 * together, as one epoch has it.
 *
 * Everything that has a tag is opened, everything that refers to something is followed, and what
 * nothing refers to is told of. What has neither is listed in docs/BACKUP.md.
 *
 * Other processes may go on: the catalog is read in one transaction, blobs are listed before it
 * begins, and what looks wrong is looked at once more as it is now. */
#include "verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TRIES 50

void verify_fault(struct verify *v, const char *part, int code, const char *path,
		  const struct session_id *id, const char *lost, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap); /* cut at the end is fine */
	va_end(ap);
	v->st->faults++;
	v->st->changed |= code == -EBADMSG;
	v->ops->fault(v->ops->ctx, &(struct store_fault){.part = part,
							 .code = code,
							 .what = what,
							 .lost = lost,
							 .path = path,
							 .id = id});
}

static void verify_done(struct verify *v)
{
	(void)keytree_free(v->tree);
	(void)catalog_put(v->c);
	free(v->kids);
	free(v->met);
	free(v->blobs);
	free(v->named);
}

/* ---- blobs that are there */

static int on_blob(void *ctx, const struct blob_id *id)
{
	struct verify *v = ctx;

	if (v->n_blobs == v->cap_blobs) {
		size_t cap = v->cap_blobs ? 2 * v->cap_blobs : 1024;
		struct blob_id *p = reallocarray(v->blobs, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		v->blobs = p;
		v->cap_blobs = cap;
	}
	v->blobs[v->n_blobs++] = *id;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct blob_id));
}

static int list_blobs(struct verify *v)
{
	struct blobstore *bs = v->s->blobs;
	int r = bs->ops->list(bs, on_blob, v);

	if (r < 0)
		return r;
	if (v->n_blobs)
		qsort(v->blobs, v->n_blobs, sizeof(*v->blobs), by_bytes);
	v->named = calloc(v->n_blobs ? v->n_blobs : 1, sizeof(*v->named));
	return v->named ? 0 : -ENOMEM;
}

/* One that no session names: is it there still, and isn't it an import's, or an erasure's? */
static int check_stray(struct verify *v, struct catalog_conn *now, const struct blob_id *id)
{
	struct blob *b;
	int r = catalog_loose_has(now, id);

	if (r != 0)
		return r < 0 ? r : 0;
	r = v->s->blobs->ops->open(v->s->blobs, id, &b);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		(void)blob_close(b);
	verify_fault(v, "blob", -EUCLEAN, NULL, NULL, NULL,
		     "blobs/%02x/%02x%02x%02x%02x… belongs to no session", id->b[0], id->b[0],
		     id->b[1], id->b[2], id->b[3]);
	return 0;
}

static int check_strays(struct verify *v)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *now = NULL;
	int r = catalog_get(v->s->cat, &now);

	for (size_t i = 0; r == 0 && i < v->n_blobs; i++) {
		if (!v->named[i])
			r = check_stray(v, now, &v->blobs[i]);
	}
	return r;
}

/* ---- the rest */

static int on_catalog_fault(void *ctx, const char *what)
{
	verify_fault(ctx, "catalog", -EUCLEAN, NULL, NULL, NULL, "%s", what);
	return 0;
}

static int on_policy(void *ctx, const char *site)
{
	struct verify *v = ctx;
	CLEANUP(policy_done) struct policy p = {0};
	uint64_t seq;
	int r = store_policy_seq(v->s, v->c, site, &seq);

	/* each that was ever set: sessions rest on all since theirs */
	if (r == 0)
		r = store_policy_since(v->s, v->c, site, 0, seq, &p);
	v->st->policies++;
	if (r < 0 && r != -ENOMEM && r != -EIO)
		verify_fault(v, "policy", r == -EUCLEAN ? r : -EBADMSG, site, NULL,
			     "the site's rules", "the policy of '%s' doesn't verify", site);
	return r == -ENOMEM || r == -EIO ? r : 0;
}

/* Of sessions that aren't there. */
static int check_holds(struct verify *v, enum hold_kind kind)
{
	const bool legal = kind == HOLD_LEGAL;
	struct catalog_hold page[8];
	struct catalog_session cs;
	uint64_t after = 0;
	int n;

	while ((n = catalog_hold_list(v->c, kind, after, page, 8)) > 0) {
		for (int i = 0; i < n; i++) {
			after = page[i].ino;
			int r = catalog_session_get(v->c, after, &cs);
			if (r == -ENOENT)
				verify_fault(v, legal ? "hold" : "restriction", -EUCLEAN, NULL,
					     NULL, NULL, "the %s of a session that isn't there",
					     legal ? "hold" : "restriction");
			else if (r < 0)
				return r;
		}
	}
	return n;
}

static int check_audit(struct verify *v, struct errinfo *e)
{
	struct audit_report rep;
	struct errinfo what = {0};
	int r = store_audit_verify(v->s, &rep, &what);

	v->st->entries = rep.entries;
	if (r == -EBADMSG || r == -EUCLEAN) {
		verify_fault(v, "audit", r, NULL, NULL, NULL, "%s", what.msg);
		return 0;
	}
	return r < 0 ? err_set(e, r, "%s", what.msg) : 0;
}

/* Catalog and key tree of one epoch. */
static int begin(struct verify *v, struct errinfo *e)
{
	struct store_seal seal;
	int r = catalog_get(v->s->cat, &v->c);

	for (int i = 0; r == 0 && i < TRIES; i++) {
		r = store_snapshot(v->s, v->c, &v->epoch, &seal, e);
		if (r == 0)
			r = verify_keys_open(v);
		if (r != -EAGAIN)
			break;
		catalog_rollback(v->c);
		r = i + 1 < TRIES ? 0 : -EBUSY;
	}
	return r < 0 ? err_set_errno(e, r, "cannot begin to check the store") : 0;
}

int store_verify(struct store *s, const struct verify_ops *ops, struct verify_stats *ret,
		 struct errinfo *e)
{
	CLEANUP(verify_done) struct verify v = {.s = s, .ops = ops, .st = ret};
	int r;

	*ret = (struct verify_stats){0};
	r = list_blobs(&v);
	if (r < 0)
		return err_set_errno(e, r, "cannot list the blobs");
	r = begin(&v, e);
	if (r == 0) {
		r = catalog_check(v.c, on_catalog_fault, &v);
		if (r < 0)
			(void)err_set_errno(e, r, "cannot check the catalog");
	}
	if (r == 0)
		r = verify_keys(&v, e);
	if (r == 0)
		r = verify_sessions(&v, e);
	if (r < 0)
		return r;
	verify_keys_left(&v);
	r = check_strays(&v);
	if (r == 0)
		r = check_holds(&v, HOLD_LEGAL);
	if (r == 0)
		r = check_holds(&v, HOLD_RESTRICTION);
	if (r == 0)
		r = catalog_policy_walk(v.c, on_policy, &v);
	if (r < 0)
		return err_set_errno(e, r, "cannot check the store to its end");
	return check_audit(&v, e);
}
