// Gang: processes that do their shares of some work at the same time, behind a barrier, round after round. It
// knows nothing of darts and points, nor of how the parts of a gang that is in several places hear from each
// other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/error.h"
#include "workers/tasks/scaling/shared_rounds.h"

namespace sweepd {

/// Says when a round begins for a gang of which other parts are elsewhere.
class OuterBarrier {
 public:
  virtual ~OuterBarrier() = default;
  /// Readable when there may be news for may_begin().
  virtual int fd() const = 0;
  /// All members here wait for `round`; `before` is what the round before came to here.
  virtual void arrive(uint32_t round, const GangRound& before) = 0;
  /// Takes in the news. Whether `round` begins; fails where the gang is broken up.
  virtual Result<bool> may_begin(uint32_t round) = 0;
};

struct GangSpec {
  uint32_t members = 1;
  uint32_t rounds = 1;
  std::vector<CpuSet> cpus;   ///< member i is bound to cpus[i % size]; empty: not bound
  bool shares_cores = false;  ///< more members than cores: waiting members sleep and do not spin
  /// A member's share of a round: returns a number to be summed. Called in the member.
  std::function<uint64_t(uint32_t member)> share;

  // Of a gang in several places:
  std::vector<uint32_t> here;     ///< the members of this part; empty: all
  OuterBarrier* outer = nullptr;  ///< none: there are no other parts
};

struct GangReport {
  std::vector<GangRound> rounds;
  double cpu_s = 0;        ///< user and system time of all members
  double max_rss_mib = 0;  ///< of the largest member
};

/// Forks the members (of this part), which die with the calling thread, waits for their end and reaps them
/// all whatever happens. The caller sleeps meanwhile. Fails where a member cannot be started or bound, or
/// dies, or as the outer barrier does: then the others are killed. The caller must have one thread only, as
/// the members go on in its copy.
Result<GangReport> run_gang(const GangSpec& spec);

}  // namespace sweepd
