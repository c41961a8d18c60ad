/* reserve.h: room that a store keeps for the day the disk is full, so that sessions can be erased,
 * and the store be opened and mounted for it, when nothing else can be written.
 *
 * Files of real blocks in the store's folder `reserve`. Who must write and is told that there is no
 * room takes one after the other away and tries again; whoever has the store open makes them anew
 * when the disk has room. Nothing is ever in them that means anything. */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>
#include <stdint.h>

/* All that is missing. 0: it is whole; -ENOSPC, -EDQUOT; others. Where somebody is using what he
 * took, or makes it anew himself: waits for him, or -EBUSY. */
int reserve_make(int dirfd, bool wait);
int reserve_whole(int dirfd); /* 1, 0 */
uint64_t reserve_bytes(int dirfd);
void reserve_remove(int dirfd); /* of a store that is not to be */

/* Takes one piece, unless only `keep` are left. The first time *lock is -1; afterwards it is a
 * descriptor to be closed when what needed the room is written: until then none is made anew. 1:
 * room was made; 0: none left. */
int reserve_take(int dirfd, unsigned keep, int *lock);

#endif
