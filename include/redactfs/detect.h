/* detect.h: detectors over plain text (already unescaped, whatever it came out of). Pure.
 *
 * One call scans a text once for anchors (an @, a run of digits, two letters and two digits, a
 * known key prefix, …) and asks only the detectors that the anchor concerns. One detector a file
 * (src/redact/pii-*.c), each with its table of positives and near misses in tests/data/detect/. */
#ifndef REDACTFS_DETECT_H
#define REDACTFS_DETECT_H

#include "redactfs/class.h"
#include "redactfs/detector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct detect_match {
	uint32_t off, len; /* bytes of the text */
	uint8_t cls;       /* enum redact_class */
	uint8_t by;        /* enum detector */
};
struct detect_matches {
	struct detect_match *v; /* owned; sorted by off, not overlapping after detect_scan */
	size_t n, cap;
};
void detect_matches_done(struct detect_matches *m);

enum detect_context {
	DETECT_TEXT = 0, /* page text, attribute values, console output */
	DETECT_URL =
		1, /* a URL: percent-encoding undone by the caller; query keys count as labels */
	DETECT_CSS = 2, /* style sheets: only e-mail, card, iban and keys; numbers are not personal
			   data */
	DETECT_VALUE = 3, /* the whole value of an input of unknown meaning */
};

/* Scans s[0..n), adds what it finds. `enabled` has DETECTOR_BIT of each detector wanted.
 * `label`, where not NULL, is the text of the field or the JSON key that the value belongs to ("nhs
 * number", "apiKey"): a label lets weaker forms count, and one that says "password" or "token"
 * makes the whole text a value. The new matches are sorted and don't overlap; where two detectors
 * claim the same bytes, the lower class has them. 0, -ENOMEM, or -E2BIG over LIMIT_STRING_BYTES; on
 * failure m is as it was. */
int detect_scan(const char *s, size_t n, enum detect_context ctx, uint64_t enabled,
		const char *label, size_t labellen, struct detect_matches *m);

/* A name that says of its value alone that it is secret: X-Api-Key, Cookie, Authorization. */
bool detect_is_header(const char *s, size_t n);
/* A short text of a page that says what the text behind it is: "Date of birth", "PIN:", "API key".
 * With `number` that may be a date or a number, else only what has a name of its own as a key. */
bool detect_is_label(const char *s, size_t n, bool number);

/* Single detectors, for tests and for fields: the length of the match that starts at s[pos], or 0.
 * Each checks its own boundaries (s[pos - 1], s[pos + len]). */
size_t detect_card_at(const char *s, size_t n, size_t pos);

#endif
