// The sections that say how a sweep is run: workers, chunks, limits, retries, on_failure,
// output, reduce, slurm.
#pragma once

#include "configs/complaints.h"
#include "configs/document.h"
#include "runner/core/sweep.h"

namespace sweepd {

/// Where `reduce` names things, for what is found wrong when the points are known.
struct ReducePlaces {
  std::vector<Mark> by, fields;
  Mark section;
};

WorkerOptions read_workers(const Node& node, Complaints& complaints);
ChunkOptions read_chunks(const Node& node, Complaints& complaints);
Limits read_limits(const Node& node, Complaints& complaints);
Retries read_retries(const Node& node, Complaints& complaints);
OnFailure read_on_failure(const Node& node, Complaints& complaints);
Output read_output(const Node& node, Complaints& complaints);
Reduce read_reduce(const Node& node, ReducePlaces& places, Complaints& complaints);
SlurmOptions read_slurm(const Node& node, Complaints& complaints);

}  // namespace sweepd
