/* detect-number.c: characters, and numbers as people write them: groups of digits with something
 * between. Cards, phones and national ids all start from here. */
#include "detect-priv.h"

#include "redactfs/utf8.h"
#include <string.h>

static size_t cp_decode(const uint8_t *s, size_t n, uint32_t *ret)
{
	unsigned len = wtf8_next(s, n, ret);

	return len ? len : 1;
}

uint32_t cp_at(const uint8_t *s, size_t n, size_t i, size_t *ret_len)
{
	uint32_t cp;

	*ret_len = cp_decode(s + i, n - i, &cp);
	return cp;
}

uint32_t cp_before(const uint8_t *s, size_t i, size_t *ret_len)
{
	uint32_t cp;
	size_t len = 1;

	while (len < 4 && len < i && (s[i - len] & 0xc0) == 0x80)
		len++;
	if (cp_decode(s + i - len, len, &cp) != len) {
		len = 1;
		cp = 0xfffd;
	}
	*ret_len = len;
	return cp;
}

bool cp_is_letter(uint32_t cp)
{
	if (cp < 0x80)
		return is_alpha((int)cp);
	return (cp >= 0xc0 && cp <= 0x24f && cp != 0xd7 && cp != 0xf7) ||
	       (cp >= 0x370 && cp <= 0x52f && cp != 0x37e && cp != 0x387) ||
	       (cp >= 0x1e00 && cp <= 0x1fff);
}

/* ASCII separators; the rest of them, and those of two readings, are sep_slow's. */
#define SLOW 0x80
static const uint8_t sep_ascii[128] = {
	[' '] = SEP_SPACE, ['\t'] = SEP_SPACE, ['-'] = SEP_DASH,  ['_'] = SEP_DASH, ['.'] = SEP_DOT,
	['/'] = SEP_SLASH, ['('] = SEP_OPEN,   [')'] = SEP_CLOSE, ['+'] = SLOW,     ['%'] = SLOW,
};

static unsigned sep_slow(const struct scan *sc, size_t i, size_t *ret_len)
{
	int c = sc->s[i];

	*ret_len = 0;
	if (c == '+') { /* a space in a query, where it lies between two digits */
		if (sc->ctx != DETECT_URL || !is_digit(byte_before(sc, i)) ||
		    !is_digit(byte_at(sc, i + 1)))
			return SEP_NONE;
		*ret_len = 1;
		return SEP_SPACE;
	}
	if (c == '%') {
		if (byte_at(sc, i + 1) != '2' || byte_at(sc, i + 2) != '0')
			return SEP_NONE;
		*ret_len = 3;
		return SEP_SPACE;
	}
	uint32_t cp = cp_at(sc->s, sc->n, i, ret_len);

	if (cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f ||
	    cp == 0x3000)
		return SEP_SPACE;
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xfe63 || cp == 0xff0d)
		return SEP_DASH;
	if (cp == 0xb7 || cp == 0x2022 || cp == 0x2024 || cp == 0x2027)
		return SEP_DOT;
	if (cp != 0xad && (cp < 0x200b || cp > 0x200f) && cp != 0x2060 && cp != 0xfeff)
		*ret_len = 0;
	return SEP_NONE;
}

unsigned num_sep_at(const struct scan *sc, size_t i, size_t *ret_len)
{
	int c = byte_at(sc, i);

	if (c < 0x80) {
		unsigned kind = sep_ascii[c];

		if (kind != SLOW) {
			*ret_len = kind != SEP_NONE;
			return kind;
		}
	}
	return sep_slow(sc, i, ret_len);
}

void num_collect(const struct scan *sc, size_t i, unsigned seps, struct num *ret)
{
	unsigned kinds = 0, count = 0, n = 0;

	ret->cut = false;
	for (ret->ngroups = 0; ret->ngroups < NUM_GROUPS;) {
		size_t k = i;

		ret->first[ret->ngroups] = (uint8_t)n;
		ret->sep[ret->ngroups] = (uint8_t)kinds;
		ret->nsep[ret->ngroups++] = (uint8_t)count;
		for (int c; is_digit(c = byte_at(sc, k));) {
			if (n == NUM_DIGITS) {
				ret->cut = true;
				break;
			}
			ret->d[n] = (uint8_t)(c - '0');
			ret->end[n++] = ++k;
		}
		kinds = count = 0;
		for (unsigned step = 0; step < 6; step++) {
			size_t len;
			unsigned kind = num_sep_at(sc, k, &len);

			if (len == 0 || (kind & ~seps))
				break;
			kinds |= kind;
			count += kind != SEP_NONE;
			k += len;
		}
		if (ret->cut || count > 3 || !is_digit(byte_at(sc, k)))
			break;
		i = k;
		ret->cut = ret->ngroups == NUM_GROUPS;
	}
	ret->n = (uint8_t)n;
}

bool num_ends_group(const struct num *v, unsigned last)
{
	for (unsigned g = 1; g < v->ngroups; g++) {
		if (v->first[g] == last + 1)
			return true;
	}
	return last + 1 == v->n && !v->cut;
}
