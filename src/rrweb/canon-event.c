/* canon-event.c: one event: what it must have, what is compressed in it, the window it belongs to.
 *
 * An event is copied member by member while its few known members are noted; what has to go
 * (PostHog's `cv` once its parts are inflated, the packer's `v`) is taken out of what was written.
 * Whether an object is an event shows only at its end, so the caller guesses and may be told no. */
#include "canon-priv.h"

#include <string.h>

struct stretch {
	size_t off, len; /* in out; len 0: none */
};

struct event {
	struct stretch type, time, source;
	size_t type_at, time_at; /* in the source, for messages */
	bool has_window;
	bool inflated;         /* some part was compressed */
	bool plain_part;       /* one that could have been is a string and isn't */
	size_t cv_off, cv_end; /* the member in out */
};

/* A part that PostHog compresses starts so, as canonical text: gzip's magic in Latin-1. */
#define GZIP_MAGIC "\\u001f\xc2\x8b"

static int inflate_failed(struct canon_cx *c, int r, const uint8_t *at)
{
	if (r == -ENOMEM)
		return canon_nomem(c);
	if (r == -E2BIG)
		return canon_fail(c, r, at,
				  "compressed text is too long (limits %u and, in all, %u bytes)",
				  LIMIT_STRING_BYTES, LIMIT_RECORDING_BYTES);
	return canon_fail(c, r, at, "compressed text does not inflate");
}

static bool all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* What the caller was reading, to go back to. */
struct outer {
	struct canon_src src;
	const char *part;
};

static struct outer enter(struct canon_cx *c, const char *part, const uint8_t *at,
			  const struct buf *text, bool wtf8)
{
	struct outer was = {c->src, c->part};
	const uint8_t *p = (const uint8_t *)text->p;

	if (!c->nest)
		c->outer_off = (size_t)(at - c->src.start);
	c->nest++;
	c->part = part;
	c->src = (struct canon_src){.start = p, .p = p, .end = p + text->len, .wtf8 = wtf8};
	return was;
}

static int leave(struct canon_cx *c, struct outer was, int r)
{
	if (r >= 0) {
		canon_space(&c->src);
		if (c->src.p < c->src.end)
			r = canon_fail(c, -EILSEQ, c->src.p, "text after the end");
	}
	c->nest--;
	c->part = was.part;
	c->src = was.src;
	return r;
}

static int data_value(struct canon_cx *c, struct event *ev);

/* At the value of a member that PostHog may have compressed: `data`, or a part of it. */
static int part_value(struct canon_cx *c, unsigned depth, struct event *ev)
{
	bool is_data = depth == 2;
	const uint8_t *at = c->src.p;
	size_t mark = c->dst->len, off, len;

	if (at >= c->src.end || *at != '"')
		return canon_value(c, depth);
	int r = canon_string(c, &off, &len);
	if (r < 0)
		return r;
	if (len < strlen(GZIP_MAGIC) ||
	    memcmp(c->dst->p + off, GZIP_MAGIC, strlen(GZIP_MAGIC)) != 0) {
		ev->plain_part = true;
		return 0;
	}

	struct canon_scratch *s = &c->scratch[c->nest];
	if (c->nest + 1 >= CANON_NEST)
		return canon_fail(c, -E2BIG, at, "compressed inside compressed text too often");
	if (!canon_latin1(c->dst->p + off, len, &s->bytes))
		return canon_fail(c, -EILSEQ, at,
				  "compressed text has characters that are no bytes");
	c->dst->len = mark;
	r = canon_inflate(c, (const uint8_t *)s->bytes.p, s->bytes.len, LIMIT_STRING_BYTES,
			  &s->text);
	if (r < 0)
		return inflate_failed(c, r, at);
	ev->inflated = true;
	struct outer was = enter(c, "compressed part", at, &s->text, /* wtf8= */ false);
	r = is_data ? data_value(c, ev) : canon_value(c, depth);
	return leave(c, was, r);
}

static bool is_part(const struct canon_key *k, const struct buf *b)
{
	return canon_key_is(k, b, "texts") || canon_key_is(k, b, "attributes") ||
	       canon_key_is(k, b, "removes") || canon_key_is(k, b, "adds");
}

/* `data`, two containers inside the text: the array and the event. */
static int data_value(struct canon_cx *c, struct event *ev)
{
	struct canon_frame f;
	struct canon_key k;

	canon_space(&c->src);
	if (c->src.p >= c->src.end || *c->src.p != '{')
		return part_value(c, 2, ev);
	int r = canon_object_begin(c, 2, &f);
	if (r < 0)
		return r;
	while ((r = canon_object_next(c, &f, &k)) > 0) {
		canon_space(&c->src);
		size_t from = c->dst->len;
		r = is_part(&k, c->dst) ? part_value(c, 3, ev) : canon_value(c, 3);
		if (r < 0)
			return r;
		/* rrweb's sources are small integers; anything else isn't one, and might be a
		 * value that redaction replaces: the shape must not tell */
		if (canon_key_is(&k, c->dst, "source") && c->dst->len - from <= 3 &&
		    all_digits(c->dst->p + from, c->dst->len - from))
			ev->source = (struct stretch){from, c->dst->len - from};
	}
	return r;
}

/* The whole milliseconds of a JSON number; false when out of the limits. Exact for whatever digits
 * and exponent it has: no floating point, no locale. */
static bool number_ms(const char *s, size_t n, int64_t *ret)
{
	int64_t v = 0;
	long point = 0, exp = 0; /* digits before the point; the exponent */
	size_t i = 0, e = n;
	long have = 0;

	if (s[0] == '-')
		return false;
	for (size_t j = 0; j < n; j++)
		if ((s[j] | 0x20) == 'e') {
			bool neg = s[j + 1] == '-';

			e = j;
			for (j += 1 + (s[j + 1] == '-' || s[j + 1] == '+'); j < n && exp < 1000;
			     j++)
				exp = exp * 10 + (s[j] - '0');
			if (neg)
				exp = -exp;
			break;
		}
	while (i < e && s[i] != '.')
		i++;
	point = (long)i + exp;
	/* the digits left of the moved point, those not written being zeros */
	for (i = 0; i < e && have < point; i++) {
		if (s[i] == '.')
			continue;
		have++;
		v = v * 10 + (s[i] - '0');
		if (v > LIMIT_TIME_MAX_MS)
			return false;
	}
	for (; v && have < point; have++) {
		v *= 10;
		if (v > LIMIT_TIME_MAX_MS)
			return false;
	}
	*ret = v;
	return v >= LIMIT_TIME_MIN_MS;
}

static int check(struct canon_cx *c, const struct event *ev)
{
	const char *type = c->out.p + ev->type.off;
	const uint8_t *start = c->src.start;
	int64_t ms;

	if (ev->type.len > 2 || !all_digits(type, ev->type.len) ||
	    (ev->type.len == 2 ? (type[0] - '0') * 10 + type[1] - '0' : 0) > (int)LIMIT_TYPE)
		return canon_fail(c, -EILSEQ, start + ev->type_at,
				  "type is no integer from 0 to %u", LIMIT_TYPE);
	char first = c->out.p[ev->time.off];
	if (first != '-' && (first < '0' || first > '9'))
		return canon_fail(c, -EILSEQ, start + ev->time_at, "time stamp is no number");
	if (!number_ms(c->out.p + ev->time.off, ev->time.len, &ms))
		return canon_fail(c, -EILSEQ, start + ev->time_at,
				  "time stamp out of range (1990 to 2099, in milliseconds)");
	if (ev->cv_end && ev->plain_part)
		return canon_fail(c, -EILSEQ, c->src.p, "compressed in a way that is not known");
	if (!c->events || ms < c->start_ms)
		c->start_ms = ms;
	if (!c->events || ms > c->end_ms)
		c->end_ms = ms;
	return 0;
}

static int add_shape(struct canon_cx *c, const struct event *ev)
{
	struct buf *b = &c->shape;
	const struct stretch s[] = {ev->type, ev->time, ev->source};

	if (buf_reserve(b, 2 * LIMIT_NUMBER_BYTES + 16) < 0)
		return canon_nomem(c);
	for (unsigned i = 0; i < 3; i++) {
		if (s[i].len)
			memcpy(b->p + b->len, c->out.p + s[i].off, s[i].len);
		else
			b->p[b->len] = '-';
		b->len += s[i].len ? s[i].len : 1;
		b->p[b->len++] = i < 2 ? ' ' : '\n';
	}
	b->p[b->len] = 0;
	return 0;
}

/* Takes the member that was written at [off, end) out again, with one of its commas. */
static void take_out(struct buf *b, size_t off, size_t end)
{
	if (b->p[off] != ',' && b->p[end] == ',')
		end++;
	memmove(b->p + off, b->p + end, b->len - end);
	b->len -= end - off;
}

/* The members, from `{` to `}`. */
static int members(struct canon_cx *c, bool packed, struct event *ev)
{
	struct canon_frame f;
	struct canon_key k;
	struct buf *b = c->dst;

	int r = canon_object_begin(c, 1, &f);
	if (r < 0)
		return r;
	for (;;) {
		size_t mark = b->len;

		r = canon_object_next(c, &f, &k);
		if (r <= 0)
			return r;
		canon_space(&c->src);
		size_t from = b->len, at = (size_t)(c->src.p - c->src.start);
		r = canon_key_is(&k, b, "data") ? data_value(c, ev) : canon_value(c, 2);
		if (r < 0)
			return r;
		struct stretch v = {from, b->len - from};

		if (canon_key_is(&k, b, "type")) {
			ev->type = v;
			ev->type_at = at;
		} else if (canon_key_is(&k, b, "timestamp")) {
			ev->time = v;
			ev->time_at = at;
		} else if (canon_key_is(&k, b, "windowId")) {
			if (v.len > LIMIT_WINDOW_BYTES + 2)
				return canon_fail(c, -E2BIG, c->src.p,
						  "the window's id is too long (limit %u bytes)",
						  LIMIT_WINDOW_BYTES);
			ev->has_window = true;
		} else if (canon_key_is(&k, b, "cv")) {
			ev->cv_off = mark;
			ev->cv_end = b->len;
		} else if (packed && canon_key_is(&k, b, "v") && v.len == 4 &&
			   !memcmp(b->p + from, "\"v1\"", 4)) {
			b->len = mark; /* the packer added it */
		}
	}
}

/* The window's id, into the event that `out` ends with. */
static int add_window(struct canon_cx *c, const struct buf *window)
{
	c->out.len--; /* the brace */
	if (buf_adds(&c->out, ",\"windowId\":\"") < 0 ||
	    buf_add(&c->out, window->p, window->len) < 0 || buf_adds(&c->out, "\"}") < 0)
		return canon_nomem(c);
	return 0;
}

/* The tokens of the event that is out[from…). */
static int tokens(struct canon_cx *c, size_t from, const uint8_t *at)
{
	size_t len = 0;
	int r = jtok_append(c->out.p + from, c->out.len - from, /* depth= */ 1,
			    /* canonical= */ false, (uint32_t)from, &c->toks, &len);

	if (r < 0)
		return canon_nomem(c);
	if (!r || len != c->out.len - from)
		return canon_fail(c, -EILSEQ, at, "its canonical form can't be read again");
	return 0;
}

static int event(struct canon_cx *c, const struct buf *window, bool packed)
{
	struct event ev = {0};
	struct buf *was = c->dst;
	const uint8_t *at = c->src.p;
	size_t mark = c->out.len, nkeys = c->nkeys;

	c->dst = &c->out;
	c->in_event = true;
	int r = canon_room(c, 16);
	if (r < 0)
		return r;
	memcpy(c->out.p + mark, c->events ? ",\n" : "[\n", 2);
	c->out.len += 2;
	r = members(c, packed, &ev);
	if (r < 0)
		return r;
	if (!ev.type.len || !ev.time.len) {
		c->out.len = mark;
		c->nkeys = nkeys;
		c->src.p = at;
		c->dst = was;
		c->in_event = false;
		return 0;
	}

	if (c->events == LIMIT_EVENTS)
		return canon_fail(c, -E2BIG, at, "too many events (limit %u)", LIMIT_EVENTS);
	r = check(c, &ev);
	if (r < 0)
		return r;
	r = add_shape(c, &ev);
	if (r < 0)
		return r;
	if (window && !ev.has_window) {
		r = add_window(c, window);
		if (r < 0)
			return r;
	}
	if (ev.cv_end && ev.inflated)
		take_out(&c->out, ev.cv_off, ev.cv_end);
	if (c->out.len > LIMIT_RECORDING_BYTES)
		return canon_fail(c, -E2BIG, at, "recording too long (limit %u bytes)",
				  LIMIT_RECORDING_BYTES);
	r = tokens(c, mark + 2, at);
	if (r < 0)
		return r;
	c->events++;
	c->dst = was;
	c->in_event = false;
	return 1;
}

/* Which member is missing, or isn't as it should be, canon_event finds out and says. */
static bool as_is(const char *base, const struct jtok *v, uint32_t obj, struct event *ev)
{
	uint32_t data = 0;

	for (uint32_t k = obj + 1, end = jtok_next(v, obj); k < end; k = jtok_next(v, k + 1)) {
		const struct jtok *t = &v[k], *val = t + 1;

		if (jtok_is(base, t, "data")) {
			data = k + 1;
		} else if (jtok_is(base, t, "type")) {
			if (val->type != JTOK_NUMBER)
				return false;
			ev->type = (struct stretch){val->off, val->len};
		} else if (jtok_is(base, t, "timestamp")) {
			if (val->type != JTOK_NUMBER)
				return false;
			ev->time = (struct stretch){val->off, val->len};
		} else if (jtok_is(base, t, "windowId")) {
			ev->has_window = true;
			if (val->type != JTOK_STRING || val->len > LIMIT_WINDOW_BYTES)
				return false;
		} else if (jtok_is(base, t, "cv")) {
			return false;
		}
	}
	if (!ev->type.len || !ev->time.len || (data && v[data].type == JTOK_STRING))
		return false;
	if (!data || v[data].type != JTOK_OBJECT)
		return true;
	for (uint32_t k = data + 1, end = jtok_next(v, data); k < end; k = jtok_next(v, k + 1)) {
		const struct jtok *t = &v[k], *val = t + 1;

		if (jtok_is(base, t, "source")) {
			if (val->type == JTOK_NUMBER && val->len <= 3 &&
			    all_digits(base + val->off, val->len))
				ev->source = (struct stretch){val->off, val->len};
		} else if (val->type == JTOK_STRING &&
			   (jtok_is(base, t, "texts") || jtok_is(base, t, "attributes") ||
			    jtok_is(base, t, "removes") || jtok_is(base, t, "adds"))) {
			return false; /* it may be compressed */
		}
	}
	return true;
}

int canon_event_as_is(struct canon_cx *c, const struct buf *window)
{
	const uint8_t *at = c->src.p;
	size_t mark = c->out.len, ntoks = c->toks.n, len = 0;
	struct event ev = {0};

	if (c->nest || c->events == LIMIT_EVENTS)
		return 0;
	int r = jtok_append((const char *)at, (size_t)(c->src.end - at), /* depth= */ 1,
			    /* canonical= */ true, (uint32_t)mark + 2, &c->toks, &len);
	if (r < 0)
		return canon_nomem(c);
	if (!r)
		return 0;
	/* the tokens' offsets are those that it will have in `out` */
	if (mark + 2 + len > LIMIT_RECORDING_BYTES)
		goto no;
	if (c->out.cap - mark <= len + 2 + CANON_PAD &&
	    buf_reserve(&c->out, len + 2 + CANON_PAD) < 0)
		return canon_nomem(c);
	memcpy(c->out.p + mark, c->events ? ",\n" : "[\n", 2);
	memcpy(c->out.p + mark + 2, at, len);
	if (!as_is(c->out.p, c->toks.v, (uint32_t)ntoks, &ev))
		goto no;
	ev.type_at = (size_t)(at - c->src.start) + ev.type.off - mark - 2;
	ev.time_at = (size_t)(at - c->src.start) + ev.time.off - mark - 2;
	c->in_event = true;
	r = check(c, &ev);
	if (r >= 0)
		r = add_shape(c, &ev);
	if (r < 0)
		return r;
	c->out.len = mark + 2 + len;
	if (window && !ev.has_window) {
		r = add_window(c, window);
		c->toks.n = ntoks;
		if (r >= 0)
			r = tokens(c, mark + 2, at);
		if (r < 0)
			return r;
	}
	c->in_event = false;
	c->src.p = at + len;
	c->events++;
	return 1;
no:
	c->toks.n = ntoks;
	return 0;
}

int canon_event(struct canon_cx *c, const struct buf *window)
{
	return event(c, window, /* packed= */ false);
}

bool canon_event_string_looks(const struct canon_src *s)
{
	/* zlib's second byte for the levels there are, as the recorders' JSON writes it */
	static const char *const starts[] = {"{",         "x\\u0001", "x^",
					     "x\xc2\x9c", "x\\u009c", "x\\u009C",
					     "x\xc3\x9a", "x\\u00da", "x\\u00DA"};
	size_t n = (size_t)(s->end - s->p);

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t k = strlen(starts[i]);
		if (n > k && !memcmp(s->p + 1, starts[i], k))
			return true;
	}
	return false;
}

int canon_event_string(struct canon_cx *c, const struct buf *window)
{
	struct buf *was = c->dst;
	struct canon_scratch *s = &c->scratch[c->nest];
	const uint8_t *at = c->src.p;
	size_t mark = c->out.len, off, len;
	bool json;

	c->dst = &c->out;
	c->in_event = true;
	int r = canon_string(c, &off, &len);
	if (r < 0)
		return r;
	json = len && c->out.p[off] == '{';
	if (json) {
		s->text.len = 0;
		if (buf_reserve(&s->text, len) < 0)
			return canon_nomem(c);
		s->text.len = jtok_unescape(c->out.p + off, len, s->text.p, /* map= */ NULL);
	} else {
		if (!canon_latin1(c->out.p + off, len, &s->bytes))
			return canon_fail(c, -EILSEQ, at,
					  "packed text has characters that are no bytes");
		r = canon_inflate(c, (const uint8_t *)s->bytes.p, s->bytes.len, LIMIT_STRING_BYTES,
				  &s->text);
		if (r < 0)
			return inflate_failed(c, r, at);
	}
	c->out.len = mark;
	c->dst = was;

	struct outer o = enter(c, json ? "text" : "packed text", at, &s->text, /* wtf8= */ json);
	canon_space(&c->src);
	r = c->src.p < c->src.end && *c->src.p == '{' ? event(c, window, /* packed= */ !json) : 0;
	canon_space(&c->src);
	if (!r || (r > 0 && c->src.p < c->src.end)) {
		c->events -= (uint64_t)r; /* for the message: this one */
		c->in_event = true;
		r = canon_fail(c, -EILSEQ, c->src.p, r ? "text after the end" : "no event");
	}
	return leave(c, o, r);
}
