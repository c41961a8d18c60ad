/* pii-dni.c: DNI and NIE (Spain): eight digits, or a letter and seven, and the letter that they
 * give. A small letter, or one behind a space, counts behind its words only. */
#include "national-id.h"

size_t dni_end(struct scan *sc, size_t i, const struct num *v)
{
	size_t end, len;
	uint32_t x = 0;
	bool hinted;
	int c;

	if (v->n < 8 || !num_ends_group(v, 7) ||
	    !(id_bare(v, 8) || id_grouped(v, 8, "233", SEP_DOT | SEP_SPACE)))
		return 0;
	end = v->end[7];
	hinted = !is_alpha(byte_at(sc, end)) || (sc->s[end] & 0x20) ||
		 (v->ngroups > 1 && v->sep[1] == SEP_SPACE && v->first[1] < 8);
	if (!is_alpha(byte_at(sc, end))) {
		unsigned kind = num_sep_at(sc, end, &len);

		if (!(kind & (SEP_DASH | SEP_SPACE)) || !is_alpha(byte_at(sc, end + len)))
			return 0;
		end += len;
		hinted = kind == SEP_SPACE || (sc->s[end] & 0x20);
	}
	c = sc->s[end] & ~0x20;
	for (unsigned k = 0; k < 8; k++)
		x = x * 10 + v->d[k];
	if (dni_letter(x) != c || !id_free_after(sc, end + 1))
		return 0;
	if (hinted ? !scan_hinted(sc, i, H_DNI, ID_NEAR) : id_other_words(sc, i))
		return 0;
	return end + 1;
}

size_t nie_end(const struct scan *sc, size_t start, size_t i, size_t run)
{
	int first = sc->s[start], c = first | 0x20;
	uint32_t x = 0;
	size_t end = i + 7;

	if (run != 7 || c < 'x' || c > 'z')
		return 0;
	for (unsigned k = 0; k < 7; k++)
		x = x * 10 + (sc->s[i + k] - '0');
	if (byte_at(sc, end) == '-')
		end++;
	if (!is_alpha(byte_at(sc, end)) || ((sc->s[end] ^ first) & 0x20))
		return 0;
	x += (uint32_t)(c - 'x') * 10000000u;
	return dni_letter(x) == (sc->s[end] & ~0x20) && id_free_after(sc, end + 1) ? end + 1 : 0;
}
