/* cmd-policy.c: redactfs policy: what a site decided. A policy is checked before it is stored, so
 * that what the daemon reads can always be parsed. */
#include "cli-priv.h"

#include "redactfs/site.h"
#include "redactfs/timez.h"

#include <string.h>

static int show(struct store *s, const char *site, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0};
	uint64_t seq = 0;
	int r = store_policy_get(s, site, &ini, &seq);

	if (r == -ENOENT)
		return say_error(e, err_set(e, r, "no such site '%s'", site));
	if (r < 0)
		return say_error(e, err_set_errno(e, r, "cannot read the policy of '%s'", site));
	if (!ini.len) {
		CLEANUP(policy_done) struct policy p = {0};

		/* as text that can be changed and set */
		r = buf_adds(&ini, "; none set: the defaults hold\n");
		if (r >= 0)
			r = policy_default(&p);
		if (r >= 0)
			r = policy_format(&p, &ini);
		if (r < 0)
			return say_error(e, r);
	}
	return out_write(ini.p, ini.len);
}

/* The policy that holds now. */
static int current(struct store *s, const char *site, struct policy *ret, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0};
	uint64_t seq = 0;
	int r = store_policy_get(s, site, &ini, &seq);

	if (r == -ENOENT || (r >= 0 && !ini.len))
		return policy_default(ret);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the policy of '%s'", site);
	return policy_parse(ini.p, ini.len, ret, e);
}

static int set(struct store *s, const char *site, const char *file, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0};
	CLEANUP(policy_done) struct policy was = {0};
	CLEANUP(policy_done) struct policy p = {0};
	int r;

	r = file_read(file, LIMIT_POLICY_BYTES, &ini, e);
	if (r >= 0)
		r = policy_parse(ini.p ? ini.p : "", ini.len, &p, e);
	if (r >= 0 && timez_check(p.timezone) < 0)
		r = err_set(e, -EINVAL, "no such time zone: '%s'", p.timezone);
	if (r < 0) {
		err_prefix(e, "policy '%s'", file);
		return say_error(e, r);
	}
	r = current(s, site, &was, e);
	if (r >= 0 && policy_loosens(&was, &p) && !(store_roles(s) & ROLE_OFFICER))
		r = err_set(e, -EACCES, "a policy that keeps or shows more needs an officer");
	if (r >= 0)
		r = store_policy_set(s, site, ini.p ? ini.p : "", ini.len, e);
	return r < 0 ? say_error(e, r) : EXIT_OK;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	const char *verb = a->v[1], *site = a->v[2];
	bool setting = strcmp(verb, "set") == 0;
	struct errinfo e = {0};
	int r;

	if (!setting && strcmp(verb, "show") != 0)
		return say_usage(a->cmd, "'%s' is neither show nor set", verb);
	if (setting && a->n < 4)
		return say_usage(a->cmd, "which file? (- is standard input)");
	if (!setting && a->n > 3)
		return say_usage(a->cmd, "unexpected argument '%s'", a->v[3]);
	r = site_name_check(site, strlen(site), &e);
	if (r < 0)
		return say_error(&e, r);
	r = login(a, &s);
	if (r)
		return r;
	if (!setting)
		return show(s, site, &e);
	return set(s, site, a->v[3], &e);
}

static const struct opt opts[] = {OPTS_LOGIN, OPTS_END};

const struct command cmd_policy = {
	.name = "policy",
	.synopsis = "STORE show SITE | STORE set SITE FILE",
	.summary = "show or set what a site records",
	.about = "Shows a site's policy (INI), or sets it from FILE (- is standard input). A\n"
		 "stricter policy holds for every read from then on.\n",
	.opts = opts,
	.min_args = 3,
	.max_args = 4,
	.run = run,
};
