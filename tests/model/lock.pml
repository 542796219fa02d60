/* The lock of a sweep directory: N runs, each of which may stall before any file operation (its silence is then taken for
 * death, LIES times in all) and die there (DEATHS times in all). Each shows its lock before it looks for others', so of
 * two one at least sees the other. Never do two hold it, and nobody waits for ever. */
#ifndef N
#define N 3
#endif
#ifndef LIES
#define LIES 3
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define TRIES 2  /* then a run leaves it to its rivals: in the model no random pause lets one of them go first */

#define ALL ((1 << N) - 1)
bool folder[N];         /* staging.I is there */
bool lock[N];           /* lock.I is there */
bool dead[N];
bool holds[N];
byte lies = LIES, deaths = DEATHS;

#define OP(what) if :: atomic { what } :: atomic { deaths > 0 -> deaths--; dead[me] = true; goto gone } fi

/* Looks at every lock.X, in any order. One whose folder is gone is nobody's. */
inline look() {
  busy = false; condemned = 0; left = ALL & ~(1 << me);
  do
  :: left == 0 -> break
  :: left != 0 ->
     OP( if :: left & 1 -> x = 0 :: left & 2 -> x = 1 :: left & 4 -> x = 2
#if N > 3
         :: left & 8 -> x = 3
#endif
         fi;
         left = left & ~(1 << x);
         if
         :: !lock[x] || !folder[x] -> skip
         :: lock[x] && folder[x] && dead[x] -> condemned = condemned | (1 << x)
         :: lock[x] && folder[x] && !dead[x] -> busy = true
         :: lock[x] && folder[x] && !dead[x] && lies > 0 -> lies--;
#ifndef PLANT_JUDGED_TWICE  /* as its folder is seen: alive; as its lock is seen a moment later: dead */
            condemned = condemned | (1 << x)
#endif
         fi;
         x = 0; )
  od
}
#define LIVES(j) (j != me && lock[j] && folder[j] && !dead[j])
#if N > 3
#define ANOTHER_LIVES (LIVES(0) || LIVES(1) || LIVES(2) || LIVES(3))
#else
#define ANOTHER_LIVES (LIVES(0) || LIVES(1) || LIVES(2))
#endif

proctype Run(byte me) {
  byte left, condemned, x, tries;
  bool busy;
  OP( folder[me] = true; );
again:
  look();
  if
  :: busy -> condemned = 0; busy = false;
     OP( if :: !folder[me] -> goto gone :: folder[me] && (!ANOTHER_LIVES || lies > 0) -> skip fi; ); goto again
  :: else -> condemned = 0
  fi;
  OP( if :: !folder[me] -> goto gone :: folder[me] -> lock[me] = true fi; );
#ifndef PLANT_NO_SECOND_LOOK
  look();
  if
  :: busy -> condemned = 0; busy = false; tries++;
     OP( if :: !folder[me] -> goto gone :: folder[me] -> lock[me] = false fi; );
     if :: tries == TRIES -> goto leave :: else -> goto again fi
  :: else
  fi;
#endif
  /* Clearing: whoever was taken for dead when its lock was seen loses its folder, and its lock after that. */
  x = 0;
  do
  :: x == N -> break
  :: x < N && !(condemned & (1 << x)) -> x++
  :: x < N && (condemned & (1 << x)) ->
#ifdef PLANT_ASK_AGAIN
     OP( if :: !folder[me] -> goto gone
            :: folder[me] && (dead[x] || !folder[x]) -> folder[x] = false
            :: folder[me] && !dead[x] && folder[x] -> skip fi; );
#else
     /* Its files are moved here one by one; then rmdir. */
     OP( if :: folder[me] -> skip :: !folder[me] -> goto gone fi; );
#ifdef PLANT_LOCK_GOES_FIRST
     OP( if :: folder[me] -> lock[x] = false :: !folder[me] -> goto gone fi; );
#endif
     OP( folder[x] = false );
     OP( if :: folder[me] -> lock[x] = false :: !folder[me] -> goto gone fi; );
#endif
     x++
  od;
  x = 0; condemned = 0;
  atomic {
    if
    :: folder[me] ->
       holds[me] = true;
       do
       :: x == N -> break
       :: x < N -> assert(x == me || !holds[x] || !folder[x]); x++
       od;
       x = 0
    :: else
    fi
  }
  OP( if :: !folder[me] -> goto gone :: folder[me] -> lock[me] = false; holds[me] = false fi; );
leave:
  OP( folder[me] = false; );
gone:
  atomic { holds[me] = false; left = 0; condemned = 0; x = 0; busy = false; tries = 0 }
}

init {
  byte i;
  atomic {
    do
    :: i == N -> break
    :: i < N -> run Run(i); i++
    od
  }
}
