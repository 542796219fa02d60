// Verdict: what it means for a point that the process which worked on it has ended.
#pragma once

#include <optional>

#include "runner/core/record.h"
#include "runner/platform/oom_kills.h"
#include "workers/tasks/supervision/process_run.h"

namespace sweepd {

class Verdict {
 public:
  explicit Verdict(const ProcessLimits& limits) : limits_(limits) {}

  /// The failure, but for what the process printed; none where it exited with status 0.
  std::optional<Failure> failure_of(const ProcessEnd& end);

 private:
  Failure over_time() const;
  Failure over_memory() const;
  Failure killed(const ChildEnd& child);
  Failure exited(const ChildEnd& child);

  const ProcessLimits limits_;
  OomKills oom_kills_;
};

}  // namespace sweepd
