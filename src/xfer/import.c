/* import.c: recordings into a store; see xfer.h.
 *
 * ingest finds files, gather makes recordings of them, and here each becomes canonical text, is
 * looked through by the engine under its site's policy, and is put into a batch that is committed
 * every now and then: one re-key and a few syncs pay for hundreds of sessions.
 *
 * Invariants:
 * (M1) a recording is stored whole or refused; what is wrong with one never touches another
 * (M2) what is counted as stored is committed when import_paths returns, on failure too
 * (M3) spans are made under the policy that is stored with them: when it changes meanwhile, anew */
#include "redactfs/xfer.h"

#include "gather.h"

#include "redactfs/canon.h"
#include "redactfs/redact.h"
#include "redactfs/site.h"
#include "redactfs/timez.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMIT_SESSIONS 256u        /* rows and keys of a commit stay in memory till then */
#define COMMIT_BYTES    (64u << 20) /* what a crash throws away at most, about a second's work */
#define STALE_TRIES     5

struct site_policy {
	char site[LIMIT_SITE_BYTES + 1];
	struct policy p;
	uint64_t seq;
};

struct import {
	struct store *store;
	const struct import_opts *o;
	struct import_stats *st;
	struct errinfo *e;          /* of what ends the run */
	bool over;                  /* the store failed: the run ends, whatever the code says */
	struct gather *g;           /* owned */
	struct store_batch *batch;  /* owned */
	struct site_policy **sites; /* owned */
	size_t nsites;
	uint64_t pending_bytes;
	uint64_t uncommitted; /* counted as stored, and not committed */
	bool id_used;
};

static void progress(struct import *im)
{
	if (im->o->progress)
		im->o->progress(im->o->ctx, im->st);
}

static int refused(void *ctx, const char *name, const struct errinfo *why)
{
	struct import *im = ctx;

	im->st->files++;
	im->st->refused++;
	if (im->o->refused)
		im->o->refused(im->o->ctx, name, why);
	progress(im);
	return 0;
}

static int commit(struct import *im)
{
	if (!store_batch_pending(im->batch))
		return 0;
	int r = store_batch_commit(im->batch, im->e);
	if (r < 0) {
		im->over = true;
		return r;
	}
	im->pending_bytes = 0;
	im->uncommitted = 0;
	return 0;
}

/* ---- a site's policy, read once */

static int policy_load(struct import *im, struct site_policy *sp)
{
	CLEANUP(buf_done) struct buf ini = {0};
	struct policy p = {0};
	uint64_t seq;

	im->over = true;
	int r = store_policy_get(im->store, sp->site, &ini, &seq);
	if (r < 0)
		return err_set_errno(im->e, r, "cannot read the site's policy");
	r = policy_parse(ini.p ? ini.p : "", ini.len, &p, im->e);
	if (r < 0) {
		err_prefix(im->e, "the site's policy");
		return r;
	}
	im->over = false;
	policy_done(&sp->p);
	sp->p = p;
	sp->seq = seq;
	return 0;
}

static int policy_of(struct import *im, const char *site, struct site_policy **ret)
{
	struct site_policy **v, *sp;

	for (size_t i = im->nsites; i-- > 0;)
		if (!strcmp(im->sites[i]->site, site)) {
			*ret = im->sites[i];
			return 0;
		}
	v = reallocarray(im->sites, im->nsites + 1, sizeof(*v));
	if (v)
		im->sites = v;
	sp = v ? calloc(1, sizeof(*sp)) : NULL;
	if (!sp) {
		im->over = true;
		return err_set(im->e, -ENOMEM, "out of memory");
	}
	memcpy(sp->site, site, strlen(site) + 1); /* site_name_check bounds it */
	int r = policy_load(im, sp);
	if (r < 0) {
		free(sp);
		return r;
	}
	im->sites[im->nsites++] = sp;
	*ret = sp;
	return 0;
}

/* ---- one recording */

struct place {
	const char *site, *visitor;
	char date[TIMEZ_DATE_BYTES], time[TIMEZ_TIME_BYTES];
	bool has_id;
	struct session_id id;
};

/* An id that isn't 16 bytes already. The text is hashed alone, so that the same one always names
 * the same session, whoever asks. */
static int id_of_text(const char *text, struct session_id *ret)
{
	uint8_t h[HASH_BYTES];

	if (session_id_parse(text, ret))
		return 0;
	int r = sha256_once(text, strlen(text), h);
	if (r < 0)
		return r;
	memcpy(ret->b, h, sizeof(ret->b));
	return 0;
}

/* A folder off a mount without its session.json: the end of the id is in its name, the rest is made
 * from the whole path and text, so that importing it again finds it there. */
static int id_of_folder(const char *site, const struct origin *o, const struct canon *c,
			struct session_id *ret)
{
	CLEANUP_PTR(sha256_free) struct sha256 *h = sha256_new();
	uint8_t out[HASH_BYTES];
	int r;

	if (!h)
		return -ENOMEM;
	if ((r = sha256_add(h, site, strlen(site) + 1)) < 0 ||
	    (r = sha256_add(h, o->time, sizeof(o->time))) < 0 ||
	    (r = sha256_add(h, c->shape.p, c->shape.len)) < 0 || (r = sha256_end(h, out)) < 0)
		return r;
	memcpy(ret->b, out, sizeof(ret->b) - ORIGIN_TAIL_BYTES);
	memcpy(ret->b + sizeof(ret->b) - ORIGIN_TAIL_BYTES, o->tail, ORIGIN_TAIL_BYTES);
	return 0;
}

static int place_id(const struct import *im, const struct recording *rec, const struct canon *c,
		    struct place *p)
{
	const struct origin *o = rec->origin;

	p->has_id = true;
	if (im->o->id) {
		p->id = *im->o->id;
		return 0;
	}
	if (o && o->has_id) {
		p->id = o->id;
		return 0;
	}
	if (o)
		return id_of_folder(p->site, o, c, &p->id);
	if (c->id[0])
		return id_of_text(c->id, &p->id);
	p->has_id = false;
	return 0;
}

/* Where the session goes: what a copy off a mount says, then the options, then the recording. */
static int place(struct import *im, const struct recording *rec, const struct canon *c,
		 struct place *p, struct site_policy **ret_sp, struct errinfo *e)
{
	const struct origin *o = rec->origin;
	int r;

	*p = (struct place){.site = o && o->site[0] ? o->site : im->o->site,
			    .visitor = o && o->visitor[0] ? o->visitor : im->o->visitor};
	if (!p->site) {
		(void)err_set(e, -EINVAL, "no site is known for it");
		err_hint(e, "name the site with --site");
		return -EINVAL;
	}
	r = site_name_check(p->site, strlen(p->site), e);
	if (r < 0)
		return r;
	r = policy_of(im, p->site, ret_sp);
	if (r < 0)
		return r;
	r = timez_format((*ret_sp)->p.timezone, c->start_ms, p->date, p->time);
	if (r < 0)
		return err_set(e, r,
			       "the site's policy names a time zone that this system doesn't know");
	if (o) /* fixed when it was first imported */
		memcpy(p->time, o->time, sizeof(p->time));
	if (o && o->date[0])
		memcpy(p->date, o->date, sizeof(p->date));
	r = place_id(im, rec, c, p);
	return r < 0 ? err_set_errno(e, r, "cannot make a session's id") : 0;
}

/* What may be wrong with one recording, and not with the store. */
static bool is_refusal(int r)
{
	return r == -EILSEQ || r == -E2BIG || r == -EINVAL || r == -EEXIST;
}

/* Looks the text through and puts it into the batch. */
static int put(struct import *im, const struct canon *c, const struct place *p,
	       struct site_policy *sp, enum put_result *ret, struct session_id *ret_id,
	       struct errinfo *e)
{
	struct session_new n = {.site = p->site,
				.id = p->has_id ? &p->id : NULL,
				.visitor = p->visitor,
				.text = c->text.p,
				.len = c->text.len,
				.start_ms = c->start_ms,
				.end_ms = c->end_ms,
				.events = c->events,
				.date = p->date,
				.name_time = p->time};

	int r = sha256_once(c->shape.p, c->shape.len, n.shape);
	if (r < 0)
		return err_set_errno(e, r, "cannot hash");
	for (int tries = 0;; tries++) {
		CLEANUP(redact_spans_done) struct redact_spans spans = {0};
		CLEANUP(buf_wipe_done) struct buf findings = {0};
		CLEANUP(buf_done) struct buf script = {0};

		r = redact_run_report(c->text.p, c->text.len, &c->toks, &sp->p, &spans, &findings,
				      &script, e);
		if (r < 0)
			return r;
		n.spans = spans.v;
		n.nspans = spans.n;
		n.findings = &findings;
		n.script = &script;
		n.policy = &sp->p;
		n.policy_seq = sp->seq;
		n.engine = REDACT_ENGINE_VERSION;
		r = store_batch_put(im->batch, &n, ret, ret_id, e);
		if (r != -ESTALE || tries == STALE_TRIES) {
			im->over |= r < 0 && !is_refusal(r);
			return r;
		}
		*e = (struct errinfo){0};
		r = policy_load(im, sp); /* keeps M3 */
		if (r < 0)
			return r;
	}
}

/* The session that a folder off a mount was copied from, where the store has it: by its id or,
 * without session.json, by its place. */
static int find_original(struct import *im, const struct origin *o, const struct place *p,
			 struct session_row *ret)
{
	char name[sizeof(ret->name)];
	struct site_row site;
	struct day_row day;

	if (o->has_id)
		return store_session_by_id(im->store, &p->id, ret);
	int n = snprintf(name, sizeof(name), "%s-", p->time);
	for (size_t i = 0; i < sizeof(o->tail); i++)
		n += snprintf(name + n, sizeof(name) - (size_t)n, "%02x", o->tail[i]);
	int r = store_site_find(im->store, p->site, strlen(p->site), &site);
	if (r >= 0)
		r = store_day_find(im->store, site.id, p->date, strlen(p->date), &day);
	return r < 0 ? r : store_session_find(im->store, day.id, name, (size_t)n, ret);
}

/* A copy off a mount has tokens in it, so its text isn't the stored one; the number and the times
 * of its events are. */
static bool is_stored_copy(struct import *im, const struct recording *rec, const struct canon *c,
			   const struct place *p, struct session_id *ret_id)
{
	struct session_row row;

	if (!rec->origin || im->o->id || find_original(im, rec->origin, p, &row) < 0 ||
	    row.start_ms != c->start_ms || row.end_ms != c->end_ms || row.events != c->events)
		return false;
	*ret_id = row.id;
	return true;
}

static int import_one(struct import *im, const struct recording *rec, const struct canon *c,
		      enum put_result *ret, struct session_id *ret_id, struct errinfo *e)
{
	struct site_policy *sp = NULL;
	struct place p;

	if (im->o->id && im->id_used)
		return err_set(e, -EINVAL, "an id was given, and it isn't the only recording");
	int r = place(im, rec, c, &p, &sp, e);
	if (r < 0)
		return r;
	r = put(im, c, &p, sp, ret, ret_id, e);
	if (r == -EEXIST) {
		/* the other one may lie in this batch, where nobody can look yet */
		int k = commit(im);
		if (k < 0)
			return k;
		if (is_stored_copy(im, rec, c, &p, ret_id)) {
			*ret = PUT_SAME;
			*e = (struct errinfo){0};
			r = 0;
		}
	}
	im->id_used |= r >= 0;
	return r;
}

static int recording(void *ctx, const struct recording *rec)
{
	struct import *im = ctx;
	CLEANUP(canon_done) struct canon c = {0};
	enum put_result res;
	struct session_id id;
	struct errinfo e = {0};

	for (size_t i = 0; i < rec->n; i++)
		im->st->bytes_in += rec->pieces[i].n;
	int r = canon_recording(rec->pieces, rec->n, &c, &e);
	if (r >= 0)
		r = import_one(im, rec, &c, &res, &id, &e);
	if (r < 0 && im->over) {
		if (!im->e->code)
			*im->e = e;
		return r;
	}
	if (r < 0) {
		if (!e.code)
			(void)err_set_errno(&e, r, "cannot import");
		return refused(im, rec->name, &e);
	}

	im->st->files++;
	if (res == PUT_STORED) {
		im->st->stored++;
		im->uncommitted++;
		im->pending_bytes += c.text.len;
	} else if (res == PUT_SAME) {
		im->st->same++;
	} else {
		im->st->tombstoned++;
	}
	if (im->o->stored)
		im->o->stored(im->o->ctx, rec->name, res, &id);
	progress(im);
	if (store_batch_pending(im->batch) >= COMMIT_SESSIONS || im->pending_bytes >= COMMIT_BYTES)
		return commit(im);
	return 0;
}

/* ---- the run */

static bool ingest_wants(void *ctx, const char *path)
{
	(void)ctx;
	return gather_wants(path);
}

static int ingest_file(void *ctx, const struct ingest_file *f)
{
	struct import *im = ctx;

	return gather_file(im->g, f);
}

static int ingest_scope_end(void *ctx, unsigned scope)
{
	struct import *im = ctx;

	return gather_scope_end(im->g, scope);
}

static void ingest_read(void *ctx, uint64_t n)
{
	struct import *im = ctx;

	im->st->bytes_read += n;
	progress(im);
}

static void import_done(struct import *im)
{
	for (size_t i = 0; i < im->nsites; i++) {
		policy_done(&im->sites[i]->p);
		free(im->sites[i]);
	}
	free(im->sites);
	(void)gather_free(im->g);
	(void)store_batch_abort(im->batch);
}

int import_paths(struct store *s, const struct import_opts *o, char *const *paths, size_t n,
		 struct import_stats *ret, struct errinfo *e)
{
	struct errinfo own = {0};
	CLEANUP(import_done) struct import im = {.store = s, .o = o, .st = ret, .e = e ? e : &own};
	const struct gather_ops gather_ops = {recording, refused, &im};
	const struct ingest_ops ops = {.wants = ingest_wants,
				       .file = ingest_file,
				       .refused = refused,
				       .scope_end = ingest_scope_end,
				       .read = ingest_read,
				       .ctx = &im};
	int r;

	*ret = (struct import_stats){0};
	r = gather_new(&gather_ops, &im.g);
	if (r < 0)
		return err_set(im.e, r, "out of memory");
	r = store_batch_begin(s, &im.batch);
	if (r < 0)
		return err_set_errno(im.e, r, "cannot start a batch");
	if (o->progress)
		ret->bytes_total = ingest_total(paths, n);
	r = ingest_paths(paths, n, &ops);
	if (r >= 0)
		r = commit(&im);
	if (r >= 0)
		return 0;
	ret->stored -= im.uncommitted; /* keeps M2 */
	if (!im.e->code)
		(void)err_set_errno(im.e, r, "the import ended early");
	return r;
}
