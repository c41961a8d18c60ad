/* cmd-verify.c: redactfs verify: is all of a store there, and what it was? */
#include "cli-priv.h"

#include <string.h>

struct report {
	bool json;
	struct bar bar;
	struct buf out; /* the faults */
	int failed;     /* of adding to it */
	uint64_t n;
};

static void report_done(struct report *rep)
{
	buf_done(&rep->out);
}

static int add_json(struct buf *b, const struct store_fault *f, const char *id, bool first)
{
	const struct {
		const char *name, *value;
	} text[] = {{"fault", f->code == -EBADMSG ? "changed" : "inconsistent"},
		    {"what", f->what},
		    {"lost", f->lost},
		    {"path", f->path},
		    {"id", id}};
	int r = buf_addf(b, "%s{\"part\":\"%s\"", first ? "" : ",\n", f->part);

	for (size_t i = 0; r >= 0 && i < sizeof(text) / sizeof(text[0]); i++) {
		const char *value = text[i].value ? text[i].value : "";

		r = buf_addf(b, ",\"%s\":\"", text[i].name);
		if (r >= 0)
			r = buf_add_json(b, value, strlen(value));
		if (r >= 0)
			r = buf_addc(b, '"');
	}
	return r < 0 ? r : buf_addc(b, '}');
}

static int add_text(struct buf *b, const struct store_fault *f, const char *id)
{
	int r = buf_addf(b, "%s: ", f->part);

	if (r >= 0 && f->path) {
		r = buf_add_printable(b, f->path);
		if (r >= 0)
			r = buf_addf(b, "%s%s: ", *id ? " " : "", id);
	}
	if (r >= 0)
		r = buf_add_printable(b, f->what);
	if (r >= 0 && f->lost)
		r = buf_addf(b, "; lost: %s", f->lost);
	return r < 0 ? r : buf_addc(b, '\n');
}

static void on_fault(void *ctx, const struct store_fault *f)
{
	struct report *rep = ctx;
	char id[SESSION_ID_HEX + 1] = "";
	int r;

	if (f->id)
		session_id_format(f->id, id);
	r = rep->json ? add_json(&rep->out, f, id, rep->n == 0) : add_text(&rep->out, f, id);
	rep->n++;
	if (r < 0)
		rep->failed = r;
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct report *rep = ctx;
	char text[96];

	if (!bar_due(&rep->bar))
		return;
	(void)snprintf(text, sizeof(text), "%llu of %llu sessions, %llu faults",
		       (unsigned long long)done, (unsigned long long)total,
		       (unsigned long long)rep->n);
	bar_draw(&rep->bar, done, total, text);
}

static int add_summary(struct report *rep, const struct verify_stats *st)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"sessions", st->sessions}, {"nodes", st->nodes},     {"blobs", st->blobs},
		      {"policies", st->policies}, {"entries", st->entries}, {"faults", st->faults},
		      {"lost", st->lost}};
	int r;

	if (!rep->json)
		return buf_addf(
			&rep->out,
			"checked %llu sessions, %llu nodes, %llu blobs, %llu policies, %llu "
			"audit entries: %llu faults, %llu sessions lost\n",
			(unsigned long long)st->sessions, (unsigned long long)st->nodes,
			(unsigned long long)st->blobs, (unsigned long long)st->policies,
			(unsigned long long)st->entries, (unsigned long long)st->faults,
			(unsigned long long)st->lost);
	r = buf_adds(&rep->out, "]");
	for (size_t i = 0; r >= 0 && i < sizeof(counts) / sizeof(counts[0]); i++)
		r = buf_addf(&rep->out, ",\"%s\":%llu", counts[i].name,
			     (unsigned long long)counts[i].n);
	return r < 0 ? r : buf_adds(&rep->out, "}\n");
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(report_done) struct report rep = {0};
	const struct verify_ops ops = {&rep, on_fault, on_progress};
	struct verify_stats st;
	struct errinfo e = {0};
	int r = opt_format(a, &rep.json);

	if (r)
		return r;
	r = login(a, &s);
	if (r)
		return r;
	bar_init(&rep.bar);
	r = rep.json ? buf_adds(&rep.out, "{\"found\":[") : 0;
	if (r >= 0)
		r = store_verify(s, &ops, &st, &e);
	bar_clear(&rep.bar);
	if (r >= 0)
		r = rep.failed;
	if (r >= 0)
		r = add_summary(&rep, &st);
	if (r < 0)
		return say_error(&e, r);
	r = out_write(rep.out.p, rep.out.len);
	if (r || !st.faults)
		return r;
	return st.changed ? EXIT_TAMPERED : EXIT_DAMAGED;
}

static const struct opt opts[] = {
	{OPT_FORMAT, "format", "FORMAT", "text (default) or json", 0, false}, OPTS_LOGIN, OPTS_END};

const struct command cmd_verify = {
	.name = "verify",
	.synopsis = "STORE [OPTION]...",
	.summary = "check every blob, node and row",
	.about = "Reads everything there is in a store and says what is damaged, what is lost by\n"
		 "it and what isn't. Changes nothing.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
