/* timez.h: dates and times of day, in a site's time zone and in UTC. */
#ifndef REDACTFS_TIMEZ_H
#define REDACTFS_TIMEZ_H

#include <stdint.h>

#define TIMEZ_DATE_BYTES 11 /* "2026-11-23" and a NUL */
#define TIMEZ_TIME_BYTES 7  /* "140322" and a NUL */

/* The local date and time of day of `ms` (milliseconds since 1970; years 0…9999) in the IANA zone
 * `zone`. -EINVAL: no such zone in the system's time zone data ("UTC" needs none), or a year out of
 * range. Any thread may call; the process's own time zone is as before when it returns, but a
 * thread that reads the environment meanwhile sees the other TZ. */
int timez_format(const char *zone, int64_t ms, char ret_date[TIMEZ_DATE_BYTES],
		 char ret_time[TIMEZ_TIME_BYTES]);
/* 0, or -EINVAL as above. */
int timez_check(const char *zone);

/* "2026-11-23T14:03:22.123Z" (RFC 3339) of `ms`, which import has bounded to years of four digits
 * (LIMIT_TIME_MAX_MS). */
#define UTC_BYTES 32
void utc_format(int64_t ms, char out[UTC_BYTES]);

#endif
