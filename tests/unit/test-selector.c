/* test-selector.c: what the selectors of a policy match in a small page, and against a naive
 * matcher over many random trees; what is refused and where; hostile lists and trees. */
#include "redactfs/selector.h"

#include "redactfs/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct node {
	unsigned parent;
	const char *tag;
	const char *attrs[8]; /* name, value, …, NULL */
};

static const char *tree_tag(void *ctx, unsigned node, size_t *ret_len)
{
	const struct node *v = ctx;

	*ret_len = strlen(v[node].tag);
	return v[node].tag;
}

static const char *tree_attr(void *ctx, unsigned node, const char *name, size_t namelen,
			     size_t *ret_len)
{
	const struct node *v = ctx;

	for (const char *const *a = v[node].attrs; *a; a += 2) {
		if (strlen(a[0]) == namelen && !memcmp(a[0], name, namelen)) {
			*ret_len = strlen(a[1]);
			return a[1];
		}
	}
	return NULL;
}

static unsigned tree_parent(void *ctx, unsigned node)
{
	return ((const struct node *)ctx)[node].parent;
}

static struct selector_list *parse(const char *s)
{
	struct selector_list *l = NULL;
	struct errinfo e = {0};

	if (selector_parse(s, strlen(s), &l, &e) < 0)
		fail_msg("'%s': %s at %u", s, e.msg, (unsigned)e.offset);
	return l;
}

static int match(const struct node *tree, const char *s, unsigned node)
{
	/* the callbacks only read */
	const struct selector_dom dom = {(void *)(uintptr_t)tree, tree_tag, tree_attr, tree_parent};
	CLEANUP_PTR(selector_free) struct selector_list *l = parse(s);

	return selector_match(l, &dom, node);
}

static bool matches(const struct node *tree, const char *s, unsigned node)
{
	int r = match(tree, s, node);

	assert_true(r == 0 || r == 1);
	return r;
}

/* html > body.site > (div#chat > p.agent-notes > span), (section > (dl > dd.big, input, LI)) */
static const struct node page[] = {
	[1] = {0, "html", {NULL}},
	[2] = {1, "body", {"class", "site dark\tlarge", NULL}},
	[3] = {2, "div", {"id", "chat", "data-internal", "", NULL}},
	[4] = {3, "p", {"class", "agent-notes", "lang", "en-GB", NULL}},
	[5] = {4, "span", {"title", "Say \"hi\"", "data-n", "12px", NULL}},
	[6] = {2, "section", {"class", "profile", NULL}},
	[7] = {6, "dl", {"class", "", NULL}},
	[8] = {7, "dd", {"class", "big žluť", NULL}},
	[9] = {6, "input", {"type", "Text", "name", "user[e.mail]", "value", "", NULL}},
	[10] = {6, "LI", {"id", "1a", NULL}},
};
#define NODES (sizeof(page) / sizeof(page[0]))

static void test_page(void **state)
{
	static const struct {
		const char *s;
		const char *want; /* the nodes that match */
	} cases[] = {
		{"*", "1 2 3 4 5 6 7 8 9 10"},
		{"div", "3"},
		{"DIV", "3"},
		{"li", "10"},
		{"#chat", "3"},
		{"#Chat", ""},
		{"div#chat[data-internal]", "3"},
		{".site", "2"},
		{".dark.large", "2"},
		{".site.small", ""},
		{".big", "8"},
		{".žluť", "8"},
		{"[data-internal]", "3"},
		{"[DATA-internal]", "3"},
		{"[class]", "2 4 6 7 8"},
		{"[class='']", "7"},
		{"[class=\"profile\"]", "6"},
		{"[class~=dark]", "2"},
		{"[class~='']", ""},
		{"[class~='site dark']", ""},
		{"[lang|=en]", "4"},
		{"[lang|=\"en-GB\"]", "4"},
		{"[lang|=e]", ""},
		{"[title^=Say]", "5"},
		{"[title$='\"hi\"']", "5"},
		{"[title*=\"y \\\"h\"]", "5"},
		{"[title*='']", ""},
		{"[title^='']", ""},
		{"[title$='']", ""},
		{"[value='']", "9"},
		{"[type=text]", ""},
		{"[type=text i]", "9"},
		{"[type=\"TEXT\"i]", "9"},
		{"[type$=XT I]", "9"},
		{"[data-n='12px']", "5"},
		{"[ data-n = '12px' ]", "5"},
		{"[name='user[e.mail]']", "9"},
		{"#\\31 a", "10"},
		{"#\\000031a", "10"},
		{".agent\\-notes", "4"},
		{".\\17elu\\165 ", "8"},
		{":not(.site):not(div):not([title])", "1 4 6 7 8 9 10"},
		{"section :not(dl)", "8 9 10"},
		{"section > :not( .big.x )", "7 9 10"},
		{"p:NOT(*)", ""},
		{"body div", "3"},
		{"html div", "3"},
		{"html > div", ""},
		{"body>div", "3"},
		{"body > div > p > span", "5"},
		{"html span", "5"},
		{"html > body span", "5"},
		{"div > p span", "5"},
		{"section > dl > dd, #chat", "3 8"},
		{"#chat .agent-notes, [data-internal]", "3 4"},
		{" .profile \n dd ", "8"},
		{"dd.big,p,p", "4 8"},
		{"section section", ""},
		{"html html", ""},
		{"body body", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char got[64] = "";

		for (unsigned n = 1; n < NODES; n++) {
			if (matches(page, cases[i].s, n))
				snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u",
					 *got ? " " : "", n);
		}
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("'%s' matches '%s', not '%s'", cases[i].s, got, cases[i].want);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *s;
		unsigned at;
		const char *why; /* in the message */
	} cases[] = {
		{"", 0, "missing"},
		{"   ", 3, "missing"},
		{"a,", 2, "missing"},
		{",a", 0, "missing"},
		{"a,,b", 2, "missing"},
		{"a >", 3, "missing"},
		{"> a", 0, "missing"},
		{"a > > b", 4, "missing"},
		{"a + b", 2, "sibling"},
		{"a~b", 1, "sibling"},
		{"#", 1, "name"},
		{"#1a", 1, "name"},
		{".", 1, "name"},
		{".-", 1, "name"},
		{"a..b", 2, "name"},
		{"a:hover", 1, "pseudo"},
		{"::before", 0, "pseudo"},
		{":is(a)", 0, "pseudo"},
		{":not(:not(a))", 5, "inside"},
		{":not()", 5, "missing"},
		{":not(a b)", 7, "one compound"},
		{":not(a, b)", 6, "one compound"},
		{"p:not(a", 1, "without )"},
		{"[", 1, "name"},
		{"[]", 1, "name"},
		{"[a", 0, "without ]"},
		{"[a=", 0, "without ]"},
		{"[a=b", 0, "without ]"},
		{"[a='b", 3, "without an end"},
		{"[a='b\n']", 3, "without an end"},
		{"[a=1]", 3, "quotes"},
		{"[a!=b]", 2, "operator"},
		{"[a=b x]", 5, "']'"},
		{"[a^b]", 3, "operator"},
		{"[a|b]", 3, "operator"},
		{"svg|a", 3, "unexpected"},
		{"a)", 1, "unexpected"},
		{"a]", 1, "unexpected"},
		{"a{}", 1, "unexpected"},
		{"a /* x */", 2, "missing"},
		{".a*", 2, "unexpected"},
		{".adiv.b#", 8, "name"},
		{"a\\", 1, "backslash"},
		{"a\\\nb", 1, "backslash"},
		{"a\\0 b", 1, "no character"},
		{"a\\d800 b", 1, "no character"},
		{"a\\110000 b", 1, "no character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct selector_list *l = NULL;
		struct errinfo e = {0};
		int r = selector_parse(cases[i].s, strlen(cases[i].s), &l, &e);

		if (r != -EINVAL || l || !e.has_offset || e.offset != cases[i].at ||
		    !strstr(e.msg, cases[i].why))
			fail_msg("'%s': %d '%s' at %u", cases[i].s, r, e.msg, (unsigned)e.offset);
	}
}

static void test_limits(void **state)
{
	static char s[SELECTOR_BYTES_MAX + 2];
	struct selector_list *l = NULL;
	size_t n = 0, len;

	(void)state;
	for (unsigned i = 0; i < SELECTOR_LIST_MAX; i++)
		n += (size_t)sprintf(s + n, "%s.c%u", i ? "," : "", i);
	assert_int_equal(selector_parse(s, n, &l, NULL), 0);
	assert_int_equal(selector_count(l), SELECTOR_LIST_MAX);
	assert_int_equal(selector_at(l, 2, &len), 8);
	assert_int_equal(len, 3);
	l = selector_free(l);
	n += (size_t)sprintf(s + n, ",x");
	assert_int_equal(selector_parse(s, n, &l, NULL), -E2BIG);

	for (n = 0; n < 2 * SELECTOR_COMPOUNDS_MAX; n += 2)
		memcpy(s + n, "a ", 2);
	assert_int_equal(selector_parse(s, n, &l, NULL), 0);
	l = selector_free(l);
	s[n] = 'a';
	assert_int_equal(selector_parse(s, n + 1, &l, NULL), -E2BIG);

	memset(s, '[', sizeof(s));
	assert_int_equal(selector_parse(s, SELECTOR_BYTES_MAX, &l, NULL), -EINVAL);
	assert_int_equal(selector_parse(s, sizeof(s), &l, NULL), -E2BIG);
	/* one compound of as many simples as there is room for */
	for (n = 0; n + 2 <= LIMIT_POLICY_BYTES; n += 2)
		memcpy(s + n, ".a", 2);
	assert_int_equal(selector_parse(s, n, &l, NULL), 0);
	assert_int_equal(selector_count(l), 1);
	selector_free(l);
	assert_null(selector_free(NULL));
}

/* --- any tree and selector of tags and combinators, against the definition --- */

struct pattern {
	unsigned n;
	char tag[6];
	bool child[6];
};

static bool naive(const struct node *tree, unsigned node, const struct pattern *p, unsigned i)
{
	if (tree[node].tag[0] != p->tag[i] && p->tag[i] != '*')
		return false;
	if (!i)
		return true;
	for (unsigned up = tree[node].parent; up; up = tree[up].parent) {
		if (naive(tree, up, p, i - 1))
			return true;
		if (p->child[i - 1])
			return false;
	}
	return false;
}

static unsigned random_next(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void test_against_the_definition(void **state)
{
	static const char *const tags[] = {"a", "b", "c"};
	unsigned seed = 20261123, hits = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct node tree[14];
		struct pattern p = {0};
		char s[32] = "";

		memset(tree, 0, sizeof(tree));
		for (unsigned i = 1; i < 14; i++) {
			/* mostly one long line, where going back matters */
			tree[i].parent = random_next(&seed) % 4 ? i - 1 : random_next(&seed) % i;
			tree[i].tag = tags[random_next(&seed) % 3 % (2 + round % 2)];
		}
		p.n = 1 + random_next(&seed) % 6;
		for (unsigned i = 0; i < p.n; i++) {
			p.tag[i] = "abcab*"[random_next(&seed) % 6];
			p.child[i] = random_next(&seed) % 2;
			snprintf(s + strlen(s), sizeof(s) - strlen(s), "%c%s", p.tag[i],
				 i + 1 == p.n ? ""
				 : p.child[i] ? " > "
					      : " ");
		}
		for (unsigned i = 1; i < 14; i++) {
			bool want = naive(tree, i, &p, p.n - 1);

			hits += want;
			if (matches(tree, s, i) != want)
				fail_msg("round %d: '%s', node %u: not %d", round, s, i, want);
		}
	}
	assert_true(hits > 10000);
}

static void test_cycle_ends(void **state)
{
	static const struct node ring[] = {
		[1] = {2, "a", {NULL}}, [2] = {3, "a", {NULL}}, [3] = {1, "a", {NULL}}};

	(void)state;
	assert_true(matches(ring, "a a a a a > a", 1));
	/* nobody can tell what lies beyond the last step */
	assert_int_equal(match(ring, "b a", 1), -1);
	assert_int_equal(match(ring, "b a, a > a", 1), 1);
	assert_int_equal(match(ring, "b a, b, a", 1), 1);
	assert_false(matches(ring, "b > a > a > a", 2));
	assert_int_equal(match(ring, "b > a > a a > a", 2), -1);
}

static void test_same(void **state)
{
	CLEANUP_PTR(selector_free)
	struct selector_list *a = parse("#x  >  .y , [data-a = \"b\"], p:not(.q), P B");
	CLEANUP_PTR(selector_free)
	struct selector_list *b =
		parse("[data-a=b],#x>.y,p:not( .q ),p b,#x .y,[data-a=b i],[data-a^=b],p:not(.r),"
		      "p.q");
	static const char same[4][9] = {{0, 1}, {1}, {0, 0, 1}, {0, 0, 0, 1}};

	(void)state;
	assert_int_equal(selector_count(NULL), 0);
	assert_int_equal(selector_count(a), 4);
	assert_int_equal(selector_count(b), 9);
	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < 9; k++)
			assert_int_equal(selector_same(a, i, b, k), same[i][k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),       cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_against_the_definition),
		cmocka_unit_test(test_cycle_ends), cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
