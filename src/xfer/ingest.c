/* ingest.c: files and folders; see ingest.h. What isn't plain goes to ingest-archive.c.
 *
 * A folder is held by its descriptor and its entries opened by name under it, so that nobody who
 * can write there leads the walk elsewhere. Nothing is opened that isn't a file or a folder:
 * opening a device can do things. The order is that of names, not of the disk: the same input gives
 * the same messages, and parts of one session come one after another. */
#include "ingest.h"

#include "redactfs/cleanup.h"
#include "redactfs/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD_BYTES 512u /* a tar header */

static int walk_folder(struct ingest *in, int fd, const char *name, const char *path,
		       unsigned depth);

bool ingest_is_plain(const char *p, size_t n)
{
	static const struct {
		const char *magic;
		size_t n;
	} packed[] = {
		{"\x1f\x8b", 2},
		{"BZh", 3},
		{"\xfd"
		 "7zXZ",
		 5},
		{"\x28\xb5\x2f\xfd", 4},
		{"\x04\x22\x4d\x18", 4},
		{"\x5d\x00\x00", 3},
		{"PK", 2},
		{"7z\xbc\xaf\x27\x1c", 6},
		{"0707", 4},
		{"LZIP", 4},
	};

	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
		if (n >= packed[i].n && !memcmp(p, packed[i].magic, packed[i].n))
			return false;
	return !memchr(p, 0, n); /* a tar header is padded with zeros; JSON has none */
}

int ingest_refuse(struct ingest *in, const char *name, int code, const char *fmt, ...)
{
	struct errinfo e = {0};
	char what[160];
	va_list ap;

	if (in->count_only)
		return 0;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap); /* all are short */
	va_end(ap);
	(void)err_set(&e, code, "%s", what);
	return in->ops->refused(in->ops->ctx, name, &e);
}

static int refuse_errno(struct ingest *in, const char *name, int code, const char *what)
{
	struct errinfo e = {0};

	if (in->count_only)
		return 0;
	(void)err_set_errno(&e, code, "%s", what);
	return in->ops->refused(in->ops->ctx, name, &e);
}

/* The rest of a plain file behind what in->data has of it. */
static int plain_file(struct ingest *in, int fd, off_t size, const char *name, const char *path)
{
	struct ingest_file f = {.name = name, .path = path, .data = &in->data};
	size_t head = in->data.len;

	if (size > (off_t)LIMIT_INPUT_BYTES)
		return ingest_refuse(in, name, -E2BIG, "file too long (limit %u bytes)",
				     LIMIT_INPUT_BYTES);
	if (size > (off_t)head && buf_reserve(&in->data, (size_t)size - head + 1) < 0)
		return ingest_refuse(in, name, -ENOMEM, "out of memory");
	int r = io_read_all(fd, LIMIT_INPUT_BYTES - head, &in->data);
	if (r == -E2BIG)
		return ingest_refuse(in, name, r, "too long (limit %u bytes)", LIMIT_INPUT_BYTES);
	if (r < 0)
		return refuse_errno(in, name, r, "cannot read");
	in->ops->read(in->ops->ctx, in->data.len - head);
	return in->ops->file(in->ops->ctx, &f);
}

static int file(struct ingest *in, int fd, off_t size, const char *name, const char *path)
{
	if (in->count_only) {
		in->total += (uint64_t)size;
		return 0;
	}
	if (!in->ops->wants(in->ops->ctx, path)) {
		in->ops->read(in->ops->ctx, (uint64_t)size);
		return 0;
	}
	in->data.len = 0;
	in->members = 0;
	if (buf_reserve(&in->data, HEAD_BYTES) < 0)
		return ingest_refuse(in, name, -ENOMEM, "out of memory");
	ssize_t n = io_read(fd, in->data.p, HEAD_BYTES);
	if (n < 0)
		return refuse_errno(in, name, (int)n, "cannot read");
	in->data.len = (size_t)n;
	in->ops->read(in->ops->ctx, (uint64_t)n);
	if (ingest_is_plain(in->data.p, in->data.len))
		return plain_file(in, fd, size, name, path);

	CLEANUP(buf_done) struct buf head = in->data;
	in->data = (struct buf){0};
	return ingest_archive(in, name, path, fd, &head);
}

static int join(struct buf *b, const char *folder, const char *entry)
{
	size_t n = strlen(folder);

	b->len = 0;
	if (buf_adds(b, folder) < 0 || (n && folder[n - 1] != '/' && buf_addc(b, '/') < 0) ||
	    buf_adds(b, entry) < 0)
		return -ENOMEM;
	return 0;
}

static int walk_entry(struct ingest *in, int dirfd, const char *entry, const char *folder_name,
		      const char *folder_path, unsigned depth)
{
	CLEANUP(buf_done) struct buf name = {0}, path = {0};
	struct stat st;

	if (join(&name, folder_name, entry) < 0 || join(&path, folder_path, entry) < 0)
		return -ENOMEM;
	if (fstatat(dirfd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return refuse_errno(in, name.p, -errno, "cannot look at it");
	if (S_ISLNK(st.st_mode))
		return ingest_refuse(in, name.p, -ELOOP, "symbolic link, not followed");
	if (S_ISDIR(st.st_mode)) {
		if (!strcmp(entry, ".redactfs")) /* a mount's own folder */
			return 0;
		if (depth == LIMIT_FOLDER_DEPTH)
			return ingest_refuse(in, name.p, -E2BIG,
					     "folders nested too deeply (limit %u)",
					     LIMIT_FOLDER_DEPTH);
		CLEANUP_FD int fd = io_open_dir_at(dirfd, entry);
		if (fd < 0)
			return refuse_errno(in, name.p, fd, "cannot open");
		return walk_folder(in, take_fd(&fd), name.p, path.p, depth + 1);
	}
	if (!S_ISREG(st.st_mode))
		return ingest_refuse(in, name.p, -EINVAL, "neither a file nor a folder");
	if (in->count_only) {
		in->total += (uint64_t)st.st_size;
		return 0;
	}
	CLEANUP_FD int fd =
		io_open_at(dirfd, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return refuse_errno(in, name.p, fd, "cannot open");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) /* something else took its place */
		return ingest_refuse(in, name.p, -EINVAL, "neither a file nor a folder");
	return file(in, fd, st.st_size, name.p, path.p);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **v; /* owned, each */
	size_t n, cap;
};

static void names_done(struct names *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
}

static int names_add(struct names *s, const char *name)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		char **v = reallocarray(s->v, cap, sizeof(*v));
		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n] = strdup(name);
	return s->v[s->n++] ? 0 : -ENOMEM;
}

static int names_read(int fd, struct names *ret)
{
	DIR *d = fdopendir(fd);
	int r = 0;

	if (!d)
		return -errno;
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (!e) {
			r = -errno;
			break;
		}
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		r = names_add(ret, e->d_name);
		if (r < 0)
			break;
	}
	(void)closedir(d); /* only read from */
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return r;
}

/* Takes fd over. */
static int walk_folder(struct ingest *in, int fd, const char *name, const char *path,
		       unsigned depth)
{
	CLEANUP(names_done) struct names names = {0};
	CLEANUP_FD int dirfd = fd;
	CLEANUP_FD int list = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	int r;

	if (list < 0)
		return refuse_errno(in, name, -errno, "cannot read the folder");
	r = names_read(take_fd(&list), &names);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return refuse_errno(in, name, r, "cannot read the folder");
	for (size_t i = 0; i < names.n; i++) {
		r = walk_entry(in, dirfd, names.v[i], name, path, depth);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What a user names: a link is followed, and a pipe is read like standard input. */
static int argument(struct ingest *in, const char *arg)
{
	CLEANUP_FREE char *real = NULL;
	struct stat st;

	if (!strcmp(arg, "-")) {
		if (fstat(STDIN_FILENO, &st) < 0)
			return refuse_errno(in, "", -errno, "cannot read standard input");
		return file(in, STDIN_FILENO, S_ISREG(st.st_mode) ? st.st_size : 0, "", "");
	}
	/* a pipe's open waits for its writer, so it is asked for without waiting and set back */
	CLEANUP_FD int fd = io_open_at(AT_FDCWD, arg, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return refuse_errno(in, arg, fd, "cannot open");
	if (fstat(fd, &st) < 0)
		return refuse_errno(in, arg, -errno, "cannot open");
	real = realpath(arg, NULL);
	const char *path = real ? real : arg;
	if (S_ISDIR(st.st_mode))
		return walk_folder(in, take_fd(&fd), arg, path, 1);
	if (S_ISREG(st.st_mode))
		return file(in, fd, st.st_size, arg, path);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode) && !S_ISSOCK(st.st_mode))
		return ingest_refuse(in, arg, -EINVAL, "neither a file nor a folder");
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return refuse_errno(in, arg, -errno, "cannot open");
	return file(in, fd, 0, arg, path);
}

int ingest_paths(char *const *paths, size_t n, const struct ingest_ops *ops)
{
	CLEANUP(names_done) struct names sorted = {0};
	struct ingest in = {.ops = ops};
	int r = 0;

	/* one order for all that has scope 0: see ingest_file */
	for (size_t i = 0; i < n && r >= 0; i++)
		r = names_add(&sorted, paths[i]);
	if (r >= 0 && n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_name);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = argument(&in, sorted.v[i]);
	if (r >= 0)
		r = ops->scope_end(ops->ctx, 0);
	buf_wipe_done(&in.data);
	return r;
}

uint64_t ingest_total(char *const *paths, size_t n)
{
	struct ingest in = {.count_only = true};

	for (size_t i = 0; i < n; i++) {
		struct stat st;
		if (!strcmp(paths[i], "-") || stat(paths[i], &st) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
			return 0; /* nobody knows how much a pipe will give */
		if (argument(&in, paths[i]) < 0)
			return 0;
	}
	return in.total;
}
