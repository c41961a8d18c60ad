/* field-type.c: what type= and autocomplete= say about a field; see field.h.
 *
 * Autofill tokens are read as the HTML standard has them: a list, any case, with section-, billing
 * and the like before the one that names the field. Recorders that compare the whole attribute
 * with "cc-number" miss "section-a billing cc-number". What isn't a token of the standard is read
 * as words ("cardnumber", "password"), as pages write those too. */
#include "redactfs/field.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct token {
	const char *s;
	uint8_t cls;
};

static const struct token types[] = {
	{"password", CLASS_PASSWORD}, {"email", CLASS_EMAIL}, {"tel", CLASS_PHONE},
	{"submit", CLASS_NONE},       {"button", CLASS_NONE}, {"reset", CLASS_NONE},
	{"image", CLASS_NONE},
};

/* Of the standard's other tokens on, off, shipping, billing, home, work, mobile, fax, pager and
 * webauthn say how, not what. */
static const struct token tokens[] = {
	{"current-password", CLASS_PASSWORD},
	{"new-password", CLASS_PASSWORD},
	{"one-time-code", CLASS_OTP},
	{"cc-csc", CLASS_CVC},
	{"email", CLASS_EMAIL},
	{"tel", CLASS_PHONE},
	{"bday", CLASS_BIRTHDATE},
	{"username", CLASS_FORM},
	{"name", CLASS_FORM},
	{"given-name", CLASS_FORM},
	{"additional-name", CLASS_FORM},
	{"family-name", CLASS_FORM},
	{"nickname", CLASS_FORM},
	{"street-address", CLASS_FORM},
	{"postal-code", CLASS_FORM},
	{"sex", CLASS_FORM},
	{"impp", CLASS_FORM},
	{"photo", CLASS_FORM},
	{"url", CLASS_FORM},
	{"language", CLASS_FORM},
};

/* Families; a longer one with the same beginning comes first. cc- is all that isn't the CSC: name,
 * number, exp, exp-month, exp-year, type. */
static const struct token prefixes[] = {
	{"cc-csc", CLASS_CVC},        {"cc-cvc", CLASS_CVC},        {"cc-cvv", CLASS_CVC},
	{"cc-", CLASS_CARD},          {"tel-", CLASS_PHONE},        {"bday-", CLASS_BIRTHDATE},
	{"honorific-", CLASS_FORM},   {"address-l", CLASS_FORM},    {"country", CLASS_FORM},
	{"organization", CLASS_FORM}, {"transaction-", CLASS_FORM},
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* s, in any case, begins with the lower-case w. */
static bool starts(const char *s, size_t n, const char *w)
{
	size_t len = strlen(w);

	if (n < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (lower(s[i]) != w[i])
			return false;
	}
	return true;
}

enum redact_class field_by_type(const char *type, size_t len)
{
	while (len && space(type[0]))
		type++, len--;
	while (len && space(type[len - 1]))
		len--;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].s) == len && starts(type, len, types[i].s))
			return types[i].cls;
	}
	return CLASS_FORM;
}

static enum redact_class of_token(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		if (strlen(tokens[i].s) == n && starts(s, n, tokens[i].s))
			return tokens[i].cls;
	}
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (starts(s, n, prefixes[i].s))
			return prefixes[i].cls;
	}
	return starts(s, n, "section-") ? CLASS_NONE : field_by_words(s, n, WORDS_IN_NAME);
}

enum redact_class field_by_autocomplete(const char *v, size_t len)
{
	enum redact_class best = CLASS_NONE;

	for (size_t i = 0; i < len;) {
		size_t from = i;

		while (i < len && !space(v[i]))
			i++;
		enum redact_class c = of_token(v + from, i - from);
		/* classes are ordered, the most sensitive first */
		if (c && (!best || c < best))
			best = c;
		i++;
	}
	return best;
}
