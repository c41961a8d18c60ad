/* test-erase.c: erasures that are cut off at each durable step, by a process that ends there, and
 * by a root slot that can't be written; what other processes see of them meanwhile. */
#include "store-fixture.h"

#include <sqlite3.h>
#include <sys/wait.h>

static const char *stop_at; /* the step where this process ends */

void store_test_step(const char *step)
{
	if (stop_at && !strcmp(step, stop_at))
		_exit(42);
}

static void add_four(void)
{
	struct store *s = fix_open(false);

	for (int i = 1; i <= 4; i++)
		assert_int_equal(fix_add(s, i, 5, NULL), i);
	(void)store_close(s);
}

static enum put_result put_again(struct store *s, int tag)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_id id;
	enum put_result res;

	fix_rec_make(&r, tag, 5);
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &r, &p, 0, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
	return res;
}

static void expect_gone(struct store *s, uint64_t ino)
{
	struct session_row row, rows[8];
	struct reader *r;

	assert_int_equal(store_session_get(s, ino, &row), -ENOENT);
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), -ENOENT);
	int n = store_session_list(s, 1, 0, rows, 8);
	for (int i = 0; i < n; i++)
		assert_int_not_equal(rows[i].ino, ino);
}

/* Entries of a kind in the audit log, the last one's detail. */
static int audit_entries(struct store *s, const char *kind, char detail[1024])
{
	struct catalog_conn *c;
	struct audit_entry rows[4];
	uint64_t after = 0;
	int found = 0, n;

	assert_int_equal(catalog_get(s->cat, &c), 0);
	while ((n = catalog_audit_list(c, after, rows, 4)) > 0) {
		for (int i = 0; i < n; i++) {
			assert_int_equal(rows[i].seq, after + 1);
			after = rows[i].seq;
			if (strcmp(rows[i].kind, kind) != 0)
				continue;
			found++;
			memcpy(detail, rows[i].detail, sizeof(rows[i].detail));
		}
	}
	assert_int_equal(n, 0);
	(void)catalog_put(c);
	return found;
}

/* The log is whole, and knows of every erasure; a receipt can be had. */
static void expect_proof(struct store *s)
{
	CLEANUP(buf_done) struct buf text = {0};
	uint8_t sig[SIGN_BYTES], pk[32];
	struct audit_report rep;
	struct errinfo e = {0};
	uint64_t seq;

	int r = store_audit_verify(s, &rep, &e);
	if (r < 0)
		print_error("%s\n", e.msg);
	assert_int_equal(r, 0);
	assert_int_equal(store_receipt_newest(s, 0, &seq), 0);
	assert_int_equal(store_receipt(s, seq, NULL, &text, sig, NULL), 0);
	store_audit_key(s, pk);
	assert_int_equal(ed25519_verify(pk, text.p, text.len, sig), 0);
}

static void run_child(void (*work)(void *), void *arg, const char *step)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		stop_at = step;
		work(arg);
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 42)
		print_error("step '%s' was not reached\n", step);
	assert_int_equal(WEXITSTATUS(status), 42);
}

static void erase_two_three(void *arg)
{
	struct store *s = fix_open(false);
	const uint64_t inos[] = {2, 3};
	struct erase_result res;

	(void)arg;
	(void)erase_run(s, inos, 2, "asked \"for\"", &res, NULL);
	(void)store_sweep(s, 1000);
}

static void test_cut_off_at_each_step(void **state)
{
	static const char *const steps[] = {
		"intended",  "nodes written", "slot written", "old slot overwritten",
		"rows gone", "blobs gone",
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct erase_item items[4];
		uint8_t key[KEY_BYTES];
		char detail[1024];
		struct store_space space;

		(void)fix_make_store(state);
		add_four();
		run_child(erase_two_three, NULL, steps[i]);
		struct store *s = fix_open(false);
		/* from the intent on, before anything is recovered */
		for (uint64_t ino = 2; ino <= 3; ino++)
			expect_gone(s, ino);
		fix_expect(s, 1, 1, 5);
		fix_expect(s, 4, 4, 5);
		assert_int_equal(store_erase_pending(s, items, 4), i < 4 ? 2 : 0);
		assert_int_equal(put_again(s, 2), PUT_TOMBSTONED);
		assert_int_equal(erase_recover(s, NULL), 0);
		assert_int_equal(store_erase_pending(s, items, 4), 0);
		for (uint64_t ino = 2; ino <= 3; ino++) {
			expect_gone(s, ino);
			assert_int_equal(store_key_get(s, ino - 1, key), -ENOKEY);
		}
		assert_int_equal(fix_blobs(s), 2);
		assert_int_equal(store_space(s, &space), 0);
		assert_int_equal(space.sessions, 2);
		assert_int_equal(put_again(s, 2), PUT_TOMBSTONED);
		assert_int_equal(put_again(s, 3), PUT_TOMBSTONED);
		assert_int_equal(put_again(s, 4), PUT_SAME);
		assert_int_equal(put_again(s, 5), PUT_STORED);
		assert_int_equal(audit_entries(s, "erase", detail), 1);
		assert_non_null(strstr(detail, "\"sessions\":2"));
		expect_proof(s);
		assert_non_null(strstr(detail, "\"reason\":\"asked \\\"for\\\"\""));
		fix_expect(s, 1, 1, 5);
		fix_expect(s, 4, 4, 5);
		(void)store_close(s);
		(void)fix_remove_dir(state);
	}
}

static void import_one(void *arg)
{
	struct store *s = fix_open(false);

	(void)arg;
	(void)fix_add(s, 9, 5, NULL);
}

/* The same of an import: there in full, or not at all; and never in the way of the next one. */
static void test_imports_cut_off(void **state)
{
	static const char *const steps[] = {"nodes written", "slot written",
					    "old slot overwritten"};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct site_row site;
		struct session_row rows[8];

		(void)fix_make_store(state);
		for (int empty = 1; empty >= 0; empty--) {
			bool there = i > 0;

			run_child(import_one, NULL, steps[i]);
			struct store *s = fix_open(false);
			assert_int_equal(erase_recover(s, NULL), 0);
			if (empty && !there) /* no folder of an import that never was */
				assert_int_equal(store_site_list(s, 0, &site, 1), 0);
			assert_int_equal(put_again(s, 9), there ? PUT_SAME : PUT_STORED);
			int n = store_session_list(s, 1, 0, rows, 8);
			if (n == 0) /* the first day came and went */
				n = store_session_list(s, 2, 0, rows, 8);
			assert_int_equal(n, 1);
			fix_expect(s, rows[0].ino, 9, 5);
			assert_int_equal(fix_blobs(s), 1);
			if (!empty) {
				(void)store_close(s);
				break;
			}
			/* once more in a store that has something */
			struct erase_result res;
			assert_int_equal(erase_run(s, &rows[0].ino, 1, "test", &res, NULL), 0);
			(void)store_close(s);
			(void)fix_remove_dir(state);
			(void)fix_make_store(state);
		}
		(void)fix_remove_dir(state);
	}
}

/* ---- a root that can't be written */

struct failing {
	struct rootholder h;
	struct rootholder *real; /* borrowed */
	bool no_write, no_shred;
};
static struct failing *failing_of(struct rootholder *h)
{
	return (struct failing *)(void *)h;
}
static int failing_read(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES])
{
	return rootholder_read(failing_of(h)->real, slot, out);
}
static int failing_write(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES])
{
	struct failing *f = failing_of(h);

	if (!f->no_write)
		return rootholder_write(f->real, slot, in);
	/* half of it got there */
	uint8_t half[SLOT_BYTES] = {0};
	memcpy(half, in, SLOT_BYTES / 2);
	(void)rootholder_write(f->real, slot, half);
	return -EIO;
}
static int failing_shred(struct rootholder *h, unsigned slot)
{
	return failing_of(h)->no_shred ? -EIO : rootholder_shred(failing_of(h)->real, slot);
}
static const struct rootholder_ops failing_ops = {
	.read = failing_read, .write = failing_write, .shred = failing_shred};

static void test_root_io_errors(void **state)
{
	(void)state;
	for (int shred = 0; shred < 3; shred++) {
		(void)fix_make_store(state);
		add_four();
		struct store *s = fix_open(false);
		struct failing f = {.h.ops = &failing_ops, .real = s->root};
		const uint64_t inos[] = {2, 3};
		struct erase_result res;
		struct errinfo e = {0};
		struct erase_item items[4];

		s->root = &f.h;
		f.no_write = shred != 1;
		f.no_shred = shred != 0;
		assert_int_equal(erase_run(s, inos, 2, "test", &res, &e), -EIO);
		assert_true(e.msg[0]);
		expect_gone(s, 2);
		expect_gone(s, 3);
		assert_int_equal(store_erase_pending(s, items, 4), 2);
		if (shred) /* nothing is reported done while an old root may be there */
			assert_int_equal(erase_recover(s, NULL), -EIO);
		f.no_write = f.no_shred = false;
		assert_int_equal(erase_recover(s, NULL), 0);
		assert_int_equal(store_erase_pending(s, items, 4), 0);
		fix_expect(s, 1, 1, 5);
		assert_int_equal(fix_add(s, 5, 5, NULL), 5);
		s->root = f.real;
		(void)store_close(s);
		s = fix_open(false);
		fix_expect(s, 1, 1, 5);
		fix_expect(s, 4, 4, 5);
		fix_expect(s, 5, 5, 5);
		expect_gone(s, 2);
		(void)store_close(s);
		(void)fix_remove_dir(state);
	}
}

/* ---- what others see */

static int loads;
static int count_load(void *ctx, uint32_t idx, uint8_t *out, size_t *ret_len)
{
	(void)ctx;
	(void)idx;
	(void)out;
	(void)ret_len;
	loads++;
	return -ENODATA;
}

/* Is the session's first chunk in the cache? */
static int cached(struct store *s, uint64_t ino)
{
	struct chunk_ref ref;

	loads = 0;
	if (chunk_cache_get(s->chunks, ino, 0, count_load, NULL, &ref) == 0)
		chunk_cache_put(s->chunks, &ref);
	return !loads;
}

static void test_open_readers_of_another_process(void **state)
{
	int pipe_in[2], pipe_out[2], status;
	char c = 0, text[64];
	struct reader *r[5];
	const char *steps[] = {"intended", NULL};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)fix_make_store(state);
		add_four();
		assert_int_equal(pipe(pipe_in), 0);
		assert_int_equal(pipe(pipe_out), 0);
		pid_t pid = fork();
		if (pid == 0) {
			struct store *mine = fix_open(false);

			if (write(pipe_out[1], &c, 1) != 1 || read(pipe_in[0], &c, 1) != 1)
				_exit(1);
			stop_at = steps[i];
			const uint64_t inos[] = {2, 3};
			struct erase_result res;
			int x = erase_run(mine, inos, 2, "test", &res, NULL);
			(void)store_close(mine);
			_exit(x ? 2 : 42);
		}
		assert_int_equal(read(pipe_out[0], &c, 1), 1);
		struct store *s = fix_open(false);
		for (uint64_t k = 1; k <= 4; k++) {
			assert_int_equal(store_reader_open(s, k, false, &r[k], NULL), 0);
			assert_int_equal(reader_pread(r[k], text, sizeof(text), 0), sizeof(text));
		}
		r[3] = reader_close(r[3]); /* read, and closed: its text is in the cache */
		assert_int_equal(cached(s, 3), 1);
		assert_int_equal(write(pipe_in[1], &c, 1), 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 42);
		for (uint64_t k = 1; k <= 4; k++) {
			if (r[k])
				assert_int_equal(reader_pread(r[k], text, sizeof(text), 0),
						 k == 2 ? -ENOKEY : (ssize_t)sizeof(text));
		}
		assert_int_equal(cached(s, 3), 0);
		expect_gone(s, 2);
		for (uint64_t k = 1; k <= 4; k++)
			(void)reader_close(r[k]);
		(void)store_close(s);
		for (int k = 0; k < 2; k++) {
			(void)close(pipe_in[k]);
			(void)close(pipe_out[k]);
		}
		(void)fix_remove_dir(state);
	}
}

static void test_batches(void **state)
{
	struct store *s = fix_open(false);
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	static uint64_t inos[400];
	struct erase_result res;
	struct session_row rows[8];
	size_t n = 0;

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &b), 0);
	for (int i = 0; i < 300; i++) {
		CLEANUP(fix_rec_done) struct fix_rec r;
		struct session_id id;
		enum put_result put;

		fix_rec_make(&r, i, 1);
		assert_int_equal(fix_put(b, &r, &p, 0, &put, &id), 0);
	}
	uint64_t before = s->epoch;
	assert_int_equal(store_batch_commit(b, NULL), 0);
	assert_int_equal(s->epoch, before + 1);
	(void)store_batch_abort(b);
	for (uint64_t i = 1; i <= 300; i++)
		inos[n++] = i;
	inos[n++] = 7; /* twice */
	inos[n++] = 5000;
	assert_int_equal(erase_run(s, inos, n, "test", &res, NULL), 0);
	assert_int_equal(res.erased, 300);
	assert_int_equal(res.epoch, before + 2); /* one root for all of them */
	assert_int_equal(s->epoch, before + 2);
	assert_int_equal(store_session_list(s, 1, 0, rows, 8), 0);
	assert_int_equal(store_day_remove(s, 1), 0);
	assert_int_equal(store_site_remove(s, 1), 0);
	assert_int_equal(store_sweep(s, 0), 1);
	assert_int_equal(store_sweep(s, 60000), 0);
	assert_int_equal(fix_blobs(s), 0);
	/* nothing left, and again something: numbers go on */
	assert_int_equal(erase_run(s, inos, n, "test", &res, NULL), 0);
	assert_int_equal(res.erased, 0);
	assert_int_equal(res.gone, n);
	assert_int_equal(res.epoch, 0);
	assert_int_equal(fix_add(s, 1000, 5, NULL), 301);
	fix_expect(s, 301, 1000, 5);
	(void)store_close(s);
}

static void test_refused(void **state)
{
	struct store *s;
	struct erase_result res;
	const uint64_t inos[] = {1, 2};
	struct errinfo e = {0};
	struct catalog_conn *c;
	char reason[LIMIT_REASON_BYTES + 2];

	(void)state;
	add_four();
	s = fix_open(false);
	assert_int_equal(catalog_get(s->cat, &c), 0);
	assert_int_equal(catalog_begin(c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_session_set_state(c, 2, SESSION_HELD), 0);
	assert_int_equal(catalog_commit(c), 0);
	assert_int_equal(erase_run(s, inos, 2, "test", &res, &e), -EBUSY);
	fix_expect(s, 1, 1, 5);
	fix_expect(s, 2, 2, 5);
	assert_int_equal(catalog_begin(c, CATALOG_WRITE), 0);
	assert_int_equal(catalog_session_set_state(c, 2, SESSION_LIVE), 0);
	assert_int_equal(catalog_commit(c), 0);
	(void)catalog_put(c);
	memset(reason, 'x', sizeof(reason));
	reason[sizeof(reason) - 1] = 0;
	assert_int_equal(erase_run(s, inos, 2, reason, &res, NULL), -E2BIG);
	assert_int_equal(erase_run(s, inos, 2, "two\nlines", &res, NULL), -EINVAL);
	s->op.roles = ROLE_VIEWER;
	assert_int_equal(erase_run(s, inos, 2, "test", &res, NULL), -EACCES);
	fix_expect(s, 1, 1, 5);
	s->op.roles = ROLE_ERASER;
	assert_int_equal(erase_run(s, inos, 2, "test", &res, NULL), 0);
	expect_gone(s, 1);
	(void)store_close(s);
}

static void damage_leaf(uint64_t idx)
{
	char path[160], sql[200];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/catalog.db", fix_path);
	(void)snprintf(sql, sizeof(sql),
		       "UPDATE node SET body = substr(body, 1, 999) || x'5555' ||"
		       " substr(body, 1002) WHERE level = 0 AND idx = %llu",
		       (unsigned long long)idx);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	(void)sqlite3_close(db);
}

static void add_on_another_day(struct store *s, int tag)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_id id;
	enum put_result res;

	fix_rec_make(&r, tag, 5);
	r.date = "2026-11-24";
	assert_int_equal(policy_default(&p), 0);
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &r, &p, 0, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
}

static void intend_one_and_five(void *arg)
{
	struct store *s = fix_open(false);
	const uint64_t inos[] = {1, 5};
	struct erase_result res;

	(void)arg;
	(void)erase_intend(s, inos, 2, "test", &res, NULL);
}

/* Sessions 1 to 4 are in a leaf that gets damaged, 5 and 6 in another one. */
static void test_damaged_leaf(void **state)
{
	struct store *s;
	struct session_row rows[8];
	struct erase_result res;
	struct erase_item items[4];
	struct reader *r;
	const uint64_t bad = 1, good = 6;

	(void)state;
	add_four();
	s = fix_open(false);
	add_on_another_day(s, 5);
	add_on_another_day(s, 6);
	(void)store_close(s);
	run_child(intend_one_and_five, NULL, "intended");
	damage_leaf(0);
	s = fix_open(false);
	/* what is stuck waits, and is in nobody's way */
	assert_int_equal(erase_recover(s, NULL), 1);
	assert_int_equal(store_erase_pending(s, items, 4), 1);
	assert_int_equal(items[0].ino, bad);
	expect_gone(s, 1);
	expect_gone(s, 5);
	fix_expect(s, 6, 6, 5);
	assert_int_equal(store_session_list(s, 1, 0, rows, 8), 3);
	assert_int_equal(rows[0].state, SESSION_DAMAGED);
	assert_int_equal(store_reader_open(s, 2, false, &r, NULL), -EBADMSG);
	/* nor is anything new begun there */
	const uint64_t two[] = {2, 6};
	assert_int_equal(erase_run(s, two, 2, "test", &res, NULL), -EBADMSG);
	assert_int_equal(store_erase_pending(s, items, 4), 1);
	fix_expect(s, 6, 6, 5);
	assert_int_equal(erase_run(s, &good, 1, "test", &res, NULL), 0);
	expect_gone(s, 6);
	add_on_another_day(s, 7);
	(void)store_close(s);
	s = fix_open(false);
	assert_int_equal(erase_recover(s, NULL), 1);
	(void)store_close(s);
}

/* The catalog of before the erasure beside the root of after it opens nothing. */
static void test_old_catalog(void **state)
{
	char cmd[512];
	struct store *s = NULL;
	struct erase_result res;
	const uint64_t ino = 2;

	(void)state;
	add_four();
	(void)snprintf(cmd, sizeof(cmd), "cp -r %s %s/old", fix_path, fix_dir);
	assert_int_equal(system(cmd), 0);
	s = fix_open(false);
	assert_int_equal(erase_run(s, &ino, 1, "test", &res, NULL), 0);
	(void)store_close(s);
	(void)snprintf(cmd, sizeof(cmd), "cp %s/root %s/old/root", fix_path, fix_dir);
	assert_int_equal(system(cmd), 0);
	(void)snprintf(fix_path, sizeof(fix_path), "%s/old", fix_dir);
	assert_int_equal(fix_try_open(FIX_PASSPHRASE, false, &s), -EUCLEAN);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_off_at_each_step),
		cmocka_unit_test(test_imports_cut_off),
		cmocka_unit_test(test_root_io_errors),
		cmocka_unit_test(test_open_readers_of_another_process),
		T(test_batches),
		T(test_refused),
		T(test_damaged_leaf),
		T(test_old_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
