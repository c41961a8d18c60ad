/* cmd-status.c: redactfs status: what a store holds, what is pending, and how sure an erasure is.
 */
#include "cli-priv.h"

#include <string.h>

static int add_copy(struct buf *b, const struct root_copy *c, bool first)
{
	unsigned at = 0;
	const char *text;
	int r = buf_addf(b, "%s{\"path\":\"", first ? "" : ",");

	if (r >= 0)
		r = buf_add_json(b, c->path, strlen(c->path));
	if (r >= 0)
		r = buf_addf(b, "\",\"file_system\":\"%s\",\"same_disk\":%s,\"warnings\":[", c->fs,
			     c->same_disk ? "true" : "false");
	for (bool none = true; r >= 0 && (text = store_root_warning(c, &at)); none = false)
		r = buf_addf(b, "%s\"%s\"", none ? "" : ",", text);
	return r < 0 ? r : buf_adds(b, "]}");
}

static int add_json(struct buf *b, struct store *s, const struct store_status *st)
{
	const struct store_assurance *a = store_assurance(s);
	int r = buf_addf(b,
			 "{\"sessions\":%llu,\"held\":%llu,\"restricted\":%llu,"
			 "\"pending_erasures\":%llu,\"epoch\":%llu,\"audit_entries\":%llu,\"root\":"
			 "\"%s\",\"root_warnings\":\"%s\",\"reserve_bytes\":%llu,"
			 "\"root_copies\":[",
			 (unsigned long long)st->sessions, (unsigned long long)st->held,
			 (unsigned long long)st->restricted, (unsigned long long)st->pending,
			 (unsigned long long)st->epoch, (unsigned long long)st->entries, a->level,
			 a->warnings, (unsigned long long)store_reserve_bytes(s));

	for (unsigned i = 0; r >= 0 && i < a->n; i++)
		r = add_copy(b, &a->copies[i], i == 0);
	return r < 0 ? r : buf_adds(b, "]}\n");
}

static int add_text(struct buf *b, struct store *s, const struct store_status *st)
{
	const struct store_assurance *a = store_assurance(s);
	int r = buf_addf(b,
			 "sessions: %llu, of them held: %llu, restricted: %llu\n"
			 "pending erasures: %llu\n"
			 "epoch: %llu\n"
			 "audit entries: %llu\n"
			 "kept for erasing on a full disk: %llu of %u KiB\n"
			 "root: %s\n",
			 (unsigned long long)st->sessions, (unsigned long long)st->held,
			 (unsigned long long)st->restricted, (unsigned long long)st->pending,
			 (unsigned long long)st->epoch, (unsigned long long)st->entries,
			 (unsigned long long)store_reserve_bytes(s) >> 10,
			 LIMIT_RESERVE_PIECES * (LIMIT_RESERVE_PIECE_BYTES >> 10), a->level);

	for (unsigned i = 0; r >= 0 && i < a->n; i++) {
		const struct root_copy *c = &a->copies[i];

		r = buf_adds(b, "root copy: ");
		if (r >= 0)
			r = buf_add_printable(b, *c->path ? c->path : "in the store's folder");
		if (r >= 0)
			r = buf_addf(b, ", %s, %s\n", c->fs,
				     c->same_disk ? "the same disk as the store"
						  : "a disk of its own");
	}
	return r;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(buf_done) struct buf out = {0};
	struct store_status st;
	struct errinfo e = {0};
	bool json;
	int r = opt_format(a, &json);

	if (r)
		return r;
	r = login(a, &s);
	if (r)
		return r;
	r = store_status_get(s, &st);
	if (r >= 0)
		r = json ? add_json(&out, s, &st) : add_text(&out, s, &st);
	if (r < 0)
		return say_error(&e, err_set_errno(&e, r, "cannot say what the store holds"));
	r = out_write(out.p, out.len);
	if (!r && !json)
		say_root_warnings(store_assurance(s));
	return r;
}

static const struct opt opts[] = {
	{OPT_FORMAT, "format", "FORMAT", "text (default) or json", 0, false}, OPTS_LOGIN, OPTS_END};

const struct command cmd_status = {
	.name = "status",
	.synopsis = "STORE [OPTION]...",
	.summary = "say what a store holds and where its root lies",
	.about = "Says how many sessions there are, how many are held or restricted, what is\n"
		 "pending, and what can be said of the place where the root lies: every receipt\n"
		 "says it too.\n",
	.opts = opts,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
