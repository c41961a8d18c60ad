/* cmd-policy.c: redactfs policy: what a site decided.
 *
 * A policy is checked before it is stored, so that what the daemon reads can always be parsed. What
 * it hides holds at once; `set` then makes the renderings, which whoever reads first would have to
 * wait for. What it shows is for `apply`, which needs the key of the sealed values. */
#include "cli-priv.h"

#include "policy-edit.h"

#include "redactfs/site.h"

#include <string.h>

struct shown {
	struct bar bar;
	const char *what;
};

static void progress(void *ctx, uint64_t done, uint64_t of)
{
	struct shown *sh = ctx;
	char text[64];

	if (!bar_due(&sh->bar))
		return;
	(void)snprintf(text, sizeof(text), "%s: %llu of %llu sessions", sh->what,
		       (unsigned long long)done, (unsigned long long)of);
	bar_draw(&sh->bar, done, of, text);
}

/* The text that is stored, or the defaults as text that can be changed and set. */
static int current(struct store *s, const char *site, struct buf *ini, uint64_t *ret_seq,
		   struct errinfo *e)
{
	CLEANUP(policy_done) struct policy p = {0};
	int r = store_policy_get(s, site, ini, ret_seq);

	if (r == 0 && !*ret_seq) {
		r = policy_default(&p);
		if (r == 0)
			r = policy_format(&p, ini);
	}
	return r < 0 ? err_set_errno(e, r, "cannot read the policy of '%s'", site) : 0;
}

/* Says where sessions don't show all that the policy lets them. */
static int say_pending(struct store *s, const char *site, struct errinfo *e)
{
	uint64_t n = 0;
	int r = store_policy_pending(s, site, &n);

	if (r < 0)
		return err_set_errno(e, r, "cannot look for sessions of older policies");
	if (n)
		say("%llu session%s hide%s more than this policy, until an officer applies it: "
		    "policy %s apply %s",
		    (unsigned long long)n, n == 1 ? "" : "s", n == 1 ? "s" : "", store_path(s),
		    site);
	return 0;
}

static int show(struct store *s, const char *site, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0}, out = {0};
	uint64_t seq = 0;
	int r = current(s, site, &ini, &seq, e);

	if (r == 0 && !seq)
		r = buf_adds(&out, "; none set: the defaults hold\n");
	if (r == 0)
		r = buf_add(&out, ini.p ? ini.p : "", ini.len);
	if (r == 0)
		r = say_pending(s, site, e);
	return r < 0 ? say_error(e, r) : out_write(out.p ? out.p : "", out.len);
}

/* After a new policy: what it hides is hidden already, once the kernel's caches have been dropped.
 */
static int refresh(struct store *s, const char *site, struct errinfo *e)
{
	struct shown sh = {.what = "looking for what it hides"};
	uint64_t failed = 0;

	say_unseen(store_mounts_follow(s), "site's");
	bar_init(&sh.bar);
	int r = store_policy_refresh(s, site, progress, &sh, &failed, e);
	bar_clear(&sh.bar);
	if (r == 0 && failed)
		say("%llu session%s can't be looked through and can't be read",
		    (unsigned long long)failed, failed == 1 ? "" : "s");
	if (r == 0)
		r = say_pending(s, site, e);
	if (r < 0)
		return say_error(e, r);
	return failed ? EXIT_PARTIAL : EXIT_OK;
}

/* The policy in a file, checked before anybody has to log in for it. */
static int load(const char *file, struct buf *ini, struct errinfo *e)
{
	CLEANUP(policy_done) struct policy p = {0};
	int r = file_read(file, LIMIT_POLICY_BYTES, ini, e);

	if (r < 0) {
		err_prefix(e, "policy '%s'", file);
		return r;
	}
	return policy_check(file, ini, &p, e);
}

static int set(struct store *s, const char *site, const struct buf *ini, struct errinfo *e)
{
	int r = store_policy_set(s, site, ini->p ? ini->p : "", ini->len, e);

	return r < 0 ? say_error(e, r) : refresh(s, site, e);
}

static int edit(struct store *s, const char *site, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf was = {0}, now = {0};
	uint64_t seq = 0;
	int r = current(s, site, &was, &seq, e);

	if (r == 0)
		r = policy_edit(site, &was, &now, e);
	if (r == -ECANCELED)
		return err_exit_status(-EINVAL);
	if (r == 0) {
		say("nothing changed");
		return EXIT_OK;
	}
	if (r == 1)
		r = store_policy_replace(s, site, seq, now.p ? now.p : "", now.len, e);
	return r < 0 ? say_error(e, r) : refresh(s, site, e);
}

static int apply(struct store *s, const char *site, struct errinfo *e)
{
	struct shown sh = {.what = "applying"};
	struct policy_applied done;

	bar_init(&sh.bar);
	int r = store_policy_apply(s, site, progress, &sh, &done, e);
	bar_clear(&sh.bar);
	/* what was committed before a failure is done */
	printf("applied %llu, failed %llu (values %llu)\n", (unsigned long long)done.sessions,
	       (unsigned long long)done.failed, (unsigned long long)done.values);
	if (r < 0)
		return say_error(e, r);
	return done.failed ? EXIT_PARTIAL : EXIT_OK;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	const char *verb = a->v[1], *site = a->v[2];
	bool setting = strcmp(verb, "set") == 0, applying = strcmp(verb, "apply") == 0;
	bool editing = strcmp(verb, "edit") == 0;
	CLEANUP(buf_done) struct buf ini = {0};
	struct errinfo e = {0};
	int r;

	if (!setting && !applying && !editing && strcmp(verb, "show") != 0)
		return say_usage(a->cmd, "'%s' is none of show, set, edit, apply", verb);
	if (setting && a->n < 4)
		return say_usage(a->cmd, "which file? (- is standard input)");
	if (!setting && a->n > 3)
		return say_usage(a->cmd, "unexpected argument '%s'", a->v[3]);
	r = site_name_check(site, strlen(site), &e);
	if (r == 0 && setting)
		r = load(a->v[3], &ini, &e);
	if (r < 0)
		return say_error(&e, r);
	r = applying ? login_reveal(a, &s) : login(a, &s);
	if (r)
		return r;
	if (setting)
		return set(s, site, &ini, &e);
	if (editing)
		return edit(s, site, &e);
	return applying ? apply(s, site, &e) : show(s, site, &e);
}

static const struct opt opts[] = {OPTS_LOGIN, OPTS_END};

const struct command cmd_policy = {
	.name = "policy",
	.synopsis = "STORE show|edit|apply SITE | STORE set SITE FILE",
	.summary = "show or change what a site records",
	.about =
		"Shows a site's policy (INI), sets it from FILE (- is standard input), or opens\n"
		"an editor on it. What it hides is hidden from every read from then on. What it\n"
		"shows that was hidden takes an officer, and apply; what was dropped doesn't come\n"
		"back.\n",
	.opts = opts,
	.min_args = 3,
	.max_args = 4,
	.run = run,
};
