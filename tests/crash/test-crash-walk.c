/* test-crash-walk.c: every state that a disk can be in when a change of a store is cut off.
 *
 * A scenario does something to a store while trace.c records each write, sync and change of a name.
 * Then, for each place between two of them, the disks that a crash there may leave (image.h) are
 * made, one by one: all that was done; only what was certain; and one unsynced change missing,
 * there in part, or there alone. Each is opened with the real code and must hold what
 * docs/DESIGN.md E1 to E5 say: every session whole or gone, what was reported done is done, intents
 * end, nothing else is lost. What was cut off once is cut off again while it is put right (recovery
 * is a scenario, too).
 *
 * By default each change is cut in two where it is the newest one, and is missing or alone there
 * and at each sync after it; REDACTFS_CRASH_FULL=1 does all of it everywhere (minutes). */
#include "../unit/store-fixture.h"

#include "image.h"

#include <time.h>

#define TAGS   64
#define LINES  3
#define T0     1795442602000 /* fix_put's start of tag 0 */
#define STATES (1u << 20)    /* of the table of states seen */

enum must { ABSENT, ENTERING, IN, LEAVING, INTENDED, OUT };

static char work[64];   /* all folders are in here */
static char where[512]; /* which state is being looked at: shown when it fails */
static enum must must[TAGS];
static uint64_t *seen;
static size_t n_states, n_same;
static bool full;

/* ---- scrypt once: logging in thousands of times is not what is tested */

int __real_scrypt_derive(const struct secret *passphrase, const uint8_t salt[32],
			 const struct scrypt_params *sp, struct secret **ret);
int __wrap_scrypt_derive(const struct secret *passphrase, const uint8_t salt[32],
			 const struct scrypt_params *sp, struct secret **ret);
int __wrap_scrypt_derive(const struct secret *passphrase, const uint8_t salt[32],
			 const struct scrypt_params *sp, struct secret **ret)
{
	static uint8_t known[32], key[KEY_BYTES];
	static bool have;

	if (!have || memcmp(known, salt, 32) != 0) {
		int r = __real_scrypt_derive(passphrase, salt, sp, ret);
		if (r < 0)
			return r;
		memcpy(known, salt, 32);
		memcpy(key, (*ret)->b, KEY_BYTES);
		have = true;
		return 0;
	}
	*ret = secret_from(key, KEY_BYTES);
	return *ret ? 0 : -ENOMEM;
}

/* ---- what must be, as the scenario tells it */

void store_test_step(const char *step)
{
	char mark[64];

	(void)snprintf(mark, sizeof(mark), "step %s", step);
	trace_mark(mark);
}

static void tell(enum must m, const int *tags, size_t n)
{
	char mark[16 + 4 * TAGS];
	int len = snprintf(mark, sizeof(mark), "must %d", (int)m);

	for (size_t i = 0; i < n; i++)
		len += snprintf(mark + len, sizeof(mark) - (size_t)len, " %d", tags[i]);
	trace_mark(mark);
}

static void hear(const char *mark, enum must m[TAGS])
{
	if (!strcmp(mark, "step intended")) {
		for (int i = 0; i < TAGS; i++)
			m[i] = m[i] == LEAVING ? INTENDED : m[i];
	} else if (!strncmp(mark, "must ", 5)) {
		char *p;
		enum must now = (enum must)strtol(mark + 5, &p, 10);

		while (*p)
			m[strtol(p, &p, 10)] = now;
	}
}

/* ---- looking at a state */

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			print_error("%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);             \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

/* Numbers of the sessions there are, by tag. */
static size_t list_all(struct store *s, uint64_t inos[TAGS])
{
	struct site_row sites[8];
	struct day_row days[8];
	struct session_row rows[TAGS];
	size_t found = 0;

	memset(inos, 0, TAGS * sizeof(*inos));
	int ns = store_site_list(s, 0, sites, 8);
	CHECK(ns >= 0);
	for (int i = 0; i < ns; i++) {
		int nd = store_day_list(s, sites[i].id, 0, days, 8);

		CHECK(nd >= 0);
		for (int k = 0; k < nd; k++) {
			int n = store_session_list(s, days[k].id, 0, rows, TAGS);

			CHECK(n >= 0);
			for (int j = 0; j < n; j++) {
				int64_t tag = rows[j].start_ms - T0;

				CHECK(rows[j].state == SESSION_LIVE);
				CHECK(tag >= 0 && tag < TAGS && !inos[tag]);
				inos[tag] = rows[j].ino;
				found++;
			}
		}
	}
	return found;
}

static int count_one(void *ctx, const struct blob_id *id)
{
	(void)id;
	++*(size_t *)ctx;
	return 0;
}

static int count_key(void *ctx, uint64_t kid)
{
	(void)kid;
	++*(size_t *)ctx;
	return 0;
}

static enum put_result put_again(struct store *s, int tag, bool commit)
{
	CLEANUP(fix_rec_done) struct fix_rec r;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_id id;
	enum put_result res;

	fix_rec_make(&r, tag, LINES);
	CHECK(policy_default(&p) == 0);
	CHECK(store_batch_begin(s, &b) == 0);
	CHECK(fix_put(b, &r, &p, 0, &res, &id) == 0);
	if (commit)
		CHECK(store_batch_commit(b, NULL) == 0);
	(void)store_batch_abort(b);
	return res;
}

/* Each of the same wish is there or none is. */
static void check_together(const uint64_t inos[TAGS], enum must m)
{
	int there = -1;

	for (int tag = 0; tag < TAGS; tag++) {
		if (must[tag] != m)
			continue;
		CHECK(there < 0 || there == (inos[tag] != 0));
		there = inos[tag] != 0;
	}
}

static void check_sessions(struct store *s, bool recovered)
{
	uint64_t inos[TAGS];
	size_t found = list_all(s, inos);
	struct store_space space;

	for (int tag = 0; tag < TAGS; tag++) {
		if (must[tag] == IN)
			CHECK(inos[tag]);
		if (must[tag] == ABSENT || must[tag] == OUT || must[tag] == INTENDED)
			CHECK(!inos[tag]);
		if (inos[tag])
			fix_expect(s, inos[tag], tag, LINES);
		if (recovered && (must[tag] == OUT || must[tag] == INTENDED ||
				  (must[tag] == LEAVING && !inos[tag])))
			CHECK(put_again(s, tag, false) == PUT_TOMBSTONED);
	}
	check_together(inos, ENTERING);
	check_together(inos, LEAVING);
	CHECK(store_space(s, &space) == 0);
	CHECK(space.sessions == found);
	if (!recovered)
		return;
	size_t blobs = 0, keys = 0;
	CHECK(s->blobs->ops->list(s->blobs, count_one, &blobs) == 0);
	CHECK(keytree_walk(s->tree, &(struct keytree_visit){.leaf_key = count_key, .ctx = &keys},
			   NULL) == 0);
	if (blobs != found || keys != found)
		print_error("%zu sessions, %zu blobs, %zu keys\n", found, blobs, keys);
	CHECK(blobs == found && keys == found);
}

/* The slot that isn't current leads nowhere. */
static void check_root(struct store *s)
{
	struct slot_info info;
	uint8_t slot[SLOT_BYTES];
	int valid = 0;

	for (unsigned i = 0; i < ROOT_SLOTS; i++) {
		CHECK(rootholder_read(s->root, i, slot) == 0);
		valid += keyslot_peek(slot, s->login.slot_pk, &info) == 0;
	}
	CHECK(valid == 1);
}

static void check_store(void)
{
	struct erase_item items[4];
	struct store *s = NULL;
	struct errinfo e = {0};

	int r = fix_try_open(FIX_PASSPHRASE, false, &s);
	CHECK(r == 0);
	check_root(s);
	check_sessions(s, false);
	r = erase_recover(s, &e);
	if (r != 0)
		print_error("erase_recover: %d %s\n", r, e.msg);
	CHECK(r == 0);
	CHECK(store_erase_pending(s, items, 4) == 0);
	check_sessions(s, true);
	if (full || n_states % 8 == 0)
		CHECK(put_again(s, TAGS - 1, true) == PUT_STORED);
	(void)store_close(s);
}

/* ---- states */

static bool seen_before(uint64_t h)
{
	for (size_t i = h % STATES;; i = (i + 1) % STATES) {
		if (!seen[i]) {
			seen[i] = h;
			return false;
		}
		if (seen[i] == h)
			return true;
	}
}

static void look_at(const struct history *h, size_t n, const enum fate *fates)
{
	struct image img;
	uint64_t seed = 1;

	for (int i = 0; i < TAGS; i++)
		seed = seed * 31 + (uint64_t)must[i];
	history_image(h, n, fates, &img);
	if (seen_before(image_hash(&img, seed) | 1)) {
		n_same++;
	} else {
		n_states++;
		image_save(&img, fix_path);
		check_store();
		CHECK(nftw(fix_path, fix_rm, 16, FTW_DEPTH | FTW_PHYS) == 0);
	}
	image_done(&img);
}

static const char *kind_name(enum trace_kind k)
{
	static const char *const names[] = {"?",      "create", "write", "size",   "sync",
					    "unlink", "mkdir",  "rmdir", "rename", "mark"};

	return names[k];
}

static void say(const char *scenario, const struct history *h, size_t n, const char *how, size_t i)
{
	const struct op *o = n ? &h->v[n - 1] : NULL;
	int len = snprintf(where, sizeof(where), "%s: after %zu of %zu (%s %s): %s", scenario, n,
			   h->n, o ? kind_name(o->kind) : "nothing", o ? o->path : "", how);

	if (i != SIZE_MAX && len > 0 && (size_t)len < sizeof(where))
		(void)snprintf(where + len, sizeof(where) - (size_t)len,
			       " %zu (%s %s at %llu, %zu bytes)", i, kind_name(h->v[i].kind),
			       h->v[i].path, (unsigned long long)h->v[i].off, h->v[i].len);
}

/* One change missing, in part, or the only one that got there. */
static void singles(const char *scenario, const struct history *h, size_t n, enum fate *fates,
		    size_t i)
{
	static const struct {
		enum fate fate;
		const char *how;
	} ways[] = {{LOST, "without"}, {HEAD_ONLY, "first half of"}, {TAIL_ONLY, "second half of"}};

	for (size_t k = 0; k < 3; k++) {
		if (ways[k].fate != LOST && !full && i + 1 < n)
			continue; /* seen in part when it was the newest one */
		if (ways[k].fate != LOST && (h->v[i].kind != TRACE_WRITE || h->v[i].len < 2))
			continue;
		fates[i] = ways[k].fate;
		say(scenario, h, n, ways[k].how, i);
		look_at(h, n, fates);
	}
	for (size_t k = 0; k < n; k++)
		fates[k] = k != i && history_uncertain(h, k, n) ? LOST : KEPT;
	say(scenario, h, n, "of the unsynced only", i);
	look_at(h, n, fates);
	for (size_t k = 0; k < n; k++)
		fates[k] = KEPT;
}

static void walk(const char *scenario, const struct history *h, const enum must before[TAGS])
{
	CLEANUP_FREE enum fate *fates = calloc(h->n + 1, sizeof(*fates));
	size_t states = n_states;

	CHECK(fates);
	memcpy(must, before, sizeof(must));
	for (size_t n = 0; n <= h->n; n++) {
		if (n && h->v[n - 1].kind == TRACE_MARK)
			hear((const char *)h->v[n - 1].data, must);
		say(scenario, h, n, "all of it", SIZE_MAX);
		look_at(h, n, fates);
		for (size_t k = 0; k < n; k++)
			fates[k] = history_uncertain(h, k, n) ? LOST : KEPT;
		say(scenario, h, n, "only what is certain", SIZE_MAX);
		look_at(h, n, fates);
		memset(fates, 0, h->n * sizeof(*fates));
		bool all = full || n == h->n || h->v[n].kind == TRACE_SYNC;
		for (size_t k = all ? 0 : n - (n > 0); k < n; k++) {
			if (history_uncertain(h, k, n))
				singles(scenario, h, n, fates, k);
		}
	}
	where[0] = 0;
	print_message("%-28s %4zu changes, %6zu states\n", scenario, h->n, n_states - states);
}

/* ---- scenarios: each begins with the store as it lies at `fix_path`, closed */

struct scenario {
	const char *name;
	void (*run)(struct store *s);
};

static void add(struct store *s, const int *tags, size_t n, const char *date)
{
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;

	CHECK(policy_default(&p) == 0);
	tell(ENTERING, tags, n);
	CHECK(store_batch_begin(s, &b) == 0);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(fix_rec_done) struct fix_rec r;
		struct session_id id;
		enum put_result res;

		fix_rec_make(&r, tags[i], LINES);
		r.date = date;
		CHECK(fix_put(b, &r, &p, 0, &res, &id) == 0);
		CHECK(res == PUT_STORED);
	}
	CHECK(store_batch_commit(b, NULL) == 0);
	tell(IN, tags, n);
	(void)store_batch_abort(b);
}

typedef int erase_fn(struct store *s, const uint64_t *inos, size_t n, const char *reason,
		     struct erase_result *ret, struct errinfo *e);

static void begin_erasing(struct store *s, erase_fn *f, const int *tags, size_t n)
{
	uint64_t inos[TAGS], which[TAGS];
	struct erase_result res;

	(void)list_all(s, inos);
	for (size_t i = 0; i < n; i++)
		which[i] = inos[tags[i]];
	tell(LEAVING, tags, n);
	CHECK(f(s, which, n, "test", &res, NULL) == 0);
	CHECK(res.erased == n);
}

static void erase(struct store *s, const int *tags, size_t n)
{
	begin_erasing(s, erase_run, tags, n);
	tell(OUT, tags, n);
}

static void run_import(struct store *s)
{
	add(s, (const int[]){5}, 1, "2026-11-23");
}
static void run_import_batch(struct store *s)
{
	add(s, (const int[]){5, 6, 7}, 3, "2026-11-25");
}
static void run_erase(struct store *s)
{
	erase(s, (const int[]){2}, 1);
}
static void run_erase_batch(struct store *s)
{
	erase(s, (const int[]){1, 2, 4}, 3);
}
static void run_erase_all(struct store *s)
{
	erase(s, (const int[]){1, 2, 3, 4}, 4);
	CHECK(store_day_remove(s, 1) == 0);
}
/* What one leaves to be tidied up goes with the transaction of the next. */
static void run_erase_in_a_row(struct store *s)
{
	erase(s, (const int[]){2}, 1);
	erase(s, (const int[]){3}, 1);
	add(s, (const int[]){5}, 1, "2026-11-23");
	CHECK(store_sweep(s, 60000) == 0);
	erase(s, (const int[]){5}, 1);
}
/* erase=intent */
static void run_erase_intent(struct store *s)
{
	begin_erasing(s, erase_intend, (const int[]){2}, 1);
	begin_erasing(s, erase_intend, (const int[]){4}, 1);
	CHECK(erase_recover(s, NULL) == 0);
	tell(OUT, (const int[]){2, 4}, 2);
}
static void run_nothing(struct store *s)
{
	(void)s;
}

/* Two processes: the second has the store open all the while. */
static void run_two(struct store *s)
{
	struct store *other = fix_open(false);

	erase(other, (const int[]){3}, 1);
	add(s, (const int[]){5}, 1, "2026-11-23");
	erase(other, (const int[]){5, 1}, 2);
	(void)store_close(other);
}

static const struct scenario scenarios[] = {
	{"import", run_import},
	{"import of a batch", run_import_batch},
	{"erasure", run_erase},
	{"erasure of a batch", run_erase_batch},
	{"erasure of all, rmdir", run_erase_all},
	{"erasures in a row", run_erase_in_a_row},
	{"erasure by intent", run_erase_intent},
	{"open and close", run_nothing},
	{"two processes", run_two},
};

static void path_in_work(const char *name, char out[128])
{
	(void)snprintf(out, 128, "%s/%s", work, name);
}

/* Runs `run` on a copy of `base` and returns what it did to the files. */
static void observe(const struct image *base, void (*run)(struct store *), struct history *ret)
{
	char trace[128];

	path_in_work("trace", trace);
	struct image copy = *base; /* the same parts: saving changes nothing but their order */
	image_save(&copy, fix_path);
	trace_start(fix_path, trace);
	struct store *s = fix_open(false);
	CHECK(erase_recover(s, NULL) == 0);
	run(s);
	(void)store_close(s);
	trace_stop();
	history_load(base, trace, ret);
	CHECK(nftw(fix_path, fix_rm, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

static void template_load(struct image *base, enum must m[TAGS])
{
	char template[128];

	path_in_work("template", template);
	image_load(template, base);
	memset(m, 0, TAGS * sizeof(*m));
	for (int i = 1; i <= 4; i++)
		m[i] = IN;
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		enum must before[TAGS];
		struct image base;
		struct history h;

		template_load(&base, before);
		observe(&base, scenarios[i].run, &h);
		walk(scenarios[i].name, &h, before);
		history_done(&h);
		image_done(&base);
	}
}

/* What is cut off is put right at the next opening; that is cut off, too. From each place where a
 * step of an erasure or an import ends. */
static void test_recovery_cut_off(void **state)
{
	static void (*const first[])(struct store *) = {run_erase_batch, run_import_batch};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum must at_start[TAGS];
		struct image base;
		struct history h;

		template_load(&base, at_start);
		observe(&base, first[i], &h);
		CLEANUP_FREE enum fate *fates = calloc(h.n, sizeof(*fates));
		CHECK(fates);
		for (size_t n = 1; n < h.n; n++) {
			const struct op *o = &h.v[n - 1];
			struct image cut;
			struct history again;
			char name[64];

			if (o->kind != TRACE_MARK)
				continue;
			hear((const char *)o->data, at_start);
			if (strncmp((const char *)o->data, "step ", 5) != 0)
				continue;
			(void)snprintf(name, sizeof(name), "recovery: %s",
				       (const char *)o->data + 5);
			history_image(&h, n, fates, &cut);
			/* its opening tells nothing: what must be is known from before */
			observe(&cut, run_nothing, &again);
			walk(name, &again, at_start);
			history_done(&again);
			image_done(&cut);
		}
		history_done(&h);
		image_done(&base);
	}
}

/* ---- the harness itself: it sees what isn't synced */

static struct rootholder *real_root;
static int careless_read(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES])
{
	(void)h;
	return rootholder_read(real_root, slot, out);
}
/* Writes the slot over the current one, which no crash may meet half done. */
static int careless_write(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES])
{
	(void)h;
	int r = rootholder_write(real_root, slot ^ 1, in);

	return r < 0 ? r : rootholder_write(real_root, slot, in);
}
static int careless_shred(struct rootholder *h, unsigned slot)
{
	(void)h;
	return rootholder_shred(real_root, slot);
}
static const struct rootholder_ops careless_ops = {
	.read = careless_read, .write = careless_write, .shred = careless_shred};

static void run_careless(struct store *s)
{
	struct rootholder careless = {.ops = &careless_ops};

	real_root = s->root;
	s->root = &careless;
	erase(s, (const int[]){2}, 1);
	s->root = real_root;
}

static void test_the_harness_finds_a_wrong_order(void **state)
{
	enum must before[TAGS];
	struct image base, img;
	struct history h;
	size_t bad = 0;

	(void)state;
	template_load(&base, before);
	observe(&base, run_careless, &h);
	CLEANUP_FREE enum fate *fates = calloc(h.n, sizeof(*fates));
	CHECK(fates);
	for (size_t n = 1; n <= h.n; n++) {
		const struct op *o = &h.v[n - 1];
		struct store *s;

		if (o->kind != TRACE_WRITE || strcmp(o->path, ROOT_NAME) != 0)
			continue;
		fates[n - 1] = HEAD_ONLY;
		history_image(&h, n, fates, &img);
		fates[n - 1] = KEPT;
		image_save(&img, fix_path);
		int r = fix_try_open(FIX_PASSPHRASE, false, &s);
		if (r == 0)
			(void)store_close(s);
		bad += r < 0;
		CHECK(nftw(fix_path, fix_rm, 16, FTW_DEPTH | FTW_PHYS) == 0);
		image_done(&img);
	}
	CHECK(bad >= 1);
	history_done(&h);
	image_done(&base);
}

/* ---- */

static int prepare(void **state)
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	struct secret *pp = fix_secret(FIX_PASSPHRASE);

	(void)state;
	full = getenv("REDACTFS_CRASH_FULL") != NULL;
	seen = calloc(STATES, sizeof(*seen));
	/* memory where there is some: thousands of stores are made and removed */
	(void)snprintf(work, sizeof(work), "%s/redactfs-crash-XXXXXX",
		       access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!seen || !mkdtemp(work))
		return -1;
	path_in_work("template", fix_path);
	int r = store_init_with(fix_path, FIX_EMAIL, pp, &cheap, NULL);
	(void)secret_free(pp);
	if (r < 0)
		return -1;
	struct store *s = fix_open(false);
	for (int i = 1; i <= 4; i++)
		(void)fix_add(s, i, LINES, NULL);
	(void)store_close(s);
	path_in_work("store", fix_path);
	return 0;
}

/* After a failure: which state it was. */
static int say_where(void **state)
{
	(void)state;
	if (where[0])
		print_error("the state: %s\n", where);
	where[0] = 0;
	trace_stop();
	if (access(fix_path, F_OK) < 0)
		return 0;
	return nftw(fix_path, fix_rm, 16, FTW_DEPTH | FTW_PHYS);
}

static int clean(void **state)
{
	(void)state;
	print_message("%zu states opened, %zu like one before\n", n_states, n_same);
	free(seen);
	return nftw(work, fix_rm, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_the_harness_finds_a_wrong_order, say_where),
		cmocka_unit_test_teardown(test_scenarios, say_where),
		cmocka_unit_test_teardown(test_recovery_cut_off, say_where),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
