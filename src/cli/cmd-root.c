/* cmd-root.c: redactfs root: gives up one of several places where a store's root lies. */
#include "cli-priv.h"

#include <string.h>

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct errinfo e = {0};
	enum root_removed what;
	int r;

	if (strcmp(a->v[1], "remove") != 0)
		return say_usage(a->cmd, "'%s' is not remove", a->v[1]);
	r = reason_check(a);
	if (r)
		return r;
	r = login_without_root(a, a->v[2], &s);
	if (r)
		return r;
	r = store_root_remove(s, opt_arg(a, OPT_REASON), &what, &e);
	if (r < 0)
		return say_error(&e, r);
	printf("given up, roots left %u\n", store_assurance(s)->n);
	if (what == ROOT_STAYS)
		say("'%s' is another name of a root that stays: nothing was overwritten", a->v[2]);
	if (what == ROOT_OUT_OF_REACH)
		say("'%s' could not be overwritten: destroy its medium, which opens what the store "
		    "was when it was last written",
		    a->v[2]);
	return EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_REASON, "reason", "TEXT", "for the audit log; no personal data", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_root = {
	.name = "root",
	.synopsis = "STORE remove FILE --reason TEXT [OPTION]...",
	.summary = "give up a root that is lost",
	.about = "Of a store whose root lies in several files (init --root), gives up the one at\n"
		 "FILE, as status and errors name it: for a medium that is lost for good. The\n"
		 "others get a new root. If FILE can be reached it is overwritten. Needs an\n"
		 "officer or an admin. Mounts of the store must be made anew.\n",
	.opts = opts,
	.min_args = 3,
	.max_args = 3,
	.run = run,
};
