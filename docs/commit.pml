/* commit.pml: how a store's changes become durable, as a model that spin checks (scripts/model).
 *
 * Two processes import, erase and erase in a batch, with the intents in the transaction of the nodes
 * (erase=sync) or before it (erase=intent), and may be killed, or lose power, between any two
 * durable steps; whoever opens the store next puts it right. The names are those of docs/DESIGN.md
 * "Write order" and docs/ERASURE.md "The steps"; the code is src/store/store-commit.c,
 * store-erase.c, store-open.c and src/erase.
 *
 * What is on the disk: the catalog's committed rows (session rows with the epoch they begin with,
 * intents, tombstones, nodes of an epoch), the two root slots, the loose names of blobs. A node here
 * is the set of sessions whose keys an epoch's tree has. What a relaxed transaction took away comes back
 * when the power goes before the next durable one.
 *
 * Checked, as assertions:
 *   (P1) never resurrected: once an intent is durable no reader gets the session, whatever is opened
 *   (P2) an erasure that was reported leaves no slot on the disk whose tree has the key
 *   (P3) never another lost: a session that was reported stored, and isn't intended, has its row and
 *        its key in the tree of the slot that an opening takes
 *   (P4) at least one slot leads to a tree that is there
 *   (P5) a session that is to be erased has its intent as long as it has a key: nobody forgets it
 *   (P6) an erased session doesn't come back by an import
 * and at the end, when all have finished:
 *   (P7) intents end: none is left, and of what was asked for no row and no key
 *
 * Mutations, each of which must make spin find an error (scripts/model runs them): -DNO_OVERWRITE,
 * -DOVERWRITE_FIRST, -DROWS_FIRST, -DNO_UNWIND, -DNO_RECOVERY, -DNO_TOMBSTONE, -DSETTLE_EARLY. */

#define SESSIONS 3 /* 0 and 1 are there at first, 2 is imported */
#define BIT(s)   (1 << (s))
#define NOISE    255

/* ---- the disk: sets of sessions are bit masks */
byte slot[2];   /* epoch, or NOISE; slot i holds epochs of parity i */
byte tree[12];  /* sessions with a key in the tree of an epoch */
bool nodes[12]; /* are the nodes of that epoch there? */
byte rows;      /* sessions with a row */
byte since[3];  /* the epoch that a row begins with */
byte intents;
byte tombs;
byte undo_rows, undo_intents; /* what relaxed transactions took away, and power loss brings back */

/* ---- what has been told to somebody */
byte stored;   /* sessions that an import reported */
byte asked;    /* sessions whose intent was committed */
byte reported; /* sessions whose erasure was reported */

byte crashes = 2; /* how many there may be */
byte power;       /* how often it failed: then all processes are gone */
bool lock;        /* the writer lock; goes with its process */
byte finished;
byte ce, cs;      /* of check() */

#define NEWEST                                                                                     \
	((slot[0] == NOISE) -> slot[1] : ((slot[1] == NOISE || slot[0] > slot[1]) -> slot[0] : slot[1]))

/* After each durable step: what somebody who opens the store at this very moment would find. */
inline check()
{
	ce = NEWEST;
	assert(ce != NOISE && nodes[ce]);                       /* P4 */
	assert((rows & ~intents & tree[ce] & asked) == 0);      /* P1 */
	assert((asked & tree[ce] & ~intents) == 0);             /* P5 */
	assert(slot[0] == NOISE || (tree[slot[0]] & reported) == 0); /* P2 */
	assert(slot[1] == NOISE || (tree[slot[1]] & reported) == 0);
	cs = 0;
	do
	:: cs < SESSIONS ->
		if
		:: (stored & ~asked & BIT(cs)) ->
			assert((rows & BIT(cs)) && since[cs] <= ce && (tree[ce] & BIT(cs))) /* P3 */
		:: else
		fi;
		/* a row that counts has a key, or is intended */
		if
		:: (rows & ~intents & BIT(cs)) && since[cs] <= ce -> assert(tree[ce] & BIT(cs))
		:: else
		fi;
		cs++
	:: else -> break
	od;
	ce = 0; cs = 0
}

/* What a commit superseded goes with whatever transaction its process comes to next; at an opening,
 * what anybody's did (catalog_settle). Of epoch `x` now. */
inline settle(x)
{
	cs = 0;
	do
	:: cs < x -> nodes[cs] = false; cs++
	:: else -> break
	od;
	cs = 0; due = false
}

/* A durable commit of the catalog makes what was relaxed before it durable as well: one WAL. Rows of
 * epochs beyond the root never happened, and go in each transaction (catalog_unwind). */
inline begin()
{
	undo_rows = 0; undo_intents = 0;
	if
	:: due -> settle(e)
	:: else
	fi;
#ifndef NO_UNWIND
	cs = 0;
	do
	:: cs < SESSIONS ->
		if
		:: (rows & BIT(cs)) && since[cs] > e -> rows = rows & ~BIT(cs)
		:: else
		fi;
		cs++
	:: else -> break
	od;
	cs = 0
#endif
}

/* One durable step, and the judgement of what it leaves. The dead take none. */
#define STEP(body)                                                                                 \
	if                                                                                         \
	:: d_step { power == alive -> body; check() }                                              \
	:: power != alive -> goto killed                                                           \
	fi
#define LOCK                                                                                       \
	if                                                                                         \
	:: atomic { power == alive && !lock -> lock = true; held = true; e = NEWEST }              \
	:: power != alive -> goto killed                                                           \
	fi
#define UNLOCK STEP(lock = false; held = false)
/* kill -9; or the power goes, for everybody. */
#define MAY_CRASH                                                                                  \
	if                                                                                         \
	:: d_step { power == alive && crashes > 0 -> crashes-- } goto killed                       \
	:: d_step { power == alive && crashes > 0 -> crashes--; power++; lock = false; held = false; \
		rows = rows | undo_rows; intents = intents | undo_intents;                         \
		undo_rows = 0; undo_intents = 0 } goto killed                                      \
	:: true                                                                                    \
	fi
#ifdef NO_OVERWRITE
#define OVERWRITE(i) skip
#else
#define OVERWRITE(i) slot[i] = NOISE
#endif

#ifdef NO_TOMBSTONE
#define TOMBSTONES(w) skip
#else
#define TOMBSTONES(w) tombs = tombs | w
#endif

/* What the coming root supersedes may go only once it is the newest. */
#ifdef SETTLE_EARLY
#define EARLY nodes[e] = false
#else
#define EARLY skip
#endif

proctype Process(byte me)
{
	byte e, work, left, alive;
	byte later; /* erased; their rows are still there */
	bool held, tried;
	bool due; /* what the last commit superseded is still there */

opening:
	alive = power;
	due = true;
	LOCK;
	/* store_open: the newest slot counts, the other is overwritten, what never happened goes */
	STEP(OVERWRITE((e + 1) & 1));
	MAY_CRASH;
	STEP(begin());
	/* erase_recover: whatever is intended is finished, before anything is served */
#ifdef NO_RECOVERY
	UNLOCK;
	goto next;
#else
	work = intents;
	goto finish;
#endif

next:
	/* each has its own wishes, in any order, or none */
	if
	:: later -> goto tidy
	:: me == 0 && !tried -> tried = true; goto import
	:: me == 0 && (rows & ~intents & BIT(0)) -> work = BIT(0); goto erase
	:: me == 1 && (rows & ~intents & (BIT(1) | BIT(2))) ->
		work = rows & ~intents & (BIT(1) | BIT(2)); goto erase /* a batch */
	:: me == 1 && (asked & BIT(1)) && !tried -> tried = true; goto import_again
	:: !later -> goto done
	fi;

import:
	LOCK;
	STEP(OVERWRITE((e + 1) & 1));
	if
	:: (rows & BIT(2)) && since[2] <= e -> UNLOCK; goto next /* it is there already */
	:: (tombs & BIT(2)) -> UNLOCK; goto next
	:: else
	fi;
	/* one transaction: nodes of the next epoch, and the row that begins with it */
	STEP(begin(); nodes[e + 1] = true; tree[e + 1] = tree[e] | BIT(2); rows = rows | BIT(2);
		since[2] = e + 1);
	MAY_CRASH;
	STEP(slot[(e + 1) & 1] = e + 1; e++; due = true); /* the point of no return */
	MAY_CRASH;
	STEP(OVERWRITE((e + 1) & 1));
	MAY_CRASH;
	STEP(stored = stored | BIT(2));
	UNLOCK;
	goto next;

import_again:
	/* of a recording that was erased: its tombstone refuses it */
	LOCK;
	assert(power != alive || (tombs & BIT(1))); /* P6 */
	UNLOCK;
	goto next;

erase:
	LOCK;
	STEP(OVERWRITE((e + 1) & 1));
	if
	:: true -> goto together
	:: true
	fi;
	/* erase=intent. Step 1: the intents, with their tombstones, in one durable transaction */
	STEP(begin(); work = work & rows & ~intents; intents = intents | work; asked = asked | work;
		TOMBSTONES(work));
	MAY_CRASH;
	UNLOCK;
	LOCK;
	goto finish;

together:
	skip;
	/* erase=sync. Steps 1 and 2: the same, and the nodes, in one */
	STEP(begin(); work = work & rows & ~intents; intents = intents | work; asked = asked | work;
		TOMBSTONES(work); nodes[e + 1] = true; tree[e + 1] = tree[e] & ~work; EARLY);
	MAY_CRASH;
	goto slots;

finish:
	skip; /* spin takes no label right before a d_step */
	/* with the lock; `work` is intended, by whomever */
	STEP(OVERWRITE((e + 1) & 1));
#ifdef ROWS_FIRST
	STEP(begin(); rows = rows & ~work; intents = intents & ~work);
	MAY_CRASH;
#endif
	left = work & tree[e];
	if
	:: left ->
#ifdef OVERWRITE_FIRST
		STEP(slot[e & 1] = NOISE);
		MAY_CRASH;
#endif
		/* step 2 */
		STEP(begin(); nodes[e + 1] = true; tree[e + 1] = tree[e] & ~left);
		MAY_CRASH
	:: else -> goto erased
	fi;
slots:
	skip;
	/* step 3 */
	STEP(slot[(e + 1) & 1] = e + 1; e++; due = true);
	MAY_CRASH;
	/* step 4: the erasure */
	STEP(OVERWRITE((e + 1) & 1));
	MAY_CRASH;
erased:
	skip;
	STEP(reported = reported | work; later = later | work);
	UNLOCK;
	MAY_CRASH;
	work = 0; left = 0;
	goto next;

tidy:
	/* step 5, relaxed; others may have done it, or something else, meanwhile */
	LOCK;
	STEP(OVERWRITE((e + 1) & 1));
	STEP(if :: due -> settle(e) :: else fi;
		left = later & intents & ~tree[e]; undo_rows = undo_rows | (left & rows);
		undo_intents = undo_intents | left; rows = rows & ~left; intents = intents & ~left);
	UNLOCK;
	MAY_CRASH;
	later = 0; left = 0;
	goto next;

killed:
	skip;
	d_step {
		if
		:: held && power == alive -> lock = false
		:: else
		fi;
		held = false; work = 0; left = 0; later = 0; e = 0
	}
	goto opening;

done:
	finished++
}

/* When both have ended well: nothing is half done. */
proctype Last()
{
	finished == 2;
	assert(intents == 0 && (rows & asked) == 0 && (tree[NEWEST] & asked) == 0) /* P7 */
}

init {
	atomic {
		slot[0] = 2; slot[1] = NOISE;
		tree[2] = BIT(0) | BIT(1); nodes[2] = true;
		rows = BIT(0) | BIT(1); since[0] = 1; since[1] = 2;
		stored = BIT(0) | BIT(1);
		run Process(0);
		run Process(1);
		run Last()
	}
}
