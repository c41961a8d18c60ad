/* cmd-erase.c: redactfs erase: sessions by id, visitor, site or age, gone for good in one batch.
 *
 * What would go is collected first and shown as it is (--dry-run, the prompt); exactly that list is
 * then erased: a session imported meanwhile is not swept along. */
#include "cli-priv.h"

#include "redactfs/erase.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 200 }; /* fits an audit entry, escapes included (audit.h: 512) */

struct list {
	uint64_t *inos; /* owned */
	size_t n, cap;
	struct buf paths; /* a line each */
};

static void list_done(struct list *l)
{
	free(l->inos);
	buf_done(&l->paths);
}

static int list_add(struct list *l, const struct selected *x)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		uint64_t *p = reallocarray(l->inos, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->inos = p;
		l->cap = cap;
	}
	int r = buf_addf(&l->paths, "%s/%s/%s%s\n", x->site->name, x->day->name, x->row->name,
			 x->row->state == SESSION_HELD ? "  (held)" : "");
	if (r < 0)
		return r;
	l->inos[l->n++] = x->row->ino;
	return 0;
}

static int each(void *ctx, const struct selected *x)
{
	return list_add(ctx, x);
}

/* SITE/DATE/SESSION, as in the mount. */
static int find_path(struct store *s, const char *path, struct session_row *ret)
{
	const char *day = strchr(path, '/'), *name = day ? strchr(day + 1, '/') : NULL;
	struct site_row site;
	struct day_row row;
	int r;

	if (!name)
		return -ENOENT;
	r = store_site_find(s, path, (size_t)(day - path), &site);
	if (r >= 0)
		r = store_day_find(s, site.id, day + 1, (size_t)(name - day - 1), &row);
	if (r >= 0)
		r = store_session_find(s, row.id, name + 1, strlen(name + 1), ret);
	return r;
}

static int add_named(struct store *s, const char *name, struct list *l, struct errinfo *e)
{
	struct session_row row;
	struct session_id id;
	struct site_row site;
	struct day_row day;
	int r;

	r = session_id_parse(name, &id) ? store_session_by_id(s, &id, &row)
					: find_path(s, name, &row);
	if (r >= 0 && row.state == SESSION_RESTRICTED && !(store_roles(s) & ROLE_OFFICER))
		r = -ENOENT;
	for (size_t i = 0; r >= 0 && i < l->n; i++) {
		if (l->inos[i] == row.ino)
			return 0; /* named twice */
	}
	if (r >= 0)
		r = store_site_get(s, row.site_id, &site);
	if (r >= 0)
		r = store_day_get(s, row.day_id, &day);
	if (r >= 0)
		r = list_add(l, &(struct selected){.site = &site, .day = &day, .row = &row});
	if (r == -ENOENT)
		return err_set(e, r, "no such session '%s'", name);
	return r < 0 ? err_set_errno(e, r, "cannot look up session '%s'", name) : 0;
}

static int collect(struct store *s, const struct args *a, const struct selection *sel,
		   struct list *l, struct errinfo *e)
{
	const struct opt_value *ids = &a->opt[OPT_SESSION];
	int r = 0;

	if (!ids->n)
		return select_walk(s, sel, each, l, e);
	for (size_t i = 0; i < ids->n && r >= 0; i++)
		r = add_named(s, ids->v[i], l, e);
	/* --session A B C: the rest stands among the arguments */
	for (int i = 1; i < a->n && r >= 0; i++)
		r = add_named(s, a->v[i], l, e);
	return r;
}

/* 0: go on. */
static int confirm(const struct args *a, const struct list *l)
{
	char answer[16] = "";

	if (opt_given(a, OPT_YES))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return say_usage(a->cmd, "no terminal to ask on: '--yes' is missing");
	fprintf(stderr, "%serase %zu session%s for good? type 'yes': ", l->paths.p, l->n,
		l->n == 1 ? "" : "s");
	if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0) {
		say("nothing erased");
		return EXIT_OTHER;
	}
	return 0;
}

static int check(const struct args *a, const struct selection *sel)
{
	const char *reason = opt_arg(a, OPT_REASON);
	bool walk = sel->site || sel->visitor || sel->before;

	if (!opt_given(a, OPT_SESSION) && !sel->site && !sel->visitor)
		return say_usage(a->cmd, "which? '--session', '--visitor' or '--site' is missing");
	if (opt_given(a, OPT_SESSION) && walk)
		return say_usage(a->cmd, "'--session' goes with no other choice of sessions");
	if (!opt_given(a, OPT_SESSION) && a->n > 1)
		return say_usage(a->cmd, "unexpected argument '%s'", a->v[1]);
	if (sel->before && !date_check(sel->before))
		return say_usage(a->cmd, "'%s' is no date: YYYY-MM-DD", sel->before);
	if (opt_given(a, OPT_DRY_RUN))
		return 0;
	if (!reason || !*reason)
		return say_usage(a->cmd, "'--reason TEXT' is missing");
	if (strlen(reason) > REASON_BYTES)
		return say_usage(a->cmd, "the reason is longer than %d bytes", REASON_BYTES);
	return 0;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(list_done) struct list l = {0};
	const struct selection sel = {.site = opt_arg(a, OPT_SITE),
				      .visitor = opt_arg(a, OPT_VISITOR),
				      .before = opt_arg(a, OPT_BEFORE)};
	struct erase_result res = {0};
	struct errinfo e = {0};
	int r;

	r = check(a, &sel);
	if (r)
		return r;
	r = login(a, &s);
	if (r)
		return r;
	r = collect(s, a, &sel, &l, &e);
	if (r < 0)
		return say_error(&e, r);
	if (opt_given(a, OPT_DRY_RUN)) {
		r = out_write(l.paths.p, l.paths.len);
		if (!r)
			printf("would erase %zu\n", l.n);
		return r;
	}
	if (l.n == 0) {
		puts("erased 0");
		return EXIT_OK;
	}
	r = confirm(a, &l);
	if (r)
		return r;
	r = erase_run(s, l.inos, l.n, opt_arg(a, OPT_REASON), &res, &e);
	if (r < 0)
		return say_error(&e, r);
	if (res.unseen)
		say("a mount of this store doesn't answer (%u): the kernel may still have text of "
		    "the erased sessions for those who have them open there",
		    res.unseen);
	printf("erased %llu, gone before %llu", (unsigned long long)res.erased,
	       (unsigned long long)res.gone);
	if (res.receipt)
		printf(", receipt %llu", (unsigned long long)res.receipt);
	puts("");
	return EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_SESSION, "session", "ID", "this session; more IDs may follow", 0, true},
	{OPT_VISITOR, "visitor", "V", "all sessions of this visitor", 0, false},
	{OPT_SITE, "site", "SITE", "all sessions of this site", 0, false},
	{OPT_BEFORE, "before", "DATE", "of these, only before this day (YYYY-MM-DD)", 0, false},
	{OPT_REASON, "reason", "TEXT", "for the audit log; no personal data", 0, false},
	{OPT_DRY_RUN, "dry-run", NULL, "only show what would go", 0, false},
	{OPT_YES, "yes", NULL, "don't ask", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_erase = {
	.name = "erase",
	.synopsis = "STORE WHICH... --reason TEXT [OPTION]...",
	.summary = "erase sessions for good",
	.about = "Erases sessions in one batch: when it returns nobody can read them any more.\n"
		 "WHICH is --session, or --visitor and --site, which narrow each other, and\n"
		 "--before. ID is what ls shows, or SITE/DATE/SESSION as in the mount. On a\n"
		 "terminal it asks first; elsewhere --yes is needed.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
