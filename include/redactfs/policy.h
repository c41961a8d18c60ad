/* policy.h: what a site decided (an INI file, docs/man policy(5)). Pure: no files. */
#ifndef REDACTFS_POLICY_H
#define REDACTFS_POLICY_H

#include "redactfs/buf.h"
#include "redactfs/class.h"
#include "redactfs/cleanup.h"
#include "redactfs/detector.h"
#include "redactfs/err.h"
#include "redactfs/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy {
	enum disposition disp[CLASS_COUNT];
	uint64_t detect;         /* DETECTOR_BIT of those that look into text */
	bool drop_images;        /* no inlined pictures */
	bool drop_canvas;        /* nothing of what is drawn on a canvas */
	char timezone[64];       /* IANA name; "UTC" by default */
	uint32_t retention_days; /* 0: kept until erased */
	char controller[256];
	char *block, *mask, *unmask; /* selector lists, owned; NULL: none */
};

/* The defaults of DESIGN section 4. */
int policy_default(struct policy *p);
void policy_done(struct policy *p);
/* Parses INI text (redactfs-policy(5)) over the defaults. On failure *ret is as before, and `e` has
 * the line number: -EINVAL for an unknown section, key or value, a key twice, a selector that
 * doesn't parse, a disposition that would keep password, card, cvc or otp, what isn't UTF-8; -E2BIG
 * over LIMIT_POLICY_BYTES, LIMIT_POLICY_LINE_BYTES, LIMIT_RETENTION_DAYS or the limits of
 * selector.h; -ENOMEM. That the time zone exists is for the caller to check (timez_check). */
int policy_parse(const char *ini, size_t len, struct policy *ret, struct errinfo *e);
/* Adds the policy as INI text, every key written out; policy_parse makes the same policy of it.
 * 0 or -ENOMEM. */
int policy_format(const struct policy *p, struct buf *out);
/* What the policy does with a span of these flags (span.h): the stricter of its class's disposition
 * and, where the visitor entered it, of form's. */
static inline enum disposition policy_disposition(const struct policy *p, enum redact_class cls,
						  unsigned flags)
{
	enum disposition d = flags & SPAN_DROP ? DISP_DROP : p->disp[cls];

	return (flags & SPAN_ENTERED) && p->disp[CLASS_FORM] > d ? p->disp[CLASS_FORM] : d;
}
/* True when changing a to b loosens: some class is kept or shown under b that isn't under a, a
 * detector of a's is off or pictures that a drops are kept, a selector of a's block or mask hides
 * less under b, or b unmasks what a doesn't. Selectors count as
 * written: one that is only worded anew counts as lost. Retention, time zone and controller don't
 * count: they say nothing about what may be read. */
bool policy_loosens(const struct policy *a, const struct policy *b);
/* What holds for a recording that was made under `a` when `b` is set: of each thing the stricter.
 * Time zone, retention and controller are b's. -E2BIG: the selectors of both are over the limits of
 * selector.h; -ENOMEM. */
int policy_merge(const struct policy *a, const struct policy *b, struct policy *ret);
/* True when `p` hides what was shown in a recording made under `than`, so that the engine has to
 * look for it again: a class that was shown, a selector, a detector, pictures. */
bool policy_hides_more(const struct policy *than, const struct policy *p);

#endif
