/* engine-priv.h: what the engine's files share.
 *
 *   learn   (pass 1) walks every event: builds the DOM and its fields, lists every string that can
 * hold text as an item fields  decides what each field holds, with all that was learnt taint
 * collects what visitors entered scan    (pass 2) looks at each item: whole by its place, or inside
 * by detectors and taint spans   sorts out overlaps
 */
#ifndef REDACTFS_ENGINE_PRIV_H
#define REDACTFS_ENGINE_PRIV_H

#include "redactfs/buf.h"
#include "redactfs/dom.h"
#include "redactfs/err.h"
#include "redactfs/jtok.h"
#include "redactfs/policy.h"
#include "redactfs/span.h"

/* Flags of a DOM node. */
#define NF_BLOCK       (1u << 0)
#define NF_MASK        (1u << 1)
#define NF_MASK_INPUT  (1u << 2)
#define NF_IGNORE_TREE (1u << 3)
#define NF_EDITABLE    (1u << 4) /* contenteditable: its text is entered */
#define NF_STYLE       (1u << 5) /* its text is a style sheet */
#define NF_TEXTAREA    (1u << 6) /* its text is the value of a textarea */
#define NF_UNMASK      (1u << 7) /* the site's own selector */
#define NF_INHERITED   0xffu
#define NF_IGNORE      (1u << 8) /* its own value and input events */
#define NF_SCRIPT      (1u << 9)

enum item_kind {
	IT_TEXT,    /* text of a text node or comment */
	IT_ATTR,    /* value of an attribute; its name is the token before */
	IT_CSS,     /* a rule, a sheet, a style attribute */
	IT_INPUT,   /* text of an input event */
	IT_CHECKED, /* isChecked of an input event */
	IT_CHOICE,  /* a member checked/selected of an attributes object */
	IT_FREE,    /* any other string */
	IT_KEY,     /* an object's key outside the structure */
	IT_NUM,     /* a number outside the structure */
	IT_OFFSET,  /* a position inside of its node: of a selection, of scrolling */
	IT_CANVAS,  /* an array of drawing commands; where the policy drops them */
};

struct item {
	uint32_t tok;
	uint32_t node;  /* 0: none */
	uint32_t event; /* number of its event */
	uint8_t kind;
	bool came; /* IT_TEXT: with its node, not by a change of the text */
};

/* A form control. Its class is the most sensitive that was ever said of it. */
struct field {
	uint32_t node;
	uint8_t cls;  /* enum redact_class; CLASS_FORM at least */
	uint8_t form; /* token_form of its value: typed inputs take no free text */
	uint8_t how;  /* enum span_how */
	bool choice;  /* check box, radio, select */
	bool radio;   /* its value is the page's; only whether it is checked is the visitor's */
	bool button;  /* its value is a caption */
	bool hidden;  /* type=hidden: protected, but no source of taint */
	bool typed;   /* an input event spoke of it */
	bool autocomplete;         /* its class is said by autocomplete: labels don't change it */
	bool asks_code;            /* something calls it just "code" */
	bool single;               /* maxlength=1 */
	uint32_t follows;          /* the field it stands right behind, without a label; 0: none */
	uint32_t name_tok, id_tok; /* values of these attributes, 0: none */
};

struct patch {         /* an attribute mutation */
	uint32_t obj;  /* token of its attributes object */
	uint32_t prev; /* the one before on the same node; 0: none */
};

struct event {
	uint32_t time; /* token of its time stamp; 0: none */
	uint32_t href; /* of one that says which page is shown: token of the address; else 0 */
	uint32_t window;
};

struct beside;
struct taint;
struct actions;

/* What of a node's text isn't shown. */
struct hidden {
	uint8_t cls, flags; /* of the strictest span; CLASS_NONE: nothing */
};

struct engine {
	const char *text;
	size_t len;
	const struct policy *policy;
	struct errinfo *e;
	const struct span *known; /* borrowed: what counts as found */
	size_t nknown;
	struct buf *findings; /* borrowed; NULL: nobody asks */
	struct buf *script;   /* likewise */
	struct jtok_vec toks; /* borrowed */
	struct dom *dom;
	struct item *items;
	size_t nitems, items_cap;
	struct field *fields; /* [0] unused */
	size_t nfields, fields_cap;
	struct patch *patches; /* [0] unused */
	size_t npatches, patches_cap;
	struct {
		uint32_t off, len;
	} * windows;
	size_t nwindows, windows_cap;
	struct event *events;
	size_t nevents, events_cap;
	struct taint *taint;
	struct beside *beside;   /* owned */
	struct actions *actions; /* owned; NULL: nobody asks */
	uint64_t *hints; /* hashes of texts that editable elements came with as a hint, sorted */
	size_t nhints;
	/* what pass 2 makes */
	struct hidden *hidden; /* by node; NULL: nobody asks */
	bool has_offsets;      /* there are items of IT_OFFSET */
	bool has_keys;         /* there are items of IT_KEY */
	struct span *spans;
	uint32_t *pattern; /* of each span: the taint pattern it rests on, 0: none */
	size_t nspans, spans_cap, pattern_cap;
};

/* Room for one more of `size` bytes in an owned array. 0 or -ENOMEM. */
int engine_grow(void **p, size_t *cap, size_t n, size_t size);

/* The unescaped text of a string token: borrowed from the recording where it holds no escape, else
 * put into `tmp` (whose old contents go). */
int engine_plain(const struct engine *en, uint32_t tok, struct buf *tmp, const char **ret,
		 size_t *ret_n);

/* The same of the token's first characters, at least `max` bytes of them where there are as many.
 */
int engine_plain_head(const struct engine *en, uint32_t tok, size_t max, struct buf *tmp,
		      const char **ret, size_t *ret_n);

/* engine.c: the last token that starts at or before an offset; the first settled span that ends
 * behind it, nspans for none. */
uint32_t engine_token_at(const struct engine *en, uint32_t off);
/* The same, where `from` is at or before it: 0, or what a place before it gave. */
uint32_t engine_token_after(const struct engine *en, uint32_t from, uint32_t off);
size_t engine_span_from(const struct engine *en, uint32_t off);
/* learn.c, learn-node.c */
int learn_run(struct engine *en);
struct field *learn_field_of(struct engine *en, uint32_t node);
/* labels.c: tells each field what its label says; 0 or -ENOMEM. The other: a hash of a string
 * token on a page. */
int labels_decide(struct engine *en);
uint64_t labels_id_key(const struct engine *en, uint32_t epoch, uint32_t tok);
/* fields.c */
int fields_decide(struct engine *en);
int fields_select(struct engine *en); /* the site's own selectors */
/* place.c */
int place_items(struct engine *en);

/* pictures.c: for a policy that drops them. Sets *ret_done when the item is dealt with. */
struct scanner;
int pictures_item(struct scanner *sc, const struct item *it, bool *ret_done);

/* spans.c */
int spans_add(struct engine *en, uint32_t off, uint32_t len, enum redact_class cls,
	      enum token_form form, unsigned how, unsigned flags, uint32_t pattern);
/* Sorts, drops those resting on ordinary patterns, resolves overlaps: the lower class keeps its
 * bytes. */
int spans_settle(struct engine *en);

#endif
