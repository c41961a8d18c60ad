/* store-room.c: what a full disk means for a store.
 *
 * Erasing takes room before it gives any: nodes and the intent are written beside what they
 * replace. So whatever erasing needs (opening, mounting, tidying up) is tried again with more room
 * when there was none: first the WAL is written from its beginning, then the reserve is used up,
 * piece by piece. What only adds to the store never gets to use it, and waits until it is whole.
 *
 * (O1) an attempt that failed for want of room has changed nothing, or what it changed may be done
 *      again: each of store.h's changes is one commit, which a failure takes back
 * (O2) who adds sessions finds the reserve whole, first and after every half a piece of blobs
 * (O3) a batch takes half of it at most: what its commit adds to the WAL may all have to be added
 * to the catalog's file as well, before the WAL's room can be used again by what must follow */
#include "store-priv.h"

#include "reserve.h"

#include "redactfs/limits.h"

#include <sys/statvfs.h>

bool room_more(struct room *rm, int r, struct errinfo *e)
{
	struct store *s = rm->s;
	bool more = false;

	if (!err_is_no_room(r))
		return false;
	if (!rm->tried && s->cat)
		more = catalog_checkpoint(s->cat) == 1;
	rm->tried = true;
	if (!more) {
		const unsigned keep = rm->use == ROOM_ALL ? 0 : LIMIT_RESERVE_PIECES / 2;

		more = reserve_take(s->dirfd, keep, &rm->lock) == 1;
		if (more && s->cat)
			(void)catalog_checkpoint(s->cat); /* may have wanted room itself */
	}
	if (more && e)
		*e = (struct errinfo){0};
	return more;
}

int room_files(const struct store *s, int r)
{
	struct statvfs v;

	return r == -EIO && fstatvfs(s->dirfd, &v) == 0 && v.f_files && !v.f_favail ? -ENOSPC : r;
}

void room_done(struct room *rm)
{
	if (rm->lock >= 0)
		(void)close(rm->lock); /* a lock */
}

void store_reserve_make(struct store *s)
{
	(void)reserve_make(s->dirfd, false); /* whoever has the store open next tries again */
}

uint64_t store_reserve_bytes(const struct store *s)
{
	return reserve_bytes(s->dirfd);
}

int store_room_refuse(struct store *s, int r, struct errinfo *e)
{
	struct statvfs v;

	if (!err_is_no_room(r) || !e)
		return r;
	*e = (struct errinfo){0};
	if (fstatvfs(s->dirfd, &v) < 0)
		return err_set_errno(e, r, "no room for it");
	(void)err_set(e, r,
		      "no room for it: %llu KiB are free, and %u KiB are kept for erasing: %s",
		      (unsigned long long)v.f_bavail * v.f_frsize >> 10,
		      LIMIT_RESERVE_PIECES * (LIMIT_RESERVE_PIECE_BYTES >> 10), strerror(-r));
	err_hint(e, "what is there can be read and erased; erasing makes room");
	return r;
}

int store_room_to_add(struct store *s, struct errinfo *e)
{
	int r = reserve_make(s->dirfd, true); /* keeps O2; under no lock */

	return store_room_refuse(s, err_is_no_room(r) ? r : 0, e);
}
