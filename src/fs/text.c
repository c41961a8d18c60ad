/* text.c: files held in memory; see text.h. Revoking wipes the text at once, while somebody may be
 * reading it: hence the lock, which is never held for longer than a copy of a few kilobytes. */
#include "text.h"

#include <pthread.h>
#include <stdlib.h>

struct text {
	pthread_mutex_t l;
	struct buf b; /* [l] */
	bool revoked; /* [l] */
};

int text_open(struct buf *b, void **ret_file)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t) {
		buf_wipe_done(b);
		return -ENOMEM;
	}
	(void)pthread_mutex_init(&t->l, NULL); /* can't fail for a default mutex */
	t->b = *b;
	*b = (struct buf){0};
	*ret_file = t;
	return 0;
}

static ssize_t text_pread(void *file, void *buf, size_t n, uint64_t off)
{
	struct text *t = file;
	ssize_t r = -ENOKEY;

	(void)pthread_mutex_lock(&t->l);
	if (!t->revoked) {
		size_t left = off < t->b.len ? t->b.len - (size_t)off : 0;

		n = n < left ? n : left;
		if (n)
			memcpy(buf, t->b.p + off, n);
		r = (ssize_t)n;
	}
	(void)pthread_mutex_unlock(&t->l);
	return r;
}

static void text_revoke(void *file)
{
	struct text *t = file;

	(void)pthread_mutex_lock(&t->l);
	t->revoked = true;
	buf_wipe_done(&t->b);
	(void)pthread_mutex_unlock(&t->l);
}

static void text_close(void *file)
{
	struct text *t = file;

	buf_wipe_done(&t->b);
	(void)pthread_mutex_destroy(&t->l);
	free(t);
}

const struct file_ops text_ops = {
	.pread = text_pread,
	.revoke = text_revoke,
	.close = text_close,
};
