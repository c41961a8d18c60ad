/* verify-keys.c: the key tree, node by node, as one epoch has it. */
#include "verify.h"

static int load(void *ctx, uint32_t level, uint64_t index, uint64_t epoch, uint8_t out[NODE_BYTES])
{
	struct verify *v = ctx;

	return catalog_node_get(v->c, level, index, epoch, out);
}

int verify_keys_open(struct verify *v)
{
	const struct keytree_io io = {.ctx = v, .load = load};
	CLEANUP_PTR(secret_free) struct secret *root = NULL;
	struct store *s = v->s;
	uint32_t height = 0;

	pthread_mutex_lock(&s->keys_mtx);
	bool same = s->epoch == v->epoch;
	if (same) {
		const struct secret *now = keytree_root_key(s->tree);

		root = secret_from(now->b, now->len);
		height = keytree_height(s->tree);
	}
	pthread_mutex_unlock(&s->keys_mtx);
	if (!same)
		return -EAGAIN;
	return root ? keytree_new(s->store_id, root, v->epoch, height, /* cache_nodes= */ 64, &io,
				  &v->tree)
		    : -ENOMEM;
}

static int on_key(void *ctx, uint64_t kid)
{
	struct verify *v = ctx;

	if (v->n_kids == v->cap_kids) {
		size_t cap = v->cap_kids ? 2 * v->cap_kids : 1024;
		uint64_t *p = reallocarray(v->kids, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		v->kids = p;
		v->cap_kids = cap;
	}
	v->kids[v->n_kids++] = kid;
	return 0;
}

static int on_node(void *ctx)
{
	((struct verify *)ctx)->st->nodes++;
	return 0;
}

static int on_fault(void *ctx, uint32_t level, uint64_t idx, int code, const char *what)
{
	struct verify *v = ctx;

	(void)level;
	(void)idx;
	v->n_bad_nodes++;
	/* which sessions are lost by it is said with them */
	verify_fault(v, "node", code, NULL, NULL, NULL, "%s", what);
	return 0;
}

int verify_keys(struct verify *v, struct errinfo *e)
{
	const struct keytree_visit visit = {
		.ctx = v, .leaf_key = on_key, .fault = on_fault, .node = on_node};
	uint64_t rows = 0, next_leaf = 0;
	int r = keytree_walk(v->tree, &visit, e);

	if (r == 0)
		r = catalog_node_count(v->c, &rows);
	if (r == 0)
		r = catalog_meta_get(v->c, META_NEXT_LEAF, &next_leaf);
	if (r < 0)
		return err_set_errno(e, r, "cannot read the key tree");
	/* below a damaged one there may be any number */
	if (!v->n_bad_nodes && rows != v->st->nodes)
		verify_fault(v, "node", -EUCLEAN, NULL, NULL, NULL,
			     "key tree: %llu nodes that nothing leads to",
			     (unsigned long long)(rows - v->st->nodes));
	if (v->n_kids && v->kids[v->n_kids - 1] / LEAF_KEYS >= next_leaf)
		verify_fault(v, "count", -EUCLEAN, NULL, NULL, NULL,
			     "the next free leaf of the key tree isn't free");
	v->met = calloc(v->n_kids ? v->n_kids : 1, sizeof(*v->met));
	return v->met ? 0 : -ENOMEM;
}

int verify_kid(struct verify *v, uint64_t kid, size_t *ret)
{
	size_t lo = 0, hi = v->n_kids;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->kids[mid] == kid) {
			*ret = mid;
			return 1;
		}
		if (v->kids[mid] < kid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

void verify_keys_left(struct verify *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_kids; i++)
		n += !v->met[i];
	if (!n)
		return;
	v->st->lost += n;
	verify_fault(v, "key", -EUCLEAN, NULL, NULL, "sessions",
		     "%zu keys belong to no session: rows of sessions are missing", n);
}
