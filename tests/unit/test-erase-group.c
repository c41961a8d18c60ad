/* test-erase-group.c: erasures asked for by many threads at once. */
#include "store-fixture.h"

#include <unistd.h>

#define MANY 12

static atomic_int asked, held_back;

/* The first commit waits until all have asked. */
void store_test_step(const char *step)
{
	if (strcmp(step, "slot written") != 0 || atomic_fetch_add(&held_back, 1))
		return;
	for (int i = 0; i < 1000 && atomic_load(&asked) < MANY; i++)
		(void)usleep(1000);
	(void)usleep(50000);
}

struct one {
	struct erase_group *g;
	pthread_t thread;
	uint64_t ino;
	int r;
	struct erase_result res;
	struct errinfo e;
};

static void *ask(void *arg)
{
	struct one *o = arg;

	(void)atomic_fetch_add(&asked, 1);
	o->r = erase_group_run(o->g, o->ino, &o->res, &o->e);
	return NULL;
}

static void ask_all(struct store *s, struct one v[MANY])
{
	struct erase_group *g = erase_group_new(s, "test");

	assert_non_null(g);
	atomic_store(&asked, 0);
	atomic_store(&held_back, 0);
	for (int i = 0; i < MANY; i++) {
		v[i].g = g;
		assert_int_equal(pthread_create(&v[i].thread, NULL, ask, &v[i]), 0);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(pthread_join(v[i].thread, NULL), 0);
	assert_null(erase_group_free(g));
}

static void test_they_share(void **state)
{
	struct store *s = fix_open(false);
	static struct one v[MANY];
	struct session_row row;

	(void)state;
	for (int i = 0; i < MANY; i++)
		v[i].ino = fix_add(s, i, 1, NULL);
	uint64_t other = fix_add(s, MANY, 1, NULL), before = s->epoch;
	ask_all(s, v);
	/* the first alone or with some; all others, who came while it was at work, in one */
	assert_in_range(s->epoch, before + 1, before + 2);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(v[i].r, 0);
		assert_int_equal(v[i].res.erased, 1);
		assert_int_equal(v[i].res.gone, 0);
		assert_true(v[i].res.receipt);
		assert_int_equal(store_session_get(s, v[i].ino, &row), -ENOENT);
	}
	fix_expect(s, other, MANY, 1);
	(void)store_close(s);
}

/* One that may not go, one that isn't there: the others go. */
static void test_each_for_itself(void **state)
{
	struct store *s = fix_open(false);
	static struct one v[MANY];
	size_t changed;

	(void)state;
	for (int i = 0; i < MANY; i++)
		v[i].ino = fix_add(s, i, 1, NULL);
	assert_int_equal(store_hold_set(s, HOLD_LEGAL, &v[3].ino, 1, true, "claim", &changed, NULL),
			 0);
	v[5].ino = 5000;
	ask_all(s, v);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(v[i].r, i == 3 ? -EBUSY : 0);
		assert_int_equal(v[i].res.erased, i != 3 && i != 5);
		assert_int_equal(v[i].res.gone, i == 5);
	}
	assert_string_not_equal(v[3].e.msg, "");
	fix_expect(s, v[3].ino, 3, 1);
	(void)store_close(s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		T(test_they_share),
		T(test_each_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
