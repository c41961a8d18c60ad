/* fuzz-policy.c: whatever the text, it is refused with a line number or makes a policy that keeps
 * nothing of what is always dropped, and that reads back as it was from what is written of it. */
#include "fuzz.h"

#include "redactfs/buf.h"
#include "redactfs/limits.h"
#include "redactfs/policy.h"

#include <string.h>

static void check_refusal(const struct errinfo *e, int r)
{
	CHECK(r == -EINVAL || r == -E2BIG || r == -ENOMEM);
	CHECK(e->code == r);
	CHECK(!strncmp(e->msg, "line ", 5) || strstr(e->msg, "policy of over"));
	for (const char *s = e->msg; *s; s++)
		CHECK(*s >= 0x20 && *s < 0x7f);
}

static void check_same(const char *a, const char *b)
{
	CHECK(!a == !b);
	CHECK(!a || !strcmp(a, b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy p = {0}, q = {0};
	struct errinfo e = {0};
	struct buf b = {0};
	int r = policy_parse((const char *)data, size, &p, &e);

	if (r < 0) {
		check_refusal(&e, r);
		CHECK(!p.block && !p.mask && !p.unmask && !p.timezone[0]);
		return 0;
	}
	for (int c = 1; c < CLASS_COUNT; c++) {
		CHECK(p.disp[c] >= DISP_SHOW && p.disp[c] <= DISP_DROP);
		CHECK(!class_always_dropped((enum redact_class)c) || p.disp[c] == DISP_DROP);
	}
	CHECK(p.retention_days <= LIMIT_RETENTION_DAYS);
	CHECK(policy_format(&p, &b) == 0);
	/* what is written may be longer than what was read, by what was left out */
	if (b.len <= LIMIT_POLICY_BYTES) {
		CHECK(policy_parse(b.p, b.len, &q, &e) == 0);
		CHECK(!memcmp(p.disp, q.disp, sizeof(p.disp)));
		CHECK(p.retention_days == q.retention_days);
		check_same(p.timezone, q.timezone);
		check_same(p.controller, q.controller);
		check_same(p.block, q.block);
		check_same(p.mask, q.mask);
		check_same(p.unmask, q.unmask);
		CHECK(!policy_loosens(&p, &q) && !policy_loosens(&q, &p));
	}
	policy_done(&p);
	policy_done(&q);
	buf_done(&b);
	return 0;
}
