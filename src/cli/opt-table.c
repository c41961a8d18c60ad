/* opt-table.c: from a command's table of options to getopt_long and to its help.
 *
 * An option that is given twice is refused unless its row says `many`: of two contradicting orders
 * the last one winning is no good rule for a program that erases. */
#include "cli-priv.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define OPTS_MAX 32 /* rows of one table */

static const struct opt *opt_by_id(const struct opt *opts, int id)
{
	for (; opts->id != OPT_END; opts++) {
		if ((int)opts->id == id)
			return opts;
	}
	return NULL;
}

static const struct opt *opt_by_letter(const struct opt *opts, int letter)
{
	for (; opts->id != OPT_END; opts++) {
		if (opts->letter && opts->letter == letter)
			return opts;
	}
	return NULL;
}

static int take(struct args *a, const struct opt *o, const char *arg, int argc)
{
	struct opt_value *v = &a->opt[o->id];

	/* "$VISITOR" that wasn't set must not become a choice of its own */
	if (o->arg && !*arg)
		return say_usage(a->cmd, "option '--%s' needs an argument", o->name);
	if (v->n && !o->many)
		return say_usage(a->cmd, "option '--%s' given twice", o->name);
	if (!v->v) {
		v->v = calloc((size_t)argc, sizeof(*v->v));
		if (!v->v) {
			say("out of memory");
			return EXIT_OTHER;
		}
	}
	v->v[v->n++] = arg;
	return 0;
}

int args_parse(const struct command *cmd, int argc, char **argv, struct args *ret, bool *ret_help)
{
	/* long options carry 256 + id, so that no letter can be taken for one */
	struct option longs[OPTS_MAX + 1] = {0};
	char shorts[2 * OPTS_MAX + 2] = ":";
	size_t n = 0, k = 1;
	int c, r;

	for (const struct opt *o = cmd->opts; o->id != OPT_END && n < OPTS_MAX; o++) {
		longs[n++] = (struct option){o->name, o->arg ? required_argument : no_argument,
					     NULL, 256 + (int)o->id};
		if (o->letter) {
			shorts[k++] = o->letter;
			if (o->arg)
				shorts[k++] = ':';
		}
	}
	*ret = (struct args){.cmd = cmd};
	*ret_help = false;
	optind = 0; /* glibc: start anew, also after an earlier parse */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == ':')
			return say_usage(cmd, "option '%s' needs an argument", argv[optind - 1]);
		if (c == '?') {
			if (optopt >= 256)
				return say_usage(cmd, "option '--%s' takes no argument",
						 opt_by_id(cmd->opts, optopt - 256)->name);
			if (optopt)
				return say_usage(cmd, "unknown option '-%c'", optopt);
			return say_usage(cmd, "unknown option '%s'", argv[optind - 1]);
		}
		const struct opt *o =
			c >= 256 ? opt_by_id(cmd->opts, c - 256) : opt_by_letter(cmd->opts, c);
		if (o->id == OPT_HELP) {
			*ret_help = true;
			return 0;
		}
		r = take(ret, o, optarg ? optarg : "", argc);
		if (r)
			return r;
	}
	ret->n = argc - optind;
	ret->v = argv + optind;
	if (ret->n < cmd->min_args)
		return say_usage(cmd, "an argument is missing: redactfs %s %s", cmd->name,
				 cmd->synopsis);
	if (cmd->max_args >= 0 && ret->n > cmd->max_args)
		return say_usage(cmd, "unexpected argument '%s'", ret->v[cmd->max_args]);
	return 0;
}

int opt_format(const struct args *a, bool *ret_json)
{
	const char *format = opt_arg(a, OPT_FORMAT);

	if (format && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return say_usage(a->cmd, "'%s' is no format: text, json", format);
	*ret_json = format && !strcmp(format, "json");
	return 0;
}

void args_done(struct args *a)
{
	for (int i = 0; i < OPT_COUNT; i++)
		free((void *)a->opt[i].v);
	*a = (struct args){0};
}

void help_row(FILE *f, char letter, const char *dashes, const char *name, const char *between,
	      const char *arg, const char *text)
{
	enum { COLUMN = 27 };
	char left[80], short_form[8] = "";

	if (letter)
		(void)snprintf(short_form, sizeof(short_form), "-%c, ", letter);
	int n = snprintf(left, sizeof(left), "  %s%s%s%s%s", short_form, dashes, name, between,
			 arg);
	/* too long for its column: the text goes below */
	if (n >= COLUMN)
		fprintf(f, "%s\n%*s%s\n", left, COLUMN, "", text);
	else
		fprintf(f, "%-*s%s\n", COLUMN, left, text);
}

void opt_help(const struct opt *opts, FILE *f)
{
	for (const struct opt *o = opts; o->id != OPT_END; o++)
		help_row(f, o->letter, "--", o->name, o->arg ? " " : "", o->arg ? o->arg : "",
			 o->text);
}

void command_help(const struct command *cmd, FILE *f)
{
	fprintf(f, "usage: redactfs %s%s%s\n\n%s\n", cmd->name, *cmd->synopsis ? " " : "",
		cmd->synopsis, cmd->about);
	opt_help(cmd->opts, f);
	if (cmd->more)
		cmd->more(f);
}
