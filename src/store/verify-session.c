/* verify-session.c: a session's row, plan and blob, to the last byte, and whether it can be found.
 */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAGE   16u
#define DAY_MS INT64_C(86400000)

/* One session while it is looked at. */
struct subject {
	struct catalog_session cs;
	struct catalog_day day;
	struct catalog_site site;
	struct session_meta m;
	uint8_t key[KEY_BYTES];
	bool opened; /* m is there */
	bool lost;   /* counted already */
	bool hidden; /* restricted, and who asks may not know which: counted, and not named */
	char path[LIMIT_SITE_BYTES + 48];
};

/* Erased since the check began: nothing that is missing of it is a fault. */
static bool gone_meanwhile(struct verify *v, uint64_t ino)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	struct catalog_session cs;
	int r = catalog_get(v->s->cat, &c);

	if (r == 0)
		r = catalog_session_get(c, ino, &cs);
	return r == -ENOENT || (r == 0 && cs.erasing);
}

static void fault(struct verify *v, struct subject *x, const char *part, int code, bool lost,
		  const char *what)
{
	if (gone_meanwhile(v, x->cs.ino))
		return;
	v->st->lost += lost && !x->lost;
	x->lost |= lost;
	verify_fault(v, part, code, x->hidden ? NULL : x->path,
		     x->opened && !x->hidden ? &x->m.row.id : NULL, lost ? "session" : NULL, "%s%s",
		     x->hidden ? "a restricted session: " : "", what);
}

/* About this session, rather than a failure of the check. */
static bool is_damage(int r)
{
	return r == -EBADMSG || r == -EUCLEAN || r == -EPROTONOSUPPORT;
}

/* ---- the row */

/* Folders are named after the local time: within a day of UTC's. */
static bool day_fits(const char *name, int64_t start_ms)
{
	struct tm tm = {0};
	const char *end = strptime(name, "%Y-%m-%d", &tm);

	if (!end || *end)
		return false;
	int64_t noon_ms = (int64_t)timegm(&tm) * 1000 + DAY_MS / 2;
	return start_ms > noon_ms - 2 * DAY_MS && start_ms < noon_ms + 2 * DAY_MS;
}

static int check_lookups(struct verify *v, struct subject *x)
{
	const struct store_keys *k = store_keys(v->s);
	const struct session_row *row = &x->m.row;
	uint8_t h[4][LOOKUP_BYTES] = {{0}};
	int r = lookup_id(k, &row->id, h[0]);

	if (r == 0)
		r = lookup_name(k, x->cs.day_id, row->name, strlen(row->name), h[1]);
	if (r == 0)
		r = lookup_body(k, x->site.name, x->m.text_hash, h[2]);
	if (r == 0 && row->visitor[0])
		r = lookup_visitor(k, row->visitor, h[3]);
	if (r < 0)
		return r;
	if (memcmp(h[0], x->cs.id_h, LOOKUP_BYTES) != 0)
		fault(v, x, "session", -EUCLEAN, false, "it can't be found by its id");
	if (memcmp(h[1], x->cs.name_h, LOOKUP_BYTES) != 0)
		fault(v, x, "session", -EUCLEAN, false, "it can't be found by its name");
	if (memcmp(h[2], x->cs.body_h, LOOKUP_BYTES) != 0)
		fault(v, x, "session", -EUCLEAN, false,
		      "it can't be found by its text, or its site has another name than at import");
	if (x->cs.has_visitor != (row->visitor[0] != 0) ||
	    (x->cs.has_visitor && memcmp(h[3], x->cs.visitor_h, LOOKUP_BYTES) != 0))
		fault(v, x, "session", -EUCLEAN, false, "it can't be found by its visitor");
	if (!day_fits(x->day.name, row->start_ms))
		fault(v, x, "day", -EUCLEAN, false, "it isn't of the day of its folder");
	return 0;
}

static void meet_kid(struct verify *v, uint64_t kid)
{
	size_t i;

	if (verify_kid(v, kid, &i))
		v->met[i] = true;
}

static int check_row(struct verify *v, struct subject *x, struct aead *a)
{
	int r = keytree_get(v->tree, x->cs.kid, x->key);

	meet_kid(v, x->cs.kid);
	if (r == -ENOKEY) {
		fault(v, x, "key", -EUCLEAN, true, "the key tree has no key for it");
		return 0;
	}
	if (is_damage(r)) {
		fault(v, x, "node", r, true, "the key tree is damaged where its key is");
		return 0;
	}
	if (r == 0)
		r = session_meta_open(a, x->key, &x->cs, &x->m);
	if (is_damage(r)) {
		fault(v, x, "session", r, true, "its row doesn't verify");
		return 0;
	}
	if (r < 0)
		return r;
	x->opened = true;
	(void)snprintf(x->path, sizeof(x->path), "%s/%s/%s", x->site.name, x->day.name,
		       x->m.row.name);
	return check_lookups(v, x);
}

static int check_hold(struct verify *v, struct subject *x)
{
	int due = store_hold_state(v->c, x->cs.ino);
	const uint32_t is = x->cs.state;

	if (due < 0)
		return due;
	if (is > SESSION_RESTRICTED)
		fault(v, x, "session", -EUCLEAN, false, "it has a state that there isn't");
	else if (is == (uint32_t)due)
		return 0;
	else if (due == SESSION_RESTRICTED || is == SESSION_RESTRICTED)
		fault(v, x, "restriction", -EUCLEAN, false,
		      due == SESSION_RESTRICTED
			      ? "it is restricted, and not marked so"
			      : "it is marked as restricted, and nothing says why");
	else
		fault(v, x, "hold", -EUCLEAN, false,
		      due == SESSION_HELD ? "it is on hold, and not marked so"
					  : "it is marked as held, and no hold says why");
	return 0;
}

/* ---- plan and blob */

static int open_plan(struct verify *v, struct subject *x, struct aead *a, struct plan *ret)
{
	CLEANUP(buf_done) struct buf sealed = {0};
	int r = catalog_session_plan(v->c, x->cs.ino, &sealed);

	if (r == 0)
		r = session_plan_open(a, x->key, x->cs.ino, &x->cs.blob, &sealed,
				      x->m.row.base_bytes, ret);
	return r;
}

static int check_plan(struct verify *v, struct subject *x, struct aead *a)
{
	CLEANUP(plan_done) struct plan plan = {0};
	int r = open_plan(v, x, a, &plan);

	if (r == 0 && plan.size != x->m.row.size)
		r = -EUCLEAN;
	if (!is_damage(r))
		return r;
	fault(v, x, "plan", r, true,
	      r == -EUCLEAN ? "its plan renders another size than its row says"
			    : "its reading plan doesn't verify");
	return 0;
}

/* What a plan that doesn't verify renders isn't asked: check_plan has told of it. */
static int check_transcript(struct verify *v, struct subject *x, const struct chunk_file *cf,
			    struct chunk_scratch *cs, const char **ret_what)
{
	CLEANUP(buf_wipe_done) struct buf said = {0};
	CLEANUP(buf_done) struct buf script = {0};
	CLEANUP(plan_done) struct plan plan = {0};
	const struct rendering of = {
		.cf = cf,
		.plan = &plan,
		.chunks = v->s->chunks,
		.cache_key = chunk_cache_key(x->cs.ino, x->m.row.policy_base),
	};
	int r = open_plan(v, x, cs->aead, &plan);

	if (r < 0)
		return is_damage(r) ? chunk_file_script(cf, cs, &script) : r;
	*ret_what = "the script of its transcript doesn't verify";
	r = rendering_transcript(&of, cs, &said);
	if (r == 0 && said.len != x->m.row.transcript_bytes) {
		*ret_what = "its transcript is of another length than its row says";
		r = -EUCLEAN;
	}
	return r;
}

/* *ret_what: which part of it, where that is the fault; `room` is where it may be written. */
static int read_blob(struct verify *v, struct subject *x, struct chunk_scratch *cs,
		     const char **ret_what, char *room, size_t size)
{
	CLEANUP_PTR(chunk_file_close) struct chunk_file *cf = NULL;
	CLEANUP(span_table_done) struct span_table spans = {0};
	CLEANUP_FREE uint8_t *out = malloc(CHUNK_BYTES);
	size_t len;
	int r = out ? chunk_file_open(v->s->blobs, &x->cs.blob, x->key, &cf) : -ENOMEM;

	*ret_what = r == -EUCLEAN ? "its blob is missing"
				  : "its blob's header doesn't verify, or the blob was cut";
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < chunk_file_chunks(cf); i++) {
		r = chunk_file_read(cf, chunk_file_key(cf), cs, i, 1, out, &len);
		if (r < 0) {
			(void)snprintf(room, size, "chunk %u of %u of its blob doesn't verify",
				       i + 1, chunk_file_chunks(cf));
			*ret_what = room;
			return r;
		}
	}
	wipe(out, CHUNK_BYTES);
	*ret_what = "the span table of its blob doesn't verify";
	r = chunk_file_spans(cf, cs, &spans);
	if (r == 0) {
		*ret_what = "the sealed values of its blob don't verify";
		r = chunk_file_sealed_check(cf, cs, &spans);
	}
	if (r == 0) {
		CLEANUP(buf_wipe_done) struct buf findings = {0};

		*ret_what = "the findings of its blob don't verify";
		r = chunk_file_findings(cf, cs, &findings);
	}
	if (r == 0)
		r = check_transcript(v, x, cf, cs, ret_what);
	if (r == 0 && chunk_file_base_bytes(cf) != x->m.row.base_bytes) {
		*ret_what = "its blob is of another length than its row says";
		r = -EUCLEAN;
	}
	return r;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct blob_id));
}

static void meet_blob(struct verify *v, const struct blob_id *id)
{
	const struct blob_id *at =
		v->n_blobs ? bsearch(id, v->blobs, v->n_blobs, sizeof(*v->blobs), by_id) : NULL;

	if (at)
		v->named[at - v->blobs] = true;
}

static int check_blob(struct verify *v, struct subject *x, struct chunk_scratch *cs)
{
	char room[80];
	const char *what;

	v->st->blobs++;
	int r = read_blob(v, x, cs, &what, room, sizeof(room));
	if (r == 0 || r == -ENOMEM || r == -EMFILE || r == -ENFILE)
		return r;
	if (!is_damage(r)) { /* a bad sector, say: the others are checked all the same */
		(void)snprintf(room, sizeof(room), "its blob can't be read: %s", strerror(-r));
		what = room;
		r = -EUCLEAN;
	}
	fault(v, x, "blob", r == -EPROTONOSUPPORT ? -EBADMSG : r, true, what);
	return 0;
}

/* ---- all of them */

/* By the mark or by what it follows from: one of them may be gone. */
static int hide(const struct verify *v, struct subject *x)
{
	if (v->s->op.roles & ROLE_OFFICER)
		return 0;
	int r = store_hold_state(v->c, x->cs.ino);
	x->hidden = x->cs.state == SESSION_RESTRICTED || r == SESSION_RESTRICTED;
	return r < 0 ? r : 0;
}

static int check_one(struct verify *v, struct subject *x, struct chunk_scratch *cs)
{
	int r = hide(v, x);

	if (r < 0)
		return r;
	r = store_session_site(v->c, x->cs.day_id, &x->day, &x->site);
	(void)snprintf(x->path, sizeof(x->path), "%s/%s/damaged-%llu", r == 0 ? x->site.name : "?",
		       r == 0 ? x->day.name : "?", (unsigned long long)x->cs.ino);
	if (r == -EUCLEAN) {
		fault(v, x, "day", r, true, "its day or site is missing");
		r = 0;
	}
	if (r == 0)
		r = check_row(v, x, cs->aead);
	if (r == 0)
		r = check_hold(v, x);
	if (r == 0 && x->opened)
		r = check_plan(v, x, cs->aead);
	if (r == 0 && x->opened)
		r = check_blob(v, x, cs);
	wipe(x->key, sizeof(x->key));
	return r;
}

int verify_sessions(struct verify *v, struct errinfo *e)
{
	CLEANUP_FREE struct catalog_session *rows = calloc(PAGE, sizeof(*rows));
	CLEANUP_FREE struct subject *x = calloc(1, sizeof(*x));
	struct scratch_item *scratch;
	uint64_t after = 0, total = 0;
	int n = 0, r = rows && x ? catalog_meta_get(v->c, META_SESSIONS, &total) : -ENOMEM;

	if (r == 0)
		r = store_scratch_get(v->s, &scratch);
	if (r < 0)
		return err_set_errno(e, r, "cannot begin to check the sessions");
	while (r == 0 && (n = catalog_session_list_all(v->c, after, rows, PAGE)) > 0) {
		for (int i = 0; r == 0 && i < n; i++) {
			after = rows[i].ino;
			if (rows[i].since > v->epoch)
				continue; /* of a commit that isn't, or not yet */
			meet_blob(v, &rows[i].blob);
			if (rows[i].erasing) { /* its key may be gone already */
				meet_kid(v, rows[i].kid);
				continue;
			}
			*x = (struct subject){.cs = rows[i]};
			v->st->sessions++;
			r = check_one(v, x, scratch->cs);
			if (v->ops->progress)
				v->ops->progress(v->ops->ctx, v->st->sessions, total);
		}
	}
	store_scratch_put(v->s, scratch);
	if (r == 0)
		r = n;
	if (r < 0)
		return err_set_errno(e, r, "cannot check the sessions");
	if (v->st->sessions != total)
		verify_fault(v, "count", -EUCLEAN, NULL, NULL, NULL,
			     "there are %llu sessions, and the catalog counts %llu",
			     (unsigned long long)v->st->sessions, (unsigned long long)total);
	return 0;
}
