/* cmd-redact.c: redactfs redact: the engine alone, as a filter.
 *
 * Nothing is printed before everything has gone well: half a redacted recording is no recording,
 * and any doubt ends in an error. */
#include "cli-priv.h"

#include "redactfs/canon.h"
#include "redactfs/redact.h"
#include "redactfs/xfer.h"

static int redact(int in, const struct policy *p, struct buf *out, struct errinfo *e)
{
	CLEANUP(buf_wipe_done) struct buf raw = {0};
	CLEANUP(canon_done) struct canon c = {0};
	CLEANUP(redact_spans_done) struct redact_spans spans = {0};
	int r;

	r = ingest_stream(in, &raw, e);
	if (r < 0)
		return r;
	const struct canon_piece piece = {.name = "", .p = raw.p, .n = raw.len};
	r = canon_recording(&piece, 1, &c, e);
	if (r < 0)
		return r;
	r = redact_run_tokens(c.text.p, c.text.len, &c.toks, p, &spans, e);
	if (r < 0)
		return r;
	return redact_render(c.text.p, c.text.len, &spans, p, out);
}

static int run(const struct args *a)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_wipe_done) struct buf out = {0};
	CLEANUP(buf_done) struct buf ini = {0};
	const char *file = opt_arg(a, OPT_POLICY);
	struct errinfo e = {0};
	int r;

	if (file) {
		r = file_read(file, LIMIT_POLICY_BYTES, &ini, &e);
		if (r >= 0)
			r = policy_parse(ini.p ? ini.p : "", ini.len, &p, &e);
		if (r < 0) {
			err_prefix(&e, "policy '%s'", file);
			return say_error(&e, r);
		}
	} else {
		r = policy_default(&p);
	}
	if (r >= 0)
		r = redact(STDIN_FILENO, &p, &out, &e);
	if (r < 0)
		return say_error(&e, r);
	return out_write(out.p, out.len);
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
