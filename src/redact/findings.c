/* findings.c: where something sensitive was found that the page didn't mark, for the site's
 * developers: element, page, class, how often, from when to when. Never a value.
 *
 * Made from the settled spans: each lies in a string of an item, and the item knows its element and
 * its event. A field that the page marked itself (its type, its autocomplete tokens, a privacy
 * mark) is as it should be and isn't told.
 *
 * (N1) no byte of a name (id, class, name, a part of an address) is told unless it is a plain
 *      identifier, no span touches it, and it isn't a value that was entered
 * (N2) at most FINDINGS_MAX places a session: what comes later is told by its count at places that
 *      are there already, or not at all */
#include "findings.h"

#include "redactfs/detect.h"
#include "redactfs/field.h"
#include "redactfs/le.h"
#include "redactfs/marks.h"
#include "taint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FINDINGS_MAX 1000u
#define PATH_STEPS   8u  /* elements of a path, from the one meant upwards */
#define PATH_CLASSES 2u  /* classes of an element that are named */
#define NAME_BYTES   40u /* a longer one is data */
#define NAME_DIGITS  3u
#define TEXT_BYTES   512u /* of a path or page */

struct place {
	uint8_t cls, kind, how;
	uint32_t count;
	uint64_t key; /* of class, kind, path and page */
	int64_t first_ms, last_ms;
	char *path, *page; /* owned */
};

/* Elements that are written alike are told alike: the rows of a table are looked at once. */
struct step {
	uint64_t key; /* 0: free */
	bool has_id;
	char *text; /* owned */
};
#define STEPS 256u

struct finder {
	struct engine *en;
	uint32_t *href;    /* owned: of an event, the token of its page's address; 0: unknown */
	uint32_t *item_of; /* owned: of a token, plus 1 */
	struct place *v;   /* owned */
	size_t n, cap;
	uint32_t page_tok; /* the address that `page` was made of, plus 1 */
	struct buf page;   /* owned */
	struct step steps[STEPS];
};

/* ---- events */

static int find_pages(struct finder *f)
{
	const struct engine *en = f->en;
	uint32_t href[64] = {0}; /* by window; of more than that the address isn't told */

	f->href = malloc((en->nevents + 1) * sizeof(*f->href));
	if (!f->href)
		return -ENOMEM;
	for (size_t i = 0; i < en->nevents; i++) {
		const struct event *e = &en->events[i];
		bool known = e->window < sizeof(href) / sizeof(href[0]);

		if (known && e->href)
			href[e->window] = e->href;
		f->href[i] = known ? href[e->window] : 0;
	}
	return 0;
}

/* ---- names (N1) */

static bool touched(const struct engine *en, uint32_t off, uint32_t len)
{
	size_t i = engine_span_from(en, off);

	return i < en->nspans && en->spans[i].off < off + len;
}

/* A word of the page's own making, as far as one can tell: letters first, few digits. */
static bool is_identifier(const char *s, size_t n)
{
	unsigned digits = 0;

	if (!n || n > NAME_BYTES || (s[0] | 32) < 'a' || (s[0] | 32) > 'z')
		return false;
	for (size_t i = 0; i < n; i++) {
		bool digit = s[i] >= '0' && s[i] <= '9';

		digits += digit;
		if (!digit && ((s[i] | 32) < 'a' || (s[i] | 32) > 'z') && s[i] != '-' &&
		    s[i] != '_')
			return false;
	}
	return digits <= NAME_DIGITS;
}

static bool was_entered(struct finder *f, const char *s, size_t n)
{
	return taint_exact(f->en->taint, s, n, /* short_ones= */ true) != CLASS_NONE;
}

/* May text[off, off + len) be told? */
static bool tellable(struct finder *f, uint32_t off, uint32_t len)
{
	const char *s = f->en->text + off;
	struct detect_matches m = {0};
	bool ok = is_identifier(s, len) && !touched(f->en, off, len) && !was_entered(f, s, len);

	/* jane_doe: each word by itself, and the whole for detectors */
	for (uint32_t i = 0, from = 0; ok && i <= len; i++) {
		if (i < len && s[i] != '-' && s[i] != '_')
			continue;
		ok = i == from || !was_entered(f, s + from, i - from);
		from = i + 1;
	}
	if (ok)
		ok = detect_scan(s, len, DETECT_TEXT, DETECTORS_ALL, NULL, 0, &m) == 0 && m.n == 0;
	detect_matches_done(&m);
	return ok;
}

/* An attribute's value in the form it came with; 0: none, or nothing that could be told of. */
static uint32_t attr_of(const struct engine *en, uint32_t attrs, const char *name)
{
	uint32_t t = attrs && en->toks.v[attrs].type == JTOK_OBJECT
			     ? jtok_get(en->text, en->toks.v, attrs, name)
			     : 0;

	return t && en->toks.v[t].type == JTOK_STRING ? t : 0;
}

/* ---- paths */

static int add_part(struct buf *b, char before, const char *s, uint32_t n)
{
	int r = buf_addc(b, before);

	return r ? r : buf_add(b, s, n);
}

static int add_classes(struct finder *f, uint32_t tok, struct buf *out)
{
	const struct jtok *t = &f->en->toks.v[tok];
	const char *s = f->en->text + t->off;
	unsigned told = 0;
	int r = 0;

	for (uint32_t i = 0; i < t->len && told < PATH_CLASSES && !r;) {
		uint32_t from = i;

		while (i < t->len && s[i] != ' ')
			i++;
		if (i > from && tellable(f, t->off + from, i - from)) {
			r = add_part(out, '.', s + from, i - from);
			told++;
		}
		i++;
	}
	return r;
}

/* One element: tag#id, or tag.class[name=…]. *ret_id: an id was told, nothing above it is needed.
 */
static int make_step(struct finder *f, const struct dom_node *d, struct buf *out, bool *ret_id)
{
	struct engine *en = f->en;
	const struct jtok *tag = d->tag_tok ? &en->toks.v[d->tag_tok] : NULL;
	uint32_t id = attr_of(en, d->attrs, "id"), name = attr_of(en, d->attrs, "name");
	uint32_t cls = attr_of(en, d->attrs, "class");
	int r;

	*ret_id = false;
	if (tag && tellable(f, tag->off, tag->len))
		r = buf_add(out, en->text + tag->off, tag->len);
	else
		r = buf_addc(out, '*');
	if (!r && id && tellable(f, en->toks.v[id].off, en->toks.v[id].len)) {
		*ret_id = true;
		return add_part(out, '#', en->text + en->toks.v[id].off, en->toks.v[id].len);
	}
	if (!r && cls)
		r = add_classes(f, cls, out);
	if (!r && name && d->field && tellable(f, en->toks.v[name].off, en->toks.v[name].len)) {
		r = buf_adds(out, "[name=");
		if (!r)
			r = buf_add(out, en->text + en->toks.v[name].off, en->toks.v[name].len);
		if (!r)
			r = buf_addc(out, ']');
	}
	return r;
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3ull;
	return (h ^ n) * 0x100000001b3ull;
}

/* What an element's step is made of, spans on it included. */
static uint64_t step_key(const struct engine *en, const struct dom_node *d)
{
	const uint32_t toks[] = {d->tag_tok, attr_of(en, d->attrs, "id"),
				 attr_of(en, d->attrs, "class"), attr_of(en, d->attrs, "name")};
	uint64_t h = 0xcbf29ce484222325ull ^ (d->field != 0);

	for (size_t i = 0; i < sizeof(toks) / sizeof(toks[0]); i++) {
		const struct jtok *t = &en->toks.v[toks[i]];
		bool no = !toks[i] || touched(en, t->off, t->len);

		h = toks[i] ? mix(h, en->text + t->off, t->len) : mix(h, "", 0);
		h = mix(h, &no, 1);
	}
	return h | 1;
}

static int add_step(struct finder *f, const struct dom_node *d, struct buf *out, bool *ret_id)
{
	CLEANUP(buf_done) struct buf b = {0};
	uint64_t key = step_key(f->en, d);
	struct step *st = &f->steps[key >> 32 & (STEPS - 1)];

	if (st->key != key) {
		bool id;
		int r = make_step(f, d, &b, &id);

		if (r < 0)
			return r;
		char *text = strdup(b.p);
		if (!text)
			return -ENOMEM;
		free(st->text);
		*st = (struct step){key, id, text};
	}
	*ret_id = st->has_id;
	return buf_adds(out, st->text);
}

static int path_of(struct finder *f, uint32_t node, struct buf *out)
{
	struct buf up[PATH_STEPS] = {{0}};
	size_t n = 0;
	bool id = false;
	int r = 0;

	for (unsigned seen = 0; node && n < PATH_STEPS && seen < 4 * PATH_STEPS && !id && !r;
	     seen++) {
		const struct dom_node *d = dom_at(f->en->dom, node);

		if (d->kind == DOM_ELEMENT || (d->kind == DOM_UNKNOWN && !n))
			r = add_step(f, d, &up[n++], &id);
		node = d->parent;
	}
	for (size_t i = n; i-- > 0;) {
		if (!r && out->len < TEXT_BYTES)
			r = buf_adds(out, up[i].p);
		if (!r && i && out->len < TEXT_BYTES)
			r = buf_adds(out, " > ");
		buf_done(&up[i]);
	}
	return r;
}

/* ---- pages */

/* The path of an address: no host, no query, no fragment; a part that isn't plain is a *. */
static int page_of(struct finder *f, uint32_t tok, struct buf *out)
{
	const struct jtok *t = tok ? &f->en->toks.v[tok] : NULL;
	const char *s = t ? f->en->text + t->off : "";
	uint32_t n = t ? t->len : 0, i = 0;
	int r = 0;

	if (!t || (t->flags & JTOK_ESCAPED))
		return 0;
	const char *host = memmem(s, n < 16 ? n : 16, "://", 3);
	if (host) {
		i = (uint32_t)(host - s) + 3;
		while (i < n && s[i] != '/' && s[i] != '?' && s[i] != '#')
			i++;
	}
	if (i == n || s[i] != '/')
		return buf_addc(out, '/');
	while (i < n && s[i] == '/' && !r && out->len < TEXT_BYTES) {
		uint32_t from = ++i;

		while (i < n && s[i] != '/' && s[i] != '?' && s[i] != '#')
			i++;
		r = buf_addc(out, '/');
		if (!r && i > from)
			r = tellable(f, t->off + from, i - from) ? buf_add(out, s + from, i - from)
								 : buf_addc(out, '*');
	}
	return r;
}

/* ---- what counts */

/* Did the page say itself that this field holds the class? */
static bool is_marked(const struct engine *en, uint32_t node, enum redact_class cls)
{
	const struct dom_node *d = dom_at(en->dom, node);
	uint32_t patch = d->patches, obj = d->attrs;

	if ((d->eff & (NF_BLOCK | NF_MASK | NF_MASK_INPUT | NF_IGNORE_TREE)) ||
	    (d->own & NF_IGNORE))
		return true;
	for (;;) {
		const struct jtok *v = en->toks.v;

		for (uint32_t k = obj && v[obj].type == JTOK_OBJECT ? obj + 1 : 0;
		     k && k < jtok_next(v, obj); k = jtok_next(v, k + 1)) {
			const char *s = en->text + v[k + 1].off;
			size_t n = v[k + 1].type == JTOK_STRING ? v[k + 1].len : 0;

			if (jtok_is(en->text, &v[k], "type") &&
			    (field_by_type(s, n) == cls || field_by_type(s, n) == CLASS_PASSWORD))
				return true;
			if (jtok_is(en->text, &v[k], "autocomplete") &&
			    field_by_autocomplete(s, n) == cls)
				return true;
			if (marks_of_attribute(en->text + v[k].off, v[k].len, s, n) & MARK_PASSWORD)
				return true;
		}
		if (!patch)
			return false;
		obj = en->patches[patch].obj;
		patch = en->patches[patch].prev;
	}
}

static bool is_told(enum redact_class c)
{
	return c != CLASS_NONE && c != CLASS_BLOCKED && c != CLASS_MASKED && c != CLASS_FORM &&
	       c < CLASS_COUNT;
}

/* The field that an item holds the value of; 0: none. */
static uint32_t field_node(struct engine *en, const struct item *it)
{
	const struct dom_node *d = dom_at(en->dom, it->node);
	const struct jtok *k = it->tok ? &en->toks.v[it->tok - 1] : NULL;
	uint32_t up = it->kind == IT_TEXT && (d->eff & NF_TEXTAREA) ? d->parent : 0;

	if (it->kind == IT_INPUT)
		return it->node;
	if (up && dom_at(en->dom, up)->field)
		return up;
	if (d->field && k && (k->flags & JTOK_KEY) && k->len == 5 &&
	    !strncasecmp(en->text + k->off, "value", 5))
		return it->node;
	return 0;
}

static int same_or_new(struct finder *f, const struct place *p, struct place **ret)
{
	for (size_t i = 0; i < f->n; i++) {
		struct place *q = &f->v[i];

		if (q->key == p->key && q->cls == p->cls && q->kind == p->kind &&
		    !strcmp(q->path, p->path) && !strcmp(q->page, p->page)) {
			*ret = q;
			return 0;
		}
	}
	*ret = NULL;
	if (f->n == FINDINGS_MAX) /* N2 */
		return 0;
	if (engine_grow((void **)&f->v, &f->cap, f->n, sizeof(*f->v)) < 0)
		return -ENOMEM;
	struct place *q = &f->v[f->n];
	*q = *p;
	q->path = strdup(p->path);
	q->page = strdup(p->page);
	if (!q->path || !q->page) {
		free(q->path);
		free(q->page);
		return -ENOMEM;
	}
	f->n++;
	*ret = q;
	return 0;
}

/* What one item holds of one class, `count` times. */
static int tell(struct finder *f, const struct item *it, const struct span *s, uint32_t count)
{
	CLEANUP(buf_done) struct buf path = {0};
	struct engine *en = f->en;
	uint32_t field = it->node ? field_node(en, it) : 0;
	struct place p = {.cls = s->cls, .how = s->how, .count = 0}, *q;

	if (field ? is_marked(en, field, s->cls)
		  : span_how(s->how) != HOW_DETECTOR && span_how(s->how) != HOW_TAINT)
		return 0;
	p.kind = field                             ? FINDING_FIELD
		 : it->node && it->kind == IT_TEXT ? FINDING_TEXT
		 : it->node && (it->kind == IT_ATTR || it->kind == IT_CSS || it->kind == IT_NUM)
			 ? FINDING_ATTRIBUTE
			 : FINDING_EVENT;
	int r = path_of(f, field ? field : it->node, &path);
	uint32_t href = f->href[it->event], time = en->events[it->event].time;
	if (!r && f->page_tok != href + 1) {
		f->page.len = 0;
		r = page_of(f, href, &f->page);
		if (!r)
			r = buf_addc(&f->page, 0); /* where there is none, too */
		f->page_tok = href + 1;
	}
	if (r < 0)
		return r;
	p.path = path.p ? path.p : (char[]){""};
	p.page = f->page.p ? f->page.p : (char[]){""};
	p.key = mix(mix((uint64_t)p.cls << 8 | p.kind, p.path, path.len), p.page, strlen(p.page));
	if (time)
		(void)jtok_int(en->text, &en->toks.v[time], &p.first_ms);
	p.last_ms = p.first_ms;
	r = same_or_new(f, &p, &q);
	if (r < 0 || !q)
		return r;
	q->count += count;
	if (p.first_ms < q->first_ms)
		q->first_ms = p.first_ms;
	if (p.last_ms > q->last_ms)
		q->last_ms = p.last_ms;
	return 0;
}

static int find(struct finder *f)
{
	struct engine *en = f->en;
	int r = find_pages(f);

	f->item_of = calloc(en->toks.n + 1, sizeof(*f->item_of));
	if (!f->item_of)
		return -ENOMEM;
	for (size_t i = 0; i < en->nitems; i++)
		f->item_of[en->items[i].tok] = (uint32_t)i + 1;
	for (size_t i = 0, tok = 0; i < en->nspans && !r;) {
		const struct span *s = &en->spans[i];
		uint32_t n = 1;

		tok = engine_token_after(en, (uint32_t)tok, s->off);

		/* several of a class in one string are one look at its place */
		while (i + n < en->nspans && en->spans[i + n].cls == s->cls &&
		       en->spans[i + n].how == s->how && en->toks.v[tok].type == JTOK_STRING &&
		       en->spans[i + n].off < en->toks.v[tok].off + en->toks.v[tok].len)
			n++;
		if (is_told(s->cls) && f->item_of[tok])
			r = tell(f, &en->items[f->item_of[tok] - 1], s, n);
		i += n;
	}
	return r;
}

/* ---- bytes (docs/FORMAT.md "Findings") */

#define HEAD_BYTES  8u
#define ENTRY_BYTES 28u

static int encode(const struct finder *f, struct buf *out)
{
	uint8_t b[ENTRY_BYTES] = {0};
	int r;

	if (!f->n)
		return 0;
	le32_put(b, (uint32_t)f->n);
	r = buf_add(out, b, HEAD_BYTES);
	for (size_t i = 0; i < f->n && !r; i++) {
		const struct place *p = &f->v[i];
		size_t path = strlen(p->path), page = strlen(p->page);

		b[0] = p->cls;
		b[1] = p->kind;
		b[2] = p->how;
		b[3] = 0;
		le32_put(b + 4, p->count);
		le64_put(b + 8, (uint64_t)p->first_ms);
		le64_put(b + 16, (uint64_t)p->last_ms);
		b[24] = (uint8_t)path;
		b[25] = (uint8_t)(path >> 8);
		b[26] = (uint8_t)page;
		b[27] = (uint8_t)(page >> 8);
		r = buf_add(out, b, ENTRY_BYTES);
		if (!r)
			r = buf_add(out, p->path, path);
		if (!r)
			r = buf_add(out, p->page, page);
	}
	return r;
}

int findings_make(struct engine *en, struct buf *out)
{
	CLEANUP_FREE struct finder *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->en = en;
	int r = en->nspans ? find(f) : 0;

	if (!r)
		r = encode(f, out);
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].page);
	}
	free(f->v);
	free(f->href);
	free(f->item_of);
	for (size_t i = 0; i < STEPS; i++)
		free(f->steps[i].text);
	buf_done(&f->page);
	return r;
}

const char *redact_finding_kind(unsigned kind)
{
	static const char *const names[] = {"field", "text", "attribute", "event"};

	return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

int redact_findings_each(const void *bytes, size_t len,
			 int (*each)(void *ctx, const struct finding *f), void *ctx)
{
	const uint8_t *p = bytes;
	int r = 0;

	if (!len)
		return 0;
	const uint8_t *end = p + len;
	if (len < HEAD_BYTES || le32_get(p) > FINDINGS_MAX || le32_get(p + 4))
		return -EBADMSG;
	uint32_t n = le32_get(p);
	p += HEAD_BYTES;
	for (uint32_t i = 0; i < n && !r; i++) {
		if ((size_t)(end - p) < ENTRY_BYTES)
			return -EBADMSG;
		struct finding f = {
			.cls = p[0],
			.kind = p[1],
			.how = p[2],
			.count = le32_get(p + 4),
			.first_ms = (int64_t)le64_get(p + 8),
			.last_ms = (int64_t)le64_get(p + 16),
			.path_len = (size_t)p[24] | (size_t)p[25] << 8,
			.page_len = (size_t)p[26] | (size_t)p[27] << 8,
		};
		p += ENTRY_BYTES;
		if (!is_told(f.cls) || f.kind > FINDING_EVENT ||
		    f.path_len + f.page_len > (size_t)(end - p))
			return -EBADMSG;
		f.path = (const char *)p;
		f.page = f.path + f.path_len;
		p += f.path_len + f.page_len;
		r = each(ctx, &f);
	}
	return r || p == end ? r : -EBADMSG;
}
