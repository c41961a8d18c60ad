/* fuzz-field.c: whatever a page writes into names, labels and attributes, the tables answer with a
 * class or marks that there are, the same in either case and between separators. */
#include "fuzz.h"

#include "redactfs/field.h"
#include "redactfs/marks.h"

#include <stdbool.h>
#include <string.h>

static bool may_be_said(enum redact_class c)
{
	switch (c) {
	case CLASS_NONE:
	case CLASS_PASSWORD:
	case CLASS_CARD:
	case CLASS_CVC:
	case CLASS_OTP:
	case CLASS_IBAN:
	case CLASS_NATIONAL_ID:
	case CLASS_BIRTHDATE:
	case CLASS_EMAIL:
	case CLASS_PHONE:
		return true;
	default:
		return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	const char *eq = size ? memchr(s, '=', size) : NULL;
	size_t namelen = eq ? (size_t)(eq - s) : size, valuelen = eq ? size - namelen - 1 : 0;
	char *other = malloc(size + 2);

	CHECK(other);
	other[0] = other[size + 1] = '-';
	memcpy(other + 1, s, size);
	enum redact_class name = field_by_words(s, size, WORDS_IN_NAME);
	CHECK(may_be_said(name));
	CHECK(may_be_said(field_by_words(s, size, WORDS_IN_LABEL)));
	if (size < 256) /* beyond, the start of the text is another */
		CHECK(field_by_words(other, size + 2, WORDS_IN_NAME) == name);
	CHECK(field_by_type(s, size) < CLASS_COUNT);
	CHECK(field_by_autocomplete(s, size) < CLASS_COUNT);

	unsigned marks = marks_of_attribute(s, namelen, eq ? eq + 1 : "", valuelen);
	CHECK(marks < MARK_PASSWORD << 1);
	for (size_t i = 1; i <= size; i++) {
		if (other[i] >= 'a' && other[i] <= 'z')
			other[i] = (char)(other[i] - 0x20);
	}
	CHECK(marks_of_attribute(other + 1, namelen, eq ? other + 1 + namelen + 1 : "", valuelen) ==
	      marks);
	free(other);
	return 0;
}
