/* medium.h: what a file lies on, as far as the system says, and what that means for overwriting it.
 */
#ifndef MEDIUM_H
#define MEDIUM_H

#include <stdbool.h>
#include <stdint.h>

enum medium_warning {
	MEDIUM_COW = 1u << 0,     /* writes go elsewhere; the old block stays till it is reused */
	MEDIUM_LOG = 1u << 1,     /* the same, of file systems that write a log */
	MEDIUM_OVERLAY = 1u << 2, /* a layer over another file system */
	MEDIUM_NETWORK = 1u << 3, /* somebody else's disk */
	MEDIUM_FUSE = 1u << 4,    /* another program's, who knows what it does */
	MEDIUM_MEMORY = 1u << 5,  /* gone with the power */
	MEDIUM_LOOP = 1u << 6,    /* a file on another file system */
	MEDIUM_MAPPED = 1u << 7,  /* LVM and the like: a snapshot keeps old blocks */
	MEDIUM_FLASH = 1u << 8,   /* overwritten cells stay for a while */
	MEDIUM_UNKNOWN = 1u << 9, /* a file system that isn't known here */
};
struct medium {
	uint64_t dev;  /* of the file system */
	uint64_t disk; /* the whole device that a partition is of; else as dev */
	char fs[16];   /* "ext4" */
	unsigned warnings;
};
/* 0 or -errno. What /sys doesn't tell is left out. */
int medium_of(int fd, struct medium *ret);
/* The name ("cow") and a line about the warning with number i; NULL: there are no more. */
const char *medium_warning_name(unsigned i);
const char *medium_warning_text(unsigned i);

#endif
