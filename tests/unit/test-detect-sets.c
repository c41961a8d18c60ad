/* test-detect-sets.c: recall and precision of the detectors over the labelled sets of
 * tests/data/detect (generate.py says what a line is). A value counts as found when a match has its
 * class, its start and its end; whatever else is found, in any class, counts against precision. */
#include "redactfs/buf.h"
#include "redactfs/detect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEAST_LINES     60u
#define LEAST_RECALL    0.98
#define LEAST_PRECISION 0.95

struct score {
	unsigned positives, near_misses; /* lines */
	unsigned hit, missed, wrong;     /* values */
};

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
	assert_int_equal(
		detect_scan(b.p, b.len, ctx, ~0u, label, label ? strlen(label) : 0, &again), 0);
	for (size_t i = 0; i < again.n; i++)
		print_error("%s: second time %s '%.*s' in '%s'\n", set,
			    class_name((enum redact_class)again.v[i].cls), (int)again.v[i].len,
			    b.p + again.v[i].off, b.p);
	assert_int_equal(again.n, 0);
	detect_matches_done(&again);
}

static void judge_line(const char *set, char *line, struct score *sc)
{
	char *classes = next_field(&line, '\t'), *values = next_field(&line, '\t');
	char *text = next_field(&line, '\t'), *ctx = next_field(&line, '\t');
	char *label = next_field(&line, '\t'), *value;
	struct detect_matches m = {0};
	bool taken[64] = {false};

	assert_non_null(text);
	assert_int_equal(detect_scan(text, strlen(text), context_of(ctx), ~0u, label,
				     label ? strlen(label) : 0, &m),
			 0);
	assert_true(m.n < 64);
	if (classes[0] == '-')
		sc->near_misses++;
	else
		sc->positives++;
	while (classes[0] != '-' && (value = next_field(&values, '|'))) {
		const char *cls = next_field(&classes, '|');
		bool hit = false;

		for (size_t i = 0; i < m.n; i++) {
			if (m.v[i].len != strlen(value) ||
			    memcmp(text + m.v[i].off, value, m.v[i].len) != 0 ||
			    strcmp(class_name(m.v[i].cls), cls) != 0)
				continue;
			hit = taken[i] = true;
		}
		sc->hit += hit;
		sc->missed += !hit;
		if (!hit)
			printf("%s: missed %s '%s' in '%s'\n", set, cls, value, text);
		if (!classes)
			break;
	}
	for (size_t i = 0; i < m.n; i++) {
		if (taken[i])
			continue;
		sc->wrong++;
		printf("%s: wrong %s '%.*s' in '%s'\n", set, class_name(m.v[i].cls),
		       (int)m.v[i].len, text + m.v[i].off, text);
	}
	if (m.n > 0)
		check_once(set, text, &m, context_of(ctx), label);
	detect_matches_done(&m);
}

static void test_set(void **state)
{
	const char *set = *state;
	struct score sc = {0};
	double recall, precision;
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
		judge_line(set, line, &sc);
	}
	free(line);
	assert_int_equal(fclose(f), 0);
	recall = (double)sc.hit / (sc.hit + sc.missed);
	precision = (double)sc.hit / (sc.hit + sc.wrong);
	printf("%-16s %3u positives, %3u near misses: recall %.3f, precision %.3f\n", set,
	       sc.positives, sc.near_misses, recall, precision);
	assert_true(sc.positives >= LEAST_LINES && sc.near_misses >= LEAST_LINES);
	assert_true(recall >= LEAST_RECALL);
	assert_true(precision >= LEAST_PRECISION);
}

#define SET(name)                                                                                  \
	{                                                                                          \
		name, test_set, NULL, NULL, (void *)(uintptr_t)name                                \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SET("email"),     SET("phone"),  SET("card"),
		SET("iban"),      SET("ip"),     SET("national-id"),
		SET("birthdate"), SET("secret"), SET("url-credentials"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
