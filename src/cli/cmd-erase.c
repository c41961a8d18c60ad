/* cmd-erase.c: redactfs erase: sessions by id, visitor, site or day, gone for good in one batch.
 *
 * What would go is collected first and shown as it is (--dry-run, the prompt); exactly that list is
 * then erased, all of it or, where one is on hold or restricted, nothing. */
#include "cli-priv.h"

#include "redactfs/erase.h"

#include <string.h>

enum { SWEEP_MS = 1000 };

static int check(const struct args *a)
{
	int r = choose_check(a, 1);

	if (!r && !opt_given(a, OPT_DRY_RUN))
		r = reason_check(a);
	return r;
}

static int dry_run(const struct chosen *l)
{
	const size_t kept = l->held + l->restricted;
	char words[KEPT_WORDS];
	int r = out_write(l->paths.p, l->paths.len);

	if (r)
		return r;
	printf("would erase %zu", l->n - kept);
	if (kept)
		printf(", but %zu %s keep%s all of them", kept, kept_words(l, "on hold", words),
		       kept == 1 ? "s" : "");
	puts("");
	return EXIT_OK;
}

static int refuse_kept(const struct chosen *l)
{
	struct errinfo e = {0};
	char words[KEPT_WORDS];
	int r = err_set(&e, -EBUSY, "%zu of %zu sessions %s: nothing was erased",
			l->held + l->restricted, l->n, kept_words(l, "on legal hold", words));

	r = say_error(&e, r);
	say_kept(l);
	return r;
}

void say_unseen(unsigned mounts, const char *what)
{
	if (mounts)
		say("a mount of this store doesn't answer (%u): the kernel may still have text of "
		    "the %s sessions for those who have them open there",
		    mounts, what);
}

void say_erased(const struct erase_result *res)
{
	say_unseen(res->unseen, "erased");
	printf("erased %llu, gone before %llu", (unsigned long long)res->erased,
	       (unsigned long long)res->gone);
	if (res->receipt)
		printf(", receipt %llu", (unsigned long long)res->receipt);
	if (res->receipts > 1)
		printf(" (the last of %llu)", (unsigned long long)res->receipts);
}

void remove_files(struct store *s)
{
	int r;

	(void)fflush(stdout); /* the sessions are gone, and who reads this may go on */
	do
		r = store_sweep(s, SWEEP_MS);
	while (r > 0);
	if (r < 0)
		say("cannot remove files of erased sessions, which hold nothing any more: %s; "
		    "the next command tries again",
		    strerror(-r));
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(chosen_done) struct chosen l = {0};
	struct erase_result res = {0};
	struct errinfo e = {0};
	char question[64];
	int r;

	r = check(a);
	if (r)
		return r;
	r = login(a, &s);
	if (r)
		return r;
	r = choose(s, a, 1, &l, &e);
	if (r < 0)
		return say_error(&e, r);
	if (opt_given(a, OPT_DRY_RUN))
		return dry_run(&l);
	if (l.n == 0) {
		puts("erased 0");
		return EXIT_OK;
	}
	if (l.held || l.restricted)
		return refuse_kept(&l);
	(void)snprintf(question, sizeof(question), "erase %zu session%s for good?", l.n,
		       l.n == 1 ? "" : "s");
	r = ask_yes(a, &l, question);
	if (r)
		return r;
	r = erase_run(s, l.inos, l.n, opt_arg(a, OPT_REASON), &res, &e);
	if (r < 0 && !res.erased)
		return say_error(&e, r);
	if (r < 0)
		(void)say_error(&e, r); /* some are gone: the summary says how many */
	say_erased(&res);
	puts("");
	if (r == 0)
		remove_dates(s, &l);
	remove_files(s);
	return r < 0 ? err_exit_status(r) : EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_SESSION, "session", "ID", "this session; more IDs may follow", 0, true},
	{OPT_VISITOR, "visitor", "V", "all sessions of this visitor", 0, false},
	{OPT_SITE, "site", "SITE", "all sessions of this site", 0, false},
	{OPT_BEFORE, "before", "DATE", "of these, only before this day (YYYY-MM-DD)", 0, false},
	{OPT_SINCE, "since", "DATE", "only from this day on", 0, false},
	{OPT_UNTIL, "until", "DATE", "only up to this day", 0, false},
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
		 "WHICH is --session, or any of --visitor, --site and days, which narrow each\n"
		 "other. ID is what ls shows, or SITE/DATE/SESSION as in the mount. One of them\n"
		 "on legal hold or restricted, and nothing is erased. On a terminal it asks\n"
		 "first; elsewhere --yes is needed.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
