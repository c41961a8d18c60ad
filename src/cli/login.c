/* login.c: from a command's options to an open store. */
#include "cli-priv.h"

#include "redactfs/erase.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *login_email(const struct args *a)
{
	const char *email = opt_arg(a, OPT_AS);

	if (!email)
		email = getenv("REDACTFS_OPERATOR");
	return email && *email ? email : NULL;
}

/* `how` says what beside the usual. */
static int login_as(const struct args *a, struct store_login how, struct store **ret)
{
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct passphrase_from from;
	struct errinfo e = {0};
	struct stat st;
	int r;

	r = passphrase_options(a, &from);
	if (r)
		return r;
	/* before a passphrase is asked for in vain */
	if (stat(a->v[0], &st) < 0) {
		r = err_set_errno(&e, -errno, "no store at '%s'", a->v[0]);
		return say_error(&e, r);
	}
	from.email = login_email(a);
	r = passphrase_read(&from, &pp, &e);
	if (r < 0)
		return say_error(&e, r);

	how.path = a->v[0];
	how.email = from.email;
	how.passphrase = pp;
	how.engine = &cli_engine;
	r = store_open(&how, &s, &e);
	if (r >= 0)
		r = erase_recover(s, &e);
	if (r < 0)
		return say_error(&e, r);
	*ret = TAKE(s);
	return 0;
}

int login(const struct args *a, struct store **ret)
{
	return login_as(a, (struct store_login){0}, ret);
}

int login_without_root(const struct args *a, const char *path, struct store **ret)
{
	return login_as(a, (struct store_login){.without_root = path}, ret);
}

int login_reveal(const struct args *a, struct store **ret)
{
	return login_as(a, (struct store_login){.reveal = true}, ret);
}

int login_whole(const struct args *a, struct store **ret)
{
	return login_as(a, (struct store_login){.reveal_if_officer = true}, ret);
}
