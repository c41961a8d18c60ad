/* jtok-use.c: what is done with tokens once they are there: members, numbers, escapes; see jtok.h.
 */
#include "redactfs/hex.h"
#include "redactfs/jtok.h"
#include "redactfs/utf8.h"

#include <string.h>

uint32_t jtok_get_n(const char *text, const struct jtok *v, uint32_t obj, const char *key, size_t n)
{
	if (v[obj].type != JTOK_OBJECT)
		return 0;
	uint32_t end = jtok_next(v, obj);
	for (uint32_t k = obj + 1; k < end; k = jtok_next(v, k + 1)) {
		const char *s = text + v[k].off;

		if (v[k].len == n && (!n || (s[0] == key[0] && !memcmp(s, key, n))))
			return k + 1;
	}
	return 0;
}

size_t jtok_inside(const char *text, const struct jtok *v, uint32_t i, uint32_t *ret_off)
{
	const char *s = text + v[i].off + 1, *p = s;
	bool string = false;

	*ret_off = v[i].off + (v[i].type <= JTOK_ARRAY);
	if (v[i].type > JTOK_ARRAY)
		return v[i].len;
	for (uint32_t open = 1;; p++) {
		if (*p == '"')
			string = !string;
		else if (string)
			p += *p == '\\'; /* what is escaped is one character, or hex digits */
		else if (*p == '{' || *p == '[')
			open++;
		else if ((*p == '}' || *p == ']') && !--open)
			return (size_t)(p - s);
	}
}

bool jtok_int(const char *text, const struct jtok *t, int64_t *ret)
{
	int64_t v = 0;
	uint32_t i = 0, n = t->len;

	if (t->type != JTOK_NUMBER || n > 17)
		return false;
	bool neg = text[t->off] == '-';
	const char *s = text + t->off;
	for (i = neg; i < n; i++) {
		unsigned d = (unsigned)s[i] - '0';
		if (d > 9)
			return false;
		v = v * 10 + d;
	}
	if (v > 1ll << 53)
		return false;
	*ret = neg ? -v : v;
	return true;
}

size_t jtok_unescape(const char *s, size_t n, char *out, uint32_t *map)
{
	size_t o = 0;

	for (size_t i = 0; i < n;) {
		size_t from = i, k = 1;

		if (s[i] != '\\' || n - i < 2) {
			out[o] = s[i++];
		} else if (s[i + 1] == 'u' && n - i >= 6) {
			int v = hex_four((const uint8_t *)s + i + 2);
			uint32_t c = v < 0 ? 0xfffd : (uint32_t)v;

			i += 6;
			if (c >= 0xd800 && c < 0xdc00 && n - i >= 6 && s[i] == '\\' &&
			    s[i + 1] == 'u') {
				int w = hex_four((const uint8_t *)s + i + 2);
				if (w >= 0xdc00 && w < 0xe000) {
					c = 0x10000 + ((c - 0xd800) << 10) + ((uint32_t)w - 0xdc00);
					i += 6;
				}
			}
			k = utf8_put(out + o, c);
		} else {
			static const char from_esc[] = "bfnrt", to[] = "\b\f\n\r\t";
			const char *f = strchr(from_esc, s[i + 1]);

			out[o] = f && s[i + 1] ? to[f - from_esc] : s[i + 1];
			i += 2;
		}
		if (map)
			for (size_t j = 0; j < k; j++)
				map[o + j] = (uint32_t)from;
		o += k;
	}
	if (map)
		map[o] = (uint32_t)n;
	return o;
}
