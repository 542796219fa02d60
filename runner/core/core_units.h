// Physical cores and hardware threads as units that are dealt to workers, and the ways to deal them. It knows
// nothing of what was asked for nor of messages.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"

namespace sweepd {

/// A physical core or a hardware thread: what is never divided between workers.
struct CoreUnit {
  CpuSet cpus;
  uint32_t core = 0;
  uint32_t node = 0;
  uint32_t package = 0;
};
using CoreUnits = std::vector<CoreUnit>;

/// The cores that have an allowed hardware thread, with those that are allowed; in topology order.
CoreUnits physical_cores(const CpuTopology& topology, const CpuSet& allowed);
/// The allowed hardware threads, in topology order.
CoreUnits hardware_threads(const CpuTopology& topology, const CpuSet& allowed);

CpuSet cpus_of(const CoreUnits& units);

/// What units are told apart by: a pair of numbers, so that (node, package) can be one.
using UnitKey = uint64_t (*)(const CoreUnit&);
uint64_t node_of(const CoreUnit& unit);
uint64_t package_of(const CoreUnit& unit);

/// Units of equal key together, keys in order of first appearance.
std::vector<CoreUnits> split_by(UnitKey key, const CoreUnits& units);

/// Groups of `size` consecutive units; a shorter rest is left out.
std::vector<CoreUnits> groups_in_order(const CoreUnits& units, uint32_t size);
/// As many groups of `size` units as there can be, those within one NUMA node first, then those within one
/// package, then the others made of what is left. In topology order within each kind.
std::vector<CoreUnits> groups_close_together(const CoreUnits& units, uint32_t size);
/// Groups of `size` units that lie in one domain each.
std::vector<CoreUnits> groups_within(const std::vector<CoreUnits>& domains, uint32_t size);

/// `count` groups that together take all units of the first `count` domains, where there are more groups than
/// domains sharing each out as evenly as can be. `count` is at most the number of units.
std::vector<CoreUnits> share_out(const std::vector<CoreUnits>& domains, uint32_t count);

}  // namespace sweepd
