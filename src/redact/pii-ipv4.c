/* pii-ipv4.c: IPv4 addresses.
 *
 * Versions, section numbers and object ids look like them, so the words before count. Addresses
 * that name no machine (loopback, unspecified, masks, multicast) stay. */
#include "detect-priv.h"

size_t ipv4_quad_end(const struct scan *sc, size_t i, uint32_t *ret)
{
	*ret = 0;
	for (unsigned k = 0; k < 4; k++) {
		unsigned x = 0, digits = 0;

		while (digits < 3 && is_digit(byte_at(sc, i))) {
			if (digits == 1 && x == 0)
				return 0;
			x = x * 10 + (sc->s[i++] - '0');
			digits++;
		}
		if (digits == 0 || x > 255)
			return 0;
		*ret = *ret << 8 | x;
		if (k < 3 && byte_at(sc, i++) != '.')
			return 0;
	}
	return i;
}

/* Between two other numbers it is one of them (3.51.98.32 in the path of an SVG), unless they are
 * addresses too. */
static bool among_numbers(const struct scan *sc, size_t i, size_t end)
{
	size_t before = i, next = end;
	uint32_t a;

	while (before > 0 && i - before < 3 &&
	       (sc->s[before - 1] == ' ' || sc->s[before - 1] == '-'))
		before--;
	while (next < sc->n && next - end < 3 && (sc->s[next] == ' ' || sc->s[next] == '-'))
		next++;
	if (before == i || !is_digit(byte_before(sc, before)))
		return false;
	if (next < sc->n && (is_digit(sc->s[next]) || sc->s[next] == '.') &&
	    ipv4_quad_end(sc, next, &a))
		return false;
	for (next = before; next > 0 && before - next < 15 &&
			    (is_digit(sc->s[next - 1]) || sc->s[next - 1] == '.');)
		next--;
	return ipv4_quad_end(sc, next, &a) != before;
}

static bool is_heading(const struct scan *sc, size_t i, size_t end, uint32_t a)
{
	size_t len;

	if (i > 0 && byte_before(sc, i) != '\n')
		return false;
	for (unsigned k = 0; k < 32; k += 8) {
		if ((a >> k & 0xff) > 30)
			return false;
	}
	if (byte_at(sc, end) == '.')
		end++;
	return num_sep_at(sc, end, &len) == SEP_SPACE && is_alpha(byte_at(sc, end + len));
}

/* Of a package: (<< 1.0.24.2-5), >= 1.2.3.4, schemas (3.31.0.2-2). */
static bool is_release(const struct scan *sc, size_t i, size_t end)
{
	size_t k = i;
	int c;

	if (byte_before(sc, k) == ' ')
		k--;
	c = byte_before(sc, k);
	if (k > 1 && (c == '=' || c == '<' || c == '>') &&
	    (sc->s[k - 2] == '<' || sc->s[k - 2] == '>' || sc->s[k - 2] == '~'))
		return true;
	if (c != '(' || k != i || byte_at(sc, end) != '-' || k < 3 || sc->s[k - 2] != ' ' ||
	    !is_alnum(sc->s[k - 3]))
		return false;
	for (k = end + 1; k < end + 4 && is_digit(byte_at(sc, k)); k++)
		;
	return k > end + 1 && byte_at(sc, k) == ')';
}

size_t ipv4_at(struct scan *sc, size_t i)
{
	uint32_t a;
	size_t end = ipv4_quad_end(sc, i, &a);
	int before = byte_before(sc, i), before2 = i > 1 ? sc->s[i - 2] : 0;
	const struct hints *h;
	unsigned top = a >> 24;

	if (!end || top == 0 || top == 127 || top >= 224)
		return 0;
	if (is_alnum(byte_at(sc, end)) || byte_at(sc, end) == '_' ||
	    (byte_at(sc, end) == '.' && is_alnum(byte_at(sc, end + 1))) ||
	    (byte_at(sc, end) == '-' && is_alpha(byte_at(sc, end + 1))))
		return 0;
	if (is_alnum(before) && !(before2 == '\\' && is_alpha(before)))
		return 0;
	if (before == '.' || before == '_' || before == '^' || before == '~')
		return 0;
	/* Chrome/10.0.0.1, lib-1.2.3.4; not https://192.0.2.1 and 192.0.2.1-192.0.2.9 */
	if ((before == '/' || before == '-') && (is_alpha(before2) || before2 == ')'))
		return 0;
	if (among_numbers(sc, i, end) || is_release(sc, i, end))
		return 0;
	h = scan_hints(sc, i);
	if (!(h->mask >> H_IP & 1)) {
		if ((h->mask >> H_VERSION & 1 && h->gap[H_VERSION] <= 1) ||
		    (h->mask >> H_PRODUCT & 1 && h->gap[H_PRODUCT] == 0))
			return 0;
		/* 1.2.3.4, and "10.3.2.6. Nodes" at the start of a line: an outline's number */
		if (end - i == 7 || (end - i <= 11 && is_heading(sc, i, end, a)))
			return 0;
	}
	scan_add(sc, i, end, DETECTOR_IPV4);
	return end;
}
