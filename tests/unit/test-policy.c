/* test-policy.c: policies are read strictly, with line numbers; written so that they read back; and
 * what loosens them is noticed. */
#include "redactfs/policy.h"

#include "redactfs/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void read_policy(const char *ini, struct policy *ret)
{
	struct errinfo e = {0};

	if (policy_parse(ini, strlen(ini), ret, &e) < 0)
		fail_msg("%s\n%s", ini, e.msg);
}

static void assert_same(const struct policy *a, const struct policy *b)
{
	const char *x[] = {a->block, a->mask, a->unmask}, *y[] = {b->block, b->mask, b->unmask};

	assert_memory_equal(a->disp, b->disp, sizeof(a->disp));
	assert_true(a->detect == b->detect);
	assert_int_equal(a->drop_images, b->drop_images);
	assert_int_equal(a->drop_canvas, b->drop_canvas);
	assert_string_equal(a->timezone, b->timezone);
	assert_int_equal(a->retention_days, b->retention_days);
	assert_string_equal(a->controller, b->controller);
	for (int i = 0; i < 3; i++)
		assert_string_equal(x[i] ? x[i] : "(none)", y[i] ? y[i] : "(none)");
}

static void test_defaults(void **state)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(policy_done) struct policy q = {0};

	(void)state;
	assert_int_equal(policy_default(&p), 0);
	for (int c = 1; c < CLASS_COUNT; c++) {
		bool drop = c == CLASS_PASSWORD || c == CLASS_CARD || c == CLASS_CVC ||
			    c == CLASS_OTP || c == CLASS_BLOCKED;

		assert_int_equal(p.disp[c], drop ? DISP_DROP : DISP_SEAL);
	}
	assert_true(p.detect == DETECTORS_ALL);
	assert_false(p.drop_images || p.drop_canvas);
	assert_string_equal(p.timezone, "UTC");
	assert_int_equal(p.retention_days, 0);
	assert_string_equal(p.controller, "");
	assert_null(p.block);
	read_policy("", &q);
	assert_same(&p, &q);
	policy_done(&q);
	read_policy("\n; nothing\n\t # at all\n[site]\n[record]\n[select]", &q);
	assert_same(&p, &q);
}

static void test_everything(void **state)
{
	CLEANUP(policy_done) struct policy p = {0};

	(void)state;
	read_policy("\xef\xbb\xbf[site]\r\n"
		    "timezone = Europe/Prague\r\n"
		    "retention=90d   ; a quarter\r\n"
		    "controller = Příklad s.r.o., \"L'Atelier\" = #1;2\r\n"
		    "\r\n"
		    "  [ record ]  ; what is kept\r\n"
		    "forms = off\r\n"
		    "emails = show\r\n"
		    "phone = drop\r\n"
		    "national-ids = drop\r\n"
		    "ip\t=\tshow\r\n"
		    "blocked = seal\r\n"
		    "masked = show\r\n"
		    "passwords = drop\r\n"
		    "card = drop\r\n"
		    "images = drop\r\n"
		    "# and\r\n"
		    "[detect]\r\n"
		    "ips = off\r\n"
		    "urls = on\r\n"
		    "cards = on\r\n"
		    "[select]\r\n"
		    "block = #chat .agent-notes, [data-internal]\r\n"
		    "mask = .profile dd ; names\r\n"
		    "unmask = .public-name",
		    &p);
	assert_string_equal(p.timezone, "Europe/Prague");
	assert_int_equal(p.retention_days, 90);
	assert_string_equal(p.controller, "Příklad s.r.o., \"L'Atelier\" = #1;2");
	assert_int_equal(p.disp[CLASS_FORM], DISP_DROP);
	assert_int_equal(p.disp[CLASS_EMAIL], DISP_SHOW);
	assert_int_equal(p.disp[CLASS_PHONE], DISP_DROP);
	assert_int_equal(p.disp[CLASS_NATIONAL_ID], DISP_DROP);
	assert_int_equal(p.disp[CLASS_IP], DISP_SHOW);
	assert_int_equal(p.disp[CLASS_BLOCKED], DISP_SEAL);
	assert_int_equal(p.disp[CLASS_MASKED], DISP_SHOW);
	assert_int_equal(p.disp[CLASS_IBAN], DISP_SEAL);
	assert_int_equal(p.disp[CLASS_PASSWORD], DISP_DROP);
	assert_true(p.drop_images);
	assert_false(p.drop_canvas);
	assert_true(p.detect == (DETECTORS_ALL & ~detectors_of(CLASS_IP)));
	assert_string_equal(p.block, "#chat .agent-notes, [data-internal]");
	assert_string_equal(p.mask, ".profile dd");
	assert_string_equal(p.unmask, ".public-name");
}

static void test_every_class_has_both_names(void **state)
{
	static const char *const plurals[CLASS_COUNT] = {
		[CLASS_PASSWORD] = "passwords",
		[CLASS_CARD] = "cards",
		[CLASS_CVC] = "cvcs",
		[CLASS_OTP] = "otps",
		[CLASS_BLOCKED] = "blocked",
		[CLASS_SECRET] = "secrets",
		[CLASS_IBAN] = "ibans",
		[CLASS_NATIONAL_ID] = "national-ids",
		[CLASS_EMAIL] = "emails",
		[CLASS_PHONE] = "phones",
		[CLASS_IP] = "ips",
		[CLASS_BIRTHDATE] = "birthdates",
		[CLASS_URL] = "urls",
		[CLASS_MASKED] = "masked",
		[CLASS_FORM] = "forms",
	};
	static const char *const values[] = {"show", "seal", "drop"};

	(void)state;
	for (int c = 1; c < CLASS_COUNT; c++) {
		const char *names[] = {class_name((enum redact_class)c), plurals[c]};

		for (int k = 0; k < 6; k++) {
			CLEANUP(policy_done) struct policy p = {0};
			struct errinfo e = {0};
			char ini[80];
			int n = snprintf(ini, sizeof(ini), "[record]\n\n%s = %s", names[k / 3],
					 values[k % 3]);
			int r = policy_parse(ini, (size_t)n, &p, &e);

			if (class_always_dropped((enum redact_class)c) && k % 3 != DISP_DROP) {
				assert_int_equal(r, -EINVAL);
				assert_non_null(strstr(e.msg, "line 3: "));
				assert_non_null(strstr(e.msg, "always dropped"));
			} else {
				assert_int_equal(r, 0);
				assert_int_equal(p.disp[c], k % 3);
			}
		}
	}
}

static void test_retention(void **state)
{
	static const struct {
		const char *v;
		int want; /* days, or -errno */
	} cases[] = {
		{"1d", 1},           {"90d", 90},           {"2w", 14},
		{"1y", 365},         {"36500d", 36500},     {"100y", 36500},
		{"forever", 0},      {"0d", -EINVAL},       {"d", -EINVAL},
		{"90", -EINVAL},     {"90 d", -EINVAL},     {"-1d", -EINVAL},
		{"3m", -EINVAL},     {"90days", -EINVAL},   {"1d2w", -EINVAL},
		{"0x9d", -EINVAL},   {"36501d", -E2BIG},    {"101y", -E2BIG},
		{"999999y", -E2BIG}, {"9999999d", -EINVAL}, {"18446744073709551617d", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(policy_done) struct policy p = {0};
		char ini[80];
		int n = snprintf(ini, sizeof(ini), "[site]\nretention = %s\n", cases[i].v);
		int r = policy_parse(ini, (size_t)n, &p, NULL);

		if (cases[i].want < 0 ? r != cases[i].want
				      : r || p.retention_days != (uint32_t)cases[i].want)
			fail_msg("%s: %d, %u days", cases[i].v, r, p.retention_days);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *ini, *why;
	} cases[] = {
		{"[site]\nretention = 90d\n\ntimezone = UTC\nretention = 30d\n",
		 "line 5: 'retention' was set in line 2"},
		{"[record]\nemails = drop\nemail = seal\n", "line 3: 'email' was set in line 2"},
		{"[record]\nforms = off\n[select]\n[record]\nform = show\n",
		 "line 5: 'form' was set in line 2"},
		{"[sites]\n", "line 1: unknown section 'sites'"},
		{"[]\n", "line 1: unknown section ''"},
		{"[Site]\n", "line 1: unknown section 'Site'"},
		{"[site\n", "line 1: a [ without ]"},
		{"[site] x = y\n", "line 1: a [ without ]"},
		{"[\n", "line 1: a [ without ]"},
		{"timezone = UTC\n", "line 1: before any [section]: 'timezone'"},
		{"[site]\nzone = UTC\n", "line 2: unknown key 'zone'"},
		{"[site]\nforms = off\n", "line 2: unknown key 'forms'"},
		{"[record]\nemials = drop\n", "line 2: unknown key 'emials'"},
		{"[record]\nimages = seal\n", "line 2: neither keep nor drop: 'seal'"},
		{"[select]\nimages = drop\n", "line 2: unknown key 'images'"},
		{"[record]\ncanvas = keep\ncanvas = keep\n", "line 3: 'canvas' was set in line 2"},
		{"[detect]\nforms = off\n", "line 2: unknown key 'forms'"},
		{"[detect]\nmasked = off\n", "line 2: unknown key 'masked'"},
		{"[detect]\nemails = seal\n", "line 2: neither on nor off: 'seal'"},
		{"[detect]\nemails = off\nemail = off\n", "line 3: 'email' was set in line 2"},
		{"[detect]\npasswords = off\n", "line 2: 'password' is always looked for"},
		{"[detect]\n; all\ncard = off\n", "line 3: 'card' is always looked for"},
		{"[detect]\ncvcs = off\n", "line 2: 'cvc' is always looked for"},
		{"[detect]\notp = off\n", "line 2: 'otp' is always looked for"},
		{"[detect]\npesel = off\nnip = no\n", "line 3: neither on nor off: 'no'"},
		{"[detect]\npesel = on\n\npesel = on\n", "line 4: 'pesel' was set in line 2"},
		{"[detect]\nPESEL = off\n", "line 2: unknown key 'PESEL'"},
		{"[record]\npesel = drop\n", "line 2: unknown key 'pesel'"},
		{"[record]\nblockeds = drop\n", "line 2: unknown key 'blockeds'"},
		{"[record]\n= drop\n", "line 2: unknown key ''"},
		{"[record]\nemails = off\n", "line 2: not a disposition: 'off'"},
		{"[record]\nemails = Seal\n", "line 2: not a disposition: 'Seal'"},
		{"[record]\nforms = on\n", "line 2: not a disposition: 'on'"},
		{"[record]\nemails =\n", "line 2: no value for 'emails'"},
		{"[record]\nemails = ; drop\n", "line 2: no value for 'emails'"},
		{"[site]\ncontroller =; us\n", "line 2: no value for 'controller'"},
		{"[record]\nemails\n", "line 2: neither [section] nor key = value: 'emails'"},
		{"[record]\nemails: drop\n", "line 2: neither [section]"},
		{"[record]\ncards = seal\n", "line 2: 'card' is always dropped"},
		{"[site]\ntimezone = ../../etc/passwd\n", "line 2: not a time zone"},
		{"[site]\ntimezone = /etc/localtime\n", "line 2: not a time zone"},
		{"[site]\ntimezone = Europe Prague\n", "line 2: not a time zone"},
		{"[site]\ntimezone = "
		 "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
		 "line 2: not a time zone: 'Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"},
		{"[select]\n\nblock = #chat,, p\n", "line 3: block, character 7 of the value: "},
		{"[select]\nmask = a:hover\n",
		 "line 2: mask, character 2 of the value: of the pseudo"},
		{"[select]\nunmask = a + b\n", "line 2: unmask, character 3"},
		{"[site]\ncontroller = a\001b\n", "line 2: a control character"},
		{"[site]\n\ncontroller = a\rb\n", "line 3: a control character"},
		{"[site]\ncontroller = \xe9t\xe9\n", "line 2: not UTF-8"},
		{"[site]\n\n\xed\xa0\x80\n", "line 3: not UTF-8"},
		{"[site]\ncontroller = \xc0\xaf\n", "line 2: not UTF-8"},
		{"[site]\ncontroller = \xf4\x90\x80\x80\n", "line 2: not UTF-8"},
		{"\xef\xbb\xbf\xef\xbb\xbf[site]\n", "line 1: neither [section]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct policy p = {.retention_days = 7};
		struct errinfo e = {0};
		int r = policy_parse(cases[i].ini, strlen(cases[i].ini), &p, &e);

		if (r != -EINVAL || strncmp(e.msg, cases[i].why, strlen(cases[i].why)) != 0)
			fail_msg("%s\n%d: '%s', not '%s'", cases[i].ini, r, e.msg, cases[i].why);
		/* only on success is anything written */
		assert_int_equal(p.retention_days, 7);
		assert_null(p.block);
	}
	assert_int_equal(policy_parse("[site]\n\0", 8, &(struct policy){0}, NULL), -EINVAL);
}

static void test_limits(void **state)
{
	static char ini[LIMIT_POLICY_BYTES + 2];
	CLEANUP(policy_done) struct policy p = {0};
	struct errinfo e = {0};
	size_t n = (size_t)sprintf(ini, "[select]\nblock = .a");

	(void)state;
	/* a long line is read whole: nothing of a list gets lost */
	while (n + 4 <= 9 + LIMIT_POLICY_LINE_BYTES)
		n += (size_t)sprintf(ini + n, "%s", ".bcd");
	assert_int_equal(policy_parse(ini, n, &p, &e), 0);
	assert_int_equal(strlen(p.block), n - 17);
	memset(ini + n, 'x', 8);
	assert_int_equal(policy_parse(ini, n + 8, &p, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "line 2: over 8192 bytes"));

	n = (size_t)sprintf(ini, "[select]\nblock = a");
	for (unsigned i = 1; i < LIMIT_POLICY_SELECTORS; i++)
		n += (size_t)sprintf(ini + n, ",a");
	policy_done(&p);
	assert_int_equal(policy_parse(ini, n, &p, NULL), 0);
	n += (size_t)sprintf(ini + n, ",a");
	memset(&e, 0, sizeof(e));
	assert_int_equal(policy_parse(ini, n, &p, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "line 2: block has over 256 selectors"));

	memset(ini, '\n', sizeof(ini));
	memset(&e, 0, sizeof(e));
	assert_int_equal(policy_parse(ini, sizeof(ini), &p, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "65536 bytes"));

	n = (size_t)sprintf(ini, "[site]\ncontroller = ");
	memset(ini + n, 'c', 256);
	memset(&e, 0, sizeof(e));
	assert_int_equal(policy_parse(ini, n + 256, &p, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "line 2: a controller of over 255 bytes"));
	policy_done(&p);
	assert_int_equal(policy_parse(ini, n + 255, &p, NULL), 0);
	assert_int_equal(strlen(p.controller), 255);
}

static void test_written_reads_back(void **state)
{
	static const char *const inis[] = {
		"",
		"[site]\nretention = 2w\ncontroller = A; B\n",
		("[site]\ntimezone = America/Argentina/Buenos_Aires\n[record]\nforms = off\n"
		 "emails = show\nips = drop\nblocked = seal\nmasked = drop\n"),
		"[record]\ncanvas = drop\nimages = drop\n[detect]\nips = off\nurl = off\n",
		"[select]\nmask = #a > [b='; c'] , .d\n",
		"[record]\nforms = show\n[select]\nblock = a\nmask = b, c\nunmask = d\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(inis) / sizeof(inis[0]); i++) {
		CLEANUP(policy_done) struct policy p = {0};
		CLEANUP(policy_done) struct policy q = {0};
		CLEANUP(buf_done) struct buf b = {0};

		read_policy(inis[i], &p);
		assert_int_equal(policy_format(&p, &b), 0);
		read_policy(b.p, &q);
		assert_same(&p, &q);
	}
}

/* A detector's own line is stronger than its class's, whichever comes first. */
static void test_detectors_by_name(void **state)
{
	static const struct {
		const char *ini;
		uint64_t off;
	} cases[] = {
		{"pesel = off\n", DETECTOR_BIT(DETECTOR_PESEL)},
		{"rodne-cislo = off\nipv6 = off\n",
		 DETECTOR_BIT(DETECTOR_RODNE) | DETECTOR_BIT(DETECTOR_IPV6)},
		{"national-ids = off\n", DETECTORS_NATIONAL_ID},
		{"national-ids = off\nbsn = on\n",
		 DETECTORS_NATIONAL_ID & ~DETECTOR_BIT(DETECTOR_BSN)},
		{"bsn = on\nnational-ids = off\n",
		 DETECTORS_NATIONAL_ID & ~DETECTOR_BIT(DETECTOR_BSN)},
		{"bsn = off\nnational-ids = on\n", DETECTOR_BIT(DETECTOR_BSN)},
		{"secret = off\njwt = on\n", DETECTORS_FROM(DETECTOR_API_KEY, DETECTOR_URL_SECRET)},
		{"email = off\n", DETECTOR_BIT(DETECTOR_EMAIL)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(policy_done) struct policy p = {0}, q = {0};
		CLEANUP(buf_done) struct buf b = {0};

		assert_int_equal(buf_addf(&b, "[detect]\n%s", cases[i].ini), 0);
		read_policy(b.p, &p);
		if (p.detect != (DETECTORS_ALL & ~cases[i].off))
			fail_msg("%s%llx", cases[i].ini, (unsigned long long)p.detect);
		b.len = 0;
		assert_int_equal(policy_format(&p, &b), 0);
		read_policy(b.p, &q);
		assert_same(&p, &q);
	}
	/* every detector but those that are never off */
	for (int d = DETECTOR_OTP + 1; d < DETECTOR_COUNT; d++) {
		CLEANUP(policy_done) struct policy p = {0};
		char ini[64];

		(void)snprintf(ini, sizeof(ini), "[detect]\n%s = off\n",
			       detector_name((enum detector)d));
		read_policy(ini, &p);
		assert_true(p.detect == (DETECTORS_ALL & ~DETECTOR_BIT(d)));
	}
}

static void test_format(void **state)
{
	CLEANUP(policy_done) struct policy p = {0};
	CLEANUP(buf_done) struct buf b = {0};

	(void)state;
	read_policy("[site]\nretention=30d\ncontroller=X\n[record]\nform=off\n[select]\nblock=#c\n",
		    &p);
	assert_int_equal(policy_format(&p, &b), 0);
	assert_string_equal(b.p, "[site]\n"
				 "timezone = UTC\n"
				 "retention = 30d\n"
				 "controller = X\n"
				 "\n"
				 "[record]\n"
				 "; passwords, cards, cvcs, otps: always dropped\n"
				 "forms = off\n"
				 "blocked = drop\n"
				 "secrets = seal\n"
				 "ibans = seal\n"
				 "national-ids = seal\n"
				 "emails = seal\n"
				 "phones = seal\n"
				 "ips = seal\n"
				 "birthdates = seal\n"
				 "urls = seal\n"
				 "masked = seal\n"
				 "images = keep\n"
				 "canvas = keep\n"
				 "\n"
				 "[detect]\n"
				 "secrets = on\n"
				 "jwt = on\n"
				 "api-keys = on\n"
				 "private-keys = on\n"
				 "bearer = on\n"
				 "cookies = on\n"
				 "tokens = on\n"
				 "url-secrets = on\n"
				 "ibans = on\n"
				 "national-ids = on\n"
				 "pesel = on\n"
				 "nip = on\n"
				 "regon = on\n"
				 "rodne-cislo = on\n"
				 "ico = on\n"
				 "nir = on\n"
				 "steuer-id = on\n"
				 "dni = on\n"
				 "codice-fiscale = on\n"
				 "bsn = on\n"
				 "ssn = on\n"
				 "nhs-number = on\n"
				 "nino = on\n"
				 "nif-pt = on\n"
				 "emails = on\n"
				 "phones = on\n"
				 "ips = on\n"
				 "ipv4 = on\n"
				 "ipv6 = on\n"
				 "birthdates = on\n"
				 "urls = on\n"
				 "\n"
				 "[select]\n"
				 "block = #c\n");
}

static void test_loosens(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{"", "", false},
		{"", "[record]\nemails = drop\n", false},
		{"", "[record]\nemails = show\n", true},
		{"[record]\nemails = drop\n", "", true},
		{"[record]\nforms = off\n", "[record]\nforms = seal\n", true},
		{"[record]\nforms = seal\n", "[record]\nforms = off\n", false},
		/* one stricter doesn't make up for one laxer */
		{"", "[record]\nemails = show\nphones = drop\n", true},
		{"", "[record]\nblocked = seal\n", true},
		{"[select]\nblock = a\n", "[select]\nblock = a, b\n", false},
		{"[select]\nblock = a, b\n", "[select]\nblock = b,a\n", false},
		{"[select]\nblock = a, b\n", "[select]\nblock = a\n", true},
		{"[select]\nblock = a\n", "", true},
		{"[select]\nblock = a > b\n", "[select]\nblock = A>b\n", false},
		{"[select]\nblock = a b\n", "[select]\nblock = a > b\n", true},
		{"[select]\nmask = a\n", "[select]\nblock = a\n", false},
		{"[select]\nblock = a\n", "[select]\nmask = a\n", true},
		{"[record]\nmasked = drop\n[select]\nblock = a\n",
		 "[record]\nmasked = drop\n[select]\nmask = a\n", false},
		{"[record]\nmasked = show\n[select]\nmask = a\n", "[record]\nmasked = show\n",
		 false},
		{"[select]\nunmask = a\n", "", false},
		{"", "[select]\nunmask = a\n", true},
		{"[select]\nunmask = a, b\n", "[select]\nunmask = b\n", false},
		{"[select]\nunmask = a\n", "[select]\nunmask = b\n", true},
		{"", "[record]\nimages = drop\ncanvas = drop\n", false},
		{"[record]\nimages = drop\n", "", true},
		{"[record]\ncanvas = drop\n", "[record]\nimages = drop\n", true},
		{"", "[detect]\nips = off\n", true},
		{"[detect]\nips = off\n", "", false},
		{"", "[detect]\npesel = off\n", true},
		{"[detect]\npesel = off\n", "", false},
		{"[detect]\npesel = off\n", "[detect]\nnip = off\n", true},
		{"[detect]\nnational-ids = off\n", "[detect]\nnational-ids = off\nbsn = on\n",
		 false},
		{"[detect]\nnational-ids = off\nbsn = on\n", "[detect]\nnational-ids = off\n",
		 true},
		{"[site]\nretention = 30d\n", "[site]\nretention = 90d\ntimezone = Asia/Tokyo\n",
		 false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(policy_done) struct policy a = {0};
		CLEANUP(policy_done) struct policy b = {0};

		read_policy(cases[i].a, &a);
		read_policy(cases[i].b, &b);
		if (policy_loosens(&a, &b) != cases[i].want)
			fail_msg("from:\n%sto:\n%s", cases[i].a, cases[i].b);
	}
}

/* `a`, then `b`, and what both together come to. */
static void test_merged(void **state)
{
	static const struct {
		const char *a, *b, *want;
		bool more; /* the two together hide what a shows */
	} cases[] = {
		{"", "", "", false},
		{"", "[record]\nforms = off\nemails = show\n", "[record]\nforms = off\n", false},
		{"[record]\nemails = show\n", "", "", true},
		{"[record]\nemails = show\n", "[record]\nemails = show\nips = drop\n",
		 "[record]\nemails = show\nips = drop\n", false},
		{"[record]\nimages = drop\n[detect]\nips = off\n", "[record]\ncanvas = drop\n",
		 "[record]\nimages = drop\ncanvas = drop\n", true},
		{"[record]\nimages = drop\n", "[detect]\nips = off\n", "[record]\nimages = drop\n",
		 false},
		{"[detect]\npesel = off\nipv6 = off\n", "[detect]\nips = off\npesel = off\n",
		 "[detect]\npesel = off\nipv6 = off\n", false},
		{"[select]\nblock = a, b > c\n", "[select]\nblock = b>c , [d=', '], a\n",
		 "[select]\nblock = a, b > c, [d=', ']\n", true},
		{"[select]\nblock = a, b > c\n", "[select]\nblock = b>c\n",
		 "[select]\nblock = a, b > c\n", false},
		{"[select]\nblock = a\n", "[select]\nmask = a\n", "[select]\nblock = a\nmask = a\n",
		 true},
		{"[select]\nunmask = a, b\n", "[select]\nunmask = c, b\n", "[select]\nunmask = b\n",
		 true},
		{"[select]\nunmask = a\n", "", "", true},
		{"", "[select]\nunmask = a\n", "", false},
		{"[site]\ntimezone = Asia/Tokyo\nretention = 1d\n",
		 "[site]\ncontroller = X\nretention = 2d\n",
		 "[site]\ncontroller = X\nretention = 2d\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(policy_done) struct policy a = {0};
		CLEANUP(policy_done) struct policy b = {0};
		CLEANUP(policy_done) struct policy m = {0};
		CLEANUP(policy_done) struct policy again = {0};
		CLEANUP(policy_done) struct policy want = {0};

		read_policy(cases[i].a, &a);
		read_policy(cases[i].b, &b);
		read_policy(cases[i].want, &want);
		assert_int_equal(policy_merge(&a, &b, &m), 0);
		assert_same(&m, &want);
		assert_false(policy_loosens(&a, &m) || policy_loosens(&b, &m));
		assert_false(policy_hides_more(&m, &a) || policy_hides_more(&m, &b));
		if (policy_hides_more(&a, &m) != cases[i].more)
			fail_msg("from:\n%sto:\n%s", cases[i].a, cases[i].b);
		assert_int_equal(policy_merge(&m, &b, &again), 0);
		assert_same(&again, &m);
	}
}

/* A long history of policies holds all at once, and doesn't grow by repetition. */
static void test_merged_many(void **state)
{
	CLEANUP(policy_done) struct policy all = {0};
	char ini[128];

	(void)state;
	assert_int_equal(policy_default(&all), 0);
	for (int i = 0; i < 2000; i++) {
		CLEANUP(policy_done) struct policy p = {0};
		struct policy m;

		(void)snprintf(ini, sizeof(ini), "[select]\nblock = .part%d, .always\n", i % 400);
		read_policy(ini, &p);
		assert_int_equal(policy_merge(&all, &p, &m), 0);
		policy_done(&all);
		all = m;
	}
	assert_non_null(strstr(all.block, ".part0, .always, .part1, .part2,"));
	assert_true(strlen(all.block) < 400 * 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_every_class_has_both_names),
		cmocka_unit_test(test_retention),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_written_reads_back),
		cmocka_unit_test(test_detectors_by_name),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_loosens),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_merged_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
