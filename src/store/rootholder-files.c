/* rootholder-files.c: root slots in files elsewhere, one or several that are kept the same; see
 * rootholder.h.
 *
 * (F1) a write or an overwriting is done when every copy has it: an erasure is complete at all of
 * them or isn't reported at all (F2) copies are written in order, so that the first one is never
 * behind (F3) a copy out of reach stops every change: with a medium that is away nothing could be
 * erased from it. A store with one that is lost for good is opened by taking its line out of the
 * reference */
#include "redactfs/buf.h"
#include "redactfs/io.h"
#include "redactfs/rootholder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define REF_HEAD  "RFSREF01\n"
#define REF_BYTES 8000u /* less than two slots: the length alone tells them apart */

struct rootholder_files {
	struct rootholder h;
	unsigned n;
	struct {
		struct rootholder *file; /* owned */
		char *path;              /* owned */
	} copy[ROOT_COPIES];
};

static struct rootholder_files *files_of(struct rootholder *h)
{
	return (struct rootholder_files *)(void *)h;
}

static int files_read_copy(struct rootholder *h, unsigned copy, unsigned slot,
			   uint8_t out[SLOT_BYTES])
{
	return rootholder_read(files_of(h)->copy[copy].file, slot, out);
}

static int files_read(struct rootholder *h, unsigned slot, uint8_t out[SLOT_BYTES])
{
	return files_read_copy(h, 0, slot, out);
}

static int files_write(struct rootholder *h, unsigned slot, const uint8_t in[SLOT_BYTES])
{
	struct rootholder_files *f = files_of(h);
	int r = 0;

	for (unsigned i = 0; r == 0 && i < f->n; i++) /* keeps F1, F2 */
		r = rootholder_write(f->copy[i].file, slot, in);
	return r;
}

static int files_shred(struct rootholder *h, unsigned slot)
{
	struct rootholder_files *f = files_of(h);
	int r = 0;

	/* the others too where one fails: what can be overwritten is */
	for (unsigned i = 0; i < f->n; i++) {
		int k = rootholder_shred(f->copy[i].file, slot);

		r = r < 0 ? r : k;
	}
	return r;
}

static void files_close(struct rootholder *h)
{
	struct rootholder_files *f = files_of(h);

	for (unsigned i = 0; i < f->n; i++) {
		(void)rootholder_close(f->copy[i].file);
		free(f->copy[i].path);
	}
	free(f);
}

static unsigned files_copies(struct rootholder *h)
{
	return files_of(h)->n;
}

static void files_place(struct rootholder *h, unsigned copy, struct rootholder_place *ret)
{
	rootholder_place(files_of(h)->copy[copy].file, 0, ret);
	ret->path = files_of(h)->copy[copy].path;
}

static int files_ready(struct rootholder *h, struct errinfo *e)
{
	struct rootholder_files *f = files_of(h);

	for (unsigned i = 0; i < f->n; i++) {
		struct rootholder_place p;
		struct stat now, open;

		files_place(h, i, &p);
		/* an unmounted or replaced file could still be written to, by nobody's use */
		if (stat(p.path, &now) < 0 || fstat(p.fd, &open) < 0 || now.st_dev != open.st_dev ||
		    now.st_ino != open.st_ino)
			return err_set(e, -EIO,
				       "the root at '%s' is out of reach: nothing was done",
				       p.path);
	}
	return 0;
}

static const struct rootholder_ops files_ops = {
	.read = files_read,
	.write = files_write,
	.shred = files_shred,
	.close = files_close,
	.copies = files_copies,
	.read_copy = files_read_copy,
	.ready = files_ready,
	.place = files_place,
};

static int out_of_memory(struct errinfo *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

static int open_one(const char *path, struct rootholder **ret, struct errinfo *e)
{
	int r = rootholder_file_open(AT_FDCWD, path, ret);

	if (r == -ENOENT || r == -ENOTDIR) {
		(void)err_set(e, -ENOENT, "the root of this store is at '%s', and isn't there",
			      path);
		err_hint(e,
			 "is its medium mounted? 'redactfs root --help' says what to do about one "
			 "that is lost");
		return -ENOENT;
	}
	return r < 0 ? err_set_errno(e, r, "cannot open the root at '%s'", path) : 0;
}

/* The name of a file that was just made outlives a power cut. */
static int sync_folder(const char *path)
{
	CLEANUP_FREE char *folder = strdup(path);

	if (!folder)
		return -ENOMEM;
	char *slash = strrchr(folder, '/');
	slash[slash == folder] = 0;
	return io_sync_dir_at(AT_FDCWD, folder);
}

static int all(const char *const *paths, unsigned n, bool create, struct rootholder **ret,
	       struct errinfo *e)
{
	struct rootholder_files *f = calloc(1, sizeof(*f));
	int r = 0;

	if (!f)
		return out_of_memory(e);
	f->h.ops = &files_ops;
	CLEANUP_PTR(rootholder_close) struct rootholder *h = &f->h;
	for (unsigned i = 0; r == 0 && i < n; i++) {
		struct rootholder *one;

		r = create ? rootholder_file_create(AT_FDCWD, paths[i], &one)
			   : open_one(paths[i], &one, e);
		if (r < 0) {
			(void)err_set_errno(e, r, "cannot make the root at '%s'", paths[i]);
			break;
		}
		f->copy[f->n++].file = one;
		f->copy[i].path = strdup(paths[i]);
		if (!f->copy[i].path)
			r = out_of_memory(e);
		else if (create && (r = sync_folder(paths[i])) < 0)
			(void)err_set_errno(e, r, "cannot sync the folder of '%s'", paths[i]);
	}
	if (r < 0) {
		for (unsigned i = 0; create && i < f->n; i++)
			(void)unlink(paths[i]); /* ours, and nothing in it */
		return r;
	}
	*ret = TAKE(h);
	return 0;
}

int rootholder_files_create(const char *const *paths, unsigned n, struct rootholder **ret,
			    struct errinfo *e)
{
	return n && n <= ROOT_COPIES ? all(paths, n, true, ret, e) : -EINVAL;
}

int rootholder_files_open(const char *const *paths, unsigned n, struct rootholder **ret,
			  struct errinfo *e)
{
	return n && n <= ROOT_COPIES ? all(paths, n, false, ret, e) : -EINVAL;
}

/* ---- the reference in the store's folder */

int rootholder_refer(int dirfd, const char *name, const char *const *paths, unsigned n)
{
	CLEANUP(buf_done) struct buf b = {0};
	int r = buf_adds(&b, REF_HEAD);

	for (unsigned i = 0; r == 0 && i < n; i++)
		r = *paths[i] == '/' && !strchr(paths[i], '\n') ? buf_addf(&b, "%s\n", paths[i])
								: -EINVAL;
	if (r == 0 && b.len > REF_BYTES)
		r = -ENAMETOOLONG;
	return r < 0 ? r : io_replace_at(dirfd, name, b.p, b.len, 0600);
}

/* Cuts the text into its lines. The number of paths, or -EUCLEAN. */
static int parse(struct buf *b, const char *paths[ROOT_COPIES])
{
	const size_t head = strlen(REF_HEAD);
	unsigned n = 0;

	if (b->len <= head || memcmp(b->p, REF_HEAD, head) != 0 || memchr(b->p, 0, b->len) ||
	    b->p[b->len - 1] != '\n')
		return -EUCLEAN;
	for (char *p = b->p + head, *end; *p; p = end + 1) {
		end = strchr(p, '\n');
		*end = 0;
		if (n == ROOT_COPIES || *p != '/')
			return -EUCLEAN;
		paths[n++] = p;
	}
	return (int)n;
}

static int take_out(const char *paths[ROOT_COPIES], int n, const char *which, struct errinfo *e)
{
	int left = 0;

	for (int i = 0; i < n; i++) {
		if (strcmp(paths[i], which) != 0)
			paths[left++] = paths[i];
	}
	if (left == n)
		return err_set(e, -ENOENT, "this store has no root at '%s'", which);
	return left ? left : err_set(e, -EINVAL, "the root at '%s' is the only one", which);
}

int rootholder_open(int dirfd, const char *name, const char *without, struct rootholder **ret,
		    struct errinfo *e)
{
	CLEANUP(buf_done) struct buf b = {0};
	const char *paths[ROOT_COPIES];
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)REF_BYTES)
		return without ? take_out(paths, 0, without, e)
			       : rootholder_file_open(dirfd, name, ret);
	int r = io_read_file_at(dirfd, name, REF_BYTES, &b);
	if (r == 0)
		r = parse(&b, paths);
	if (r > 0 && without)
		r = take_out(paths, r, without, e);
	return r < 0 ? r : rootholder_files_open(paths, (unsigned)r, ret, e);
}
