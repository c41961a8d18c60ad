/* opts.c: the options of a mount, as `-o` and fstab give them.
 *
 * One table: the parser, the help text and the man page's test all read it. An option that isn't in
 * it is refused by name, because a misspelt `direct_io` that is silently dropped would leave text
 * where the operator believes there is none. What mount(8) and systemd add for themselves is in a
 * second table and has no effect here. */
#include "redactfs/fs.h"
#include "redactfs/replay.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_as(struct fs_opts *o, const char *v, struct errinfo *e)
{
	if (!*v || strlen(v) >= sizeof(o->as))
		return err_set(e, -EINVAL, "option 'as' needs an operator's e-mail address");
	memcpy(o->as, v, strlen(v) + 1);
	return 0;
}

static int set_passphrase_file(struct fs_opts *o, const char *v, struct errinfo *e)
{
	if (!*v || strlen(v) >= sizeof(o->passphrase_file))
		return err_set(e, -EINVAL, "option 'passphrase_file' needs a path");
	memcpy(o->passphrase_file, v, strlen(v) + 1);
	return 0;
}

/* A number below 2^32 - 1, which chown(2) keeps for "leave it". */
static int parse_id(const char *name, const char *v, uint32_t *ret, struct errinfo *e)
{
	char *end = NULL;

	errno = 0;
	unsigned long n = strtoul(v, &end, 10);
	if (errno || *v < '0' || *v > '9' || *end || n >= UINT32_MAX)
		return err_set(e, -EINVAL, "option '%s' needs a number", name);
	*ret = (uint32_t)n;
	return 0;
}

static int set_uid(struct fs_opts *o, const char *v, struct errinfo *e)
{
	return parse_id("uid", v, &o->uid, e);
}

static int set_gid(struct fs_opts *o, const char *v, struct errinfo *e)
{
	return parse_id("gid", v, &o->gid, e);
}

static int parse_mask(const char *name, const char *v, mode_t *ret, struct errinfo *e)
{
	char *end = NULL;

	errno = 0;
	unsigned long n = strtoul(v, &end, 8);
	if (errno || *v < '0' || *v > '7' || *end || n > 0777)
		return err_set(e, -EINVAL, "option '%s' needs an octal number up to 777", name);
	*ret = (mode_t)n;
	return 0;
}

static int set_fmask(struct fs_opts *o, const char *v, struct errinfo *e)
{
	return parse_mask("fmask", v, &o->fmask, e);
}

static int set_dmask(struct fs_opts *o, const char *v, struct errinfo *e)
{
	return parse_mask("dmask", v, &o->dmask, e);
}

static uint32_t views_built(void)
{
	size_t page;

	return replay_page(&page) ? FS_VIEW_ALL : FS_VIEW_ALL & ~(uint32_t)FS_VIEW_REPLAY;
}

static int set_views(struct fs_opts *o, const char *v, struct errinfo *e)
{
	static const struct {
		const char *name;
		enum fs_view view;
	} known[] = {{"events", FS_VIEW_EVENTS},
		     {"session", FS_VIEW_SESSION},
		     {"transcript", FS_VIEW_TRANSCRIPT},
		     {"replay", FS_VIEW_REPLAY}};
	uint32_t views = 0;

	for (const char *p = v;; p++) {
		size_t n = strcspn(p, "+"), i = 0;

		while (i < sizeof(known) / sizeof(known[0]) &&
		       (strlen(known[i].name) != n || memcmp(known[i].name, p, n) != 0))
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			return err_set(e, -EINVAL, "option 'views' knows no view '%.*s'", (int)n,
				       p);
		if (!(known[i].view & views_built()))
			return err_set(e, -EINVAL,
				       "option 'views': this redactfs was built without '%s'",
				       known[i].name);
		views |= known[i].view;
		p += n;
		if (!*p)
			break;
	}
	o->views = views;
	return 0;
}

static int set_erase(struct fs_opts *o, const char *v, struct errinfo *e)
{
	if (strcmp(v, "sync") != 0 && strcmp(v, "intent") != 0)
		return err_set(e, -EINVAL, "option 'erase' can only be 'sync' or 'intent'");
	o->erase = *v == 's' ? FS_ERASE_SYNC : FS_ERASE_INTENT;
	return 0;
}

static int set_cache(struct fs_opts *o, const char *v, struct errinfo *e)
{
	char *end = NULL;
	unsigned shift = 0;

	errno = 0;
	unsigned long long n = strtoull(v, &end, 10);
	if (*end == 'K')
		shift = 10;
	else if (*end == 'M')
		shift = 20;
	else if (*end == 'G')
		shift = 30;
	else if (*end == 'T')
		shift = 40;
	if (shift)
		end++;
	if (errno || *v < '0' || *v > '9' || *end || n > (1ull << 40) >> shift)
		return err_set(e, -EINVAL, "option 'cache' needs a size such as 64M, 1T at most");
	/* 0 asks for none: as little as there can be, and not the default that 0 stands for inside
	 */
	o->cache_bytes = n ? (uint64_t)n << shift : 1;
	return 0;
}

static int set_ro(struct fs_opts *o, const char *v, struct errinfo *e)
{
	(void)v, (void)e;
	o->read_only = true;
	return 0;
}

static int set_rw(struct fs_opts *o, const char *v, struct errinfo *e)
{
	(void)v, (void)e;
	o->read_only = false;
	return 0;
}

static int set_allow_other(struct fs_opts *o, const char *v, struct errinfo *e)
{
	(void)v, (void)e;
	o->allow_other = true;
	return 0;
}

static int set_direct_io(struct fs_opts *o, const char *v, struct errinfo *e)
{
	(void)v, (void)e;
	o->direct_io = true;
	return 0;
}

static int set_nothing(struct fs_opts *o, const char *v, struct errinfo *e)
{
	(void)o, (void)v, (void)e;
	return 0;
}

struct opt {
	const char *name;
	const char *arg; /* NULL: takes none */
	int (*set)(struct fs_opts *o, const char *v, struct errinfo *e);
	const char *help;
};

static const struct opt table[] = {
	{"as", "EMAIL", set_as, "the operator who logs in"},
	{"passphrase_file", "PATH", set_passphrase_file, "read the passphrase from a file"},
	{"ro", NULL, set_ro, "nothing can be erased through this mount"},
	{"rw", NULL, set_rw, "rm erases, if the operator may (the default)"},
	{"allow_other", NULL, set_allow_other, "let other users in, as the modes say"},
	{"default_permissions", NULL, set_nothing, "the kernel checks the modes (always on)"},
	{"uid", "N", set_uid, "owner of all files"},
	{"gid", "N", set_gid, "group of all files"},
	{"fmask", "OCTAL", set_fmask, "mode bits that files lack (0133)"},
	{"dmask", "OCTAL", set_dmask, "mode bits that folders lack (0022)"},
	{"views", "A+B", set_views, "of events, session, transcript, replay; default all"},
	{"direct_io", NULL, set_direct_io, "keep the text out of the kernel's page cache"},
	{"cache", "SIZE", set_cache, "memory for decrypted chunks, such as 64M"},
	{"erase", "sync|intent", set_erase, "unlink returns once it is erased, or once it must be"},
};

/* Said to mount(8), systemd or the kernel's VFS, not to us. nosuid, nodev and noexec are always in
 * force, so their opposites, which fstab's "defaults" implies, can't be. */
static const char *const foreign[] = {
	"defaults",    "auto",        "noauto",        "user",       "nouser",     "users",
	"owner",       "group",       "nofail",        "_netdev",    "suid",       "nosuid",
	"dev",         "nodev",       "exec",          "noexec",     "atime",      "noatime",
	"async",       "sync",        "dirsync",       "diratime",   "relatime",   "silent",
	"lazytime",    "loud",        "iversion",      "nodiratime", "norelatime", "nolazytime",
	"noiversion",  "strictatime", "nostrictatime", "mand",       "nomand",     "symfollow",
	"nosymfollow",
};

void fs_opts_init(struct fs_opts *o)
{
	*o = (struct fs_opts){
		.uid = getuid(),
		.gid = getgid(),
		.fmask = 0133,
		.dmask = 0022,
		.views = views_built(),
	};
}

static bool is_foreign(const char *s)
{
	if (strncmp(s, "x-", 2) == 0 || strncmp(s, "X-", 2) == 0 || strncmp(s, "comment=", 8) == 0)
		return true;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (strcmp(s, foreign[i]) == 0)
			return true;
	return false;
}

static int take(struct fs_opts *o, const char *s, struct errinfo *e)
{
	size_t n = strcspn(s, "=");
	const char *value = s[n] ? s + n + 1 : NULL;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strlen(table[i].name) != n || memcmp(s, table[i].name, n) != 0)
			continue;
		if (table[i].arg && !value)
			return err_set(e, -EINVAL, "option '%s' needs a value: %s=%s",
				       table[i].name, table[i].name, table[i].arg);
		if (!table[i].arg && value)
			return err_set(e, -EINVAL, "option '%s' takes no value", table[i].name);
		return table[i].set(o, value, e);
	}
	if (is_foreign(s))
		return 0;
	return err_set(e, -EINVAL, "unknown mount option '%.*s'", (int)n, s);
}

int fs_opts_parse(struct fs_opts *o, const char *list, struct errinfo *e)
{
	char one[PATH_MAX + 64]; /* the longest is passphrase_file=PATH */

	while (*list) {
		size_t n = 0;

		/* a backslash keeps the comma after it, as in libfuse and mount(8) */
		for (; *list && *list != ','; list++) {
			if (*list == '\\' && list[1])
				list++;
			if (n == sizeof(one) - 1)
				return err_set(e, -EINVAL, "a mount option is too long");
			one[n++] = *list;
		}
		one[n] = 0;
		if (*list == ',')
			list++;
		if (!n)
			continue; /* ",," and a trailing comma, which scripts produce */
		int r = take(o, one, e);
		if (r < 0)
			return r;
	}
	return 0;
}

void fs_opts_each(void (*fn)(void *ctx, const char *name, const char *arg, const char *help),
		  void *ctx)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		fn(ctx, table[i].name, table[i].arg, table[i].help);
}
