/* class.h: the classes of sensitive text, and the tokens that stand in their place. */
#ifndef REDACTFS_CLASS_H
#define REDACTFS_CLASS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers are part of the disk format (docs/FORMAT.md): only ever added to. When two spans meet,
 * the one with the lower number wins: the order is from never-kept to mere form input. */
enum redact_class {
	CLASS_NONE = 0,
	CLASS_PASSWORD = 1,
	CLASS_CARD = 2,
	CLASS_CVC = 3,
	CLASS_OTP = 4,
	CLASS_BLOCKED = 5,
	CLASS_SECRET = 6, /* access tokens, keys, cookies */
	CLASS_IBAN = 7,
	CLASS_NATIONAL_ID = 8,
	CLASS_EMAIL = 9,
	CLASS_PHONE = 10,
	CLASS_IP = 11,
	CLASS_BIRTHDATE = 12,
	CLASS_URL = 13, /* personal data in URL parts that has no class of its own */
	CLASS_MASKED = 14,
	CLASS_FORM = 15,
	CLASS_COUNT
};

/* What the store does with a class (DESIGN: dispositions). Ordered: higher is stricter. */
enum disposition {
	DISP_SHOW = 0,
	DISP_SEAL = 1,
	DISP_DROP = 2,
};

/* How a span's replacement is written, so that the result stays a recording that plays. Numbers are
 * part of the disk format. */
enum token_form {
	FORM_TOKEN = 0,  /* [class], inside a JSON string */
	FORM_QUOTED = 1, /* "[class]", in place of a number */
	FORM_EMPTY =
		2, /* nothing: typed inputs that accept no free text; members taken out whole */
	FORM_FALSE = 3,   /* false, in place of true or false */
	FORM_ZERO = 4,    /* 0, in place of a number that the player computes with */
	FORM_BLACK = 5,   /* #000000: input type=color */
	FORM_PICTURE = 6, /* data:, in place of a picture's data URL */
	FORM_COUNT
};

/* "password", "card", … as in tokens, policies and session.json; NULL for no class. */
const char *class_name(enum redact_class c);
/* The class of a name, or CLASS_NONE. */
enum redact_class class_parse(const char *name, size_t len);
/* password, card, cvc, otp: dropped whatever a policy says. */
static inline int class_always_dropped(enum redact_class c)
{
	return c >= CLASS_PASSWORD && c <= CLASS_OTP;
}
/* The replacement's bytes; static storage. */
const char *class_token(enum redact_class c, enum token_form f, size_t *ret_len);

#endif
