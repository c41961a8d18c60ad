/* cmd-operator.c: redactfs operator: who may log in, and with what. */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum role role;
} roles[] = {{"viewer", ROLE_VIEWER},
	     {"eraser", ROLE_ERASER},
	     {"officer", ROLE_OFFICER},
	     {"admin", ROLE_ADMIN}};

/* Names with commas between; 0: none, or one that there isn't, which *ret_bad says. */
static uint32_t roles_parse(const char *s, const char **ret_bad, size_t *ret_n)
{
	uint32_t all = 0;

	for (;; s++) {
		size_t n = strcspn(s, ","), i = 0;

		while (i < sizeof(roles) / sizeof(roles[0]) &&
		       (strlen(roles[i].name) != n || memcmp(roles[i].name, s, n) != 0))
			i++;
		*ret_bad = s;
		*ret_n = n;
		if (i == sizeof(roles) / sizeof(roles[0]))
			return 0;
		all |= roles[i].role;
		s += n;
		if (!*s)
			return all;
	}
}

static int add_json(struct buf *b, const struct operator_row *o, bool first)
{
	const char *between = "";
	int r = buf_addf(b, "%s{\"email\":\"", first ? "" : ",\n");

	if (r >= 0)
		r = buf_add_json(b, o->email, strlen(o->email));
	if (r >= 0)
		r = buf_adds(b, "\",\"roles\":[");
	for (size_t i = 0; r >= 0 && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (!(o->roles & roles[i].role))
			continue;
		r = buf_addf(b, "%s\"%s\"", between, roles[i].name);
		between = ",";
	}
	return r < 0 ? r : buf_adds(b, "]}");
}

static int add_text(struct buf *b, const struct operator_row *o)
{
	char named[STORE_ROLES_BYTES];
	int r = buf_add_printable(b, o->email);

	store_roles_format(o->roles, named);
	return r < 0 ? r : buf_addf(b, "  %s\n", named);
}

static int list(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP_FREE struct operator_row *rows = calloc(LIMIT_OPERATORS, sizeof(*rows));
	CLEANUP(buf_done) struct buf out = {0};
	struct errinfo e = {0};
	bool json;
	int r = opt_format(a, &json);

	if (r)
		return r;
	if (!rows)
		return say_error(&e, -ENOMEM);
	r = login(a, &s);
	if (r)
		return r;
	int n = store_operator_list(s, rows);
	r = n < 0 ? n : json ? buf_addc(&out, '[') : 0;
	for (int i = 0; r >= 0 && i < n; i++)
		r = json ? add_json(&out, &rows[i], i == 0) : add_text(&out, &rows[i]);
	if (r >= 0 && json)
		r = buf_adds(&out, "]\n");
	if (r < 0)
		return say_error(&e, err_set_errno(&e, r, "cannot list the operators"));
	return out_write(out.p, out.len);
}

/* The passphrase that is being set; `email` is whose. 0, or an exit status after a message. */
static int read_new(const struct args *a, const char *email, struct secret **ret)
{
	const struct passphrase_from from = {.file = opt_arg(a, OPT_NEW_PASSPHRASE_FILE),
					     .fd = -1,
					     .email = email,
					     .twice = true,
					     .no_credentials = true};
	struct errinfo e = {0};
	int r = passphrase_read(&from, ret, &e);

	return r < 0 ? say_error(&e, r) : 0;
}

static int add(const struct args *a)
{
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	CLEANUP_PTR(store_close) struct store *s = NULL;
	const char *email = a->v[2], *wanted = opt_arg(a, OPT_ROLE), *bad;
	char named[STORE_ROLES_BYTES];
	struct errinfo e = {0};
	size_t n;

	if (!wanted)
		return say_usage(a->cmd, "'--role ROLES' is missing");
	uint32_t want = roles_parse(wanted, &bad, &n);
	if (!want)
		return say_usage(a->cmd, "'%.*s' is none of viewer, eraser, officer, admin", (int)n,
				 bad);
	int r = want & ROLE_OFFICER ? login_reveal(a, &s) : login(a, &s);
	if (!r)
		r = read_new(a, email, &pp);
	if (r)
		return r;
	r = store_operator_add(s, email, want, pp, &e);
	if (r < 0)
		return say_error(&e, r);
	store_roles_format(want, named);
	printf("added %s (%s)\n", email, named);
	return EXIT_OK;
}

static int remove_one(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	char email[LIMIT_EMAIL_BYTES + 1];
	struct errinfo e = {0};
	int r = login(a, &s);

	if (r)
		return r;
	r = store_operator_remove(s, a->v[2], email, &e);
	if (r < 0)
		return say_error(&e, r);
	printf("removed %s\n", email);
	return EXIT_OK;
}

static int passwd(const struct args *a)
{
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct errinfo e = {0};
	int r = login_whole(a, &s);

	if (!r)
		r = read_new(a, store_operator(s), &pp);
	if (r)
		return r;
	r = store_operator_passwd(s, pp, &e);
	if (r < 0)
		return say_error(&e, r);
	printf("changed the passphrase of %s\n", store_operator(s));
	return EXIT_OK;
}

static int run(const struct args *a)
{
	static const struct {
		const char *name;
		int args;
		bool role, fresh; /* goes with --role, --new-passphrase-file */
		int (*run)(const struct args *a);
	} verbs[] = {
		{"add", 3, true, true, add},
		{"remove", 3, false, false, remove_one},
		{"list", 2, false, false, list},
		{"passwd", 2, false, true, passwd},
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, a->v[1]) != 0)
			continue;
		if (a->n < verbs[i].args)
			return say_usage(a->cmd, "'%s' needs the operator's address", a->v[1]);
		if (a->n > verbs[i].args)
			return say_usage(a->cmd, "unexpected argument '%s'", a->v[verbs[i].args]);
		if (opt_given(a, OPT_ROLE) && !verbs[i].role)
			return say_usage(a->cmd, "'--role' goes with add only");
		if (opt_given(a, OPT_NEW_PASSPHRASE_FILE) && !verbs[i].fresh)
			return say_usage(a->cmd,
					 "'--new-passphrase-file' goes with add and passwd only");
		if (opt_given(a, OPT_FORMAT) && verbs[i].run != list)
			return say_usage(a->cmd, "'--format' goes with list only");
		return verbs[i].run(a);
	}
	return say_usage(a->cmd, "'%s' is none of add, remove, list, passwd", a->v[1]);
}

static const struct opt opts[] = {
	{OPT_ROLE, "role", "ROLES", "of add: viewer, eraser, officer, admin; with commas", 0,
	 false},
	{OPT_NEW_PASSPHRASE_FILE, "new-passphrase-file", "FILE",
	 "of add and passwd: read the new passphrase from FILE", 0, false},
	{OPT_FORMAT, "format", "FORMAT", "of list: text (default) or json", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_operator = {
	.name = "operator",
	.synopsis = "STORE add|remove|list|passwd [EMAIL] [OPTION]...",
	.summary = "say who may log in",
	.about = "Adds an operator, who types the new passphrase twice, or removes one; an admin\n"
		 "does that, and one who is officer as well for an officer. passwd changes one's\n"
		 "own passphrase. Who was removed, and a passphrase that was changed, opens\n"
		 "nothing from then on: mounts of that operator stop, too. A viewer reads, an\n"
		 "eraser reads and erases, an officer does that and reveals, an admin sets\n"
		 "policies and operators.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 3,
	.run = run,
};
