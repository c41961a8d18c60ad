/* cmd-notice.c: redactfs notice: the text that tells a site's visitors. */
#include "cli-priv.h"

#include "redactfs/notice.h"
#include "redactfs/site.h"

#include <string.h>

static int lang_of(const struct args *a, unsigned *ret)
{
	const char *lang = opt_given(a, OPT_LANG) ? opt_arg(a, OPT_LANG) : "en";
	CLEANUP(buf_done) struct buf known = {0};
	int r = notice_lang_find(lang, strlen(lang));

	if (r >= 0) {
		*ret = (unsigned)r;
		return 0;
	}
	r = 0;
	for (unsigned i = 0; i < NOTICE_LANGS && r >= 0; i++)
		r = buf_addf(&known, "%s%s", i ? ", " : "", notice_lang(i));
	return r < 0 ? say_error(NULL, r)
		     : say_usage(a->cmd, "no notice in '%s'; there is one in %s", lang, known.p);
}

/* The policy that was set; a site without one has no controller either. */
static int policy_of(struct store *s, const char *site, struct policy *ret, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0};
	uint64_t seq;
	int r = store_policy_get(s, site, &ini, &seq);

	if (r < 0)
		return err_set_errno(e, r, "cannot read the policy of '%s'", site);
	return policy_parse(ini.p ? ini.p : "", ini.len, ret, e);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf out = {0};
	struct errinfo e = {0};
	unsigned lang = 0;
	int r = lang_of(a, &lang);

	if (r)
		return r;
	r = site_name_check(a->v[1], strlen(a->v[1]), &e);
	if (r < 0)
		return say_error(&e, r);
	r = login(a, &s);
	if (r)
		return r;
	r = policy_of(s, a->v[1], &p, &e);
	if (r == 0)
		r = notice_text(lang, &p, a->v[1], &out);
	if (r == -EINVAL && !p.controller[0]) {
		err_hint(&e, "redactfs policy %s edit %s", a->v[0], a->v[1]);
		(void)err_set(&e, r, "the policy of '%s' names no controller: a notice has to",
			      a->v[1]);
	}
	if (r < 0)
		return say_error(&e, r);
	r = out_write(out.p, out.len);
	if (!r)
		say("purpose and legal basis aren't in it: no policy knows them, a notice needs "
		    "them (GDPR Art. 13)");
	return r;
}

static const struct opt opts[] = {
	{OPT_LANG, "lang", "LANG", "en (default), pl, cs, sk, de, fr, es, it, nl or pt", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_notice = {
	.name = "notice",
	.synopsis = "STORE SITE [OPTION]...",
	.summary = "print the text that tells a site's visitors",
	.about =
		"Prints, for a site's privacy notice, who records visits, what is never kept, how\n"
		"long the rest is, and what visitors can ask for, as the site's policy has it.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
