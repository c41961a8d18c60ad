/* span.h: a stretch of a recording that is sensitive. */
#ifndef REDACTFS_SPAN_H
#define REDACTFS_SPAN_H

#include "redactfs/class.h"
#include "redactfs/detector.h"

#include <stdint.h>

/* Bytes [off, off + len) of the canonical text; sorted by off, never overlapping, len > 0. They lie
 * inside one JSON string (between its quotes, never splitting an escape), or cover one whole number
 * or literal, or (FORM_EMPTY only) a whole member with one of its commas. */
struct span {
	uint32_t off;
	uint32_t len;
	uint8_t cls;   /* enum redact_class */
	uint8_t form;  /* enum token_form */
	uint8_t how;   /* enum span_how, and by which detector: span_how(), span_by() */
	uint8_t flags; /* SPAN_… */
};

/* The visitor entered it: the disposition of `form` holds for it as well as that of its class, the
 * stricter of the two (policy_disposition). */
#define SPAN_ENTERED (1u << 0)
/* It is dropped, whatever the policy says of its class: pictures that a site doesn't keep, and what
 * was dropped before and is only a token now. */
#define SPAN_DROP (1u << 1)

enum span_how {
	HOW_FIELD = 0, /* the page said so: a field's type, its autocomplete tokens, its words */
	HOW_MARK = 1,  /* a privacy mark or a selector of the site's policy */
	HOW_DETECTOR = 2,
	HOW_TAINT = 3,
};

/* `how` of a span that detector d found; HOW_DETECTOR alone doesn't tell which. */
static inline uint8_t span_found_by(enum detector d)
{
	return (uint8_t)(HOW_DETECTOR | (unsigned)d << 2);
}
static inline enum span_how span_how(uint8_t how)
{
	return (enum span_how)(how & 3);
}
static inline enum detector span_by(uint8_t how)
{
	return (enum detector)(how >> 2);
}

#endif
