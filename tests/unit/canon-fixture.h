/* canon-fixture.h: recordings in one form, what they come out as, and how they are refused. */
#ifndef CANON_FIXTURE_H
#define CANON_FIXTURE_H

#include "redactfs/canon.h"

#include "redactfs/jtok.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#define T1   "1700000000001"
#define T2   "1700000000002"
#define E1   "{\"type\":4,\"data\":{\"href\":\"https://a.example/\"},\"timestamp\":" T1 "}"
#define E2   "{\"type\":3,\"data\":{\"source\":5,\"text\":\"x\"},\"timestamp\":" T2 "}"
#define BOTH "[\n" E1 ",\n" E2 "\n]\n"

/* From exact copies, so that the sanitizer sees a read past an end. */
static inline int run(const char *const *p, const size_t *len, size_t n, struct canon *c,
		      struct errinfo *e)
{
	struct canon_piece v[4];
	char *copy[4];

	for (size_t i = 0; i < n; i++) {
		copy[i] = malloc(len[i] ? len[i] : 1);
		assert_non_null(copy[i]);
		memcpy(copy[i], p[i], len[i]);
		v[i] = (struct canon_piece){
			.name = i ? "second" : "first", .p = copy[i], .n = len[i]};
	}
	int r = canon_recording(v, n, c, e);
	for (size_t i = 0; i < n; i++)
		free(copy[i]);
	return r;
}

static inline int run1(const char *p, size_t len, struct canon *c, struct errinfo *e)
{
	return run(&p, &len, 1, c, e);
}

/* The same again out of what came out, and jtok takes it. */
static inline void check_fixpoint(const struct canon *c)
{
	CLEANUP(canon_done) struct canon again = {0};
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	struct errinfo e = {0};

	assert_int_equal(run1(c->text.p, c->text.len, &again, &e), 0);
	assert_int_equal(again.text.len, c->text.len);
	assert_memory_equal(again.text.p, c->text.p, c->text.len);
	assert_string_equal(again.shape.p, c->shape.p);
	assert_int_equal(again.events, c->events);
	assert_int_equal(again.start_ms, c->start_ms);
	assert_int_equal(again.end_ms, c->end_ms);
	assert_int_equal(jtok_parse(c->text.p, c->text.len, 0, &t, &e), 0);
	assert_int_equal(t.n, c->toks.n);
	assert_memory_equal(t.v, c->toks.v, t.n * sizeof(*t.v));
	/* a fixpoint is copied as it is; any other spelling goes the long way, to the same end */
	CLEANUP(buf_done) struct buf spaced = {0};
	CLEANUP(canon_done) struct canon slow = {0};
	for (size_t i = 0; i < c->text.len; i++)
		if (buf_addc(&spaced, c->text.p[i]) < 0 ||
		    (i + 2 < c->text.len && c->text.p[i] == '\n' && c->text.p[i + 1] == '{' &&
		     (i++, buf_adds(&spaced, "{ ") < 0)))
			fail_msg("out of memory");
	assert_int_equal(run1(spaced.p, spaced.len, &slow, &e), 0);
	assert_int_equal(slow.text.len, c->text.len);
	assert_memory_equal(slow.text.p, c->text.p, c->text.len);
	assert_int_equal(slow.toks.n, c->toks.n);
	assert_memory_equal(slow.toks.v, c->toks.v, t.n * sizeof(*t.v));
	assert_string_equal(slow.shape.p, c->shape.p);
}

static inline void expect_n(const char *in, size_t len, const char *out)
{
	CLEANUP(canon_done) struct canon c = {0};
	struct errinfo e = {0};

	int r = run1(in, len, &c, &e);
	if (r < 0)
		fail_msg("refused: %s at %" PRIu64 ": %s", e.msg, e.offset, in);
	assert_string_equal(c.text.p, out);
	assert_int_equal(c.text.len, strlen(out));
	check_fixpoint(&c);
}

static inline void expect(const char *in, const char *out)
{
	expect_n(in, strlen(in), out);
}

static inline void add_latin1(struct buf *b, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = p[i] < 0x20 || p[i] == '"' || p[i] == '\\' ? buf_addf(b, "\\u%04x", p[i])
			: p[i] < 0x80                              ? buf_addc(b, (char)p[i])
				      : buf_addf(b, "%c%c", 0xc0 | p[i] >> 6, 0x80 | (p[i] & 63));
		assert_int_equal(r, 0);
	}
}

/* window_bits 15: zlib; 31: gzip */
static inline void deflated(const void *p, size_t n, int window_bits, struct buf *ret)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(buf_reserve(ret, deflateBound(&z, n)), 0);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)ret->p;
	z.avail_out = (uInt)(ret->cap - 1);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	ret->len = z.total_out;
	(void)deflateEnd(&z);
}

/* Adds p, compressed, as a JSON string. */
static inline void add_compressed(struct buf *b, const char *p, size_t n, int window_bits)
{
	CLEANUP(buf_done) struct buf z = {0};

	deflated(p, n, window_bits, &z);
	assert_int_equal(buf_addc(b, '"'), 0);
	add_latin1(b, (const uint8_t *)z.p, z.len);
	assert_int_equal(buf_addc(b, '"'), 0);
}

#define ADD(b, s)        assert_int_equal(buf_adds(b, s), 0)
#define PACK(b, s, bits) add_compressed(b, s, strlen(s), bits)

struct refusal {
	const char *in;
	int code;
	int64_t at; /* -1: anywhere */
	const char *msg;
};

static inline void check_refused(const char *p, size_t n, const struct refusal *want)
{
	struct canon c = {.events = 77};
	struct errinfo e = {0};

	int r = run1(p, n, &c, &e);
	if (r != want->code)
		fail_msg("%d instead of %d: %s", r, want->code, want->msg);
	if (strcmp(e.msg, want->msg) != 0 || (want->at >= 0 && (int64_t)e.offset != want->at))
		print_error("in: %.*s\n", n < 300 ? (int)n : 300, p);
	assert_int_equal(c.events, 77); /* untouched */
	assert_int_equal(e.code, want->code);
	assert_string_equal(e.msg, want->msg);
	assert_true(e.has_offset);
	if (want->at >= 0)
		assert_int_equal(e.offset, want->at);
}

#define V1                                                                                         \
	"{\"type\":4,\"data\":{\"href\":\"https://a.example/\"},\"timestamp\":" T1 ",\"v\":"       \
	"\"v1\"}"
#define V2 "{\"v\":\"v1\",\"type\":3,\"data\":{\"source\":5,\"text\":\"x\"},\"timestamp\":" T2 "}"

#define NONE  "not a recording: no rrweb events in it"
#define RANGE "event 1: time stamp out of range (1990 to 2099, in milliseconds)"

#endif
