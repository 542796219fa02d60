// A process on each of the first two processors this one may use: the shape in which limits are measured
// beside sweepd.
#pragma once

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace sweepd::bench {

/// Calls `work(place, places)` in a process pinned to each processor and returns when all have ended; ends
/// the program where one failed.
template <typename Work>
void on_two_cores(const Work& work) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) std::abort();
  const int places = CPU_COUNT(&allowed) < 2 ? 1 : 2;
  for (int cpu = 0, place = 0; place < places; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    if (const pid_t pid = fork(); pid == 0) {
      cpu_set_t own;
      CPU_ZERO(&own);
      CPU_SET(cpu, &own);
      sched_setaffinity(0, sizeof own, &own);
      work(place, places);
      _exit(0);
    }
    ++place;
  }
  for (int status = 0; wait(&status) > 0;)
    if (status != 0) std::abort();
}

}  // namespace sweepd::bench
