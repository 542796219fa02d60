// The scaling task: how fast a gang of processes does the pi kernel's work.
#pragma once

#include <cstdint>
#include <string>

#include "workers/tasks/task.h"

namespace sweepd {

/// Parameters: `workers` (1 to 4096), `darts` (1 to 2^53), `mode` ("strong", the default, or "weak"),
/// `repeats` (1 to 1000, default 3). Forks that many members from the calling process, which must have one
/// thread, binds member i to WorkerContext::gang_cpus[i] (from the beginning again where there are more
/// members; to nothing where the list is empty), and times `repeats` rounds: see Gang. Members beyond these
/// are on the cores of the other ranks, if there are any: see lead_gang(). Strong: the members share the
/// darts, blocks evenly, and make the hits of one process; weak: each throws `darts` darts. Appends
/// {"seconds":0.5,"seconds_min":0.4,"seconds_max":0.6,"pi":3.14}; `seconds` is the median.
/// A member that dies fails the point as lost; one that cannot be started for a shortage breaks the run.
class ScalingRunner : public TaskRunner {
 public:
  explicit ScalingRunner(WorkerContext context);
  Outcome run(const PointContext& context, std::string& result) override;

 private:
  WorkerContext context_;
};

}  // namespace sweepd
