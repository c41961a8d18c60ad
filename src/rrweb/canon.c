/* canon.c: documents: finds the events in whatever is around them and has each one copied.
 *
 * A document is a sequence of values: one (JSON) or many (NDJSON, segments put together). A value
 * is an event, a packed event, an array of values, a window's pair, or an object that holds events
 * under a known name. Everything else that an exporter put around the events (the person, ids of
 * devices) is read for its syntax and forgotten.
 *
 * Wrapper or event shows only at an object's end. Recorders write `type` or `timestamp` first or
 * events in a row, so the guess is mostly right and costs nothing; an object under `data` is put
 * off until the rest of the wrapper is known.
 *
 * Invariants:
 * (D1) every event of the input is in the output, in its order, or there is no output
 * (D2) nothing of a wrapper is in the output but windows' ids, nothing of it in a message */
#include "redactfs/canon.h"

#include "canon-priv.h"

#include <stdlib.h>
#include <string.h>

#define ID_MIN_BYTES                                                                               \
	16u /* a shorter id is somebody's row number, and not the same in another export */

static int element(struct canon_cx *c, const struct buf *window, unsigned level);

void canon_done(struct canon *c)
{
	buf_wipe_done(&c->text);
	buf_done(&c->shape);
	jtok_done(&c->toks);
	*c = (struct canon){0};
}

static int no_event(struct canon_cx *c, const uint8_t *at)
{
	c->in_event = false;
	if (!c->events)
		return canon_fail(c, -EILSEQ, at, "not a recording: no rrweb events in it");
	return canon_fail(c, -EILSEQ, at,
			  "what follows event %llu is neither an event nor a wrapper of events",
			  (unsigned long long)c->events);
}

/* The window's id at src.p, into *own; anything but a string is none. */
static int window_id(struct canon_cx *c, struct buf *own, const struct buf **ret)
{
	size_t mark = c->dst->len, off, len;
	const uint8_t *at = c->src.p;

	if (at >= c->src.end || *at != '"')
		return canon_skip(c, 0);
	int r = canon_string(c, &off, &len);
	if (r < 0)
		return r;
	if (len > LIMIT_WINDOW_BYTES)
		return canon_fail(c, -E2BIG, at, "a window's id is too long (limit %u bytes)",
				  LIMIT_WINDOW_BYTES);
	own->len = 0;
	if (buf_add(own, c->dst->p + off, len) < 0)
		return canon_nomem(c);
	c->dst->len = mark;
	*ret = own;
	return 0;
}

/* The value of a member that names the session, into id; anything but a proper string is none. */
static int id_value(struct canon_cx *c, char id[LIMIT_ID_BYTES + 1])
{
	size_t mark = c->dst->len, off, len;
	const uint8_t *at = c->src.p;

	if (at >= c->src.end || *at != '"')
		return canon_skip(c, 0);
	int r = canon_string(c, &off, &len);
	if (r < 0)
		return r;
	const char *s = c->dst->p + off;
	/* no product makes ids with escapes, or longer ones */
	if (len >= ID_MIN_BYTES && len <= LIMIT_ID_BYTES && !memchr(s, '\\', len)) {
		memcpy(id, s, len);
		id[len] = 0;
	}
	c->dst->len = mark;
	return 0;
}

static int id_take(struct canon_cx *c, const char *id, const uint8_t *at)
{
	if (!id[0])
		return 0;
	if (c->id[0] && strcmp(c->id, id) != 0)
		return canon_fail(c, -EILSEQ, at, "more than one session in one recording");
	memcpy(c->id, id, strlen(id) + 1);
	return 0;
}

/* {"WINDOW":[event, …], …} */
static int by_window(struct canon_cx *c, unsigned level)
{
	CLEANUP(buf_done) struct buf own = {0};
	struct canon_frame f;
	struct canon_key k;

	int r = canon_object_begin(c, level, &f);
	if (r < 0)
		return r;
	while ((r = canon_object_next(c, &f, &k)) > 0) {
		canon_space(&c->src);
		if (k.len > LIMIT_WINDOW_BYTES)
			return canon_fail(c, -E2BIG, c->src.p,
					  "a window's id is too long (limit %u bytes)",
					  LIMIT_WINDOW_BYTES);
		own.len = 0;
		if (buf_add(&own, c->dst->p + k.off, k.len) < 0)
			return canon_nomem(c);
		r = element(c, &own, level + 1);
		if (r < 0)
			return r;
	}
	return r;
}

static bool holds_events(const struct canon_key *k, const struct buf *b)
{
	return canon_key_is(k, b, "events") || canon_key_is(k, b, "snapshots");
}

static bool by_window_key(const struct canon_key *k, const struct buf *b)
{
	return canon_key_is(k, b, "snapshotsByWindowId") ||
	       canon_key_is(k, b, "snapshot_data_by_window_id");
}

static bool session_key(const struct canon_key *k, const struct buf *b)
{
	static const char *const names[] = {"session_id", "sessionId", "recording_id",
					    "replay_id",  "replayId",  "session_secure_id"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (canon_key_is(k, b, names[i]))
			return true;
	return false;
}

static char peek(struct canon_cx *c)
{
	canon_space(&c->src);
	return (char)(c->src.p < c->src.end ? *c->src.p : 0);
}

/* The quote that ends a string which begins at p; NULL: none. */
static const uint8_t *string_end(const uint8_t *p, const uint8_t *end)
{
	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		const uint8_t *q = p;

		while (q[-1] == '\\') /* the opening quote is none */
			q--;
		if ((p - q) % 2 == 0)
			return p;
		p++;
	}
	return NULL;
}

/* At `[` or `{`: to behind its end, told by brackets alone. What is passed over is read later on,
 * strictly, or the recording is refused. */
static int pass_over(struct canon_cx *c, unsigned depth)
{
	const uint8_t *p = c->src.p, *end = c->src.end;
	size_t open = 0;

	for (; p < end; p++) {
		switch (*p) {
		case '"':
			p = string_end(p + 1, end);
			if (!p)
				return canon_skip(c, depth); /* says what is wrong with it */
			break;
		case '{':
		case '[':
			open++;
			break;
		case '}':
		case ']':
			if (--open == 0) {
				c->src.p = p + 1;
				return 0;
			}
			break;
		default:
			break;
		}
	}
	return canon_skip(c, depth);
}

struct wrapper {
	char id[LIMIT_ID_BYTES + 1]; /* a member that can only be the session's */
	char own_id[LIMIT_ID_BYTES +
		    1]; /* plain `id`: the session's where the events lie beside it */
	bool type, time;
	bool holds, beside;
	const uint8_t *data; /* in src; NULL none */
};

/* One member's value of an object that may be a wrapper. */
static int wrapper_member(struct canon_cx *c, unsigned level, const struct canon_key *k,
			  struct wrapper *w, struct buf *own, const struct buf **window)
{
	char next = peek(c);
	const struct buf *b = c->dst;

	if (canon_key_is(k, b, "window_id") || canon_key_is(k, b, "windowId"))
		return window_id(c, own, window);
	if (canon_key_is(k, b, "id"))
		return id_value(c, w->own_id);
	if (session_key(k, b))
		return id_value(c, w->id);
	if (canon_key_is(k, b, "data") && (next == '[' || next == '{')) {
		w->data = c->src.p;
		return pass_over(c, level + 1);
	}
	if (holds_events(k, b) && (next == '[' || next == '{')) {
		w->holds = w->beside = true;
		return element(c, *window, level + 1);
	} else if (by_window_key(k, b) && next == '{') {
		w->holds = w->beside = true;
		return by_window(c, level + 1);
	}
	w->type |= canon_key_is(k, b, "type");
	w->time |= canon_key_is(k, b, "timestamp");
	return canon_skip(c, level + 1);
}

/* At `{`: no event, or not yet known. */
static int wrapper(struct canon_cx *c, const struct buf *window, unsigned level)
{
	CLEANUP(buf_done) struct buf own = {0};
	struct wrapper w = {0};
	struct canon_frame f;
	struct canon_key k;
	const uint8_t *at = c->src.p;
	size_t mark = c->dst->len, nkeys = c->nkeys;

	int r = canon_object_begin(c, level, &f);
	if (r < 0)
		return r;
	while ((r = canon_object_next(c, &f, &k)) > 0) {
		r = wrapper_member(c, level, &k, &w, &own, &window);
		if (r < 0)
			return r;
		if (w.type && w.time && !w.holds) {
			c->src.p = at;
			c->dst->len = mark;
			c->nkeys = nkeys;
			r = canon_event(c, window);
			return r ? r : no_event(c, at);
		}
	}
	if (r < 0)
		return r;
	if (w.data) {
		const uint8_t *end = c->src.p;

		c->src.p = w.data;
		r = element(c, window, level + 1);
		if (r < 0)
			return r;
		c->src.p = end;
		w.holds = true;
	}
	c->dst->len = mark;
	if (!w.holds)
		return no_event(c, at);
	r = id_take(c, w.id, at);
	return r < 0 || !w.beside ? r : id_take(c, w.own_id, at);
}

/* What most recorders write first. */
static bool starts_as_event(const struct canon_src *s)
{
	struct canon_src t = *s;

	t.p++;
	canon_space(&t);
	size_t n = (size_t)(t.end - t.p);
	return (n > 6 && !memcmp(t.p, "\"type\"", 6)) ||
	       (n > 11 && !memcmp(t.p, "\"timestamp\"", 11));
}

/* At `[`. */
static int array(struct canon_cx *c, const struct buf *window, unsigned level)
{
	CLEANUP(buf_done) struct buf own = {0};
	bool pair = false;
	int r;

	c->src.p++;
	char next = peek(c);
	if (next == ']') {
		c->src.p++;
		return 0;
	}
	if (next == '"' && !canon_event_string_looks(&c->src)) { /* ["WINDOW", event] */
		pair = true;
		r = window_id(c, &own, &window);
		if (r < 0)
			return r;
		if (peek(c) != ',')
			return no_event(c, c->src.p);
		c->src.p++;
	}
	for (;;) {
		r = element(c, window, level + 1);
		if (r < 0)
			return r;
		next = peek(c);
		if (next == ']') {
			c->src.p++;
			return 0;
		}
		if (pair || next != ',')
			return canon_fail(c, -EILSEQ, c->src.p,
					  pair ? "more than one event beside a window's id"
					  : c->src.p < c->src.end ? "',' or an end is missing"
								  : "ends too early");
		c->src.p++;
	}
}

/* One value that is an event or holds some. */
static int element(struct canon_cx *c, const struct buf *window, unsigned level)
{
	char next = peek(c);
	int r = 0;

	if (level > LIMIT_WRAPPERS)
		return no_event(c, c->src.p);
	switch (next) {
	case '{':
		if (c->likely || starts_as_event(&c->src)) {
			r = canon_event_as_is(c, window);
			if (!r)
				r = canon_event(c, window);
		}
		if (!r)
			r = wrapper(c, window, level);
		c->likely = r > 0;
		return r;
	case '[':
		return array(c, window, level);
	case '"':
		if (canon_event_string_looks(&c->src))
			return canon_event_string(c, window);
		return no_event(c, c->src.p);
	case 0:
		return canon_fail(c, -EILSEQ, c->src.p, "ends too early");
	default:
		return no_event(c, c->src.p);
	}
}

bool canon_is_segment(const char *p, size_t n, uint64_t *ret)
{
	/* the header's line is short, and only spaces may stand between its parts */
	static const char *const parts[] = {"{", "\"segment_id\"", ":", "0", "}"};
	uint64_t v = 0;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		size_t len = strlen(parts[k]);

		while (i < n && p[i] == ' ')
			i++;
		if (parts[k][0] == '0') {
			size_t from = i;
			for (; i < n && p[i] >= '0' && p[i] <= '9' && i - from < 9; i++)
				v = v * 10 + (uint64_t)(p[i] - '0');
			if (i == from)
				return false;
			continue;
		}
		if (n - i < len || memcmp(p + i, parts[k], len) != 0)
			return false;
		i += len;
	}
	if (i < n && p[i] == '\r')
		i++;
	if (i < n && p[i] != '\n')
		return false;
	*ret = v;
	return true;
}

static int inflate_rest(struct canon_cx *c, struct buf *text)
{
	const uint8_t *at = c->src.p;

	int r = canon_inflate(c, at, (size_t)(c->src.end - at), LIMIT_RECORDING_BYTES, text);
	if (r == -ENOMEM)
		return canon_nomem(c);
	if (r == -E2BIG)
		return canon_fail(c, r, at, "the segment is too long (limit %u bytes)",
				  LIMIT_RECORDING_BYTES);
	if (r < 0)
		return canon_fail(c, r, at, "the segment does not inflate");
	const uint8_t *p = (const uint8_t *)text->p;
	c->src = (struct canon_src){.start = p, .p = p, .end = p + text->len};
	c->in_segment = true;
	c->several = false;
	return 0;
}

static int piece(struct canon_cx *c, const struct canon_piece *in, struct buf *text)
{
	const uint8_t *p = (const uint8_t *)in->p;
	uint64_t segment;
	int r;

	c->src = (struct canon_src){.start = p, .p = p, .end = p + in->n};
	c->in_segment = c->several = false;
	if (in->n > LIMIT_INPUT_BYTES)
		return canon_fail(c, -E2BIG, p, "too long (limit %u bytes)", LIMIT_INPUT_BYTES);
	if (in->n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) /* a byte order mark */
		c->src.p += 3;
	for (;;) {
		size_t left = (size_t)(c->src.end - c->src.p);

		if (!c->in_segment && canon_is_zlib(c->src.p, left)) {
			r = inflate_rest(c, text);
			if (r < 0)
				return r;
			continue;
		}
		if (!peek(c) && c->src.p == c->src.end)
			return 0;
		left = (size_t)(c->src.end - c->src.p);
		if (canon_is_segment((const char *)c->src.p, left, &segment)) {
			const uint8_t *nl = memchr(c->src.p, '\n', left);
			c->src.p = nl ? nl + 1 : c->src.end;
		} else {
			r = element(c, NULL, 0);
			if (r < 0)
				return r;
		}
		c->several = true;
	}
}

static int document(struct canon_cx *c, const struct canon_piece *pieces, size_t n)
{
	CLEANUP(buf_wipe_done) struct buf text = {0}; /* an inflated segment */
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += pieces[i].n;
	/* canonical text is mostly about as long as what it was made of: a byte more an event, and
	 * what was white space less */
	size_t text_bytes = total + total / 64 + 256, ntoks = total / 8 + 256;
	if (text_bytes > LIMIT_RECORDING_BYTES + 256)
		text_bytes = LIMIT_RECORDING_BYTES + 256;
	if (buf_reserve(&c->out, text_bytes) < 0)
		return canon_nomem(c);
	c->toks.v = malloc(ntoks * sizeof(*c->toks.v));
	if (!c->toks.v)
		return canon_nomem(c);
	c->toks = (struct jtok_vec){c->toks.v, 1, ntoks};
	for (size_t i = 0; i < n; i++) {
		c->piece = n > 1 ? pieces[i].name : NULL;
		int r = piece(c, &pieces[i], &text);
		if (r < 0)
			return r;
	}
	c->piece = NULL;
	if (!c->events)
		return err_set_at(c->e, -EILSEQ, 0, "not a recording: no rrweb events in it");
	c->toks.v[0] = (struct jtok){.off = 0};
	c->toks.v[0].type = JTOK_ARRAY;
	c->toks.v[0].skip = c->toks.n & 0x1fffffff;
	return buf_adds(&c->out, "\n]\n") < 0 ? canon_nomem(c) : 0;
}

int canon_recording(const struct canon_piece *pieces, size_t n, struct canon *ret,
		    struct errinfo *e)
{
	struct canon_cx c = {.e = e};

	c.dst = &c.aside;
	int r = document(&c, pieces, n);
	if (r >= 0) {
		/* give back what the text turned out not to need */
		char *p = realloc(c.out.p, c.out.len + 1);
		if (p) {
			c.out.p = p;
			c.out.cap = c.out.len + 1;
		}
		*ret = (struct canon){.text = c.out,
				      .toks = c.toks,
				      .events = c.events,
				      .start_ms = c.start_ms,
				      .end_ms = c.end_ms,
				      .shape = c.shape};
		memcpy(ret->id, c.id, sizeof(c.id));
		c.out = c.shape = (struct buf){0};
		c.toks = (struct jtok_vec){0};
		r = 0;
	}
	buf_wipe_done(&c.out);
	buf_wipe_done(&c.aside);
	buf_done(&c.shape);
	jtok_done(&c.toks);
	for (unsigned i = 0; i < CANON_NEST; i++) {
		buf_wipe_done(&c.scratch[i].bytes);
		buf_wipe_done(&c.scratch[i].text);
	}
	free(c.keys);
	canon_inflate_done(&c);
	return r;
}
