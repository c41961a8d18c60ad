/* limits.h: every bound on what comes from outside, by name. Over one of them an input is refused
 * with -E2BIG and a message that says which one and where. */
#ifndef REDACTFS_LIMITS_H
#define REDACTFS_LIMITS_H

/* A recording. Real ones: 10 MB and 60 levels are large (../docs/REDACTION.md). */
#define LIMIT_RECORDING_BYTES (512u << 20)      /* canonical text; offsets fit 32 bits */
#define LIMIT_INPUT_BYTES     (1u << 30)        /* one input file or archive member, decompressed */
#define LIMIT_STRING_BYTES    ((64u << 20) - 1) /* one JSON string; 26 bits of its token */
#define LIMIT_NUMBER_BYTES    64u   /* one JSON number as written; 17 digits is a double's worth */
#define LIMIT_DEPTH           1000u /* JSON nesting; two levels a DOM level */
#define LIMIT_EVENTS          5000000u
#define LIMIT_MEMBERS         100000u       /* members of one JSON object */
#define LIMIT_TIME_MIN_MS     631152000000  /* 1990-01-01: an event's time stamp, ms since 1970 */
#define LIMIT_TIME_MAX_MS     4102444800000 /* 2100-01-01 */
#define LIMIT_TYPE            63u           /* an event's type; rrweb has 0…8 */
#define LIMIT_ID_BYTES        128u          /* a session's id as a wrapper has it */
#define LIMIT_WINDOW_BYTES    256u          /* a window's id: it is repeated with every event */
#define LIMIT_WRAPPERS        8u            /* levels of arrays and objects around an event */
#define LIMIT_NODES           4000000u      /* DOM nodes alive at once in one session */
#define LIMIT_NODE_ID         (1ll << 53)   /* a node's id is a JavaScript integer */

/* A policy. */
#define LIMIT_POLICY_BYTES      65536u
#define LIMIT_POLICY_LINE_BYTES 8192u
#define LIMIT_POLICY_SELECTORS  256u /* of one list */
#define LIMIT_RETENTION_DAYS    36500u
#define LIMIT_SELECTOR_STEPS    10000u /* ancestors one selector looks at; browsers nest 512 deep */
#define LIMIT_SELECTOR_WORK     500u   /* steps and attributes, a node and selector on average */

/* Archives. */
#define LIMIT_ARCHIVE_MEMBERS 1000000u
#define LIMIT_ARCHIVE_DEPTH   3u /* an archive in an archive in an archive */

#define LIMIT_SESSION_JSON (64u << 10) /* session.json of a copy off a mount; ours has 1 KiB */
#define LIMIT_FOLDER_DEPTH 64u         /* folders in one another */
#define LIMIT_SEGMENTS_BYTES                                                                       \
	(1u << 30) /* segments kept until the others of their sessions are there */

/* Names. */
#define LIMIT_SITE_BYTES       253u /* a DNS name */
#define LIMIT_EMAIL_BYTES      254u
#define LIMIT_PASSPHRASE_BYTES 1024u
#define LIMIT_VISITOR_BYTES    128u
#define LIMIT_REASON_BYTES     200u /* of an erasure, a reveal, a hold */

/* Store. */
#define LIMIT_OPERATORS   40u      /* what fits one root slot */
#define LIMIT_TREE_HEIGHT 10u      /* levels of the key tree: enough for any 64-bit kid */
#define LIMIT_SPANS       8000000u /* spans of one session */
/* What a store keeps for erasing on a full disk: an erasure of one session writes 160 KB before it
 * frees anything, of a thousand 2 MB. */
#define LIMIT_RESERVE_PIECES      8u
#define LIMIT_RESERVE_PIECE_BYTES (512u << 10)

#endif
