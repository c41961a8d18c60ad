/* replay.h: a page for a browser that plays a recording: this beginning, then the text of
 * events.json to the file's end.
 *
 * The beginning is the same for all recordings: rrweb's player with its style and what starts it.
 * Its last tag is <plaintext>, which HTML lets nothing end (HTML Standard, 13.2.5.5, "PLAINTEXT
 * state"): whatever a recording holds, it can't get out of its place. The page's
 * Content-Security-Policy names the two scripts by their hashes and lets nothing else run, and
 * nothing be fetched. */
#ifndef REDACTFS_REPLAY_H
#define REDACTFS_REPLAY_H

#include <stddef.h>
#include <stdint.h>

/* Raised with every change of what a page looks like (this folder, the player's version), so that a
 * file whose bytes have changed has another mtime too. */
#define REPLAY_REVISION 0

/* The beginning, for as long as the program runs. NULL: built without the player. */
const uint8_t *replay_page(size_t *ret_len);

#endif
