// CorePlan: which worker gets which processors. A pure function of the topology, of what this process may use
// and of what was asked for; it neither reads the machine nor binds anything.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/error.h"
#include "runner/core/run_options.h"
#include "runner/core/worker_share.h"

namespace sweepd {

struct CorePlan {
  std::vector<WorkerShare> workers;  ///< at least one; of those that are bound no two share a processor
  std::vector<CpuSet> cores;         ///< for gangs: each physical core the sweep may use, in topology order
};

/// More workers than this are refused.
inline constexpr uint32_t max_workers = 65536;

/// Deals out the processors of `topology` that are in `allowed`, filling in topology order:
/// - core: `cores` physical cores each, with those of their hardware threads that are allowed. A worker lies
///   within one NUMA node, else one package, as long as there are such cores left.
/// - hwthread: the same with hardware threads for cores.
/// - numa, package: all of a NUMA node's (package's) allowed cores each; more workers than nodes share the
///   nodes' cores out. With `cores` above 1 that many cores of one node (package) each.
/// - list: `cores` hardware threads each, in the list's order.
/// - none: all that is allowed, bound to nothing, in any number.
/// Without a count: as many workers as fit; for numa and package (`cores` 1) one for each; for none as for
/// core. Fails where more is asked for than there is, naming what there is, and on a list that does not hold.
Result<CorePlan> plan_cores(const CpuTopology& topology, const CpuSet& allowed, const WorkerOptions& options);

}  // namespace sweepd
