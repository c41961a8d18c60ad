/* cmd-mount.c: redactfs mount, and mount.redactfs, which mount(8) and fstab call.
 *
 * Key memory isn't made before fs_run has forked for the last time (fs.h), so the passphrase is
 * asked for by a callback. */
#include "cli-priv.h"

#include "redactfs/fs.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static int ask(void *ctx, const struct fs_opts *o, struct secret **ret, struct errinfo *e)
{
	struct passphrase_from from = *(const struct passphrase_from *)ctx;

	if (!from.file && o->passphrase_file[0])
		from.file = o->passphrase_file;
	from.email = o->as[0] ? o->as : NULL;
	return passphrase_read(&from, ret, e);
}

static int serve(const struct fs_opts *o)
{
	struct errinfo e = {0};
	int r = fs_run(o, &e);

	if (r == -EINVAL) {
		(void)say_error(&e, r);
		return EXIT_USAGE;
	}
	return r < 0 ? say_error(&e, r) : EXIT_OK;
}

static int set_operator(struct fs_opts *o, const char *email)
{
	if (strlen(email) >= sizeof(o->as)) {
		say("an operator's address is at most %zu bytes", sizeof(o->as) - 1);
		return EXIT_USAGE;
	}
	memcpy(o->as, email, strlen(email) + 1);
	return 0;
}

static int run(const struct args *a)
{
	const struct opt_value *lists = &a->opt[OPT_MOUNT];
	const char *email = login_email(a);
	struct passphrase_from from;
	struct errinfo e = {0};
	struct fs_opts o;
	int r;

	fs_opts_init(&o);
	o.store = a->v[0];
	o.mountpoint = a->v[1];
	o.foreground = opt_given(a, OPT_FOREGROUND);
	o.debug = opt_given(a, OPT_DEBUG);
	o.single_thread = opt_given(a, OPT_SINGLE_THREAD);
	o.reveal = opt_given(a, OPT_REVEAL);
	o.reason = opt_arg(a, OPT_REASON);
	if (o.reveal != (o.reason != NULL))
		return say_usage(a->cmd, "'--reveal' and '--reason TEXT' go together");
	r = o.reveal ? reason_check(a) : 0;
	if (!r)
		r = passphrase_options(a, &from);
	if (!r && email)
		r = set_operator(&o, email);
	if (r)
		return r;
	for (size_t i = 0; i < lists->n; i++) {
		r = fs_opts_parse(&o, lists->v[i], &e);
		if (r < 0)
			return say_usage(a->cmd, "%s", e.msg);
	}
	o.engine = &cli_engine;
	o.passphrase = ask;
	o.passphrase_ctx = &from;
	return serve(&o);
}

static bool in_list(const char *list, const char *option)
{
	const size_t n = strlen(option);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, option, n) == 0 && (p[n] == ',' || !p[n]))
			return true;
	}
	return false;
}

enum { INVOCATION = 1, FAILED = 32 }; /* exit statuses of mount(8) */

/* `list`: mount(8)'s, which names what is in force as well as what is new, in its own words. */
static int remount(const char *where, const char *list)
{
	struct errinfo e = {0};

	if (!in_list(list, "ro")) {
		say("only 'remount,ro' can be done: for other options unmount '%s' and mount it "
		    "anew",
		    where);
		return FAILED;
	}
	int r = fs_remount_read_only(where, &e);
	if (r < 0)
		(void)say_error(&e, r);
	return r < 0 ? FAILED : EXIT_OK;
}

/* mount(8): mount.redactfs STORE MOUNTPOINT [-sfnv] [-N NAMESPACE] [-t TYPE] [-o LIST]. It is
 * mount.fuse.redactfs as well, since that is the type that the kernel tells. */
int mount_helper(int argc, char **argv)
{
	struct passphrase_from from = {.fd = -1};
	const char *again = NULL;
	struct errinfo e = {0};
	bool fake = false;
	struct fs_opts o;
	int c;

	fs_opts_init(&o);
	while ((c = getopt(argc, argv, "sfnvN:t:o:")) != -1) {
		switch (c) {
		case 'f':
			fake = true;
			break;
		case 'o':
			if (in_list(optarg, "remount"))
				again = optarg;
			else if (fs_opts_parse(&o, optarg, &e) < 0) {
				(void)say_error(&e, e.code);
				return INVOCATION;
			}
			break;
		case '?':
			return INVOCATION;
		default: /* sloppy, no mtab, verbose, namespace and type: nothing to do here */
			break;
		}
	}
	if (argc - optind != 2) {
		say("usage: mount.redactfs STORE MOUNTPOINT [-o OPTIONS]");
		return INVOCATION;
	}
	if (again)
		return fake ? EXIT_OK : remount(argv[optind + 1], again);
	o.store = argv[optind];
	o.mountpoint = argv[optind + 1];
	o.engine = &cli_engine;
	o.passphrase = ask;
	o.passphrase_ctx = &from;
	if (fake)
		return EXIT_OK;
	switch (serve(&o)) {
	case EXIT_OK:
		return EXIT_OK;
	case EXIT_USAGE:
		return INVOCATION;
	default:
		return FAILED;
	}
}

static void more_row(void *ctx, const char *name, const char *arg, const char *text)
{
	help_row(ctx, 0, "", name, arg ? "=" : "", arg ? arg : "", text);
}

static void more(FILE *f)
{
	fputs("\nmount options (-o, separated by commas):\n", f);
	fs_opts_each(more_row, f);
}

static const struct opt opts[] = {
	{OPT_MOUNT, "options", "LIST", "mount options, see below", 'o', true},
	{OPT_FOREGROUND, "foreground", NULL, "stay in the foreground", 'f', false},
	{OPT_DEBUG, "debug", NULL, "log every request, in the foreground", 'd', false},
	{OPT_SINGLE_THREAD, "single-thread", NULL, "serve one request at a time", 's', false},
	{OPT_REVEAL, "reveal", NULL, "show sealed values (officers only)", 0, false},
	{OPT_REASON, "reason", "TEXT", "why, for the audit log; no personal data", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_mount = {
	.name = "mount",
	.synopsis = "STORE MOUNTPOINT [-o LIST] [OPTION]...",
	.summary = "mount a store",
	.about = "Mounts a store on an empty folder and returns once it is there. What is read is\n"
		 "redacted; removing a session's events.json erases it.\n",
	.opts = opts,
	.more = more,
	.min_args = 2,
	.max_args = 2,
	.own_secmem = true,
	.run = run,
};
