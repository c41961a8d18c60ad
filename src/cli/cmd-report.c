/* cmd-report.c: redactfs report: fields and places where something sensitive was found that the
 * page didn't mark, for the site's developers. What each session's import found is stored with it,
 * sealed, and goes with its erasure; here it is put together. The fields of --format=json are a
 * promise. */
#include "cli-priv.h"

#include "redactfs/redact.h"
#include "redactfs/site.h"

#include <stdlib.h>
#include <string.h>

struct line {
	uint8_t cls, kind, how;
	uint64_t by; /* DETECTOR_BIT of those that found something */
	uint64_t count, sessions;
	int64_t first_ms, last_ms;
	char *path, *page; /* owned */
};

struct report {
	struct store *s;
	struct line *v; /* owned; in buckets by hash, which chains through `next` */
	size_t n, cap;
	uint32_t *bucket; /* owned: number of the first line, plus 1 */
	uint32_t *next;   /* owned: of the same bucket, plus 1 */
	uint64_t unread;  /* sessions whose findings can't be read */
	uint64_t restricted;
};

#define BUCKETS 65536u

static void report_done(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].path);
		free(r->v[i].page);
	}
	free(r->v);
	free(r->bucket);
	free(r->next);
}

static uint32_t bucket_of(const struct finding *f)
{
	uint64_t h = 0xcbf29ce484222325ull ^ ((uint64_t)f->cls << 8 | f->kind);

	for (size_t i = 0; i < f->path_len; i++)
		h = (h ^ (uint8_t)f->path[i]) * 0x100000001b3ull;
	for (size_t i = 0; i < f->page_len; i++)
		h = (h ^ (uint8_t)f->page[i]) * 0x100000001b3ull;
	return (uint32_t)(h >> 32) % BUCKETS;
}

static bool is_text(const char *s, const char *t, size_t n)
{
	return strlen(s) == n && !memcmp(s, t, n);
}

static int grow(struct report *r)
{
	if (r->n < r->cap)
		return 0;
	size_t cap = r->cap ? 2 * r->cap : 256;
	struct line *v = reallocarray(r->v, cap, sizeof(*v));
	if (v)
		r->v = v;
	uint32_t *next = reallocarray(r->next, cap, sizeof(*next));
	if (next)
		r->next = next;
	if (!v || !next)
		return -ENOMEM;
	r->cap = cap;
	return 0;
}

/* One finding of one session: each session tells a place once. */
static int add(void *ctx, const struct finding *f)
{
	struct report *r = ctx;
	uint32_t *b = &r->bucket[bucket_of(f)];

	for (uint32_t i = *b; i; i = r->next[i - 1]) {
		struct line *l = &r->v[i - 1];

		if (l->cls != f->cls || l->kind != f->kind ||
		    !is_text(l->path, f->path, f->path_len) ||
		    !is_text(l->page, f->page, f->page_len))
			continue;
		l->count += f->count;
		l->by |= DETECTOR_BIT(span_by(f->how));
		l->sessions++;
		l->first_ms = f->first_ms < l->first_ms ? f->first_ms : l->first_ms;
		l->last_ms = f->last_ms > l->last_ms ? f->last_ms : l->last_ms;
		return 0;
	}
	int k = grow(r);
	if (k < 0)
		return k;
	struct line *l = &r->v[r->n];
	*l = (struct line){.cls = f->cls,
			   .kind = f->kind,
			   .how = f->how,
			   .by = DETECTOR_BIT(span_by(f->how)),
			   .count = f->count,
			   .sessions = 1,
			   .first_ms = f->first_ms,
			   .last_ms = f->last_ms,
			   .path = strndup(f->path, f->path_len),
			   .page = strndup(f->page, f->page_len)};
	r->next[r->n] = *b;
	*b = (uint32_t)++r->n;
	return l->path && l->page ? 0 : -ENOMEM;
}

static int each(void *ctx, const struct selected *x)
{
	CLEANUP(buf_wipe_done) struct buf b = {0};
	struct report *r = ctx;
	int k = x->row->state == SESSION_DAMAGED ? -EBADMSG
						 : store_session_findings(r->s, x->row->ino, &b);

	if (k == 0)
		k = redact_findings_each(b.p, b.len, add, r);
	if (k == -EBADMSG || k == -EUCLEAN) { /* for verify to tell why */
		r->unread++;
		k = 0;
	}
	r->restricted += k == -EACCES;
	return k == -ENOENT || k == -EACCES ? 0 : k; /* erased meanwhile, restricted */
}

/* The most delicate first, then the most frequent. */
static int by_weight(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->cls != y->cls)
		return x->cls < y->cls ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	int c = strcmp(x->path, y->path);
	return c ? c : strcmp(x->page, y->page);
}

static const char *how_name(uint8_t how)
{
	return span_how(how) == HOW_TAINT      ? "entered elsewhere"
	       : span_how(how) == HOW_DETECTOR ? "detector"
					       : "words";
}

static int add_detectors(struct buf *b, uint64_t by)
{
	int r = buf_adds(b, "\"detectors\":[");
	const char *comma = "";

	for (int d = 1; d < DETECTOR_COUNT && r == 0; d++) {
		if (!(by >> d & 1))
			continue;
		r = buf_addf(b, "%s\"%s\"", comma, detector_name((enum detector)d));
		comma = ",";
	}
	return r < 0 ? r : buf_adds(b, "],");
}

static int add_json(struct buf *b, const struct line *l, bool first)
{
	char from[UTC_BYTES], to[UTC_BYTES];
	int r = buf_addf(b, "%s{\"class\":\"%s\",\"kind\":\"%s\",\"path\":\"", first ? "" : ",\n",
			 class_name((enum redact_class)l->cls), redact_finding_kind(l->kind));

	utc_format(l->first_ms, from);
	utc_format(l->last_ms, to);
	if (r == 0)
		r = buf_add_json(b, l->path, strlen(l->path));
	if (r == 0)
		r = buf_adds(b, "\",\"page\":\"");
	if (r == 0)
		r = buf_add_json(b, l->page, strlen(l->page));
	if (r == 0)
		r = buf_addf(b, "\",\"how\":\"%s\",", how_name(l->how));
	if (r == 0)
		r = add_detectors(b, l->by);
	return r < 0 ? r
		     : buf_addf(b,
				"\"count\":%llu,\"sessions\":%llu,"
				"\"first\":\"%s\",\"last\":\"%s\"}",
				(unsigned long long)l->count, (unsigned long long)l->sessions, from,
				to);
}

static int add_text(struct buf *b, const struct line *l, bool first)
{
	char from[UTC_BYTES], to[UTC_BYTES];
	int r = first ? buf_addf(b, "%-11s  %-9s  %7s  %8s  %-10s  %-10s  %s\n", "CLASS", "WHERE",
				 "COUNT", "SESSIONS", "FIRST", "LAST", "PAGE: ELEMENT")
		      : 0;

	utc_format(l->first_ms, from);
	utc_format(l->last_ms, to);
	return r < 0 ? r
		     : buf_addf(b, "%-11s  %-9s  %7llu  %8llu  %.10s  %.10s  %s: %s\n",
				class_name((enum redact_class)l->cls), redact_finding_kind(l->kind),
				(unsigned long long)l->count, (unsigned long long)l->sessions, from,
				to, l->page[0] ? l->page : "-", l->path[0] ? l->path : "-");
}

static int print(struct report *rep, bool json)
{
	CLEANUP(buf_done) struct buf b = {0};
	int r = json ? buf_adds(&b, "[") : 0;

	if (rep->n)
		qsort(rep->v, rep->n, sizeof(*rep->v), by_weight);
	for (size_t i = 0; i < rep->n && r == 0; i++)
		r = json ? add_json(&b, &rep->v[i], i == 0) : add_text(&b, &rep->v[i], i == 0);
	if (r == 0 && json)
		r = buf_adds(&b, "]\n");
	return r < 0 ? say_error(NULL, r) : out_write(b.p ? b.p : "", b.len);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(report_done) struct report rep = {0};
	const struct selection sel = {.site = a->v[1]};
	struct errinfo e = {0};
	bool json;
	int r = opt_format(a, &json);

	if (r)
		return r;
	r = site_name_check(sel.site, strlen(sel.site), &e);
	if (r < 0)
		return say_error(&e, r);
	r = login(a, &s);
	if (r)
		return r;
	rep.s = s;
	rep.bucket = calloc(BUCKETS, sizeof(*rep.bucket));
	r = rep.bucket ? select_walk(s, &sel, each, &rep, &e) : -ENOMEM;
	if (r < 0)
		return say_error(&e, r);
	r = print(&rep, json);
	if (!r && rep.restricted)
		say("%llu restricted session%s left out", (unsigned long long)rep.restricted,
		    rep.restricted == 1 ? "" : "s");
	if (!r && rep.unread) {
		say("%llu session%s can't be read, left out", (unsigned long long)rep.unread,
		    rep.unread == 1 ? "" : "s");
		r = EXIT_PARTIAL;
	}
	return r;
}

static const struct opt opts[] = {
	{OPT_FORMAT, "format", "FORMAT", "text (default) or json", 0, false}, OPTS_LOGIN, OPTS_END};

const struct command cmd_report = {
	.name = "report",
	.synopsis = "STORE SITE [OPTION]...",
	.summary = "list unmarked fields in which something sensitive was found",
	.about =
		"Lists where in a site's pages passwords, cards and personal data were found that\n"
		"the page didn't mark: element, page, class, how often. Never a value.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
