/* test-store-policy.c: what a site's policy does to sessions that were there before it: stricter at
 * once and in every process, laxer when an officer applies it, dropped for good. */
#include "store-fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#define SITE "shop.example.com"

/* ---- an engine for the fixture's recordings: it knows what they look like */

static int look_result; /* what looking fails with, 0: it doesn't */
static unsigned looked;

static size_t digits(const char *s)
{
	return strspn(s, "0123456789.");
}

static void add(struct span *v, size_t *n, const char *text, const char *at, size_t len,
		enum redact_class cls, enum span_how how, unsigned flags)
{
	v[(*n)++] = (struct span){.off = (uint32_t)(at - text),
				  .len = (uint32_t)len,
				  .cls = (uint8_t)cls,
				  .how = (uint8_t)how,
				  .flags = (uint8_t)flags};
}

static int look(const char *text, size_t len, const struct policy *p, const struct span *known,
		size_t nknown, struct span **ret, size_t *ret_n, struct buf *script,
		struct errinfo *e)
{
	struct span *v = calloc(len / 4 + nknown + 1, sizeof(*v)), *all;
	size_t n = 0, k = 0, m = 0;

	(void)e;
	looked++;
	if (look_result < 0) {
		free(v);
		return look_result;
	}
	for (const char *s = text; s < text + len; s++) {
		if (p->block && !strncmp(s, "line ", 5) && digits(s + 5))
			add(v, &n, text, s, 5 + digits(s + 5), CLASS_BLOCKED, HOW_MARK, 0);
		else if (!strncmp(s, "pw", 2) && digits(s + 2))
			add(v, &n, text, s, 2 + digits(s + 2) + 6, CLASS_PASSWORD, HOW_FIELD, 0);
		else if (!strncmp(s, "mail", 4) && digits(s + 4) &&
			 (p->detect >> DETECTOR_EMAIL & 1))
			add(v, &n, text, s, 4 + digits(s + 4) + 12, CLASS_EMAIL, HOW_DETECTOR, 0);
	}
	/* what was known and isn't found: here, what was typed */
	all = calloc(n + nknown + 1, sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		for (; k < nknown && known[k].off < v[i].off; k++)
			all[m++] = known[k];
		while (k < nknown && known[k].off < v[i].off + v[i].len)
			k++;
		all[m++] = v[i];
	}
	while (k < nknown)
		all[m++] = known[k++];
	free(v);
	*ret = all;
	*ret_n = m;
	if (script)
		fix_script(text, len, script);
	return 0;
}

static const struct store_engine engine = {.version = 1, .look = look};

/* ---- helpers */

static struct store *open_store(bool reveal)
{
	struct store *s = fix_open(reveal);

	s->engine = &engine;
	return s;
}

static void set_policy(struct store *s, const char *ini)
{
	struct errinfo e = {0};
	int r = store_policy_set(s, SITE, ini, strlen(ini), &e);

	if (r < 0)
		fail_msg("%s", e.msg);
}

static void parse(const char *ini, struct policy *ret)
{
	assert_int_equal(policy_parse(ini, strlen(ini), ret, NULL), 0);
}

/* A session imported under policy number `seq`, which is `ini`. */
static uint64_t add_under(struct store *s, int tag, int lines, const char *ini, uint64_t seq)
{
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_row row;
	struct session_id id;
	enum put_result res;

	parse(ini, &p);
	fix_rec_make(&rec, tag, lines);
	for (size_t i = 0; i < rec.n; i++)
		rec.spans[i].how = rec.spans[i].cls == CLASS_EMAIL ? HOW_DETECTOR : HOW_FIELD;
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &rec, &p, seq, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
	assert_int_equal(store_session_by_id(s, &id, &row), 0);
	assert_int_equal(row.policy_base, seq);
	return row.ino;
}

/* The session as it should read: `ini` is what holds. */
static void expect(struct store *s, uint64_t ino, int tag, int lines, const char *ini, bool reveal)
{
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf want = {0}, got = {0};
	struct session_row row;

	parse(ini, &p);
	fix_rec_make(&rec, tag, lines);
	fix_rendering(&rec, &p, reveal, &want);
	assert_int_equal(store_session_get(s, ino, &row), 0);
	assert_int_equal(fix_read(s, ino, reveal, &got), 0);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
	if (!reveal)
		assert_int_equal(row.size, want.len);
	fix_expect_transcript(s, ino, reveal, &want);
}

static uint64_t pending(struct store *s)
{
	uint64_t n = UINT64_MAX;

	assert_int_equal(store_policy_pending(s, SITE, &n), 0);
	return n;
}

static struct policy_applied apply(struct store *s)
{
	struct policy_applied done;
	struct errinfo e = {0};

	if (store_policy_apply(s, SITE, NULL, NULL, &done, &e) < 0)
		fail_msg("%s", e.msg);
	return done;
}

static int count_blob(void *ctx, const struct blob_id *id)
{
	(void)id;
	++*(int *)ctx;
	return 0;
}

static int blobs(struct store *s)
{
	int n = 0;

	assert_int_equal(s->blobs->ops->list(s->blobs, count_blob, &n), 0);
	return n;
}

static void session_of(struct store *s, uint64_t ino, struct session_row *ret)
{
	assert_int_equal(store_session_get(s, ino, ret), 0);
}

/* ---- stricter */

static void test_stricter_at_once(void **state)
{
	struct store *s = open_store(true), *other = open_store(false);
	struct session_row before, row, rows[4];
	struct reader *open1;
	char b[64];

	(void)state;
	set_policy(s, "[record]\nemails = show\n");
	uint64_t ino = add_under(s, 2, 30, "[record]\nemails = show\n", 1);
	session_of(s, ino, &before);
	expect(s, ino, 2, 30, "[record]\nemails = show\n", false);
	assert_int_equal(store_reader_open(other, ino, false, &open1, NULL), 0);
	assert_true(reader_pread(open1, b, sizeof(b), 0) > 0);

	/* everywhere, in the open reader too */
	set_policy(s, "[record]\nemails = seal\n");
	assert_int_equal(reader_pread(open1, b, sizeof(b), 0), -ESTALE);
	(void)reader_close(open1);
	expect(other, ino, 2, 30, "", false);
	expect(s, ino, 2, 30, "", false);
	session_of(s, ino, &row);
	assert_int_equal(row.rendering, 1);
	assert_int_equal(row.mtime_ns, before.mtime_ns + 1000000000);
	assert_true(row.ctime_ns > before.ctime_ns);
	assert_int_equal(row.counts[CLASS_EMAIL], 30);
	/* what is in the base can be revealed; the passwords are nowhere */
	expect(s, ino, 2, 30, "", true);

	/* other words, same effect: nothing moves */
	set_policy(s, "[record]\nemails = seal\nips = seal\n");
	assert_int_equal(store_session_list(s, row.day_id, 0, rows, 4), 1);
	assert_int_equal(rows[0].rendering, 1);
	assert_int_equal(rows[0].mtime_ns, row.mtime_ns);
	assert_int_equal(rows[0].ctime_ns, row.ctime_ns);
	assert_int_equal(rows[0].policy_seq, 3);
	assert_int_equal(rows[0].policy_base, 1);

	/* dropped: an officer doesn't see it either */
	set_policy(s, "[record]\nemails = drop\n");
	expect(s, ino, 2, 30, "[record]\nemails = drop\n", true);
	assert_int_equal(pending(s), 0);
	(void)store_close(other);
	(void)store_close(s);
}

/* What nobody looked for at import is looked for before anybody reads. */
static void test_a_selector_added_later(void **state)
{
	struct store *s = open_store(true), *blind = fix_open(false);
	CLEANUP(buf_done) struct buf was = {0}, now = {0}, shown = {0};
	struct session_row row, before;
	struct reader *r = NULL;

	(void)state;
	uint64_t ino = add_under(s, 4, 20, "", 0);
	session_of(s, ino, &before);
	assert_int_equal(fix_read(s, ino, false, &was), 0);
	looked = 0;
	set_policy(s, "[record]\nphones = drop\n");
	expect(s, ino, 4, 20, "", false);
	assert_int_equal(looked, 0); /* sealed is hidden: nothing to look for */

	set_policy(s, "[select]\nblock = .line\n");
	/* no engine, or one that can't: no text, but still a file that is there */
	assert_int_equal(store_reader_open(blind, ino, false, &r, NULL), -EOPNOTSUPP);
	session_of(blind, ino, &row);
	look_result = -EILSEQ;
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), -EILSEQ);
	session_of(s, ino, &row);
	assert_int_equal(row.rendering, 0);
	uint64_t failed = 0;
	assert_int_equal(store_policy_refresh(s, SITE, NULL, NULL, &failed, NULL), 0);
	assert_int_equal(failed, 1);
	look_result = 0;

	assert_int_equal(fix_read(s, ino, false, &now), 0);
	assert_null(memmem(now.p, now.len, "line 1", 6));
	assert_non_null(memmem(now.p, now.len, "[session 4, [blocked] of text [password]", 40));
	session_of(s, ino, &row);
	assert_int_equal(row.size, now.len);
	assert_int_equal(row.counts[CLASS_BLOCKED], 20);
	assert_int_equal(row.counts[CLASS_EMAIL], 20);
	assert_int_equal(row.rendering, 1);
	/* it is written down: nobody has to look again, who has no engine can read it */
	looked = 0;
	now.len = 0;
	assert_int_equal(fix_read(blind, ino, false, &now), 0);
	assert_int_equal(looked, 0);
	assert_int_equal(now.len, row.size);
	/* blocked is dropped: not for officers either; what is only sealed is */
	assert_int_equal(fix_read(s, ino, true, &shown), 0);
	assert_null(memmem(shown.p, shown.len, "line 1", 6));
	assert_non_null(memmem(shown.p, shown.len, "mail4.1@example.org", 19));

	/* taken away again it stays, until it is applied */
	set_policy(s, "");
	session_of(s, ino, &row);
	assert_int_equal(row.rendering, 1);
	assert_int_equal(pending(s), 1);
	struct policy_applied done = apply(s);
	assert_int_equal(done.sessions, 1);
	assert_int_equal(pending(s), 0);
	now.len = 0;
	assert_int_equal(fix_read(s, ino, false, &now), 0);
	assert_int_equal(now.len, was.len);
	assert_memory_equal(now.p, was.p, was.len);
	session_of(s, ino, &row);
	assert_int_equal(row.rendering, 2);
	assert_int_equal(row.policy_base, 3);
	assert_memory_equal(row.counts, before.counts, sizeof(row.counts));
	(void)store_close(blind);
	(void)store_close(s);
}

static void test_a_detector_switched_on(void **state)
{
	static const char off[] = "[record]\nforms = show\n[detect]\nemails = off\n";
	struct store *s = open_store(false);
	CLEANUP(buf_done) struct buf now = {0};
	CLEANUP(fix_rec_done) struct fix_rec rec;
	CLEANUP(policy_done) struct policy p = {0};
	struct store_batch *b;
	struct session_row row;
	struct session_id id;
	enum put_result res;
	size_t n = 0;

	(void)state;
	set_policy(s, off);
	parse(off, &p);
	fix_rec_make(&rec, 5, 10);
	for (size_t i = 0; i < rec.n; i++) /* nobody looked for addresses */
		if (rec.spans[i].cls != CLASS_EMAIL)
			rec.spans[n++] = rec.spans[i];
	rec.n = n;
	assert_int_equal(store_batch_begin(s, &b), 0);
	assert_int_equal(fix_put(b, &rec, &p, 1, &res, &id), 0);
	assert_int_equal(store_batch_commit(b, NULL), 0);
	(void)store_batch_abort(b);
	assert_int_equal(store_session_by_id(s, &id, &row), 0);
	assert_int_equal(fix_read(s, row.ino, false, &now), 0);
	assert_non_null(memmem(now.p, now.len, "mail5.3@example.org", 19));
	set_policy(s, "[record]\nforms = show\n");
	now.len = 0;
	assert_int_equal(fix_read(s, row.ino, false, &now), 0);
	assert_null(memmem(now.p, now.len, "@example.org", 12));
	assert_non_null(memmem(now.p, now.len, "[email]", 7));
	assert_non_null(memmem(now.p, now.len, "typed5.3", 8));
	(void)store_close(s);
}

/* ---- laxer */

static void test_laxer_waits_for_an_officer(void **state)
{
	static const char lax[] = "[record]\nemails = show\nforms = show\n";
	struct store *s = open_store(true), *other = open_store(false);
	struct session_row before, row;
	struct policy_applied done;
	struct errinfo e = {0};
	struct reader *r;
	char b[64];

	(void)state;
	set_policy(s, "[record]\nips = drop\n");
	uint64_t ino = add_under(s, 2, 3000, "", 1);
	set_policy(s, lax);
	uint64_t later = add_under(s, 3, 30, lax, 2);
	/* the new one as the new policy says, the old one as before */
	expect(other, later, 3, 30, lax, false);
	expect(other, ino, 2, 3000, "", false);
	assert_int_equal(pending(s), 1);
	assert_int_equal(pending(other), 1);
	session_of(s, ino, &before);
	assert_int_equal(before.rendering, 0);

	/* only with the key of the sealed values */
	assert_int_equal(store_policy_apply(other, SITE, NULL, NULL, &done, &e), -EACCES);
	assert_int_equal(store_reader_open(other, ino, false, &r, NULL), 0);
	assert_true(reader_pread(r, b, sizeof(b), 100000) >
		    0); /* a chunk of the old blob is cached */
	done = apply(s);
	assert_int_equal(done.sessions, 1);
	assert_int_equal(done.values, 6000);
	assert_int_equal(done.failed, 0);
	assert_int_equal(reader_pread(r, b, sizeof(b), 0), -ESTALE);
	(void)reader_close(r);
	expect(other, ino, 2, 3000, lax, false);
	expect(s, ino, 2, 3000, lax, false);
	expect(s, ino, 2, 3000, lax, true);
	session_of(other, ino, &row);
	assert_int_equal(row.rendering, 1);
	assert_int_equal(row.mtime_ns, before.mtime_ns + 1000000000);
	assert_int_equal(row.policy_base, 2);
	/* what was dropped is still a token, and still counted */
	assert_int_equal(row.counts[CLASS_PASSWORD], 3000);
	assert_int_equal(row.counts[CLASS_EMAIL], 0);
	assert_int_equal(pending(s), 0);
	assert_int_equal(blobs(s), 2);

	/* once is enough */
	done = apply(s);
	assert_int_equal(done.sessions, 0);
	session_of(other, ino, &row);
	assert_int_equal(row.rendering, 1);

	/* and back */
	set_policy(s, "");
	expect(other, ino, 2, 3000, "", false);
	expect(other, later, 3, 30, "", false);
	expect(s, ino, 2, 3000, "", true);
	assert_int_equal(pending(s), 0);
	(void)store_close(other);
	(void)store_close(s);
}

/* Shown, sealed, shown: the second time it is laxer, too. */
static void test_what_was_hidden_once(void **state)
{
	static const char lax[] = "[record]\nemails = show\n";
	struct store *s = open_store(true);
	struct policy_applied done;

	(void)state;
	set_policy(s, lax);
	uint64_t ino = add_under(s, 2, 30, lax, 1);
	set_policy(s, "");
	set_policy(s, lax);
	expect(s, ino, 2, 30, "", false);
	assert_int_equal(pending(s), 1);
	done = apply(s);
	assert_int_equal(done.sessions, 1);
	assert_int_equal(done.values, 0); /* none was sealed apart */
	expect(s, ino, 2, 30, lax, false);

	/* dropped by a policy since: the value goes with the next blob */
	set_policy(s, "[record]\nemails = drop\nforms = show\n");
	done = apply(s);
	assert_int_equal(done.values, 30);
	expect(s, ino, 2, 30, "[record]\nemails = drop\nforms = show\n", true);
	set_policy(s, "[record]\nforms = show\n");
	done = apply(s);
	assert_int_equal(done.sessions, 1);
	expect(s, ino, 2, 30, "[record]\nemails = drop\nforms = show\n", true);
	(void)store_close(s);
}

static int audit_entries(struct store *s, const char *kind, struct audit_entry *last)
{
	CLEANUP_FREE struct audit_entry *rows = calloc(200, sizeof(*rows));
	struct catalog_conn *c;
	int n = 0;

	assert_int_equal(catalog_get(s->cat, &c), 0);
	int k = catalog_audit_list(c, 0, rows, 200);
	(void)catalog_put(c);
	for (int i = 0; i < k; i++) {
		if (!strcmp(rows[i].kind, kind)) {
			n++;
			*last = rows[i];
		}
	}
	return n;
}

static void test_applying_is_in_the_log(void **state)
{
	struct store *s = open_store(true);
	struct audit_entry last = {0};

	(void)state;
	for (int i = 0; i < 70; i++)
		(void)add_under(s, i, 2, "", 0);
	set_policy(s, "[record]\nemails = show\n");
	assert_int_equal(audit_entries(s, "policy", &last), 1);
	assert_string_equal(last.detail, "{\"site\":\"" SITE "\",\"policy\":1}");
	assert_int_equal(apply(s).sessions, 70);
	assert_int_equal(audit_entries(s, "policy-apply", &last), 2);
	assert_string_equal(last.detail,
			    "{\"site\":\"" SITE "\",\"policy\":1,\"sessions\":6,\"values\":12}");
	assert_string_equal(last.operator_email, FIX_EMAIL);
	assert_int_equal(apply(s).sessions, 0);
	assert_int_equal(audit_entries(s, "policy-apply", &last), 2);
	(void)store_close(s);
}

static void test_roles(void **state)
{
	struct store *s = open_store(true);
	struct policy_applied done;
	struct errinfo e = {0};
	uint64_t seq;
	CLEANUP(buf_done) struct buf ini = {0};

	(void)state;
	(void)add_under(s, 1, 2, "", 0);
	s->op.roles = ROLE_OFFICER;
	assert_int_equal(store_policy_set(s, SITE, "", 0, &e), -EACCES);
	s->op.roles = ROLE_ADMIN;
	e = (struct errinfo){0};
	assert_int_equal(store_policy_set(s, SITE, "[record]\nemails = show\n", 23, &e), -EACCES);
	assert_non_null(strstr(e.msg, "officer"));
	assert_int_equal(store_policy_set(s, SITE, "[record]\nemails = drop\n", 23, NULL), 0);
	assert_int_equal(store_policy_set(s, SITE, "", 0, NULL), -EACCES);
	assert_int_equal(store_policy_apply(s, SITE, NULL, NULL, &done, NULL), -EACCES);
	s->op.roles = ROLE_ADMIN | ROLE_OFFICER;
	assert_int_equal(store_policy_set(s, SITE, "", 0, NULL), 0);
	e = (struct errinfo){0};
	assert_int_equal(store_policy_set(s, SITE, "[record]\nemials = show\n", 23, &e), -EINVAL);
	/* two who edit at once: the second is told */
	assert_int_equal(store_policy_replace(s, SITE, 1, "[site]\n", 7, NULL), -ESTALE);
	assert_int_equal(store_policy_replace(s, SITE, 2, "[site]\n", 7, NULL), 0);
	assert_int_equal(store_policy_get(s, SITE, &ini, &seq), 0);
	assert_string_equal(ini.p, "[site]\n");
	assert_int_equal(seq, 3);
	(void)store_close(s);
}

/* ---- the disk's word against it */

static void catalog_sql(struct store *s, const char *where, uint64_t seq)
{
	char cmd[512];

	(void)s;
	(void)snprintf(
		cmd, sizeof(cmd),
		"/usr/bin/python3 -c \"import sqlite3; c = sqlite3.connect('%s/catalog.db'); "
		"c.execute('DELETE FROM policy WHERE seq %s %llu'); c.commit()\"",
		fix_path, where, (unsigned long long)seq);
	assert_int_equal(system(cmd), 0);
}

static void test_a_policy_that_is_gone_hides_all(void **state)
{
	struct store *s = open_store(true);
	struct reader *r = NULL;

	(void)state;
	set_policy(s, "[record]\nemails = show\n");
	uint64_t ino = add_under(s, 1, 5, "[record]\nemails = show\n", 1);
	set_policy(s, "[record]\nemails = seal\n");
	expect(s, ino, 1, 5, "", false);
	set_policy(s, "[record]\nemails = show\n");
	expect(s, ino, 1, 5, "", false);
	/* the newest, which the session was rendered under */
	catalog_sql(s, "=", 3);
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), -EUCLEAN);
	/* one in between, which hid something */
	set_policy(s, "[record]\nemails = show\n");
	catalog_sql(s, "=", 2);
	set_policy(s, "[record]\nemails = show\nips = drop\n");
	assert_int_equal(store_reader_open(s, ino, false, &r, NULL), -EUCLEAN);
	(void)store_close(s);
}

/* ---- a crash in between */

static const char *stop_at;

void store_test_step(const char *step)
{
	if (stop_at && !strcmp(step, stop_at))
		_exit(9);
}

static void test_stopped_in_between(void **state)
{
	static const char *const steps[] = {"apply: blobs written", "apply: moved"};
	static const char lax[] = "[record]\nemails = show\n";
	enum { N = 70 }; /* two commits */
	uint64_t inos[N];

	(void)state;
	struct store *s = open_store(true);
	for (int i = 0; i < N; i++)
		inos[i] = add_under(s, i, 3, "", 0);
	set_policy(s, lax);
	s = store_close(s);
	for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		pid_t pid = fork();

		if (pid == 0) {
			struct store *mine = open_store(true);

			stop_at = steps[k];
			(void)apply(mine);
			_exit(0);
		}
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 9);
		s = open_store(true);
		/* what was committed is, the rest isn't; nothing of the blobs is left over */
		int done = k ? 64 : 0;
		assert_int_equal(pending(s), N - done);
		assert_int_equal(store_sweep(s, 60000), 0);
		assert_int_equal(blobs(s), N);
		for (int i = 0; i < N; i++)
			expect(s, inos[i], i, 3, i < done ? lax : "", false);
		s = store_close(s);
	}
	s = open_store(true);
	assert_int_equal(apply(s).sessions, N - 64);
	for (int i = 0; i < N; i++)
		expect(s, inos[i], i, 3, lax, false);
	assert_int_equal(blobs(s), N);
	(void)store_close(s);
}

/* Erased while it is made anew: it stays erased. */
static struct store *eraser;
static uint64_t victim;

static int look_and_erase(const char *text, size_t len, const struct policy *p,
			  const struct span *known, size_t nknown, struct span **ret, size_t *ret_n,
			  struct buf *script, struct errinfo *e)
{
	struct erase_result res;

	if (victim)
		assert_int_equal(erase_run(eraser, &victim, 1, "test", &res, NULL), 0);
	victim = 0;
	return look(text, len, p, known, nknown, ret, ret_n, script, e);
}

static const struct store_engine erasing = {.version = 1, .look = look_and_erase};

static void test_erased_while_it_is_applied(void **state)
{
	struct store *s = open_store(true);
	struct session_row row;

	(void)state;
	eraser = open_store(false);
	uint64_t a = add_under(s, 1, 5, "", 0), b = add_under(s, 2, 5, "", 0);
	set_policy(s, "[record]\nemails = show\n");
	victim = a;
	s->engine = &erasing;
	assert_int_equal(apply(s).sessions, 1);
	assert_int_equal(store_session_get(s, a, &row), -ENOENT);
	expect(s, b, 2, 5, "[record]\nemails = show\n", false);
	(void)store_close(eraser); /* removes its rows */
	assert_int_equal(store_sweep(s, 60000), 0);
	assert_int_equal(blobs(s), 1);
	(void)store_close(s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fix_make_store, fix_remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_stricter_at_once),
		T(test_a_selector_added_later),
		T(test_a_detector_switched_on),
		T(test_laxer_waits_for_an_officer),
		T(test_what_was_hidden_once),
		T(test_applying_is_in_the_log),
		T(test_roles),
		T(test_a_policy_that_is_gone_hides_all),
		T(test_stopped_in_between),
		T(test_erased_while_it_is_applied),
	};

	assert_int_equal(secmem_init(1u << 20), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
