/* decode.c: undoes one encoding of a string and keeps the way back; see decode.h. Lenient: what
 * isn't encoded stays as it is. */
#include "decode.h"

#include "fold.h"
#include "redactfs/hex.h"
#include "redactfs/jtok.h"
#include "redactfs/utf8.h"

#include <string.h>

static void put(struct decoded *d, char c, size_t from)
{
	d->map[d->n] = (uint32_t)from;
	d->s[d->n++] = c;
}

bool decode_percent(const struct layer *l, struct decoded *d)
{
	bool plus = memchr(l->s, '=', l->n) != NULL, any = false;

	for (size_t i = 0; i < l->n; i++) {
		int hi = l->s[i] == '%' && i + 2 < l->n ? hex_digit(l->s[i + 1]) : -1;
		int lo = hi >= 0 ? hex_digit(l->s[i + 2]) : -1;

		if (lo >= 0) {
			put(d, (char)(hi << 4 | lo), i);
			i += 2;
			any = true;
		} else if (plus && l->s[i] == '+') {
			put(d, ' ', i);
			any = true;
		} else {
			put(d, l->s[i], i);
		}
	}
	d->map[d->n] = (uint32_t)l->n;
	return any;
}

bool decode_entities(const struct layer *l, struct decoded *d)
{
	static const struct {
		const char *name;
		uint32_t c;
	} names[] = {{"amp;", '&'},   {"lt;", '<'},    {"gt;", '>'},     {"quot;", '"'},
		     {"apos;", '\''}, {"nbsp;", 0xa0}, {"commat;", '@'}, {"period;", '.'},
		     {"plus;", '+'},  {"sol;", '/'},   {"num;", '#'}};
	bool any = false;

	for (size_t i = 0; i < l->n;) {
		const char *s = l->s + i + 1;
		size_t left = l->n - i - 1, used = 0;
		uint32_t c = 0;

		if (l->s[i] == '&' && left && s[0] == '#') {
			bool hex = left > 1 && (s[1] | 32) == 'x';
			size_t k = hex ? 2 : 1, from = k;

			for (; k < left && k < from + 7; k++) {
				int v = hex_digit(s[k]);
				if (v < 0 || (!hex && v > 9))
					break;
				c = c * (hex ? 16 : 10) + (uint32_t)v;
			}
			if (k > from && c && c < 0x110000)
				used = k + (k < left && s[k] == ';');
		} else if (l->s[i] == '&') {
			for (size_t k = 0; k < sizeof(names) / sizeof(names[0]) && !used; k++) {
				size_t len = strlen(names[k].name);
				if (len <= left && !memcmp(s, names[k].name, len)) {
					used = len;
					c = names[k].c;
				}
			}
		}
		if (!used) {
			put(d, l->s[i], i);
			i++;
			continue;
		}
		char out[UTF8_MAX];
		size_t len = utf8_put(out, c);
		for (size_t k = 0; k < len; k++)
			put(d, out[k], i);
		i += used + 1;
		any = true;
	}
	d->map[d->n] = (uint32_t)l->n;
	return any;
}

const int8_t decode_b64[256] = {
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62,
	-1, 62, -1, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1, -1, 0,
	1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
	23, 24, 25, -1, -1, -1, -1, 63, -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
	39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};

size_t decode_base64(const char *s, size_t n, size_t max, char *out)
{
	uint32_t v = 0;
	size_t o = 0;

	for (size_t i = 0, bits = 0; i < n && o < max; i++) {
		v = v << 6 | (uint32_t)decode_b64val(s[i]);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		uint8_t c = (uint8_t)(v >> bits);
		if (c < 9 || (c > 13 && c < 32) || c == 127)
			return 0;
		out[o++] = (char)c;
	}
	return o;
}

bool decode_is_utf8(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t from = i;
		if (fold_next(s, n, &i) == 0xfffd && (uint8_t)s[from] != 0xef)
			return false;
	}
	return true;
}

bool decode_escapes(const struct layer *l, struct decoded *d)
{
	d->n = jtok_unescape(l->s, l->n, d->s, d->map);
	return d->n != l->n;
}
