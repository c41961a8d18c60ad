/* cmd-completion.c: redactfs completion: the shell's completion, out of the tables that getopt and
 * --help use. */
#include "cli-priv.h"

static void options(const struct opt *o)
{
	for (; o->id != OPT_END; o++) {
		printf(" --%s", o->name);
		if (o->letter)
			printf(" -%c", o->letter);
	}
}

static int run(const struct args *a)
{
	(void)a;
	puts("# bash completion of redactfs\n"
	     "_redactfs() {\n"
	     "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
	     "    if [ \"$COMP_CWORD\" = 1 ]; then");
	printf("        words='");
	for (const struct command *const *c = commands; *c; c++)
		printf("%s%s", c == commands ? "" : " ", (*c)->name);
	options(global_opts);
	puts("'\n"
	     "    elif [[ $cur == -* ]]; then\n"
	     "        case ${COMP_WORDS[1]} in");
	for (const struct command *const *c = commands; *c; c++) {
		printf("        %s) words='", (*c)->name);
		options((*c)->opts);
		puts("' ;;");
	}
	puts("        esac\n"
	     "    fi\n"
	     "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	     "}\n"
	     "complete -o default -F _redactfs redactfs");
	return EXIT_OK;
}

static const struct opt opts[] = {OPTS_END};

const struct command cmd_completion = {
	.name = "completion",
	.synopsis = "",
	.summary = "print the completion for bash",
	.about = "Prints a script for bash: source <(redactfs completion)\n",
	.opts = opts,
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
