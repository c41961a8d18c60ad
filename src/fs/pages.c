/* pages.c: see pages.h. A direct-mapped table; what is pushed out costs one re-read. */
#include "pages.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS   65536u     /* 1 MiB */
#define TOUCHED (1u << 20) /* bits; two files that share one cost a notification in vain */

struct pages {
	pthread_mutex_t l;
	struct {
		uint64_t ino; /* 0: free */
		uint32_t rendering;
	} slot[SLOTS];                /* [l] */
	uint8_t touched[TOUCHED / 8]; /* [l] */
};

struct pages *pages_new(void)
{
	struct pages *p = calloc(1, sizeof(*p));

	if (p)
		(void)pthread_mutex_init(&p->l, NULL); /* can't fail for a default mutex */
	return p;
}

struct pages *pages_free(struct pages *p)
{
	if (p) {
		(void)pthread_mutex_destroy(&p->l);
		free(p);
	}
	return NULL;
}

/* An inode is a row and a kind: spread over a table by Knuth's multiplier. */
static size_t spread(uint64_t ino, size_t n)
{
	return (size_t)(ino * 0x9e3779b97f4a7c15u >> 32) % n;
}

void pages_touch(struct pages *p, uint64_t ino)
{
	const size_t i = spread(ino, TOUCHED);

	(void)pthread_mutex_lock(&p->l);
	p->touched[i / 8] |= (uint8_t)(1u << i % 8);
	(void)pthread_mutex_unlock(&p->l);
}

bool pages_touched(struct pages *p, uint64_t ino)
{
	const size_t i = spread(ino, TOUCHED);

	(void)pthread_mutex_lock(&p->l);
	bool touched = p->touched[i / 8] & 1u << i % 8;
	(void)pthread_mutex_unlock(&p->l);
	return touched;
}

bool pages_keep(struct pages *p, uint64_t ino, uint32_t rendering)
{
	size_t i = spread(ino, SLOTS);

	(void)pthread_mutex_lock(&p->l);
	bool keep = p->slot[i].ino == ino && p->slot[i].rendering == rendering;
	p->slot[i].ino = ino;
	p->slot[i].rendering = rendering;
	(void)pthread_mutex_unlock(&p->l);
	return keep;
}

void pages_forget_all(struct pages *p)
{
	(void)pthread_mutex_lock(&p->l);
	memset(p->slot, 0, sizeof(p->slot));
	(void)pthread_mutex_unlock(&p->l);
}
