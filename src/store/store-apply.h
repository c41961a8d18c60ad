/* store-apply.h: sessions that hide more than their site's newest policy: which they are
 * (store-choose.c), each made anew (store-anew.c), some committed together (store-apply.c). */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include "store-priv.h"

struct store_inos {
	uint64_t *v; /* owned */
	size_t n, cap;
};
void store_inos_done(struct store_inos *l);

/* A site and its newest policy. */
struct store_choice {
	const char *site; /* borrowed */
	uint64_t seq;
	struct policy newest; /* owned */
	/* the answer for the policy asked about last: most sessions have the same */
	uint64_t asked;
	bool known, pending;
};
void store_choice_done(struct store_choice *w);
int store_choice_new(struct store *s, struct catalog_conn *c, const char *site,
		     struct store_choice *ret);
/* Appends the sessions that hide more than the newest policy does. */
int store_choice_pending(struct store *s, struct catalog_conn *c, struct store_choice *w,
			 struct store_inos *ret);

/* A session as it will be. */
struct anew {
	struct session_facts of; /* owned; its meta is the new one */
	struct plan plan;        /* owned */
	struct blob_id blob;     /* its name, given by the caller */
	uint64_t values;         /* sealed ones that are shown now */
	bool moves;              /* its rendering is another one */
};
void anew_done(struct anew *x);
/* Without the writer lock. Fills x and the blob's bytes. -ENOENT: gone; -ESTALE: another policy. */
int anew_make(struct store *s, struct chunk_scratch *cs, uint64_t ino,
	      const struct store_choice *want, struct anew *x, struct buf *blob);

#endif
