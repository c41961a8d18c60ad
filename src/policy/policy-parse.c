/* policy-parse.c: reads a policy; see policy.h and redactfs-policy(5).
 *
 * The reader is our own and small. The INI library at hand cuts lines at a length that its
 * distributor chose (200 bytes in Debian) and takes the rest for another line, cuts names at 50,
 * and doesn't tell a key's line number: a list of selectors that loses its end is a leak.
 *
 * Everything that isn't understood is refused, with its line, so that a misspelt "emials = drop"
 * can't be thought to hold. Nothing is written to *ret before the last line has been read. */
#include "redactfs/policy.h"

#include "policy-keys.h"

#include "redactfs/limits.h"
#include "redactfs/selector.h"
#include "redactfs/utf8.h"

#include <string.h>

enum section { SECTION_NONE, SECTION_SITE, SECTION_RECORD, SECTION_DETECT, SECTION_SELECT };

/* Where keys are remembered, so that a second one is noticed: the classes first. */
enum {
	KEY_DETECT = CLASS_COUNT,       /* and a class: all its detectors */
	KEY_DETECTOR = 2 * CLASS_COUNT, /* and a detector that isn't its class's only one */
	KEY_TIMEZONE = KEY_DETECTOR + DETECTOR_COUNT,
	KEY_RETENTION,
	KEY_CONTROLLER,
	KEY_BLOCK,
	KEY_MASK,
	KEY_UNMASK,
	KEY_IMAGES,
	KEY_CANVAS,
	KEY_COUNT,
};

struct reader {
	struct policy p;
	enum section section;
	unsigned line;
	unsigned seen[KEY_COUNT]; /* in which line; 0: not yet */
	struct errinfo *e;
};

struct str {
	const char *s;
	size_t n;
};

static void reader_done(struct reader *r)
{
	policy_done(&r->p);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct str trim(struct str v)
{
	while (v.n && blank(v.s[0]))
		v.s++, v.n--;
	while (v.n && blank(v.s[v.n - 1]))
		v.n--;
	return v;
}

static bool is(struct str v, const char *s)
{
	return strlen(s) == v.n && !memcmp(v.s, s, v.n);
}

/* A word of the policy as messages show it: a short one, printable. */
struct shown {
	char s[48];
};
static struct shown show(struct str v)
{
	struct shown r;
	size_t n = v.n < sizeof(r.s) - 4 ? v.n : sizeof(r.s) - 4;

	for (size_t i = 0; i < n; i++)
		r.s[i] = (char)(v.s[i] > 0x20 && v.s[i] < 0x7f ? v.s[i] : '?');
	memcpy(r.s + n, n < v.n ? "..." : "", n < v.n ? 4 : 1);
	return r;
}

static int bad(struct reader *r, const char *what, struct str v)
{
	return err_set(r->e, -EINVAL, "line %u: %s '%s'", r->line, what, show(v).s);
}

/* --- values --- */

static int timezone_set(struct reader *r, struct str v)
{
	bool ok = v.n < sizeof(r->p.timezone) && v.s[0] != '/' && !memmem(v.s, v.n, "..", 2);

	for (size_t i = 0; i < v.n && ok; i++) {
		char c = v.s[i];

		ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		     c == '/' || c == '_' || c == '-' || c == '+';
	}
	if (!ok) {
		err_hint(r->e, "an IANA name, like Europe/Prague or UTC");
		return bad(r, "not a time zone:", v);
	}
	memcpy(r->p.timezone, v.s, v.n);
	r->p.timezone[v.n] = 0;
	return 0;
}

static int retention_set(struct reader *r, struct str v)
{
	uint64_t n = 0, unit = 0;
	size_t i = 0;

	if (is(v, "forever")) {
		r->p.retention_days = 0;
		return 0;
	}
	for (; i < v.n && i < 6 && v.s[i] >= '0' && v.s[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(v.s[i] - '0');
	if (i && i + 1 == v.n)
		unit = v.s[i] == 'd' ? 1 : v.s[i] == 'w' ? 7 : v.s[i] == 'y' ? 365 : 0;
	if (!n || !unit) {
		err_hint(r->e, "days, weeks or years, like 90d, 12w or 1y, or forever");
		return bad(r, "not a retention:", v);
	}
	if (n * unit > LIMIT_RETENTION_DAYS)
		return err_set(r->e, -E2BIG, "line %u: a retention of over %u days", r->line,
			       LIMIT_RETENTION_DAYS);
	r->p.retention_days = (uint32_t)(n * unit);
	return 0;
}

static int controller_set(struct reader *r, struct str v)
{
	if (v.n >= sizeof(r->p.controller))
		return err_set(r->e, -E2BIG, "line %u: a controller of over %zu bytes", r->line,
			       sizeof(r->p.controller) - 1);
	memcpy(r->p.controller, v.s, v.n);
	r->p.controller[v.n] = 0;
	return 0;
}

static int selectors_set(struct reader *r, struct str key, struct str v, char **ret)
{
	CLEANUP_PTR(selector_free) struct selector_list *l = NULL;
	struct errinfo why = {0};
	int x = selector_parse(v.s, v.n, &l, &why);

	if (x < 0)
		return err_set(r->e, x, "line %u: %s, character %u of the value: %s", r->line,
			       show(key).s, (unsigned)why.offset + 1, why.msg);
	if (selector_count(l) > LIMIT_POLICY_SELECTORS)
		return err_set(r->e, -E2BIG, "line %u: %s has over %u selectors", r->line,
			       show(key).s, LIMIT_POLICY_SELECTORS);
	*ret = strndup(v.s, v.n);
	return *ret ? 0 : err_set(r->e, -ENOMEM, "out of memory");
}

static int disposition_set(struct reader *r, enum redact_class c, struct str v)
{
	enum disposition d;

	if (is(v, "drop") || (c == CLASS_FORM && is(v, "off"))) {
		d = DISP_DROP;
	} else if (is(v, "seal")) {
		d = DISP_SEAL;
	} else if (is(v, "show")) {
		d = DISP_SHOW;
	} else {
		err_hint(r->e,
			 c == CLASS_FORM ? "one of off, seal, show" : "one of drop, seal, show");
		return bad(r, "not a disposition:", v);
	}
	if (class_always_dropped(c) && d != DISP_DROP)
		return err_set(r->e, -EINVAL,
			       "line %u: '%s' is always dropped, no policy can keep it", r->line,
			       class_name(c));
	r->p.disp[c] = d;
	return 0;
}

/* What a detector's own line says is stronger than that of its class, whichever comes first. */
static uint64_t of_class(const struct reader *r, enum redact_class c)
{
	uint64_t all = detectors_of(c);

	for (int d = 1; d < DETECTOR_COUNT; d++) {
		if (r->seen[KEY_DETECTOR + d])
			all &= ~DETECTOR_BIT(d);
	}
	return all;
}

static int detect_set(struct reader *r, uint64_t which, struct str v)
{
	bool on = is(v, "on");

	if (!on && !is(v, "off")) {
		err_hint(r->e, "on or off");
		return bad(r, "neither on nor off:", v);
	}
	if (!on && (which & DETECTORS_ALWAYS))
		return err_set(r->e, -EINVAL,
			       "line %u: '%s' is always looked for, no policy can switch that off",
			       r->line, detector_name((enum detector)__builtin_ctzll(which)));
	r->p.detect = on ? r->p.detect | which : r->p.detect & ~which;
	return 0;
}

static int pictures_set(struct reader *r, struct str v, bool *ret_drop)
{
	*ret_drop = is(v, "drop");
	if (*ret_drop || is(v, "keep"))
		return 0;
	err_hint(r->e, "keep or drop");
	return bad(r, "neither keep nor drop:", v);
}

/* --- lines --- */

static enum redact_class class_of_key(struct str key)
{
	enum redact_class c = class_parse(key.s, key.n);

	for (int i = 1; i < CLASS_COUNT && !c; i++) {
		if (is(key, policy_plural((enum redact_class)i)))
			c = (enum redact_class)i;
	}
	return c;
}

/* The key's number in `seen`; 0: there is no such key in the section. */
static unsigned key_of(enum section in, struct str key)
{
	static const struct {
		enum section in;
		unsigned key;
		const char *name;
	} keys[] = {
		{SECTION_SITE, KEY_TIMEZONE, "timezone"},
		{SECTION_SITE, KEY_RETENTION, "retention"},
		{SECTION_SITE, KEY_CONTROLLER, "controller"},
		{SECTION_RECORD, KEY_IMAGES, "images"},
		{SECTION_RECORD, KEY_CANVAS, "canvas"},
		{SECTION_SELECT, KEY_BLOCK, "block"},
		{SECTION_SELECT, KEY_MASK, "mask"},
		{SECTION_SELECT, KEY_UNMASK, "unmask"},
	};

	if (in == SECTION_DETECT) {
		enum redact_class c = class_of_key(key);
		enum detector d = detector_parse(key.s, key.n);

		if (c != CLASS_NONE)
			return detectors_of(c) ? KEY_DETECT + c : 0;
		return d != DETECTOR_NONE ? KEY_DETECTOR + d : 0;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].in == in && is(key, keys[i].name))
			return keys[i].key;
	}
	return in == SECTION_RECORD ? class_of_key(key) : 0;
}

static int unknown_key(struct reader *r, struct str key)
{
	static const char *const hints[] = {
		[SECTION_SITE] = "[site] has timezone, retention, controller",
		[SECTION_RECORD] = "[record] has forms, emails, phones, ibans, ips, national-ids, "
				   "birthdates, secrets, urls, masked, blocked, images, canvas",
		[SECTION_DETECT] =
			"[detect] has emails, phones, ibans, ips, national-ids, birthdates, "
			"secrets, urls, and the names in redactfs-policy(5)",
		[SECTION_SELECT] = "[select] has block, mask, unmask",
	};

	err_hint(r->e, "%s", hints[r->section]);
	return bad(r, "unknown key", key);
}

static int setting(struct reader *r, struct str line)
{
	const char *eq = memchr(line.s, '=', line.n);

	if (!eq)
		return bad(r, "neither [section] nor key = value:", line);
	struct str key = trim((struct str){line.s, (size_t)(eq - line.s)});
	struct str v = trim((struct str){eq + 1, line.n - (size_t)(eq + 1 - line.s)});
	if (v.n && v.s[0] == ';') /* a comment here too, though no blank stands before it */
		v.n = 0;
	if (!r->section)
		return bad(r, "before any [section]:", key);
	unsigned k = key_of(r->section, key);
	if (!k)
		return unknown_key(r, key);
	if (r->seen[k])
		return err_set(r->e, -EINVAL, "line %u: '%s' was set in line %u already", r->line,
			       show(key).s, r->seen[k]);
	r->seen[k] = r->line;
	if (!v.n)
		return bad(r, "no value for", key);
	switch (k) {
	case KEY_TIMEZONE:
		return timezone_set(r, v);
	case KEY_RETENTION:
		return retention_set(r, v);
	case KEY_CONTROLLER:
		return controller_set(r, v);
	case KEY_BLOCK:
		return selectors_set(r, key, v, &r->p.block);
	case KEY_MASK:
		return selectors_set(r, key, v, &r->p.mask);
	case KEY_UNMASK:
		return selectors_set(r, key, v, &r->p.unmask);
	case KEY_IMAGES:
		return pictures_set(r, v, &r->p.drop_images);
	case KEY_CANVAS:
		return pictures_set(r, v, &r->p.drop_canvas);
	default:
		if (k >= KEY_DETECTOR)
			return detect_set(r, DETECTOR_BIT(k - KEY_DETECTOR), v);
		if (k >= KEY_DETECT)
			return detect_set(r, of_class(r, (enum redact_class)(k - KEY_DETECT)), v);
		return disposition_set(r, (enum redact_class)k, v);
	}
}

static int section_set(struct reader *r, struct str line)
{
	if (line.s[line.n - 1] != ']')
		return bad(r, "a [ without ]:", line);
	struct str name = trim((struct str){line.s + 1, line.n - 2});
	if (is(name, "site")) {
		r->section = SECTION_SITE;
	} else if (is(name, "record")) {
		r->section = SECTION_RECORD;
	} else if (is(name, "detect")) {
		r->section = SECTION_DETECT;
	} else if (is(name, "select")) {
		r->section = SECTION_SELECT;
	} else {
		err_hint(r->e, "there are [site], [record], [detect] and [select]");
		return bad(r, "unknown section", name);
	}
	return 0;
}

/* Without the comment: a ; at the start or after a blank. # begins one only at the start, because
 * inside a line it begins an id. */
static struct str without_comment(struct str line)
{
	if (line.n && line.s[0] == '#')
		line.n = 0;
	for (size_t i = 0; i < line.n; i++) {
		if (line.s[i] == ';' && (!i || blank(line.s[i - 1])))
			line.n = i;
	}
	return trim(line);
}

static int line_read(struct reader *r, struct str line)
{
	if (line.n > LIMIT_POLICY_LINE_BYTES)
		return err_set(r->e, -E2BIG, "line %u: over %u bytes", r->line,
			       LIMIT_POLICY_LINE_BYTES);
	for (size_t i = 0; i < line.n; i++) {
		if (((uint8_t)line.s[i] < 0x20 && line.s[i] != '\t') || line.s[i] == 0x7f)
			return err_set(r->e, -EINVAL, "line %u: a control character", r->line);
	}
	line = without_comment(trim(line));
	if (!line.n)
		return 0;
	return line.s[0] == '[' ? section_set(r, line) : setting(r, line);
}

/* Controllers' names are shown to people; selectors are compared with text that is UTF-8. */
static int check_utf8(struct errinfo *e, const char *s, size_t n)
{
	unsigned line = 1;

	for (size_t i = 0, len; i < n; i += len) {
		line += s[i] == '\n';
		len = utf8_len(s + i, n - i);
		if (!len)
			return err_set(e, -EINVAL, "line %u: not UTF-8", line);
	}
	return 0;
}

int policy_parse(const char *ini, size_t len, struct policy *ret, struct errinfo *e)
{
	CLEANUP(reader_done) struct reader r = {.e = e};
	int x = policy_default(&r.p);

	if (!x && len > LIMIT_POLICY_BYTES)
		return err_set(e, -E2BIG, "a policy of over %u bytes", LIMIT_POLICY_BYTES);
	if (!x)
		x = check_utf8(e, ini, len);
	if (x < 0)
		return x;
	size_t at = len >= 3 && !memcmp(ini, "\xef\xbb\xbf", 3) ? 3 : 0; /* editors' BOM */
	while (at < len) {
		const char *nl = memchr(ini + at, '\n', len - at);
		struct str line = {ini + at, nl ? (size_t)(nl - ini) - at : len - at};

		at += line.n + 1;
		if (line.n && line.s[line.n - 1] == '\r')
			line.n--;
		r.line++;
		x = line_read(&r, line);
		if (x < 0)
			return x;
	}
	*ret = r.p;
	r.p = (struct policy){0}; /* moved out */
	return 0;
}
