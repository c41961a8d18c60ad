/* policy.h: what a site decided (an INI file, docs/man policy(5)). Pure: no files. */
#ifndef REDACTFS_POLICY_H
#define REDACTFS_POLICY_H

#include "redactfs/class.h"
#include "redactfs/cleanup.h"
#include "redactfs/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct policy {
	enum disposition disp[CLASS_COUNT];
	char timezone[64];       /* IANA name; "UTC" by default */
	uint32_t retention_days; /* 0: kept until erased */
	char controller[256];
	char *block, *mask, *unmask; /* selector lists, owned; NULL: none */
};

/* The defaults of DESIGN section 4. */
int policy_default(struct policy *p);
void policy_done(struct policy *p);
/* Parses INI text over the defaults. On failure: -EINVAL with the line number in the message
 * (unknown section, key or value; a disposition that would keep password, card, cvc or otp),
 * -E2BIG. */
int policy_parse(const char *ini, size_t len, struct policy *ret, struct errinfo *e);
/* What the policy does with a span: the stricter of its class's disposition and, where the visitor
 * entered it (SPAN_ENTERED), of form's. */
static inline enum disposition policy_disposition(const struct policy *p, enum redact_class cls,
						  bool entered)
{
	enum disposition d = p->disp[cls];

	return entered && p->disp[CLASS_FORM] > d ? p->disp[CLASS_FORM] : d;
}
/* True when some class is kept or shown under b that isn't under a: changing a to b loosens. */
bool policy_loosens(const struct policy *a, const struct policy *b);

#endif
