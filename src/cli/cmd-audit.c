/* cmd-audit.c: redactfs audit: the log of what was done to a store. */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 64 };

/* A line an entry; hashes of lists and sums are for programs. */
static int add_text(struct buf *b, const struct audit_entry *a)
{
	CLEANUP(buf_done) struct buf key = {0}, value = {0};
	const char *rest = a->detail;
	char at[UTC_BYTES];
	int r, more;

	utc_format(a->at_ns / 1000000, at);
	r = buf_addf(b, "%6llu  %s  %-10s ", (unsigned long long)a->seq, at, a->kind);
	if (r >= 0)
		r = buf_add_printable(b, a->operator_email);
	while (r >= 0 && (more = audit_detail_next(&rest, &key, &value)) != 0) {
		if (more < 0)
			return more;
		if (!strcmp(key.p, "list") || !strcmp(key.p, "tombstones"))
			continue;
		r = buf_addf(b, "  %s ", key.p);
		if (r >= 0)
			r = buf_add_printable(b, value.p);
	}
	return r < 0 ? r : buf_addc(b, '\n');
}

static int show(struct store *s, bool json, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf out = {0};
	CLEANUP_FREE struct audit_entry *rows = calloc(PAGE, sizeof(*rows));
	uint64_t after = 0;
	int n, r = rows ? 0 : -ENOMEM;

	if (r >= 0 && json)
		r = buf_addc(&out, '[');
	do {
		n = r < 0 ? r : store_audit_list(s, after, rows, PAGE);
		for (int i = 0; r >= 0 && i < n; i++) {
			if (!json)
				r = add_text(&out, &rows[i]);
			else if ((r = buf_adds(&out, after ? ",\n" : "")) >= 0)
				r = audit_entry_json(&rows[i], &out);
			after = rows[i].seq;
		}
		if (n < 0 || r < 0)
			return say_error(
				e, err_set_errno(e, n < 0 ? n : r, "cannot show the audit log"));
		if (out.len > 65536) {
			r = out_write(out.p, out.len);
			if (r)
				return r;
			out.len = 0;
		}
	} while (n == PAGE);
	if (json) {
		r = buf_adds(&out, "]\n");
		if (r < 0)
			return say_error(e, r);
	}
	return out_write(out.p, out.len);
}

/* "17:0a1b…": the number and the hash of an entry, as verify printed them. */
static bool parse_head(const char *s, uint64_t *ret_seq, const char **ret_hex)
{
	char *end;

	if (*s < '1' || *s > '9')
		return false;
	errno = 0;
	*ret_seq = strtoull(s, &end, 10);
	if (errno || *end != ':' || strlen(end + 1) != 2 * HASH_BYTES ||
	    strspn(end + 1, "0123456789abcdef") != 2 * HASH_BYTES)
		return false;
	*ret_hex = end + 1;
	return true;
}

/* Is the log a continuation of what it was then? What no store can tell by itself: that all of it,
 * root included, was put back to an older state. */
static int check_head(struct store *s, uint64_t seq, const char *hex, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf is = {0};
	CLEANUP_FREE struct audit_entry *a = calloc(1, sizeof(*a));
	int n = a ? store_audit_list(s, seq - 1, a, 1) : -ENOMEM;

	if (n < 0)
		return err_set_errno(e, n, "cannot read the audit log");
	if (n == 0)
		return err_set(e, -EBADMSG,
			       "audit log: it ends before entry %llu: the store was put back to an "
			       "older state",
			       (unsigned long long)seq);
	int r = buf_add_hex(&is, a->hash, sizeof(a->hash));
	if (r < 0)
		return r;
	return strcmp(is.p, hex) == 0
		       ? 0
		       : err_set(e, -EBADMSG, "audit log: entry %llu isn't the one that was noted",
				 (unsigned long long)seq);
}

static int verify(struct store *s, const char *head, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf out = {0};
	struct audit_report rep;
	const char *hex = NULL;
	uint64_t seq = 0;
	int r = store_audit_verify(s, &rep, e);

	if (r >= 0 && head && parse_head(head, &seq, &hex))
		r = check_head(s, seq, hex, e);
	if (r >= 0)
		r = buf_addf(&out,
			     "good: %llu entries, newest %llu:", (unsigned long long)rep.entries,
			     (unsigned long long)rep.entries);
	if (r >= 0)
		r = buf_add_hex(&out, rep.head, sizeof(rep.head));
	if (r >= 0)
		r = buf_addc(&out, '\n');
	return r < 0 ? say_error(e, r) : out_write(out.p, out.len);
}

static int public_key(struct store *s, struct errinfo *e)
{
	CLEANUP(buf_done) struct buf out = {0};
	uint8_t pk[32];
	int r;

	store_audit_key(s, pk);
	r = audit_key_pem(pk, &out);
	return r < 0 ? say_error(e, r) : out_write(out.p, out.len);
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	const char *verb = a->v[1], *head = opt_arg(a, OPT_HEAD);
	bool showing = !strcmp(verb, "show"), verifying = !strcmp(verb, "verify");
	struct errinfo e = {0};
	const char *hex;
	uint64_t seq;
	bool json;
	int r = opt_format(a, &json);

	if (r)
		return r;
	if (!showing && !verifying && strcmp(verb, "public-key") != 0)
		return say_usage(a->cmd, "'%s' is none of show, verify, public-key", verb);
	if (opt_given(a, OPT_FORMAT) && !showing)
		return say_usage(a->cmd, "'--format' goes with show only");
	if (head && !verifying)
		return say_usage(a->cmd, "'--head' goes with verify only");
	if (head && !parse_head(head, &seq, &hex))
		return say_usage(a->cmd, "'%s' is no entry: NUMBER:HASH, as verify prints it",
				 head);
	r = login(a, &s);
	if (r)
		return r;
	if (showing)
		return show(s, json, &e);
	return verifying ? verify(s, head, &e) : public_key(s, &e);
}

static const struct opt opts[] = {
	{OPT_FORMAT, "format", "FORMAT", "of show: text (default) or json", 0, false},
	{OPT_HEAD, "head", "HEAD", "of verify: an entry noted earlier must be there", 0, false},
	OPTS_LOGIN,
	OPTS_END};

const struct command cmd_audit = {
	.name = "audit",
	.synopsis = "STORE show|verify|public-key [OPTION]...",
	.summary = "show or check the audit log",
	.about = "Shows the log of what was done to a store; checks that no entry was changed,\n"
		 "removed, moved, added or cut off; or prints the key that log and receipts are\n"
		 "signed with, to be kept elsewhere.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
