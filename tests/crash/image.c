/* image.c: see image.h. */
#include "image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	abort();
}

static void *grow(void *p, size_t n)
{
	void *q = realloc(p, n);

	if (!q)
		die("realloc");
	return q;
}

/* ---- images */

static unsigned inode_add(struct image *i, bool dir)
{
	if (i->n_inodes == i->cap_inodes)
		i->inodes = grow(i->inodes,
				 (i->cap_inodes = 2 * i->cap_inodes + 16) * sizeof(*i->inodes));
	i->inodes[i->n_inodes++] = (struct inode){.dir = dir};
	return (unsigned)i->n_inodes;
}

static struct name *name_find(const struct image *i, const char *path)
{
	for (size_t k = 0; k < i->n_names; k++) {
		if (!strcmp(i->names[k].path, path))
			return &i->names[k];
	}
	return NULL;
}

static unsigned name_ino(const struct image *i, const char *path)
{
	const struct name *n = name_find(i, path);

	return n ? n->ino : 0;
}

static void name_set(struct image *i, const char *path, unsigned ino)
{
	struct name *n = name_find(i, path);

	if (!n) {
		if (i->n_names == i->cap_names)
			i->names = grow(i->names,
					(i->cap_names = 2 * i->cap_names + 16) * sizeof(*i->names));
		n = &i->names[i->n_names++];
		n->path = strdup(path);
	}
	n->ino = ino;
}

static void name_drop(struct image *i, const char *path, unsigned ino)
{
	struct name *n = name_find(i, path);

	if (!n || n->ino != ino)
		return;
	free(n->path);
	*n = i->names[--i->n_names];
}

static void inode_size(struct inode *f, size_t len)
{
	if (len > f->cap)
		f->p = grow(f->p, f->cap = len + len / 2);
	if (len > f->len)
		memset(f->p + f->len, 0, len - f->len);
	f->len = len;
}

static void inode_write(struct inode *f, size_t off, const uint8_t *p, size_t n)
{
	if (!n)
		return;
	if (off + n > f->len)
		inode_size(f, off + n);
	memcpy(f->p + off, p, n);
}

void image_done(struct image *i)
{
	for (size_t k = 0; k < i->n_inodes; k++)
		free(i->inodes[k].p);
	for (size_t k = 0; k < i->n_names; k++)
		free(i->names[k].path);
	free(i->inodes);
	free(i->names);
	*i = (struct image){0};
}

static void load_below(const char *folder, const char *rel, struct image *ret)
{
	char path[4096], sub[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, rel);
	DIR *d = opendir(path);
	if (!d)
		die(path);
	for (struct dirent *e; (e = readdir(d));) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		size_t n = strlen(e->d_name);
		if (n > 4 && !strcmp(e->d_name + n - 4, "-shm"))
			continue;
		if (snprintf(sub, sizeof(sub), "%s%s%s", rel, *rel ? "/" : "", e->d_name) >=
			    (int)sizeof(sub) ||
		    snprintf(path, sizeof(path), "%s/%s", folder, sub) >= (int)sizeof(path) ||
		    lstat(path, &st) < 0)
			die(sub);
		unsigned ino = inode_add(ret, S_ISDIR(st.st_mode));
		name_set(ret, sub, ino);
		if (S_ISDIR(st.st_mode)) {
			load_below(folder, sub, ret);
			continue;
		}
		struct inode *f = &ret->inodes[ino - 1];
		inode_size(f, (size_t)st.st_size);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, f->p, f->len) != (ssize_t)f->len)
			die(path);
		(void)close(fd);
	}
	(void)closedir(d);
}

void image_load(const char *folder, struct image *ret)
{
	*ret = (struct image){0};
	load_below(folder, "", ret);
}

static void image_copy(const struct image *from, struct image *ret)
{
	*ret = (struct image){0};
	for (size_t k = 0; k < from->n_inodes; k++) {
		unsigned ino = inode_add(ret, from->inodes[k].dir);

		inode_write(&ret->inodes[ino - 1], 0, from->inodes[k].p, from->inodes[k].len);
	}
	for (size_t k = 0; k < from->n_names; k++)
		name_set(ret, from->names[k].path, from->names[k].ino);
}

static int by_path(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void save_file(const char *path, const struct inode *f)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	/* without its folder there is no file */
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || write(fd, f->p, f->len) != (ssize_t)f->len)
		die(path);
	(void)close(fd);
}

void image_save(const struct image *i, const char *folder)
{
	char path[4096];

	if (mkdir(folder, 0700) < 0)
		die(folder);
	/* folders before what is in them */
	qsort(i->names, i->n_names, sizeof(*i->names), by_path);
	for (size_t k = 0; k < i->n_names; k++) {
		const struct inode *f = &i->inodes[i->names[k].ino - 1];

		(void)snprintf(path, sizeof(path), "%s/%s", folder, i->names[k].path);
		if (!f->dir)
			save_file(path, f);
		else if (mkdir(path, 0700) < 0)
			die(path);
	}
}

static uint64_t hash_bytes(uint64_t h, const uint8_t *p, size_t n)
{
	size_t k = 0;

	for (; k + 8 <= n; k += 8) {
		uint64_t w;

		memcpy(&w, p + k, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; k < n; k++)
		h = (h ^ p[k]) * 0x100000001b3u;
	return h ^ h >> 32;
}

uint64_t image_hash(const struct image *i, uint64_t seed)
{
	uint64_t sum = seed;

	/* a sum: the order of names says nothing */
	for (size_t k = 0; k < i->n_names; k++) {
		const struct inode *f = &i->inodes[i->names[k].ino - 1];
		uint64_t h = hash_bytes(seed + f->len, (const uint8_t *)i->names[k].path,
					strlen(i->names[k].path));

		sum += hash_bytes(h, f->p, f->len);
	}
	return sum;
}

/* ---- histories */

static void apply(struct image *i, const struct op *o, enum fate fate)
{
	size_t half = o->len / 2;

	if (fate == LOST)
		return;
	switch (o->kind) {
	case TRACE_CREATE:
	case TRACE_MKDIR:
		name_set(i, o->path, o->ino);
		break;
	case TRACE_WRITE:
		if (fate == HEAD_ONLY)
			inode_write(&i->inodes[o->ino - 1], o->off, o->data, half);
		else if (fate == TAIL_ONLY)
			inode_write(&i->inodes[o->ino - 1], o->off + half, o->data + half,
				    o->len - half);
		else
			inode_write(&i->inodes[o->ino - 1], o->off, o->data, o->len);
		break;
	case TRACE_SIZE:
		inode_size(&i->inodes[o->ino - 1], o->off);
		break;
	case TRACE_UNLINK:
	case TRACE_RMDIR:
		name_drop(i, o->path, o->ino);
		break;
	case TRACE_RENAME:
		name_drop(i, o->path, o->ino);
		name_set(i, (const char *)o->data, o->ino);
		break;
	case TRACE_SYNC:
	case TRACE_MARK:
		break;
	}
}

static void read_ops(const char *trace, struct history *h)
{
	FILE *f = fopen(trace, "rb");
	struct trace_head head;
	size_t cap = 0;

	if (!f)
		die(trace);
	while (fread(&head, sizeof(head), 1, f) == 1) {
		if (h->n == cap)
			h->v = grow(h->v, (cap = 2 * cap + 64) * sizeof(*h->v));
		struct op *o = &h->v[h->n++];
		*o = (struct op){.kind = (enum trace_kind)head.kind,
				 .off = head.off,
				 .len = head.len,
				 .certain_at = SIZE_MAX};
		o->path = grow(NULL, head.path_len + 1);
		o->data = grow(NULL, head.len + 1);
		if (fread(o->path, 1, head.path_len, f) != head.path_len ||
		    fread(o->data, 1, head.len, f) != head.len)
			die(trace);
		o->path[head.path_len] = 0;
		o->data[head.len] = 0;
	}
	(void)fclose(f);
}

static bool is_name_op(enum trace_kind k)
{
	return k == TRACE_CREATE || k == TRACE_UNLINK || k == TRACE_MKDIR || k == TRACE_RMDIR ||
	       k == TRACE_RENAME;
}

static bool in_folder(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	return strlen(folder) == n && !memcmp(path, folder, n);
}

/* `o` is a sync; is it one of what `of` changed? */
static bool makes_certain(const struct op *o, const struct op *of)
{
	if (is_name_op(of->kind))
		return in_folder(of->path, o->path);
	return (of->kind == TRACE_WRITE || of->kind == TRACE_SIZE) && of->ino && of->ino == o->ino;
}

void history_load(const struct image *base, const char *trace, struct history *ret)
{
	struct image now;

	*ret = (struct history){0};
	image_copy(base, &ret->base);
	read_ops(trace, ret);
	/* who is who: all inodes there will be, in the base already */
	image_copy(base, &now);
	for (size_t i = 0; i < ret->n; i++) {
		struct op *o = &ret->v[i];

		if (o->kind == TRACE_CREATE || o->kind == TRACE_MKDIR) {
			o->ino = inode_add(&now, o->kind == TRACE_MKDIR);
			if (inode_add(&ret->base, o->kind == TRACE_MKDIR) != o->ino)
				abort();
		} else if (o->kind != TRACE_MARK) {
			o->ino = name_ino(&now, o->path);
			if (!o->ino && *o->path) {
				fprintf(stderr, "op %zu: no file '%s'\n", i, o->path);
				abort();
			}
		}
		apply(&now, o, KEPT);
		if (o->kind != TRACE_SYNC)
			continue;
		for (size_t k = 0; k < i; k++) {
			if (ret->v[k].certain_at == SIZE_MAX && makes_certain(o, &ret->v[k]))
				ret->v[k].certain_at = i;
		}
	}
	image_done(&now);
}

void history_done(struct history *h)
{
	image_done(&h->base);
	for (size_t i = 0; i < h->n; i++) {
		free(h->v[i].path);
		free(h->v[i].data);
	}
	free(h->v);
	*h = (struct history){0};
}

bool history_uncertain(const struct history *h, size_t i, size_t n)
{
	const struct op *o = &h->v[i];

	return o->kind != TRACE_SYNC && o->kind != TRACE_MARK && o->certain_at >= n;
}

void history_image(const struct history *h, size_t n, const enum fate *fates, struct image *ret)
{
	image_copy(&h->base, ret);
	for (size_t i = 0; i < n; i++)
		apply(ret, &h->v[i], fates[i]);
}
