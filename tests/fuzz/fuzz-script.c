/* fuzz-script.c: any bytes are a script or are refused, and whatever text stands at a place is
 * shown on one line, as UTF-8, without what could move a terminal's cursor, no longer than its
 * room. */
#include "fuzz.h"

#include "redactfs/script.h"

#include <errno.h>
#include <string.h>

static void check_shown(const struct buf *out, uint32_t room)
{
	size_t chars = 0;

	for (size_t i = 0; i < out->len;) {
		const uint8_t *p = (const uint8_t *)out->p + i;
		size_t left = out->len - i;
		size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

		CHECK(p[0] >= 0x20 && p[0] != 0x7f && (p[0] < 0x80 || p[0] >= 0xc2) && n <= left);
		for (size_t k = 1; k < n; k++)
			CHECK((p[k] & 0xc0) == 0x80);
		CHECK(n != 2 || p[0] != 0xc2 || p[1] >= 0xa1);
		CHECK(n != 3 || memcmp(p, "\xe2\x80\xae", 3) != 0);
		chars++;
		i += n;
	}
	CHECK(chars <= room + 3); /* a lone surrogate is three, and what is left out one */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf again = {0};
	struct script_op op;
	size_t at = 0;
	int r;

	while ((r = script_next(data, size, &at, &op)) == 1) {
		CHECK(at <= size);
		if (op.kind == SCRIPT_WORDS) {
			CHECK(buf_add(&again, op.words - 2, op.n + 2) == 0);
			continue;
		}
		CHECK(op.before < op.behind);
		CHECK(script_place(&again, op.kind, (uint8_t)op.n, op.before, op.behind) == 0);
	}
	CHECK(r == 0 || r == -EBADMSG);
	CHECK(again.len <= size && (!again.len || !memcmp(again.p, data, again.len)));

	for (uint32_t kind = SCRIPT_STRING; kind <= SCRIPT_PLAIN; kind++) {
		for (int whole = 0; whole < 2; whole++) {
			CLEANUP(buf_done) struct buf out = {0};
			const struct script_op place = {.kind = (enum script_kind)kind,
							.n = size % 97 + 1};

			CHECK(script_show(&place, (const char *)data, size, whole, &out) == 0);
			CHECK(out.len || size);
			check_shown(&out, place.n);
		}
	}
	return 0;
}
