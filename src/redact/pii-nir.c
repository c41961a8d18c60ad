/* pii-nir.c: NIR, the social security number (France): sex, year, month, department, which may be
 * 2A or 2B, place and order, with a key of two digits: 1 85 05 78 006 084 36, 185052A00608436. With
 * its key it counts anywhere, without behind its words. */
#include "national-id.h"

size_t nir_end(struct scan *sc, size_t i)
{
	static const unsigned breaks = 1u << 1 | 1u << 3 | 1u << 5 | 1u << 7 | 1u << 10 | 1u << 13;
	uint8_t d[15];
	char corsica = 0;
	unsigned n = 0;
	size_t k = i, end13 = 0;

	while (n < 15) {
		int c = byte_at(sc, k);
		size_t len;
		unsigned kind;

		if (n == 6 && d[5] == 2 && ((c | 0x20) == 'a' || (c | 0x20) == 'b')) {
			corsica = (char)(c | 0x20);
			d[n++] = 0;
			k++;
		} else if (is_digit(c)) {
			d[n++] = (uint8_t)(c - '0');
			k++;
		} else {
			kind = num_sep_at(sc, k, &len);
			if (!(breaks >> n & 1) || !(kind & (SEP_SPACE | SEP_DASH | SEP_DOT)))
				break;
			k += len;
			if (!is_digit(byte_at(sc, k)))
				break;
		}
		if (n == 13)
			end13 = k;
	}
	if (n == 15 && id_free_after(sc, k) && check_nir(d, corsica == 'a', corsica == 'b'))
		return k;
	if (end13 && id_free_after(sc, end13) && (d[0] == 1 || d[0] == 2) &&
	    d[3] * 10u + d[4] >= 1 && d[3] * 10u + d[4] <= 12 && scan_hinted(sc, i, H_NIR, ID_NEAR))
		return end13;
	return 0;
}
