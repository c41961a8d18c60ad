/* actions.h: what the visitor did, as a script (redactfs/script.h).
 *
 * Pass 1 notes the actions (actions.c), each with the node that its id meant then. The lines are
 * written when all is known of the pages (actions-tell.c, element-words.c).
 *
 * (C1) no byte of the recording goes into the script, only where it stands
 * (C2) which words and places there are depends on the events' types, sources and times, on the
 *      elements' kinds and the ids that tie labels to them, and on whether a text is empty: nothing
 *      that redaction hides. Where two addresses are compared, no span touches them
 * (C3) at most ACTIONS_MAX lines; what comes after them is counted */
#ifndef REDACTFS_SRC_REDACT_ACTIONS_H
#define REDACTFS_SRC_REDACT_ACTIONS_H

#include "engine-priv.h"

#define ACTIONS_MAX 10000u
#define LABELS_MAX  2000u

enum act {
	ACT_OPEN,
	ACT_CLICK,
	ACT_DOUBLE,
	ACT_MENU,
	ACT_ENTER,
	ACT_SCROLL,
	ACT_SIZE,
	ACT_SELECT,
	ACT_DRAG,
	ACT_PLAY,
	ACT_PAUSE,
	ACT_EVENT,
	ACT_CONSOLE,
};

struct action {
	int64_t ms;
	uint32_t window, node;
	uint32_t tok;   /* what was opened, entered, said; 0: nothing */
	uint32_t other; /* a second one */
	uint32_t times;
	uint8_t act;
};

struct actions {
	struct action *v; /* owned */
	size_t n, cap;
	uint64_t left_out; /* C3 */
	uint64_t events;
	int64_t first_ms, last_ms;
	uint32_t *titles; /* owned: by epoch, token of the page's title; 0: none */
	size_t ntitles;
	size_t nlabels;
	struct { /* of a label with a `for` */
		uint32_t node, id;
	} labels[LABELS_MAX];
};

/* NULL: out of memory. */
struct actions *actions_new(void);
struct actions *actions_free(struct actions *t);

/* In pass 1, after an event was learnt: its nodes are those of this moment. `time` and `data` are
 * the tokens of these members; 0: there is none. 0 or -ENOMEM. */
int actions_event(struct engine *en, uint32_t window, uint32_t time, int64_t type, uint32_t data);
/* The string in a member of an object, where it isn't empty, or 0. `obj` may be anything. */
uint32_t actions_string(const struct engine *en, uint32_t obj, const char *key);

/* actions-tell.c: when the spans are settled: appends the script. 0 or -ENOMEM. */
int actions_tell(struct engine *en, struct buf *out);

/* ---- element-words.c; they append, and return 0 or -ENOMEM. */
/* The text of a token. */
int put_place(struct engine *en, struct buf *out, uint32_t tok, uint8_t room);
int put_quoted(struct engine *en, struct buf *out, uint32_t tok, uint8_t room);
/* What an element is to whoever uses it; NULL: nothing of its own. Static storage. */
const char *element_kind(const struct engine *en, const struct dom_node *d);
/* The element that is meant when this node is hit. */
uint32_t element_meant(struct engine *en, uint32_t node);
/* What it is, and what it is called on the page. */
int put_element(struct engine *en, struct buf *out, uint32_t node);
/* Before any of these: fills titles and labels. */
int elements_look_over(struct engine *en);

#endif
