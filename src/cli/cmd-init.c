/* cmd-init.c: redactfs init: a new store with its first operator. */
#include "cli-priv.h"

static int run(const struct args *a)
{
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	const char *email = opt_arg(a, OPT_OPERATOR);
	struct passphrase_from from;
	struct errinfo e = {0};
	int r;

	if (!email)
		return say_usage(a->cmd, "'--operator EMAIL' is missing");
	r = passphrase_options(a, &from);
	if (r)
		return r;
	from.email = email;
	from.twice = true;
	r = passphrase_read(&from, &pp, &e);
	if (r >= 0)
		r = store_init(a->v[0], email, pp, &e);
	if (r < 0)
		return say_error(&e, r);
	printf("made '%s', operator %s (admin, officer)\n", a->v[0], email);
	return EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_OPERATOR, "operator", "EMAIL", "the first operator", 0, false},
	{OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "read the passphrase from FILE", 0, false},
	{OPT_PASSPHRASE_FD, "passphrase-fd", "N", "read it from file descriptor N", 0, false},
	OPTS_END};

const struct command cmd_init = {
	.name = "init",
	.synopsis = "STORE --operator EMAIL [OPTION]...",
	.summary = "make a store and its first operator",
	.about = "Makes the folder STORE (new, or empty) a store. Its first operator is admin\n"
		 "and officer. On a terminal the passphrase is asked for twice; a weak one is\n"
		 "refused.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
