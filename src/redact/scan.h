/* scan.h: looks into one string of a recording. */
#ifndef REDACTFS_SCAN_H
#define REDACTFS_SCAN_H

#include "decode.h"
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

/* What says what the value v[i] is: its key; or, where that is only "value", the name beside it
 * ({"name":"Cookie","value":"…"}); or what comes before it in a pair that is a header's. */
struct label {
	const char *s; /* NULL: nothing; borrowed from the text, as written */
	size_t n;
};
struct label scan_label(const char *text, const struct jtok *v, size_t n, uint32_t i);

/* Looks into a scalar token of the recording: detectors and taint, on it and on all that is encoded
 * in it. `form` is how a match is replaced. -E2BIG with sc->overflow: too much to decode. */
int scan_token(struct scanner *sc, uint32_t tok, enum detect_context ctx, const char *label,
	       size_t labellen, enum token_form form);
/* The same for a layer that holds text as it stands between quotes. */
int scan_escaped(struct scanner *sc, const struct layer *raw, bool escaped, enum detect_context ctx,
		 const char *label, size_t labellen, enum token_form form);

/* again.c: looks at what the settled spans leave, until nothing new is found (redacting twice is
 * redacting once). */
int again_run(struct scanner *sc);
/* The token's text with the spans [from, to) replaced as an ordinary read does, into d, which has
 * room for it; false: nothing but replacements is left, or nothing is replaced. */
bool again_render(const struct engine *en, const struct jtok *t, size_t from, size_t to,
		  struct decoded *d);

#endif
