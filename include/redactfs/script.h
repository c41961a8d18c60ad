/* script.h: what a session's transcript is made of: words, and places of the recording whose text
 * goes between them.
 *
 * A script is made when a recording is looked through, by what knows its pages (redact.h), and
 * holds no byte of it. The transcript is made of it by what renders the recording: it can't show
 * what the recording doesn't. docs/FORMAT.md "Script" has the bytes. Pure. */
#ifndef REDACTFS_SCRIPT_H
#define REDACTFS_SCRIPT_H

#include "redactfs/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum script_kind {
	SCRIPT_WORDS = 0,
	SCRIPT_STRING = 1, /* a JSON string's text: escapes undone, on one line, cut at `room` */
	SCRIPT_PLAIN = 2,  /* a number or literal, as it is written */
};

/* Offsets are of the byte before the text (a string's opening quote, or what stands before a
 * number) and of the one behind it. Both are never part of a span, but where a whole member is. */
struct script_op {
	enum script_kind kind;
	const char *words; /* borrowed, not terminated; of SCRIPT_WORDS only */
	uint32_t n;        /* bytes of them; of the others: room, in characters */
	uint32_t before, behind;
};

/* Appends; 0 or -ENOMEM. Words are of the program, never of a recording. */
int script_words(struct buf *script, const char *words);
int script_place(struct buf *script, enum script_kind kind, uint8_t room, uint32_t before,
		 uint32_t behind);

/* 1: *ret is the op at *at, which moves on; 0: the end; -EBADMSG: no script. */
int script_next(const void *script, size_t len, size_t *at, struct script_op *ret);

/* How many rendered bytes of a place are enough for its room. */
size_t script_enough(const struct script_op *op);
/* Appends what the place shows. `text` is what is rendered there, of which the first `n` bytes are
 * given; `whole`: that is all of it. Nothing at all is shown as hidden. What could move a
 * terminal's cursor or turn the direction of writing isn't passed on. 0 or -ENOMEM. */
int script_show(const struct script_op *op, const char *text, size_t n, bool whole,
		struct buf *out);

#endif
