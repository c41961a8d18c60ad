/* catalog.c: the file, its connections, and transactions; the rows are in catalog-*.c.
 *
 * (C1) a connection is used by one thread at a time (SQLITE_OPEN_NOMUTEX)
 * (C2) nothing is committed but through catalog_commit: a commit hook turns any other into a
 *      rollback, so that a forgotten catalog_begin can't slip past the writer lock */
#include "stmt.h"

#include "redactfs/io.h"
#include "redactfs/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#define POOL_MAX 16u /* idle connections kept; about as many as a mount has threads */

struct catalog {
	char *path; /* owned */
	pthread_mutex_t mtx;
	struct catalog_conn *idle;   /* [mtx] */
	struct catalog_conn *writer; /* [mtx] the one that writes, while it doesn't */
	unsigned n_idle;             /* [mtx] */
};

static int commit_hook(void *ctx)
{
	const struct catalog_conn *c = ctx;

	return c->writes ? 0 : 1; /* keeps C2 */
}

static struct catalog_conn *conn_free(struct catalog_conn *c)
{
	if (c) {
		stmt_finalize_all(c);
		(void)sqlite3_close(c->db); /* every transaction has ended, nothing to lose */
		free(c);
	}
	return NULL;
}
DEFINE_CLEANUP_PTR(struct catalog_conn *, conn_free)

/* *ret_format: the one that was found, with -EPROTONOSUPPORT. */
static int conn_new(struct catalog *cat, struct catalog_conn **ret, int *ret_format)
{
	CLEANUP_PTR(conn_free) struct catalog_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->cat = cat;
	int rc = sqlite3_open_v2(
		cat->path, &c->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (rc != SQLITE_OK)
		return c->db ? stmt_errno_of(c->db, rc) : -ENOMEM;
	int r = schema_configure(c->db);
	if (r == 0)
		r = schema_check(c->db, ret_format);
	if (r < 0)
		return r;
	(void)sqlite3_commit_hook(c->db, commit_hook, c);
	*ret = TAKE(c);
	return 0;
}

int catalog_create(const char *path)
{
	/* made here first: SQLite would give it the umask's mode */
	CLEANUP_FD int fd = io_open_at(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0600);
	sqlite3 *db = NULL;

	if (fd < 0)
		return fd;
	int r = stmt_errno(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL));
	if (r == 0)
		r = schema_configure(db);
	if (r == 0)
		r = schema_create(db);
	int r2 = stmt_errno(sqlite3_close(db));
	return r < 0 ? r : r2;
}

/* Counting its memory takes a lock for each allocation. Refused, without harm, once SQLite is in
 * use. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int refuse(int r, int format, struct errinfo *e)
{
	if (r == -EUCLEAN)
		return err_set(e, r, "'catalog.db' is no catalog of a store, or is damaged");
	if (r != -EPROTONOSUPPORT)
		return r;
	(void)err_set(e, r, "store format %d, this redactfs reads %d", format, STORE_FORMAT);
	err_hint(e, "it was made by %s redactfs", format > STORE_FORMAT ? "a newer" : "an older");
	return r;
}

int catalog_open(const char *path, struct catalog **ret, struct errinfo *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	CLEANUP_PTR(catalog_close) struct catalog *c = calloc(1, sizeof(*c));
	int format = 0;

	(void)pthread_once(&once, configure); /* fails for a bad `once` only */
	if (!c)
		return -ENOMEM;
	if (access(path, F_OK) < 0)
		return -errno;
	pthread_mutex_init(&c->mtx, NULL);
	c->path = strdup(path);
	if (!c->path)
		return -ENOMEM;
	struct catalog_conn *conn;
	int r = conn_new(c, &conn, &format);
	if (r < 0)
		return refuse(r, format, e);
	(void)catalog_put(conn);
	*ret = TAKE(c);
	return 0;
}

struct catalog *catalog_close(struct catalog *c)
{
	if (c) {
		while (c->idle) {
			struct catalog_conn *conn = c->idle;

			c->idle = conn->next;
			(void)conn_free(conn);
		}
		(void)conn_free(c->writer);
		pthread_mutex_destroy(&c->mtx);
		free(c->path);
		free(c);
	}
	return NULL;
}

int catalog_get(struct catalog *c, struct catalog_conn **ret)
{
	pthread_mutex_lock(&c->mtx);
	struct catalog_conn *conn = c->idle;
	if (conn) {
		c->idle = conn->next;
		c->n_idle--;
	}
	pthread_mutex_unlock(&c->mtx);
	int format;

	if (!conn)
		return conn_new(c, ret, &format);
	*ret = conn;
	return 0;
}

int catalog_get_writer(struct catalog *c, struct catalog_conn **ret)
{
	pthread_mutex_lock(&c->mtx);
	struct catalog_conn *conn = c->writer;
	c->writer = NULL;
	pthread_mutex_unlock(&c->mtx);
	if (!conn) {
		int format, r = conn_new(c, &conn, &format);

		if (r < 0)
			return r;
		conn->writer = true;
	}
	*ret = conn;
	return 0;
}

struct catalog_conn *catalog_put(struct catalog_conn *conn)
{
	if (!conn)
		return NULL;
	struct catalog *c = conn->cat;

	catalog_rollback(conn);
	pthread_mutex_lock(&c->mtx);
	if (conn->writer && !c->writer) {
		c->writer = conn;
		conn = NULL;
	} else if (!conn->writer && c->n_idle < POOL_MAX) {
		conn->next = c->idle;
		c->idle = conn;
		c->n_idle++;
		conn = NULL;
	}
	pthread_mutex_unlock(&c->mtx);
	return conn_free(conn);
}

/* Prepared once: every opening of a session begins and ends a transaction. */
static int run_kept(struct catalog_conn *c, const char *sql)
{
	sqlite3_stmt *st;

	return stmt_first(c, &st, sql, "");
}

int catalog_begin(struct catalog_conn *c, enum catalog_mode mode)
{
	bool relaxed = mode == CATALOG_WRITE_RELAXED;
	int r = 0;

	if (relaxed != c->relaxed)
		r = stmt_exec(c, relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
	if (r < 0)
		return r;
	c->relaxed = relaxed;
	r = run_kept(c, mode == CATALOG_READ ? "BEGIN" : "BEGIN IMMEDIATE");
	if (r < 0)
		return r;
	c->in_txn = true;
	c->writes = mode != CATALOG_READ;
	return 0;
}

void catalog_expect_many(struct catalog_conn *c)
{
	/* 32 MiB; and a checkpoint, which waits for the disk to write all over the database, only
	 * for more WAL than 64 MiB: else it is for who commits next, or closes last. Without both
	 * it's slower. */
	(void)stmt_exec(c, "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=16384");
}

int catalog_checkpoint(struct catalog *cat)
{
	CLEANUP_PTR(catalog_put) struct catalog_conn *c = NULL;
	int in_wal = 0, done = 0;
	int r = catalog_get(cat, &c);

	if (r < 0)
		return r;
	r = stmt_errno_of(c->db, sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
							   &in_wal, &done));
	return r < 0 ? r : in_wal > 0 && in_wal == done;
}

int catalog_commit(struct catalog_conn *c)
{
	int r = run_kept(c, c->writes ? "COMMIT" : "ROLLBACK");

	if (r < 0) {
		catalog_rollback(c);
		return r;
	}
	c->in_txn = c->writes = false;
	return 0;
}

void catalog_rollback(struct catalog_conn *c)
{
	if (c->in_txn)
		(void)run_kept(c, "ROLLBACK"); /* fails only when SQLite has done it already */
	c->in_txn = c->writes = false;
}
