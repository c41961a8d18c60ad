/* test-store-ahead.c: blobs are fetched for who opens sessions in order, and for nobody else. */
#include "store-fixture.h"

#define SESSIONS 30

static struct blob_id fetched[4 * SESSIONS];
static size_t nfetched;

static void count_fetch(struct blobstore *bs, const struct blob_id *id)
{
	(void)bs;
	assert_true(nfetched < sizeof(fetched) / sizeof(fetched[0]));
	fetched[nfetched++] = *id;
}

static struct blob_id blob_of(struct store *s, uint64_t ino)
{
	struct catalog_session cs;
	struct catalog_conn *c = NULL;

	assert_int_equal(catalog_get(s->cat, &c), 0);
	assert_int_equal(catalog_session_get(c, ino, &cs), 0);
	(void)catalog_put(c);
	return cs.blob;
}

static void open_one(struct store *s, uint64_t ino)
{
	struct reader *r = NULL;

	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), 0);
	(void)reader_close(r);
}

static bool was_fetched(struct store *s, uint64_t ino)
{
	struct blob_id id = blob_of(s, ino);

	for (size_t i = 0; i < nfetched; i++)
		if (!memcmp(&fetched[i], &id, sizeof(id)))
			return true;
	return false;
}

static void test_in_order(void **state)
{
	struct store *s = fix_open(false);
	const struct blobstore_ops *was = s->blobs->ops;
	struct blobstore_ops ops = *was;

	(void)state;
	for (int i = 0; i < SESSIONS; i++)
		(void)fix_add(s, i, 1, NULL);
	ops.fetch = count_fetch;
	s->blobs->ops = &ops;
	nfetched = 0;
	for (uint64_t ino = 1; ino <= 3; ino++)
		open_one(s, ino);
	assert_int_equal(nfetched, 0); /* chance, as yet */
	for (uint64_t ino = 4; ino <= SESSIONS; ino++) {
		assert_true(ino == 4 || was_fetched(s, ino));
		open_one(s, ino);
	}
	assert_int_equal(nfetched, SESSIONS - 4); /* each once */

	/* backwards, the same one again, and the first one of a walk */
	nfetched = 0;
	for (uint64_t ino = SESSIONS; ino; ino--)
		open_one(s, ino);
	for (int i = 0; i < 10; i++)
		open_one(s, 7);
	assert_int_equal(nfetched, 0);
	s->blobs->ops = was;
	(void)store_close(s);
}

static void test_a_missing_blob_is_no_matter(void **state)
{
	struct store *s = fix_open(false);
	struct blob_id id = blob_of(s, 9);

	(void)state;
	assert_int_equal(s->blobs->ops->remove(s->blobs, &id), 0);
	for (uint64_t ino = 1; ino <= 8; ino++)
		open_one(s, ino);
	for (uint64_t ino = 10; ino <= SESSIONS; ino++)
		open_one(s, ino);
	(void)store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_a_missing_blob_is_no_matter),
	};

	return cmocka_run_group_tests(tests, fix_make_store, fix_remove_dir);
}
