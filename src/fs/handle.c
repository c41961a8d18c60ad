/* handle.c: the table of open files; see handle.h. A chained hash table under one lock, held for a
 * few pointer moves, or for the wiping of small texts. Reads don't take it: the kernel sends no
 * read after the release. */
#include "handle.h"

#include <pthread.h>
#include <stdlib.h>

#define BUCKETS 1024u /* open files: tens, at times a few thousand */

struct handles {
	pthread_mutex_t l;
	struct handle *bucket[BUCKETS]; /* [l] */
	size_t n;                       /* [l] */
};

struct handles *handles_new(void)
{
	struct handles *t = calloc(1, sizeof(*t));

	if (t)
		(void)pthread_mutex_init(&t->l, NULL); /* can't fail for a default mutex */
	return t;
}

struct handles *handles_free(struct handles *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < BUCKETS; i++)
		while (t->bucket[i])
			handle_close(t, t->bucket[i]);
	(void)pthread_mutex_destroy(&t->l);
	free(t);
	return NULL;
}

int handle_open(struct handles *t, uint64_t ino, uint64_t row, uint32_t rendering,
		const struct file_ops *ops, void *file, struct handle **ret)
{
	struct handle *h = calloc(1, sizeof(*h));

	if (!h) {
		ops->close(file);
		return -ENOMEM;
	}
	*h = (struct handle){
		.row = row, .ino = ino, .rendering = rendering, .ops = ops, .file = file};
	struct handle **b = &t->bucket[row % BUCKETS];
	(void)pthread_mutex_lock(&t->l);
	h->next = *b;
	h->link = b;
	if (h->next)
		h->next->link = &h->next;
	*b = h;
	t->n++;
	(void)pthread_mutex_unlock(&t->l);
	*ret = h;
	return 0;
}

void handle_close(struct handles *t, struct handle *h)
{
	(void)pthread_mutex_lock(&t->l);
	*h->link = h->next;
	if (h->next)
		h->next->link = h->link;
	t->n--;
	(void)pthread_mutex_unlock(&t->l);
	h->ops->close(h->file);
	free(h);
}

bool handles_any(struct handles *t, uint64_t row)
{
	(void)pthread_mutex_lock(&t->l);
	const struct handle *h = t->bucket[row % BUCKETS];
	while (h && h->row != row)
		h = h->next;
	(void)pthread_mutex_unlock(&t->l);
	return h != NULL;
}

void handles_revoke(struct handles *t, uint64_t row)
{
	(void)pthread_mutex_lock(&t->l);
	for (struct handle *h = t->bucket[row % BUCKETS]; h; h = h->next)
		if (h->row == row)
			h->ops->revoke(h->file);
	(void)pthread_mutex_unlock(&t->l);
}

void handles_revoke_rendering(struct handles *t, uint64_t row, uint32_t rendering)
{
	(void)pthread_mutex_lock(&t->l);
	for (struct handle *h = t->bucket[row % BUCKETS]; h; h = h->next)
		if (h->row == row && h->rendering != rendering)
			h->ops->revoke(h->file);
	(void)pthread_mutex_unlock(&t->l);
}

int handles_rows(struct handles *t, uint64_t **ret, size_t *ret_n)
{
	(void)pthread_mutex_lock(&t->l);
	size_t n = 0;
	uint64_t *rows = malloc((t->n + 1) * sizeof(*rows)); /* + 1: never of size 0 */
	for (size_t i = 0; rows && i < BUCKETS; i++)
		for (const struct handle *h = t->bucket[i]; h; h = h->next)
			if (h->row)
				rows[n++] = h->row;
	(void)pthread_mutex_unlock(&t->l);
	if (!rows)
		return -ENOMEM;
	*ret = rows;
	*ret_n = n;
	return 0;
}
