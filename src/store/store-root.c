/* store-root.c: what is known of the place where the root lies: how sure an erasure is. Looked at
 * once, when the store is opened; every receipt says it. */
#include "store-priv.h"

#include "medium.h"

#include "redactfs/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static void look_at_copy(struct rootholder *h, unsigned i, const struct medium *home,
			 struct root_copy *c)
{
	struct rootholder_place p;
	struct medium m;

	rootholder_place(h, i, &p);
	(void)snprintf(c->path, sizeof(c->path), "%s", p.path ? p.path : "");
	if (p.fd < 0 || medium_of(p.fd, &m) < 0) {
		(void)snprintf(c->fs, sizeof(c->fs), "?");
		c->warnings = MEDIUM_UNKNOWN;
		return;
	}
	memcpy(c->fs, m.fs, sizeof(c->fs));
	c->warnings = m.warnings;
	c->same_disk = m.disk == home->disk || m.dev == home->dev;
}

void store_root_look(struct rootholder *h, int dirfd, struct store_assurance *a)
{
	struct medium home = {0};

	(void)medium_of(dirfd, &home); /* not known: no copy is of the same */
	a->n = rootholder_copies(h);
	for (unsigned i = 0; i < a->n; i++)
		look_at_copy(h, i, &home, &a->copies[i]);
	a->level = a->n > 1 ? "mirrored" : a->copies[0].same_disk ? "same-disk" : "own-medium";
	a->warnings[0] = 0;
	for (unsigned w = 0; medium_warning_name(w); w++) {
		size_t n = strlen(a->warnings);
		bool any = false;

		for (unsigned i = 0; i < a->n; i++)
			any |= a->copies[i].warnings & 1u << w;
		if (any)
			(void)snprintf(a->warnings + n, sizeof(a->warnings) - n, "%s%s",
				       n ? " " : "", medium_warning_name(w));
	}
}

const struct store_assurance *store_assurance(const struct store *s)
{
	return &s->assurance;
}

const char *store_root_warning(const struct root_copy *c, unsigned *i)
{
	for (; medium_warning_text(*i); (*i)++) {
		if (c->warnings & 1u << *i)
			return medium_warning_text((*i)++);
	}
	return NULL;
}

int store_status_get(struct store *s, struct store_status *ret)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	uint8_t hash[HASH_BYTES];
	const bool officer = s->op.roles & ROLE_OFFICER;
	int r = catalog_get(s->cat, &c);

	*ret = (struct store_status){0};
	if (r == 0)
		r = catalog_meta_get(c, META_SESSIONS, &ret->sessions);
	if (r == 0)
		r = catalog_audit_last(c, &ret->entries, hash);
	if (r == 0)
		r = store_erase_pending_count(s, &ret->pending);
	if (r == 0)
		r = catalog_hold_count(c, HOLD_LEGAL, officer ? 0 : HOLD_RESTRICTION, &ret->held);
	if (r == 0)
		r = catalog_hold_count(c, HOLD_RESTRICTION, 0, &ret->restricted);
	pthread_mutex_lock(&s->keys_mtx);
	ret->epoch = s->epoch;
	pthread_mutex_unlock(&s->keys_mtx);
	return r;
}

int store_root_note(struct store *s)
{
	/* open, so that no other file gets its number */
	int fd = io_open_at(s->dirfd, ROOT_NAME, O_PATH | O_NOFOLLOW, 0);

	if (fd < 0)
		return fd;
	if (s->root_ref >= 0)
		(void)close(s->root_ref); /* a name */
	s->root_ref = fd;
	return 0;
}

int store_root_same(struct store *s, struct errinfo *e)
{
	struct stat was, now;

	if (fstat(s->root_ref, &was) == 0 &&
	    fstatat(s->dirfd, ROOT_NAME, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    was.st_dev == now.st_dev && was.st_ino == now.st_ino)
		return 0;
	(void)err_set(e, -EIO, "the root of the store lies elsewhere by now: nothing was done");
	err_hint(e, "open the store anew; a mount of it has to be made anew");
	return -EIO;
}

/* Is it the file that one of those is in, by another name? */
static bool is_one_of(struct rootholder *h, struct rootholder *those)
{
	struct rootholder_place p;
	struct stat it, st;

	rootholder_place(h, 0, &p);
	if (fstat(p.fd, &it) < 0)
		return true; /* rather not overwritten than the last one */
	for (unsigned i = 0; i < rootholder_copies(those); i++) {
		rootholder_place(those, i, &p);
		if (fstat(p.fd, &st) < 0 || (st.st_dev == it.st_dev && st.st_ino == it.st_ino))
			return true;
	}
	return false;
}

/* Both slots, of a file that is given up. */
static enum root_removed overwrite(struct store *s)
{
	CLEANUP_PTR(rootholder_close) struct rootholder *h = NULL;
	int r = rootholder_file_open(AT_FDCWD, s->without_root, &h);

	if (r == 0 && is_one_of(h, s->root))
		return ROOT_STAYS;
	for (unsigned i = 0; r == 0 && i < ROOT_SLOTS; i++)
		r = rootholder_shred(h, i);
	return r < 0 ? ROOT_OUT_OF_REACH : ROOT_OVERWRITTEN;
}

static int refer(struct store *s, const char *const *left, unsigned n)
{
	CLEANUP(room_done) struct room rm = ROOM(s, ROOM_ALL);
	int r;

	do
		r = rootholder_refer(s->dirfd, ROOT_NAME, left, n);
	while (room_more(&rm, r, NULL));
	return r;
}

/* Overwritten first, and then no longer referred to: cut off between the two, the store has a copy
 * of its root that is none, which whoever opens it next writes anew, and it can be given up again.
 * The other way round a whole root could be left where nothing ever overwrites it. Under [W], so
 * that nobody who still goes by the old reference writes to it in between (store_root_same). */
static int give_up(struct store *s, const char *const *left, unsigned n, enum root_removed *ret)
{
	int r = store_lock_write(s->lock);

	if (r < 0)
		return r;
	r = store_root_same(s, NULL);
	if (r == 0) {
		*ret = overwrite(s);
		r = refer(s, left, n);
	}
	if (r == 0)
		r = store_root_note(s);
	store_unlock_write(s->lock);
	return r;
}

int store_root_remove(struct store *s, const char *reason, enum root_removed *ret,
		      struct errinfo *e)
{
	CLEANUP(buf_done) struct buf detail = {0};
	const struct store_assurance *a = &s->assurance;
	const char *left[ROOT_COPIES];

	if (!(s->op.roles & (ROLE_OFFICER | ROLE_ADMIN)))
		return err_set(e, -EACCES, "this takes an officer or an admin");
	int r = store_reason_check(reason, e);
	if (r == 0)
		r = audit_detail_text(&detail, "reason", reason);
	if (r == 0)
		r = audit_detail_number(&detail, "left", a->n);
	if (r == 0)
		r = audit_detail_end(&detail);
	/* first: a new root, which the one that is given up doesn't lead to */
	if (r == 0)
		r = store_audit(s, "root-remove", detail.p);
	for (unsigned i = 0; r == 0 && i < a->n; i++)
		left[i] = a->copies[i].path;
	if (r == 0)
		r = give_up(s, left, a->n, ret);
	if (r < 0)
		return err_set_errno(e, r, "cannot give up the root at '%s'", s->without_root);
	return 0;
}
