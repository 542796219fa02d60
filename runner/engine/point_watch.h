// PointWatch: how long the point in hand of each worker has been running, without the time in which the whole
// sweep was stopped (Ctrl-Z, scontrol suspend). It has no clock.
#pragma once

#include <vector>

#include "runner/core/worker_pool.h"

namespace sweepd {

class PointWatch {
 public:
  /// Between two looks at most this much counts: whoever looks ten times a second and comes much later was
  /// stopped.
  static constexpr Duration longest_gap = std::chrono::seconds(1);

  /// Time that counts for the point of `worker` in hand; `since_last_look`: wall time since the last call for
  /// any worker.
  Duration look(WorkerId worker, const WorkerProgress& progress, Duration since_last_look);

 private:
  struct Seen {
    uint64_t lease = 0;
    uint64_t index = 0;
    Duration active{};
  };
  std::vector<Seen> seen_;  // by worker
};

}  // namespace sweepd
