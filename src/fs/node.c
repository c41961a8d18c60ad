/* node.c: see node.h.
 *
 * Modes: a session's files and folders have the owner's w bit wherever the operator may erase,
 * although nothing in them can be written (EROFS): `rm` asks "remove write-protected regular file?"
 * on a terminal for any file without it, and scripts test with access(W_OK). Without the right to
 * erase, and on -o ro, the bits are off, and then that question is the right one. */
#include "node.h"
#include "redactfs/notice.h"

#include "ctl.h"
#include "names.h"

#include <string.h>
#include <time.h>

#define BLOCK_BYTES                                                                                \
	(128u << 10) /* a good buffer for cp and tar: one READ of the default read-ahead */

bool node_is_dir(const struct node *n)
{
	switch (n->kind) {
	case INO_SITE:
	case INO_DAY:
	case INO_SESSION:
		return true;
	case INO_FIXED:
		return n->ino != INO_CTL_STATUS && n->ino != INO_CTL_AUDIT;
	default:
		return false;
	}
}

void node_from_site(struct node *n, const struct site_row *row)
{
	n->ino = ino_make(INO_SITE, row->id);
	n->kind = INO_SITE;
	n->ghost = false;
	n->u.site = *row;
}

void node_from_day(struct node *n, const struct day_row *row)
{
	n->ino = ino_make(INO_DAY, row->id);
	n->kind = INO_DAY;
	n->ghost = false;
	n->u.day = *row;
}

void node_from_session(struct node *n, enum ino_kind kind, const struct session_row *row)
{
	n->ino = ino_make(kind, row->ino);
	n->kind = kind;
	n->ghost = false;
	n->u.session = *row;
}

static void node_from_fixed(struct node *n, uint64_t ino)
{
	n->ino = ino;
	n->kind = INO_FIXED;
	n->ghost = false;
}

static void node_from_ghost(struct node *n, enum ino_kind kind, const struct ghost *g)
{
	n->ino = ino_make(kind, g->row);
	n->kind = kind;
	n->ghost = true;
	n->u.ghost = *g;
}

bool node_session_shown(const struct fs *fs, const struct session_row *row)
{
	return row->state != SESSION_ERASING &&
	       (row->state != SESSION_RESTRICTED || fs->sees_hidden);
}

static int get_session(struct fs *fs, enum ino_kind kind, uint64_t row, struct node *ret)
{
	const struct view *v = view_of_kind(fs, kind);
	struct session_row s;
	struct ghost g;

	if (kind != INO_SESSION && !v)
		return -ENOENT;
	bool sure = ghosts_get(fs->ghosts, row, &g) && g.sure;
	int r = sure ? -ENOENT : store_session_get(fs->store, row, &s);
	if (!r && node_session_shown(fs, &s)) {
		node_from_session(ret, kind, &s);
		return 0;
	}
	if (r && r != -ENOENT && r != -ENOKEY)
		return fs_session_error(fs, row, r);
	if (!ghosts_get(fs->ghosts, row, &g) || (v && !(g.left & v->bit)))
		return -ENOENT;
	node_from_ghost(ret, kind, &g);
	return 0;
}

int node_get(struct fs *fs, uint64_t ino, struct node *ret)
{
	struct site_row site;
	struct day_row day;
	enum ino_kind kind = ino_kind(ino);
	int r = -ENOENT;

	if (ino != INO_ROOT && atomic_load(&fs->shut))
		return -EACCES;
	switch (kind) {
	case INO_FIXED:
		node_from_fixed(ret, ino);
		return 0;
	case INO_SITE:
	case INO_POLICY:
	case INO_NOTICE:
		r = store_site_get(fs->store,
				   kind == INO_NOTICE ? ctl_notice_site(ino) : ino_row(ino), &site);
		if (r < 0)
			return r;
		node_from_site(ret, &site);
		ret->kind = kind;
		ret->ino = ino;
		return 0;
	case INO_DAY:
		r = store_day_get(fs->store, ino_row(ino), &day);
		if (r < 0)
			return r;
		node_from_day(ret, &day);
		return 0;
	case INO_SESSION:
	case INO_EVENTS:
	case INO_SESSION_JSON:
	case INO_TRANSCRIPT:
	case INO_REPLAY:
		return get_session(fs, kind, ino_row(ino), ret);
	case INO_NONE:
		break;
	}
	return r;
}

uint64_t node_parent(const struct node *n)
{
	switch (n->kind) {
	case INO_FIXED:
		return n->ino == INO_ROOT || n->ino == INO_CTL ? INO_ROOT : INO_CTL;
	case INO_SITE:
		return INO_ROOT;
	case INO_POLICY:
		return INO_CTL_POLICY;
	case INO_NOTICE:
		return INO_CTL_NOTICE;
	case INO_DAY:
		return ino_make(INO_SITE, n->u.day.site_id);
	case INO_SESSION:
		return ino_make(INO_DAY, n->ghost ? n->u.ghost.day_id : n->u.session.day_id);
	default:
		return ino_make(INO_SESSION, ino_row(n->ino));
	}
}

static int parent_of(struct fs *fs, uint64_t ino, struct node *ret)
{
	struct node n;

	int r = node_get(fs, ino, &n);
	return r < 0 ? r : node_get(fs, node_parent(&n), ret);
}

/* SITE.LANG.txt */
static int notice_child(struct fs *fs, const char *name, size_t len, struct node *ret)
{
	const size_t suffix = strlen(NOTICE_SUFFIX);
	struct site_row site;
	uint64_t size;

	if (len <= suffix || strcmp(name + len - suffix, NOTICE_SUFFIX) != 0)
		return -ENOENT;
	len -= suffix;
	const char *dot = memrchr(name, '.', len);
	int lang = dot ? notice_lang_find(dot + 1, (size_t)(name + len - dot - 1)) : -ENOENT;
	if (lang < 0)
		return -ENOENT;
	int r = store_site_find(fs->store, name, (size_t)(dot - name), &site);
	if (r < 0)
		return r;
	node_from_site(ret, &site);
	ret->kind = INO_NOTICE;
	ret->ino = ctl_notice_ino(&site, (unsigned)lang);
	return ctl_notice_size(fs, &site, (unsigned)lang, &size);
}

static int fixed_child(struct fs *fs, uint64_t parent, const char *name, size_t len,
		       struct node *ret)
{
	struct site_row site;
	int r;

	switch (parent) {
	case INO_ROOT:
		if (!strcmp(name, CTL_NAME)) {
			node_from_fixed(ret, INO_CTL);
			return 0;
		}
		r = store_site_find(fs->store, name, len, &site);
		if (!r)
			node_from_site(ret, &site);
		return r;
	case INO_CTL:
		if (!strcmp(name, CTL_STATUS))
			node_from_fixed(ret, INO_CTL_STATUS);
		else if (!strcmp(name, CTL_AUDIT))
			node_from_fixed(ret, INO_CTL_AUDIT);
		else if (!strcmp(name, CTL_POLICY))
			node_from_fixed(ret, INO_CTL_POLICY);
		else if (!strcmp(name, CTL_NOTICE))
			node_from_fixed(ret, INO_CTL_NOTICE);
		else
			return -ENOENT;
		return 0;
	case INO_CTL_POLICY:
		if (len <= strlen(POLICY_SUFFIX) ||
		    strcmp(name + len - strlen(POLICY_SUFFIX), POLICY_SUFFIX) != 0)
			return -ENOENT;
		r = store_site_find(fs->store, name, len - strlen(POLICY_SUFFIX), &site);
		if (r < 0)
			return r;
		node_from_site(ret, &site);
		ret->kind = INO_POLICY;
		ret->ino = ino_make(INO_POLICY, site.id);
		return ctl_policy_set(fs, &site) ? 0 : -ENOENT;
	case INO_CTL_NOTICE:
		return notice_child(fs, name, len, ret);
	default:
		return -ENOTDIR;
	}
}

int node_child(struct fs *fs, uint64_t parent, const char *name, struct node *ret)
{
	size_t len = strlen(name);
	const struct view *v;
	struct session_row s;
	struct day_row day;
	struct ghost g;
	int r;

	if (atomic_load(&fs->shut))
		return -EACCES;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (!strcmp(name, "."))
		return node_get(fs, parent, ret);
	if (!strcmp(name, ".."))
		return parent_of(fs, parent, ret);

	switch (ino_kind(parent)) {
	case INO_FIXED:
		return fixed_child(fs, parent, name, len, ret);
	case INO_SITE:
		r = store_day_find(fs->store, ino_row(parent), name, len, &day);
		if (!r)
			node_from_day(ret, &day);
		return r;
	case INO_DAY:
		if (ghosts_find(fs->ghosts, ino_row(parent), name, &g) && g.sure) {
			node_from_ghost(ret, INO_SESSION, &g);
			return 0;
		}
		r = store_session_find(fs->store, ino_row(parent), name, len, &s);
		/* what can't be read isn't gone: a backup must not take it for removed */
		if (!r && s.state == SESSION_DAMAGED && strcmp(name, s.name) != 0)
			return fs_session_error(fs, s.ino, -EBADMSG);
		if (!r && node_session_shown(fs, &s)) {
			node_from_session(ret, INO_SESSION, &s);
			return 0;
		}
		if (r && r != -ENOENT && r != -ENOKEY)
			return r;
		if (!ghosts_find(fs->ghosts, ino_row(parent), name, &g))
			return -ENOENT;
		node_from_ghost(ret, INO_SESSION, &g);
		return 0;
	case INO_SESSION:
		v = view_named(fs, name);
		return v ? get_session(fs, v->kind, ino_row(parent), ret) : -ENOENT;
	case INO_NONE:
		return -ENOENT;
	default:
		return -ENOTDIR;
	}
}

static struct timespec at(int64_t ns)
{
	struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	if (t.tv_nsec < 0) {
		t.tv_nsec += 1000000000;
		t.tv_sec--;
	}
	return t;
}

/* The newest change of any site, or of their list. There are few of them, and the kernel remembers
 * the answer. */
static int root_mtime(struct fs *fs, int64_t *ret)
{
	struct site_row rows[16];
	int64_t newest;
	uint64_t after = 0;
	int n = store_sites_mtime(fs->store, &newest);

	if (n < 0)
		return n;
	while ((n = store_site_list(fs->store, after, rows, 16)) > 0) {
		for (int i = 0; i < n; i++)
			newest = rows[i].mtime_ns > newest ? rows[i].mtime_ns : newest;
		after = rows[n - 1].id;
	}
	*ret = newest;
	return n;
}

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t); /* can't fail for this clock */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int fixed_stat(struct fs *fs, const struct node *n, struct stat *st, int64_t *ret_ns)
{
	uint64_t size = 0;
	int r = 0;

	*ret_ns = fs->started_s * 1000000000;
	if (n->ino == INO_ROOT)
		return root_mtime(fs, ret_ns);
	if (n->ino == INO_CTL_STATUS) {
		*ret_ns = now_ns(); /* its counters are another text each time */
		r = ctl_status_size(fs, &size);
	}
	if (n->ino == INO_CTL_AUDIT) {
		r = store_audit_time(fs->store, ret_ns);
		if (!r)
			r = ctl_audit_size(fs, &size);
	}
	st->st_mode &= ~(mode_t)0222;
	st->st_size = (off_t)size;
	return r;
}

int node_stat(struct fs *fs, const struct node *n, struct stat *ret)
{
	struct stat st = {
		.st_ino = n->ino,
		.st_mode = node_is_dir(n) ? fs->dir_mode : fs->file_mode,
		.st_nlink = 1, /* of a folder too: find(1) takes 2 for "no folders in it" */
		.st_uid = fs->o->uid,
		.st_gid = fs->o->gid,
		.st_blksize = BLOCK_BYTES,
	};
	const struct view *v;
	int64_t mtime = 0, ctime = 0;
	uint64_t size = 0;
	int r = 0;

	switch (n->kind) {
	case INO_FIXED:
		r = fixed_stat(fs, n, &st, &mtime);
		ctime = mtime;
		break;
	case INO_SITE:
		mtime = ctime = n->u.site.mtime_ns;
		break;
	case INO_POLICY:
		st.st_mode &= ~(mode_t)0222;
		r = store_policy_time(fs->store, n->u.site.name, &mtime);
		ctime = mtime;
		if (!r)
			r = ctl_policy_size(fs, &n->u.site, &size);
		st.st_size = (off_t)size;
		break;
	case INO_NOTICE:
		st.st_mode &= ~(mode_t)0222;
		r = store_policy_time(fs->store, n->u.site.name, &mtime);
		ctime = mtime;
		if (!r)
			r = ctl_notice_size(fs, &n->u.site, ctl_notice_lang(n->ino), &size);
		st.st_size = (off_t)size;
		break;
	case INO_DAY:
		mtime = ctime = n->u.day.mtime_ns;
		break;
	case INO_SESSION: /* its newest change: the coming, or a rendering of its files */
		mtime = ctime = n->ghost ? n->u.ghost.ctime_ns : n->u.session.ctime_ns;
		break;
	default:
		if (n->ghost) {
			mtime = n->u.ghost.mtime_ns;
			ctime = n->u.ghost.ctime_ns;
			break;
		}
		mtime = n->u.session.mtime_ns;
		ctime = n->u.session.ctime_ns;
		v = view_of_kind(fs, n->kind);
		if (!v)
			return -ENOENT;
		if (n->u.session.state == SESSION_DAMAGED)
			break; /* it is there, it can be removed, but not read: opening it says why
				*/
		/* a restricted one has its size: who has it open gets an error, not an early end */
		mtime += (int64_t)v->revision * 1000000000;
		r = v->size(fs, &n->u.session, &size);
		st.st_size = (off_t)size;
	}
	if (r < 0)
		return r;
	st.st_blocks = (st.st_size + 511) / 512; /* all of it: no holes, whatever tar -S thinks */
	st.st_mtim = st.st_atim = at(mtime);
	st.st_ctim = at(ctime);
	*ret = st;
	return 0;
}

double node_timeout(struct fs *fs, const struct node *n)
{
	/* the control files change without anybody telling the kernel */
	if (n->kind == INO_POLICY || n->kind == INO_NOTICE ||
	    (n->kind == INO_FIXED && n->ino != INO_ROOT))
		return 0;
	return atomic_load(&fs->timeout_s);
}
