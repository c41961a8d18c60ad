/* test-ingest.c: what paths give: plain files, folders in order, archives and compression in one
 * another, pipes; and what they must not do. */
#include "../../src/xfer/ingest.h"

#include "redactfs/cleanup.h"
#include "redactfs/xfer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Every call is a line: "file SCOPE NAME|PATH: DATA", "refused NAME: MESSAGE", "end SCOPE". */
struct log {
	struct buf b;
	uint64_t read;
	const char *stop_at;  /* a name whose file ends everything */
	const char *unwanted; /* paths that end so are not looked at */
};

static char *root; /* the folder that all tests are in, absolute */

static const char *inside(const char *path)
{
	size_t n = strlen(root);

	return !strncmp(path, root, n) ? path + n + 1 : path;
}

static bool on_wants(void *ctx, const char *path)
{
	const struct log *l = ctx;
	size_t n = strlen(path), k = l->unwanted ? strlen(l->unwanted) : 0;

	return !k || n < k || strcmp(path + n - k, l->unwanted) != 0;
}

static int on_file(void *ctx, const struct ingest_file *f)
{
	struct log *l = ctx;

	assert_int_equal(f->data->p[f->data->len], 0);
	assert_int_equal(buf_addf(&l->b, "file %u %s|%s: %.40s\n", f->scope, inside(f->name),
				  inside(f->path), f->data->p),
			 0);
	return l->stop_at && !strcmp(inside(f->name), l->stop_at) ? -EIO : 0;
}

static int on_refused(void *ctx, const char *name, const struct errinfo *why)
{
	struct log *l = ctx;

	assert_true(why->code < 0);
	return buf_addf(&l->b, "refused %s: %s\n", inside(name), why->msg);
}

static int on_scope_end(void *ctx, unsigned scope)
{
	struct log *l = ctx;

	return buf_addf(&l->b, "end %u\n", scope);
}

static void on_read(void *ctx, uint64_t n)
{
	((struct log *)ctx)->read += n;
}

static int ingest(struct log *l, const char *const *names, size_t n)
{
	struct ingest_ops ops = {on_wants, on_file, on_refused, on_scope_end, on_read, l};
	char *paths[8];

	for (size_t i = 0; i < n; i++)
		assert_true(
			asprintf(&paths[i],
				 names[i][0] == '/' || !strcmp(names[i], "-") ? "%.0s%s" : "%s/%s",
				 root, names[i]) > 0);
	int r = ingest_paths(paths, n, &ops);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
	return r;
}

static void expect(const char *name, const char *want)
{
	CLEANUP(buf_done) struct buf keep = {0};
	struct log l = {0};

	assert_int_equal(ingest(&l, &name, 1), 0);
	keep = l.b;
	assert_string_equal(keep.p, want);
}

/* ---- making files */

static void put(const char *name, const void *data, size_t n)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), (ssize_t)n);
}

static void puts_at(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void folder(const char *name)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

struct item {
	const char *name;
	const void *data;
	size_t n;
	unsigned type; /* 0: AE_IFREG */
};

static void pack(struct buf *ret, int format, int filter, const struct item *v, size_t n)
{
	size_t used = 0, size = 4 << 20;
	struct archive *a = archive_write_new();

	assert_int_equal(buf_reserve(ret, size), 0);
	assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
	assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
	assert_int_equal(archive_write_set_bytes_per_block(a, 0), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, ret->p, size, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();
		archive_entry_set_pathname(e, v[i].name);
		archive_entry_set_filetype(e, v[i].type ? v[i].type : AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_size(e, (la_int64_t)v[i].n);
		if (v[i].type == AE_IFLNK)
			archive_entry_set_symlink(e, "/etc/passwd");
		assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
		if (v[i].n)
			assert_int_equal(archive_write_data(a, v[i].data, v[i].n),
					 (la_ssize_t)v[i].n);
		archive_entry_free(e);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	ret->len = used;
}

static const struct item two[] = {{"x/b.json", "[2]", 3, 0}, {"x/a.json", "[1]", 3, 0}};

/* ---- tests */

static void test_plain_files(void **state)
{
	(void)state;
	puts_at("plain.json", "[1]");
	puts_at("empty", "");
	puts_at("\xef\xbb\xbf.txt", "\xef\xbb\xbf[]");
	expect("plain.json", "file 0 plain.json|plain.json: [1]\nend 0\n");
	expect("empty", "file 0 empty|empty: \nend 0\n");
	expect("missing", "refused missing: cannot open: No such file or directory\nend 0\n");
	expect("/dev/null", "file 0 /dev/null|/dev/null: \nend 0\n");

	/* longer than one read, no NUL in the first bytes but later */
	CLEANUP(buf_done) struct buf b = {0};
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buf_adds(&b, "0123456789"), 0);
	assert_int_equal(buf_add(&b, "\0x", 3), 0);
	put("long", b.p, b.len);
	expect("long", "file 0 long|long: 0123456789012345678901234567890123456789\nend 0\n");

	/* zlib behind a line of text: neither archive nor compressed as a whole */
	put("seg.bin", "{\"segment_id\":0}\nx\x9c\0\0\0", 22);
	expect("seg.bin", "file 0 seg.bin|seg.bin: {\"segment_id\":0}\nx\x9c\nend 0\n");
}

static void test_folders(void **state)
{
	struct log l = {0};
	char link[4096], fifo[4096];

	(void)state;
	folder("f");
	folder("f/b");
	folder("f/b/.redactfs");
	folder("f/0");
	puts_at("f/c.json", "[3]");
	puts_at("f/a.json", "[1]");
	puts_at("f/.hidden", "[0]");
	puts_at("f/b/z.json", "[2]");
	puts_at("f/b/.redactfs/status.json", "{}");
	(void)snprintf(link, sizeof(link), "%s/f/link", root);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	(void)snprintf(fifo, sizeof(fifo), "%s/f/pipe", root);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	expect("f", "file 0 f/.hidden|f/.hidden: [0]\n"
		    "file 0 f/a.json|f/a.json: [1]\n"
		    "file 0 f/b/z.json|f/b/z.json: [2]\n"
		    "file 0 f/c.json|f/c.json: [3]\n"
		    "refused f/link: symbolic link, not followed\n"
		    "refused f/pipe: neither a file nor a folder\n"
		    "end 0\n");
	/* what a user names is followed; its path is where it leads */
	(void)snprintf(link, sizeof(link), "%s/to-f", root);
	assert_int_equal(symlink("f/b", link), 0);
	expect("to-f", "file 0 to-f/z.json|f/b/z.json: [2]\nend 0\n");

	/* arguments come in order too; an error ends it */
	const char *args[] = {"f/c.json", "f/a.json", "f/b"};
	assert_int_equal(ingest(&l, args, 3), 0);
	assert_string_equal(l.b.p,
			    "file 0 f/a.json|f/a.json: [1]\nfile 0 f/b/z.json|f/b/z.json: [2]\n"
			    "file 0 f/c.json|f/c.json: [3]\nend 0\n");
	assert_int_equal(l.read, 9);
	l.b.len = 0;
	l.stop_at = "f/b/z.json";
	assert_int_equal(ingest(&l, args, 3), -EIO);
	assert_string_equal(l.b.p,
			    "file 0 f/a.json|f/a.json: [1]\nfile 0 f/b/z.json|f/b/z.json: [2]\n");
	l.b.len = 0;
	l.unwanted = "a.json";
	assert_int_equal(ingest(&l, args, 2), 0);
	assert_string_equal(l.b.p, "file 0 f/c.json|f/c.json: [3]\nend 0\n");
	buf_done(&l.b);

	char *path;
	assert_true(asprintf(&path, "%s/f", root) > 0);
	assert_int_equal(ingest_total(&path, 1), 12);
	free(path);
}

static void test_deep_folders(void **state)
{
	CLEANUP(buf_done) struct buf b = {0}, want = {0};

	(void)state;
	assert_int_equal(buf_adds(&b, "deep"), 0);
	folder(b.p);
	for (unsigned i = 1; i < LIMIT_FOLDER_DEPTH + 2; i++) {
		assert_int_equal(buf_adds(&b, "/d"), 0);
		folder(b.p);
		if (i == LIMIT_FOLDER_DEPTH - 1) {
			CLEANUP(buf_done) struct buf f = {0};
			assert_int_equal(buf_addf(&f, "%s/x", b.p), 0);
			puts_at(f.p, "[]");
			assert_int_equal(
				buf_addf(&want,
					 "refused %s/d: folders nested too deeply (limit 64)\n"
					 "file 0 %s|%s: []\nend 0\n",
					 b.p, f.p, f.p),
				0);
		}
	}
	expect("deep", want.p);
}

static void test_archives(void **state)
{
	static const struct {
		int format, filter;
		const char *name;
	} kinds[] = {
		{ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, "a.tar"},
		{ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_GZIP, "a.tar.gz"},
		{ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_ZSTD, "a.tar.zst"},
		{ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, "a.tar.xz"},
		{ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2, "a.tar.bz2"},
		{ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_LZ4, "a.tar.lz4"},
		{ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "a.zip"},
		{ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE, "a.7z"},
		{ARCHIVE_FORMAT_CPIO_POSIX, ARCHIVE_FILTER_NONE, "a.cpio"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		char want[400];

		pack(&b, kinds[i].format, kinds[i].filter, two, 2);
		put(kinds[i].name, b.p, b.len);
		(void)snprintf(want, sizeof(want),
			       "file 1 %1$s:x/b.json|x/b.json: [2]\nfile 1 %1$s:x/a.json|x/a.json: "
			       "[1]\nend 1\nend 0\n",
			       kinds[i].name);
		expect(kinds[i].name, want);
	}
}

static void test_compressed_files(void **state)
{
	static const int filters[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2,
				      ARCHIVE_FILTER_XZ,   ARCHIVE_FILTER_ZSTD,
				      ARCHIVE_FILTER_LZ4,  ARCHIVE_FILTER_LZMA};
	static const struct item one[] = {{"data", "[1, 2, 3]", 9, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		CLEANUP(buf_done) struct buf b = {0};
		pack(&b, ARCHIVE_FORMAT_RAW, filters[i], one, 1);
		put("c", b.p, b.len);
		expect("c", "file 0 c|c: [1, 2, 3]\nend 0\n");
		put("c", b.p, b.len - (b.len > 12 ? 12 : 2));
		expect("c", "refused c: damaged or cut off: it doesn't decompress\nend 0\n");
	}
}

static void test_archives_in_archives(void **state)
{
	struct buf v[4] = {{0}};
	struct item in[3] = {{"one.json", "[1]", 3, 0}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		static const char *const names[] = {"1.zip", "2.tar.gz", "3.7z"};

		pack(&v[i],
		     i == 0   ? ARCHIVE_FORMAT_ZIP
		     : i == 2 ? ARCHIVE_FORMAT_7ZIP
			      : ARCHIVE_FORMAT_TAR_USTAR,
		     i == 1 ? ARCHIVE_FILTER_GZIP : ARCHIVE_FILTER_NONE, in, i ? 2 : 1);
		if (i < 3) {
			in[0] = (struct item){names[i], v[i].p, v[i].len, 0};
			in[1] = (struct item){"y.json", "[9]", 3, 0};
		}
	}
	put("n", v[2].p, v[2].len);
	expect("n", "file 1 n:2.tar.gz:1.zip:one.json|one.json: [1]\n"
		    "file 1 n:2.tar.gz:y.json|y.json: [9]\n"
		    "file 1 n:y.json|y.json: [9]\nend 1\nend 0\n");
	put("n", v[3].p, v[3].len);
	expect("n", "refused n:3.7z:2.tar.gz:1.zip: archives nested too deeply (limit 3)\n"
		    "file 1 n:3.7z:2.tar.gz:y.json|y.json: [9]\n"
		    "file 1 n:3.7z:y.json|y.json: [9]\n"
		    "file 1 n:y.json|y.json: [9]\nend 1\nend 0\n");
	for (int i = 0; i < 4; i++)
		buf_done(&v[i]);
}

static void test_odd_members(void **state)
{
	static const struct item odd[] = {
		{"d/", NULL, 0, AE_IFDIR},     {"../../escape.json", "[1]", 3, 0},
		{"/abs.json", "[2]", 3, 0},    {"link", NULL, 0, AE_IFLNK},
		{"pipe", NULL, 0, AE_IFIFO},   {"esc\x1b[2J.json", "[3]", 3, 0},
		{"skip.html", "<html>", 6, 0}, {"gz", "\x1f\x8b\x08\0\0\0\0\0\0\x03garbage", 17, 0},
		{"last.json", "[4]", 3, 0},
	};
	CLEANUP(buf_done) struct buf b = {0};
	struct log l = {.unwanted = ".html"};
	const char *name = "odd.tar";

	(void)state;
	pack(&b, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED, ARCHIVE_FILTER_NONE, odd,
	     sizeof(odd) / sizeof(odd[0]));
	put("odd.tar", b.p, b.len);
	assert_int_equal(ingest(&l, &name, 1), 0);
	assert_string_equal(l.b.p, "file 1 odd.tar:../../escape.json|../../escape.json: [1]\n"
				   "file 1 odd.tar:/abs.json|/abs.json: [2]\n"
				   "refused odd.tar:link: symbolic link, not followed\n"
				   "refused odd.tar:pipe: neither a file nor a folder\n"
				   "file 1 odd.tar:esc?[2J.json|esc\x1b[2J.json: [3]\n"
				   "refused odd.tar:gz: damaged or cut off: it doesn't decompress\n"
				   "file 1 odd.tar:last.json|last.json: [4]\n"
				   "end 1\nend 0\n");
	buf_done(&l.b);
}

static void test_damaged_archives(void **state)
{
	CLEANUP(buf_done) struct buf b = {0}, z = {0}, big = {0};
	struct item in[2] = {{"a.json", "[1]", 3, 0}};

	(void)state;
	for (int i = 0; i < 3000; i++)
		assert_int_equal(buf_addf(&big, "%d,", i * 7919 % 65521), 0);
	in[1] = (struct item){"b.json", big.p, big.len, 0};
	pack(&b, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, in, 2);
	put("cut.tar", b.p, 4000);
	expect("cut.tar",
	       "file 1 cut.tar:a.json|a.json: [1]\n"
	       "refused cut.tar:b.json: the archive is damaged here\n"
	       "refused cut.tar: the archive is damaged or cut off; what came before is read\n"
	       "end 1\nend 0\n");
	pack(&z, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, in, 2);
	z.p[z.len / 2] ^= 1; /* inside of b.json */
	put("bad.zip", z.p, z.len);
	struct log l = {0};
	const char *name = "bad.zip";
	assert_int_equal(ingest(&l, &name, 1), 0);
	assert_non_null(strstr(l.b.p, "file 1 bad.zip:a.json|a.json: [1]\n"));
	assert_non_null(strstr(l.b.p, "refused bad.zip:b.json: the archive is damaged here\n"));
	assert_null(strstr(l.b.p, "file 1 bad.zip:b.json"));
	buf_done(&l.b);
}

/* Through a real pipe, as standard input. */
static void from_pipe(const void *data, size_t n, const char *want)
{
	CLEANUP(buf_done) struct buf keep = {0};
	int fds[2], old = dup(STDIN_FILENO);
	const char *name = "-";
	struct log l = {0};

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true(n < 65536); /* fits a pipe: no second process is needed */
	assert_int_equal(write(fds[1], data, n), (ssize_t)n);
	assert_int_equal(close(fds[1]), 0);
	assert_true(dup2(fds[0], STDIN_FILENO) >= 0);
	assert_int_equal(ingest(&l, &name, 1), 0);
	keep = l.b;
	(void)close(fds[0]);
	if (old >= 0) {
		assert_true(dup2(old, STDIN_FILENO) >= 0);
		(void)close(old);
	}
	assert_string_equal(keep.p, want);
}

static void test_standard_input(void **state)
{
	static const struct item one[] = {{"data", "[1, 2, 3]", 9, 0}};
	CLEANUP(buf_done) struct buf gz = {0}, tar = {0}, zip = {0};

	(void)state;
	from_pipe("[1]", 3, "file 0 |: [1]\nend 0\n");
	from_pipe("", 0, "file 0 |: \nend 0\n");
	pack(&gz, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, one, 1);
	from_pipe(gz.p, gz.len, "file 0 |: [1, 2, 3]\nend 0\n");
	pack(&tar, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_XZ, two, 2);
	from_pipe(
		tar.p, tar.len,
		"file 1 -:x/b.json|x/b.json: [2]\nfile 1 -:x/a.json|x/a.json: [1]\nend 1\nend 0\n");
	pack(&zip, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2);
	from_pipe(
		zip.p, zip.len,
		"file 1 -:x/b.json|x/b.json: [2]\nfile 1 -:x/a.json|x/a.json: [1]\nend 1\nend 0\n");
}

static void test_stream(void **state)
{
	static const struct item one[] = {{"data", "[1, 2, 3]", 9, 0}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		CLEANUP(buf_done) struct buf b = {0}, out = {0};
		struct errinfo e = {0};
		char path[4096];

		if (i == 0)
			assert_int_equal(buf_adds(&b, "[1, 2, 3]"), 0);
		else
			pack(&b, ARCHIVE_FORMAT_RAW,
			     i == 2 ? ARCHIVE_FILTER_ZSTD : ARCHIVE_FILTER_GZIP, one, 1);
		put("s", b.p, b.len - (i == 3 ? 12 : 0));
		(void)snprintf(path, sizeof(path), "%s/s", root);
		CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
		int r = ingest_stream(fd, &out, &e);
		if (i == 3) {
			assert_int_equal(r, -EILSEQ);
			assert_string_equal(e.msg, "damaged or cut off: it doesn't decompress");
			assert_null(out.p);
		} else {
			assert_int_equal(r, 0);
			assert_string_equal(out.p, "[1, 2, 3]");
		}
	}
}

static int set_up(void **state)
{
	static char name[] = "/tmp/test-ingest-XXXXXX";

	(void)state;
	root = mkdtemp(name);
	return root ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", root);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_files),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_deep_folders),
		cmocka_unit_test(test_archives),
		cmocka_unit_test(test_compressed_files),
		cmocka_unit_test(test_archives_in_archives),
		cmocka_unit_test(test_odd_members),
		cmocka_unit_test(test_damaged_archives),
		cmocka_unit_test(test_standard_input),
		cmocka_unit_test(test_stream),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
