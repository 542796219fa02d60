// GrantedCores: what a process may keep busy of the processors it may use, where a batch system has granted
// it a number of them. A pure function of the topology, the affinity mask and the number; knows no batch
// system.
//
// Mostly the system holds a process to what it was granted, and then the mask tells which cores these are.
// Where it does not, the mask has more than the grant, and only the number is known: to bind workers to some
// of them would be to bind them where others do the same.
#pragma once

#include <cstdint>
#include <optional>

#include "runner/core/core_plan.h"
#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/error.h"
#include "runner/core/sweep.h"

namespace sweepd {

struct GrantedCores {
  CpuSet mask;                     ///< what the system lets the process use
  CpuSet cpus;                     ///< as many of `mask` as may be busy at a time, in topology order
  bool held = true;                ///< to `cpus`, by the system; false: they only stand for a number
  uint32_t cores = 0;              ///< physical ones of `cpus`
  std::optional<uint32_t> number;  ///< granted, as the batch system counts
  uint32_t cpus_per_core = 1;      ///< of that number: 2 where it counts hardware threads and a core has two

  /// Physical cores that were granted: more than `cores` where the mask was narrowed by somebody else.
  uint32_t granted() const;
};

/// `number` counts processors as batch systems do: hardware threads or, as some sites have it, cores of
/// several threads. It is taken for cores where the mask has exactly so many of them, else for threads, which
/// is never too much. None or 0: nothing was granted, and all of `mask` may be used.
GrantedCores granted_cores(const CpuTopology& topology, const CpuSet& mask,
                           std::optional<uint32_t> number = std::nullopt);

/// More cores asked for than granted.
struct Excess {
  uint64_t asked = 0;
  uint64_t granted = 0;
  bool threads = false;  ///< hardware threads instead of cores: with pin hwthread or a list
  friend bool operator==(const Excess&, const Excess&) = default;
};

/// Whether `options` ask for more than was granted. Workers of a chosen `pin: none` may be any number on
/// cores that the system holds them to, where they are in nobody's way.
std::optional<Excess> excess(const GrantedCores& granted, const WorkerOptions& options);

/// plan_cores() within the grant. Workers that are not held to it are not bound, unless a pin was chosen:
/// then to the first of the cores they may use.
Result<CorePlan> plan_granted_cores(const CpuTopology& topology, const GrantedCores& granted,
                                    WorkerOptions options);

}  // namespace sweepd
