// How the ranks on one node divide its cores: a rank that was bound to cores of its own keeps them, ranks
// that may use the same ones share them out. Pure: knows no MPI and no processes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/core/cpu_set.h"
#include "runner/core/cpu_topology.h"
#include "runner/core/error.h"

namespace sweepd {

/// What one rank brings along.
struct RankOffer {
  std::string node;  ///< the same for ranks on one machine, and for no others
  CpuSet allowed;    ///< that its process may use
};

/// The part numbered `index`, of `count` equal ones, of `cpus`.
struct CoreShare {
  CpuSet cpus;
  uint32_t index = 0;
  uint32_t count = 1;
};

/// By rank. Ranks on one node whose cpus overlap, also by way of others, share all of theirs.
std::vector<CoreShare> share_cores(const std::vector<RankOffer>& offers);

/// The cpus of a share: whole cores, neighbours together. Fails where there are more ranks than cores.
Result<CpuSet> cpus_of_share(const CpuTopology& topology, const CoreShare& share);

/// How many of `count` workers are those of `rank`.
uint32_t workers_of_rank(uint32_t count, uint32_t rank, uint32_t ranks);

}  // namespace sweepd
