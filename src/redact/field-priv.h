/* field-priv.h: between the vocabulary (field-vocab.c), the folding of text (field-fold.c) and the
 * matching of words (field-words.c). */
#ifndef REDACTFS_FIELD_PRIV_H
#define REDACTFS_FIELD_PRIV_H

#include "redactfs/class.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VOCAB_NAME = 1u << 0,  /* counts in identifiers */
	VOCAB_LABEL = 1u << 1, /* counts in language */
	VOCAB_BOTH = VOCAB_NAME | VOCAB_LABEL,
	/* "code" and nothing that says which: field_asks_code */
	VOCAB_CODE_NAME = 1u << 2,
	VOCAB_CODE_LABEL = 1u << 3,
	VOCAB_CODE = VOCAB_CODE_NAME | VOCAB_CODE_LABEL,
};

/* Words of one class in one language, separated by commas, in their own spelling: folding is done
 * where they are read. The notation is explained in field-vocab.c. */
struct vocab_row {
	uint8_t cls; /* CLASS_NONE: near misses, which hide what is inside them */
	uint8_t where;
	const char *lang;
	const char *words; /* NULL ends the table */
};
extern const struct vocab_row field_vocab[];

/* Words that are taken out of a text before phrases are looked for (articles, possessives), and
 * words that don't count when a word has to stand alone ("enter", "txt"). Commas again. */
extern const char field_stop_words[];
extern const char field_filler_words[];

/* One character of folded text. */
struct folded {
	char c[2];   /* 0 to 2 bytes: a-z, 0-9, '#', or FOLD_OTHER for a letter that isn't Latin */
	uint8_t len; /* of c */
	bool upper;
	bool separates; /* white space, punctuation, what isn't UTF-8 */
};
#define FOLD_OTHER '\x7f'

/* Folds the character at s[0]; returns how many bytes it has (n > 0, so at least 1). Latin letters
 * lose case and diacritics (ß ss, æ ae, ł l), full width is undone, combining and invisible
 * characters vanish (len 0, no separator). */
size_t field_fold(const char *s, size_t n, struct folded *ret);

/* field-script.c: the same as field_by_words for scripts that aren't Latin. CLASS_NONE at once
 * where a text has none of them. */
enum redact_class field_by_script(const char *s, size_t len);

#endif
