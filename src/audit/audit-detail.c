/* audit-detail.c: what an entry says beside who, when and what kind: one flat JSON object. Written
 * here and nowhere else, so that reading it needs no parser of JSON at large. */
#include "redactfs/audit.h"

#include <string.h>

static int begin_member(struct buf *b, const char *key)
{
	int r = buf_addc(b, b->len ? ',' : '{');

	return r < 0 ? r : buf_addf(b, "\"%s\":", key);
}

int audit_detail_text(struct buf *b, const char *key, const char *value)
{
	int r = begin_member(b, key);

	if (r == 0)
		r = buf_addc(b, '"');
	if (r == 0)
		r = buf_add_json(b, value, strlen(value));
	return r < 0 ? r : buf_addc(b, '"');
}

int audit_detail_number(struct buf *b, const char *key, uint64_t value)
{
	int r = begin_member(b, key);

	return r < 0 ? r : buf_addf(b, "%llu", (unsigned long long)value);
}

int audit_detail_hex(struct buf *b, const char *key, const void *p, size_t n)
{
	int r = begin_member(b, key);

	if (r == 0)
		r = buf_addc(b, '"');
	if (r == 0)
		r = buf_add_hex(b, p, n);
	return r < 0 ? r : buf_addc(b, '"');
}

int audit_detail_end(struct buf *b)
{
	return buf_adds(b, b->len ? "}" : "{}");
}

/* One escape of buf_add_json's, after its backslash. */
static int unescape(const char **at, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = *at;
	const char *known = *p ? strchr(from, *p) : NULL;
	unsigned v = 0;

	if (known) {
		*at = p + 1;
		return buf_addc(out, to[known - from]);
	}
	if (*p != 'u')
		return -EBADMSG;
	for (int i = 1; i <= 4; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = p[i] ? strchr(digits, p[i]) : NULL;

		if (!d)
			return -EBADMSG;
		v = v << 4 | (unsigned)(d - digits);
	}
	if (v == 0 || v >= 0x20)
		return -EBADMSG;
	*at = p + 5;
	return buf_addc(out, (char)v);
}

static int take_string(const char **at, struct buf *out)
{
	const char *p = *at;
	int r = 0;

	if (*p++ != '"')
		return -EBADMSG;
	while (r == 0 && *p != '"') {
		if (!*p)
			return -EBADMSG;
		if (*p == '\\') {
			p++;
			r = unescape(&p, out);
		} else {
			r = buf_addc(out, *p++);
		}
	}
	*at = p + 1;
	return r;
}

int audit_detail_next(const char **at, struct buf *key, struct buf *value)
{
	const char *p = *at;

	key->len = value->len = 0;
	if (!strcmp(p, "{}") || !strcmp(p, "}"))
		return 0;
	if (*p != '{' && *p != ',')
		return -EBADMSG;
	p++;
	int r = take_string(&p, key);
	if (r == 0 && *p++ != ':')
		r = -EBADMSG;
	if (r == 0 && *p == '"') {
		r = take_string(&p, value);
	} else if (r == 0) {
		size_t n = strspn(p, "0123456789");

		r = n ? buf_add(value, p, n) : -EBADMSG;
		p += n;
	}
	/* an empty value is a text too */
	if (r == 0)
		r = buf_reserve(value, 0);
	if (r == 0 && !value->len)
		value->p[0] = 0;
	if (r < 0)
		return r;
	*at = p;
	return 1;
}
