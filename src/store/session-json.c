/* session-json.c: session.json, what is known about a session.
 *
 * Made from the session's row alone: no blob, no spans, so that an lstat costs nothing to speak of.
 * (S1) The bytes follow from the row and nothing else: no clock, no locale, no map order, because
 *      a backup takes them for unchanged as long as size and times are.
 * (S2) Counts of what was redacted, never values. */
#include "redactfs/store.h"

#include "redactfs/timez.h"

static int add_time(struct buf *b, const char *name, int64_t ms)
{
	char utc[UTC_BYTES];

	utc_format(ms, utc);
	return buf_addf(b, "  \"%s\": \"%s\",\n", name, utc);
}

static int add_string(struct buf *b, const char *name, const char *value)
{
	int r = buf_addf(b, "  \"%s\": \"", name);
	if (r < 0)
		return r;
	r = buf_add_json(b, value, strlen(value));
	if (r < 0)
		return r;
	return buf_adds(b, "\",\n");
}

static int add_counts(struct buf *b, const struct session_row *row)
{
	const char *between = "";
	int r = buf_adds(b, "  \"redacted\": {");

	for (int c = CLASS_NONE + 1; c < CLASS_COUNT && r >= 0; c++) {
		if (!row->counts[c])
			continue;
		r = buf_addf(b, "%s\n    \"%s\": %llu", between, class_name((enum redact_class)c),
			     (unsigned long long)row->counts[c]);
		between = ",";
	}
	if (r < 0)
		return r;
	return buf_adds(b, *between ? "\n  }\n" : "}\n");
}

int session_json(const struct session_row *row, const char *site, const char *date, struct buf *b)
{
	char id[SESSION_ID_HEX + 1];
	int r;

	session_id_format(&row->id, id);
	if ((r = buf_adds(b, "{\n")) < 0 || (r = add_string(b, "id", id)) < 0 ||
	    (r = add_string(b, "site", site)) < 0 || (r = add_string(b, "date", date)) < 0 ||
	    (r = add_time(b, "start", row->start_ms)) < 0 ||
	    (r = add_time(b, "end", row->end_ms)) < 0)
		return r;
	r = buf_addf(b, "  \"duration_ms\": %lld,\n  \"events\": %llu,\n  \"size\": %llu,\n",
		     (long long)(row->end_ms - row->start_ms), (unsigned long long)row->events,
		     (unsigned long long)row->size);
	if (r < 0)
		return r;
	if (row->visitor[0] && (r = add_string(b, "visitor", row->visitor)) < 0)
		return r;
	/* not the number of the policy: it moves without anything that is shown (S1) */
	r = buf_addf(b, "  \"rendering\": %lu,\n", (unsigned long)row->rendering);
	if (r < 0)
		return r;
	r = add_counts(b, row);
	if (r < 0)
		return r;
	return buf_adds(b, "}\n");
}
