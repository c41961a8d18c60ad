/* cmd-retention.c: redactfs retention: what the sites' policies say has been kept long enough goes.
 */
#include "cli-priv.h"

#include "redactfs/erase.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct sites {
	struct retention_site *v; /* owned */
	size_t n;
};

static void sites_done(struct sites *x)
{
	free(x->v);
}

static int collect_site(void *ctx, const struct retention_site *site)
{
	struct sites *x = ctx;
	struct retention_site *v = reallocarray(x->v, x->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	x->v = v;
	x->v[x->n++] = *site;
	return 0;
}

struct kept {
	size_t held, restricted;
};

/* One batch a site, so that the audit log says which limit it was. */
static int run_site(struct store *s, const struct retention_site *site, bool dry_run,
		    struct erase_result *sum, struct kept *kept, struct errinfo *e)
{
	const struct selection sel = {.site = site->name, .before = site->before};
	CLEANUP(chosen_done) struct chosen l = {.skip_kept = true};
	struct erase_result res = {0};
	char reason[64];
	int r = choose_walk(s, &sel, &l, e);

	if (r == -ENOENT) { /* emptied and removed meanwhile */
		*e = (struct errinfo){0};
		return 0;
	}
	if (r < 0)
		return r;
	kept->held += l.held;
	kept->restricted += l.restricted;
	say_kept(&l);
	if (dry_run) {
		sum->erased += l.n;
		return out_write(l.paths.p, l.paths.len) ? -EIO : 0;
	}
	(void)snprintf(reason, sizeof(reason), "retention: kept %u days", (unsigned)site->days);
	if (l.n)
		r = erase_run(s, l.inos, l.n, reason, &res, e);
	if (r >= 0)
		remove_dates(s, &l);
	sum->erased += res.erased;
	sum->gone += res.gone;
	sum->unseen = res.unseen > sum->unseen ? res.unseen : sum->unseen;
	sum->receipt = res.receipt ? res.receipt : sum->receipt;
	sum->receipts += res.receipts;
	return r;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(sites_done) struct sites sites = {0};
	bool dry_run = opt_given(a, OPT_DRY_RUN);
	struct erase_result sum = {0};
	struct errinfo e = {0};
	struct timespec now;
	struct kept kept = {0};
	int r;

	if (strcmp(a->v[1], "run") != 0)
		return say_usage(a->cmd, "'%s' is not run", a->v[1]);
	r = login(a, &s);
	if (r)
		return r;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail for this clock */
	r = retention_due(s, (int64_t)now.tv_sec * 1000, collect_site, &sites, &e);
	for (size_t i = 0; r >= 0 && i < sites.n; i++)
		r = run_site(s, &sites.v[i], dry_run, &sum, &kept, &e);
	if (r < 0)
		(void)say_error(&e, r); /* what went before is gone: the summary says how much */
	if (dry_run)
		printf("would erase %llu", (unsigned long long)sum.erased);
	else
		say_erased(&sum);
	printf(", held %zu", kept.held);
	if (kept.restricted)
		printf(", restricted %zu", kept.restricted);
	printf(" (of %zu sites with a limit)\n", sites.n);
	remove_files(s);
	return r < 0 ? err_exit_status(r) : EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_DRY_RUN, "dry-run", NULL, "only show what would go", 0, false}, OPTS_LOGIN, OPTS_END};

const struct command cmd_retention = {
	.name = "retention",
	.synopsis = "STORE run [OPTION]...",
	.summary = "erase what the policies say is too old",
	.about = "Erases sessions that are older than their site's policy allows (retention =\n"
		 "90d), by the day of their folder, in the site's time zone. Those on legal hold\n"
		 "and restricted ones stay, and are named (restricted ones to an officer). Made\n"
		 "for a timer: it doesn't ask.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
