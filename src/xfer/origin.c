/* origin.c: whose recording a file is, told by where it lay on a mount; see origin.h.
 *
 * The shape of a session's folder (time and the end of an id) is what no other tree has by chance.
 * A backup may begin anywhere below the mount, so site and date may be missing from the path;
 * session.json has them too. Where both speak, they have to agree: a wrong guess would file a
 * visitor's session under another's name. */
#include "origin.h"

#include "redactfs/cleanup.h"
#include "redactfs/hex.h"
#include "redactfs/jtok.h"
#include "redactfs/site.h"

#include <string.h>

struct part {
	const char *p;
	size_t n;
};

static bool part_is(const struct part *c, const char *s)
{
	return c->n == strlen(s) && !memcmp(c->p, s, c->n);
}

/* The last `max` components, "." not counted, the last one first. */
static size_t parts_of(const char *path, struct part *ret, size_t max)
{
	size_t n = 0;

	for (const char *end = path + strlen(path); end > path && n < max;) {
		const char *p = end;

		while (p > path && p[-1] != '/')
			p--;
		if (end > p && !(end - p == 1 && *p == '.'))
			ret[n++] = (struct part){p, (size_t)(end - p)};
		end = p > path ? p - 1 : path;
	}
	return n;
}

/* Decimal digits s[0..n), or -1. */
static int number(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v;
}

static bool date_ok(const char *s, size_t n)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (n != TIMEZ_DATE_BYTES - 1 || s[4] != '-' || s[7] != '-')
		return false;
	int y = number(s, 4), m = number(s + 5, 2), d = number(s + 8, 2);
	if (y < 0 || m < 1 || m > 12 || d < 1)
		return false;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d <= days[m - 1] + (m == 2 && leap);
}

/* "140322-7f3a9c21d0b4" */
static bool session_ok(const struct part *c, struct origin *o)
{
	const char *s = c->p;
	int h, m, sec;

	if (c->n != TIMEZ_TIME_BYTES + 2 * ORIGIN_TAIL_BYTES || s[6] != '-')
		return false;
	h = number(s, 2);
	m = number(s + 2, 2);
	sec = number(s + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
		return false;
	for (size_t i = 0; i < ORIGIN_TAIL_BYTES; i++) {
		int hi = hex_lower(s[7 + 2 * i]), lo = hex_lower(s[8 + 2 * i]);
		if (hi < 0 || lo < 0)
			return false;
		o->tail[i] = (uint8_t)(hi << 4 | lo);
	}
	memcpy(o->time, s, TIMEZ_TIME_BYTES - 1);
	return true;
}

static bool below_control_folder(const char *path)
{
	const char *p = strstr(path, ".redactfs/");

	return p && (p == path || p[-1] == '/');
}

enum origin_kind origin_of_path(const char *path, struct origin *ret, size_t *ret_folder)
{
	struct part c[4];
	struct origin o = {0};
	size_t n = parts_of(path, c, 4);
	enum origin_kind kind;

	if (below_control_folder(path))
		return ORIGIN_DERIVED;
	if (n && part_is(&c[0], "index.html")) /* of an export; a page is no recording anyway */
		return ORIGIN_DERIVED;
	if (n < 2 || !session_ok(&c[1], &o))
		return ORIGIN_NONE;
	if (part_is(&c[0], "events.json"))
		kind = ORIGIN_EVENTS;
	else if (part_is(&c[0], "session.json"))
		kind = ORIGIN_SESSION;
	else if (part_is(&c[0], "transcript.txt") || part_is(&c[0], "replay.html"))
		return ORIGIN_DERIVED;
	else
		return ORIGIN_NONE;
	if (n > 2 && date_ok(c[2].p, c[2].n))
		memcpy(o.date, c[2].p, c[2].n);
	if (n > 3 && o.date[0] && site_name_check(c[3].p, c[3].n, NULL) == 0)
		memcpy(o.site, c[3].p, c[3].n);
	*ret = o;
	*ret_folder = (size_t)(c[1].p + c[1].n - path);
	return kind;
}

/* The string member `key` into out. 0: there is none (or no string); 1: there; negative: too long.
 */
static int text_member(const char *json, const struct jtok_vec *t, const char *key, char *out,
		       size_t room)
{
	char buf[LIMIT_SITE_BYTES * 6 + 1];
	uint32_t i = jtok_get(json, t->v, 0, key);

	if (!i || t->v[i].type != JTOK_STRING)
		return 0;
	if (t->v[i].len >= sizeof(buf) || (t->v[i].flags & JTOK_LONE))
		return -EILSEQ;
	size_t n = jtok_unescape(json + t->v[i].off, t->v[i].len, buf, /* map= */ NULL);
	if (n >= room)
		return -EILSEQ;
	for (size_t k = 0; k < n; k++)
		if ((unsigned char)buf[k] < 0x20 || buf[k] == 0x7f)
			return -EILSEQ;
	memcpy(out, buf, n);
	out[n] = 0;
	return 1;
}

static int merge(char *have, const char *more, const char *what, struct errinfo *e)
{
	if (have[0] && strcmp(have, more) != 0)
		return err_set(e, -EILSEQ, "session.json and the folder's path name different %s",
			       what);
	memcpy(have, more, strlen(more) + 1);
	return 0;
}

int origin_add_session(struct origin *o, const char *json, size_t n, struct errinfo *e)
{
	CLEANUP(jtok_done) struct jtok_vec t = {0};
	char text[LIMIT_SITE_BYTES + 1];
	int r;

	if (n > LIMIT_SESSION_JSON)
		return err_set(e, -E2BIG, "session.json is too long (limit %u bytes)",
			       LIMIT_SESSION_JSON);
	r = jtok_parse(json, n, 0, &t, e);
	if (r < 0) {
		err_prefix(e, "session.json");
		return r;
	}
	if (t.v[0].type != JTOK_OBJECT)
		return err_set(e, -EILSEQ, "session.json is no JSON object");
	if ((r = text_member(json, &t, "id", text, sizeof(text))) > 0) {
		if (!session_id_parse(text, &o->id))
			return err_set(e, -EILSEQ, "session.json has no proper id");
		if (memcmp(o->id.b + sizeof(o->id.b) - ORIGIN_TAIL_BYTES, o->tail,
			   ORIGIN_TAIL_BYTES) != 0)
			return err_set(
				e, -EILSEQ,
				"session.json and the folder's path name different sessions");
		o->has_id = true;
	}
	if (r >= 0 && (r = text_member(json, &t, "site", text, sizeof(text))) > 0) {
		struct errinfo why = {0};

		if (site_name_check(text, strlen(text), &why) < 0)
			return err_set(e, -EILSEQ, "session.json: %s", why.msg);
		r = merge(o->site, text, "sites", e);
		if (r < 0)
			return r;
	}
	if (r >= 0 && (r = text_member(json, &t, "date", text, sizeof(text))) > 0) {
		if (!date_ok(text, strlen(text)))
			return err_set(e, -EILSEQ, "session.json has no proper date");
		r = merge(o->date, text, "dates", e);
		if (r < 0)
			return r;
	}
	if (r >= 0)
		r = text_member(json, &t, "visitor", o->visitor, sizeof(o->visitor));
	return r < 0 ? err_set(e, -EILSEQ, "session.json has a member that can't be read") : 0;
}
