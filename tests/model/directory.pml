/* A sweep directory and what is done in it by one run: RUNS runs, each of which may stall before any file operation (its
 * silence is then taken for death, LIES times in all) and die there (DEATHS times in all). Read by sweep.pml and
 * sharing.pml. How the lock is taken is lock.pml's: here it is one step. */
#define N (RUNS + 1)  /* the last one finds what the others left, and nobody disturbs it */
#define A 1
#define B 2

/* A folder of chunks: 0, or 1 + what point 0's record is of + 3 * what point 1's is of. */
#define EMPTY 1
#define WHOLE(s) (1 + s + 3 * s)
#define OF_0(c) ((c - 1) % 3)
#define OF_1(c) ((c - 1) / 3)
#define OF(c, p) (p == 0 -> OF_0(c) : OF_1(c))
#define PUT(c, p, s) (p == 0 -> 1 + s + 3 * OF_1(c) : 1 + OF_0(c) + 3 * s)
#define KEEPS(c, d, s) (!(c) || ((OF_0(c) != s || OF_0(d) == s) && (OF_1(c) != s || OF_1(d) == s)))
/* A record in a part file or its copy: a bit for its point and its sweep. */
#define BIT(p, s) (1 << (p + 2 * (s - 1)))

byte chunks, manifest, results;  /* the last two: the sweep they are of */
bool complete;                   /* so says the manifest */
bool lock[N];                    /* lock.I */
bool member[N];                  /* claims/I.member */
bool folder[N];                  /* staging.I/ ... */
byte parts[N], rescued[N];       /* ... its part files, and those of others that were moved there */
byte old[N], old_of[N];          /* ... chunks.FINGERPRINT, and of which manifest */
byte fresh[N];                   /* ... chunks.next */
byte way[N];                     /* ... results or manifest on the way to its name */

bool dead[N], holds[N], ended_well[N];
byte lies = LIES, deaths = DEATHS;

/* A file operation; the run may also have died before it. */
#define OP(what) if :: atomic { what } :: atomic { MAY_DIE -> deaths--; dead[me] = true; goto gone } fi
#define MAY_DIE deaths > 0 && me < RUNS
/* One that needs its folder: whoever was taken over sees that it is gone. */
#define FENCED(what) OP( if :: !folder[me] -> goto gone :: else -> what fi )
#define IS_BARE(x) (!parts[x] && !rescued[x] && !old[x] && !fresh[x] && !way[x])
/* In the way of one that wants the lock, and (all: of members as well) of one that wants the directory alone. */
#define LIVES(x, all) (x != me && (lock[x] || (all && member[x])) && folder[x] && !dead[x])
#define LIVING(all) (LIVES(0, all) + LIVES(1, all) + LIVES(2, all))

/* Whom it takes for dead when it takes the lock. */
inline take_lock(all) {
  OP( if
      :: !folder[me] -> goto gone
      :: folder[me] && LIVING(all) <= lies ->
         x = 0;
         do
         :: x == N -> break
         :: x < N && x != me && folder[x] && (dead[x] || LIVES(x, all)) -> lies = lies - LIVES(x, all); condemned = condemned | (1 << x); x++
         :: x < N && !(x != me && folder[x] && (dead[x] || LIVES(x, all))) -> x++
         od;
         x = 0; lock[me] = true
      fi; );
  clear_all();
  atomic {
    holds[me] = folder[me];
    do
    :: x == N -> break
    :: x < N -> assert(x == me || !holds[me] || !holds[x] || !folder[x]); x++
    od;
    x = 0
  }
}

inline clear_all() {
  do
  :: x == N -> break
  :: x < N && (condemned & (1 << x)) -> clear(x); x++
  :: x < N && !(condemned & (1 << x)) -> x++
  od;
  atomic { x = 0; condemned = 0 }
}

/* What is in x's folder is moved into the own one, piece by piece, until rmdir succeeds. Its lock stays until then. */
inline clear(x) {
#ifdef PLANT_LOCK_GOES_FIRST
  FENCED( lock[x] = false; );
#endif
  do
  :: atomic { !folder[x] -> break }
  :: atomic { folder[x] && IS_BARE(x) -> folder[x] = false; break }
  :: atomic { folder[x] && !IS_BARE(x) ->
     if
     :: !folder[me] -> goto gone
     :: folder[me] && (parts[x] | rescued[x]) -> rescued[me] = rescued[me] | parts[x] | rescued[x]; parts[x] = 0; rescued[x] = 0
#ifdef PLANT_PUT_BACK_WHILE_UNFENCED
     :: folder[me] && old[x] && old_of[x] == manifest -> chunks = old[x]; old[x] = 0; old_of[x] = 0
#endif
     :: folder[me] && old[x] -> assert(!old[me]); old[me] = old[x]; old_of[me] = old_of[x]; old[x] = 0; old_of[x] = 0
     :: folder[me] && (fresh[x] || way[x]) -> fresh[x] = 0; way[x] = 0
     fi }
  :: atomic { MAY_DIE -> deaths--; dead[me] = true; goto gone }
  od;
  FENCED( lock[x] = false; )
}

/* A swap that was cut short: the manifest tells which folder counts. */
inline settle_swap() {
  if
  :: old[me] && old_of[me] == manifest ->
     FENCED( assert(KEEPS(chunks, old[me], manifest)); chunks = 0; );
     FENCED( assert(!chunks); chunks = old[me]; old[me] = 0; old_of[me] = 0; )
  :: old[me] && old_of[me] != manifest -> FENCED( old[me] = 0; old_of[me] = 0; )
  :: !old[me]
  fi
}

/* Those of the sweep whose records count are committed. */
inline publish_rescued() {
  do
  :: x == 4 -> break
  :: x < 4 && (rescued[me] & (1 << x)) ->
     FENCED( if
#ifdef PLANT_SALVAGE_ANY_SWEEP
             :: chunks && OF(chunks, (x % 2)) == 0
#else
             :: manifest == x / 2 + 1 && chunks && OF(chunks, (x % 2)) == 0
#endif
                -> chunks = PUT(chunks, (x % 2), (x / 2 + 1))
             :: else
             fi; );
     FENCED( rescued[me] = rescued[me] & ~(1 << x); ); x++
  :: x < 4 && !(rescued[me] & (1 << x)) -> x++
  od;
  atomic { x = 0 }
}

inline write_manifest(is_complete) {
  FENCED( way[me] = 1; );
  FENCED( if :: !way[me] -> goto gone :: else -> way[me] = 0; manifest = sweep; complete = is_complete; assert(!complete || results == sweep) fi; )
}

inline begin_new() {
  FENCED( fresh[me] = EMPTY; );
  FENCED( if :: !fresh[me] -> goto gone :: else -> fresh[me] = 0; chunks = EMPTY fi; );
  write_manifest(false)
}

/* The changed sweep has nothing of the earlier one; forgetting failed points, one of them, leaves the other. */
inline swap(before) {
  FENCED( fresh[me] = EMPTY; if :: before == sweep -> fresh[me] = PUT(chunks, 0, 0) :: else fi; );
  FENCED( assert(chunks && !old[me]); old[me] = chunks; old_of[me] = before; chunks = 0; );
  FENCED( if :: !fresh[me] -> goto gone :: else -> assert(!chunks); chunks = fresh[me]; fresh[me] = 0 fi; );
  write_manifest(false);
#ifndef PLANT_OLD_KEEPS_ITS_NAME
  FENCED( if :: !old[me] -> goto gone :: else -> old[me] = 0; old_of[me] = 0 fi; )
#endif
}

inline run_point(p) {
  FENCED( parts[me] = parts[me] | BIT(p, sweep); );
  FENCED( if
          :: !(parts[me] & BIT(p, sweep)) || !chunks -> goto gone
          :: else -> parts[me] = 0; chunks = PUT(chunks, p, sweep); assert(manifest == sweep)
          fi; )
}

inline merge() {
  OP( assert(!folder[me] || chunks == WHOLE(sweep)); );
#ifdef PLANT_CHECK_BEFORE_RENAME
  FENCED( skip; );
  OP( results = sweep; );
#else
  FENCED( way[me] = 1; );
  FENCED( if :: !way[me] -> goto gone :: else -> way[me] = 0; results = sweep; assert(!complete || manifest == sweep) fi; );
#endif
  write_manifest(true)
}

/* Giving up the lock: from here on the run has ended with 0. */
#ifdef PLANT_END_UNASKED
#define END_OP OP
#else
#define END_OP FENCED
#endif
inline end_finished() {
  END_OP( lock[me] = false; ended_well[me] = true; holds[me] = false;
          assert(chunks == WHOLE(sweep) && manifest == sweep && complete && results == sweep); )
}

inline leave() {
#ifdef PLANT_OLD_KEEPS_ITS_NAME
  FENCED( old[me] = 0; old_of[me] = 0; );
#endif
  OP( if :: IS_BARE(me) -> folder[me] = false :: else fi; )
}

/* A run that has the directory alone, from when it holds the lock. */
inline finish_alone() {
  settle_swap();
  publish_rescued();
  if
  :: manifest == sweep && complete && results == sweep && !retry
  :: else ->
     if
     :: !manifest -> begin_new()
     :: manifest && (manifest != sweep || retry) -> swap(manifest);
        if :: retry -> FENCED( results = 0; ) :: else fi
     :: else
     fi;
     do
     :: p == 2 -> break
     :: p < 2 && OF(chunks, p) -> p++
     :: p < 2 && !OF(chunks, p) -> run_point(p); p++
     od;
     p = 0;
     merge()
  fi;
  end_finished()
}

/* When all have ended, one more finishes. */
#define NOBODY_DISTURBS _nr_pr == 1 -> lies = 0; deaths = 0; dead[0] = true; dead[1] = true; dead[2] = true
