/* cmd-ls.c: redactfs ls: what is in a store. The fields of --format=json are a promise: they are
 * only ever added to (docs/SCRIPTING.md). */
#include "cli-priv.h"

#include <string.h>

struct listing {
	struct buf out;
	bool json;
	uint64_t n;
	int status; /* of writing */
};

static void listing_done(struct listing *l)
{
	buf_done(&l->out);
}

static const char *state_name(enum session_state st)
{
	switch (st) {
	case SESSION_HELD:
		return "held";
	case SESSION_RESTRICTED:
		return "restricted";
	case SESSION_DAMAGED:
		return "damaged";
	case SESSION_LIVE:
	case SESSION_ERASING:
		break;
	}
	return "live";
}

static int add_json_string(struct buf *b, const char *name, const char *value)
{
	int r = buf_addf(b, "\"%s\":\"", name);

	if (r >= 0)
		r = buf_add_json(b, value, strlen(value));
	return r < 0 ? r : buf_adds(b, "\",");
}

static void row_id(const struct session_row *row, char out[SESSION_ID_HEX + 1])
{
	out[0] = 0;
	if (row->state != SESSION_DAMAGED)
		session_id_format(&row->id, out);
}

static int add_json(struct buf *b, const struct selected *x, bool first)
{
	const struct session_row *row = x->row;
	char id[SESSION_ID_HEX + 1], path[LIMIT_SITE_BYTES + 48];
	char start[UTC_BYTES], end[UTC_BYTES], imported[UTC_BYTES];
	bool comma = false;
	int r;

	row_id(row, id);
	utc_format(row->start_ms, start);
	utc_format(row->end_ms, end);
	utc_format(row->imported_ns / 1000000, imported);
	if (row->state == SESSION_DAMAGED) /* nothing is known of it */
		start[0] = end[0] = imported[0] = 0;
	(void)snprintf(path, sizeof(path), "%s/%s/%s", x->site->name, x->day->name, row->name);

	const struct {
		const char *name, *value;
	} text[] = {
		{"id", id},
		{"site", x->site->name},
		{"date", x->day->name},
		{"name", row->name},
		{"path", path},
		{"start", start},
		{"end", end},
		{"imported", imported},
		{"visitor", row->visitor},
		{"state", state_name(row->state)},
	};

	r = buf_adds(b, first ? "{" : ",\n{");
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]) && r >= 0; i++)
		r = add_json_string(b, text[i].name, text[i].value);
	if (r >= 0)
		r = buf_addf(b, "\"events\":%llu,\"size\":%llu,\"redacted\":{",
			     (unsigned long long)row->events, (unsigned long long)row->size);
	for (int c = 1; c < CLASS_COUNT && r >= 0; c++) {
		if (!row->counts[c])
			continue;
		r = buf_addf(b, "%s\"%s\":%llu", comma ? "," : "", class_name((enum redact_class)c),
			     (unsigned long long)row->counts[c]);
		comma = true;
	}
	return r < 0 ? r : buf_adds(b, "}}");
}

static int add_text(struct buf *b, const struct selected *x, bool first)
{
	const struct session_row *row = x->row;
	char id[SESSION_ID_HEX + 1], size[SIZE_BYTES];
	int r = 0;

	row_id(row, id);
	size_format(row->size, size);
	if (first)
		r = buf_addf(b, "%-32s  %8s  %8s  %s\n", "ID", "EVENTS", "SIZE", "SESSION");
	if (r >= 0)
		r = buf_addf(b, "%-32s  %8llu  %8s  %s/%s/%s", id, (unsigned long long)row->events,
			     size, x->site->name, x->day->name, row->name);
	if (r >= 0 && row->visitor[0]) {
		r = buf_adds(b, "  visitor ");
		if (r >= 0)
			r = buf_add_printable(b, row->visitor);
	}
	if (r >= 0 && row->state != SESSION_LIVE)
		r = buf_addf(b, "  (%s)", state_name(row->state));
	return r < 0 ? r : buf_addc(b, '\n');
}

static int each(void *ctx, const struct selected *x)
{
	struct listing *l = ctx;
	int r = l->json ? add_json(&l->out, x, l->n == 0) : add_text(&l->out, x, l->n == 0);

	l->n++;
	if (r < 0)
		return r;
	if (l->out.len > 65536) {
		l->status = out_write(l->out.p, l->out.len);
		l->out.len = 0;
	}
	return l->status;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	const struct selection sel = {.site = opt_arg(a, OPT_SITE),
				      .visitor = opt_arg(a, OPT_VISITOR),
				      .since = opt_arg(a, OPT_SINCE),
				      .until = opt_arg(a, OPT_UNTIL)};
	CLEANUP(listing_done) struct listing l = {0};
	struct errinfo e = {0};
	int r = opt_format(a, &l.json);

	if (r)
		return r;
	if (sel.since && !date_check(sel.since))
		return say_usage(a->cmd, "'%s' is no date: YYYY-MM-DD", sel.since);
	if (sel.until && !date_check(sel.until))
		return say_usage(a->cmd, "'%s' is no date: YYYY-MM-DD", sel.until);
	r = login(a, &s);
	if (r)
		return r;

	r = l.json ? buf_adds(&l.out, "[") : 0;
	if (r >= 0)
		r = select_walk(s, &sel, each, &l, &e);
	if (r == 0 && l.json)
		r = buf_adds(&l.out, "]\n");
	if (r < 0)
		return say_error(&e, r);
	return r > 0 ? r : out_write(l.out.p, l.out.len);
}

static const struct opt opts[] = {
	{OPT_SITE, "site", "SITE", "only this site", 0, false},
	{OPT_VISITOR, "visitor", "V", "only this visitor", 0, false},
	{OPT_SINCE, "since", "DATE", "only from this day on (YYYY-MM-DD)", 0, false},
	{OPT_UNTIL, "until", "DATE", "only up to this day", 0, false},
	{OPT_FORMAT, "format", "FORMAT", "text (default) or json", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_ls = {
	.name = "ls",
	.synopsis = "STORE [OPTION]...",
	.summary = "list sessions",
	.about = "Lists the sessions of a store: id, events, size, folder in the mount.\n"
		 "Dates are those of the folders: the site's time zone.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
