/* fuzz-detect.c: whatever a text is, matches are sorted and apart, lie inside of it, split no
 * character, have a class that was asked for, and don't depend on what lies behind the text.
 *
 * The first byte chooses context and classes, the second the length of a label in front of the
 * text. */
#include "fuzz.h"

#include "redactfs/detect.h"

#include <string.h>

static int is_utf8_tail(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Only where the text itself is valid there are characters to split. */
static int is_utf8(const uint8_t *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = s[i] < 0x80   ? 1
			     : s[i] < 0xc2 ? 0
			     : s[i] < 0xe0 ? 2
			     : s[i] < 0xf0 ? 3
					   : 4;

		if (len == 0 || s[i] > 0xf4 || len > n - i)
			return 0;
		for (size_t k = 1; k < len; k++) {
			if (!is_utf8_tail(s[i + k]))
				return 0;
		}
		i += len;
	}
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct detect_matches m = {0};
	size_t label, n, end = 0;
	uint64_t enabled;
	char *text;

	if (size < 2)
		return 0;
	label = data[1] % 64;
	if (label > size - 2)
		label = size - 2;
	n = size - 2 - label;
	enabled = data[0] & 0x80 ? DETECTOR_BIT(1 + data[0] / 4 % (DETECTOR_COUNT - 1))
				 : DETECTORS_ALL;
	text = malloc(n ? n : 1); /* of its own, so that a read behind it is seen */
	CHECK(text);
	memcpy(text, data + 2 + label, n);
	CHECK(detect_scan(text, n, (enum detect_context)(data[0] & 3), enabled,
			  (const char *)data + 2, label, &m) == 0);
	for (size_t i = 0; i < m.n; i++) {
		size_t off = m.v[i].off, to = off + m.v[i].len;

		CHECK(m.v[i].len > 0 && off >= end && to <= n);
		CHECK(m.v[i].cls > CLASS_NONE && m.v[i].cls < CLASS_COUNT);
		CHECK(m.v[i].by > DETECTOR_NONE && m.v[i].by < DETECTOR_COUNT);
		CHECK(m.v[i].cls == detector_class((enum detector)m.v[i].by));
		CHECK(enabled >> m.v[i].by & 1);
		if (is_utf8((const uint8_t *)text, n)) {
			CHECK(!is_utf8_tail((uint8_t)text[off]));
			CHECK(to == n || !is_utf8_tail((uint8_t)text[to]));
		}
		end = to;
	}
	for (size_t i = 0; i < n && i < 64; i++)
		(void)detect_card_at(text, n, i);
	detect_matches_done(&m);
	free(text);
	return 0;
}
