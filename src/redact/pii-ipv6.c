/* pii-ipv6.c: IPv6 addresses (the text forms of RFC 4291). Scopes in code and times look like them,
 * so an address must lie in a range that is given out. */
#include "detect-priv.h"

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
			end = ipv4_quad_end(sc, i, &v4);
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
	scan_add(sc, start, i, DETECTOR_IPV6);
	return i;
}
