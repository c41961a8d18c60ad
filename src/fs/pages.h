/* pages.h: for which files the kernel may keep the pages that it has.
 *
 * An open with keep_cache says "what you have of it still holds". That is only true for the
 * rendering under which those pages were read. This remembers which one that was; what it has
 * forgotten, or never knew, is opened without keep_cache, and the kernel reads anew. It remembers
 * too what was ever opened, so that the kernel needn't be told to drop what it can't have. */
#ifndef REDACTFS_SRC_FS_PAGES_H
#define REDACTFS_SRC_FS_PAGES_H

#include "fs-priv.h"

struct pages;
struct pages *pages_new(void); /* NULL: out of memory */
struct pages *pages_free(struct pages *p);
/* Whether the kernel's pages of this inode are of this rendering, which from now on they are. */
bool pages_keep(struct pages *p, uint64_t ino, uint32_t rendering);
/* Of a file that is going to be opened: before it is certain that it may be. */
void pages_touch(struct pages *p, uint64_t ino);
/* False: the kernel has had no page of it. True: it may have. */
bool pages_touched(struct pages *p, uint64_t ino);
/* Anything may have changed. */
void pages_forget_all(struct pages *p);

#endif
