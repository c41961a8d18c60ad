/* script.c: the bytes of scripts, and text of recordings made fit for a line; see script.h. */
#include "redactfs/script.h"

#include "redactfs/cleanup.h"
#include "redactfs/jtok.h"
#include "redactfs/le.h"
#include "redactfs/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_BYTES 10u
#define WORDS_MAX   255u
#define ESCAPE_MAX  12u /* bytes of the longest escape of one character: a surrogate pair */

int script_words(struct buf *b, const char *words)
{
	size_t n = strlen(words);
	int r = 0;

	while (n && !r) {
		size_t k = n < WORDS_MAX ? n : WORDS_MAX;
		uint8_t head[2] = {SCRIPT_WORDS, (uint8_t)k};

		r = buf_add(b, head, sizeof(head));
		if (!r)
			r = buf_add(b, words, k);
		words += k;
		n -= k;
	}
	return r;
}

int script_place(struct buf *b, enum script_kind kind, uint8_t room, uint32_t before,
		 uint32_t behind)
{
	uint8_t op[PLACE_BYTES] = {(uint8_t)kind, room};

	le32_put(op + 2, before);
	le32_put(op + 6, behind);
	return buf_add(b, op, sizeof(op));
}

int script_next(const void *script, size_t len, size_t *at, struct script_op *ret)
{
	size_t left = len - *at;

	if (!left) /* an empty one may be NULL */
		return 0;
	const uint8_t *p = (const uint8_t *)script + *at;
	if (left < 2 || p[0] > SCRIPT_PLAIN)
		return -EBADMSG;
	size_t need = p[0] == SCRIPT_WORDS ? 2u + p[1] : PLACE_BYTES;
	if (left < need || !p[1])
		return -EBADMSG;
	*ret = (struct script_op){.kind = (enum script_kind)p[0], .n = p[1]};
	if (p[0] == SCRIPT_WORDS) {
		ret->words = (const char *)p + 2;
	} else {
		ret->before = le32_get(p + 2);
		ret->behind = le32_get(p + 6);
		if (ret->before >= ret->behind)
			return -EBADMSG;
	}
	*at += need;
	return 1;
}

size_t script_enough(const struct script_op *op)
{
	return (size_t)op->n * ESCAPE_MAX + 1;
}

static bool is_space(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

/* Turns the direction of what comes after it, or says what language it is. */
static bool is_control(uint32_t c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static const char more[] = "\xe2\x80\xa6";

/* UTF-8, or what jtok_unescape makes of a lone surrogate, onto one line. */
static int on_one_line(const char *s, size_t n, bool whole, uint32_t room, struct buf *out)
{
	static const char unknown[] = "\xef\xbf\xbd";
	uint32_t shown = 0;
	bool space = false;
	int r = 0;

	for (size_t i = 0, k; i < n && !r; i += k) {
		const char *as = s + i;
		size_t len = k = utf8_len(as, n - i);
		uint32_t c = k ? utf8_char(as, (unsigned)k) : UTF8_WRONG;

		if (!k && !whole && n - i < 4) /* cut off */
			break;
		if (!k) {
			k = 1;
			as = unknown;
			len = sizeof(unknown) - 1;
		}
		if (is_control(c))
			continue;
		if (is_space(c)) {
			space = shown > 0;
			continue;
		}
		if (shown + space >= room)
			return buf_add(out, more, sizeof(more) - 1);
		if (space)
			r = buf_addc(out, ' ');
		shown += 1u + space;
		space = false;
		if (!r)
			r = buf_add(out, as, len);
	}
	return r || whole ? r : buf_add(out, more, sizeof(more) - 1);
}

int script_show(const struct script_op *op, const char *text, size_t n, bool whole, struct buf *out)
{
	if (!n) /* nobody makes a place of an empty text: it is hidden without a token */
		return buf_add(out, more, sizeof(more) - 1);
	if (op->kind != SCRIPT_STRING || !memchr(text, '\\', n))
		return on_one_line(text, n, whole, op->n, out);

	CLEANUP(buf_wipe_done) struct buf plain = {0};
	int r = buf_reserve(&plain, n);
	if (r < 0)
		return r;
	for (size_t i = 1; !whole && i < ESCAPE_MAX && i <= n; i++)
		if (text[n - i] == '\\') { /* an escape that may be cut off */
			n -= i;
			break;
		}
	plain.len = jtok_unescape(text, n, plain.p, NULL);
	return on_one_line(plain.p, plain.len, whole, op->n, out);
}
