/* marks.c: the privacy marks of recorders and analytics products; see marks.h.
 *
 * It is asked for every attribute of every element, so what is no mark must be told in a few
 * nanoseconds: a name is cut to its stem (without "data-"), the stem's first letter picks one short
 * list, and only stems of the same length are compared.
 *
 * A vendor's own stem ("rr-block", "hj-suppress") counts as an attribute, as a data- attribute and
 * as a class, whichever of them its documentation names: pages mix the forms up, and nobody else
 * uses these words. Stems that are ordinary words ("private", "sensitive") count only as the
 * attribute that some product documents; as classes they are the page's own affair (WordPress
 * writes class="private" on whole articles).
 *
 * Where products differ between text and pictures: a mark that hides pictures as well is a block
 * here, because a mask leaves them. Vendors' unmask and allow marks are not in the table, so they
 * say nothing; docs/REDACTION.md names them. */
#include "redactfs/marks.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One value of a mark that has several meanings. */
struct value {
	const char *s;
	uint8_t marks;
};

enum {
	ATTR = 1u << 0, /* stem="…" */
	DATA = 1u << 1, /* data-stem="…" */
	CLASS = 1u << 2,
	ANY = ATTR | DATA | CLASS,
};

struct stem {
	const char *s; /* lower case */
	uint8_t len;
	uint8_t where;
	uint8_t marks;              /* whatever the value; with `values`: for values not listed */
	const struct value *values; /* ends with a NULL s */
};

#define B  MARK_BLOCK
#define M  MARK_MASK
#define MI MARK_MASK_INPUT
#define I  MARK_IGNORE
#define IT MARK_IGNORE_TREE
#define P  MARK_PASSWORD

#define S(str, marks)                                                                              \
	{                                                                                          \
		str, sizeof(str) - 1, ANY, marks, NULL                                             \
	}
#define S_ONLY(str, where, marks)                                                                  \
	{                                                                                          \
		str, sizeof(str) - 1, where, marks, NULL                                           \
	}
#define S_VALUES(str, where, marks, vals)                                                          \
	{                                                                                          \
		str, sizeof(str) - 1, where, marks, vals                                           \
	}

/* rrweb: unmask < mask < ignore < block, so ignoring hides as well. */
static const struct value privacy_values[] = {
	{"unmask", 0}, {"mask", M}, {"ignore", M | IT}, {"block", B}, {NULL, 0}};
/* LogRocket blocks under any value; two of its values keep the shape of the text. */
static const struct value private_values[] = {{"lipsum", M}, {"redact", M}, {NULL, 0}};
static const struct value dd_privacy_values[] = {
	{"hidden", B},
	{"mask", M},
	{"mask-user-input", MI},
	{"mask-unless-allowlisted", M},
	{"input-masked", MI},
	{"input-ignored", MI | IT},
	{"allow", 0},
	{NULL, 0},
};
/* Smartlook: "mask" stars, everything else drops events and values. A value that its documentation
 * doesn't have masks besides. */
static const struct value recording_ignore_values[] = {
	{"mask", M}, {"events", IT}, {"", IT}, {"true", IT}, {NULL, 0}};
static const struct value sl_values[] = {{"mask", M}, {"exclude", B}, {NULL, 0}};

static const struct stem stems_a[] = {
	S("amp-block", B),         /* Amplitude */
	S("amp-mask", M),          /* Amplitude */
	S("asayer-hidden", B),     /* OpenReplay, its old name */
	S("asayer-htmlmasked", B), /* OpenReplay */
	S("asayer-masked", M),     /* OpenReplay */
	S("asayer-obscured", M),   /* OpenReplay */
};
static const struct stem stems_b[] = {
	S("birdeatsbug", M | IT), /* Bird Eats Bug */
};
static const struct stem stems_c[] = {
	S("clarity-mask", B), /* Clarity: text and pictures */
	S("cls_mask", M),     /* Glassbox */
	S("cs-encrypt", M),   /* Contentsquare: readable only with the site's key */
	S("cs-mask", B),      /* Contentsquare: removed */
};
static const struct stem stems_d[] = {
	S_VALUES("dd-privacy", ATTR | DATA, M, dd_privacy_values), /* Datadog */
	S("dd-privacy-hidden", B),
	S("dd-privacy-input-ignored", MI | IT),
	S("dd-privacy-input-masked", MI),
	S("dd-privacy-mask", M),
	S("dd-privacy-mask-unless-allowlisted", M),
	S("dd-privacy-mask-user-input", MI),
	S("dtrum-mask", B), /* Dynatrace: text and pictures */
};
static const struct stem stems_f[] = {
	S("fs-block", B), /* FullStory */
	S("fs-exclude", B),
	S("fs-exclude-without-consent", B), /* the visitor's consent isn't known here */
	S("fs-hide", B),
	S("fs-mask", M),
	S("fs-mask-without-consent", M),
	S("fs-record-with-consent", B),
};
static const struct stem stems_g[] = {
	S("glassbox-mask", M), /* Glassbox */
};
static const struct stem stems_h[] = {
	S("heap-ignore", I), /* Heap */
	S("heap-redact-attributes", B),
	S("heap-redact-text", B),
	S("highlight-block", B), /* Highlight, LaunchDarkly */
	S("highlight-ignore", I),
	S("highlight-mask", M),
	S("hj-masked", M),    /* Hotjar */
	S("hj-suppress", B),  /* Hotjar: text and pictures */
	S("hw-not-allow", B), /* Howuku */
};
static const struct stem stems_i[] = {
	S("inspectlet-sensitive", M), /* Inspectlet */
	S("inspectletignore", M),
};
static const struct stem stems_l[] = {
	S("lo-mask", M),          /* Lucky Orange */
	S("lo-sensitive", B),     /* Lucky Orange: text and pictures */
	S("logrocket-hidden", B), /* LogRocket */
	S("losensitive", B),      /* Lucky Orange */
	S("lr-block", B),         /* LogRocket */
	S("lr-exclude", B),       S("lr-hide", B),
};
static const struct stem stems_m[] = {
	S("-metrika-nokeys", I), /* Yandex Metrica, its old name; '-' shares its slot with 'm' */
	S("matomo-mask", M),     /* Matomo */
	S("mf-excluded", B),     /* Mouseflow */
	S("mf-masked", B),       /* Mouseflow: not recorded at all */
	S("mf-replace", B),      S("mf-replace-inner", M), S("mouseflow-mask", M),
	S("mp-block", B), /* Mixpanel */
	S("mp-mask", M),         S("mp-no-track", M),      S("mp-sensitive", M),
};
static const struct stem stems_n[] = {
	S("nls_protected", M), /* VWO */
	S("nr-block", B),      /* New Relic */
	S("nr-ignore", I),
	S("nr-mask", M),
};
static const struct stem stems_o[] = {
	S("openreplay-block", B), /* OpenReplay */
	S("openreplay-hidden", B), S("openreplay-htmlmasked", B),
	S("openreplay-masked", M), S("openreplay-obscured", M),
};
static const struct stem stems_p[] = {
	S("ph-ignore-input", I), /* PostHog */
	S("ph-mask", M),
	S("ph-no-capture", B),
	S("ph-sensitive", M),
	S("piwik-mask", M),                           /* Matomo, its old name */
	S_VALUES("privacy", DATA, M, privacy_values), /* rrweb */
	S_VALUES("private", DATA, B, private_values), /* LogRocket */
};
static const struct stem stems_q[] = {
	S("qm-block", B), /* Quantum Metric */
	S("qm-encrypt", M),
	S("qm-freeze-exclude", B),
	S("qm-mask", M),
};
static const struct stem stems_r[] = {
	S("recording-disable", B), /* Smartlook, Smartsupp */
	S_VALUES("recording-ignore", ANY, M | IT, recording_ignore_values),
	S("recording-sensitive", M | IT),
	S("rr-block", B), /* rrweb */
	S("rr-ignore", I),
	S_ONLY("rr-is-password", DATA, P), /* written by rrweb itself */
	S("rr-mask", M),
};
static const struct stem stems_s[] = {
	S_ONLY("sensitive", DATA, M), /* Userplane */
	S("sentry-block", B),         /* Sentry */
	S("sentry-ignore", I),
	S("sentry-mask", M),
	S("sessionstack-sensitive", B),     /* SessionStack */
	S_VALUES("sl", DATA, M, sl_values), /* Smartlook */
	S("smartlook-hide", B),
	S("sr-redact", B),             /* SessionRewind */
	S_ONLY("ss-exclude", DATA, B), /* SessionSight */
	S_ONLY("ss-mask", DATA, M),
};
static const struct stem stems_u[] = {
	S("userback-block", B), /* Userback */
	S("userback-ignore", I),
};
static const struct stem stems_y[] = {
	S("ym-disable-keys", IT), /* Yandex Metrica */
	S("ym-hide-content", B),
};
static const struct stem stems_z[] = {
	S("zipy-block", B), /* Zipy */
};
static const struct stem stems_underscore[] = {
	S("__ipt_sensitive__", M), /* Inspectlet */
	S("_lr-hide", B),          /* LogRocket */
};

#undef B
#undef M
#undef MI
#undef I
#undef IT
#undef P
#undef S
#undef S_ONLY
#undef S_VALUES

/* By the low five bits of the first byte: the same for either case. */
#define LIST(c, v) [(c)&31] = {v, sizeof(v) / sizeof((v)[0])}
static const struct {
	const struct stem *v;
	uint8_t n;
} by_letter[32] = {
	LIST('a', stems_a), LIST('b', stems_b), LIST('c', stems_c), LIST('d', stems_d),
	LIST('f', stems_f), LIST('g', stems_g), LIST('h', stems_h), LIST('i', stems_i),
	LIST('l', stems_l), LIST('m', stems_m), LIST('n', stems_n), LIST('o', stems_o),
	LIST('p', stems_p), LIST('q', stems_q), LIST('r', stems_r), LIST('s', stems_s),
	LIST('u', stems_u), LIST('y', stems_y), LIST('z', stems_z), LIST('_', stems_underscore),
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* s, in any case, is the lower-case word w of the same length. */
static bool same(const char *s, const char *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(s[i]) != w[i])
			return false;
	}
	return true;
}

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Without "data-" no stem is shorter than this: most attributes and classes are. */
#define STEM_MIN 7u

static const struct stem *find(const char *s, size_t n, unsigned where)
{
	if (n < STEM_MIN && where != DATA)
		return NULL;
	const struct stem *v = by_letter[(unsigned char)s[0] & 31].v;
	unsigned count = by_letter[(unsigned char)s[0] & 31].n;

	for (unsigned i = 0; i < count; i++) {
		if (v[i].len == n && (v[i].where & where) && same(s, v[i].s, n))
			return &v[i];
	}
	return NULL;
}

static bool has_data(const char *s, size_t n)
{
	return n > 5 && s[4] == '-' && (s[0] | 0x20) == 'd' && same(s, "data", 4);
}

static unsigned of_value(const struct stem *m, const char *v, size_t n)
{
	if (!m->values)
		return m->marks;
	while (n && space(v[0]))
		v++, n--;
	while (n && space(v[n - 1]))
		n--;
	for (const struct value *k = m->values; k->s; k++) {
		if (strlen(k->s) == n && same(v, k->s, n))
			return k->marks;
	}
	return m->marks;
}

static unsigned of_classes(const char *v, size_t n)
{
	unsigned marks = 0;

	for (size_t i = 0; i < n;) {
		size_t from = i;

		while (i < n && !space(v[i]))
			i++;
		size_t len = i - from;
		const struct stem *m = has_data(v + from, len) ? find(v + from + 5, len - 5, CLASS)
							       : find(v + from, len, CLASS);
		if (m) /* a class has no value: as one that is empty */
			marks |= of_value(m, "", 0);
		i++;
	}
	return marks;
}

unsigned marks_of_attribute(const char *name, size_t namelen, const char *value, size_t valuelen)
{
	if (namelen == 5)
		return same(name, "class", 5) ? of_classes(value, valuelen) : 0;
	if (namelen < STEM_MIN) /* "data-sl" has as many */
		return 0;
	const struct stem *m = has_data(name, namelen) ? find(name + 5, namelen - 5, DATA)
						       : find(name, namelen, ATTR);
	return m ? of_value(m, value, valuelen) : 0;
}
