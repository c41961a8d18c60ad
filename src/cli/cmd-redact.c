/* cmd-redact.c: redactfs redact: the engine alone, as a filter.
 *
 * Nothing is printed before everything has gone well: half a redacted recording is no recording,
 * and any doubt ends in an error. */
#include "cli-priv.h"

#include "redactfs/canon.h"
#include "redactfs/redact.h"
#include "redactfs/xfer.h"

/* Standard output, in writes of some size. */
struct writer {
	char b[64 << 10];
	size_t n;
	int status; /* of out_write */
};

static int writer_flush(struct writer *w)
{
	w->status = out_write(w->b, w->n);
	w->n = 0;
	return w->status ? -EIO : 0;
}

static int writer_put(void *ctx, const char *p, size_t n)
{
	struct writer *w = ctx;

	if (n > sizeof(w->b) - w->n && writer_flush(w) < 0)
		return -EIO;
	if (n > sizeof(w->b)) {
		w->status = out_write(p, n);
		return w->status ? -EIO : 0;
	}
	memcpy(w->b + w->n, p, n);
	w->n += n;
	return 0;
}

/* The recording's canonical text, from standard input. What was read is given back: the engine
 * needs the memory. */
static int read_canonical(struct canon *ret, struct errinfo *e)
{
	CLEANUP(buf_wipe_done) struct buf raw = {0};
	int r = ingest_stream(STDIN_FILENO, &raw, e);

	if (r < 0)
		return r;
	const struct canon_piece piece = {.name = "", .p = raw.p, .n = raw.len};
	return canon_recording(&piece, 1, ret, e);
}

static int redact(const struct policy *p, struct writer *w, struct errinfo *e)
{
	CLEANUP(canon_done) struct canon c = {0};
	CLEANUP(redact_spans_done) struct redact_spans spans = {0};
	int r = read_canonical(&c, e);

	if (r < 0)
		return r;
	r = redact_run_tokens(c.text.p, c.text.len, &c.toks, p, &spans, e);
	if (r < 0)
		return r;
	/* all has gone well: from here on only writing can fail */
	r = redact_render_to(c.text.p, c.text.len, &spans, p, writer_put, w);
	return r < 0 ? r : writer_flush(w);
}

static int run(const struct args *a)
{
	static struct writer w;
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf ini = {0};
	const char *file = opt_arg(a, OPT_POLICY);
	struct errinfo e = {0};
	int r;

	if (file) {
		r = file_read(file, LIMIT_POLICY_BYTES, &ini, &e);
		if (r < 0)
			err_prefix(&e, "policy '%s'", file);
		else
			r = policy_check(file, &ini, &p, &e);
		if (r < 0)
			return say_error(&e, r);
	} else {
		r = policy_default(&p);
	}
	if (r >= 0)
		r = redact(&p, &w, &e);
	explicit_bzero(w.b, sizeof(w.b));
	if (r < 0 && !w.status)
		return say_error(&e, r);
	return w.status;
}

static const struct opt opts[] = {
	{OPT_POLICY, "policy", "FILE", "redact by this policy, not by the defaults", 0, false},
	OPTS_END};

const struct command cmd_redact = {
	.name = "redact",
	.synopsis = "[--policy FILE] < IN > OUT",
	.summary = "redact one recording, as a filter",
	.about = "Reads one recording from standard input, writes it redacted to standard output.\n"
		 "Needs no store. When anything fails it writes nothing.\n",
	.opts = opts,
	.min_args = 0,
	.max_args = 0,
	.run = run,
};
