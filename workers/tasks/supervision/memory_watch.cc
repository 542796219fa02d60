#include "workers/tasks/supervision/memory_watch.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include "runner/platform/clock.h"
#include "runner/platform/process_memory.h"
#include "runner/platform/process_tree.h"

namespace sweepd {
namespace {

constexpr Duration first_gap = std::chrono::milliseconds(2);
constexpr Duration longest_gap = std::chrono::milliseconds(50);
constexpr int gaps_per_look = 20;  // looking takes a twentieth of the time at most

}  // namespace

MemoryWatch::MemoryWatch(uint64_t limit_bytes, Duration now)
    : limit_(limit_bytes), next_look_(now + first_gap), gap_(first_gap) {}

bool MemoryWatch::look(Duration now) {
  const int64_t began_ns = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  const bool is_over = exceeded();
  const Duration cost(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - began_ns);
  gap_ = std::max(std::min(2 * gap_, longest_gap), gaps_per_look * cost);
  next_look_ = now + gap_;
  return is_over;
}

bool MemoryWatch::exceeded() {
  const std::vector<pid_t> processes = descendants_of(getpid());
  uint64_t used = resident_bytes(processes);
  if (processes.size() > 1) {
    // PSS is dear: for the peak alone it is looked at again only where there is a twentieth more.
    const bool is_known = used <= examined_ + examined_ / 20;
    if (used <= limit_ && is_known) return false;
    examined_ = std::max(examined_, used);
    used = proportional_bytes(processes);
    // Processes that fork or end while they are looked at in turn count too much: what is over stays over.
    if (used > limit_) used = std::min(used, proportional_bytes(descendants_of(getpid())));
  }
  peak_ = std::max(peak_, used);
  return used > limit_;
}

}  // namespace sweepd
