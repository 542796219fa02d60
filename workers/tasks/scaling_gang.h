// Gang: processes that do their shares of some work at the same time, behind a barrier, round after round. It
// knows nothing of darts and points.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/error.h"

namespace sweepd {

struct GangSpec {
  uint32_t members = 1;
  uint32_t rounds = 1;
  std::vector<CpuSet> cpus;   ///< member i is bound to cpus[i % size]; empty: not bound
  bool shares_cores = false;  ///< more members than cores: waiting members sleep and do not spin
  /// A member's share of a round: returns a number to be summed. Called in the member.
  std::function<uint64_t(uint32_t member)> share;
};

/// One round. Times are of CLOCK_MONOTONIC.
struct GangRound {
  double seconds = 0;  ///< from the barrier's release to the end of the last member
  uint64_t sum = 0;    ///< of all members' numbers
};

struct GangReport {
  std::vector<GangRound> rounds;
  double cpu_s = 0;        ///< user and system time of all members
  double max_rss_mib = 0;  ///< of the largest member
};

/// Forks the members, which die with the calling thread, waits for their end and reaps them all whatever
/// happens. The caller sleeps meanwhile. Fails where a member cannot be started or bound, or dies: then the
/// others are killed. The caller must have one thread only, as the members go on in its copy.
Result<GangReport> run_gang(const GangSpec& spec);

}  // namespace sweepd
