// What `sweepd cpus` shows: the processors this process may use and where its workers would be
// bound, as text.
#pragma once

#include <string>

#include "runner/core/core_plan.h"
#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"

namespace sweepd {

/// The allowed cores by package and NUMA node, such as
///   package 0, NUMA node 0: 64 cores, cpus 0-63,128-191
///     cores 0-63: 2 hardware threads each: 0,128 1,129 ... 63,191
/// where like neighbours share a line; then the plan (describe_workers()). Lines end in '\n'.
std::string describe(const CpuTopology& topology, const CpuSet& allowed, const CorePlan& plan);

/// A line for each worker: `worker 0: cpus 0-1 (core 0, NUMA node 0, package 0)`; one for all where unbound.
std::string describe_workers(const CpuTopology& topology, const CorePlan& plan);

}  // namespace sweepd
