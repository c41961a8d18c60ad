/* marks.h: what the privacy marks of recorders and analytics products say. Pure tables.
 *
 * Every block, mask and ignore mark that is known is honoured, whoever made the recording; a
 * foreign *unmask* never is (it may only reduce what is shown, never reveal). docs/REDACTION.md has
 * the table. */
#ifndef REDACTFS_MARKS_H
#define REDACTFS_MARKS_H

#include <stddef.h>

enum mark {
	MARK_BLOCK = 1u << 0,       /* subtree: text, values, attributes */
	MARK_MASK = 1u << 1,        /* subtree: text, values and text-bearing attributes */
	MARK_MASK_INPUT = 1u << 2,  /* subtree: values of inputs */
	MARK_IGNORE = 1u << 3,      /* this element's own value and input events */
	MARK_IGNORE_TREE = 1u << 4, /* the same for the subtree */
	MARK_PASSWORD = 1u << 5,    /* a password input, whatever its type says now */
};

/* The marks that one attribute makes (`class` is split into its tokens). Names are compared without
 * regard to ASCII case. An unknown value of a known mark masks (MARK_MASK, or the mark's own
 * stricter meaning). 0: none. */
unsigned marks_of_attribute(const char *name, size_t namelen, const char *value, size_t valuelen);

#endif
