/* retention.c: which days of which sites are past their time. Pure arithmetic on dates: a session
 * is of the day that its folder says, which was fixed at import in the site's time zone, and
 * "today" is asked in that zone too; hours don't come into it. */
#include "redactfs/erase.h"

#include "redactfs/policy.h"
#include "redactfs/timez.h"

#include <stdio.h>
#include <time.h>

#define PAGE 16

/* "2026-11-23" and -90 make "2026-08-25". */
static int date_shift(const char *date, int64_t days, char out[TIMEZ_DATE_BYTES])
{
	struct tm tm = {0};
	const char *end = strptime(date, "%Y-%m-%d", &tm);

	if (!end || *end)
		return -EINVAL;
	time_t t = timegm(&tm) + (time_t)days * 86400;
	if (!gmtime_r(&t, &tm))
		return -EINVAL;
	return strftime(out, TIMEZ_DATE_BYTES, "%Y-%m-%d", &tm) == TIMEZ_DATE_BYTES - 1 ? 0
											: -EINVAL;
}

/* 1: has a limit. */
static int due_of(struct store *s, const struct site_row *row, int64_t now_ms,
		  struct retention_site *ret, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf ini = {0};
	CLEANUP(policy_done) struct policy p = {0};
	char today[TIMEZ_DATE_BYTES], time[TIMEZ_TIME_BYTES];
	uint64_t seq;
	int r = store_policy_get(s, row->name, &ini, &seq);

	if (r == 0)
		r = policy_parse(ini.p ? ini.p : "", ini.len, &p, e);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the policy of '%s'", row->name);
	if (!p.retention_days)
		return 0;
	r = timez_format(p.timezone, now_ms, today, time);
	if (r == 0)
		r = date_shift(today, -(int64_t)p.retention_days, ret->before);
	if (r < 0)
		return err_set(e, r, "no such time zone: '%s', of '%s'", p.timezone, row->name);
	memcpy(ret->name, row->name, sizeof(ret->name));
	ret->days = p.retention_days;
	return 1;
}

int retention_due(struct store *s, int64_t now_ms,
		  int (*each)(void *ctx, const struct retention_site *site), void *ctx,
		  struct errinfo *e)
{
	struct site_row rows[PAGE];
	struct retention_site site;
	uint64_t after = 0;
	int n;

	while ((n = store_site_list(s, after, rows, PAGE)) > 0) {
		for (int i = 0; i < n; i++) {
			after = rows[i].id;
			int r = due_of(s, &rows[i], now_ms, &site, e);
			if (r > 0)
				r = each(ctx, &site);
			if (r)
				return r;
		}
	}
	return n < 0 ? err_set_errno(e, n, "cannot list the sites") : 0;
}
