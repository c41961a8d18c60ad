/* cmd-import.c: redactfs import: recordings into a store.
 *
 * stderr has a line for each file that was refused (and, on a terminal, a bar that is taken away
 * again); stdout has one summary line, always the same in form (docs/SCRIPTING.md). */
#include "cli-priv.h"

#include "redactfs/line.h"
#include "redactfs/site.h"
#include "redactfs/xfer.h"

#include <malloc.h>
#include <string.h>

enum { VISITOR_BYTES = sizeof(((struct session_row *)0)->visitor) - 1 };

struct show {
	struct bar bar;
	int refused_code; /* of all refused files so far; 0: none, 1: not the same one */
};

static void on_progress(void *ctx, const struct import_stats *now)
{
	struct show *sh = ctx;
	char size[SIZE_BYTES], text[64];

	if (!bar_due(&sh->bar))
		return;
	size_format(now->bytes_in, size);
	(void)snprintf(text, sizeof(text), "%llu recordings, %s", (unsigned long long)now->files,
		       size);
	bar_draw(&sh->bar, now->bytes_read, now->bytes_total, text);
}

static void on_refused(void *ctx, const char *name, const struct errinfo *why)
{
	struct show *sh = ctx;
	struct errinfo e = *why;

	if (!sh->refused_code)
		sh->refused_code = why->code;
	else if (sh->refused_code != why->code)
		sh->refused_code = 1;
	bar_clear(&sh->bar);
	err_prefix(&e, "refused '%s'", *name ? name : "standard input");
	(void)say_error(&e, why->code); /* the run goes on: its status comes at the end */
}

static void on_stored(void *ctx, const char *name, enum put_result res, const struct session_id *id)
{
	struct show *sh = ctx;

	(void)id;
	if (res != PUT_TOMBSTONED)
		return;
	bar_clear(&sh->bar);
	say("'%s' was erased before, skipping", *name ? name : "standard input");
}

/* What came of it as a whole. When every file ended in the same way, that is the answer; a mixture
 * with refused ones is EXIT_PARTIAL. */
static int status_of(const struct import_stats *st, const struct show *sh)
{
	if (st->refused && st->refused == st->files && sh->refused_code < 0)
		return err_exit_status(sh->refused_code);
	if (st->refused)
		return EXIT_PARTIAL;
	return st->tombstoned && st->tombstoned == st->files ? EXIT_ERASED : EXIT_OK;
}

/* The store keeps it as text and listings print it. */
static bool visitor_ok(const char *v)
{
	return *v && strlen(v) <= VISITOR_BYTES && line_is_plain(v);
}

/* One recording of some megabytes comes after the other, and each takes the memory that the one
 * before has freed: given back to the system in between, it is emptied and mapped anew each time, a
 * fifth of an import's work. */
static void keep_memory(void)
{
	/* a matter of speed: may fail */
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct show sh = {0};
	struct import_opts o = {.site = opt_arg(a, OPT_SITE),
				.visitor = opt_arg(a, OPT_VISITOR),
				.refused = on_refused,
				.stored = on_stored,
				.progress = on_progress,
				.ctx = &sh};
	struct import_stats st = {0};
	struct errinfo e = {0};
	struct session_id id;
	int r;

	if (o.site) {
		r = site_name_check(o.site, strlen(o.site), &e);
		if (r < 0)
			return say_error(&e, r);
	}
	if (o.visitor && !visitor_ok(o.visitor))
		return say_usage(a->cmd, "a visitor is 1 to %d bytes of text", VISITOR_BYTES);
	if (opt_given(a, OPT_ID)) {
		if (!session_id_parse(opt_arg(a, OPT_ID), &id))
			return say_usage(a->cmd, "'%s' is no session id: 32 hex digits, or a UUID",
					 opt_arg(a, OPT_ID));
		o.id = &id;
	}
	r = login(a, &s);
	if (r)
		return r;
	keep_memory();
	bar_init(&sh.bar);
	if (!sh.bar.on)
		o.progress = NULL; /* nobody sees it: the files need not be counted first */
	r = import_paths(s, &o, a->v + 1, (size_t)a->n - 1, &st, &e);
	bar_clear(&sh.bar);
	if (r < 0)
		(void)say_error(
			&e, r); /* what was committed before is kept: the summary says how much */
	printf("stored %llu, same %llu, erased before %llu, refused %llu (of %llu)\n",
	       (unsigned long long)st.stored, (unsigned long long)st.same,
	       (unsigned long long)st.tombstoned, (unsigned long long)st.refused,
	       (unsigned long long)st.files);
	return r < 0 ? err_exit_status(r) : status_of(&st, &sh);
}

static const struct opt opts[] = {
	{OPT_SITE, "site", "SITE", "the site they are of (a DNS name)", 0, false},
	{OPT_VISITOR, "visitor", "V", "the visitor they are of", 0, false},
	{OPT_ID, "id", "ID", "the session's id; for one recording only", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_import = {
	.name = "import",
	.synopsis = "STORE [OPTION]... FILE...",
	.summary = "read recordings into a store",
	.about =
		"Reads rrweb recordings: JSON arrays, NDJSON, exports of PostHog and Sentry;\n"
		"files, folders, archives, compressed or not; - is standard input. Each is stored\n"
		"whole, or refused with its reason; the same recording is stored once. A tree\n"
		"copied off a mount carries its own sites: it needs no --site.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = -1,
	.run = run,
};
