/* timez.c: dates and times; see timez.h.
 *
 * The C library knows the zones' rules but has them only for the process's own zone, so TZ is set,
 * used and put back under a mutex. It takes an unknown name for UTC without a word: the name is
 * looked for in the zone data first. */
#include "redactfs/timez.h"

#include "redactfs/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"

static pthread_mutex_t env_lock = PTHREAD_MUTEX_INITIALIZER; /* [L] guards TZ */

static bool name_ok(const char *zone)
{
	size_t n = strlen(zone);

	if (!n || n > 63 || zone[0] == '/' || strstr(zone, ".."))
		return false;
	return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
	       n;
}

int timez_check(const char *zone)
{
	char path[sizeof(ZONE_FOLDER) + 64], magic[4];

	if (!strcmp(zone, "UTC"))
		return 0;
	if (!name_ok(zone))
		return -EINVAL;
	(void)snprintf(path, sizeof(path), ZONE_FOLDER "/%s", zone); /* name_ok bounds it */
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -EINVAL;
	if (read(fd, magic, sizeof(magic)) != (ssize_t)sizeof(magic) ||
	    memcmp(magic, "TZif", 4) != 0)
		return -EINVAL;
	return 0;
}

/* [L] held */
static bool local(const char *zone, time_t t, struct tm *ret)
{
	CLEANUP_FREE char *old = NULL;
	const char *now = getenv("TZ");
	char tz[66];

	if (now) {
		old = strdup(now);
		if (!old)
			return false;
	}
	(void)snprintf(tz, sizeof(tz), ":%s", zone); /* ':' is always a name, never a rule */
	if (setenv("TZ", tz, 1) < 0)
		return false;
	tzset();
	bool ok = localtime_r(&t, ret);
	if (old)
		(void)setenv("TZ", old, 1); /* no memory: the zone stays, harmless */
	else
		(void)unsetenv("TZ");
	tzset();
	return ok;
}

int timez_format(const char *zone, int64_t ms, char ret_date[TIMEZ_DATE_BYTES],
		 char ret_time[TIMEZ_TIME_BYTES])
{
	time_t t = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm tm;
	bool ok;

	int r = timez_check(zone);
	if (r < 0)
		return r;
	if (!strcmp(zone, "UTC")) {
		ok = gmtime_r(&t, &tm);
	} else {
		(void)pthread_mutex_lock(&env_lock);
		ok = local(zone, t, &tm);
		(void)pthread_mutex_unlock(&env_lock);
	}
	if (!ok || tm.tm_year < -1900 || tm.tm_year > 8099)
		return -EINVAL;

	char date[32], clock[16];
	(void)snprintf(date, sizeof(date), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1,
		       tm.tm_mday);
	(void)snprintf(clock, sizeof(clock), "%02d%02d%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	memcpy(ret_date, date, TIMEZ_DATE_BYTES);
	memcpy(ret_time, clock, TIMEZ_TIME_BYTES);
	return 0;
}

void utc_format(int64_t ms, char out[UTC_BYTES])
{
	int64_t rest = ms % 1000, s = ms / 1000;
	char day[24] = "";
	struct tm tm;

	if (rest < 0) {
		rest += 1000;
		s--;
	}
	time_t t = (time_t)s;
	if (gmtime_r(&t, &tm))
		(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out, UTC_BYTES, "%s.%03dZ", day, (int)rest);
}
