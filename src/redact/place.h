/* place.h: pass 2 of the engine, between its files. */
#ifndef REDACTFS_PLACE_H
#define REDACTFS_PLACE_H

#include "engine-priv.h"

/* What an element's marks make of its text, or (`value`) of what was entered; CLASS_NONE: nothing.
 */
enum redact_class place_class_of_marks(const struct dom_node *d, bool value);

/* Text that was redacted before: tokens and what may stand between them. */
bool place_only_tokens(const char *s, size_t n);

/* Attributes that hold the value of a control: what tells readers of screens and style sheets, too.
 */
bool place_is_value(const char *s, size_t n);

/* offsets.c: the spans from the `from`-th on hide something of the node's text. */
void hidden_note(struct engine *en, uint32_t node, size_t from);
/* Positions (IT_OFFSET), once all that is hidden is known. */
int offsets_items(struct engine *en);

/* counters.c: texts that count the characters of what is always dropped. */
int counters_items(struct engine *en);

/* keys.c: objects in which two keys would be the same. After spans_settle. */
int keys_run(struct engine *en);

#endif
