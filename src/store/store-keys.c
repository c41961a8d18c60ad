/* store-keys.c: from the root slots to the data keys.
 *
 * Which epoch holds is said by the root slots alone. Any process may have committed since we
 * looked: a look costs two reads and a comparison with what was there the last time, and only what
 * differs is verified.
 *
 * (R1) a slot counts only with a signature by the key that the operator's record pins
 * (R2) an epoch below one that was seen before is never taken: not in one process, and not over
 *      logins, because the record keeps the last one
 * (R3) at least one slot verifies at any moment; two reads that fall between the two writes of a
 *      commit can miss both, so "none" is believed only under the writer lock */
#include "store-priv.h"

#include <time.h>

#define TRIES    50
#define PAUSE_NS 1000000

/* Nodes kept in memory. Reads of one day need a leaf and its path; commits a few of them. */
#define READ_NODES  1024u
#define WRITE_NODES 256u

struct root_view {
	bool valid;
	struct slot_info info;
	uint8_t slot[SLOT_BYTES];
};

int64_t store_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts); /* can't fail with this clock */
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- where the trees' nodes come from */

static int node_load(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
		     uint8_t out[NODE_BYTES])
{
	struct store *s = ctx;
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int r = catalog_get(s->cat, &c);

	return r < 0 ? r : catalog_node_get(c, level, index, epoch, out);
}

static int wnode_load(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
		      uint8_t out[NODE_BYTES])
{
	struct store *s = ctx;

	return s->wconn ? catalog_node_get(s->wconn, level, index, epoch, out)
			: node_load(ctx, level, index, epoch, out);
}

static int wnode_save(void *ctx, uint32_t level, uint64_t index, uint64_t epoch,
		      const uint8_t in[NODE_BYTES])
{
	struct store *s = ctx;

	return s->wconn ? catalog_node_put(s->wconn, level, index, epoch, in) : -EROFS;
}

static int wnode_superseded(void *ctx, uint32_t level, uint64_t index, uint64_t epoch)
{
	struct store *s = ctx;

	return s->wconn ? catalog_stale_add(s->wconn, level, index, epoch, s->wepoch) : -EROFS;
}

static int tree_new(struct store *s, bool writes, const struct secret *root_key, uint64_t epoch,
		    uint32_t height, struct keytree **ret)
{
	const struct keytree_io reading = {.ctx = s, .load = node_load};
	const struct keytree_io writing = {
		.ctx = s,
		.load = wnode_load,
		.save = wnode_save,
		.superseded = wnode_superseded,
	};

	return keytree_new(s->store_id, root_key, epoch, height, writes ? WRITE_NODES : READ_NODES,
			   writes ? &writing : &reading, ret);
}

/* ---- slots */

static int read_slot(struct store *s, unsigned copy, unsigned i, struct root_view *v)
{
	int r = rootholder_read_copy(s->root, copy, i, v->slot);

	if (r < 0)
		return r;
	r = keyslot_peek(v->slot, s->login.slot_pk, &v->info);
	if (r < 0 && r != -ENODATA && r != -EBADMSG)
		return r;
	v->valid = r == 0 && (v->info.epoch & 1) == i &&
		   !memcmp(v->info.store_id, s->store_id, sizeof(s->store_id));
	return 0;
}

/* Both slots as they are now, those that verify marked. Keeps R1. */
static int read_slots(struct store *s, struct root_view v[ROOT_SLOTS])
{
	for (unsigned i = 0; i < ROOT_SLOTS; i++) {
		int r = read_slot(s, 0, i, &v[i]);

		/* another copy may have a newer one, or a good one: after a crash, or damage */
		for (unsigned k = 1; r == 0 && k < rootholder_copies(s->root); k++) {
			struct root_view other;

			r = read_slot(s, k, i, &other);
			if (r == 0 && other.valid &&
			    (!v[i].valid || other.info.epoch > v[i].info.epoch))
				v[i] = other;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int store_root_even(struct store *s)
{
	const unsigned slot = (unsigned)(s->epoch & 1);
	uint8_t now[SLOT_BYTES];
	int r = 0;

	for (unsigned k = 0; k < rootholder_copies(s->root); k++) {
		r = rootholder_read_copy(s->root, k, slot, now);
		if (r < 0)
			return r;
		if (memcmp(now, s->slots[slot], SLOT_BYTES) != 0)
			return rootholder_write(s->root, slot, s->slots[slot]);
	}
	return 0;
}

static const struct root_view *newest(const struct root_view v[ROOT_SLOTS])
{
	const struct root_view *best = NULL;

	for (unsigned i = 0; i < ROOT_SLOTS; i++) {
		if (v[i].valid && (!best || v[i].info.epoch > best->info.epoch))
			best = &v[i];
	}
	return best;
}

static int slots_unchanged(struct store *s)
{
	uint8_t now[SLOT_BYTES];

	for (unsigned i = 0; i < ROOT_SLOTS; i++) {
		int r = rootholder_read(s->root, i, now);
		if (r < 0)
			return r;
		if (memcmp(now, s->slots[i], SLOT_BYTES) != 0)
			return 0;
	}
	return 1;
}

/* The root key of a slot, and the store secrets of its epoch. */
static int open_slot(struct store *s, const struct root_view *v, struct secret **ret_root,
		     struct secret **ret_keys, struct store_seal *ret_seal)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	CLEANUP_PTR(secret_free) struct secret *root = NULL;
	uint8_t row[SECRETS_ROW_BYTES];
	int r = keyslot_open(v->slot, s->login.sk->b, &root);

	if (r == 0)
		r = catalog_get(s->cat, &c);
	if (r == 0)
		r = catalog_secrets_get(c, v->info.epoch, row);
	if (r == 0)
		r = store_secrets_open(s->store_id, v->info.epoch, root, row, ret_keys, ret_seal);
	if (r == 0)
		*ret_root = TAKE(root);
	return r;
}

/* Under [T]. */
static int refresh_once(struct store *s, struct errinfo *e)
{
	struct root_view v[ROOT_SLOTS];
	CLEANUP_PTR(secret_free) struct secret *root = NULL;
	CLEANUP_PTR(secret_free) struct secret *keys = NULL;
	struct store_seal seal;
	int r = slots_unchanged(s);

	if (r != 0)
		return r < 0 ? err_set_errno(e, r, "cannot read the root slots") : 0;
	r = read_slots(s, v);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the root slots");
	const struct root_view *best = newest(v);
	if (!best)
		return -EAGAIN;
	pthread_mutex_lock(&s->keys_mtx);
	uint64_t ours = s->epoch;
	pthread_mutex_unlock(&s->keys_mtx);
	if (best->info.epoch < ours) /* keeps R2 */
		return err_set(e, -ESTALE, "the root slot is older than it was a moment ago");
	if (best->info.epoch > ours) {
		r = open_slot(s, best, &root, &keys, &seal);
		if (r == -ENOENT) /* another commit went past this one already: look again */
			return -EAGAIN;
		if (r == 0 && !equal_ct(keys->b, s->keys->b, sizeof(struct store_keys)))
			r = -EBADMSG;
		if (r < 0)
			return err_set(e, r,
				       r == -EKEYREJECTED ? "this operator has been removed"
							  : "the new root slot can't be opened");
		pthread_mutex_lock(&s->keys_mtx);
		r = keytree_advance(s->tree, root, best->info.epoch, best->info.height);
		if (r == 0)
			s->epoch = best->info.epoch;
		pthread_mutex_unlock(&s->keys_mtx);
		if (r < 0)
			return err_set_errno(e, r, "cannot take over the new root");
		s->seal = seal;
	}
	for (unsigned i = 0; i < ROOT_SLOTS; i++)
		memcpy(s->slots[i], v[i].slot, SLOT_BYTES);
	return 0;
}

static int refresh(struct store *s, struct errinfo *e)
{
	pthread_mutex_lock(&s->root_mtx);
	int r = refresh_once(s, e);
	pthread_mutex_unlock(&s->root_mtx);
	return r;
}

int store_root_refresh_locked(struct store *s, struct errinfo *e)
{
	int r = refresh(s, e);

	return r == -EAGAIN ? err_set(e, -EBADMSG, "no root slot verifies") : r;
}

int store_root_refresh(struct store *s, struct errinfo *e)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int r;

	for (int i = 0; i < TRIES; i++) {
		r = refresh(s, e);
		if (r != -EAGAIN)
			return r;
		(void)nanosleep(&pause, NULL); /* a signal makes the pause shorter: no harm */
	}
	r = store_lock_write(s->lock); /* keeps R3 */
	if (r < 0)
		return err_set_errno(e, r, "cannot lock the store");
	r = store_root_refresh_locked(s, e);
	store_unlock_write(s->lock);
	return r;
}

int store_refresh(struct store *s, struct errinfo *e)
{
	return store_root_refresh(s, e);
}

/* Does the top node open? It is on the way to every key; one damaged node below it must not keep
 * the others from being read, so the way through each of its children is tried. */
static int try_top(struct keytree *tree, uint32_t height)
{
	uint64_t span = LEAF_KEYS; /* kids below one child of the top node */
	uint8_t key[KEY_BYTES];
	int r = 0;

	for (uint32_t i = 2; i < height; i++)
		span *= NODE_CHILDREN;
	/* a top that is a leaf has no children: its first key says it */
	for (uint64_t i = 0; i < (height < 2 ? 1 : NODE_CHILDREN); i++) {
		r = keytree_get(tree, i * span, key);
		if (r != -EBADMSG && r != -EUCLEAN)
			break;
	}
	wipe(key, sizeof(key));
	return r == -ENOKEY ? 0 : r;
}

/* Can this slot be worked with: its secrets and the top of its tree? */
static int try_login(struct store *s, const struct root_view *v)
{
	CLEANUP_PTR(secret_free) struct secret *root = NULL;
	CLEANUP_PTR(secret_free) struct secret *keys = NULL;
	CLEANUP_PTR(keytree_free) struct keytree *tree = NULL;
	struct store_seal seal;
	int r = open_slot(s, v, &root, &keys, &seal);

	if (r == 0)
		r = tree_new(s, false, root, v->info.epoch, v->info.height, &tree);
	if (r == 0)
		r = try_top(tree, v->info.height);
	if (r < 0)
		return r;
	/* of an attempt that found no room on the disk; nobody else has the store yet */
	s->wtree = keytree_free(s->wtree);
	s->tree = keytree_free(s->tree);
	s->keys = secret_free(s->keys);
	r = tree_new(s, true, root, v->info.epoch, v->info.height, &s->wtree);
	if (r < 0)
		return r;
	s->tree = TAKE(tree);
	s->keys = TAKE(keys);
	s->seal = seal;
	s->epoch = v->info.epoch;
	return 0;
}

int store_root_login(struct store *s, struct errinfo *e)
{
	struct root_view v[ROOT_SLOTS];
	int r = read_slots(s, v), first = 0;

	if (r < 0)
		return err_set(e, r,
			       r == -EPROTONOSUPPORT ? "the store's format is newer than this "
						       "program"
						     : "cannot read the root slots");
	const struct root_view *best = newest(v);
	if (!best)
		return err_set(e, -EBADMSG, "no root slot verifies: root is damaged or forged");
	if (best->info.epoch < s->login.epoch_seen) { /* keeps R2 */
		(void)err_set(e, -ESTALE,
			      "root is older than this operator has seen (epoch %llu, seen %llu)",
			      (unsigned long long)best->info.epoch,
			      (unsigned long long)s->login.epoch_seen);
		err_hint(e, "an old copy of root was put back; what was erased since must stay so");
		return -ESTALE;
	}
	while (best) {
		r = try_login(s, best);
		if (r == 0)
			break;
		if (!first)
			first = r;
		/* only what says "this slot leads nowhere" makes the other one a candidate */
		if (r != -EBADMSG && r != -EUCLEAN && r != -ENOENT)
			break;
		v[best - v].valid = false;
		best = newest(v);
		if (best && best->info.epoch < s->login.epoch_seen)
			best = NULL;
	}
	if (!best || r < 0) {
		if (first == -EKEYREJECTED)
			return err_set(e, -EKEYREJECTED, "the root isn't sealed to this operator");
		return first == -ENOENT
			       ? err_set(e, -EUCLEAN,
					 "root and catalog.db don't belong together: one of them "
					 "is an older copy")
			       : err_set_errno(e, first, "cannot open the keys behind root");
	}
	for (unsigned i = 0; i < ROOT_SLOTS; i++)
		memcpy(s->slots[i], v[i].slot, SLOT_BYTES);
	return 0;
}

int store_wtree_follow(struct store *s)
{
	int r = 0;

	pthread_mutex_lock(&s->keys_mtx);
	if (keytree_epoch(s->wtree) != keytree_epoch(s->tree))
		r = keytree_advance(s->wtree, keytree_root_key(s->tree), keytree_epoch(s->tree),
				    keytree_height(s->tree));
	pthread_mutex_unlock(&s->keys_mtx);
	return r;
}

int store_key_get(struct store *s, uint64_t kid, uint8_t key[KEY_BYTES])
{
	int r;

	for (int i = 0;; i++) {
		pthread_mutex_lock(&s->keys_mtx);
		uint64_t epoch = s->epoch;
		r = keytree_get(s->tree, kid, key);
		pthread_mutex_unlock(&s->keys_mtx);
		/* a node that isn't there, or a key that isn't: another process may have committed
		 */
		if (r != -EUCLEAN && r != -ENOKEY)
			return r;
		int r2 = store_root_refresh(s, NULL);
		if (r2 < 0)
			return r2;
		pthread_mutex_lock(&s->keys_mtx);
		bool moved = s->epoch != epoch;
		pthread_mutex_unlock(&s->keys_mtx);
		if (!moved || i == TRIES)
			return r;
	}
}
