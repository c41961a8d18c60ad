/* main.c: redactfs: which command is meant, and the end of every run. */
#include "cli-priv.h"

#include <signal.h>
#include <string.h>

/* Keys and passphrases: a few KiB at a time. A power of two. */
enum { ARENA_BYTES = 256 * 1024 };

const struct command *const commands[] = {
	&cmd_init,     &cmd_import,   &cmd_mount,      &cmd_ls,     &cmd_erase,  &cmd_receipt,
	&cmd_hold,     &cmd_restrict, &cmd_retention,  &cmd_verify, &cmd_backup, &cmd_status,
	&cmd_report,   &cmd_notice,   &cmd_policy,     &cmd_audit,  &cmd_redact, &cmd_root,
	&cmd_operator, &cmd_export,   &cmd_completion, NULL,
};

const struct opt global_opts[] = {
	{OPT_HELP, "help", NULL, "show this text", 0, false},
	{OPT_VERSION, "version", NULL, "show the version", 0, false},
	{OPT_END, NULL, NULL, NULL, 0, false},
};

static void help(FILE *f)
{
	fputs("usage: redactfs COMMAND [ARGUMENT]...\n\n"
	      "Keeps recordings of website visits in an encrypted store and mounts them as\n"
	      "files that are redacted as they are read. Removing one erases it.\n\n",
	      f);
	for (const struct command *const *c = commands; *c; c++)
		fprintf(f, "  %-12s %s\n", (*c)->name, (*c)->summary);
	fputs("\n", f);
	opt_help(global_opts, f);
	fputs("\n'redactfs COMMAND --help' says more about one of them.\n", f);
}

static const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++) {
		if (strcmp((*c)->name, name) == 0)
			return *c;
	}
	return NULL;
}

/* Output that could not be written is a failure, whatever came before it. */
static int finish(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (status != EXIT_OK)
		return status;
	if (errno != EPIPE) /* else whoever read it has gone: no news to anybody */
		say("cannot write to standard output: %s", strerror(errno));
	return EXIT_OTHER;
}

static int run_command(const struct command *cmd, int argc, char **argv)
{
	CLEANUP(args_done) struct args a = {0};
	bool want_help = false;
	int r = args_parse(cmd, argc, argv, &a, &want_help);

	if (r)
		return r;
	if (want_help) {
		command_help(cmd, stdout);
		return EXIT_OK;
	}
	return cmd->run(&a);
}

int main(int argc, char **argv)
{
	const char *self = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const struct command *cmd = argc > 1 ? command_find(argv[1]) : NULL;
	int r;

	/* mount makes its key memory after its last fork: locked memory doesn't survive one */
	self = self ? self + 1 : argv[0];
	if (self && (!strcmp(self, "mount.redactfs") || !strcmp(self, "mount.fuse.redactfs")))
		return mount_helper(argc, argv);
	if (!cmd || !cmd->own_secmem) {
		r = secmem_init(ARENA_BYTES);
		if (r < 0) {
			say("cannot set up memory for keys: %s", strerror(-r));
			return EXIT_OTHER;
		}
	}
	/* a reader that went away is an error of the write, which says so */
	(void)signal(SIGPIPE, SIG_IGN);

	if (cmd)
		return finish(run_command(cmd, argc - 1, argv + 1));
	if (argc < 2)
		return say_usage(NULL, "which command?");
	if (strcmp(argv[1], "--help") == 0) {
		help(stdout);
		return finish(EXIT_OK);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("redactfs " REDACTFS_VERSION);
		return finish(EXIT_OK);
	}
	return say_usage(NULL, "unknown %s '%s'", argv[1][0] == '-' ? "option" : "command",
			 argv[1]);
}
