/* audit-json.c: an entry as `audit show --format=json` and audit.ndjson have it
 * (docs/SCRIPTING.md). */
#include "redactfs/audit.h"
#include "redactfs/timez.h"

#include <string.h>

int audit_entry_json(const struct audit_entry *a, struct buf *b)
{
	char at[UTC_BYTES];
	int r;

	utc_format(a->at_ns / 1000000, at);
	r = buf_addf(b, "{\"seq\":%llu,\"epoch\":%llu,\"time\":\"%s\",\"at_ns\":\"%lld\",",
		     (unsigned long long)a->seq, (unsigned long long)a->epoch, at,
		     (long long)a->at_ns);
	if (r >= 0)
		r = buf_addf(b, "\"kind\":\"%s\",\"operator\":\"", a->kind);
	if (r >= 0)
		r = buf_add_json(b, a->operator_email, strlen(a->operator_email));
	/* the detail is JSON already; as text it is what the hash is over */
	if (r >= 0)
		r = buf_addf(b, "\",\"detail\":%s,\"detail_text\":\"", a->detail);
	if (r >= 0)
		r = buf_add_json(b, a->detail, strlen(a->detail));
	if (r >= 0)
		r = buf_adds(b, "\",\"prev\":\"");
	if (r >= 0)
		r = buf_add_hex(b, a->prev, sizeof(a->prev));
	if (r >= 0)
		r = buf_adds(b, "\",\"hash\":\"");
	if (r >= 0)
		r = buf_add_hex(b, a->hash, sizeof(a->hash));
	if (r >= 0)
		r = buf_adds(b, "\",\"signature\":\"");
	if (r >= 0)
		r = buf_add_base64(b, a->sig, sizeof(a->sig));
	return r < 0 ? r : buf_adds(b, "\"}");
}
