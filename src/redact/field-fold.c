/* field-fold.c: brings characters to the letters that vocabularies are compared in.
 *
 * Own tables and no locale: a daemon's result must not depend on its environment, and ICU is a
 * large thing to need for ten Latin alphabets. Other scripts fold to one letter that no word has.
 */
#include "field-priv.h"

#include "redactfs/utf8.h"
#include <string.h>

/* U+00C0 to U+017F, two bytes each; a blank is no second letter, "  " no letter at all. */
static const char latin[] = "a a a a a a aec e e e e i i i i "  /* À */
			    "d n o o o o o   o u u u u y thss"  /* Ð */
			    "a a a a a a aec e e e e i i i i "  /* à */
			    "d n o o o o o   o u u u u y thy "  /* ð */
			    "a a a a a a c c c c c c c c d d "  /* Ā */
			    "d d e e e e e e e e e e g g g g "  /* Đ */
			    "g g g g h h h h i i i i i i i i "  /* Ġ */
			    "i i ijijj j k k k l l l l l l l "  /* İ */
			    "l l l n n n n n n n n n o o o o "  /* ŀ */
			    "o o oeoer r r r r r s s s s s s "  /* Ő */
			    "s s t t t t t t u u u u u u u u "  /* Š */
			    "u u u u w w y y y z z z z z z s "; /* Ű */
_Static_assert(sizeof(latin) == 2 * (0x180 - 0xc0) + 1, "two bytes a letter");

/* Returns the bytes of the character, its code point in *cp; 1 and UINT32_MAX where it isn't UTF-8.
 */
static size_t decode(const char *s, size_t n, uint32_t *cp)
{
	unsigned len = wtf8_next(s, n, cp);

	if (!len)
		*cp = UINT32_MAX;
	return len ? len : 1;
}

static bool latin_upper(uint32_t cp)
{
	if (cp < 0xdf)
		return true;
	if (cp < 0x100)
		return false;
	/* pairs, the capital first: from an even code point, but for two stretches */
	if ((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e))
		return cp & 1;
	return cp == 0x178 || !(cp & 1);
}

static bool invisible(uint32_t cp)
{
	return (cp >= 0x300 && cp <= 0x36f) || cp == 0xad || (cp >= 0x200b && cp <= 0x200f) ||
	       cp == 0x2060 || cp == 0xfeff;
}

/* Punctuation, symbols and spaces beyond Latin-1, by block. */
static bool other_separates(uint32_t cp)
{
	return (cp >= 0x2000 && cp <= 0x2bff) || (cp >= 0x3000 && cp <= 0x303f) ||
	       (cp >= 0xfe10 && cp <= 0xfe6f) || (cp >= 0xff00 && cp <= 0xffef) || cp >= 0x1f000;
}

static void one(struct folded *r, uint32_t c, bool upper)
{
	r->c[0] = (char)c;
	r->len = 1;
	r->upper = upper;
}

static void two(struct folded *r, const char *pair, bool upper)
{
	r->c[0] = pair[0];
	r->c[1] = pair[1];
	r->len = pair[0] == ' ' ? 0 : pair[1] == ' ' ? 1 : 2;
	r->upper = upper;
	r->separates = !r->len;
}

size_t field_fold(const char *s, size_t n, struct folded *ret)
{
	uint32_t cp;
	size_t used = decode(s, n, &cp);

	*ret = (struct folded){0};
	if (cp >= 0xff01 && cp <= 0xff5e) /* full width */
		cp -= 0xff01 - 0x21;
	if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || cp == '#')
		one(ret, cp, false);
	else if (cp >= 'A' && cp <= 'Z')
		one(ret, cp | 0x20, true);
	else if (cp < 0x80 || cp == UINT32_MAX)
		ret->separates = true;
	else if (cp >= 0xc0 && cp < 0x180)
		two(ret, latin + 2 * (cp - 0xc0), latin_upper(cp));
	else if (cp == 0xaa)
		one(ret, 'a', false); /* ª */
	else if (cp == 0xb0 || cp == 0xba)
		one(ret, 'o', false); /* ° and º: n° is number */
	else if (cp == 0x2116)
		two(ret, "no", false); /* № */
	else if (cp == 0x218 || cp == 0x219)
		one(ret, 's', cp == 0x218); /* ș */
	else if (cp == 0x21a || cp == 0x21b)
		one(ret, 't', cp == 0x21a); /* ț */
	else if (cp == 0x1e9e)
		two(ret, "ss", true); /* ẞ */
	else if (invisible(cp))
		;
	else if (cp < 0xc0 || other_separates(cp))
		ret->separates = true;
	else
		one(ret, (uint8_t)FOLD_OTHER, false);
	return used;
}
