/* node.h: what an inode number or a name stands for right now, and its attributes.
 *
 * A node is looked up anew for each request, and lives on the stack: the store's rows are the only
 * truth, so that what another process erased is gone here with no table to keep in step. */
#ifndef REDACTFS_SRC_FS_NODE_H
#define REDACTFS_SRC_FS_NODE_H

#include "ghost.h"
#include "view.h"

#include <sys/stat.h>

#define CTL_NAME      ".redactfs"
#define CTL_STATUS    "status.json"
#define CTL_AUDIT     "audit.ndjson"
#define CTL_POLICY    "policy"
#define CTL_NOTICE    "notice"
#define POLICY_SUFFIX ".ini"
#define NOTICE_SUFFIX ".txt"

struct node {
	uint64_t ino;
	enum ino_kind kind;
	bool ghost; /* INO_SESSION and below it: u.ghost, not u.session */
	union {
		struct site_row site; /* INO_SITE, INO_POLICY, INO_NOTICE */
		struct day_row day;
		struct session_row session; /* INO_SESSION and its files */
		struct ghost ghost;
	} u;
};

bool node_is_dir(const struct node *n);
/* -ENOENT: no such inode, or not any more. */
int node_get(struct fs *fs, uint64_t ino, struct node *ret);
/* -ENOENT, -ENOTDIR, -ENAMETOOLONG. "." and "..", which NFS looks up, are names too. */
int node_child(struct fs *fs, uint64_t parent, const char *name, struct node *ret);
/* The number of the folder it is in; the root's own for the root. */
uint64_t node_parent(const struct node *n);
/* A node out of a row that is at hand. */
void node_from_site(struct node *n, const struct site_row *row);
void node_from_day(struct node *n, const struct day_row *row);
void node_from_session(struct node *n, enum ino_kind kind, const struct session_row *row);
/* Whether this mount lists it at all. */
bool node_session_shown(const struct fs *fs, const struct session_row *row);

/* Sizes are exact. Asks the store for nothing, but for the views' sizes. */
int node_stat(struct fs *fs, const struct node *n, struct stat *ret);
/* How long the kernel may believe them. */
double node_timeout(struct fs *fs, const struct node *n);

#endif
