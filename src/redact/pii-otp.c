/* pii-otp.c: one-time codes in sentences ("your verification code is 371990", "371990 is your
 * code"): short numbers, so only directly beside the words; and values whose name says that they
 * are one. */
#include "keyvalue.h"

#include <string.h>

/* " is your Google verification code" behind the number. */
static bool words_behind(const struct scan *sc, size_t end)
{
	static const char is_your[] = " is your ";
	char f[LOOK_WORDS_BYTES];
	size_t n = sizeof(is_your) - 1, len;

	if (sc->n - end < n + 4 || memcmp(sc->s + end, is_your, n) != 0)
		return false;
	end += n;
	len = words_fold(sc->s + end, sc->n - end < 40 ? sc->n - end : 40, f, sizeof(f));
	return memmem(f, len, "code", 4) || memmem(f, len, "passcode", 8);
}

size_t otp_at(struct scan *sc, size_t i, const struct num *v)
{
	unsigned run = v->ngroups > 1 ? v->first[1] : v->n, n = run;
	int c;

	/* 371 990, 371-990 and 37 19 90 are written too. */
	if (v->ngroups > 1 && v->nsep[1] == 1 && (v->sep[1] & (SEP_SPACE | SEP_DASH))) {
		if (run == 3 && (v->ngroups > 2 ? v->first[2] : v->n) == 6)
			n = 6;
		if (run == 2 && v->ngroups == 3 && v->n == 6 && v->first[2] == 4)
			n = 6;
	}
	if (n < 4 || n > 8)
		return 0;
	c = byte_at(sc, v->end[n - 1]);
	if (is_alpha(c) || c == '-' || c == '/' || c == '_')
		return 0;
	if (!words_behind(sc, v->end[n - 1]) &&
	    (byte_before(sc, i) == '-' || !scan_hinted(sc, i, H_OTP, 1)))
		return 0;
	scan_add(sc, i, v->end[n - 1], DETECTOR_OTP);
	return v->end[n - 1];
}

void otp_value(struct scan *sc, const struct value *v, const struct make *m)
{
	if (m->digit && !m->space && !m->call && v->to - v->from >= 4 && v->to - v->from <= 40)
		scan_claim(sc, v->from, v->to, DETECTOR_OTP);
}
