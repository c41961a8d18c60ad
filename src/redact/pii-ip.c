/* pii-ip.c: IPv4 and IPv6 addresses (RFC 4291 text forms).
 *
 * Versions, section numbers and object ids look like IPv4; scopes in code and times look like IPv6.
 * So the words before count, and an IPv6 address must lie in a range that is given out. Addresses
 * that name no machine (loopback, unspecified, masks, multicast) stay. */
#include "detect-priv.h"

#include <string.h>

/* The end of a dotted quad at i, or 0; *ret is the address. */
static size_t quad_end(const struct scan *sc, size_t i, uint32_t *ret)
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
	if (next < sc->n && (is_digit(sc->s[next]) || sc->s[next] == '.') && quad_end(sc, next, &a))
		return false;
	for (next = before; next > 0 && before - next < 15 &&
			    (is_digit(sc->s[next - 1]) || sc->s[next - 1] == '.');)
		next--;
	return quad_end(sc, next, &a) != before;
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

size_t ipv4_at(struct scan *sc, size_t i)
{
	uint32_t a;
	size_t end = quad_end(sc, i, &a);
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
	if (among_numbers(sc, i, end))
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
	scan_add(sc, i, end, CLASS_IP);
	return end;
}

static bool given_out(uint32_t first, uint32_t second)
{
	return (first >= 0x2000 && first <= 0x3fff) || (first & 0xfe00) == 0xfc00 ||
	       (first & 0xffc0) == 0xfe80 || (first == 0x64 && second == 0xff9b);
}

/* Asked at every colon; only the first one of an address parses. */
size_t ipv6_at(struct scan *sc, size_t colon)
{
	size_t start = colon, i, end = 0;
	uint32_t group[8] = {0}, v4;
	unsigned n = 0, digits = 0;
	bool gap = false;
	int before;

	while (start > 0 && colon - start < 5 && hex_of(sc->s[start - 1]) >= 0)
		start--;
	if (colon - start > 4 || (start == colon && byte_at(sc, colon + 1) != ':'))
		return 0;
	before = byte_before(sc, start);
	if (is_alnum(before) || before == ':' || before == '.' || before == '_' || before >= 0x80)
		return 0;
	for (i = start; n < 8;) {
		unsigned len = 0;
		uint32_t x = 0;

		while (len < 4 && hex_of(byte_at(sc, i + len)) >= 0) {
			x = x << 4 | (uint32_t)hex_of(sc->s[i + len]);
			len++;
		}
		if (len > 0 && n <= 6 && byte_at(sc, i + len) == '.') {
			end = quad_end(sc, i, &v4);
			if (end && (n == 6 || gap)) {
				group[n++] = v4 >> 16;
				group[n++] = v4 & 0xffff;
				i = end;
				digits = 8;
				break;
			}
		}
		if (len > 0) {
			if (hex_of(byte_at(sc, i + len)) >= 0)
				return 0;
			group[n++] = x;
			digits += len;
			i += len;
			if (byte_at(sc, i) != ':')
				break;
			if (byte_at(sc, i + 1) != ':') {
				if (hex_of(byte_at(sc, i + 1)) < 0)
					break; /* 2001:db8::1: is followed by a colon */
				i++;
				continue;
			}
		}
		if (byte_at(sc, i) != ':' || byte_at(sc, i + 1) != ':' || gap)
			return 0;
		gap = true;
		i += 2;
		if (hex_of(byte_at(sc, i)) < 0)
			break;
	}
	if (gap ? n > 7 : n != 8)
		return 0;
	if (is_alnum(byte_at(sc, i)) || byte_at(sc, i) == '_' ||
	    (byte_at(sc, i) == ':' && is_alnum(byte_at(sc, i + 1))))
		return 0;
	if (start == colon) { /* ::… : only IPv4 in IPv6 names a machine */
		if (n < 3 || group[0] != 0xffff || digits != 8)
			return 0;
	} else if (!given_out(group[0], n > 1 ? group[1] : 0) ||
		   (gap && n < 2 && !scan_hinted(sc, start, H_IP, 2))) {
		return 0;
	}
	scan_add(sc, start, i, CLASS_IP);
	return i;
}
