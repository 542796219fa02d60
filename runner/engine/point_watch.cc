#include "runner/engine/point_watch.h"

#include <algorithm>

namespace sweepd {

Duration PointWatch::look(WorkerId worker, const WorkerProgress& progress, Duration since_last_look) {
  if (worker.number >= seen_.size()) seen_.resize(worker.number + 1);
  Seen& seen = seen_[worker.number];
  if (!progress.in_hand) return seen.active = {};
  const bool same = seen.lease == progress.lease && seen.index == *progress.in_hand;
  const Duration before = same ? seen.active : Duration{};
  // Another attempt at the same point has been running for less than what was counted.
  seen = {progress.lease, *progress.in_hand,
          std::min(before + std::min(since_last_look, longest_gap), progress.in_hand_for)};
  return seen.active;
}

}  // namespace sweepd
