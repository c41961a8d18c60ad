/* policy-file.c: a policy out of a file, and what is wrong with it, as compilers say it. */
#include "cli-priv.h"

#include "redactfs/timez.h"

#include <stdlib.h>
#include <string.h>

/* The line that sets the time zone, for a message. */
static unsigned line_of(const struct buf *ini, const char *key)
{
	unsigned line = 1;

	for (const char *p = ini->p; p && *p; line++) {
		const char *nl = strchr(p, '\n');

		if (!strncmp(p + strspn(p, " \t"), key, strlen(key)))
			return line;
		p = nl ? nl + 1 : NULL;
	}
	return 1;
}

/* "line 3: what" becomes "FILE:3: what". */
static void name_place(struct errinfo *e, const char *file)
{
	static const char head[] = "line ";
	char what[sizeof(e->msg)], *end;

	memcpy(what, e->msg, sizeof(what));
	if (strncmp(what, head, sizeof(head) - 1) != 0) {
		err_prefix(e, "policy '%s'", file);
		return;
	}
	unsigned long line = strtoul(what + sizeof(head) - 1, &end, 10);
	(void)snprintf(e->msg, sizeof(e->msg), "%s:%lu%s", file, line, end);
}

int policy_check(const char *file, const struct buf *ini, struct policy *ret, struct errinfo *e)
{
	struct policy p = {0};
	int r = policy_parse(ini->p ? ini->p : "", ini->len, &p, e);

	if (r == 0 && timez_check(p.timezone) < 0) {
		r = err_set(e, -EINVAL, "line %u: no such time zone: '%s'",
			    line_of(ini, "timezone"), p.timezone);
		policy_done(&p);
	}
	if (r < 0) {
		name_place(e, file);
		return r;
	}
	*ret = p;
	return 0;
}
