/* cli-priv.h: what the commands share.
 *
 * A command is a row of main.c's list: its options are one table that feeds getopt_long, --help,
 * the shell completion and the test that they agree. Commands return an exit status (err.h). */
#ifndef REDACTFS_CLI_PRIV_H
#define REDACTFS_CLI_PRIV_H

#include "redactfs/crypto.h"
#include "redactfs/err.h"
#include "redactfs/store.h"
#include "redactfs/timez.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- options and commands (opt-table.c) */

/* Every option of every command: the same name means the same thing everywhere. */
enum opt_id {
	OPT_END = 0,
	OPT_AS,
	OPT_PASSPHRASE_FILE,
	OPT_PASSPHRASE_FD,
	OPT_OPERATOR,
	OPT_ROOT,
	OPT_SITE,
	OPT_VISITOR,
	OPT_ID,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_BEFORE,
	OPT_SESSION,
	OPT_FORMAT,
	OPT_LANG,
	OPT_OUTPUT,
	OPT_HEAD,
	OPT_REASON,
	OPT_DRY_RUN,
	OPT_YES,
	OPT_POLICY,
	OPT_ROLE,
	OPT_NEW_PASSPHRASE_FILE,
	OPT_REVEAL,
	OPT_MOUNT,
	OPT_FOREGROUND,
	OPT_DEBUG,
	OPT_SINGLE_THREAD,
	OPT_HELP,
	OPT_VERSION,
	OPT_COUNT
};

struct opt {
	enum opt_id id;
	const char *name; /* long name */
	const char *arg;  /* what --help calls its argument; NULL: takes none */
	const char *text;
	char letter; /* 0: none */
	bool many;   /* may be given more than once */
};

#define OPTS_LOGIN                                                                                 \
	{OPT_AS, "as", "EMAIL", "who logs in (default: $REDACTFS_OPERATOR)", 0, false},            \
		{OPT_PASSPHRASE_FILE,                                                              \
		 "passphrase-file",                                                                \
		 "FILE",                                                                           \
		 "read the passphrase from FILE",                                                  \
		 0,                                                                                \
		 false},                                                                           \
	{                                                                                          \
		OPT_PASSPHRASE_FD, "passphrase-fd", "N", "read it from file descriptor N", 0,      \
			false                                                                      \
	}
#define OPTS_END                                                                                   \
	{OPT_HELP, "help", NULL, "show this text", 0, false},                                      \
	{                                                                                          \
		OPT_END, NULL, NULL, NULL, 0, false                                                \
	}

struct args;

struct command {
	const char *name;
	const char *synopsis; /* after the name, in the usage line */
	const char *summary;  /* a line of `redactfs --help` */
	const char *about;    /* of `redactfs COMMAND --help`: whole lines */
	const struct opt *opts;
	void (*more)(FILE *f);  /* help below the options; NULL: none */
	int min_args, max_args; /* max_args < 0: any number */
	/* The command makes its key memory itself, because it forks first. */
	bool own_secmem;
	int (*run)(const struct args *a);
};

struct opt_value {
	size_t n;
	const char **v; /* owned; the strings are argv's */
};

struct args {
	const struct command *cmd;
	struct opt_value opt[OPT_COUNT];
	int n; /* arguments that aren't options */
	char **v;
};

/* 0, or an exit status after having said what is wrong. With --help: *ret_help is set. */
int args_parse(const struct command *cmd, int argc, char **argv, struct args *ret, bool *ret_help);
void args_done(struct args *a);
static inline bool opt_given(const struct args *a, enum opt_id id)
{
	return a->opt[id].n > 0;
}
/* The option's argument; NULL: not given. */
static inline const char *opt_arg(const struct args *a, enum opt_id id)
{
	return a->opt[id].n ? a->opt[id].v[0] : NULL;
}
/* --format: text or json. 0, or an exit status after a message. */
int opt_format(const struct args *a, bool *ret_json);
void command_help(const struct command *cmd, FILE *f);
/* One row of help: "  -l, --name ARG" and the text in a column of its own. `letter` 0: none. */
void help_row(FILE *f, char letter, const char *dashes, const char *name, const char *between,
	      const char *arg, const char *text);
void opt_help(const struct opt *opts, FILE *f);

/* The commands there are, NULL at the end (main.c). */
extern const struct command *const commands[];
extern const struct opt global_opts[];
extern const struct command cmd_audit, cmd_backup, cmd_completion, cmd_erase, cmd_export, cmd_hold,
	cmd_import, cmd_init, cmd_ls, cmd_mount, cmd_notice, cmd_operator, cmd_policy, cmd_receipt,
	cmd_redact, cmd_report, cmd_restrict, cmd_retention, cmd_root, cmd_status, cmd_verify;

/* mount.redactfs: the program under its other name; returns an exit status of mount(8). */
int mount_helper(int argc, char **argv);

/* ---- messages (say.c): one line on stderr, "redactfs: " in front. Bytes that steer a terminal
 * become '?': file names come out of archives. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As say, for a wrong option or argument, with a pointer to the command's help. EXIT_USAGE. */
int say_usage(const struct command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Says `e` (or, where it is empty, what `code` is called), its offset and its hint. The exit status
 * of `code`. */
int say_error(const struct errinfo *e, int code);
/* Appends printable text: as say does it. */
int buf_add_printable(struct buf *b, const char *s);

/* ---- logging in (passphrase.c, login.c) */

/* Reads one passphrase: --passphrase-file, --passphrase-fd,
 * $CREDENTIALS_DIRECTORY/redactfs.passphrase, or the terminal. -EKEYREJECTED: there is none of
 * these. */
struct passphrase_from {
	const char *file;    /* NULL: none */
	int fd;              /* -1: none */
	const char *email;   /* named by the prompt; NULL: nobody */
	bool twice;          /* a new one: on a terminal ask again */
	bool no_credentials; /* the service manager has only the one to log in with */
};
int passphrase_read(const struct passphrase_from *from, struct secret **ret, struct errinfo *e);
/* Fills file and fd from the options. 0, or an exit status after a message. */
int passphrase_options(const struct args *a, struct passphrase_from *ret);

/* Logs in to the store that is the first argument, and completes what a crash left half erased.
 * 0, or an exit status after a message. */
int login(const struct args *a, struct store **ret);
/* With the key that opens sealed values: officers only. */
int login_reveal(const struct args *a, struct store **ret);
/* With that key where the operator is one. */
int login_whole(const struct args *a, struct store **ret);
/* Of a store with several roots, one of which is given up. Borrows `path` until the store is
 * closed.
 */
int login_without_root(const struct args *a, const char *path, struct store **ret);
/* --as, or REDACTFS_OPERATOR; NULL: the only one there is. */
const char *login_email(const struct args *a);

/* ---- which sessions (select.c) */
struct selection {
	const char *site, *visitor; /* NULL: any */
	const char *since, *until;  /* dates, both counted in; NULL: any */
	const char *before;         /* a date, not counted in; NULL: any */
	bool unseen; /* restricted ones too, whoever asks: nothing of them may be told */
};
struct selected {
	const struct site_row *site;
	const struct day_row *day;
	const struct session_row *row;
};
/* Calls each() for every session that fits, by site, date and number. Stops at the first non-zero
 * and returns it. -ENOENT: no such site. */
int select_walk(struct store *s, const struct selection *sel,
		int (*each)(void *ctx, const struct selected *x), void *ctx, struct errinfo *e);
/* "2026-11-23", a day that exists. */
bool date_check(const char *s);

/* ---- the sessions that a command is about (choose.c): --session ID... with more IDs among the
 * arguments from `first` on, or --visitor, --site, --since, --until, --before. */
struct chosen {
	bool skip_kept; /* set before: those that can't be erased are counted and not taken */
	bool unseen;    /* set before: those found are restricted ones too, which may be more than
			 * the operator may know of: nothing is told of what was chosen */
	uint64_t *inos; /* owned */
	size_t n, cap;
	size_t held, restricted; /* of them: what can't be erased, each in one of the two */
	struct buf paths;        /* a line each: SITE/DATE/SESSION, "  (held)" behind */
	struct buf kept;         /* a line for each of those two: "on hold: ID" */
	uint64_t *days;          /* owned: the dates they are of, mostly each once */
	size_t ndays, days_cap;
};
void chosen_done(struct chosen *l);
void choose_selection(const struct args *a, struct selection *ret);
/* 0, or an exit status after a message. */
int choose_check(const struct args *a, int first);
int choose(struct store *s, const struct args *a, int first, struct chosen *l, struct errinfo *e);
int choose_walk(struct store *s, const struct selection *sel, struct chosen *l, struct errinfo *e);
/* Shows the list and asks, unless --yes. 0: go on; else an exit status. */
int ask_yes(const struct args *a, const struct chosen *l, const char *question);
/* A line on stderr for each that can't be erased. */
void say_kept(const struct chosen *l);
#define KEPT_WORDS 64
/* "on legal hold", "restricted", "on legal hold or restricted", as `hold` says the first. */
const char *kept_words(const struct chosen *l, const char *hold, char out[KEPT_WORDS]);
/* --reason, for the audit log. 0, or an exit status after a message. */
int reason_check(const struct args *a);
/* On stderr, where `mounts` of them don't answer (store_mounts_wait); `what`: "erased". */
void say_unseen(unsigned mounts, const char *what);
struct erase_result;
/* "erased 3, gone before 0, receipt 17", without a newline. */
void say_erased(const struct erase_result *res);
/* After they were erased: dates that are empty now go. A site's folder stays: its policy does. */
void remove_dates(struct store *s, const struct chosen *l);
/* Removes the files of what was erased, after the result has been said. */
void remove_files(struct store *s);

/* ---- progress (bar.c): a bar on standard error, where that is a terminal */
struct bar {
	bool on;
	bool drawn;       /* it stands on the last line */
	int64_t drawn_ms; /* when */
};
void bar_init(struct bar *b);
/* False while the last one is new enough: nothing to work out then. */
bool bar_due(const struct bar *b);
/* `of` 0: nobody knows how much there is; only the text. */
void bar_draw(struct bar *b, uint64_t done, uint64_t of, const char *text);
void bar_clear(struct bar *b);

/* ---- the engine for a store (look.c): a store_look_fn */
extern const struct store_engine cli_engine;

/* ---- policies (policy-file.c) */
/* Parses a policy that stands in `file`, and checks that its time zone exists; what is wrong is
 * said as "FILE:LINE: what". */
int policy_check(const char *file, const struct buf *ini, struct policy *ret, struct errinfo *e);

/* A line on stderr for each warning about where the root lies. */
void say_root_warnings(const struct store_assurance *a);

/* ---- text */
/* "1.2 MiB" */
#define SIZE_BYTES 16
void size_format(uint64_t bytes, char out[SIZE_BYTES]);
/* Writes to standard output, all of it or says why not. 0 or an exit status. */
int out_write(const char *p, size_t n);
/* Reads a small file whole ("-": standard input); `what` names it in messages. */
int file_read(const char *path, size_t limit, struct buf *ret, struct errinfo *e);

#endif
