/* buf.c: a growing byte buffer; see buf.h. Grows by half, so that n bytes cost O(n) copies. */
#include "redactfs/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int buf_reserve(struct buf *b, size_t n)
{
	size_t need;

	if (__builtin_add_overflow(b->len, n, &need) || __builtin_add_overflow(need, 1, &need))
		return -ENOMEM;
	if (need <= b->cap)
		return 0;

	size_t cap = b->cap + b->cap / 2;
	if (cap < need)
		cap = need;
	if (cap < 64)
		cap = 64;
	char *p = realloc(b->p, cap);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->cap = cap;
	return 0;
}

int buf_add(struct buf *b, const void *data, size_t n)
{
	int r = buf_reserve(b, n);
	if (r < 0)
		return r;
	if (n)
		memcpy(b->p + b->len, data, n);
	b->len += n;
	b->p[b->len] = 0;
	return 0;
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -EINVAL;
	int r = buf_reserve(b, (size_t)n);
	if (r < 0)
		return r;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

void buf_done(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

void buf_wipe_done(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_done(b);
}

int buf_add_json(struct buf *b, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0, from = 0; i <= n; i++) {
		unsigned char c = i < n ? (unsigned char)s[i] : 0;
		char esc[7] = "\\u00xx";
		size_t len = 0;

		if (i < n && c >= 0x20 && c != '"' && c != '\\' &&
		    !(c == '/' && i && s[i - 1] == '<'))
			continue;
		int r = buf_add(b, s + from, i - from);
		if (r < 0)
			return r;
		from = i + 1;
		if (i == n)
			break;
		switch (c) {
		case '\b':
			esc[1] = 'b';
			len = 2;
			break;
		case '\f':
			esc[1] = 'f';
			len = 2;
			break;
		case '\n':
			esc[1] = 'n';
			len = 2;
			break;
		case '\r':
			esc[1] = 'r';
			len = 2;
			break;
		case '\t':
			esc[1] = 't';
			len = 2;
			break;
		case '"':
		case '\\':
		case '/':
			esc[1] = (char)c;
			len = 2;
			break;
		default:
			esc[4] = hex[c >> 4];
			esc[5] = hex[c & 15];
			len = 6;
		}
		r = buf_add(b, esc, len);
		if (r < 0)
			return r;
	}
	return 0;
}

int buf_add_base64(struct buf *b, const void *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = p;

	for (size_t i = 0; i < n; i += 3) {
		size_t k = n - i < 3 ? n - i : 3;
		uint32_t v = (uint32_t)s[i] << 16 | (k > 1 ? (uint32_t)s[i + 1] << 8 : 0) |
			     (k > 2 ? s[i + 2] : 0);
		char quad[4] = {digits[v >> 18], digits[v >> 12 & 63],
				k > 1 ? digits[v >> 6 & 63] : '=', k > 2 ? digits[v & 63] : '='};
		int r = buf_add(b, quad, sizeof(quad));
		if (r < 0)
			return r;
	}
	return 0;
}

int buf_add_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *s = p;
	int r = buf_reserve(b, 2 * n);

	for (size_t i = 0; r == 0 && i < n; i++) {
		char pair[2] = {digits[s[i] >> 4], digits[s[i] & 15]};

		r = buf_add(b, pair, sizeof(pair));
	}
	return r;
}
