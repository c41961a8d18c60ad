/* class.c: names and tokens of the classes; see class.h. In base, because the store, the engine and
 * the policy all speak of classes and none of them may depend on another for it. */
#include "redactfs/class.h"

#include <string.h>

static const struct {
	const char *name, *token, *quoted;
} classes[CLASS_COUNT] = {
#define C(id, n) [id] = {n, "[" n "]", "\"[" n "]\""}
	C(CLASS_PASSWORD, "password"),
	C(CLASS_CARD, "card"),
	C(CLASS_CVC, "cvc"),
	C(CLASS_OTP, "otp"),
	C(CLASS_BLOCKED, "blocked"),
	C(CLASS_SECRET, "secret"),
	C(CLASS_IBAN, "iban"),
	C(CLASS_NATIONAL_ID, "national-id"),
	C(CLASS_EMAIL, "email"),
	C(CLASS_PHONE, "phone"),
	C(CLASS_IP, "ip"),
	C(CLASS_BIRTHDATE, "birthdate"),
	C(CLASS_URL, "url"),
	C(CLASS_MASKED, "masked"),
	C(CLASS_FORM, "form"),
#undef C
};

const char *class_name(enum redact_class c)
{
	return (unsigned)c < CLASS_COUNT ? classes[c].name : NULL;
}

enum redact_class class_parse(const char *name, size_t len)
{
	for (int i = 1; i < CLASS_COUNT; i++) {
		if (strlen(classes[i].name) == len && !memcmp(classes[i].name, name, len))
			return (enum redact_class)i;
	}
	return CLASS_NONE;
}

const char *class_token(enum redact_class c, enum token_form f, size_t *ret_len)
{
	const char *s;

	switch (f) {
	case FORM_EMPTY:
		s = "";
		break;
	case FORM_FALSE:
		s = "false";
		break;
	case FORM_ZERO:
		s = "0";
		break;
	case FORM_BLACK:
		s = "#000000";
		break;
	case FORM_PICTURE:
		s = "data:,";
		break;
	case FORM_QUOTED:
		s = classes[c].quoted;
		break;
	default:
		s = classes[c].token;
	}
	*ret_len = strlen(s);
	return s;
}
