/* store-scratch.c: ciphers, decompressors and buffers, handed from call to call so that a read
 * allocates nothing. An idle cipher still holds the schedule of the last key it was given; when a
 * session is revoked they are all set to no key at all, those in use when they come back. */
#include "store-priv.h"

static struct scratch_item *item_free(struct scratch_item *i)
{
	if (i) {
		(void)chunk_scratch_free(i->cs);
		free(i);
	}
	return NULL;
}

int store_scratch_get(struct store *s, struct scratch_item **ret)
{
	pthread_mutex_lock(&s->scratch_mtx);
	struct scratch_item *i = s->scratch;
	if (i) {
		s->scratch = i->next;
		i->gen = s->scratch_gen;
	}
	uint64_t gen = s->scratch_gen;
	pthread_mutex_unlock(&s->scratch_mtx);
	if (!i) {
		i = calloc(1, sizeof(*i));
		int r = i ? chunk_scratch_new(&i->cs) : -ENOMEM;
		if (r < 0) {
			(void)item_free(i);
			return r;
		}
		i->gen = gen;
	}
	*ret = i;
	return 0;
}

void store_scratch_put(struct store *s, struct scratch_item *i)
{
	pthread_mutex_lock(&s->scratch_mtx);
	if (i->gen != s->scratch_gen)
		chunk_scratch_blank(i->cs);
	i->next = s->scratch;
	s->scratch = i;
	pthread_mutex_unlock(&s->scratch_mtx);
}

void store_scratch_forget(struct store *s)
{
	pthread_mutex_lock(&s->scratch_mtx);
	s->scratch_gen++;
	for (struct scratch_item *i = s->scratch; i; i = i->next)
		chunk_scratch_blank(i->cs);
	pthread_mutex_unlock(&s->scratch_mtx);
}

void store_scratch_done(struct store *s)
{
	while (s->scratch) {
		struct scratch_item *i = s->scratch;

		s->scratch = i->next;
		(void)item_free(i);
	}
}
