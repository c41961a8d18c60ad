/* store-copy.c: a stretch of a rendering, out of blob, plan and values.
 *
 * A chunk that is wanted whole is decrypted right where it goes; only those that are cut by an end
 * of the stretch come through the cache, because a neighbouring read wants the rest of them. So
 * reading in order costs no second copy, and doesn't sweep out of the cache what random reads put
 * there. */
#include "store-priv.h"
#include "transcript.h"

#include <sys/types.h>

/* One copy at work. It keeps the chunk it took from last: pieces are short, chunks long. Never two
 * of the cache at a time, so that threads can't wait for each other's. */
struct copying {
	const struct rendering *from;
	struct chunk_scratch *cs;
	uint64_t start, end;  /* the base that is wanted lies in there */
	struct chunk_ref ref; /* the chunk that is kept: the cache's, or its bytes alone */
	uint32_t idx;         /* its number */
	enum { NO_CHUNK, IN_CACHE, IN_SCRATCH } kept;
};

static int load_chunk(void *ctx, uint32_t idx, uint8_t *out, size_t *ret_len)
{
	const struct copying *c = ctx;
	const struct chunk_file *cf = c->from->cf;

	return chunk_file_read(cf, chunk_file_key(cf), c->cs, idx, 1, out, ret_len);
}

static void let_go(struct copying *c)
{
	if (c->kept == IN_CACHE)
		chunk_cache_put(c->from->chunks, &c->ref);
	c->kept = NO_CHUNK;
}

/* The first base byte behind a chunk. */
static uint64_t chunk_end(const struct copying *c, uint64_t idx)
{
	uint64_t end = (idx + 1) * CHUNK_BYTES, all = c->from->plan->base_bytes;

	return end < all ? end : all;
}

static int take_chunk(struct copying *c, uint32_t idx)
{
	const struct rendering *f = c->from;

	if (c->kept && c->idx == idx)
		return 0;
	let_go(c);
	bool whole = c->start <= (uint64_t)idx * CHUNK_BYTES && chunk_end(c, idx) <= c->end;
	int r;
	if (whole) { /* but for what gives way to a token */
		r = load_chunk(c, idx, c->cs->out, &c->ref.len);
		c->ref.p = c->cs->out;
	} else {
		r = chunk_cache_get(f->chunks, f->cache_key, idx, load_chunk, c, &c->ref);
	}
	if (r < 0)
		return r;
	c->kept = whole ? IN_SCRATCH : IN_CACHE;
	c->idx = idx;
	return 0;
}

/* The chunks that lie whole in [off, off + n) of the base and start there: how many bytes that was.
 */
static ssize_t copy_chunks(struct copying *c, char *out, uint64_t off, uint64_t n)
{
	const struct chunk_file *cf = c->from->cf;
	uint64_t idx = off / CHUNK_BYTES, end = idx;
	size_t len;

	if (off % CHUNK_BYTES)
		return 0;
	while (end * CHUNK_BYTES < off + n && chunk_end(c, end) <= off + n)
		end++;
	if (end == idx)
		return 0;
	int r = chunk_file_read(cf, chunk_file_key(cf), c->cs, (uint32_t)idx, (uint32_t)(end - idx),
				(uint8_t *)out, &len);
	return r < 0 ? r : (ssize_t)len;
}

/* At most n bytes of the base at off, out of one chunk. */
static ssize_t copy_part(struct copying *c, char *out, uint64_t off, uint64_t n)
{
	size_t in = (size_t)(off % CHUNK_BYTES);
	int r = take_chunk(c, (uint32_t)(off / CHUNK_BYTES));

	if (r < 0)
		return r;
	size_t k = c->ref.len > in ? c->ref.len - in : 0;
	if (k > n)
		k = (size_t)n;
	if (!k)
		return -EUCLEAN; /* a plan over more base than there is */
	memcpy(out, c->ref.p + in, k);
	return (ssize_t)k;
}

/* [off, off + n) of the base. */
static int copy_base(struct copying *c, char *out, uint64_t off, uint64_t n)
{
	while (n) {
		ssize_t k = copy_chunks(c, out, off, n);

		if (k == 0)
			k = copy_part(c, out, off, n);
		if (k < 0)
			return (int)k;
		out += k;
		off += (uint64_t)k;
		n -= (uint64_t)k;
	}
	return 0;
}

int rendering_copy(const struct rendering *from, struct chunk_scratch *cs, char *out, uint64_t off,
		   uint64_t n)
{
	CLEANUP(let_go)
	struct copying c = {.from = from,
			    .cs = cs,
			    .start = plan_base_at(from->plan, off),
			    .end = plan_base_at(from->plan, off + n)};
	const struct secret *values = from->values;
	struct plan_cursor cur;
	struct plan_piece p;
	int r = 0;

	plan_seek(from->plan, off, n, &cur);
	while (r == 0 && plan_next(&cur, &p)) {
		if (p.from == PIECE_BASE)
			r = copy_base(&c, out, p.off, p.len);
		else if (p.from == PIECE_TOKEN)
			memcpy(out, p.token, (size_t)p.len);
		else if (values && p.off + p.len <= values->len)
			memcpy(out, values->b + p.off, (size_t)p.len);
		else
			r = -EUCLEAN;
		out += p.len;
	}
	return r;
}

struct showing {
	const struct rendering *from;
	struct chunk_scratch *cs;
};

static int copy_for(void *ctx, char *out, uint64_t off, uint64_t n)
{
	const struct showing *x = ctx;

	return rendering_copy(x->from, x->cs, out, off, n);
}

int rendering_transcript(const struct rendering *from, struct chunk_scratch *cs, struct buf *out)
{
	CLEANUP(buf_done) struct buf script = {0};
	struct showing x = {from, cs};
	int r = chunk_file_script(from->cf, cs, &script);

	return r < 0 ? r : transcript_render(&script, from->plan, copy_for, &x, out);
}
