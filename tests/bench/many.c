/* many.c: makes a store of very many small sessions, quickly, for benchmarks of what must not grow
 * with their number; see usage().
 *
 * The store is one like any other, made by the store's own code under the default policy. Three
 * things make it quick: scrypt is cheap, sessions are committed by thousands, and nothing is synced
 * before the end. Sessions look like short visits: a page, some movement, and in one of eight an
 * address typed into a field, which is a sealed value. They differ in numbers only, so they
 * compress better than real ones do: sizes on the disk say nothing.
 *
 * --plain writes the same sessions, not redacted, as files into a folder, so that a peer can hold
 * what the store holds. */
#include "../../src/store/store-priv.h"

#include "redactfs/io.h"
#include "redactfs/redact.h"
#include "redactfs/span.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH   4096u
#define TYPED   8 /* one of so many visitors typed an address */
#define DAY_S   86400
#define FIRST_S 1767225600 /* 2026-01-01 */
#define EMAIL   "dpo@store.example"

/* Instead of the C library's, for SQLite too: main syncs once. */
__attribute__((visibility("default"))) int fsync(int fd)
{
	(void)fd;
	return 0;
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

struct job {
	const char *store, *passphrase_file, *site, *plain;
	uint64_t sessions, days, bytes;
	struct store *s;
	struct policy policy;
	struct store_batch *batch;
	int plainfd; /* the site's folder */
	char dated[11];
	int datefd;
};

static void usage(FILE *f)
{
	fputs("usage: many STORE SESSIONS --passphrase-file FILE [OPTION]...\n\n"
	      "Makes STORE, of operator " EMAIL ", and puts SESSIONS sessions into it.\n\n"
	      "  --days N     spread evenly over N dates from 2026-01-01 on (100)\n"
	      "  --bytes N    about so many bytes of text each (1500)\n"
	      "  --site NAME  (shop.example.com)\n"
	      "  --plain DIR  write them there as well, as SITE/DATE/SESSION/events.json and\n"
	      "               session.json, not redacted\n",
	      f);
}

static void check(int r, const char *what, const struct errinfo *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "many: %s: %s\n", what, e && e->code ? e->msg : strerror(-r));
	exit(1);
}

/* ---- one session */

struct visit {
	uint64_t n;
	int64_t start_s;
	char date[11], time[7];
	struct buf text;
	struct span span;
	size_t spans; /* of them: 0 or 1 */
	uint64_t events;
	int64_t end_ms;
};

static int add_event(struct visit *v, int64_t after_ms, const char *type_and_data)
{
	v->end_ms = v->start_s * 1000 + after_ms;
	return buf_addf(&v->text, "%s{%s,\"timestamp\":%lld}", v->events++ ? ",\n" : "[\n",
			type_and_data, (long long)v->end_ms);
}

static int add_typed(struct visit *v)
{
	char b[160];

	(void)snprintf(b, sizeof(b),
		       "\"type\":3,\"data\":{\"source\":5,\"id\":3,\"isChecked\":false,\"text\":"
		       "\"visitor%llu@mail.example\"}",
		       (unsigned long long)v->n);
	size_t from = v->text.len;
	int r = add_event(v, v->end_ms - v->start_s * 1000 + 3000, b);
	if (r < 0)
		return r;
	const char *at = strstr(v->text.p + from, "visitor");
	v->span = (struct span){
		.off = (uint32_t)(at - v->text.p),
		.len = (uint32_t)strcspn(at, "\""),
		.cls = CLASS_EMAIL,
		.flags = SPAN_ENTERED,
	};
	v->spans = 1;
	return 0;
}

static int make_text(struct visit *v, uint64_t bytes)
{
	char b[512];

	(void)snprintf(b, sizeof(b),
		       "\"type\":4,\"data\":{\"href\":\"https://shop.example.com/article/%llu\","
		       "\"width\":1280,\"height\":720}",
		       (unsigned long long)v->n);
	int r = add_event(v, 0, b);
	(void)snprintf(
		b, sizeof(b),
		"\"type\":2,\"data\":{\"node\":{\"type\":0,\"id\":1,\"childNodes\":[{\"type\":2,"
		"\"tagName\":\"html\",\"attributes\":{},\"id\":2,\"childNodes\":[{\"type\":2,"
		"\"tagName\":\"input\",\"attributes\":{\"type\":\"email\"},\"childNodes\":[],"
		"\"id\":3},{\"type\":3,\"textContent\":\"Article %llu of the shop, %llu in stock\","
		"\"id\":4}]}]},\"initialOffset\":{\"top\":0,\"left\":0}}",
		(unsigned long long)v->n, (unsigned long long)(v->n % 97));
	if (r >= 0)
		r = add_event(v, 12, b);
	for (unsigned i = 0; r >= 0 && v->text.len + 300 < bytes; i++) {
		(void)snprintf(b, sizeof(b),
			       "\"type\":3,\"data\":{\"source\":1,\"positions\":[{\"x\":%llu,\"y\":"
			       "%u,\"id\":3,\"timeOffset\":0}]}",
			       (unsigned long long)(v->n * 7919 + i * 31) % 1280, i * 17 % 720);
		r = add_event(v, 500 + 400 * (int64_t)i, b);
	}
	if (r >= 0 && v->n % TYPED == 0)
		r = add_typed(v);
	return r < 0 ? r : buf_adds(&v->text, "\n]\n");
}

/* Numbers run through the dates one after another, as they would come in. */
static int make_visit(const struct job *j, uint64_t n, struct visit *v)
{
	uint64_t a_day = (j->sessions + j->days - 1) / j->days;
	time_t start = (time_t)(FIRST_S + (int64_t)(n / a_day) * DAY_S +
				(int64_t)(n % a_day * DAY_S / a_day));
	struct tm tm;

	v->text.len = 0;
	v->n = n;
	v->events = v->spans = 0;
	v->start_s = v->end_ms = start;
	if (!gmtime_r(&start, &tm) || !strftime(v->date, sizeof(v->date), "%Y-%m-%d", &tm) ||
	    !strftime(v->time, sizeof(v->time), "%H%M%S", &tm))
		return -ERANGE;
	return make_text(v, j->bytes);
}

/* ---- the same for a peer */

static int enter(int dirfd, const char *name)
{
	if (mkdirat(dirfd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	return io_open_dir_at(dirfd, name);
}

static int write_file(int dirfd, const char *name, const char *p, size_t n)
{
	CLEANUP_FD int fd = io_open_at(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0644);

	return fd < 0 ? fd : io_write(fd, p, n);
}

static int write_plain(struct job *j, const struct visit *v, const struct session_id *id)
{
	char hex[SESSION_ID_HEX + 1], name[32], info[512];

	if (strcmp(j->dated, v->date) != 0) {
		if (j->datefd >= 0)
			(void)close(j->datefd); /* a folder */
		j->datefd = enter(j->plainfd, v->date);
		if (j->datefd < 0)
			return j->datefd;
		memcpy(j->dated, v->date, sizeof(j->dated));
	}
	session_id_format(id, hex);
	(void)snprintf(name, sizeof(name), "%s-%s", v->time, hex + SESSION_ID_HEX - 12);
	CLEANUP_FD int dirfd = enter(j->datefd, name);
	int r = dirfd < 0 ? dirfd : write_file(dirfd, "events.json", v->text.p, v->text.len);
	int n = snprintf(info, sizeof(info),
			 "{\n  \"id\": \"%s\",\n  \"site\": \"%s\",\n  \"date\": \"%s\",\n"
			 "  \"start_ms\": %lld,\n  \"end_ms\": %lld,\n  \"events\": %llu,\n"
			 "  \"size\": %zu,\n  \"rendering\": 0,\n  \"redacted\": {}\n}\n",
			 hex, j->site, v->date, (long long)v->start_s * 1000, (long long)v->end_ms,
			 (unsigned long long)v->events, v->text.len);
	return r < 0 ? r : write_file(dirfd, "session.json", info, (size_t)n);
}

/* ---- all of them */

static void put(struct job *j, const struct visit *v)
{
	struct session_new n = {
		.site = j->site,
		.text = v->text.p,
		.len = v->text.len,
		.spans = &v->span,
		.nspans = v->spans,
		.policy = &j->policy,
		.engine = REDACT_ENGINE_VERSION, /* else each is looked through when it is listed */
		.start_ms = v->start_s * 1000,
		.end_ms = v->end_ms,
		.events = v->events,
		.date = v->date,
		.name_time = v->time,
	};
	struct errinfo e = {0};
	enum put_result res;
	struct session_id id;

	check(sha256_once(v->text.p, v->text.len, n.shape), "hash", NULL);
	check(store_batch_put(j->batch, &n, &res, &id, &e), "put", &e);
	if (res != PUT_STORED)
		check(-EEXIST, "put", NULL);
	if (j->plain)
		check(write_plain(j, v, &id), j->plain, NULL);
	if (store_batch_pending(j->batch) == BATCH)
		check(store_batch_commit(j->batch, &e), "commit", &e);
}

static void open_store(struct job *j)
{
	const struct scrypt_params cheap = {.log2_n = 14, .r = 8, .p = 1};
	CLEANUP_PTR(secret_free) struct secret *pp = NULL;
	CLEANUP(buf_wipe_done) struct buf b = {0};
	struct errinfo e = {0};

	check(io_read_file_at(AT_FDCWD, j->passphrase_file, 4096, &b), j->passphrase_file, NULL);
	pp = secret_from(b.p, strcspn(b.p, "\n"));
	check(pp ? 0 : -ENOMEM, "passphrase", NULL);
	check(store_init_with(j->store, EMAIL, pp, &cheap, &e), "init", &e);
	const struct store_login login = {.path = j->store, .passphrase = pp};
	check(store_open(&login, &j->s, &e), "open", &e);
}

static void fill(struct job *j)
{
	struct visit v = {0};
	struct errinfo e = {0};

	check(policy_default(&j->policy), "policy", NULL);
	check(store_batch_begin(j->s, &j->batch), "begin", NULL);
	for (uint64_t n = 0; n < j->sessions; n++) {
		check(make_visit(j, n, &v), "session", NULL);
		put(j, &v);
	}
	check(store_batch_commit(j->batch, &e), "commit", &e);
	(void)store_batch_abort(j->batch); /* nothing is left in it */
	policy_done(&j->policy);
	buf_done(&v.text);
}

static uint64_t number(const char *s, const char *what)
{
	char *end;
	unsigned long long n = strtoull(s, &end, 10);

	if (*s < '0' || *s > '9' || *end || !n)
		check(-EINVAL, what, NULL);
	return n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"passphrase-file", required_argument, NULL, 'p'},
		{"days", required_argument, NULL, 'd'},
		{"bytes", required_argument, NULL, 'b'},
		{"site", required_argument, NULL, 's'},
		{"plain", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct job j = {.site = "shop.example.com",
			.days = 100,
			.bytes = 1500,
			.plainfd = -1,
			.datefd = -1};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'p':
			j.passphrase_file = optarg;
			break;
		case 'd':
			j.days = number(optarg, "--days");
			break;
		case 'b':
			j.bytes = number(optarg, "--bytes");
			break;
		case 's':
			j.site = optarg;
			break;
		case 'o':
			j.plain = optarg;
			break;
		default:
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? 0 : 2;
		}
	}
	if (argc - optind != 2 || !j.passphrase_file) {
		usage(stderr);
		return 2;
	}
	j.store = argv[optind];
	j.sessions = number(argv[optind + 1], "SESSIONS");
	check(secmem_init(16u << 20), "memory for keys", NULL);
	if (j.plain) {
		j.plainfd = enter(AT_FDCWD, j.plain);
		check(j.plainfd, j.plain, NULL);
		j.plainfd = enter(j.plainfd, j.site);
		check(j.plainfd, j.plain, NULL);
	}
	open_store(&j);
	fill(&j);
	(void)store_close(j.s);
	sync();
	return 0;
}
