/* findings.h: the engine's side of the field report; see redactfs/redact.h. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "engine-priv.h"

#include "redactfs/redact.h"

/* After the spans are settled. Appends nothing where there is nothing to tell. */
int findings_make(struct engine *en, struct buf *out);

#endif
