/* ingest-archive.c: what is compressed or an archive, through libarchive.
 *
 * Members are read into memory one after another and never written anywhere, so their names can't
 * do harm: they are text to show and to tell a mount's copy by. A member may be an archive itself,
 * to LIMIT_ARCHIVE_DEPTH; each is bounded by LIMIT_INPUT_BYTES when decompressed, whatever its
 * header says.
 *
 * Formats are those that people and products pack recordings in. libarchive knows many more; each
 * is a parser for hostile input that nobody asked for. */
#include "ingest.h"

#include "redactfs/cleanup.h"
#include "redactfs/io.h"
#include "redactfs/xfer.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)256 << 10)
#define DAMAGED     "damaged or cut off: it doesn't decompress"
#define RETRIES     16 /* libarchive says "try again" for a header it could skip; not for ever */

static void archive_done(struct archive **a)
{
	if (*a)
		(void)archive_read_free(*a); /* only read from */
}

/* A descriptor whose first bytes were read already. */
struct feed {
	int fd;
	const struct buf *head;
	bool head_given;
	off_t base;              /* where the input starts in fd; -1: can't seek */
	const struct ingest *in; /* NULL: nobody counts */
	char *block;             /* owned */
};

static la_ssize_t feed_read(struct archive *a, void *ctx, const void **ret)
{
	struct feed *f = ctx;

	if (f->base < 0 && !f->head_given) {
		f->head_given = true;
		*ret = f->head->p;
		if (f->head->len)
			return (la_ssize_t)f->head->len;
	}
	ssize_t n = io_read(f->fd, f->block, BLOCK_BYTES);
	if (n < 0) {
		archive_set_error(a, (int)-n, "read");
		return ARCHIVE_FATAL;
	}
	if (f->in)
		f->in->ops->read(f->in->ops->ctx, (uint64_t)n);
	*ret = f->block;
	return n;
}

static la_int64_t feed_seek(struct archive *a, void *ctx, la_int64_t off, int whence)
{
	struct feed *f = ctx;
	off_t r = lseek(f->fd, whence == SEEK_SET ? f->base + off : off, whence);

	if (r < f->base) {
		archive_set_error(a, errno, "seek");
		return ARCHIVE_FATAL;
	}
	return r - f->base;
}

/* Formats: NULL to undo compression only. */
static struct archive *reader_new(bool formats)
{
	struct archive *a = archive_read_new();

	if (!a)
		return NULL;
	/* a filter that libarchive was built without would start a program: its warning is that */
	if (archive_read_support_filter_gzip(a) != ARCHIVE_OK ||
	    archive_read_support_filter_bzip2(a) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(a) != ARCHIVE_OK ||
	    archive_read_support_filter_lzma(a) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_filter_lz4(a) != ARCHIVE_OK ||
	    archive_read_support_format_raw(a) != ARCHIVE_OK ||
	    archive_read_support_format_empty(a) != ARCHIVE_OK ||
	    (formats && (archive_read_support_format_tar(a) != ARCHIVE_OK ||
			 archive_read_support_format_cpio(a) != ARCHIVE_OK ||
			 archive_read_support_format_zip(a) != ARCHIVE_OK ||
			 archive_read_support_format_7zip(a) != ARCHIVE_OK))) {
		(void)archive_read_free(a); /* nothing was opened */
		return NULL;
	}
	return a;
}

/* Opens `a` on f. Fills in the rest of f; f->block is the caller's to free. */
static int feed_open(struct archive *a, struct feed *f)
{
	off_t at = lseek(f->fd, 0, SEEK_CUR);

	f->base = at >= (off_t)f->head->len ? at - (off_t)f->head->len : -1;
	if (f->base >= 0 && lseek(f->fd, f->base, SEEK_SET) < 0)
		return -errno;
	f->block = malloc(BLOCK_BYTES);
	if (!f->block)
		return -ENOMEM;
	(void)archive_read_set_read_callback(a, feed_read); /* these set a field each */
	if (f->base >= 0)
		(void)archive_read_set_seek_callback(a, feed_seek);
	(void)archive_read_set_callback_data(a, f);
	return archive_read_open1(a) == ARCHIVE_OK ? 0 : -EILSEQ;
}

/* All data of the entry at hand. */
static int read_data(struct archive *a, size_t max, struct buf *b)
{
	size_t step = BLOCK_BYTES;
	int retries = 0;

	b->len = 0;
	for (;;) {
		if (buf_reserve(b, step) < 0)
			return -ENOMEM;
		size_t room = b->cap - 1 - b->len;
		la_ssize_t n = archive_read_data(a, b->p + b->len, room);
		if (n == ARCHIVE_RETRY && retries++ < RETRIES)
			continue;
		if (n < 0)
			return -EILSEQ;
		if (!n)
			break;
		b->len += (size_t)n;
		if (b->len > max)
			return -E2BIG;
		step = b->len < 8 * BLOCK_BYTES ? BLOCK_BYTES : b->len / 2;
	}
	b->p[b->len] = 0;
	return 0;
}

struct level {
	struct ingest *in;
	const char *name, *path; /* of the archive */
	unsigned depth;          /* 1: a file's own */
	unsigned scope;          /* of the outermost archive; 0: none yet */
};

static int read_archive(const struct level *l, struct archive *a);

/* Bytes that came out of an archive or a filter: a file, or once more an archive. */
static int deliver(const struct level *l, const char *name, const char *path, struct buf *data)
{
	struct ingest_file f = {.name = name, .path = path, .scope = l->scope, .data = data};

	if (ingest_is_plain(data->p, data->len < 512 ? data->len : 512))
		return l->in->ops->file(l->in->ops->ctx, &f);

	CLEANUP(archive_done) struct archive *a = reader_new(/* formats= */ true);
	struct level inner = {l->in, name, path, l->depth + 1, l->scope};
	if (!a)
		return ingest_refuse(l->in, name, -ENOMEM, "out of memory");
	/* the buffer is the archive's until it is read: nobody else may take it */
	CLEANUP(buf_wipe_done) struct buf own = *data;
	*data = (struct buf){0};
	if (archive_read_open_memory(a, own.p, own.len) != ARCHIVE_OK)
		return ingest_refuse(l->in, name, -EILSEQ, DAMAGED);
	return read_archive(&inner, a);
}

static const char *entry_name(struct archive_entry *e)
{
	const char *s = archive_entry_pathname_utf8(e);

	if (!s)
		s = archive_entry_pathname(e);
	return s ? s : "";
}

/* For a terminal: control characters of a name that somebody else chose become '?'. */
static int show_name(struct buf *b, const char *archive, const char *entry, uint64_t number)
{
	if (buf_addf(b, "%s:", *archive ? archive : "-") < 0 || buf_adds(b, entry) < 0 ||
	    (!*entry && buf_addf(b, "member %llu", (unsigned long long)number) < 0))
		return -ENOMEM;
	for (char *p = b->p; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return 0;
}

static int member(const struct level *l, struct archive *a, struct archive_entry *e)
{
	CLEANUP(buf_done) struct buf name = {0};
	CLEANUP(buf_wipe_done) struct buf data = {0};
	struct ingest *in = l->in;
	const char *path = entry_name(e);
	la_int64_t size = archive_entry_size(e);

	if (show_name(&name, l->name, path, in->members) < 0)
		return -ENOMEM;
	/* a second name of a file that was given already */
	if (archive_entry_filetype(e) == AE_IFDIR || archive_entry_hardlink(e))
		return 0;
	if (archive_entry_filetype(e) == AE_IFLNK)
		return ingest_refuse(l->in, name.p, -ELOOP, "symbolic link, not followed");
	if (archive_entry_filetype(e) != AE_IFREG)
		return ingest_refuse(l->in, name.p, -EINVAL, "neither a file nor a folder");
	if (!in->ops->wants(in->ops->ctx, path))
		return 0;
	if (archive_entry_size_is_set(e) && size > (la_int64_t)LIMIT_INPUT_BYTES)
		return ingest_refuse(l->in, name.p, -E2BIG, "too long (limit %u bytes)",
				     LIMIT_INPUT_BYTES);
	if (archive_entry_is_encrypted(e))
		return ingest_refuse(l->in, name.p, -EACCES, "the archive is encrypted");

	int r = read_data(a, LIMIT_INPUT_BYTES, &data);
	if (r == -E2BIG)
		return ingest_refuse(l->in, name.p, r, "too long (limit %u bytes)",
				     LIMIT_INPUT_BYTES);
	if (r < 0)
		return ingest_refuse(l->in, name.p, r,
				     r == -ENOMEM ? "out of memory"
						  : "the archive is damaged here");
	return deliver(l, name.p, path, &data);
}

/* No archive: at most compressed. */
static int raw(const struct level *l, struct archive *a)
{
	CLEANUP(buf_wipe_done) struct buf data = {0};
	/* the last filter counted is the one that does nothing */
	bool compressed = archive_filter_count(a) > 1;
	struct ingest_file f = {.name = l->name, .path = l->path, .scope = l->scope, .data = &data};

	int r = read_data(a, LIMIT_INPUT_BYTES, &data);
	if (r == -E2BIG)
		return ingest_refuse(l->in, l->name, r,
				     "too long when decompressed (limit %u bytes)",
				     LIMIT_INPUT_BYTES);
	if (r < 0)
		return ingest_refuse(l->in, l->name, r, r == -ENOMEM ? "out of memory" : DAMAGED);
	if (!compressed)
		return l->in->ops->file(l->in->ops->ctx, &f);
	return deliver(l, l->name, l->path, &data);
}

static int read_archive(const struct level *level, struct archive *a)
{
	struct level l = *level;
	struct ingest *in = l.in;
	struct archive_entry *e;
	bool first = true, scoped = false;
	int retries = 0, r = 0;

	for (;; first = false) {
		int s = archive_read_next_header(a, &e);

		if (s == ARCHIVE_EOF)
			break;
		if (s == ARCHIVE_RETRY && retries++ < RETRIES)
			continue;
		if (s < ARCHIVE_WARN) {
			r = ingest_refuse(in, l.name, -EILSEQ,
					  first ? DAMAGED
						: "the archive is damaged or cut off; what came "
						  "before is read");
			break;
		}
		bool is_raw = archive_format(a) == ARCHIVE_FORMAT_RAW;
		if (l.depth > LIMIT_ARCHIVE_DEPTH && (!is_raw || archive_filter_count(a) > 1)) {
			r = ingest_refuse(in, l.name, -E2BIG,
					  "archives nested too deeply (limit %u)",
					  LIMIT_ARCHIVE_DEPTH);
			break;
		}
		if (is_raw) {
			r = raw(&l, a);
			break;
		}
		if (first && !l.scope) {
			l.scope = ++in->scopes;
			scoped = true;
		}
		if (++in->members > LIMIT_ARCHIVE_MEMBERS) {
			r = ingest_refuse(in, l.name, -E2BIG,
					  "too many files in the archive (limit %u)",
					  LIMIT_ARCHIVE_MEMBERS);
			break;
		}
		r = member(&l, a, e);
		if (r < 0)
			break;
	}
	if (r >= 0 && scoped)
		r = in->ops->scope_end(in->ops->ctx, l.scope);
	return r;
}

int ingest_archive(struct ingest *in, const char *name, const char *path, int fd,
		   const struct buf *head)
{
	CLEANUP(archive_done) struct archive *a = reader_new(/* formats= */ true);
	struct level l = {in, name, path, 1, 0};
	struct feed f = {.fd = fd, .head = head, .in = in};
	int r;

	if (!a)
		return ingest_refuse(in, name, -ENOMEM, "out of memory");
	r = feed_open(a, &f);
	if (r < 0)
		r = ingest_refuse(in, name, r, r == -ENOMEM ? "out of memory" : DAMAGED);
	else
		r = read_archive(&l, a);
	/* the reader may still look at the block while it is freed */
	(void)archive_read_free(TAKE(a));
	free(f.block);
	return r;
}

int ingest_stream(int fd, struct buf *ret, struct errinfo *e)
{
	CLEANUP(archive_done) struct archive *a = NULL;
	CLEANUP(buf_wipe_done) struct buf b = {0};
	struct archive_entry *entry;
	struct feed f = {.fd = fd, .head = &b};
	int r, s;

	if (buf_reserve(&b, 512) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	ssize_t n = io_read(fd, b.p, 512);
	if (n < 0)
		return err_set_errno(e, (int)n, "cannot read");
	b.len = (size_t)n;
	if (ingest_is_plain(b.p, b.len)) {
		r = io_read_all(fd, LIMIT_INPUT_BYTES - b.len, &b);
		if (r == -E2BIG)
			return err_set(e, r, "too long (limit %u bytes)", LIMIT_INPUT_BYTES);
		if (r < 0)
			return err_set_errno(e, r, "cannot read");
		*ret = b;
		b = (struct buf){0};
		return 0;
	}

	CLEANUP(buf_wipe_done) struct buf out = {0};
	a = reader_new(/* formats= */ false);
	if (!a)
		return err_set(e, -ENOMEM, "out of memory");
	r = feed_open(a, &f);
	if (r >= 0) {
		s = archive_read_next_header(a, &entry);
		r = s == ARCHIVE_EOF   ? 0
		    : s < ARCHIVE_WARN ? -EILSEQ
				       : read_data(a, LIMIT_INPUT_BYTES, &out);
	}
	(void)archive_read_free(TAKE(a)); /* before its block */
	free(f.block);
	if (r == -E2BIG)
		return err_set(e, r, "too long when decompressed (limit %u bytes)",
			       LIMIT_INPUT_BYTES);
	if (r < 0)
		return err_set(e, r, r == -ENOMEM ? "out of memory" : DAMAGED);
	*ret = out;
	out = (struct buf){0};
	return 0;
}
