/* pii-otp.c: one-time codes in sentences ("your verification code is 371990"). Short numbers, so
 * only directly behind the words. Codes in key=value form are pii-keyvalue.c's. */
#include "detect-priv.h"

size_t otp_at(struct scan *sc, size_t i, const struct num *v)
{
	unsigned run = v->ngroups > 1 ? v->first[1] : v->n, n = run;
	int c;

	/* 371 990 and 371-990 are written too. */
	if (run == 3 && v->ngroups > 1 && v->nsep[1] == 1 && (v->sep[1] & (SEP_SPACE | SEP_DASH)) &&
	    (v->ngroups > 2 ? v->first[2] : v->n) == 6)
		n = 6;
	if (n < 4 || n > 8)
		return 0;
	c = byte_at(sc, v->end[n - 1]);
	if (is_alpha(c) || c == '-' || c == '/' || c == '_' || byte_before(sc, i) == '-')
		return 0;
	if (!scan_hinted(sc, i, H_OTP, 1))
		return 0;
	scan_add(sc, i, v->end[n - 1], CLASS_OTP);
	return v->end[n - 1];
}
