/* gather.c: files into recordings; see gather.h.
 *
 * Segments are told by their first line, and belong together when their names differ in nothing but
 * the segment's number. When the last one has come can't be seen from one alone: among files that
 * come sorted by path it has when a name comes that doesn't start as theirs do; in an archive,
 * whose order is any, when it ends. What is kept till then is bounded.
 *
 * Invariants:
 * (G1) a session with a segment missing, doubled or refused is refused whole
 * (G2) the names of groups are sorted: one look-up a file, however many sessions lie in one archive
 */
#include "gather.h"

#include <stdlib.h>
#include <string.h>

struct segment {
	uint64_t number;
	char *name;      /* owned */
	struct buf data; /* owned */
};

struct group {
	unsigned scope;
	char *before, *after; /* owned: the path around the number */
	struct segment *v;    /* owned */
	size_t n;
	bool refused; /* already said; whatever else comes of it is dropped */
};

struct gather {
	const struct gather_ops *ops; /* borrowed */
	struct group **groups;        /* owned, sorted (G2) */
	size_t ngroups, cap;
	size_t bytes; /* of all segments kept */

	/* a session's folder off a mount, its files not all seen yet */
	char *folder; /* owned; NULL none */
	unsigned folder_scope;
	struct origin origin;
	char *events_name, *session_name; /* owned; NULL: not seen */
	struct buf events, session;       /* owned */
};

int gather_new(const struct gather_ops *ops, struct gather **ret)
{
	struct gather *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	g->ops = ops;
	*ret = g;
	return 0;
}

static void drop_segments(struct gather *g, struct group *gr)
{
	for (size_t i = 0; i < gr->n; i++) {
		g->bytes -= gr->v[i].data.len;
		free(gr->v[i].name);
		buf_wipe_done(&gr->v[i].data);
	}
	free(gr->v);
	gr->v = NULL;
	gr->n = 0;
}

static void group_free(struct gather *g, struct group *gr)
{
	drop_segments(g, gr);
	free(gr->before);
	free(gr->after);
	free(gr);
}

static void drop_folder(struct gather *g)
{
	free(g->folder);
	free(g->events_name);
	free(g->session_name);
	g->folder = g->events_name = g->session_name = NULL;
	buf_wipe_done(&g->events);
	buf_wipe_done(&g->session);
	g->origin = (struct origin){0};
}

struct gather *gather_free(struct gather *g)
{
	if (!g)
		return NULL;
	for (size_t i = 0; i < g->ngroups; i++)
		group_free(g, g->groups[i]);
	free(g->groups);
	drop_folder(g);
	free(g);
	return NULL;
}

bool gather_wants(const char *path)
{
	struct origin o;
	size_t n;

	return origin_of_path(path, &o, &n) != ORIGIN_DERIVED;
}

/* ---- segments */

static int by_number(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static int refuse_group(struct gather *g, struct group *gr, const char *name,
			const struct errinfo *e)
{
	int r = g->ops->refused(g->ops->ctx, name, e);

	gr->refused = true;
	drop_segments(g, gr);
	return r;
}

static int check_numbers(const struct group *gr, struct errinfo *e)
{
	for (size_t i = 0; i < gr->n; i++) {
		if (gr->v[i].number == i)
			continue;
		if (i && gr->v[i].number == gr->v[i - 1].number)
			return err_set(e, -EILSEQ, "segment %llu of the session is there twice",
				       (unsigned long long)gr->v[i].number);
		(void)err_set(e, -EILSEQ, "segment %zu of the session is missing", i);
		err_hint(e, "to import it without, put the segments into one file, in order");
		return -EILSEQ;
	}
	return 0;
}

static int give_group(struct gather *g, struct group *gr)
{
	CLEANUP_FREE struct canon_piece *pieces = NULL;
	struct errinfo e = {0};

	if (gr->refused)
		return 0;
	qsort(gr->v, gr->n, sizeof(*gr->v), by_number);
	if (check_numbers(gr, &e) < 0)
		return refuse_group(g, gr, gr->v[0].name, &e);
	pieces = calloc(gr->n, sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	for (size_t i = 0; i < gr->n; i++)
		pieces[i] = (struct canon_piece){gr->v[i].name, gr->v[i].data.p, gr->v[i].data.len};
	struct recording rec = {.name = gr->v[0].name, .pieces = pieces, .n = gr->n};
	return g->ops->recording(g->ops->ctx, &rec);
}

/* Gives groups [from, to) and forgets them. */
static int give_groups(struct gather *g, size_t from, size_t to)
{
	int r = 0;

	for (size_t i = from; i < to; i++) {
		if (r >= 0)
			r = give_group(g, g->groups[i]);
		group_free(g, g->groups[i]);
	}
	if (to > from)
		memmove(g->groups + from, g->groups + to, (g->ngroups - to) * sizeof(*g->groups));
	g->ngroups -= to - from;
	return r;
}

/* Those of scope 0 that can't grow any more now that `path` comes; NULL: all. */
static int give_finished(struct gather *g, const char *path)
{
	for (size_t i = 0; i < g->ngroups && !g->groups[i]->scope;) {
		const char *before = g->groups[i]->before;

		if (path && !strncmp(path, before, strlen(before))) {
			i++;
			continue;
		}
		int r = give_groups(g, i, i + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compare(const struct group *gr, unsigned scope, const char *path, size_t before,
		   const char *after)
{
	if (gr->scope != scope)
		return gr->scope < scope ? -1 : 1;
	int r = strncmp(gr->before, path, before);
	if (!r && gr->before[before])
		r = 1;
	return r ? r : strcmp(gr->after, after);
}

/* The group of a path, made when there is none. */
static int find_group(struct gather *g, unsigned scope, const char *path, size_t before,
		      const char *after, struct group **ret)
{
	size_t lo = 0, hi = g->ngroups;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int r = compare(g->groups[mid], scope, path, before, after);
		if (!r) {
			*ret = g->groups[mid];
			return 0;
		}
		if (r < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (g->ngroups == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 16;
		struct group **v = reallocarray(g->groups, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		g->groups = v;
		g->cap = cap;
	}
	struct group *gr = calloc(1, sizeof(*gr));
	if (!gr)
		return -ENOMEM;
	gr->scope = scope;
	gr->before = strndup(path, before);
	gr->after = strdup(after);
	if (!gr->before || !gr->after) {
		group_free(g, gr);
		return -ENOMEM;
	}
	memmove(g->groups + lo + 1, g->groups + lo, (g->ngroups - lo) * sizeof(*g->groups));
	g->groups[lo] = gr;
	g->ngroups++;
	*ret = gr;
	return 0;
}

/* Where the segment's number stands in the last component of its path: the last run of digits that
 * says so. False: the name doesn't have it. */
static bool find_number(const char *path, uint64_t number, size_t *ret_off, size_t *ret_end)
{
	const char *slash = strrchr(path, '/');
	bool found = false;

	for (const char *p = slash ? slash + 1 : path; *p;) {
		size_t n = strspn(p, "0123456789");
		uint64_t v = 0;

		if (!n) {
			p++;
			continue;
		}
		for (size_t i = 0; i < n && v < 1ull << 59; i++)
			v = v * 10 + (uint64_t)(p[i] - '0');
		if (v == number) {
			*ret_off = (size_t)(p - path);
			*ret_end = *ret_off + n;
			found = true;
		}
		p += n;
	}
	return found;
}

static int add_segment(struct gather *g, const struct ingest_file *f, uint64_t number, size_t off,
		       size_t end)
{
	struct group *gr;

	int r = find_group(g, f->scope, f->path, off, f->path + end, &gr);
	if (r < 0)
		return r;
	if (gr->refused)
		return 0;
	if (f->data->len > LIMIT_SEGMENTS_BYTES - g->bytes) {
		struct errinfo e = {0};

		(void)err_set(&e, -E2BIG,
			      "too many segments of unfinished sessions (limit %u bytes)",
			      LIMIT_SEGMENTS_BYTES);
		err_hint(&e, "unpack the archive and import the folder");
		return refuse_group(g, gr, f->name, &e);
	}
	struct segment *v = reallocarray(gr->v, gr->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	gr->v = v;
	char *name = strdup(f->name);
	if (!name)
		return -ENOMEM;
	gr->v[gr->n++] = (struct segment){number, name, *f->data};
	g->bytes += f->data->len;
	*f->data = (struct buf){0};
	return 0;
}

/* ---- folders off a mount */

static int give_folder(struct gather *g)
{
	struct errinfo e = {0};
	int r = 0;

	if (g->events_name) {
		struct canon_piece piece = {g->events_name, g->events.p, g->events.len};
		struct recording rec = {g->events_name, &piece, 1, &g->origin};

		if (g->session_name)
			r = origin_add_session(&g->origin, g->session.p, g->session.len, &e);
		r = r < 0 ? g->ops->refused(g->ops->ctx, g->session_name, &e)
			  : g->ops->recording(g->ops->ctx, &rec);
	}
	drop_folder(g);
	return r;
}

static int folder_file(struct gather *g, const struct ingest_file *f, enum origin_kind kind,
		       const struct origin *o, size_t folder)
{
	if (g->folder && (g->folder_scope != f->scope || strncmp(g->folder, f->path, folder) != 0 ||
			  g->folder[folder])) {
		int r = give_folder(g);
		if (r < 0)
			return r;
	}
	if (!g->folder) {
		g->folder = strndup(f->path, folder);
		if (!g->folder)
			return -ENOMEM;
		g->folder_scope = f->scope;
		g->origin = *o;
	}
	/* a second file of one name, as in a tar that was added to: the later one holds */
	char **name = kind == ORIGIN_EVENTS ? &g->events_name : &g->session_name;
	struct buf *data = kind == ORIGIN_EVENTS ? &g->events : &g->session;
	free(*name);
	*name = strdup(f->name);
	if (!*name)
		return -ENOMEM;
	buf_wipe_done(data);
	*data = *f->data;
	*f->data = (struct buf){0};
	return 0;
}

/* ---- all of it */

int gather_file(struct gather *g, const struct ingest_file *f)
{
	struct origin o;
	size_t folder, off, end;
	uint64_t number;
	int r;

	if (!f->scope && (r = give_finished(g, f->path)) < 0)
		return r;
	enum origin_kind kind = origin_of_path(f->path, &o, &folder);
	if (kind == ORIGIN_EVENTS || kind == ORIGIN_SESSION)
		return folder_file(g, f, kind, &o, folder);
	r = give_folder(g);
	if (r < 0)
		return r;
	if (canon_is_segment(f->data->p, f->data->len, &number) &&
	    find_number(f->path, number, &off, &end))
		return add_segment(g, f, number, off, end);

	struct canon_piece piece = {f->name, f->data->p, f->data->len};
	struct recording rec = {.name = f->name, .pieces = &piece, .n = 1};
	return g->ops->recording(g->ops->ctx, &rec);
}

int gather_scope_end(struct gather *g, unsigned scope)
{
	size_t from = 0, to;

	int r = give_folder(g);
	if (r < 0)
		return r;
	if (!scope)
		return give_finished(g, NULL);
	while (from < g->ngroups && g->groups[from]->scope < scope)
		from++;
	for (to = from; to < g->ngroups && g->groups[to]->scope == scope;)
		to++;
	return give_groups(g, from, to);
}
