/* verify.h: what the files of the check of a whole store share. */
#ifndef VERIFY_H
#define VERIFY_H

#include "store-priv.h"

struct verify {
	struct store *s;
	const struct verify_ops *ops;
	struct verify_stats *st;
	struct catalog_conn *c; /* owned: a read transaction on the epoch below */
	uint64_t epoch;
	struct keytree *tree; /* owned; reads through c */

	uint64_t *kids; /* owned; of the key tree, rising */
	bool *met;      /* owned; a session has this one */
	size_t n_kids, cap_kids;
	uint64_t n_bad_nodes;

	struct blob_id *blobs; /* owned; files there were before the transaction began; sorted */
	bool *named;           /* owned; a session has this one */
	size_t n_blobs, cap_blobs;
};

/* Tells of a fault. `path`, `id` and `lost` may be NULL. */
void verify_fault(struct verify *v, const char *part, int code, const char *path,
		  const struct session_id *id, const char *lost, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));

/* ---- verify-keys.c */
int verify_keys_open(struct verify *v);               /* -EAGAIN: another commit went between */
int verify_keys(struct verify *v, struct errinfo *e); /* fills kids */
int verify_kid(struct verify *v, uint64_t kid, size_t *i); /* 1: there, at kids[*i]; 0 */
void verify_keys_left(struct verify *v);                   /* those that no session has */

/* ---- verify-session.c */
int verify_sessions(struct verify *v, struct errinfo *e);

#endif
