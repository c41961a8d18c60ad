/* test-detect-sets.c: recall and precision of the detectors over the labelled sets of
 * tests/data/detect (generate.py says what a line is). A value counts as found when a match has its
 * detector (its class, where several would find it), its start and its end; whatever else is found
 * counts against precision. What a detector finds among all others it must find alone, too. */
#include "redactfs/buf.h"
#include "redactfs/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAST_LINES     60u /* of a class */
#define LEAST_OWN_LINES 6u  /* of a set */
#define LEAST_RECALL    0.98
#define LEAST_PRECISION 0.95

struct score {
	unsigned positives, near_misses; /* lines */
	unsigned hit, missed, wrong;     /* values */
};
static struct score by_detector[DETECTOR_COUNT];

/* Cuts the next field off a line (or the next part off a field); NULL when there is none. */
static char *next_field(char **line, char sep)
{
	char *f = *line, *end;

	if (!f)
		return NULL;
	end = strchr(f, sep);
	if (end)
		*end++ = 0;
	*line = end;
	return f;
}

static enum detect_context context_of(const char *s)
{
	if (!s || !strcmp(s, "text"))
		return DETECT_TEXT;
	if (!strcmp(s, "url"))
		return DETECT_URL;
	if (!strcmp(s, "css"))
		return DETECT_CSS;
	assert_string_equal(s, "value");
	return DETECT_VALUE;
}

/* With tokens in place of the matches nothing is left to find: twice is once. */
static void check_once(const char *set, const char *text, const struct detect_matches *m,
		       enum detect_context ctx, const char *label)
{
	CLEANUP(buf_done) struct buf b = {0};
	struct detect_matches again = {0};
	size_t at = 0, len;

	for (size_t i = 0; i < m->n; i++) {
		const char *token = class_token((enum redact_class)m->v[i].cls, FORM_TOKEN, &len);

		assert_int_equal(buf_add(&b, text + at, m->v[i].off - at), 0);
		assert_int_equal(buf_add(&b, token, len), 0);
		at = m->v[i].off + m->v[i].len;
	}
	assert_int_equal(buf_adds(&b, text + at), 0);
	assert_int_equal(detect_scan(b.p, b.len, ctx, DETECTORS_ALL, label,
				     label ? strlen(label) : 0, &again),
			 0);
	for (size_t i = 0; i < again.n; i++)
		print_error("%s: second time %s '%.*s' in '%s'\n", set,
			    class_name((enum redact_class)again.v[i].cls), (int)again.v[i].len,
			    b.p + again.v[i].off, b.p);
	assert_int_equal(again.n, 0);
	detect_matches_done(&again);
}

/* Is it what the line says: a detector's name, or that of a class? */
static bool is_of(const struct detect_match *m, const char *name)
{
	return !strcmp(detector_name((enum detector)m->by), name) ||
	       !strcmp(class_name((enum redact_class)m->cls), name);
}

static struct detect_match *find(struct detect_matches *m, const char *text, const char *value,
				 const char *name)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].len == strlen(value) &&
		    !memcmp(text + m->v[i].off, value, m->v[i].len) && is_of(&m->v[i], name))
			return &m->v[i];
	}
	return NULL;
}

/* With no other detector on. */
static void check_alone(const char *set, const char *text, enum detect_context ctx,
			const char *label, const char *value, const char *name)
{
	enum detector d = detector_parse(name, strlen(name));
	struct detect_matches m = {0};

	if (d == DETECTOR_NONE)
		return; /* a class's */
	assert_int_equal(detect_scan(text, strlen(text), ctx, DETECTOR_BIT(d), label,
				     label ? strlen(label) : 0, &m),
			 0);
	for (size_t i = 0; i < m.n; i++)
		assert_int_equal(m.v[i].by, d);
	if (!find(&m, text, value, name))
		fail_msg("%s: %s alone doesn't find '%s' in '%s'", set, name, value, text);
	detect_matches_done(&m);
}

static void judge_value(struct score *sc, const char *set, const char *text,
			struct detect_matches *m, bool *taken, const char *value, const char *name)
{
	enum detector d = detector_parse(name, strlen(name));
	struct detect_match *hit = find(m, text, value, name);

	if (hit)
		taken[hit - m->v] = true;
	else
		printf("%s: missed %s '%s' in '%s'\n", set, name, value, text);
	sc->hit += hit != NULL;
	sc->missed += hit == NULL;
	by_detector[hit ? hit->by : d].hit += hit != NULL;
	by_detector[hit ? hit->by : d].missed += hit == NULL;
}

static void judge_line(const char *set, char *line, struct score *sc)
{
	char *names = next_field(&line, '\t'), *values = next_field(&line, '\t');
	char *text = next_field(&line, '\t'), *ctx = next_field(&line, '\t');
	char *label = next_field(&line, '\t'), *value, *name;
	struct detect_matches m = {0};
	bool taken[64] = {false};

	assert_non_null(text);
	assert_int_equal(detect_scan(text, strlen(text), context_of(ctx), DETECTORS_ALL, label,
				     label ? strlen(label) : 0, &m),
			 0);
	assert_true(m.n < 64);
	if (names[0] == '-')
		sc->near_misses++;
	else
		sc->positives++;
	while (names && names[0] != '-' && (value = next_field(&values, '|'))) {
		name = next_field(&names, '|');
		judge_value(sc, set, text, &m, taken, value, name);
		check_alone(set, text, context_of(ctx), label, value, name);
	}
	for (size_t i = 0; i < m.n; i++) {
		if (taken[i])
			continue;
		sc->wrong++;
		by_detector[m.v[i].by].wrong++;
		printf("%s: wrong %s '%.*s' in '%s'\n", set,
		       detector_name((enum detector)m.v[i].by), (int)m.v[i].len, text + m.v[i].off,
		       text);
	}
	if (m.n > 0)
		check_once(set, text, &m, context_of(ctx), label);
	detect_matches_done(&m);
}

static void read_set(const char *set, struct score *sc)
{
	char path[512], *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/detect/%s.tsv", TEST_DATA, set);
	f = fopen(path, "re");
	assert_non_null(f);
	while ((n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		judge_line(set, line, sc);
	}
	free(line);
	assert_int_equal(fclose(f), 0);
}

static void check_score(const char *name, const struct score *sc)
{
	double recall = (double)sc->hit / (sc->hit + sc->missed);
	double precision = (double)sc->hit / (sc->hit + sc->wrong);

	printf("%-16s %3u positives, %3u near misses: recall %.3f, precision %.3f\n", name,
	       sc->positives, sc->near_misses, recall, precision);
	assert_true(recall >= LEAST_RECALL);
	assert_true(precision >= LEAST_PRECISION);
}

static void test_set(void **state)
{
	const char *set = *state;
	struct score sc = {0};

	read_set(set, &sc);
	check_score(set, &sc);
	assert_true(sc.positives >= LEAST_LINES && sc.near_misses >= LEAST_LINES);
}

/* A set for each id, and what isn't of one of them. */
static void test_national_ids(void **state)
{
	struct score all = {0};

	(void)state;
	for (int d = 1; d < DETECTOR_COUNT; d++) {
		struct score sc = {0};

		if (!(DETECTORS_NATIONAL_ID >> d & 1))
			continue;
		read_set(detector_name((enum detector)d), &sc);
		check_score(detector_name((enum detector)d), &sc);
		assert_true(sc.positives >= LEAST_OWN_LINES && sc.near_misses >= LEAST_OWN_LINES);
		all.positives += sc.positives;
		all.near_misses += sc.near_misses;
		all.hit += sc.hit;
		all.missed += sc.missed;
		all.wrong += sc.wrong;
	}
	read_set("national-id", &all);
	check_score("national-id", &all);
	assert_true(all.positives >= LEAST_LINES && all.near_misses >= LEAST_LINES);
}

/* Over all sets, by who found it; one that is never wrong and never right isn't tried. */
static void test_every_detector_is_tried(void **state)
{
	(void)state;
	for (int d = 1; d < DETECTOR_COUNT; d++) {
		const struct score *sc = &by_detector[d];

		if (d == DETECTOR_CVC) /* its numbers are too short to be told without more:
					  test-detect.c */
			continue;
		printf("by %-14s %3u found, %u missed, %u wrong\n", detector_name((enum detector)d),
		       sc->hit, sc->missed, sc->wrong);
		assert_true(sc->hit >= LEAST_OWN_LINES);
	}
}

#define SET(name)                                                                                  \
	{                                                                                          \
		name, test_set, NULL, NULL, (void *)(uintptr_t)name                                \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SET("email"),
		SET("phone"),
		SET("card"),
		SET("iban"),
		SET("ip"),
		SET("birthdate"),
		SET("secret"),
		SET("url-credentials"),
		cmocka_unit_test(test_national_ids),
		cmocka_unit_test(test_every_detector_is_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
