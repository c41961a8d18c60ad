/* scan.h: looks into one string of a recording. */
#ifndef REDACTFS_SCAN_H
#define REDACTFS_SCAN_H

#include "engine-priv.h"
#include "redactfs/detect.h"

/* What goes with one pass over the items. */
struct scanner {
	struct engine *en;
	struct detect_matches m; /* owned */
	uint64_t decoded, budget;
	const struct item *item;
	unsigned flags;         /* of spans: SPAN_ENTERED */
	bool page;              /* page-made text: what it shows may be the page's own words */
	enum disposition above; /* only matches that are stricter count (S1) */
	bool only_stricter;
	bool overflow;  /* S2 */
	struct buf tmp; /* owned: unescaped text of the item */
};

/* Looks into a scalar token of the recording: detectors and taint, on it and on all that is encoded
 * in it. `form` is how a match is replaced. -E2BIG with sc->overflow: too much to decode. */
int scan_token(struct scanner *sc, uint32_t tok, enum detect_context ctx, const char *label,
	       size_t labellen, enum token_form form);

#endif
