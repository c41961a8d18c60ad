/* ops-dir.c: listing folders.
 *
 * (D1) A cursor is the id of the last row that was given out, plus DOTS: the next page is "rows
 * with a greater id". It stays right while rows before or after it are erased or added, after a
 * seekdir, and for an NFS client that comes back with it tomorrow; a count of entries would skip
 * some. (D2) Every page is full unless the folder is at its end: rows are fetched in as many as
 * there is room for, so that none is decrypted in vain. (D3) The kernel's own folder cache stays
 * off: filled by a plain readdir, it makes the next `ls -l` ask for every name alone, four times
 * slower than not having it. */
#include "ctl.h"
#include "node.h"
#include "rbuf.h"
#include "redactfs/notice.h"

#include <stdio.h>
#include <string.h>

#define DOTS 2 /* cursors of "." and ".." are 1 and 2 */

struct page {
	fuse_req_t req;
	struct fs *fs;
	char *p;
	size_t cap, used;
	bool plus;
	struct session_row *rows; /* RBUF_ROWS of them to work with */
};

/* An upper bound on the entries of names of `len` bytes that still fit, 1…RBUF_ROWS. */
static size_t room(const struct page *pg, size_t len)
{
	char name[NAME_MAX + 1];
	struct stat st = {0};
	struct fuse_entry_param e = {0};

	memset(name, 'x', len);
	name[len] = 0;
	size_t one = pg->plus ? fuse_add_direntry_plus(pg->req, NULL, 0, name, &e, 0)
			      : fuse_add_direntry(pg->req, NULL, 0, name, &st, 0);
	size_t n = (pg->cap - pg->used) / one;

	return n < 1 ? 1 : n > RBUF_ROWS ? RBUF_ROWS : n;
}

/* 1: added; 0: no room left; or -errno. `cursor` is where the next page goes on. */
static int add(struct page *pg, const char *name, const struct node *n, uint64_t cursor)
{
	size_t left = pg->cap - pg->used, need;
	struct fuse_entry_param e = {.ino = n->ino};

	if (pg->plus) {
		int r = node_stat(pg->fs, n, &e.attr);
		if (r < 0)
			return r;
		e.attr_timeout = e.entry_timeout = node_timeout(pg->fs, n);
		need = fuse_add_direntry_plus(pg->req, pg->p + pg->used, left, name, &e,
					      (off_t)cursor);
	} else {
		e.attr.st_ino = n->ino;
		e.attr.st_mode = node_is_dir(n) ? S_IFDIR : S_IFREG;
		need = fuse_add_direntry(pg->req, pg->p + pg->used, left, name, &e.attr,
					 (off_t)cursor);
	}
	if (need > left)
		return 0;
	pg->used += need;
	return 1;
}

/* "." and ".." carry a number and a type; the kernel looks at no attributes of theirs. */
static int add_dot(struct page *pg, const char *name, uint64_t ino, uint64_t cursor)
{
	size_t left = pg->cap - pg->used;
	struct fuse_entry_param e = {.attr = {.st_ino = ino, .st_mode = S_IFDIR}};
	size_t need = pg->plus ? fuse_add_direntry_plus(pg->req, pg->p + pg->used, left, name, &e,
							(off_t)cursor)
			       : fuse_add_direntry(pg->req, pg->p + pg->used, left, name, &e.attr,
						   (off_t)cursor);

	if (need > left)
		return 0;
	pg->used += need;
	return 1;
}

static int add_dots(struct page *pg, const struct node *dir, uint64_t after)
{
	int r = 1;

	if (after < 1)
		r = add_dot(pg, ".", dir->ino, 1);
	if (r > 0 && after < 2)
		r = add_dot(pg, "..", node_parent(dir), 2);
	return r;
}

static int list_sites(struct page *pg, uint64_t after, bool policies)
{
	struct site_row rows[16];
	char name[LIMIT_SITE_BYTES + sizeof(POLICY_SUFFIX)];
	struct node n;
	int got;

	for (;;) {
		size_t want = room(pg, 16);

		got = store_site_list(pg->fs->store, after, rows, want < 16 ? want : 16);
		if (got <= 0)
			return got;
		for (int i = 0; i < got; i++) {
			after = rows[i].id;
			if (policies && !ctl_policy_set(pg->fs, &rows[i]))
				continue;
			node_from_site(&n, &rows[i]);
			memcpy(name, rows[i].name, strlen(rows[i].name) + 1);
			if (policies) {
				n.kind = INO_POLICY;
				n.ino = ino_make(INO_POLICY, rows[i].id);
				strncat(name, POLICY_SUFFIX, sizeof(name) - strlen(name) - 1);
			}
			int r = add(pg, name, &n, after + DOTS);
			if (r <= 0)
				return r;
		}
	}
}

/* Ten of a site; a place is the row of its inode number. */
static int list_notices(struct page *pg, uint64_t after)
{
	char name[LIMIT_SITE_BYTES + sizeof(".ll" NOTICE_SUFFIX)];
	struct site_row site;
	uint64_t size;
	int got;

	/* the site that the last one was of may have more */
	for (uint64_t id = after ? after / NOTICE_SLOTS - 1 : 0;
	     (got = store_site_list(pg->fs->store, id, &site, 1)) > 0; id = site.id) {
		if (ctl_notice_size(pg->fs, &site, 0, &size) < 0)
			continue;
		for (unsigned lang = 0; lang < NOTICE_LANGS; lang++) {
			uint64_t place = site.id * NOTICE_SLOTS + lang + 1;
			struct node n;

			if (place <= after)
				continue;
			node_from_site(&n, &site);
			n.kind = INO_NOTICE;
			n.ino = ctl_notice_ino(&site, lang);
			(void)snprintf(name, sizeof(name), "%s.%s" NOTICE_SUFFIX, site.name,
				       notice_lang(lang));
			int r = add(pg, name, &n, place + DOTS);
			if (r <= 0)
				return r;
		}
	}
	return got;
}

static int list_days(struct page *pg, uint64_t site, uint64_t after)
{
	struct day_row rows[RBUF_ROWS];
	struct node n;
	int got;

	while ((got = store_day_list(pg->fs->store, site, after, rows,
				     room(pg, sizeof(rows[0].name) - 1))) > 0) {
		for (int i = 0; i < got; i++) {
			after = rows[i].id;
			node_from_day(&n, &rows[i]);
			int r = add(pg, rows[i].name, &n, after + DOTS);
			if (r <= 0)
				return r;
		}
	}
	return got;
}

static int list_sessions(struct page *pg, uint64_t day, uint64_t after)
{
	struct node n;
	int got;

	while ((got = store_session_list(pg->fs->store, day, after, pg->rows,
					 room(pg, sizeof(pg->rows[0].name) - 1))) > 0) {
		for (int i = 0; i < got; i++) {
			after = pg->rows[i].ino;
			if (!node_session_shown(pg->fs, &pg->rows[i]))
				continue;
			node_from_session(&n, INO_SESSION, &pg->rows[i]);
			int r = add(pg, pg->rows[i].name, &n, after + DOTS);
			if (r <= 0)
				return r;
		}
	}
	return got;
}

/* Of a ghost, what is left of it: some programs list a folder again after each removal. */
static int list_files(struct page *pg, const struct node *dir, uint64_t after)
{
	const struct view *v;
	struct node n = *dir;

	for (unsigned i = (unsigned)after; (v = view_at(pg->fs, i)); i++) {
		if (dir->ghost && !(dir->u.ghost.left & v->bit))
			continue;
		n.kind = v->kind;
		n.ino = ino_make(v->kind, ino_row(dir->ino));
		int r = add(pg, v->name, &n, i + 1 + DOTS);
		if (r <= 0)
			return r;
	}
	return 0;
}

static int list_ctl(struct page *pg, uint64_t after)
{
	static const struct {
		const char *name;
		uint64_t ino;
	} files[] = {{CTL_STATUS, INO_CTL_STATUS},
		     {CTL_AUDIT, INO_CTL_AUDIT},
		     {CTL_POLICY, INO_CTL_POLICY},
		     {CTL_NOTICE, INO_CTL_NOTICE}};

	for (uint64_t i = after; i < sizeof(files) / sizeof(files[0]); i++) {
		struct node n = {.ino = files[i].ino, .kind = INO_FIXED};

		int r = add(pg, files[i].name, &n, i + 1 + DOTS);
		if (r <= 0)
			return r;
	}
	return 0;
}

static int list(struct page *pg, const struct node *dir, uint64_t cursor)
{
	uint64_t after = cursor > DOTS ? cursor - DOTS : 0;

	int r = add_dots(pg, dir, cursor);
	if (r <= 0)
		return r;
	switch (dir->kind) {
	case INO_SITE:
		return list_days(pg, dir->u.site.id, after);
	case INO_DAY:
		return list_sessions(pg, dir->u.day.id, after);
	case INO_SESSION:
		return list_files(pg, dir, after);
	default:
		if (dir->ino == INO_CTL_NOTICE)
			return list_notices(pg, after);
		return dir->ino == INO_CTL ? list_ctl(pg, after)
					   : list_sites(pg, after, dir->ino == INO_CTL_POLICY);
	}
}

static void read_page(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, bool plus)
{
	struct fs *fs = req_fs(req);
	struct node dir;

	atomic_fetch_add_explicit(&fs->count.lists, 1, memory_order_relaxed);
	int r = atomic_load(&fs->shut) ? -EACCES : node_get(fs, ino, &dir);
	if (r < 0 || !node_is_dir(&dir)) {
		/* a removed folder that is still somebody's working folder is an empty one */
		if (r == -ENOENT || r == -ENOKEY)
			(void)fuse_reply_buf(req, NULL, 0); /* fails when the mount is gone */
		else
			(void)fuse_reply_err(req, r < 0 ? fs_errno(r) : ENOTDIR);
		return;
	}
	struct rbuf *b = rbuf_get(size);
	if (!b) {
		(void)fuse_reply_err(req, ENOMEM);
		return;
	}
	struct page pg = {
		.req = req, .fs = fs, .p = b->data, .cap = size, .plus = plus, .rows = b->rows};
	r = list(&pg, &dir, (uint64_t)off);
	/* What is there is given out first; the next page meets the error again. */
	if (r < 0 && !pg.used)
		(void)fuse_reply_err(req, fs_errno(r));
	else
		(void)fuse_reply_buf(req, b->data, pg.used);
	rbuf_put(b);
}

void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)fi;
	read_page(req, ino, size, off, /* plus= */ false);
}

void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	(void)fi;
	read_page(req, ino, size, off, /* plus= */ true);
}

/* Without state: a cursor says all. Not left out (ENOSYS), because the kernel would then cache
 * folders by itself (D3). */
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->cache_readdir = 0; /* keeps D3 */
	(void)fuse_reply_open(req, fi);
}

void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino, (void)fi;
	(void)fuse_reply_err(req, 0);
}
