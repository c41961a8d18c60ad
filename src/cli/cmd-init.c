/* cmd-init.c: redactfs init: a new store with its first operator. */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>

enum { ROOTS_MAX = 4 };

struct roots {
	char *v[ROOTS_MAX]; /* owned */
	unsigned n;
};

static void roots_done(struct roots *x)
{
	for (unsigned i = 0; i < x->n; i++)
		free(x->v[i]);
}

/* The store keeps the path, so it is made one that holds wherever one stands. */
static int add_root(struct roots *x, const char *path, struct errinfo *e)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	CLEANUP(buf_done) struct buf folder = {0}, all = {0};

	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strchr(path, '\n'))
		return err_set(e, -EINVAL, "'%s' is no name for a file", path);
	int r = slash ? buf_add(&folder, path, (size_t)(slash - path) + 1) : buf_adds(&folder, ".");
	if (r < 0)
		return r;
	CLEANUP_FREE char *real = realpath(folder.p, NULL);
	if (!real)
		return err_set_errno(e, -errno, "no folder for the root at '%s'", path);
	r = buf_addf(&all, "%s/%s", strcmp(real, "/") ? real : "", name);
	if (r == 0 && !(x->v[x->n] = strdup(all.p)))
		r = -ENOMEM;
	x->n += r == 0;
	return r;
}

void say_root_warnings(const struct store_assurance *a)
{
	for (unsigned i = 0; i < a->n; i++) {
		const struct root_copy *c = &a->copies[i];
		const char *text;
		unsigned at = 0;

		while ((text = store_root_warning(c, &at)))
			say("warning: root%s%s%s (%s): %s", *c->path ? " at '" : "", c->path,
			    *c->path ? "'" : "", c->fs, text);
	}
}

static void say_place(const struct store_assurance *a)
{
	say_root_warnings(a);
	if (!strcmp(a->level, "same-disk") && *a->copies[0].path)
		say("warning: root at '%s' is on the same disk as the store", a->copies[0].path);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	CLEANUP(roots_done) struct roots roots = {.n = 0};
	CLEANUP_FREE struct store_assurance *place = calloc(1, sizeof(*place));
	const struct opt_value *paths = &a->opt[OPT_ROOT];
	const char *email = opt_arg(a, OPT_OPERATOR);
	struct passphrase_from from;
	struct errinfo e = {0};
	int r;

	if (!place)
		return say_error(&e, -ENOMEM);
	if (!email)
		return say_usage(a->cmd, "'--operator EMAIL' is missing");
	if (paths->n > ROOTS_MAX)
		return say_usage(a->cmd, "at most %d roots", ROOTS_MAX);
	r = passphrase_options(a, &from);
	if (r)
		return r;
	for (size_t i = 0; i < paths->n; i++) {
		r = add_root(&roots, paths->v[i], &e);
		if (r < 0)
			return say_error(&e, r);
	}
	from.email = email;
	from.twice = true;
	r = passphrase_read(&from, &pp, &e);
	if (r >= 0)
		r = store_init(a->v[0], email, pp, (const char *const *)roots.v, roots.n, place,
			       &e);
	if (r < 0)
		return say_error(&e, r);
	printf("made '%s', operator %s (admin, officer)\n", a->v[0], email);
	(void)fflush(stdout); /* before what stderr says; finish() sees errors */
	say_place(place);
	return EXIT_OK;
}

static const struct opt opts[] = {
	{OPT_OPERATOR, "operator", "EMAIL", "the first operator", 0, false},
	{OPT_ROOT, "root", "FILE", "where the root goes; more than one: mirrored", 0, true},
	{OPT_PASSPHRASE_FILE, "passphrase-file", "FILE", "read the passphrase from FILE", 0, false},
	{OPT_PASSPHRASE_FD, "passphrase-fd", "N", "read it from file descriptor N", 0, false},
	OPTS_END};

const struct command cmd_init = {
	.name = "init",
	.synopsis = "STORE --operator EMAIL [OPTION]...",
	.summary = "make a store",
	.about = "Makes a new store in the folder STORE, which is new or empty, with its first\n"
		 "operator, who is admin and officer. Weak passphrases are refused. The root,\n"
		 "8 KiB that erasures overwrite, goes into the folder, or to FILE on a medium of\n"
		 "its own; with more than one --root all are kept the same.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
