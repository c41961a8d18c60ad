/* site.c: names of sites; see site.h. Nothing is mended here, upper case included: a name that was
 * changed on the way would be another site than the one its operator meant. */
#include "redactfs/site.h"

#include "redactfs/limits.h"

#include <string.h>

#define LABEL_BYTES 63 /* RFC 1035, 2.3.4 */

int site_name_check(const char *name, size_t len, struct errinfo *e)
{
	size_t label = 0;

	if (!len)
		return err_set(e, -EINVAL, "the site's name is empty");
	if (len > LIMIT_SITE_BYTES)
		return err_set(e, -EINVAL, "the site's name is longer than %u characters",
			       LIMIT_SITE_BYTES);
	for (size_t i = 0; i <= len; i++) {
		char c = '.'; /* as if a label followed */

		if (i < len)
			c = name[i];

		if (c == '.') {
			if (!label)
				return err_set(e, -EINVAL, "the site's name has an empty label");
			if (label > LABEL_BYTES)
				return err_set(
					e, -EINVAL,
					"a label of the site's name is longer than %d characters",
					LABEL_BYTES);
			if (name[i - 1] == '-' || name[i - label] == '-')
				return err_set(
					e, -EINVAL,
					"a label of the site's name starts or ends with '-'");
			label = 0;
			continue;
		}
		if (c >= 'A' && c <= 'Z') {
			(void)err_set(e, -EINVAL, "the site's name has upper-case letters");
			err_hint(e, "write it in lower case");
			return -EINVAL;
		}
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
			(void)err_set(e, -EINVAL, "the site's name is no DNS name");
			err_hint(e,
				 "letters a-z, digits, '-' and '.'; international names as xn--…");
			return -EINVAL;
		}
		label++;
	}
	return 0;
}
