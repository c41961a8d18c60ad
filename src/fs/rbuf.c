/* rbuf.c: see rbuf.h. A buffer belongs to its thread while BUSY and to whoever wipes it while
 * WIPING; one word decides, so that a read never waits for more than the wiping of its own buffer.
 *
 * (B1) After rbuf_wipe_all() no buffer that was IDLE holds text, and none that was BUSY does once
 * it is put: the wiper raises `generation` before it looks at the state, rbuf_put looks at
 *      `generation` after it has given up the state. One of them sees the other. */
#include "rbuf.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_BYTES (1u << 20) /* the largest READ that the kernel sends by default */

enum { IDLE, BUSY, WIPING };

struct own {
	struct rbuf b; /* first: rbuf_put gets back to the whole from it */
	size_t mapped;
	size_t used; /* bytes of data, since it was last wiped; whoever isn't IDLE owns it */
	atomic_int state;
	uint64_t seen; /* the generation it was last wiped in; whoever isn't IDLE owns it */
	struct own *next, **link; /* [list_lock] */
};

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct own *list; /* [list_lock] */
static atomic_uint_fast64_t generation;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool key_made;

static void unmap(struct own *o)
{
	if (o->b.data) {
		explicit_bzero(o->b.data, o->mapped);
		(void)munmap(o->b.data, o->mapped); /* our own mapping: can't fail */
		o->b = (struct rbuf){0};
	}
}

static void thread_ends(void *p)
{
	struct own *o = p;

	(void)pthread_mutex_lock(&list_lock);
	*o->link = o->next;
	if (o->next)
		o->next->link = o->link;
	(void)pthread_mutex_unlock(&list_lock);
	unmap(o);
	free(o);
}

static void make_key(void)
{
	key_made = !pthread_key_create(&key, thread_ends);
}

static struct own *mine(void)
{
	(void)pthread_once(&once, make_key);
	if (!key_made)
		return NULL;
	struct own *o = pthread_getspecific(key);
	if (o)
		return o;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	if (pthread_setspecific(key, o)) {
		free(o);
		return NULL;
	}
	(void)pthread_mutex_lock(&list_lock);
	o->next = list;
	o->link = &list;
	if (list)
		list->link = &o->next;
	list = o;
	(void)pthread_mutex_unlock(&list_lock);
	return o;
}

static bool map(struct own *o, size_t n)
{
	size_t rows = RBUF_ROWS * sizeof(struct session_row);
	size_t cap = n > FIRST_BYTES ? (n + 4095) & ~(size_t)4095 : FIRST_BYTES;
	void *p =
		mmap(NULL, cap + rows, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	(void)madvise(p, cap + rows, MADV_DONTDUMP); /* a help; core dumps are off anyway */
	unmap(o);
	o->mapped = cap + rows;
	o->b.data = p;
	o->b.cap = cap;
	o->b.rows = (struct session_row *)((char *)p + cap);
	return true;
}

struct rbuf *rbuf_get(size_t n)
{
	struct own *o = mine();
	int idle = IDLE;

	if (!o)
		return NULL;
	while (!atomic_compare_exchange_weak(&o->state, &idle, BUSY)) {
		idle = IDLE;
		(void)sched_yield(); /* being wiped */
	}
	if (o->b.cap < n && !map(o, n)) {
		atomic_store(&o->state, IDLE);
		return NULL;
	}
	if (o->used < n)
		o->used = n;
	return &o->b;
}

static void wipe_if_idle(struct own *o)
{
	int idle = IDLE;

	if (!atomic_compare_exchange_strong(&o->state, &idle, WIPING))
		return;
	uint64_t now = atomic_load(&generation);
	/* a megabyte each: thousands of erasures in a row must not wipe zeros */
	if (o->used && o->seen != now && o->b.data) {
		explicit_bzero(o->b.data, o->used);
		explicit_bzero(o->b.rows, o->mapped - o->b.cap);
		o->used = 0;
	}
	o->seen = now;
	atomic_store(&o->state, IDLE);
}

void rbuf_put(struct rbuf *b)
{
	struct own *o = (struct own *)b;
	uint64_t seen = o->seen; /* ours until the next line */

	atomic_store(&o->state, IDLE);
	if (atomic_load(&generation) != seen) /* keeps B1 */
		wipe_if_idle(o);
}

void rbuf_wipe_all(void)
{
	atomic_fetch_add(&generation, 1);
	(void)pthread_mutex_lock(&list_lock);
	for (struct own *o = list; o; o = o->next)
		wipe_if_idle(o);
	(void)pthread_mutex_unlock(&list_lock);
}
