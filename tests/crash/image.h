/* image.h: what a disk may hold after a crash, made from a trace (trace.h).
 *
 * The model: a change is certain once a later sync of its file (of its folder, for names) has
 * returned; until then it may have reached the disk or not, each for itself, and a write may have
 * got there in part. That is what POSIX leaves open; file systems lose less. */
#ifndef CRASH_IMAGE_H
#define CRASH_IMAGE_H

#include "trace.h"

#include <stdbool.h>
#include <stddef.h>

struct op {
	enum trace_kind kind;
	char *path; /* owned */
	uint64_t off;
	uint8_t *data; /* owned; with a 0 after it */
	size_t len;
	unsigned ino;      /* of the file; 0: none */
	size_t certain_at; /* the sync that makes it certain; SIZE_MAX: none did */
};

struct inode {
	uint8_t *p; /* owned */
	size_t len, cap;
	bool dir;
};

struct name {
	char *path; /* owned */
	unsigned ino;
};

struct image {
	struct inode *inodes; /* owned; number 1 and up */
	size_t n_inodes, cap_inodes;
	struct name *names; /* owned */
	size_t n_names, cap_names;
};

struct history {
	struct image base; /* before the first of the ops */
	struct op *v;      /* owned */
	size_t n;
};

enum fate { KEPT, LOST, HEAD_ONLY, TAIL_ONLY };

/* Aborts on any failure. */
void image_load(const char *folder, struct image *ret);
void image_done(struct image *i);
void history_load(const struct image *base, const char *trace, struct history *ret);
void history_done(struct history *h);
/* May op `i` be missing when the power fails after the first `n`? */
bool history_uncertain(const struct history *h, size_t i, size_t n);
/* The disk after the first `n`, with fates for each of them. */
void history_image(const struct history *h, size_t n, const enum fate *fates, struct image *ret);
/* Writes it into a folder that doesn't exist. */
void image_save(const struct image *i, const char *folder);
uint64_t image_hash(const struct image *i, uint64_t seed);

#endif
