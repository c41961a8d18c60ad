/* fuzz-selector.c: the first line is a list of selectors, the rest a tree: a byte a node. Whatever
 * they are, a list is refused where it is wrong, or matches without a fault and without asking for
 * more ancestors than it may, cycles included. */
#include "fuzz.h"

#include "redactfs/limits.h"
#include "redactfs/selector.h"

#include <stdbool.h>
#include <string.h>

struct tree {
	const uint8_t *v;
	size_t n;
	unsigned long asked; /* for parents */
};

static const char *const words[] = {"a", "b", "div", "x-y", "", "a b", "A", "\xc5\xbe"};

static const char *word(unsigned i, size_t *ret_len)
{
	const char *s = words[i % 8];

	*ret_len = strlen(s);
	return s;
}

static const char *tag(void *ctx, unsigned node, size_t *ret_len)
{
	const struct tree *t = ctx;

	return word(t->v[node - 1], ret_len);
}

/* Every other node has any attribute asked for. */
static const char *attr(void *ctx, unsigned node, const char *name, size_t namelen, size_t *ret_len)
{
	const struct tree *t = ctx;
	unsigned b = t->v[node - 1];

	return b & 8 ? word(b + (namelen ? (uint8_t)name[0] : 0u), ret_len) : NULL;
}

static unsigned parent(void *ctx, unsigned node)
{
	struct tree *t = ctx;

	t->asked++;
	/* mostly a line; now and then any node, itself included */
	if (t->v[node - 1] < 0xf0)
		return node - 1;
	return t->v[node - 1] % (t->n + 1);
}

static void check_refusal(const struct errinfo *e, int r, size_t size)
{
	CHECK(r == -EINVAL || r == -E2BIG || r == -ENOMEM);
	CHECK(e->code == r && e->msg[0]);
	CHECK(!e->has_offset || e->offset <= size);
	for (const char *s = e->msg; *s; s++)
		CHECK(*s >= 0x20 && *s < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = size ? memchr(data, '\n', size) : NULL;
	size_t len = nl ? (size_t)(nl - data) : size;
	struct tree t = {data + len + 1, nl ? size - len - 1 : 0, 0};
	const struct selector_dom dom = {&t, tag, attr, parent};
	struct selector_list *l = NULL, *again = NULL;
	struct errinfo e = {0};
	int r = selector_parse((const char *)data, len, &l, &e);

	if (r < 0) {
		check_refusal(&e, r, len);
		CHECK(!l);
		return 0;
	}
	size_t n = selector_count(l);
	CHECK(n >= 1 && n <= SELECTOR_LIST_MAX);
	CHECK(selector_parse((const char *)data, len, &again, NULL) == 0);
	CHECK(selector_count(again) == n);
	for (size_t i = 0; i < n; i++)
		CHECK(selector_same(l, i, again, i));
	for (unsigned node = 1; node <= t.n && node <= 64; node++) {
		t.asked = 0;
		int yes = selector_match(l, &dom, node);
		/* two a step, and the first */
		CHECK(t.asked <= n * (2ul * LIMIT_SELECTOR_STEPS + 1));
		CHECK(selector_match(again, &dom, node) == yes);
	}
	selector_free(l);
	selector_free(again);
	return 0;
}
