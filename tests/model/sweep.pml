/* A sweep directory that is taken over, changed and merged by three runs, each of which wants it alone. Nothing wrong
 * ends well, and when all have ended one more can finish. RETRY: one of them forgets failed points. */
#ifndef LIES
#define LIES 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define RUNS 3
#include "directory.pml"

proctype Run(byte me; byte sweep; bool retry) {
  byte condemned, x, p;
  OP( folder[me] = true; );
  take_lock(true);
  finish_alone();
  leave();
gone:
  atomic { dead[me] = true; holds[me] = false; condemned = 0; x = 0; p = 0 }
}

#ifdef RETRY
#define AGAIN true
#else
#define AGAIN false
#endif

init {
  atomic { run Run(0, A, false); run Run(1, B, false); run Run(2, A, AGAIN) }
  atomic { NOBODY_DISTURBS; run Run(3, A, false) }
  _nr_pr == 1;
  assert(ended_well[3])
}
