/* policy-keys.h: how the classes are called in [record], between reading and writing. */
#ifndef REDACTFS_POLICY_KEYS_H
#define REDACTFS_POLICY_KEYS_H

#include "redactfs/class.h"

/* The plural of a class's name, as policies write it ("emails"); "blocked" and "masked" stay. */
static inline const char *policy_plural(enum redact_class c)
{
	static const char *const names[CLASS_COUNT] = {
		[CLASS_PASSWORD] = "passwords",
		[CLASS_CARD] = "cards",
		[CLASS_CVC] = "cvcs",
		[CLASS_OTP] = "otps",
		[CLASS_BLOCKED] = "blocked",
		[CLASS_SECRET] = "secrets",
		[CLASS_IBAN] = "ibans",
		[CLASS_NATIONAL_ID] = "national-ids",
		[CLASS_EMAIL] = "emails",
		[CLASS_PHONE] = "phones",
		[CLASS_IP] = "ips",
		[CLASS_BIRTHDATE] = "birthdates",
		[CLASS_URL] = "urls",
		[CLASS_MASKED] = "masked",
		[CLASS_FORM] = "forms",
	};

	return names[c];
}

#endif
