/* cmd-hold.c: redactfs hold and restrict: what must not be erased for now, what must not be read
 * either, and why. */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 16 };

struct words {
	enum hold_kind kind;
	const char *done, *undone, *listing;
};

static int add_json(struct buf *b, const struct hold_row *h, const char *id, const char *path,
		    bool first)
{
	const struct {
		const char *name, *value;
	} text[] = {
		{"id", id}, {"path", path}, {"operator", h->operator_email}, {"reason", h->reason}};
	char since[UTC_BYTES];
	int r;

	utc_format(h->at_ns / 1000000, since);
	r = buf_addf(b, "%s{\"since\":\"%s\"", first ? "" : ",\n", since);
	for (size_t i = 0; r >= 0 && i < sizeof(text) / sizeof(text[0]); i++) {
		r = buf_addf(b, ",\"%s\":\"", text[i].name);
		if (r >= 0)
			r = buf_add_json(b, text[i].value, strlen(text[i].value));
		if (r >= 0)
			r = buf_addc(b, '"');
	}
	return r < 0 ? r : buf_addc(b, '}');
}

static int add_text(struct buf *b, const struct hold_row *h, const char *id, const char *path)
{
	char since[UTC_BYTES];
	int r;

	utc_format(h->at_ns / 1000000, since);
	r = buf_addf(b, "%-32s  %s  %s  ", id, path, since);
	if (r >= 0)
		r = buf_add_printable(b, h->operator_email);
	if (r >= 0)
		r = buf_adds(b, "  ");
	if (r >= 0)
		r = buf_add_printable(b, h->reason);
	return r < 0 ? r : buf_addc(b, '\n');
}

/* 1: added; 0: it is nothing for this operator. */
static int add_row(struct store *s, struct buf *b, const struct hold_row *h, bool json, bool first)
{
	char id[SESSION_ID_HEX + 1] = "", path[LIMIT_SITE_BYTES + 48];
	struct session_row row;
	struct site_row site;
	struct day_row day;
	int r = store_session_get(s, h->ino, &row);

	if (r >= 0 && row.state == SESSION_RESTRICTED && !(store_roles(s) & ROLE_OFFICER))
		return 0;
	if (r >= 0)
		r = store_site_get(s, row.site_id, &site);
	if (r >= 0)
		r = store_day_get(s, row.day_id, &day);
	if (r < 0)
		return r;
	if (row.state != SESSION_DAMAGED)
		session_id_format(&row.id, id);
	(void)snprintf(path, sizeof(path), "%s/%s/%s", site.name, day.name, row.name);
	r = json ? add_json(b, h, id, path, first) : add_text(b, h, id, path);
	return r < 0 ? r : 1;
}

static int list(struct store *s, const struct words *w, bool json, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf out = {0};
	CLEANUP_FREE struct hold_row *rows = calloc(PAGE, sizeof(*rows));
	uint64_t after = 0;
	bool first = true;
	int n = 0, r = rows ? 0 : -ENOMEM;

	if (r >= 0 && json)
		r = buf_addc(&out, '[');
	while (r >= 0 && (n = store_hold_list(s, w->kind, after, rows, PAGE)) > 0) {
		for (int i = 0; r >= 0 && i < n; i++) {
			after = rows[i].ino;
			r = add_row(s, &out, &rows[i], json, first);
			first = first && r == 0;
		}
	}
	if (r >= 0)
		r = n < 0 ? n : json ? buf_adds(&out, "]\n") : 0;
	if (r < 0)
		return say_error(e, err_set_errno(e, r, "cannot list %s", w->listing));
	return out_write(out.p, out.len);
}

/* By its id a session that the operator may not see isn't there; of a site, a visitor, some days it
 * is one of those that are meant. */
static int set(struct store *s, const struct args *a, const struct words *w, bool adding,
	       struct hold_counts *ret, struct errinfo *e)
{
	CLEANUP(chosen_done) struct chosen l = {.unseen = true};
	const char *reason = opt_arg(a, OPT_REASON);
	int r = choose(s, a, 2, &l, e);

	if (r < 0)
		return r;
	if (!opt_given(a, OPT_SESSION))
		return store_hold_set_found(s, w->kind, l.inos, l.n, adding, reason, ret, e);
	r = store_hold_set(s, w->kind, l.inos, l.n, adding, reason, &ret->changed, e);
	ret->before = l.n - ret->changed;
	return r;
}

static int run(const struct args *a, const struct words *w)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct hold_counts n = {0};
	const char *verb = a->v[1];
	bool adding = !strcmp(verb, "add"), listing = !strcmp(verb, "list"), json;
	struct errinfo e = {0};
	int r = opt_format(a, &json);

	if (r)
		return r;
	if (!adding && !listing && strcmp(verb, "remove") != 0)
		return say_usage(a->cmd, "'%s' is none of add, remove, list", verb);
	if (listing && a->n > 2)
		return say_usage(a->cmd, "unexpected argument '%s'", a->v[2]);
	if (!listing && opt_given(a, OPT_FORMAT))
		return say_usage(a->cmd, "'--format' goes with list only");
	if (!listing) {
		r = choose_check(a, 2);
		r = r ? r : reason_check(a);
		if (r)
			return r;
	}
	r = login(a, &s);
	if (r)
		return r;
	/* before anybody is told that a session isn't there who may only not see it */
	if (!listing || w->kind == HOLD_RESTRICTION)
		r = store_hold_may(s, w->kind, &e);
	if (r >= 0 && listing)
		return list(s, w, json, &e);
	if (r >= 0)
		r = set(s, a, w, adding, &n, &e);
	if (r < 0)
		return say_error(&e, r);
	/* also of what was restricted before: it may not have been seen then */
	if (adding && w->kind == HOLD_RESTRICTION)
		say_unseen(store_mounts_follow(s), "restricted");
	printf("%s %zu, so before %zu\n", adding ? w->done : w->undone, n.changed, n.before);
	return EXIT_OK;
}

static int run_hold(const struct args *a)
{
	static const struct words w = {HOLD_LEGAL, "held", "let go", "what is on hold"};

	return run(a, &w);
}

static int run_restrict(const struct args *a)
{
	static const struct words w = {HOLD_RESTRICTION, "restricted", "lifted",
				       "what is restricted"};

	return run(a, &w);
}

static const struct opt opts[] = {
	{OPT_SESSION, "session", "ID", "this session; more IDs may follow", 0, true},
	{OPT_VISITOR, "visitor", "V", "all sessions of this visitor", 0, false},
	{OPT_SITE, "site", "SITE", "all sessions of this site", 0, false},
	{OPT_SINCE, "since", "DATE", "only from this day on (YYYY-MM-DD)", 0, false},
	{OPT_UNTIL, "until", "DATE", "only up to this day", 0, false},
	{OPT_REASON, "reason", "TEXT", "kept with it and in the audit log", 0, false},
	{OPT_FORMAT, "format", "FORMAT", "of list: text (default) or json", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_hold = {
	.name = "hold",
	.synopsis = "STORE add|remove|list [WHICH]... [OPTION]...",
	.summary = "keep sessions from being erased",
	.about = "Puts sessions on legal hold, or lets them go again, with a --reason: as long as\n"
		 "they are held they can be read and not erased, by nobody. Needs an officer or\n"
		 "an admin. Those of a visitor, a site or some days are held or let go with the\n"
		 "restricted ones among them, which are counted for officers only. What is\n"
		 "imported later isn't held.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = -1,
	.run = run_hold,
};

const struct command cmd_restrict = {
	.name = "restrict",
	.synopsis = "STORE add|remove|list [WHICH]... [OPTION]...",
	.summary = "keep sessions from being read and erased",
	.about = "Restricts sessions (Art. 18 GDPR), or lifts that again, with a --reason: they\n"
		 "are kept, can't be erased, are listed to officers only, and are read through a\n"
		 "reveal mount or export only. Needs an officer.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = -1,
	.run = run_restrict,
};
