/* A sweep that two runs share by claims on its two blocks, one point each, while a third wants to join (JOINER) or
 * asks for another sweep, which needs the directory alone. Whoever takes part merges when all is done. */
#ifndef LIES
#define LIES 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define RUNS 3
#include "directory.pml"

bool claims = true;    /* the folder is there */
byte claim[2];         /* the number of the newest claim on a block */
byte holder[2];        /* ... and 1 + whose it is; 0: there is none */

#define CANNOT_CLAIM(b) (OF(chunks, b) || (holder[b] && holder[b] != me + 1 && folder[holder[b] - 1] && !dead[holder[b] - 1]))

/* One look at a block: is it this run's now? Else whether another that lives has it. */
inline get_block(b) {
  OP( if :: !claims || !chunks -> goto gone :: else -> number = claim[b]; t = holder[b] fi; );
  if
  :: t && t != me + 1 && folder[t - 1] ->
     OP( if
         :: !dead[t - 1] -> others = true; t = 0; number = 9
         :: !dead[t - 1] && lies > 0 -> lies--
         :: dead[t - 1]
         fi; );
     if
     :: t -> t--;
        clear(t); publish_rescued(); t = 0
     :: else
     fi
  :: else
  fi;
  if
  :: number == 9 -> number = 0
  :: number != 9 && t == me + 1 -> number = 0; mine = true; t = 0
  :: number != 9 && t != me + 1 -> t = 0;
     OP( if :: !claims -> goto gone
            :: claims && claim[b] == number -> claim[b]++; holder[b] = me + 1; mine = true
            :: claims && claim[b] != number -> others = true
         fi; number = 0; )
  fi
}

/* Until nothing is left that this run could do. */
inline share() {
  do
  :: p == 2 -> 
     p = 0;
     if
     :: others -> others = false;
        /* It waits, or leaves the rest to one that lives and has said so since. */
        OP( if
            :: !folder[me] || !chunks || !claims -> goto gone
            :: folder[me] && claims && chunks && (!CANNOT_CLAIM(0) || !CANNOT_CLAIM(1) || lies > 0 || (OF(chunks, 0) && OF(chunks, 1)))
            :: folder[me] && claims && chunks && ((member[0] && me != 0 && folder[0] && !dead[0]) || (member[1] && me != 1 && folder[1] && !dead[1])
                             || (member[2] && me != 2 && folder[2] && !dead[2])) -> left = true; ended_well[me] = true
            fi; );
        if :: left -> break :: else fi
     :: !others -> break
     fi
  :: p < 2 ->
     OP( if :: !chunks -> goto gone :: else -> mine = false; done = OF(chunks, p) != 0 fi; );
     if
     :: !done -> get_block(p);
        if :: mine -> mine = false; OP( if :: !chunks -> goto gone :: else -> done = OF(chunks, p) != 0 fi; ); if :: !done -> run_point(p) :: else fi :: else fi
     :: done
     fi;
     done = false;
     p++
  od
}

/* Others may have merged it. */
inline end_shared() {
  take_lock(false);
  settle_swap();
  publish_rescued();
  OP( assert(!folder[me] || (manifest == sweep && chunks == WHOLE(sweep))); );
  if :: complete -> skip :: else -> merge() fi;
  end_finished()
}

proctype Member(byte me; byte sweep) {
  byte condemned, x, p, t, number;
  bool others, mine, done, left;
  share();
  if
  :: left -> skip
  :: else -> end_shared()
  fi;
  FENCED( member[me] = false; );
  leave();
gone:
  atomic { dead[me] = true; holds[me] = false; condemned = 0; x = 0; p = 0; t = 0; number = 0; others = false; mine = false; done = false; left = false }
}

#define MEMBERS_LIVE ((member[0] && folder[0]) || (member[1] && folder[1]) || (member[2] && folder[2]))

/* Wants the directory alone; a joiner takes part where members live. */
proctype Run(byte me; byte sweep; bool joins) {
  byte condemned, x, p, t, number;
  bool others, mine, done, left, retry;
  OP( folder[me] = true; );
#ifdef PLANT_MEMBERS_OVERLOOKED
  take_lock(false);
#else
  take_lock(!joins);
#endif
  settle_swap();
  publish_rescued();
  if
  :: joins && MEMBERS_LIVE -> FENCED( member[me] = true; ); FENCED( lock[me] = false; holds[me] = false; );
     share();
     if :: left -> skip :: else -> end_shared() fi;
     FENCED( member[me] = false; );
  :: else ->
     FENCED( claims = false; member[0] = false; member[1] = false; member[2] = false; );
     finish_alone()
  fi;
  leave();
gone:
  atomic { dead[me] = true; holds[me] = false; condemned = 0; x = 0; p = 0; t = 0; number = 0; others = false; mine = false; done = false; left = false }
}

#ifdef JOINER
#define THIRD run Run(2, A, true)
#else
#define THIRD run Run(2, B, false)
#endif

init {
  atomic {
    chunks = EMPTY; manifest = A;
    folder[0] = true; member[0] = true; folder[1] = true; member[1] = true;
    run Member(0, A); run Member(1, A); THIRD
  }
  atomic { NOBODY_DISTURBS; run Run(3, A, false) }
  _nr_pr == 1;
  assert(ended_well[3])
}
