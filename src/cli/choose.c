/* choose.c: the sessions that a command is about: by id or path, by visitor, site, days. Collected
 * before anything is done, shown as they are, and then exactly these are meant: a session imported
 * meanwhile is not swept along. */
#include "cli-priv.h"

#include "redactfs/line.h"

#include <stdlib.h>
#include <string.h>

void chosen_done(struct chosen *l)
{
	free(l->inos);
	free(l->days);
	buf_done(&l->paths);
	buf_done(&l->kept);
	*l = (struct chosen){0};
}

static int add_kept(struct chosen *l, const struct session_row *row)
{
	bool held = row->state == SESSION_HELD;
	char id[SESSION_ID_HEX + 1];

	l->held += held;
	l->restricted += !held;
	session_id_format(&row->id, id);
	return buf_addf(&l->kept, "%s: %s\n", held ? "on hold" : "restricted", id);
}

static int add_day(struct chosen *l, uint64_t day)
{
	if (l->ndays && l->days[l->ndays - 1] == day)
		return 0;
	if (l->ndays == l->days_cap) {
		size_t cap = l->days_cap ? 2 * l->days_cap : 16;
		uint64_t *p = reallocarray(l->days, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->days = p;
		l->days_cap = cap;
	}
	l->days[l->ndays++] = day;
	return 0;
}

void remove_dates(struct store *s, const struct chosen *l)
{
	for (size_t i = 0; i < l->ndays; i++)
		(void)store_day_remove(s, l->days[i]); /* not where others are left, or came */
}

static int chosen_add(struct chosen *l, const struct selected *x)
{
	bool held = x->row->state == SESSION_HELD, restricted = x->row->state == SESSION_RESTRICTED;
	int r = 0;

	if ((held || restricted) && l->skip_kept)
		return add_kept(l, x->row);
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		uint64_t *p = reallocarray(l->inos, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->inos = p;
		l->cap = cap;
	}
	if (held || restricted)
		r = add_kept(l, x->row);
	if (r >= 0)
		r = add_day(l, x->day->id);
	if (r >= 0)
		r = buf_addf(&l->paths, "%s/%s/%s%s\n", x->site->name, x->day->name, x->row->name,
			     held         ? "  (held)"
			     : restricted ? "  (restricted)"
					  : "");
	if (r < 0)
		return r;
	l->inos[l->n++] = x->row->ino;
	return 0;
}

static int each(void *ctx, const struct selected *x)
{
	return chosen_add(ctx, x);
}

int choose_walk(struct store *s, const struct selection *sel, struct chosen *l, struct errinfo *e)
{
	return select_walk(s, sel, each, l, e);
}

/* SITE/DATE/SESSION, as in the mount. */
static int find_path(struct store *s, const char *path, struct session_row *ret)
{
	const char *day = strchr(path, '/'), *name = day ? strchr(day + 1, '/') : NULL;
	struct site_row site;
	struct day_row row;
	int r;

	if (!name)
		return -ENOENT;
	r = store_site_find(s, path, (size_t)(day - path), &site);
	if (r >= 0)
		r = store_day_find(s, site.id, day + 1, (size_t)(name - day - 1), &row);
	if (r >= 0)
		r = store_session_find(s, row.id, name + 1, strlen(name + 1), ret);
	return r;
}

static int add_named(struct store *s, const char *name, struct chosen *l, struct errinfo *e)
{
	struct session_row row;
	struct session_id id;
	struct site_row site;
	struct day_row day;
	int r;

	r = session_id_parse(name, &id) ? store_session_by_id(s, &id, &row)
					: find_path(s, name, &row);
	if (r >= 0 && row.state == SESSION_RESTRICTED && !(store_roles(s) & ROLE_OFFICER))
		r = -ENOENT;
	for (size_t i = 0; r >= 0 && i < l->n; i++) {
		if (l->inos[i] == row.ino)
			return 0; /* named twice */
	}
	if (r >= 0)
		r = store_site_get(s, row.site_id, &site);
	if (r >= 0)
		r = store_day_get(s, row.day_id, &day);
	if (r >= 0)
		r = chosen_add(l, &(struct selected){.site = &site, .day = &day, .row = &row});
	if (r == -ENOENT)
		return err_set(e, r, "no such session '%s'", name);
	return r < 0 ? err_set_errno(e, r, "cannot look up session '%s'", name) : 0;
}

void choose_selection(const struct args *a, struct selection *ret)
{
	*ret = (struct selection){
		.site = opt_arg(a, OPT_SITE),
		.visitor = opt_arg(a, OPT_VISITOR),
		.since = opt_arg(a, OPT_SINCE),
		.until = opt_arg(a, OPT_UNTIL),
		.before = opt_arg(a, OPT_BEFORE),
	};
}

/* `first` is the first argument that may be an ID of --session. */
int choose_check(const struct args *a, int first)
{
	struct selection sel;

	choose_selection(a, &sel);
	const char *dates[] = {sel.since, sel.until, sel.before};
	bool walk = sel.site || sel.visitor;

	for (size_t i = 0; i < 3; i++) {
		walk |= dates[i] != NULL;
		if (dates[i] && !date_check(dates[i]))
			return say_usage(a->cmd, "'%s' is no date: YYYY-MM-DD", dates[i]);
	}
	if (!opt_given(a, OPT_SESSION) && !walk)
		return say_usage(a->cmd, "which? '--session', '--visitor', '--site' or a date is "
					 "missing");
	if (opt_given(a, OPT_SESSION) && walk)
		return say_usage(a->cmd, "'--session' goes with no other choice of sessions");
	if (!opt_given(a, OPT_SESSION) && a->n > first)
		return say_usage(a->cmd, "unexpected argument '%s'", a->v[first]);
	if (sel.since && sel.until && strcmp(sel.since, sel.until) > 0)
		return say_usage(a->cmd, "'--since' is after '--until'");
	return 0;
}

int choose(struct store *s, const struct args *a, int first, struct chosen *l, struct errinfo *e)
{
	const struct opt_value *ids = &a->opt[OPT_SESSION];
	struct selection sel;
	int r = 0;

	choose_selection(a, &sel);
	sel.unseen = l->unseen;
	if (!ids->n)
		return choose_walk(s, &sel, l, e);
	for (size_t i = 0; i < ids->n && r >= 0; i++)
		r = add_named(s, ids->v[i], l, e);
	/* --session A B C: the rest stands among the arguments */
	for (int i = first; i < a->n && r >= 0; i++)
		r = add_named(s, a->v[i], l, e);
	return r;
}

/* A line that says something: the audit log keeps it for good. */
static bool is_reason(const char *s)
{
	return s[strspn(s, " ")] && line_is_plain(s) && strlen(s) <= LIMIT_REASON_BYTES;
}

int reason_check(const struct args *a)
{
	const char *reason = opt_arg(a, OPT_REASON);

	if (!reason)
		return say_usage(a->cmd, "'--reason TEXT' is missing");
	return is_reason(reason)
		       ? 0
		       : say_usage(a->cmd, "a reason is one line of 1 to %u bytes of UTF-8",
				   LIMIT_REASON_BYTES);
}

/* 0: go on; else an exit status. */
int ask_yes(const struct args *a, const struct chosen *l, const char *question)
{
	char answer[16] = "";

	if (opt_given(a, OPT_YES))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return say_usage(a->cmd, "no terminal to ask on: '--yes' is missing");
	fprintf(stderr, "%s%s type 'yes': ", l->paths.p, question);
	if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "yes\n") != 0) {
		say("nothing erased");
		return EXIT_OTHER;
	}
	return 0;
}

void say_kept(const struct chosen *l)
{
	for (const char *p = l->kept.p, *end; p && *p; p = end + 1) {
		end = strchr(p, '\n');
		say("%.*s", (int)(end - p), p);
	}
}

const char *kept_words(const struct chosen *l, const char *hold, char out[KEPT_WORDS])
{
	(void)snprintf(out, KEPT_WORDS, "%s%s%s", l->held ? hold : "",
		       l->held && l->restricted ? " or " : "", l->restricted ? "restricted" : "");
	return out;
}
