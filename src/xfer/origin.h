/* origin.h: what a tree copied off a mount says about a session: by its path and its session.json.
 * Pure. */
#ifndef REDACTFS_SRC_XFER_ORIGIN_H
#define REDACTFS_SRC_XFER_ORIGIN_H

#include "redactfs/err.h"
#include "redactfs/ids.h"
#include "redactfs/limits.h"
#include "redactfs/timez.h"

#include <stdbool.h>
#include <stddef.h>

#define ORIGIN_TAIL_BYTES 6 /* of the id, in the folder's name */

struct origin {
	char site[LIMIT_SITE_BYTES + 1]; /* "" unknown */
	char date[TIMEZ_DATE_BYTES];     /* "" unknown */
	char time[TIMEZ_TIME_BYTES];
	uint8_t tail[ORIGIN_TAIL_BYTES]; /* of the id */
	bool has_id;
	struct session_id id;
	char visitor[129]; /* "" unknown */
};

enum origin_kind {
	ORIGIN_NONE,    /* not in a session's folder */
	ORIGIN_EVENTS,  /* the recording */
	ORIGIN_SESSION, /* session.json */
	ORIGIN_DERIVED, /* made from the recording, or a mount's own: of no use here */
};

/* By the last components of a path: …/SITE/DATE/SESSION/NAME, of which SESSION and NAME decide and
 * the others count where they look right. *ret_folder: bytes of `path` up to the end of SESSION.
 * The outputs are set for ORIGIN_EVENTS and ORIGIN_SESSION only. */
enum origin_kind origin_of_path(const char *path, struct origin *ret, size_t *ret_folder);

/* Adds what session.json says. -EILSEQ: it is no such file, or contradicts the path; -E2BIG. */
int origin_add_session(struct origin *o, const char *json, size_t n, struct errinfo *e);

#endif
