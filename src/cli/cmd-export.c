/* cmd-export.c: redactfs export: what is held of a visitor, for the visitor. */
#include "cli-priv.h"

#include "redactfs/audit.h"
#include "redactfs/io.h"
#include "redactfs/xfer.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* Said before anything is logged or written. */
static int refuse_restricted(const struct chosen *l)
{
	struct errinfo e = {0};
	int r = err_set(&e, -EACCES,
			"%zu of %zu sessions restricted: they are exported with "
			"--reveal only",
			l->restricted, l->n);

	err_hint(&e, "'redactfs restrict STORE list' says which");
	return say_error(&e, r);
}

/* Where the zip goes: to standard output, or into a file that appears whole. */
struct target {
	int dirfd, fd;         /* owned; dirfd -1: standard output */
	char tmp[IO_TMP_NAME]; /* "": none to take away */
	char name[NAME_MAX + 1];
};

static void target_done(struct target *t)
{
	if (t->tmp[0])
		io_tmp_drop(t->dirfd, t->tmp);
	if (t->dirfd >= 0) {
		if (t->fd >= 0)
			(void)close(t->fd); /* synced, or thrown away */
		(void)close(t->dirfd);
	}
}

static int target_open(struct store *s, const char *path, struct target *t, struct errinfo *e)
{
	char folder[PATH_MAX], base[PATH_MAX];
	struct stat st;

	if (!strcmp(path, "-")) {
		if (isatty(STDOUT_FILENO))
			return err_set(e, -EINVAL, "a zip isn't for a terminal");
		t->fd = STDOUT_FILENO;
		return 0;
	}
	if (strlen(path) >= sizeof(folder))
		return err_set(e, -ENAMETOOLONG, "cannot write '%s'", path);
	memcpy(folder, path, strlen(path) + 1);
	memcpy(base, path, strlen(path) + 1);
	const char *name = basename(base);
	if (strlen(name) >= sizeof(t->name) || !strcmp(name, "/") || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return err_set(e, -EINVAL, "'%s' is no name for a file", path);
	memcpy(t->name, name, strlen(name) + 1);
	name = dirname(folder);
	if (store_contains(s, name))
		return err_set(e, -EINVAL, "'%s' is in the store: choose another place", path);
	t->dirfd = io_open_at(AT_FDCWD, name, O_RDONLY | O_DIRECTORY, 0);
	if (t->dirfd < 0)
		return err_set_errno(e, t->dirfd, "cannot write '%s'", path);
	if (fstatat(t->dirfd, t->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, -EEXIST, "'%s' is there already", path);
	t->fd = io_new_open(t->dirfd, 0600, t->tmp);
	if (t->fd < 0)
		t->tmp[0] = 0;
	return t->fd < 0 ? err_set_errno(e, t->fd, "cannot write '%s'", path) : 0;
}

static int target_commit(struct target *t, struct errinfo *e)
{
	if (t->dirfd < 0)
		return 0;
	int r = io_new_commit(t->dirfd, t->fd, t->tmp, t->name);
	if (r == -EEXIST)
		return err_set(e, r, "'%s' is there already", t->name);
	if (r < 0)
		return err_set_errno(e, r, "cannot write '%s'", t->name);
	t->tmp[0] = 0;
	return 0;
}

static int log_it(struct store *s, const struct args *a, size_t n)
{
	CLEANUP(buf_done) struct buf detail = {0};
	const char *reason = opt_arg(a, OPT_REASON);
	int r = audit_detail_number(&detail, "sessions", n);

	if (r == 0)
		r = audit_detail_text(&detail, "values",
				      opt_given(a, OPT_REVEAL) ? "revealed" : "redacted");
	if (r == 0 && reason)
		r = audit_detail_text(&detail, "reason", reason);
	if (r == 0)
		r = audit_detail_end(&detail);
	return r < 0 ? r : store_audit(s, "export", detail.p);
}

static void progress(void *ctx, uint64_t done, uint64_t of)
{
	struct bar *b = ctx;

	if (bar_due(b))
		bar_draw(b, done, of, "sessions");
}

static int export_to(struct store *s, const struct args *a, const struct chosen *l,
		     struct target *t, struct export_stats *st, struct errinfo *e)
{
	struct bar bar;
	struct export_opts o = {.inos = l->inos,
				.n = l->n,
				.reveal = opt_given(a, OPT_REVEAL),
				.progress = progress,
				.ctx = &bar};

	/* before anything is given out */
	int r = log_it(s, a, l->n);
	if (r < 0)
		return err_set_errno(e, r, "cannot write to the audit log");
	bar_init(&bar);
	r = export_zip(s, &o, t->fd, st, e);
	bar_clear(&bar);
	return r < 0 ? r : target_commit(t, e);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(chosen_done) struct chosen l = {0};
	CLEANUP(target_done) struct target t = {.dirfd = -1, .fd = -1};
	struct export_stats st;
	struct errinfo e = {0};
	int r = choose_check(a, 1);

	if (r)
		return r;
	if (!opt_given(a, OPT_OUTPUT))
		return say_usage(a->cmd, "'--output FILE' is missing");
	if (opt_given(a, OPT_REVEAL) || opt_given(a, OPT_REASON)) {
		r = reason_check(a);
		if (r)
			return r;
	}
	r = opt_given(a, OPT_REVEAL) ? login_reveal(a, &s) : login(a, &s);
	if (r)
		return r;
	r = choose(s, a, 1, &l, &e);
	if (r >= 0 && !l.n)
		r = err_set(&e, -ENOENT, "no such sessions");
	if (r >= 0 && l.restricted && !opt_given(a, OPT_REVEAL))
		return refuse_restricted(&l);
	if (r >= 0)
		r = target_open(s, opt_arg(a, OPT_OUTPUT), &t, &e);
	if (r >= 0)
		r = export_to(s, a, &l, &t, &st, &e);
	if (r < 0)
		return say_error(&e, r);
	if (t.dirfd >= 0)
		printf("exported %llu session%s\n", (unsigned long long)st.sessions,
		       st.sessions == 1 ? "" : "s");
	return EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_VISITOR, "visitor", "V", "all sessions of this visitor", 0, false},
	{OPT_SESSION, "session", "ID", "this session; more IDs may follow", 0, true},
	{OPT_SITE, "site", "SITE", "all sessions of this site", 0, false},
	{OPT_SINCE, "since", "DATE", "only from this day on (YYYY-MM-DD)", 0, false},
	{OPT_UNTIL, "until", "DATE", "only up to this day", 0, false},
	{OPT_OUTPUT, "output", "FILE", "the zip that is made; - is standard output", 'o', false},
	{OPT_REVEAL, "reveal", NULL, "with sealed values in it; officers only", 0, false},
	{OPT_REASON, "reason", "TEXT", "why, for the audit log; no personal data", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_export = {
	.name = "export",
	.synopsis = "STORE WHICH... -o FILE.zip [OPTION]...",
	.summary = "make a copy for the person who was recorded",
	.about =
		"Writes sessions into a zip, for the visitor who asks for a copy (Art. 15 and 20\n"
		"GDPR): of each the recording, what was done, and a page that plays it, and a\n"
		"page that lists them. Redacted as a mount shows them; with --reveal, which needs\n"
		"an officer and a --reason, with what was entered, as far as it was kept.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
