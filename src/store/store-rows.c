/* store-rows.c: see store-rows.h. A direct-mapped table: the sessions of a day have neighbouring
 * numbers, so those of one folder don't push each other out.
 *
 * `at` is the change counter up to which the table is right: changes up to it have been taken out.
 *
 * (C1) a row is found only when `at` is the counter of this very moment; so what has been changed
 * by a commit that has returned, anywhere, isn't answered with (C2) a row is kept only when `at` is
 * still what it was before the catalog was asked for the row: what changes it later is then taken
 * out by a later look */
#include "store-rows.h"

#include "store-priv.h"

#include <sys/mman.h>

#define SLOTS 16384u /* more than the sessions of a busy day; some 6 MiB, where they are used */
#define PAGE  64u

struct store_rows {
	pthread_mutex_t mtx;      /* [Q] guards all below */
	uint64_t at;              /* [Q] */
	struct session_row *slot; /* owned mapping; ino 0: empty [Q] */
};

#define MAPPED (SLOTS * sizeof(struct session_row))

int store_rows_new(struct store_rows **ret)
{
	CLEANUP_PTR(store_rows_free) struct store_rows *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	pthread_mutex_init(&t->mtx, NULL);
	void *p = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	(void)madvise(p, MAPPED, MADV_DONTDUMP); /* visitors' names; core dumps are off anyway */
	t->slot = p;
	*ret = TAKE(t);
	return 0;
}

struct store_rows *store_rows_free(struct store_rows *t)
{
	if (t) {
		for (size_t i = 0; t->slot && i < SLOTS; i++) {
			if (t->slot[i].ino) /* pages that were never used stay so */
				wipe(&t->slot[i], sizeof(t->slot[i]));
		}
		if (t->slot)
			(void)munmap(t->slot, MAPPED); /* our own: can't fail */
		pthread_mutex_destroy(&t->mtx);
		free(t);
	}
	return NULL;
}

/* ---- taking out, under [Q] */

static void drop(struct store_rows *t, uint64_t ino)
{
	struct session_row *row = &t->slot[ino % SLOTS];

	if (row->ino == ino)
		wipe(row, sizeof(*row));
}

static void drop_all(struct store_rows *t)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (t->slot[i].ino)
			wipe(&t->slot[i], sizeof(t->slot[i]));
	}
}

static void apply(struct store_rows *t, const struct store_change *c)
{
	switch (c->kind) {
	case CHANGE_ADDED: /* nobody had it */
	case CHANGE_FOLDER:
		break;
	case CHANGE_RENDERED:
	case CHANGE_HIDDEN:
	case CHANGE_ERASED:
		drop(t, c->ino);
		break;
	case CHANGE_POLICY:
		drop_all(t);
		break;
	}
}

void store_rows_forget(struct store_rows *t, uint64_t ino)
{
	pthread_mutex_lock(&t->mtx);
	drop(t, ino);
	pthread_mutex_unlock(&t->mtx);
}

/* ---- looking */

/* Moves `at` from where it was to `to`, unless another thread has moved it. */
static void move(struct store_rows *t, uint64_t from, uint64_t to, const struct store_change *c,
		 int n, bool all)
{
	pthread_mutex_lock(&t->mtx);
	if (t->at == from) {
		for (int i = 0; i < n; i++)
			apply(t, &c[i]);
		if (all)
			drop_all(t);
		t->at = to;
	}
	pthread_mutex_unlock(&t->mtx);
}

static uint64_t at_now(struct store_rows *t)
{
	pthread_mutex_lock(&t->mtx);
	uint64_t at = t->at;
	pthread_mutex_unlock(&t->mtx);
	return at;
}

int store_rows_look(struct store *s, uint64_t *ret_at)
{
	struct store_rows *t = s->rows;
	struct store_change page[PAGE];

	for (;;) {
		uint64_t at = at_now(t), seq;
		int r = store_counter_get(s->lock, &seq);

		if (r < 0)
			return r;
		if (seq == at) {
			*ret_at = at;
			return 0;
		}
		/* a counter that went back says nothing any more */
		int n = seq < at ? -ESTALE : store_changes(s, at, page, PAGE);
		if (n < 0 && n != -ESTALE)
			return n;
		bool more = n == (int)PAGE && page[n - 1].seq < seq;
		move(t, at, more ? page[n - 1].seq : seq, page, n, n < 0);
	}
}

bool store_rows_find(struct store_rows *t, uint64_t at, uint64_t ino, struct session_row *ret)
{
	pthread_mutex_lock(&t->mtx);
	const struct session_row *row = &t->slot[ino % SLOTS];
	bool found = ino && row->ino == ino && t->at == at; /* keeps C1 */
	if (found)
		*ret = *row;
	pthread_mutex_unlock(&t->mtx);
	return found;
}

void store_rows_keep(struct store_rows *t, uint64_t at, const struct session_row *rows, size_t n)
{
	pthread_mutex_lock(&t->mtx);
	for (size_t i = 0; t->at == at && i < n; i++) { /* keeps C2 */
		if (rows[i].state == SESSION_DAMAGED)
			drop(t, rows[i].ino); /* since it was last read: say so everywhere */
		else
			t->slot[rows[i].ino % SLOTS] = rows[i];
	}
	pthread_mutex_unlock(&t->mtx);
}
