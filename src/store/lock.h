/* lock.h: the store's writer lock, the lock of running imports, and the change counter
 * (docs/LOCKING.md). */
#ifndef LOCK_H
#define LOCK_H

#include "redactfs/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct store_lock;
/* The files `lock` and `import-lock` under dirfd. create: makes them, -EEXIST. */
int store_lock_create(int dirfd);
int store_lock_open(int dirfd, struct store_lock **ret);
struct store_lock *store_lock_close(struct store_lock *l);
DEFINE_CLEANUP_PTR(struct store_lock *, store_lock_close)

/* The writer lock, over threads and processes. Waits. The kernel gives it back when a process ends,
 * however it ends. */
int store_lock_write(struct store_lock *l);
void store_unlock_write(struct store_lock *l);

/* A number that grows with each change by anybody. Cheap: one pread of 8 bytes. */
int store_counter_get(struct store_lock *l, uint64_t *ret);
/* Only under the writer lock. */
int store_counter_set(struct store_lock *l, uint64_t v);

/* A running import: a descriptor that holds the lock, shared with other imports, until closed. */
int store_import_lock(struct store_lock *l);
/* A descriptor that holds it alone, or -EBUSY while any import runs. */
int store_import_lock_alone(struct store_lock *l);

#endif
